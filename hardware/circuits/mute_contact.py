"""Who presses the MUTE key, and who ends the press? A PhotoMOS across the key, and a one-shot that needs no program.

Keeps law 6 in hardware: the contact is closed while the pin is high *and* C102 is not yet charged. C102 charges only
while the pin is high, so a pin that sticks high ends its own press.

The first comparator squares the pin up: R101 and C101 ignore blips, D101 and R103 hold it for a moment, so that a pin
that toggles fast looks like one that is high. Its output charges C102 through R106; the second comparator goes high
when C102 has passed the threshold. The PhotoMOS's LED hangs between the two outputs: it is lit only while the first is
high and the second low, and dark in every other state, unpowered included.
"""

from typing import Final

from hardware.circuits.model import GROUND, Assembly, Circuit, Part, gpio, two
from pi_companion.pinout import Pinout

PIN: Final = gpio(Pinout().mute_contact)

CIRCUIT: Final = Circuit(
    name="mute-contact",
    title="MUTE contact with one-shot",
    assembly=Assembly.UNIT,
    ports=(PIN, "5V", GROUND, "KEY_A", "KEY_B"),
    parts=(
        two("R102", "resistor", "10k", PIN, GROUND, "external pull-down: open through boot, crash and cut wire"),
        two("R101", "resistor", "4k7", PIN, "SLOW", "with C101: blips below about 4 ms are ignored"),
        two("D101", "1N4148", "1N4148", "HELD", "SLOW", "charges quickly, does not discharge"),
        two("C101", "film-1u", "1u", "HELD", GROUND, "holds the request"),
        two("R103", "resistor", "150k", "HELD", GROUND, "lets the request go, some 70 ms after the pin"),
        two("R104", "resistor", "20k", "5V", "REF", "threshold of both comparators: a third of 5 V"),
        two("R105", "resistor", "10k", "REF", GROUND, "threshold"),
        two("R109", "resistor", "100k", "HELD", "PLUS_A", "hysteresis"),
        two("R110", "resistor", "4M7", "PLUS_A", "WANTED", "hysteresis"),
        two("R106", "resistor", "360k", "WANTED", "CHARGE", "with C102: how long a press may last"),
        two("D102", "1N4148", "1N4148", "TIMED", "CHARGE", "charging only"),
        two("C102", "film-1u", "1u", "TIMED", GROUND, "the clock of the one-shot"),
        two("R107", "resistor", "750k", "TIMED", GROUND, "keeps C102 below the comparator's input limit"),
        two("R108", "resistor", "270k", "TIMED", "DRAIN", "how soon it is ready again"),
        two("D103", "1N4148", "1N4148", "WANTED", "DRAIN", "discharging only"),
        two("R111", "resistor", "47k", "TIMED", "PLUS_B", "hysteresis"),
        two("R112", "resistor", "4M7", "PLUS_B", "OVER", "hysteresis"),
        Part(
            ref="U101",
            item="TLC3702",
            value="TLC3702",
            pins={
                "1": "WANTED",
                "2": "REF",
                "3": "PLUS_A",
                "4": GROUND,
                "5": "PLUS_B",
                "6": "REF",
                "7": "OVER",
                "8": "5V",
            },
            what_for="two comparators: wanted, and over",
        ),
        two("C103", "ceramic-100n", "100n", "5V", GROUND, "beside U101"),
        two("R113", "resistor", "560", "WANTED", "LAMP", "LED current"),
        two("D104", "1N4148", "1N4148", "LAMP", "OVER", "no reverse voltage on the LED"),
        Part(
            ref="K101",
            item="AQY212EH",
            value="AQY212EH",
            pins={"1": "LAMP", "2": "OVER", "3": "KEY_1", "4": "KEY_B"},
            what_for="the contact: isolated, closes both polarities",
        ),
        two("R114", "resistor", "100", "KEY_1", "KEY_A", "limits the current if it is put across something else"),
    ),
)
