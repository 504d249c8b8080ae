"""What a catalogue would change in the inventory: offers added, changed, confirmed and vanished."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Final, Literal, TypeAlias

from msgspec import Struct, field

from planner import Offer
from service.inventory.entries import check_price_of
from service.inventory.importers.catalogue import Catalogue
from service.inventory.importers.errors import TooManyRefused
from service.inventory.importers.findings import Refused

# A file that was cut off lists half of what it should; a handful of offers may well go all at once.
MAX_VANISHED_SHARE: Final = 0.5
_FEW_OFFERS: Final = 20
_Verdict: TypeAlias = Literal["returned", "newer known", "unchanged", "changed", "confirmed"]


class KnownOffer(Struct, frozen=True, kw_only=True, gc=False):
    """An offer as the inventory has it: its shape, its current price, and the catalogue that keeps it.

    One that a person deleted is known too, so that no catalogue brings it back.

    `price_id` and what belongs to the price are None for an offer without a current price; `catalogue` is None for one
    that no import brought.
    """

    offer_id: str
    gpu_id: str
    gpu_count: int
    region: str
    country: str
    continent: str
    vcpus: float | None
    ram_gb: float | None
    host_billed_separately: bool
    is_deleted: bool
    catalogue: str | None
    vanished_on: dt.date | None
    price_id: int | None
    usd_per_hour: float | None
    purchase_usd: float | None
    price_kind: str | None
    as_of: dt.date | None
    as_of_basis: str | None
    flags: tuple[str, ...]


class Changed(Struct, frozen=True, kw_only=True, gc=False):
    """An offer of the inventory, and what the catalogue says of it."""

    known: KnownOffer
    offer: Offer


class Difference(Struct, kw_only=True):
    """What a catalogue would change.

    `returned` are offers that had vanished; `changed` have another price or price kind, or other GPUs; `confirmed` the
    same price on a later day, or other words beside it; `newer_known` counts offers whose price the inventory knows of
    a later day, `unchanged` the rest. `refused` are rows at odds with what the inventory holds from elsewhere.
    """

    added: list[Offer] = field(default_factory=list[Offer])
    returned: list[Changed] = field(default_factory=list[Changed])
    changed: list[Changed] = field(default_factory=list[Changed])
    confirmed: list[Changed] = field(default_factory=list[Changed])
    vanished: list[KnownOffer] = field(default_factory=list[KnownOffer])
    newer_known: int = 0
    unchanged: int = 0
    refused: list[Refused] = field(default_factory=list[Refused])

    @property
    def is_empty(self) -> bool:
        """Whether the inventory would stay as it is."""
        return not (self.added or self.returned or self.changed or self.confirmed or self.vanished)


def compare(
    catalogue: Catalogue, known: Mapping[str, KnownOffer], *, max_vanished_share: float = MAX_VANISHED_SHARE
) -> Difference:
    """Return what `catalogue` would change among the offers `known`, by identifier.

    Only an offer that this catalogue's own imports brought in can vanish. One from elsewhere can get a newer price, and
    stays what it is otherwise.

    Raises:
        TooManyRefused: more than `max_vanished_share` of the catalogue's offers would vanish.
    """
    difference = Difference(vanished=_find_vanished(catalogue, known.values(), max_share=max_vanished_share))
    for offer_id, offer in catalogue.offers.items():
        there = known.get(offer_id)
        if there is None:
            difference.added.append(offer)
            continue
        if there.is_deleted:
            difference.unchanged += 1
            continue
        is_ours = there.catalogue == catalogue.name
        if not is_ours and (there.gpu_id, there.gpu_count) != (offer.gpu_id, offer.gpu_count):
            reason = (
                f"{offer_id} has {offer.gpu_count}x {offer.gpu_id} here, but {there.gpu_count}x {there.gpu_id} in the"
                f" inventory, from {there.catalogue or 'elsewhere'}"
            )
            difference.refused.append(Refused(line=catalogue.lines[offer_id], reason=reason))
            continue
        match _judge(offer, there, is_ours=is_ours):
            case "newer known":
                difference.newer_known += 1
            case "unchanged":
                difference.unchanged += 1
            case "returned":
                difference.returned.append(Changed(known=there, offer=offer))
            case "changed":
                difference.changed.append(Changed(known=there, offer=offer))
            case "confirmed":
                difference.confirmed.append(Changed(known=there, offer=offer))
    return difference


def _judge(offer: Offer, there: KnownOffer, *, is_ours: bool) -> _Verdict:
    if there.price_id is None or there.as_of is None:
        # Without a current price: the offer had vanished, or a person took it from sale, which no catalogue undoes.
        return "returned" if there.vanished_on is not None else "unchanged"
    if offer.as_of < there.as_of:
        return "newer known"
    if check_price_of(offer) != (there.usd_per_hour, there.purchase_usd) or offer.price_kind != there.price_kind:
        return "changed"
    if not is_ours:
        return "confirmed" if offer.as_of > there.as_of else "unchanged"
    if (offer.gpu_id, offer.gpu_count) != (there.gpu_id, there.gpu_count):
        return "changed"
    return "confirmed" if offer.as_of > there.as_of or _words(offer) != _words(there) else "unchanged"


def _words(offer: Offer | KnownOffer) -> tuple[object, ...]:
    return (
        offer.flags,
        offer.as_of_basis,
        offer.region,
        offer.country,
        offer.continent,
        offer.vcpus,
        offer.ram_gb,
        offer.host_billed_separately,
    )


def _find_vanished(catalogue: Catalogue, known: Iterable[KnownOffer], *, max_share: float) -> list[KnownOffer]:
    ours = [each for each in known if each.catalogue == catalogue.name and each.price_id is not None]
    gone = [each for each in ours if each.offer_id not in catalogue.offers and each.offer_id not in catalogue.listed]
    if len(ours) > _FEW_OFFERS and len(gone) > max_share * len(ours):
        raise TooManyRefused(
            f"{len(gone)} of the {len(ours)} offers of {catalogue.name} would vanish, more than"
            f" {max_share:.0%}, so nothing was imported. If the file is whole, allow it with --max-vanished 100."
        )
    return gone
