"""Which lines of the station's harness are at ground? Six inputs, read when asked: no edge of theirs is in a hurry.

What they mean, and when they are to be believed, is `core.harness`.
"""

from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import Final, Self

from gpiozero import Factory, InputDevice

from pi_companion.adapters.pins import claiming
from pi_companion.core.harness import LINES, SETTLE_MS, SETTLE_READINGS, Harness, HarnessChanged, HarnessState
from pi_companion.pinout import Pinout, Pull

STEP_MS: Final = SETTLE_MS // (SETTLE_READINGS - 1)
"""From one reading to the next."""

_SOON: Final = 3 * SETTLE_READINGS
"""Readings after which `read_once` waits no longer for a plug that moves."""


class HarnessLines:
    """Holds the six lines from construction until `close`. Use it as a context manager.

    Raises `HardwareError` if a pin cannot be had; those already taken are given back.
    """

    def __init__(self, pinout: Pinout, factory: Factory) -> None:
        self._inputs: list[InputDevice] = []
        with ExitStack() as opened:
            for name, line in zip(LINES, pinout.harness(), strict=True):
                with claiming(f"harness line {name}", line.bcm):
                    device = InputDevice(line.bcm, pull_up=line.pull is Pull.UP, pin_factory=factory)
                opened.callback(device.close)
                self._inputs.append(device)
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the pins back. Closing twice is fine."""
        self._opened.close()

    def word(self) -> int:
        """Return the lines that are at ground now, as a word of `core.harness`."""
        return sum(1 << place for place, line in enumerate(self._inputs) if line.is_active)


def read_once(pinout: Pinout, factory: Factory, wait: Callable[[float], None]) -> HarnessChanged:
    """Return what the harness says, after less than a second if it holds still; `wait` waits so many seconds."""
    harness = Harness()
    with HarnessLines(pinout, factory) as lines:
        for reading in range(_SOON):
            harness.read(reading * STEP_MS, lines.word())
            if harness.now.state is not HarnessState.CHANGING:
                break
            wait(STEP_MS / 1000)
    return harness.now
