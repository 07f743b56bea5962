"""Does a bell voltage stand on a private exchange's extension line? Optional; isolated, in a box of its own.

C301 lets no direct current through, D301 and D302 let nothing through below some 63 V: the steps that dialling makes on
a 48 V line stay below that, ringing passes it twice each period. The coupler's transistor takes the place of a hood on
the ring lamp's input, whose C221 averages the pulses. Never for a public line: see SAFETY.md.
"""

from typing import Final

from hardware.circuits.model import Assembly, Circuit, Part, two

CIRCUIT: Final = Circuit(
    name="ring-box",
    title="Ring box for a private extension line",
    assembly=Assembly.RING_BOX,
    ports=("LINE_A", "LINE_B", "FEED", "LIGHT"),
    is_optional=True,
    parts=(
        two("R303", "fusible-10", "10", "LINE_A", "LINE_F", "a fuse for surges"),
        two("RV301", "varistor-175", "S10K175", "LINE_F", "LINE_B", "clamps surges"),
        two("R301", "pulse-resistor", "4k7", "LINE_F", "LIMITED", "limits surge and ringing current"),
        two("C301", "film-1u-250", "1u", "LIMITED", "COUPLED", "no direct current from the line"),
        two("D301", "zener-62", "62V", "COUPLED", "BACK", "threshold, one way"),
        two("D302", "zener-62", "62V", "LED_A", "BACK", "threshold, the other way"),
        Part(
            ref="U301",
            item="LTV-814",
            value="LTV-814",
            pins={"1": "LED_A", "2": "LED_B", "3": "LIGHT", "4": "COLLECTOR"},
            what_for="the isolation: 5000 V",
        ),
        two("R302", "pulse-resistor", "4k7", "LED_B", "LINE_B", "limits surge and ringing current"),
        two("R304", "resistor", "2k2", "FEED", "COLLECTOR", "the same current whatever the coupler's gain"),
        Part(ref="W31", item="rj11-lead", value="2 m", what_for="from the extension's socket; the inner pair"),
        Part(ref="A301", item="plastic-box", value="ring box", what_for="closed, no metal screw that reaches in"),
    ),
)
