"""What if the program is gone? The MUTE contact is opened, the LEDs are darkened, and the OLED says so.

Keeps laws 6 and 7 after any exit: systemd runs this when the service has ended, however it ended. Each part is tried on
its own and none for long, so that a bus that hangs keeps neither the contact closed nor the stop waiting. Never raises.
"""

import time
from collections.abc import Callable, Iterator
from threading import Thread
from typing import Final

from gpiozero import Factory, OutputDevice

from pi_companion.adapters.oled import Oled
from pi_companion.adapters.pins import claiming
from pi_companion.core.states import Screen
from pi_companion.errors import HardwareError
from pi_companion.pinout import Output, Pinout

PINS_S: Final = 1.0
"""A line is asked for again this long: the kernel may be giving it back just now."""

OLED_S: Final = 1.0
"""A bus that hangs is left to itself after this long."""

_AGAIN_S: Final = 0.05


def release(
    pinout: Pinout, open_chip: Callable[[], Factory], open_panel: Callable[[], Oled], screen: Screen
) -> tuple[str, ...]:
    """Drive the MUTE contact open, the LEDs dark, and leave `screen` on the OLED; return a line for each: what it did.

    Within two seconds, whatever hangs.
    """
    said: list[str] = []
    _within(PINS_S, "pins", lambda: said.extend(_let_go(pinout, open_chip)), said)
    _within(OLED_S, "OLED", lambda: said.append(_show(open_panel, screen)), said)
    return tuple(said)


def _within(limit_s: float, part: str, act: Callable[[], None], said: list[str]) -> None:
    """Do something on a thread that nobody waits for longer than this; say it if it goes wrong."""

    def attempt() -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001 - one part must not keep the next from its turn
            said.append(f"{part}: {error}")

    thread = Thread(target=attempt, name=part, daemon=True)
    thread.start()
    thread.join(limit_s)
    if thread.is_alive():
        said.append(f"{part}: no answer in {limit_s:g} s, left as it is")


def _let_go(pinout: Pinout, open_chip: Callable[[], Factory]) -> Iterator[str]:
    try:
        factory = open_chip()
    except HardwareError as error:
        yield f"pins: {error}"
        return
    until = time.monotonic() + PINS_S - 2 * _AGAIN_S
    try:
        # The contact first: the LEDs only light a desk.
        for name, line in pinout.lines().items():
            if isinstance(line, Output) and line.presses_key:
                yield f"{name}: {_drive_off(name, line, factory, until) or 'open'}"
        for name, line in pinout.lines().items():
            if isinstance(line, Output) and not line.presses_key:
                yield f"{name}: {_drive_off(name, line, factory, until) or 'dark'}"
    finally:
        factory.close()


def _drive_off(name: str, line: Output, factory: Factory, until: float) -> str:
    """Drive a line to its resting level and give it back; return what is wrong, or nothing."""
    while True:
        try:
            with claiming(name, line.bcm):
                OutputDevice(
                    line.bcm, active_high=not line.is_active_low, initial_value=False, pin_factory=factory
                ).close()
        except HardwareError as error:
            if time.monotonic() < until:
                time.sleep(_AGAIN_S)
                continue
            return str(error).removeprefix(f"{name}: ")
        else:
            return ""


def _show(open_panel: Callable[[], Oled], screen: Screen) -> str:
    try:
        oled = open_panel()
        oled.show(screen)
        oled.close(keep_picture=True)
    except HardwareError as error:
        return str(error)
    return f"OLED: {' · '.join(screen.lines)}"
