"""What is today or tomorrow free for? The Chinese calendar of public holidays and of the days worked instead.

Keeps law 1: the core is told by a fact (`WallClockRead`) and knows no calendar. The days themselves are those of the
`holidays` library, in a table of a line a day: the library would be eight megabytes of this process for a few names.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path
from typing import Final

from pi_companion.core.facts import WallClockRead

WEEKEND: Final = "weekend"

_WEEKEND: Final = (5, 6)
_DAY: Final = timedelta(days=1)
_MS: Final = timedelta(milliseconds=1)
_TABLE: Final = Path(__file__).with_name("days_off.txt")
_WORKED: Final = "worked"  # a day of a weekend
_OFF: Final = "off"  # for a day worked elsewhere; belongs to the holiday nearby


def wall_clock(began: datetime, until_ms: int) -> tuple[WallClockRead, ...]:
    """Return what the clock on the wall says at session time 0 and at each local midnight up to `until_ms`.

    `began`: the session's beginning by the clock on the wall, with its offset.
    """
    reads = [WallClockRead(at=0, minute_of_day=began.hour * 60 + began.minute, occasion=occasion(began.date()))]
    for day, at in _midnights(began):
        if at > until_ms:
            break
        reads.append(WallClockRead(at=at, minute_of_day=0, occasion=occasion(day)))
    return tuple(reads)


def occasion(day: date) -> str:
    """Return what `day` is free for, or else what the next day is: `WallClockRead.occasion`.

    A run of days off with a public holiday in it has that holiday's Chinese name: of several the day's own, else the
    one with the most days. The days off that are worked for elsewhere are published each November for the next year:
    a table that does not know them yet has holidays and weekends as they fall, without adjustments.
    """
    if is_off(day):
        return _occasion_of(day)
    return _occasion_of(day + _DAY) if is_off(day + _DAY) else ""


def is_off(day: date) -> bool:
    """Return whether nobody is expected to work that day."""
    found = _days(day.year).get(day.isoformat())
    return day.weekday() in _WEEKEND if found is None else found != _WORKED


def _midnights(began: datetime) -> Iterator[tuple[date, int]]:
    """Yield each day after the first, with the session time at which it begins."""
    day = began.date()
    while True:
        day += _DAY
        midnight = datetime.combine(day, time(), began.tzinfo)
        yield day, (midnight.astimezone(UTC) - began.astimezone(UTC)) // _MS


def _occasion_of(day: date) -> str:
    """Return what a day off is for."""
    first, last = day, day
    while is_off(first - _DAY):
        first -= _DAY
    while is_off(last + _DAY):
        last += _DAY
    run = (first + place * _DAY for place in range((last - first).days + 1))
    names = Counter(name for each in run for name in _names(each))
    own = _names(day)
    return own[0] if len(own) == 1 else next((name for name, _ in names.most_common(1)), WEEKEND)


def _names(day: date) -> tuple[str, ...]:
    """Return the public holidays of that day; none if it is a day off that belongs to one nearby."""
    found = _days(day.year).get(day.isoformat(), _OFF)
    return () if found in {_OFF, _WORKED} else tuple(found.split(";"))


@cache
def _days(year: int) -> Mapping[str, str]:
    """Return what the table says of a year, by date; nothing of a year before the first or after the last in it."""
    with _TABLE.open(encoding="utf-8") as lines:
        return dict(line.split() for line in lines if line.startswith(f"{year}-"))
