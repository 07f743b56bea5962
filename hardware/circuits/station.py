"""Where does the unit meet the Pi and the station? The header, the station connector, the harness with its code.

The harness straps three of six lines to ground (`pi_companion.core.harness`); a station's connector carries the four
hoods and the MUTE key as well, so one plug is the whole of it.
"""

from typing import Final

from hardware.circuits.model import GROUND, Assembly, Circuit, Part, gpio, header_pin, two
from pi_companion.core.harness import CODES, LINES, word_of
from pi_companion.pinout import HEADER, I2C, Pinout

GROUND_PINS: Final = (6, 9, 14, 20, 25, 30, 34, 39)
THREE_VOLT_PINS: Final = (1, 17)
FIVE_VOLT_PINS: Final = (2, 4)


def header() -> Part:
    """Return the 40-pin header with every line of the pinout, the bus and the supplies."""
    pins = {str(header_pin(line)): gpio(line) for line in Pinout().lines().values()}
    pins |= {str(HEADER[bcm]): f"GPIO{bcm}" for bcm in I2C.values()}
    pins |= {str(pin): GROUND for pin in GROUND_PINS}
    pins |= {str(pin): "3V3" for pin in THREE_VOLT_PINS}
    pins |= {str(pin): "5V" for pin in FIVE_VOLT_PINS}
    ordered = dict(sorted(pins.items(), key=lambda pin: int(pin[0])))
    return Part(ref="J1", item="header-40", value="Raspberry Pi header", pins=ordered, what_for="the Pi")


STATION_PINS: Final = {
    "1": "CODE_1",
    "2": "CODE_2",
    "3": "CODE_4",
    "4": "CODE_8",
    "5": "CODE_16",
    "6": "CODE_PARITY",
    "8": "KEY_A",
    "9": GROUND,
    "10": "FEED",
    "11": "MUTE_LIGHT",
    "12": "RING_LIGHT",
    "13": "BUSY_LIGHT",
    "14": "HOOK_LIGHT",
    "15": "KEY_B",
}
"""The contacts of the station connector; 7 stays free, so that the phone's key (8, 15) is apart from the code lines."""

_CODE_NETS: Final = tuple(f"CODE_{line.upper()}" for line in LINES)

UNIT: Final = Circuit(
    name="station",
    title="Header, station connector and code lines",
    assembly=Assembly.UNIT,
    ports=(
        "5V",
        "3V3",
        GROUND,
        "KEY_A",
        "KEY_B",
        *(net for net in STATION_PINS.values() if net == "FEED" or net.endswith("LIGHT")),
        *(f"GPIO{bcm}" for bcm in I2C.values()),
        *(gpio(line) for line in Pinout().lines().values()),
    ),
    parts=(
        header(),
        Part(
            ref="J2",
            item="da15-socket",
            value="station",
            pins=STATION_PINS,
            what_for="the harness; 8 and 15 are the phone's key, apart from everything else",
        ),
        *(
            two(f"R70{place}", "resistor", "1k", gpio(line), net, "a pin driven by mistake harms nothing")
            for place, (line, net) in enumerate(zip(Pinout().harness(), _CODE_NETS, strict=True), 1)
        ),
        *(
            two(f"R71{place}", "resistor", "10k", "3V3", net, "pull-up: enough current for a clean contact")
            for place, net in enumerate(_CODE_NETS, 1)
        ),
        Part(ref="A1", item="raspberry-pi", value="Raspberry Pi", what_for="the computer; which: power.md"),
        Part(ref="A2", item="power-supply", value="5.1 V supply", what_for="the maker's own for the board"),
        Part(ref="A3", item="sd-card", value="microSD 16 GB", what_for="the system"),
        Part(ref="A4", item="sound-card", value="USB sound card", what_for="stereo line input for the tap"),
    ),
)

SAMPLE_CODE: Final = CODES[0]
"""The code that the drawings show; `pi-companion board` and the label printed for a station name the others."""


def strapped(code: int) -> dict[str, str]:
    """Return the contacts of a station's plug: the straps of its code are on ground, other code contacts free.

    Raises `ValueError` if it is no code.
    """
    word = word_of(code)
    straps = {str(place + 1): GROUND for place in range(len(LINES)) if word >> place & 1}
    return straps | {pin: net for pin, net in STATION_PINS.items() if not net.startswith("CODE")}


HARNESS: Final = Circuit(
    name="harness",
    title="Station harness",
    assembly=Assembly.HARNESS,
    ports=("KEY_A", "KEY_B", *(net for net in STATION_PINS.values() if net == "FEED" or net.endswith("LIGHT"))),
    parts=(
        Part(
            ref="P2",
            item="da15-plug",
            value="station",
            pins=strapped(SAMPLE_CODE),
            what_for="three code contacts strapped to contact 9 inside the hood of the plug",
        ),
        Part(ref="W1", item="cable-15", value="2 m", what_for="unit to phone"),
        Part(ref="X1", item="lever-splice", value="key", what_for="joins the leads that are soldered to the key"),
    ),
)
