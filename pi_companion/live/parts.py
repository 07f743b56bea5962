"""What does the live device stand on? The GPIO chip, which it cannot do without, and how to open what it can.

Keeps law 10: a card, panel or seat sensor that is not there is a lost part, looked for while the rest works. Without
the pins there is no device.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from pi_companion import config
from pi_companion.adapters.harness import read_once
from pi_companion.adapters.oled import Oled, open_oled
from pi_companion.adapters.pins import open_chip
from pi_companion.adapters.seat import Sensor, open_seat
from pi_companion.core.harness import HarnessChanged
from pi_companion.pinout import Pinout


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """`factory`: gpiozero's, open. `open_panel` and `open_sensor` raise `HardwareError` while there is none.

    `open_sensor` None: no distance sensor is fitted. `is_simulated`: the pins are a simulated board's, asked for by
    name.
    """

    factory: Any
    open_panel: Callable[[], Oled]
    open_sensor: Callable[[], Sensor] | None = None
    is_simulated: bool = False


def read_harness() -> HarnessChanged:
    """Return what the harness says just now. Raises `HardwareError` if the chip cannot be had."""
    chip = open_chip()
    try:
        return read_once(Pinout(), chip, time.sleep)
    finally:
        chip.close()


def open_parts(site: config.Site) -> Parts:
    """Open the GPIO chip, and know how to open the rest. Raises `HardwareError` if the chip cannot be had."""
    display = site.display
    return Parts(
        factory=open_chip(),
        open_panel=partial(open_oled, display.kind, port=display.i2c_port, address=display.i2c_address),
        open_sensor=partial(open_seat, port=display.i2c_port) if site.station.seat_sensor else None,
    )
