"""How fast does a card's clock really go? Samples counted against the time at which they arrived.

A block may arrive late, never early: of each few seconds the least late one counts. Pure: time is an argument (law 2).
"""

from collections import deque
from itertools import pairwise
from statistics import median
from typing import Final

WINDOW_MS: Final = 5000
_WINDOWS_KEPT: Final = 60  # five minutes
_LEAST_WINDOWS: Final = 12  # a minute: with whole milliseconds known to some 20 ppm, after five minutes to some 4
WRONG_US: Final = 200_000
"""A clock that is off by this much in a window (4 %) has another rate than was asked for."""

FLOOD_US: Final = 2_000_000
"""So far ahead of time no card is that records in real time."""


class CardClock:
    """`take` what arrives; ask when its samples were taken. All in whole microseconds of the arrival clock."""

    def __init__(self, rate_hz: int) -> None:
        self._rate_hz = rate_hz
        self._samples = 0
        self._first_us: int | None = None
        self._windows: deque[tuple[int, int]] = deque(maxlen=_WINDOWS_KEPT)  # when it began, the least lateness in it
        self._window: tuple[int, int] | None = None

    def take(self, at: int, samples: int) -> None:
        """Count samples, the last of which was there at `at`, milliseconds."""
        self._samples += samples
        late_us = at * 1000 - self._samples * 1_000_000 // self._rate_hz
        self._first_us = late_us if self._first_us is None else self._first_us
        if self._window is not None and at - self._window[0] < WINDOW_MS:
            self._window = self._window[0], min(self._window[1], late_us)
            return
        if self._window is not None:
            self._windows.append(self._window)
        self._window = at, late_us

    @property
    def ran_ms(self) -> int:
        """How much audio was counted."""
        return self._samples * 1000 // self._rate_hz

    @property
    def began_us(self) -> int:
        """When its first sample was taken, by what arrived in the last five to ten seconds."""
        recent = [each[1] for each in (self._window, self._windows[-1] if self._windows else None) if each]
        return min(recent, default=0)

    @property
    def is_wrong(self) -> bool:
        """Whether it runs at another rate than it should: steadily, or so fast that it cannot be a clock."""
        if self._first_us is not None and self._window is not None and self._window[1] < self._first_us - FLOOD_US:
            return True
        last = list(self._windows)[-3:]
        steps = [after[1] - before[1] for before, after in pairwise(last)]
        return len(steps) == 2 and (min(steps) > WRONG_US or max(steps) < -WRONG_US)

    def drift_ppm(self) -> int | None:
        """Return how much too fast it goes, in parts per million; None in its first minute.

        The middle one of the slopes between all pairs of windows: a few that were disturbed change nothing.
        """
        if len(self._windows) < _LEAST_WINDOWS:
            return None
        windows = list(self._windows)
        slopes = [
            (late_us - earlier_us) * 1000 / (at - earlier)
            for number, (at, late_us) in enumerate(windows)
            for earlier, earlier_us in windows[:number]
        ]
        return -round(median(slopes))
