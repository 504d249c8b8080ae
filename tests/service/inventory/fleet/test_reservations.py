"""Reservations: promised once, given back, changed, and never more than there is."""

import asyncio
import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from planner import Allocation, most_taken, show_moment, usage
from service.inventory.database import Database
from service.inventory.errors import (
    GpusTaken,
    IdempotencyKeyReused,
    InvalidEntry,
    InventoryRefusal,
    ReservationNotFound,
    ReservationOver,
)
from service.inventory.fleet.allocations import load_allocations
from service.inventory.fleet.idempotency import reserve_once
from service.inventory.fleet.nodes import add_node
from service.inventory.fleet.reservation import Reservation, load_reservation, load_reservation_page
from service.inventory.fleet.reservations import (
    ReservationOrder,
    cancel_reservation,
    change_reservation,
    reserve,
)
from service.inventory.repository import read_revision
from service.inventory.snapshot import load_snapshot
from service.inventory.utc import now
from tests.service.inventory.fleet.conftest import NODE, later, make, order


async def test_what_is_reserved_is_kept_and_raises_the_revision(fleet: Database) -> None:
    async with fleet.read() as session:
        before = await read_revision(session)
    made = await make(fleet, order(3, owner=" anna "))

    async with fleet.read() as session:
        assert await load_reservation(session, made.reservation_id) == made
        assert (await read_revision(session)).revision == before.revision + 1
    assert made.owner == "anna"
    assert made.start <= now()


async def test_reservations_are_found_by_node_owner_and_time(fleet: Database) -> None:
    first = await make(fleet, order(1, owner="anna", start=later(1), end=later(2)))
    second = await make(fleet, order(1, owner="ben", start=later(3), end=later(4)))

    async with fleet.read() as session:
        everything = await load_reservation_page(session, limit=None)
        assert await load_reservation_page(session, limit=9, owner="ben") == [second]
        assert await load_reservation_page(session, limit=9, node="gpu-02") == []
        assert await load_reservation_page(session, limit=9, start=first.end) == [second]
        assert await load_reservation_page(session, limit=9, end=second.start) == [first]
        assert await load_reservation_page(session, limit=9, start=first.start, end=second.end) == everything
        page = await load_reservation_page(session, limit=1)
        assert [*page, *await load_reservation_page(session, after=page[0].reservation_id, limit=5)] == everything
    assert {one.reservation_id for one in everything} == {first.reservation_id, second.reservation_id}


async def test_a_promise_beyond_what_is_free_is_refused_and_says_when_it_returns(fleet: Database) -> None:
    held = await make(fleet, order(5, end=later(2)))

    with pytest.raises(GpusTaken, match="3 of 8 GPUs free") as refused:
        await make(fleet, order(4))
    assert f"4 are free for as long from {show_moment(held.end)}" in str(refused.value)
    assert "5 by anna" in str(refused.value)
    assert (await make(fleet, order(3))).allocations == {"gpu-01": 3}


async def test_the_whole_span_must_be_free(fleet: Database) -> None:
    await make(fleet, order(8, start=later(5), end=later(6)))

    await make(fleet, order(8, end=later(5) - dt.timedelta(minutes=1)))
    with pytest.raises(GpusTaken):
        await make(fleet, order(1, start=later(5), end=later(7)))
    with pytest.raises(GpusTaken):
        await make(fleet, order(1, start=later(4.99), end=later(5.5)))


async def test_a_reservation_of_several_nodes_holds_all_or_nothing(fleet: Database) -> None:
    async with fleet.change() as session:
        await add_node(session, replace(NODE, node="gpu-02", gpu_count=2))
    both = ReservationOrder(
        owner="anna",
        end=later(1),
        allocations={"gpu-01": 8, "gpu-02": 2},
    )
    held = await make(fleet, order(1, node="gpu-02"))

    with pytest.raises(GpusTaken, match="gpu-02 has 1 of 2"):
        await make(fleet, both)
    async with fleet.change() as session:
        await cancel_reservation(session, held.reservation_id)
    assert (await make(fleet, both)).allocations == both.allocations


async def test_what_is_cancelled_is_free_at_once_and_can_no_longer_be_found(fleet: Database) -> None:
    made = await make(fleet, order(8))
    async with fleet.change() as session:
        await cancel_reservation(session, made.reservation_id)

    await make(fleet, order(8))
    async with fleet.change() as session:
        with pytest.raises(ReservationNotFound):
            await load_reservation(session, made.reservation_id)
        with pytest.raises(ReservationNotFound):
            await cancel_reservation(session, made.reservation_id)


async def test_what_has_ended_stays_as_it_was(fleet: Database) -> None:
    made = await make(fleet, order(1, end=now() + dt.timedelta(seconds=1)))
    await asyncio.sleep((made.end - now()).total_seconds())

    async with fleet.change() as session:
        with pytest.raises(ReservationOver):
            await cancel_reservation(session, made.reservation_id)
        with pytest.raises(ReservationOver):
            await change_reservation(session, made.reservation_id, order(1))
    assert (await make(fleet, order(8))).start >= made.end


@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        (order(0), "allowed is 1 to 8"),
        (order(9), "allowed is 1 to 8"),
        (order(owner=" "), "owner"),
        (order(owner="a" * 201), "owner"),
        (order(end=dt.datetime(2020, 1, 1, tzinfo=dt.UTC)), "must come after"),
        (replace(order(), allocations={}), "0 nodes"),
        (replace(order(), purpose="a" * 2001), "purpose"),
    ],
)
async def test_an_order_that_cannot_be_is_refused(fleet: Database, wanted: ReservationOrder, words: str) -> None:
    with pytest.raises(InvalidEntry, match=words):
        await make(fleet, replace(wanted, end=later(1)) if wanted.end > now() else wanted)


async def test_an_unknown_node_is_refused_with_the_nearest(fleet: Database) -> None:
    with pytest.raises(InvalidEntry, match="Nearest: gpu-01"):
        await make(fleet, order(node="gpu-1"))


async def test_the_same_key_and_order_make_one_reservation_and_one_answer(fleet: Database) -> None:
    wanted = order(5)
    answers: list[Reservation] = []
    for _ in range(3):
        async with fleet.change(actor="anna") as session:
            answers.append(await reserve_once(session, wanted, key="k1"))
    async with fleet.change(actor="anna") as session:
        with pytest.raises(IdempotencyKeyReused):
            await reserve_once(session, replace(wanted, owner="ben"), key="k1")

    assert answers[0] == answers[1] == answers[2]
    async with fleet.read() as session:
        assert len(await load_allocations(session, after=now())) == 1


async def test_a_key_is_its_actors_own(fleet: Database) -> None:
    made: list[Reservation] = []
    for actor in ("anna", "ben"):
        async with fleet.change(actor=actor) as session:
            made.append(await reserve_once(session, order(), key="k1"))

    assert made[0].reservation_id != made[1].reservation_id


async def test_a_refusal_is_not_kept_under_its_key(fleet: Database) -> None:
    held = await make(fleet, order(8))
    wanted = order(1)
    with pytest.raises(GpusTaken):
        async with fleet.change() as session:
            await reserve_once(session, wanted, key="k1")
    async with fleet.change() as session:
        await cancel_reservation(session, held.reservation_id)
    async with fleet.change() as session:
        assert (await reserve_once(session, wanted, key="k1")).owner == "anna"


async def test_fifty_who_reserve_at_once_get_what_there_is_and_no_more(fleet: Database) -> None:
    made: list[Reservation] = []
    refused: list[GpusTaken] = []

    async def try_to_reserve(number: int) -> None:
        try:
            made.append(await make(fleet, order(1, owner=str(number))))
        except GpusTaken as error:
            refused.append(error)

    await asyncio.gather(*(try_to_reserve(number) for number in range(50)))

    assert (len(made), len(refused)) == (8, 42)
    async with fleet.read() as session:
        held = await load_allocations(session, after=now())
    assert {one.reservation_id for one in held} == {one.reservation_id for one in made}


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("reserve"), st.integers(1, 5), st.integers(0, 6), st.integers(1, 5)),
        st.tuples(st.just("cancel"), st.integers(0, 10), st.just(0), st.just(0)),
        st.tuples(st.just("change"), st.integers(0, 10), st.integers(1, 5), st.integers(1, 9)),
    ),
    max_size=12,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
async def test_whatever_is_done_no_moment_promises_more_than_a_node_has(
    fleet: Database, steps: list[tuple[str, int, int, int]]
) -> None:
    begin = later(24)
    async with fleet.change() as session:
        for one in await load_allocations(session, after=now()):
            await cancel_reservation(session, one.reservation_id)
    made: list[str] = []
    model: dict[str, Allocation] = {}

    def at(hour: int) -> dt.datetime:
        return begin + dt.timedelta(hours=hour)

    for what, one, two, three in steps:
        found = None
        try:
            async with fleet.change() as session:
                if what == "reserve":
                    found = await reserve(session, order(one, start=at(two), end=at(two + three)))
                    made.append(found.reservation_id)
                elif made and what == "cancel":
                    await cancel_reservation(session, made[one % len(made)])
                    model.pop(made[one % len(made)])
                elif made:
                    reservation_id = made[one % len(made)]
                    found = await change_reservation(session, reservation_id, order(two, start=at(0), end=at(three)))
        except InventoryRefusal:
            continue
        if found is not None:
            model[found.reservation_id] = Allocation(
                reservation_id=found.reservation_id,
                owner="anna",
                node="gpu-01",
                gpu_count=found.allocations["gpu-01"],
                start=found.start,
                end=found.end,
            )
    async with fleet.read() as session:
        held = await load_allocations(session, after=now())

    # What the database holds is what was answered, and no moment holds more than eight.
    assert {one.reservation_id: one for one in held} == model
    assert most_taken(usage(held, since=begin), end=at(20)) <= 8


async def test_the_planner_sees_what_is_promised(fleet: Database) -> None:
    made = await make(fleet, order(3))

    own = (await load_snapshot(fleet)).inventory.fleet

    assert own.nodes == {"gpu-01": NODE}
    assert [(one.reservation_id, one.gpu_count) for one in own.allocations["gpu-01"]] == [(made.reservation_id, 3)]
