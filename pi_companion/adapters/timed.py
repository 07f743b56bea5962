"""What does the pin library do by itself, once asked? It blinks an LED and ends a pulse, outside Python.

Helps to keep laws 6 and 7: lgpio does this on a thread of its own in C, which neither a busy loop nor a busy
interpreter holds up. gpiozero has no pulse that ends and no say in when blinking begins, so lgpio is asked directly.
Other pins are simulated ones, which blink as gpiozero's own do, and cannot hang.
"""

import sys
import time
from types import ModuleType
from typing import Final

from gpiozero import Factory, OutputDevice

_MICROSECONDS: Final = 1_000_000


def low_after(factory: Factory, bcm: int, after_ms: int) -> None:
    """Have an output taken low after so many milliseconds.

    It comes up to 20 ms later, cannot be called off, and leaves the level alone until then. Raises the library's error
    if it takes no more of these.
    """
    if (lgpio := _lgpio(factory)) is not None:
        # The first pulse of this wave selects no line, it only takes its time; the second selects ours and clears it.
        lgpio.tx_wave(_handle(factory), bcm, [lgpio.pulse(0, 0, after_ms * 1000), lgpio.pulse(0, 1, 0)])


def blink(factory: Factory, bcm: int, output: OutputDevice, hertz: int) -> None:
    """Turn an output on, and from now on off and on, each for half of a cycle, until `steady`. `hertz` divides 1000000.

    lgpio begins its cycles with the clock's full second or its parts. It is asked to begin this one now, so the output
    goes off after half a cycle; but if such a part ends in the few milliseconds that lgpio takes, one cycle later.
    """
    output.on()
    if (lgpio := _lgpio(factory)) is None:
        output.pin.frequency = hertz
        output.pin.state = 0.5
        return
    cycle_us = _MICROSECONDS // hertz
    since_us = time.monotonic_ns() // 1000 % cycle_us
    # Never a whole cycle back: lgpio would lose its clock.
    lgpio.tx_pulse(_handle(factory), bcm, cycle_us // 2, cycle_us // 2, since_us - cycle_us, 0)


def steady(factory: Factory, bcm: int, output: OutputDevice) -> None:
    """End the blinking of an output that blinks; its level is what it happens to be, and changes no more by itself."""
    if (lgpio := _lgpio(factory)) is None:
        output.pin.frequency = None
    else:
        lgpio.tx_pulse(_handle(factory), bcm, 0, 0, 0, 0)


def _lgpio(factory: Factory) -> ModuleType | None:
    """Return lgpio if the factory's pins are lgpio's."""
    pins = sys.modules.get("gpiozero.pins.lgpio")
    return pins.lgpio if pins is not None and isinstance(factory, pins.LGPIOFactory) else None


def _handle(factory: Factory) -> int:
    handle: int = factory._handle  # noqa: SLF001 - lgpio's own; gpiozero does not publish it
    return handle
