"""Does the MUTE lamp flicker? One that turns too often proves nothing until it holds still (laws 5 and 10)."""

from collections import deque

from pi_companion.core.limits import Mute


class Flicker:
    """Counts the turns of the lamp as sensed, bounces included. `is_on`: it is not to be believed."""

    def __init__(self, limits: Mute) -> None:
        self._limits = limits
        self._turns: deque[int] = deque(maxlen=limits.flicker_turns + 1)
        self.level: bool | None = None
        self.is_on = False

    @property
    def turned_at(self) -> int:
        """When the lamp turned last."""
        return self._turns[-1] if self._turns else 0

    def change(self, at: int, level: bool) -> bool:
        """Take an edge, or a level that was read again; return True if with it the lamp begins to flicker."""
        if level is self.level:
            return False
        if self.level is not None:
            self._turns.append(at)
        self.level = level
        was_on = self.is_on
        is_often = len(self._turns) > self._limits.flicker_turns
        self.is_on = was_on or (is_often and at - self._turns[0] <= self._limits.flicker_ms)
        return self.is_on and not was_on

    def deadline(self) -> int | None:
        """Return when it will have held still for long enough."""
        return self.turned_at + self._limits.flicker_over_ms if self.is_on else None

    def settle(self, at: int) -> bool:
        """Return True when it has just held still for long enough: `level` is believed again."""
        due = self.deadline()
        if due is None or at < due:
            return False
        self.is_on = False
        return True

    def forget(self) -> None:
        """The lamp's sense is lost or found: what it did before says nothing."""
        self._turns.clear()
        self.level, self.is_on = None, False
