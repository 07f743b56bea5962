"""Is a lamp of the phone lit? A phototransistor in a black hood on it, a trimmer that sets how bright is lit.

Four equal channels, one comparator each. Where the phone has a dry contact instead of a lamp, the contact takes the
place of the hood; so does the isolated output of the ring box.
"""

from typing import Final

from hardware.circuits.model import GROUND, Assembly, Circuit, Part, gpio, two
from pi_companion.pinout import Input, Pinout

CHANNELS: Final[dict[str, tuple[int, Input, tuple[str, str, str], str]]] = {
    # name: hundreds and tens of the references, line, pins (-, +, out) of the LM339, smoothing
    "MUTE": (21, Pinout().mute_lamp, ("4", "5", "2"), "1u"),
    "RING": (22, Pinout().ring, ("6", "7", "1"), "4u7"),
    "BUSY": (23, Pinout().busy_lamp, ("8", "9", "14"), "1u"),
    "HOOK": (24, Pinout().hook, ("10", "11", "13"), "1u"),
}


def channel(name: str) -> tuple[Part, ...]:
    """Return the parts of one channel, without the comparator that all share."""
    tens, line, _, smoothing = CHANNELS[name]
    film = "film-1u" if smoothing == "1u" else "film-4u7"
    return (
        two(f"RV{tens}1", "trimmer", "100k", f"{name}_LIGHT", f"{name}_LOW", "how bright is lit"),
        two(f"R{tens}1", "resistor", "2k2", f"{name}_LOW", GROUND, "the trimmer's least"),
        two(f"C{tens}1", film, smoothing, f"{name}_LIGHT", GROUND, "averages multiplexed lamps and tube light"),
        two(f"R{tens}2", "resistor", "100k", "3V3", f"{name}_REF", "threshold"),
        two(f"R{tens}3", "resistor", "33k", f"{name}_REF", GROUND, "threshold"),
        two(f"R{tens}4", "resistor", "330k", f"{name}_REF", f"{name}_OUT", "hysteresis"),
        two(f"R{tens}5", "resistor", "10k", "3V3", f"{name}_OUT", "pull-up: a dead comparator reads as dark"),
        two(f"R{tens}6", "resistor", "1k", f"{name}_OUT", gpio(line), "a pin driven by mistake harms nothing"),
    )


def comparator() -> Part:
    """Return the LM339 of the four channels."""
    pins = {"3": "3V3", "12": GROUND}
    for name, (_, _, (minus, plus, out), _) in CHANNELS.items():
        pins |= {minus: f"{name}_LIGHT", plus: f"{name}_REF", out: f"{name}_OUT"}
    return Part(ref="U201", item="LM339", value="LM339", pins=pins, what_for="pulls a line low while its lamp is lit")


CIRCUIT: Final = Circuit(
    name="lamps",
    title="Lamp inputs: MUTE, ring, busy, hook",
    assembly=Assembly.UNIT,
    ports=(
        "3V3",
        GROUND,
        "FEED",
        *(f"{name}_LIGHT" for name in CHANNELS),
        *(gpio(line) for _, line, _, _ in CHANNELS.values()),
    ),
    parts=(
        two("R201", "resistor", "100", "3V3", "FEED", "feeds all hoods; a shorted cable harms nothing"),
        *(part for name in CHANNELS for part in channel(name)),
        comparator(),
        two("C201", "ceramic-100n", "100n", "3V3", GROUND, "beside U201"),
    ),
)

HOOD: Final = Circuit(
    name="hood",
    title="Hood on a lamp",
    assembly=Assembly.HOOD,
    ports=("FEED", "LIGHT"),
    parts=(
        Part(
            ref="Q251",
            item="TEPT5600",
            value="TEPT5600",
            pins={"C": "FEED", "E": "LIGHT"},
            what_for="sees as the eye does: lamps of every colour",
        ),
        Part(ref="A251", item="foam", value="ring", what_for="between the printed hood and the phone: keeps light out"),
    ),
)
