"""How fast does the agent speak? Characters a minute over three denominators (VOICE-1).

Speaking: turns with their short pauses. Articulation: talk spurts only. Call: connected time.

A character is a syllable. The recogniser and the count of syllable nuclei in the sound both miss more than they
invent, so the larger one is taken, spurt by spurt. The sound alone proves no speech (a cough has nuclei, too): where
nothing was recognised nothing is counted, and it may raise the recognised number only up to `signal_most_pct` of it.
Nothing is said before enough was heard (law 5).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from pi_companion.core.limits import Pace
from pi_companion.core.states import PaceRate

_WHOLE = 1000  # characters are summed in thousandths: a spurt that the window cuts counts in part


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """`chars_per_min` over the last `over_ms` of the denominator's time."""

    chars_per_min: int
    over_ms: int


@dataclass(frozen=True, slots=True)
class _Spurt:
    began: int
    ended: int
    chars: int


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A spurt and the silence after it, as far as both belong to the denominator."""

    chars: int
    spoken_ms: int
    silent_ms: int


class PaceMeter:
    """Feed it the agent's finished spurts of one call, in order. `station_pct`: what calibration found."""

    def __init__(self, limits: Pace, connected_at: int, station_pct: int = 100) -> None:
        self._limits, self._station_pct = limits, station_pct
        self._connected_at = connected_at
        self._spurts: list[_Spurt] = []

    def spurt(self, began: int, ended: int, *, recognised: int, nuclei: int) -> None:
        """Take a finished spurt with its recognised syllables and its nuclei; without words it is not speech."""
        if recognised:
            self._spurts.append(_Spurt(began, ended, characters(recognised, nuclei, self._limits)))

    def recent(self) -> Reading | None:
        """Return the pace over the window, or None before `least_chars`; for these it reaches further back."""
        return self._read(self._limits.rate, self._limits.window_ms)

    def whole_call(self, rate: PaceRate = PaceRate.SPEAKING) -> Reading | None:
        """Return the pace over the call so far."""
        return self._read(rate, None)

    def _read(self, rate: PaceRate, window_ms: int | None) -> Reading | None:
        parts = over_ms = 0
        least = self._limits.least_chars * _WHOLE
        for stretch in self._latest_first(rate):
            whole_ms = stretch.silent_ms + stretch.spoken_ms
            if window_ms is not None and over_ms + whole_ms > window_ms:
                of_spurt_ms = max(0, window_ms - over_ms - stretch.silent_ms)
                part = stretch.chars * _WHOLE * of_spurt_ms // max(1, stretch.spoken_ms)
                if parts + part >= least:
                    parts, over_ms = parts + part, max(over_ms, window_ms)
                    break
            parts += stretch.chars * _WHOLE
            over_ms += whole_ms
        if parts < least or over_ms <= 0:
            return None
        per_min = round(parts * 60 * self._station_pct / (over_ms * 100))
        return Reading(chars_per_min=per_min, over_ms=over_ms)

    def _latest_first(self, rate: PaceRate) -> Iterator[_Stretch]:
        spurts = self._spurts
        if spurts:
            yield _Stretch(spurts[-1].chars, spurts[-1].ended - spurts[-1].began, 0)
        for following, spurt in pairwise(reversed(spurts)):
            pause_ms = following.began - spurt.ended
            is_counted = rate is PaceRate.CALL or (rate is PaceRate.SPEAKING and pause_ms <= self._limits.pause_ms)
            yield _Stretch(spurt.chars, spurt.ended - spurt.began, pause_ms if is_counted else 0)
        if spurts and rate is PaceRate.CALL:
            yield _Stretch(0, 0, max(0, spurts[0].began - self._connected_at))


def characters(recognised: int, nuclei: int, limits: Pace) -> int:
    """Return how many characters a spurt has by its recognised syllables and its syllable nuclei."""
    return max(recognised, min(nuclei, recognised * limits.signal_most_pct // 100))
