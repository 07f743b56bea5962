"""What do the wires say? Ring, hook, MUTE lamp and 小休 lamp, each believed once it has held still."""

from pi_companion.core.flicker import Flicker
from pi_companion.core.limits import Limits
from pi_companion.core.steady import Steady


class Wires:
    """The debounced lines. `hook.value` None: not read yet."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.ring = Steady(limits.ringing.settle_ms)
        self.hook = Steady(limits.line.settle_ms)
        self.busy_lamp = Steady(limits.line.settle_ms)
        self.flicker = Flicker(limits.mute)
        self.forget_mute_lamp()

    def forget_mute_lamp(self) -> None:
        """Its sense was lost or is back, or it flickers: what it was about to say is not believed."""
        self.mute_lamp = Steady(self._limits.mute.lit_settle_ms, 0)

    def deadline(self) -> int | None:
        """Return when the next of them has held still."""
        dues = (line.deadline() for line in (self.ring, self.hook, self.mute_lamp, self.busy_lamp, self.flicker))
        return min((due for due in dues if due is not None), default=None)
