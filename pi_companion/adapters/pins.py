"""How is the Pi's pin controller opened? And what is said when it, or one pin of it, cannot be had.

Keeps law 10: what is missing or busy is an error with a next step. There is no falling back to another library, and
never to simulated pins: those are `bench.board`, asked for by name.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from gpiozero import Factory, PinUnknownPi

from pi_companion.errors import HardwareError
from pi_companion.pinout import HEADER

HEADER_CHIPS: Final = frozenset({"pinctrl-bcm2835", "pinctrl-bcm2711", "pinctrl-rp1"})
"""What the kernel calls the controller that the header's pins are on: Pi Zero to 3, Pi 4, Pi 5. Its number varies."""

_DEVICES: Final = Path("/dev")
_REPLAY: Final = "or replay a call folder, which needs no pins"


def open_chip(devices: Path = _DEVICES) -> Factory:
    """Return gpiozero's pin factory for the pins of this Pi's header, by lgpio; its owner closes it.

    The chip is chosen by its label: the number that gpiozero would guess is another one under other kernels.

    Raises `HardwareError` if the library or the chip is missing, or may not be opened, or this is no known Pi.
    """
    lgpio, pins = _library()
    number = _header_chip(lgpio, devices)
    try:
        factory = pins.LGPIOFactory(chip=number)
    except lgpio.error as error:
        message = f"/dev/gpiochip{number} cannot be opened ({error}); see who holds it with: gpioinfo"
        raise HardwareError(message) from error
    try:
        factory.board_info  # noqa: B018 - every pin asks for it: better now than in the name of the first one
    except PinUnknownPi as error:
        factory.close()
        raise HardwareError(
            f"this machine does not say which Raspberry Pi it is ({error}): its pins cannot be told apart; start it "
            f"with the device tree of its model, {_REPLAY}"
        ) from error
    return factory


def label(factory: Factory) -> str:
    """Return what the kernel calls the chip of a factory of `open_chip`, and where it is."""
    lgpio, _ = _library()
    return f"{_label(lgpio, factory.chip)} (/dev/gpiochip{factory.chip})"


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


def _library() -> tuple[Any, Any]:
    """Return lgpio and gpiozero's pins on it.

    Where it is imported lgpio makes a pipe for edges, in $LG_WD or the working directory, which it changes to: that may
    be read-only, and is a mess elsewhere. It gets a folder to do this in, which goes once the pipe is open.
    """
    if "lgpio" in sys.modules:
        return sys.modules["lgpio"], import_module("gpiozero.pins.lgpio")
    folder = os.environ.get("RUNTIME_DIRECTORY", "").partition(":")[0] or None
    wanted = os.environ.get("LG_WD")
    try:
        here = Path.cwd()
        with TemporaryDirectory(prefix="pins-", dir=folder) as work:
            os.environ["LG_WD"] = work
            try:
                return import_module("lgpio"), import_module("gpiozero.pins.lgpio")
            finally:
                os.chdir(here)
    except (ImportError, AttributeError) as error:  # an attribute: pip took lgpio 0.0.0.2, an empty stub
        message = f"the pins need the lgpio library ({error}): install pi-companion[pi] on the Pi, {_REPLAY}"
        raise HardwareError(message) from error
    except OSError as error:
        message = f"lgpio found no folder to write to ({error}): give it one in $RUNTIME_DIRECTORY or $TMPDIR"
        raise HardwareError(message) from error
    finally:
        if wanted is None:
            os.environ.pop("LG_WD", None)
        else:
            os.environ["LG_WD"] = wanted


def _header_chip(lgpio: Any, devices: Path) -> int:  # noqa: ANN401 - it publishes no types
    nodes = {int(path.name.removeprefix("gpiochip")): path for path in devices.glob("gpiochip[0-9]*")}
    if not nodes:
        raise HardwareError(f"there is no GPIO chip (no /dev/gpiochip*): this must be a Raspberry Pi, {_REPLAY}")
    open_to_us = [number for number, path in sorted(nodes.items()) if os.access(path, os.R_OK | os.W_OK)]
    labels = {number: _label(lgpio, number) for number in open_to_us}
    found = [number for number, name in labels.items() if name in HEADER_CHIPS]
    if found:
        return found[0]
    if len(open_to_us) < len(nodes):
        closed = ", ".join(f"/dev/gpiochip{number}" for number in sorted(nodes.keys() - set(open_to_us)))
        raise HardwareError(f"may not open {closed}: add this user to the group gpio and log in again")
    there = ", ".join(f"gpiochip{number} is {name}" for number, name in labels.items())
    raise HardwareError(f"no GPIO chip here has a Raspberry Pi's header pins ({there}): this must be one, {_REPLAY}")


def _label(lgpio: Any, number: int) -> str:  # noqa: ANN401 - it publishes no types
    try:
        handle = lgpio.gpiochip_open(number)
    except lgpio.error as error:
        return f"closed ({error})"
    try:
        return str(lgpio.gpio_get_chip_info(handle)[3])
    finally:
        lgpio.gpiochip_close(handle)
