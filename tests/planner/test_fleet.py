"""What of one's own machines is free when."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from planner import Allocation, first_free_at, most_taken, overlapping, taken_again_at, usage

NOON = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)


def at(hours: float) -> dt.datetime:
    """Return the moment so many hours after noon."""
    return NOON + dt.timedelta(hours=hours)


def allocation(gpu_count: int, start: float, end: float, *, node: str = "gpu-01", name: str = "r") -> Allocation:
    """Return an allocation from and to so many hours after noon."""
    return Allocation(reservation_id=name, owner="anna", node=node, gpu_count=gpu_count, start=at(start), end=at(end))


@st.composite
def allocations(draw: st.DrawFn) -> list[Allocation]:
    """Return up to eight allocations within a day."""
    found: list[Allocation] = []
    for number in range(draw(st.integers(0, 8))):
        start = draw(st.integers(-6, 20))
        found.append(allocation(draw(st.integers(1, 4)), start, start + draw(st.integers(1, 9)), name=str(number)))
    return found


def taken_at(held: list[Allocation], moment: dt.datetime) -> int:
    """Count GPUs at one moment, one allocation after the other."""
    return sum(one.gpu_count for one in held if one.start <= moment < one.end)


def test_what_ends_at_a_moment_is_free_at_it() -> None:
    held = [allocation(5, 0, 2), allocation(3, 2, 4)]

    assert most_taken(usage(held, since=at(2)), end=None) == 3
    assert most_taken(usage(held, since=at(0)), end=at(2)) == 5
    assert overlapping(held, start=at(2), end=at(3)) == (held[1],)


def test_the_peak_of_those_that_overlap_counts_not_their_sum() -> None:
    held = [allocation(5, 0, 2), allocation(3, 1, 3), allocation(4, 2, 4)]

    assert most_taken(usage(held, since=at(0)), end=at(5)) == 8


@given(allocations(), st.integers(-8, 24))
def test_what_is_taken_at_a_moment_is_what_a_count_gives(held: list[Allocation], hour: int) -> None:
    assert most_taken(usage(held, since=at(hour)), end=None) == taken_at(held, at(hour))


@given(allocations(), st.integers(-8, 24), st.integers(1, 30))
def test_what_is_taken_over_a_span_is_the_most_of_its_moments(held: list[Allocation], hour: int, length: int) -> None:
    # Everything begins and ends at a full hour, so the hours are all the moments there are.
    most = max(taken_at(held, at(hour + step)) for step in range(length))

    assert most_taken(usage(held, since=at(hour)), end=at(hour + length)) == most
    assert bool(overlapping(held, start=at(hour), end=at(hour + length))) == bool(most)


@given(allocations(), st.integers(-8, 24), st.integers(0, 30), st.integers(0, 6))
def test_what_is_said_to_come_free_is_free_then_and_not_before(
    held: list[Allocation], hour: int, length: int, limit: int
) -> None:
    def is_free(first: int) -> bool:
        return all(taken_at(held, at(first + step)) <= limit for step in range(max(length, 1)))

    found = first_free_at(usage(held, since=at(hour)), limit=limit, length=dt.timedelta(hours=length))

    assert found == next(at(first) for first in range(hour, 60) if is_free(first))


@given(allocations(), st.integers(-8, 24), st.integers(0, 6))
def test_what_is_free_is_said_to_be_taken_again_when_it_is(held: list[Allocation], hour: int, limit: int) -> None:
    found = taken_again_at(usage(held, since=at(hour)), limit=limit)

    assert found == next((at(first) for first in range(hour, 60) if taken_at(held, at(first)) > limit), None)
