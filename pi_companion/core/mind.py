"""What decides? Whatever takes facts and returns effects: the companion, a calibration, or more around one."""

from typing import Protocol

from pi_companion.core.effects import Effect
from pi_companion.core.facts import Fact


class Mind(Protocol):
    """The whole contract."""

    def handle(self, fact: Fact) -> tuple[Effect, ...]:
        """Take a fact, return what follows, in order."""

    def deadline(self) -> int | None:
        """Return the time at which a `Tick` is due, or None."""
