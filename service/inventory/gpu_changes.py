"""Changes of the inventory's GPUs, in a transaction that the caller opens."""

from collections.abc import Collection, Sequence
from typing import Final

from sqlalchemy import exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from planner import Gpu, plain_gpu_name
from service.inventory.audit import Change, describe
from service.inventory.changes import hold_revision, raise_revision
from service.inventory.errors import AlreadyThere, GpuNotFound, StillInUse
from service.inventory.fleet.nodes import select_nodes
from service.inventory.fleet.tables import NodeRow
from service.inventory.import_tables import GpuReviewRow
from service.inventory.rows import from_gpu, select_gpus, to_gpu
from service.inventory.tables import GpuRow, OfferRow
from service.inventory.utc import now

GPU: Final = "gpu"


async def add_gpus(session: AsyncSession, gpus: Sequence[Gpu]) -> None:
    """Add GPUs: one change.

    Raises:
        AlreadyThere: a GPU of that identifier is there, or one that bears the identifier, the name or an alias.
    """
    await hold_revision(session)
    for gpu in gpus:
        await _refuse_borne_names(session, gpu, names={gpu.gpu_id, gpu.name, *gpu.aliases})
    await raise_revision(session, *await insert_gpus(session, gpus))


async def insert_gpus(session: AsyncSession, gpus: Sequence[Gpu]) -> list[Change]:
    """Do what `add_gpus` does and return it, for a caller who holds and raises the revision."""
    deleted = {row.gpu_id: row.deleted_at for row in await session.execute(select(GpuRow.gpu_id, GpuRow.deleted_at))}
    there = {gpu_id for gpu_id, deleted_at in deleted.items() if deleted_at is None}
    for gpu in gpus:
        if gpu.gpu_id in there:
            raise AlreadyThere(f"The GPU {gpu.gpu_id!r} is in the inventory already.")
        there.add(gpu.gpu_id)
        if gpu.gpu_id in deleted:
            await session.merge(from_gpu(gpu))
        else:
            session.add(from_gpu(gpu))
    await session.flush()
    return [describe(GPU, gpu.gpu_id, after=gpu) for gpu in gpus]


async def _refuse_borne_names(session: AsyncSession, gpu: Gpu, *, names: Collection[str]) -> None:
    """Let a GPU pass whose `names` mean no other, however they are spelt; those of its own families may."""
    own_families = set(map(plain_gpu_name, gpu.families))
    query = select_gpus().where(GpuRow.gpu_id != gpu.gpu_id).order_by(GpuRow.gpu_id)
    others = [to_gpu(row) for row in await session.execute(query)]
    borne: dict[str, list[Gpu]] = {}
    for other in others:
        families = set(map(plain_gpu_name, other.families)) - own_families
        for name in families.union(map(plain_gpu_name, (other.gpu_id, other.name, *other.aliases))):
            borne.setdefault(name, []).append(other)
    taken = {name: found for name in sorted(names) if (found := borne.get(plain_gpu_name(name)))}
    if taken:
        shown = "; ".join(f"{name!r} is {', '.join(one.gpu_id for one in found)}" for name, found in taken.items())
        raise AlreadyThere(f"Other GPUs bear these names: {shown}.", there=next(iter(taken.values()))[0])


async def load_gpu(session: AsyncSession, gpu_id: str) -> Gpu:
    """Return the GPU of that identifier; raises GpuNotFound."""
    row = (await session.execute(select_gpus().where(GpuRow.gpu_id == gpu_id))).one_or_none()
    if row is None:
        raise GpuNotFound(f"The inventory has no GPU {gpu_id[:80]!r}.")
    return to_gpu(row)


async def load_gpu_page(session: AsyncSession, *, after: str, limit: int) -> list[Gpu]:
    """Return the first `limit` GPUs whose identifier comes after `after`, by identifier."""
    query = select_gpus().where(GpuRow.gpu_id > after).order_by(GpuRow.gpu_id).limit(limit)
    return [to_gpu(row) for row in await session.execute(query)]


async def update_gpu(session: AsyncSession, gpu: Gpu) -> None:
    """Make the GPU of that identifier what is given; what it is already is no change.

    Raises:
        GpuNotFound: no GPU has that identifier.
        AlreadyThere: another GPU bears the new name or a new alias.
    """
    await hold_revision(session)
    before = await load_gpu(session, gpu.gpu_id)
    if gpu == before:
        return
    await _refuse_borne_names(session, gpu, names={gpu.name, *gpu.aliases} - {before.name, *before.aliases})
    await session.merge(from_gpu(gpu))
    await session.flush()
    await raise_revision(session, describe(GPU, gpu.gpu_id, before=before, after=gpu))


async def remove_gpu(session: AsyncSession, gpu_id: str) -> None:
    """Remove a GPU that no offer and no node stands on; who said in a review that a name means it is asked again.

    Raises:
        GpuNotFound: no GPU has that identifier.
        StillInUse: offers or nodes stand on it.
    """
    await hold_revision(session)
    gpu = await load_gpu(session, gpu_id)
    if await session.scalar(select(exists().where(OfferRow.gpu_id == gpu_id, OfferRow.deleted_at.is_(None)))):
        raise StillInUse(f"Offers stand on the GPU {gpu_id!r}; remove them first.")
    nodes = (await session.scalars(select_nodes().where(NodeRow.gpu_id == gpu_id).limit(1))).all()
    if nodes:
        raise StillInUse(f"The node {nodes[0].node} and perhaps others have the GPU {gpu_id!r}; remove them first.")
    await session.execute(update(GpuRow).where(GpuRow.gpu_id == gpu_id).values(deleted_at=now()))
    await session.execute(update(GpuReviewRow).where(GpuReviewRow.gpu_id == gpu_id).values(gpu_id=None))
    await raise_revision(session, describe(GPU, gpu_id, before=gpu))
