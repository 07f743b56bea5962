"""How does this agent sit and speak at this desk? Two measurements of calibration, each sure of itself or refused."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from statistics import median_low
from typing import Final

from pi_companion.core.limits import Pace
from pi_companion.core.pace import characters

STEADY_MS: Final = 5000
"""How long the agent has to sit still."""

STEADY_MM: Final = 40
"""Readings that differ by no more are one way of sitting."""

NEAREST_MM: Final = 100
"""Nearer than this something stands before the sensor, and not a person."""

LEAST_SPOKEN_MS: Final = 3000
"""Less voice says nothing about its level."""

QUIETEST_DBFS: Final = -60
LOUDEST_DBFS: Final = -4
"""Outside of these the microphone is not by the mouth, or its sound is cut off at the top."""

LEAST_PACE_PCT: Final = 70
MOST_PACE_PCT: Final = 150
"""Outside of these something else was read, or hardly anything was understood."""


class Refusal(StrEnum):
    """Why nothing is stored; each is told in the pack's text `calibrate.` and its name."""

    ABSENT = "absent"
    UNSTEADY = "unsteady"
    SHORT = "short"
    QUIET = "quiet"
    LOUD = "loud"
    COUNT = "count"


class SteadySeat:
    """Distances while the agent sits upright. `farthest_mm`: beyond it nobody sits there."""

    def __init__(self, farthest_mm: int) -> None:
        self._farthest_mm = farthest_mm
        self._readings: list[tuple[int, int]] = []
        self.refusal = Refusal.ABSENT

    def reading(self, at: int, distance_mm: int | None) -> None:
        """Take a reading; None: no echo. What does not fit the newest one is forgotten."""
        if distance_mm is None or not NEAREST_MM <= distance_mm <= self._farthest_mm:
            self._readings.clear()
            self.refusal = Refusal.ABSENT
            return
        self._readings.append((at, distance_mm))
        self.refusal = Refusal.UNSTEADY
        while self._spread_mm() > STEADY_MM:
            del self._readings[0]

    def deadline(self) -> int | None:
        """Return when the agent will have sat still long enough; None while nobody sits there."""
        return self._readings[0][0] + STEADY_MS if self._readings else None

    def upright_mm(self) -> int:
        """Return the distance, once it has been steady long enough."""
        return median_low(mm for _, mm in self._readings)

    def _spread_mm(self) -> int:
        distances = [mm for _, mm in self._readings]
        return max(distances) - min(distances)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spurt:
    long_ms: int
    level_dbfs: int
    chars: int


class ReadAloud:
    """A known text read as to a caller. `chars`: how many characters it has."""

    def __init__(self, limits: Pace, chars: int) -> None:
        self._limits, self._chars = limits, chars
        self._spurts: list[_Spurt] = []
        self.last_ended: int | None = None

    def spurt(self, began: int, ended: int, *, level_dbfs: int, recognised: int, nuclei: int) -> None:
        """Take a finished spurt of the reading; counted as the pace of a call is."""
        chars = characters(recognised, nuclei, self._limits)
        self._spurts.append(_Spurt(long_ms=ended - began, level_dbfs=level_dbfs, chars=chars))
        self.last_ended = ended

    def level_dbfs(self) -> int | Refusal:
        """Return the agent's usual level, the middle one of the spurts."""
        if sum(spurt.long_ms for spurt in self._spurts) < LEAST_SPOKEN_MS:
            return Refusal.SHORT
        level = median_low(spurt.level_dbfs for spurt in self._spurts)
        if level < QUIETEST_DBFS:
            return Refusal.QUIET
        return Refusal.LOUD if level > LOUDEST_DBFS else level

    def pace_pct(self) -> int | Refusal:
        """Return how many characters were read for each hundred counted."""
        counted = sum(spurt.chars for spurt in self._spurts)
        if not counted:
            return Refusal.COUNT
        pct = round(100 * self._chars / counted)
        return pct if LEAST_PACE_PCT <= pct <= MOST_PACE_PCT else Refusal.COUNT


def spoken_characters(text: str) -> int:
    """Return how many characters of a text are read aloud: the Chinese ones, each a syllable."""
    return sum(map(is_spoken, text))


def is_spoken(char: str) -> bool:
    """Return whether a character is a Chinese one."""
    return "\u4e00" <= char <= "\u9fff"


def unspoken(text: str) -> Iterable[str]:
    """Yield what in a text would be read aloud, and is not counted: digits and letters."""
    return (char for char in text if char.isalnum() and not is_spoken(char))
