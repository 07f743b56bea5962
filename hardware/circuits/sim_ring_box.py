"""Does the ring box hear every ringing and nothing else, and does it survive the line? With the ring lamp's channel."""

from typing import Final

import numpy as np

from hardware.circuits import lamps, ring_box
from hardware.circuits.figures import Figure
from hardware.circuits.model import gpio
from hardware.circuits.spice import NOMINAL, ROUGH, Corner, Result, deck, node, run, spans
from pi_companion.pinout import Pinout

PIN: Final = f"v({node(gpio(Pinout().ring))})"
TRIMMER: Final = 22_000
"""Where the ring channel's trimmer is set for the box."""

WEAK: Final = {"D301": 1.05, "D302": 1.05, "C301": 0.9, "R301": 1.05, "R302": 1.05, "C221": 1.1}
STRONG: Final = {"D301": 0.95, "D302": 0.95, "C301": 1.1, "R301": 0.95, "R302": 0.95, "C221": 0.9}


def simulate_line(line: str, corner: Corner = NOMINAL, *, for_ms: float, asked: tuple[str, ...] = ()) -> Result:
    """Run box and channel with a source on the line, behind 400 ohms of feed and line."""
    factors = {"RV221": TRIMMER / 100_000, **corner.factors}
    corner = Corner(factors=factors, limits=corner.limits, celsius=corner.celsius)
    channel = [text.replace("ring_light", "light") for text in deck(lamps.CIRCUIT, corner)]
    quiet = [f"Rquiet{name} {node(name + '_LIGHT')} 0 100k" for name in lamps.CHANNELS if name != "RING"]
    rig = [
        *deck(ring_box.CIRCUIT, corner),
        *channel,
        *quiet,
        "Vsupply 3v3 0 3.3",
        f"Rpin {node(gpio(Pinout().ring))} 3v3 50k",
        line,
        "Rline far line_a 400",
        "Cline line_a line_b 1n",
        "Rback line_b 0 1Meg",
        "Rfar far_b line_b 1",
    ]
    return run(rig, f"tran 0.5m {for_ms}m 0 0.5m", (PIN, *asked), corner.celsius, ROUGH)


def ringing(volts: float, hertz: float) -> str:
    """Return ringing on 48 V of battery, from 100 to 1100 ms: the second of a cadence of one on, four off."""
    return (
        f"Bring far far_b V=-48+(time>0.1 ? (time<1.1 ? {volts * 2**0.5:.4f}*sin(6.283185*{hertz}*(time-0.1)) : 0) : 0)"
    )


def rung(result: Result) -> tuple[int, float, float]:
    """Return how often the pin went low, how soon, and for how long (milliseconds)."""
    found = spans(result.at, result[PIN] < 0.8)
    if not found:
        return 0, 0.0, 0.0
    return len(found), (found[0][0] - 0.1) * 1e3, (found[-1][1] - found[0][0]) * 1e3


def detection() -> list[Figure]:
    """Ringing at the bounds of voltage and frequency, parts at their least."""
    weak = Corner(factors=WEAK, limits={"U301": {"gain": 0.2}})
    strong = Corner(factors=STRONG, limits={"U301": {"gain": 3.0}})
    found = []
    for volts, hertz in ((60, 20), (60, 50), (75, 25), (105, 20), (105, 50)):
        for word, corner in (("weakest", weak), ("strongest", strong)):
            bursts, began, lasted = rung(simulate_line(ringing(volts, hertz), corner, for_ms=1800))
            name = f"{volts} V, {hertz} Hz, {word} parts"
            found += [
                Figure(what=f"{name}: bursts counted", value=bursts, unit="", least=1, most=1),
                Figure(what=f"{name}: heard after", value=began, unit="ms", most=300),
                Figure(what=f"{name}: one second lasts", value=lasted, unit="ms", least=700, most=1400),
            ]
    return found


def dialled(battery: float, kick: float) -> str:
    """Return ten pulses of a dial a second, 62 ms open, 38 ms closed; at each break a bell's coil kicks to `kick`."""
    return (
        f"Vdial far middle PULSE(-{battery} -8 162m 50u 50u 38m 100m)\n"
        f"Vkick middle far_b PULSE(0 {battery - kick} 200.1m 50u 500u 300u 100m)"
    )


def rejection() -> list[Figure]:
    """What must not count as ringing, parts at their most sensitive."""
    strong = Corner(factors=STRONG, limits={"U301": {"gain": 3.0}})
    cases = {
        "dial pulses on 48 V": dialled(48, 48),
        "dial pulses on 60 V": dialled(60, 60),
        "dial pulses on 48 V with a bell's coil kicking to 150 V": dialled(48, 150),
        "picking up and hanging up on 60 V": "Vhook far far_b PULSE(-60 -8 0.2 100u 100u 0.5 1)",
        "reversal of 60 V battery": "Vturn far far_b PULSE(-60 60 0.2 1m 1m 0.5 2)",
        "speech of 2 V on 48 V": "Bspeech far far_b V=-48+2.8*sin(6.283185*400*time)",
        "mains hum of 20 V on 48 V": "Bhum far far_b V=-48+28.3*sin(6.283185*50*time)",
    }
    found = []
    for name, line in cases.items():
        result = simulate_line(line, strong, for_ms=1500)
        lasted = max((ended - began for began, ended in spans(result.at, result[PIN] < 0.8)), default=0.0) * 1e3
        found.append(
            Figure(what=f"{name}: longest it looks like ringing", value=lasted, unit="ms", most=REJECT_MS[name])
        )
    return found


REJECT_MS: Final = {
    "dial pulses on 48 V": 0,
    "dial pulses on 60 V": 0,
    "dial pulses on 48 V with a bell's coil kicking to 150 V": 0,
    "picking up and hanging up on 60 V": 0,
    "reversal of 60 V battery": 300,
    "speech of 2 V on 48 V": 0,
    "mains hum of 20 V on 48 V": 0,
}


def surge() -> list[Figure]:
    """Lightning's remainder on an inside line: 1.5 kV, 10/700 us, behind 40 ohms (ITU-T K.44's generator)."""
    line = "Bsurge far far_b V=1500*1.04*(exp(-time/1010u)-exp(-time/3.6u))"
    corner = Corner(factors=STRONG, limits={"RV301": {"v1": 297}})
    rig = [
        *deck(ring_box.CIRCUIT, corner),
        line,
        "Rline far line_a 40",
        "Cline line_a line_b 1n",
        "Rfar far_b line_b 0.01",
        "Rback line_b 0 1Meg",
        "Vfeed feed 0 3.3",
        "Rlight light 0 22k",
    ]
    asked = ("v(limited,line_f)", "v(limited,coupled)", "v(line_f,line_b)", "v(line_b,led_b)")
    result = run(rig, "tran 1u 5m 0 1u", asked, solver=ROUGH)
    ohms = ring_box.CIRCUIT.part("R302").size
    return [
        Figure(
            what="surge of 1.5 kV: peak current in the coupler's LED",
            value=float(np.max(result["v(line_b,led_b)"] ** 2) ** 0.5 / ohms) * 1e3,
            unit="mA",
            most=500,
        ),
        Figure(
            what="surge of 1.5 kV: peak on C301",
            value=float(np.max(np.abs(result["v(limited,coupled)"]))),
            unit="V",
            most=250,
        ),
        Figure(
            what="surge of 1.5 kV: peak behind the varistor",
            value=float(np.max(np.abs(result["v(line_f,line_b)"]))),
            unit="V",
            most=700,
        ),
    ]


def load() -> list[Figure]:
    """What the box takes from the line."""
    strong = Corner(factors=STRONG)
    rig = simulate_line(ringing(105, 50), strong, for_ms=1000, asked=("v(far,line_a)", "v(limited,line_f)"))
    steady = rig.at > 0.3
    current = float(np.sqrt(np.mean((rig["v(far,line_a)"][steady] / 400) ** 2)))
    watts = float(np.mean(rig["v(limited,line_f)"][steady] ** 2)) / (4700 * 0.95)
    weak = simulate_line(ringing(75, 25), for_ms=1000, asked=("v(far,line_a)",))
    usual = float(np.sqrt(np.mean((weak["v(far,line_a)"][weak.at > 0.3] / 400) ** 2)))
    return [
        Figure(what="current from the line while it rings, 75 V 25 Hz", value=usual * 1e3, unit="mA", most=5),
        Figure(what="current from the line while it rings, 105 V 50 Hz", value=current * 1e3, unit="mA", most=20),
        Figure(what="R301 while it rings, 105 V 50 Hz", value=watts, unit="W", most=1),
        Figure(
            what="direct current from a line of 60 V (1 GΩ of C301, 100 MΩ of the varistor)",
            value=60 / 100e6 * 1e6,
            unit="µA",
            most=5,
        ),
    ]


def simulate() -> list[Figure]:
    """Return every figure of the ring box."""
    return [*detection(), *rejection(), *surge(), *load()]
