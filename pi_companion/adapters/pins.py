"""How is the Pi's pin controller opened? And what is said when it, or one pin of it, cannot be had.

Keeps law 10: what is missing or busy is an error with a next step. There is no falling back to another library, and
never to simulated pins: those are `bench.board`, asked for by name.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from gpiozero import Factory

from pi_companion.errors import HardwareError
from pi_companion.pinout import HEADER


def open_chip() -> Factory:
    """Return gpiozero's pin factory for the pins of this Pi, by lgpio; its owner closes it.

    Raises `HardwareError` if the library or the chip is missing, or may not be opened.
    """
    try:
        lgpio = import_module("gpiozero.pins.lgpio")
    except ImportError as error:
        raise HardwareError(
            f"the pins need the lgpio library ({error}): install pi-companion[pi] on the Pi, or replay a call folder, "
            "which needs no pins"
        ) from error
    try:
        return lgpio.LGPIOFactory()
    except Exception as error:
        raise HardwareError(
            f"the pin controller cannot be opened ({error}): this must be a Raspberry Pi, and its user in the group "
            "gpio (see it with: id; ls -l /dev/gpiochip*)"
        ) from error


@contextmanager
def claiming(name: str, bcm: int) -> Iterator[None]:
    """Turn whatever goes wrong with a pin into a `HardwareError` that names it, its line and a next step."""
    try:
        yield
    except Exception as error:
        raise HardwareError(
            f"{name}: GPIO {bcm} (header pin {HEADER[bcm]}) cannot be used ({error}): stop the program that holds it "
            "(see it with: gpioinfo), or a second pi-companion"
        ) from error
