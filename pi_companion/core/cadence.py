"""How many rings so far, and has ringing stopped? Bursts are counted; a steady line is divided by time (RING-1)."""

from typing import Final

from pi_companion.core.limits import Ringing

_LEARNED_FROM: Final = 3  # rings
_ALIKE_MS: Final = 300


class RingCounter:
    """Feed it the settled ring line; it counts from 1 and forgets when ringing stops or the call is answered."""

    def __init__(self, limits: Ringing, known_period_ms: int = 0) -> None:
        self._limits = limits
        self._known_ms = [known_period_ms] if known_period_ms else []
        self.reset()

    def reset(self) -> None:
        """Forget the present ringing: answered, or given up."""
        self.count = 0
        self.first_at = 0
        self._ring_began = 0
        self._active_since: int | None = None
        self._silent_since = 0
        self._period_ms: int | None = None
        self._periods: list[int] = []
        self._was_steady = False

    def line(self, at: int, is_active: bool) -> bool:
        """Take a settled edge that happened at `at`; return True when it begins a ring."""
        if not is_active:
            self._active_since, self._silent_since = None, at
            return False
        is_same_ring = self.count > 0 and at - self._silent_since < self._limits.burst_gap_ms
        self._active_since = at
        if is_same_ring:
            return False
        if self.count:
            self._period_ms = at - self._ring_began
            self._periods.append(self._period_ms)
        return self._count_ring(at)

    def deadline(self) -> int | None:
        """Return when a steady line will have rung once more, or ringing be found to have stopped."""
        if not self.count:
            return None
        if self._active_since is not None:
            return self._ring_began + self._limits.steady_ring_ms
        if self._was_steady:
            return self._silent_since + self._limits.burst_gap_ms
        # Calls from inside may ring otherwise than those from outside: what is known only makes the wait longer.
        period_ms = self._period_ms or max(self._limits.period_ms, *self._known_ms, 0)
        return max(self._silent_since, self._ring_began + period_ms) + self._limits.overdue_ms

    def pass_deadline(self) -> bool:
        """Return True when the steady line has rung once more, False when ringing has stopped."""
        if self._active_since is None:
            return False
        self._was_steady = True
        return self._count_ring(self._ring_began + self._limits.steady_ring_ms)

    def learned(self) -> int | None:
        """Return this phone's period in milliseconds after three rings alike, each period once; 0: a steady line."""
        if self.count < _LEARNED_FROM:
            return None
        period_ms = 0
        if self._periods:
            first_ms, second_ms = [0, *self._periods][-2:]
            if abs(first_ms - second_ms) > _ALIKE_MS:
                return None  # no two periods, or no two alike
            period_ms = (first_ms + second_ms) // 2
        if any(abs(period_ms - known_ms) <= _ALIKE_MS for known_ms in self._known_ms):
            return None
        self._known_ms.append(period_ms)
        return period_ms

    def _count_ring(self, at: int) -> bool:
        if not self.count:
            self.first_at = at
        self.count += 1
        self._ring_began = at
        return True
