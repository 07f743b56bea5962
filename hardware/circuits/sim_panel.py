"""What do LEDs draw, what do buttons and code lines give the Pi, how fast is the bus? Simulated, or a sum."""

import math
from typing import Final

from hardware.circuits import panel, station
from hardware.circuits.figures import Figure
from hardware.circuits.model import gpio
from hardware.circuits.sim_lamps import HIGH_V, LOW_V
from hardware.circuits.spice import Corner, deck, node, run
from pi_companion.pinout import Pinout

PIN_MA: Final = 8.0
"""What a pin gives at its drive strength after reset; 16 mA is the most that can be set."""

ALL_MA: Final = 50.0
"""What all pins of the header may give together (Raspberry Pi documentation, for boards up to the 3)."""

PULL_OHMS: Final = (33e3, 73e3)
"""The Pi's own pull resistors: 50 to 65 k by the peripherals' datasheet, here with a wide margin."""

BUS_PULL: Final = 1.8e3
BUS_CAPACITANCE: Final = 200e-12


def leds() -> list[Figure]:
    """Current of each LED at the corners of 3.3 V, its forward voltage 0.2 V up and down; all together."""
    found, together = [], 0.0
    for name, (tens, line, _, _) in panel.LEDS.items():
        currents = []
        for volts, factor, celsius in ((3.135 - 0.2, 1.01, 0.0), (3.3, 1.0, 25.0), (3.465 + 0.2, 0.99, 60.0)):
            corner = Corner(factors={f"R{tens}1": factor}, celsius=celsius)
            net = node(gpio(line))
            rig = [*deck(panel.BUTTONS_AND_LEDS, corner), f"Vpin drive 0 {volts}", f"Rpin drive {net} 40"]
            result = run(rig, "tran 1m 2m 0 1m", ("i(vpin)",), celsius)
            currents.append(-float(result["i(vpin)"][-1]) * 1e3)
        low, typical, high = currents
        together += high
        found += [
            Figure(what=f"{name} LED, least", value=low, unit="mA", least=0.3),
            Figure(what=f"{name} LED, typical", value=typical, unit="mA"),
            Figure(what=f"{name} LED, most", value=high, unit="mA", most=PIN_MA),
        ]
    return [*found, Figure(what="all four LEDs, most", value=together, unit="mA", most=ALL_MA)]


def buttons() -> list[Figure]:
    """Level of a pressed button, and what flows if the pin is driven high by mistake."""
    pressed = max(_pressed(ohms) for ohms in PULL_OHMS)
    return [
        Figure(what="button pressed: pin, most", value=pressed, unit="V", most=LOW_V),
        Figure(
            what="button pressed while its pin is driven high by mistake",
            value=3.465 / (panel.BUTTONS_AND_LEDS.part("R511").size * 0.99) * 1e3,
            unit="mA",
            most=PIN_MA,
        ),
    ]


def _pressed(pull: float) -> float:
    net = node(gpio(panel.BUTTONS["resume"][1]))
    rig = [*deck(panel.BUTTONS_AND_LEDS), "V3 supply 0 3.465", f"Rpull supply {net} {pull}", "Rkey resume_key 0 100"]
    return float(run(rig, "tran 1m 2m 0 1m", (f"v({net})",))[f"v({net})"][-1])


def code_lines() -> list[Figure]:
    """Levels of the code lines, strapped through two metres of cable and a poor contact, and open on a wet plug."""
    lines = Pinout().harness()
    asked = tuple(f"v({node(gpio(line))})" for line in lines)
    rig = [*deck(station.UNIT), "V3 3v3 0 3.3"]
    strapped = [f"Rstrap{place} code_{name} 0 50" for place, name in enumerate(("1", "2", "4", "8", "16", "parity"))]
    wet = [f"Rwet{place} code_{name} 0 100k" for place, name in enumerate(("1", "2", "4", "8", "16", "parity"))]
    low = run([*rig, *strapped], "tran 1m 2m 0 1m", asked)
    high = run([*rig, *wet], "tran 1m 2m 0 1m", asked)
    return [
        Figure(
            what="strapped through 50 Ω: line, most",
            value=max(float(low[one][-1]) for one in asked),
            unit="V",
            most=LOW_V,
        ),
        Figure(
            what="open, 100 kΩ of leakage: line, least",
            value=min(float(high[one][-1]) for one in asked),
            unit="V",
            least=HIGH_V,
        ),
        Figure(
            what="current of a strap",
            value=3.3 / (station.UNIT.part("R711").size + 50) * 1e3,
            unit="mA",
            least=0.1,
            most=1,
        ),
    ]


def bus() -> list[Figure]:
    """The I2C bus: calculated rise time and sink current; the level shift for an echo sensor of 5 V."""
    pull = 1 / (1 / BUS_PULL + 1 / 10e3 + 1 / 10e3)
    rise = pull * BUS_CAPACITANCE * math.log(0.7 / 0.3)
    echo = 5.25 * 2.0e3 / (1.0e3 + 2.0e3)
    return [
        Figure(
            what="rise time with 200 pF, 1.8 kΩ and two modules of 10 kΩ (calculated)",
            value=rise * 1e9,
            unit="ns",
            most=300,
        ),
        Figure(what="what a chip sinks to pull the bus low (calculated)", value=3.465 / pull * 1e3, unit="mA", most=3),
        Figure(
            what="alternative only: 5.25 V echo behind 1 kΩ and 2 kΩ (calculated)",
            value=echo,
            unit="V",
            least=HIGH_V,
            most=3.6,
        ),
    ]


def simulate() -> list[Figure]:
    """Return every figure of buttons, LEDs, code lines and bus."""
    return [*leds(), *buttons(), *code_lines(), *bus()]
