import datetime as dt

import pytest

from service.inventory.errors import InvalidEntry
from service.inventory.schedules import check_schedule, next_time

MONDAY = dt.datetime(2026, 11, 23, 3, 10, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("schedule", "following"),
    [
        ("every 6h", "2026-11-23 09:10"),
        ("every 5m", "2026-11-23 03:15"),
        ("every 31d", "2026-12-24 03:10"),
        ("30 4 * * *", "2026-11-23 04:30"),
        ("0 3 * * *", "2026-11-24 03:00"),
        ("0 12 * * sun", "2026-11-29 12:00"),
    ],
)
def test_a_schedule_comes_round_next(schedule: str, following: str) -> None:
    assert f"{next_time(check_schedule(schedule), after=MONDAY):%Y-%m-%d %H:%M}" == following


@pytest.mark.parametrize(
    "schedule",
    [
        *("every 4m", "every 32d", "every 0h", "every 6 hours", "hourly", ""),
        *("* * * * *", "*/2 * * * *", "61 * * * *", "0 0 31 2 *", "0 4 * * * *", "R * * * *", "0 h(0-4) * * *"),
    ],
)
def test_what_is_no_schedule_is_refused_with_what_is_allowed(schedule: str) -> None:
    with pytest.raises(InvalidEntry, match=r'allowed is "every 6h"'):
        check_schedule(schedule)


def test_a_schedule_is_kept_in_its_plain_form() -> None:
    assert check_schedule("  Every  6H ") == "every 6h"
