"""How does the sound card hear both sides of a call without touching it? A passive bridging tap, isolated twice over.

Each side: 2 x 18 k in series with the line, capacitors that keep the headset's direct current out, a 1:1 transformer.
No supply, no active part: with the unit off, or the plug shorted or pulled, the call cannot tell.
"""

from typing import Final

from hardware.circuits.model import Assembly, Circuit, Part, two

SIDES: Final = {"AGENT": (41, "L"), "CUSTOMER": (42, "R")}
"""Agent (microphone pair) to the left channel, customer (earpiece pair) to the right one."""


def side(name: str) -> tuple[Part, ...]:
    """Return the parts of one side."""
    tens, channel = SIDES[name]
    return (
        two(f"R{tens}1", "resistor", "18k", f"{name}_A", f"{name}_1", "bridging: the line does not feel the rest"),
        two(f"R{tens}2", "resistor", "18k", f"{name}_B", f"{name}_2", "bridging"),
        two(f"C{tens}1", "film-1u", "1u", f"{name}_1", f"{name}_3", "keeps the microphone's supply out of T"),
        two(f"C{tens}2", "film-1u", "1u", f"{name}_2", f"{name}_4", "keeps the microphone's supply out of T"),
        Part(
            ref=f"T{tens}1",
            item="transformer-10k",
            value="10k:10k",
            pins={"1": f"{name}_3", "2": f"{name}_4", "3": f"LINE_IN_{channel}", "4": "CARD_GND"},
            what_for="isolation",
        ),
        two(f"R{tens}3", "resistor", "47k", f"LINE_IN_{channel}", "CARD_GND", "defined load when no plug is in"),
    )


CIRCUIT: Final = Circuit(
    name="headset-tap",
    title="Headset tap",
    assembly=Assembly.TAP,
    ports=(*(f"{name}_{leg}" for name in SIDES for leg in "AB"), "LINE_IN_L", "LINE_IN_R", "CARD_GND"),
    parts=(
        *(part for name in SIDES for part in side(name)),
        Part(
            ref="J401",
            item="rj9-jack",
            value="to the phone",
            pins={"1": "AGENT_A", "2": "CUSTOMER_A", "3": "CUSTOMER_B", "4": "AGENT_B"},
            what_for="the phone's headset or handset socket, straight cable",
        ),
        Part(
            ref="J402",
            item="rj9-jack",
            value="headset",
            pins={"1": "AGENT_A", "2": "CUSTOMER_A", "3": "CUSTOMER_B", "4": "AGENT_B"},
            what_for="wired through one to one: the call does not depend on the tap",
        ),
        Part(
            ref="J403",
            item="jack-stereo",
            value="line out",
            pins={"T": "LINE_IN_L", "R": "LINE_IN_R", "S": "CARD_GND"},
            what_for="to the sound card's line input: tip agent, ring customer",
        ),
        Part(ref="W21", item="rj9-cable", value="0.5 m", what_for="phone to J401, straight: 1 to 1, 4 to 4"),
        Part(ref="W23", item="audio-cable", value="0.5 m", what_for="J403 to the sound card, each core screened"),
        Part(ref="A401", item="plastic-box", value="tap", what_for="no metal that could touch both sides"),
    ),
)
