"""Buttons and LEDs of the unit, the OLED and the distance sensor on the I2C bus."""

from typing import Final

from hardware.circuits.model import GROUND, Assembly, Circuit, Part, gpio, two
from pi_companion.pinout import I2C, Pinout

_PINOUT: Final = Pinout()

BUTTONS: Final = {"resume": (51, _PINOUT.resume), "page": (52, _PINOUT.page), "snooze": (53, _PINOUT.snooze)}

LEDS: Final = {
    # name: tens of the references, line, resistor, item
    "green": (54, _PINOUT.green, "330", "led-green"),
    "amber": (55, _PINOUT.amber, "330", "led-amber"),
    "red": (56, _PINOUT.red, "330", "led-red"),
    "mute": (57, _PINOUT.mute, "220", "led-blue"),
}

BUTTONS_AND_LEDS: Final = Circuit(
    name="buttons-leds",
    title="Buttons and LEDs",
    assembly=Assembly.UNIT,
    ports=(GROUND, *(gpio(line) for _, line in BUTTONS.values()), *(gpio(line) for _, line, _, _ in LEDS.values())),
    parts=(
        *(
            part
            for name, (tens, line) in BUTTONS.items()
            for part in (
                two(f"R{tens}1", "resistor", "1k", gpio(line), f"{name.upper()}_KEY", "a pin driven high by mistake"),
                two(f"SW{tens}1", "button", name, f"{name.upper()}_KEY", GROUND, f"the {name} button"),
            )
        ),
        *(
            part
            for name, (tens, line, ohms, item) in LEDS.items()
            for part in (
                two(f"R{tens}1", "resistor", ohms, gpio(line), f"{name.upper()}_ANODE", "LED current"),
                two(f"D{tens}1", item, name, GROUND, f"{name.upper()}_ANODE", f"the {name} LED"),
            )
        ),
    ),
)

_BUS: Final = {"SDA": f"GPIO{I2C['sda']}", "SCL": f"GPIO{I2C['scl']}"}

BUS: Final = Circuit(
    name="i2c",
    title="OLED and distance sensor",
    assembly=Assembly.UNIT,
    ports=("3V3", GROUND, *_BUS.values()),
    parts=(
        Part(
            ref="J601",
            item="xh-header-4",
            value="OLED",
            pins={"1": GROUND, "2": "3V3", "3": _BUS["SCL"], "4": _BUS["SDA"]},
            what_for="GND VCC SCL SDA, as printed on the module; some print VCC first: compare before plugging in",
        ),
        Part(
            ref="J602",
            item="xh-header-4",
            value="VL53L1X",
            pins={"1": "3V3", "2": GROUND, "3": _BUS["SDA"], "4": _BUS["SCL"]},
            what_for="VIN GND SDA SCL of the distance sensor's module",
        ),
        two("C601", "ceramic-100n", "100n", "3V3", GROUND, "beside J601"),
        two("C602", "electrolytic-10u", "10u", "3V3", GROUND, "the panel draws in bursts"),
        Part(ref="A601", item="oled-128x64", value="SSD1306 128x64", what_for="plugs into J601"),
        Part(ref="A602", item="vl53l1x-module", value="VL53L1X module", what_for="plugs into J602"),
    ),
)
