"""When must the companion hear what time it is? At the start, at midnight, each hour, and when the clock was set."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Final

from pi_companion.core.facts import WallClockRead

HOUR: Final = timedelta(hours=1)
JUMP: Final = timedelta(minutes=1)
"""A clock that is off by more than this has been set: a Pi without a clock chip starts in the past."""


class WallClock:
    """Compares the clock on the wall with the session's. `occasion`: what a day is before, see `WallClockRead`."""

    def __init__(self, occasion: Callable[[date], str]) -> None:
        self._occasion = occasion
        self._last: tuple[int, datetime] | None = None

    def read(self, at: int, now: datetime) -> WallClockRead | None:
        """Return what is to be told, if anything is. `now`: local time with its offset; `at`: session milliseconds."""
        if self._last is not None:
            last_at, last = self._last
            passed = timedelta(milliseconds=at - last_at)
            is_set = abs(now - last - passed) > JUMP or now.utcoffset() != last.utcoffset()
            if not is_set and now.date() == last.date() and passed < HOUR:
                return None
        self._last = at, now
        return WallClockRead(at=at, minute_of_day=now.hour * 60 + now.minute, occasion=self._occasion(now.date()))
