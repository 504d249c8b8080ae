"""When a source is to be read again: every so often, or by a cron expression in UTC."""

import datetime as dt
import re
from typing import Final

from croniter import CroniterError, croniter

from service.inventory.errors import InvalidEntry

LEAST: Final = dt.timedelta(minutes=5)
MOST: Final = dt.timedelta(days=31)
_EVERY: Final = re.compile(r"every (\d{1,6})\s?(m|h|d)")
_UNITS: Final = {"m": dt.timedelta(minutes=1), "h": dt.timedelta(hours=1), "d": dt.timedelta(days=1)}
_CRON_FIELDS: Final = 5
# croniter's own: a time that it picks.
_RANDOM: Final = re.compile(r"(?<![a-z])[hr](?![a-z])")
_ALLOWED: Final = (
    'allowed is "every 6h" (m, h or d, from every 5m to every 31d) or five fields of cron in UTC, such as "30 4 * * *"'
)


def check_schedule(schedule: str) -> str:
    """Return a schedule in its plain form.

    Raises:
        InvalidEntry: it is none, or comes round too often or never.
    """
    plain = " ".join(schedule.casefold().split())
    interval = _interval(plain)
    if interval is not None:
        if not LEAST <= interval <= MOST:
            nearest = "every 5m" if interval < LEAST else "every 31d"
            raise InvalidEntry(f"{plain!r} is no schedule: {_ALLOWED}, and {nearest!r} is the nearest.")
        return plain
    if len(plain.split()) != _CRON_FIELDS or _RANDOM.search(plain):
        raise InvalidEntry(f"{plain[:80]!r} is no schedule: {_ALLOWED}.")
    try:
        first = next_time(plain, after=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
        second = next_time(plain, after=first)
    except (CroniterError, ValueError) as error:
        raise InvalidEntry(f"{plain[:80]!r} is no schedule ({error}): {_ALLOWED}.") from error
    if second - first < LEAST:
        raise InvalidEntry(f"{plain!r} comes round every {second - first}: {_ALLOWED}.")
    return plain


def next_time(schedule: str, *, after: dt.datetime) -> dt.datetime:
    """Return when a schedule that `check_schedule` let pass comes round first after a moment."""
    interval = _interval(schedule)
    if interval is not None:
        return after + interval
    return dt.datetime.fromtimestamp(float(croniter(schedule, after).get_next()), tz=dt.UTC)


def _interval(schedule: str) -> dt.timedelta | None:
    match = _EVERY.fullmatch(schedule)
    return None if match is None else int(match[1]) * _UNITS[match[2]]
