"""Every schematic by the name of its file."""

from collections.abc import Callable, Mapping
from typing import Final

from hardware.circuits import draw_inputs, draw_mute_contact, draw_unit
from hardware.circuits.sheet import Sheet

SHEETS: Final[Mapping[str, Callable[[], Sheet]]] = {
    "station": draw_unit.station_lines,
    "mute-contact": draw_mute_contact.draw,
    "lamps": draw_inputs.lamp_inputs,
    "hood": draw_inputs.hood,
    "buttons-leds": draw_unit.buttons_and_leds,
    "i2c": draw_unit.bus,
    "headset-tap": draw_inputs.tap,
    "ring-box": draw_inputs.ring_line,
}
