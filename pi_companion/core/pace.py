"""How fast does the agent speak? Characters a minute over three denominators (VOICE-1).

Speaking: turns with their short pauses. Articulation: talk spurts only. Call: connected time. Counted from
recognised syllables, so it says nothing before enough was heard.
"""

from dataclasses import dataclass

from pi_companion.core.effects import PaceRate
from pi_companion.core.settings import Pace


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


class PaceMeter:
    """Feed it the agent's finished spurts of one call, in order."""

    def __init__(self, limits: Pace, connected_at: int) -> None:
        self._limits = limits
        self._connected_at = connected_at
        self._spurts: list[_Spurt] = []

    def spurt(self, began: int, ended: int, chars: int) -> None:
        """Take a finished spurt with the number of characters recognised in it; empty ones do not count."""
        if chars:
            self._spurts.append(_Spurt(began, ended, chars))

    def recent(self) -> Reading | None:
        """Return the pace over the window, or None before `least_chars`."""
        return self._read(self._limits.rate, self._limits.window_ms)

    def whole_call(self, rate: PaceRate = PaceRate.SPEAKING) -> Reading | None:
        """Return the pace over the call so far."""
        return self._read(rate, None)

    def _read(self, rate: PaceRate, window_ms: int | None) -> Reading | None:
        chars = over_ms = 0
        next_began: int | None = None
        for spurt in reversed(self._spurts):
            if window_ms is not None and over_ms >= window_ms and chars >= self._limits.least_chars:
                break
            chars += spurt.chars
            over_ms += self._time_of(spurt, next_began, rate)
            next_began = spurt.began
        if rate is PaceRate.CALL and next_began is not None:
            is_all = next_began == self._spurts[0].began
            over_ms = self._spurts[-1].ended - (self._connected_at if is_all else next_began)
        if chars < self._limits.least_chars or over_ms <= 0:
            return None
        return Reading(chars_per_min=round(chars * 60000 / over_ms), over_ms=over_ms)

    def _time_of(self, spurt: _Spurt, next_began: int | None, rate: PaceRate) -> int:
        pause_ms = 0 if next_began is None else next_began - spurt.ended
        is_same_turn = rate is PaceRate.SPEAKING and pause_ms <= self._limits.pause_ms
        return spurt.ended - spurt.began + (pause_ms if is_same_turn else 0)
