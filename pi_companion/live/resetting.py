"""Does somebody hold both buttons at the start? Then the OLED counts down, and the request is left for root.

Keeps law 10: without pins nobody is asked. The companion itself may wipe nothing.
"""

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Final

from gpiozero import Factory, InputDevice

from pi_companion.adapters.oled import Oled
from pi_companion.adapters.pins import claiming
from pi_companion.core import notices
from pi_companion.core.reset import BUTTONS, Reset, Wish
from pi_companion.errors import HardwareError
from pi_companion.pinout import Input, Pinout, Pull

REQUEST: Final = "reset"
"""In the runtime folder: pi-companion-reset.path looks for it."""

STEP_S: Final = 0.1


def is_wanted(
    open_chip: Callable[[], Factory],
    open_panel: Callable[[], Oled],
    wait: Callable[[float], None],
    pinout: Pinout | None = None,
) -> bool:
    """Return whether both buttons are held for ten seconds from now on; at once False if they are not both down."""
    try:
        factory = open_chip()
    except HardwareError:
        return False  # the service meets it again and says so
    with ExitStack() as stack, suppress(HardwareError):
        stack.callback(factory.close)
        buttons = [_open(stack, factory, (pinout or Pinout()).button(button), button) for button in BUTTONS]
        reset, at, oled, shown = Reset(), 0, None, 0
        while (wish := reset.look(at, are_down=all(button.is_active for button in buttons))) is Wish.MAYBE:
            if (left := reset.seconds_left(at)) != shown:
                shown = left
                with suppress(HardwareError):
                    oled = oled or open_panel()
                    oled.show(notices.resetting(left))
            wait(STEP_S)
            at += round(STEP_S * 1000)
        if oled is not None:
            oled.close(keep_picture=True)
        return wish is Wish.YES
    return False


def ask(environ: Mapping[str, str] = os.environ) -> bool:
    """Leave the request; return whether there is anybody who may take it."""
    folder = environ.get("RUNTIME_DIRECTORY", "").partition(":")[0]
    if folder:
        (Path(folder) / REQUEST).touch()
    return bool(folder)


def _open(stack: ExitStack, factory: Factory, line: Input, name: str) -> InputDevice:
    with claiming(name, line.bcm):
        device = InputDevice(line.bcm, pull_up=line.pull is Pull.UP, pin_factory=factory)
    stack.callback(device.close)
    return device
