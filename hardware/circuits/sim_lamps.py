"""Which lamps does a hood tell from dark, and under how much other light? Simulated, the trimmer set as taught.

Light is in lux at the phototransistor. A lamp of 1 mcd that shines 4 mm away gives 62 lx (candela over distance
squared); the hood's foam lets through a hundredth of the room's light, which is an assumption that calibration checks.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from hardware.circuits.figures import Figure
from hardware.circuits.lamps import CHANNELS, CIRCUIT
from hardware.circuits.model import gpio
from hardware.circuits.spice import NOMINAL, Corner, Result, deck, node, run, spans
from pi_companion.pinout import Pinout

DISTANCE_M: Final = 0.004
FOAM: Final = 0.01
OFFICE_LX: Final = 750
WINDOW_LX: Final = 5000

TRIMMER: Final = 100_000
LEAST: Final = 2_200
PER_LUX: Final = 3.5e-6

LOW_V: Final = 0.8
HIGH_V: Final = 2.0
"""What the Pi takes as low and as high for certain."""

PIN: Final = f"v({node(gpio(Pinout().mute_lamp))})"
OUT: Final = f"v({node('MUTE_OUT')})"
LIGHT: Final = f"v({node('MUTE_LIGHT')})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lamp:
    """A kind of lamp: `millicandela` while driven, `share` of the time that it is, the sensor's view of its colour."""

    name: str
    millicandela: float
    share: float = 1.0
    colour: float = 1.0

    @property
    def lux(self) -> float:
        """Light at the sensor while the lamp is driven, as the sensor weighs its colour."""
        return self.millicandela / 1000 / DISTANCE_M**2 * self.colour


LAMPS: Final = (
    Lamp(name="red LED, 5 mcd", millicandela=5, colour=0.8),
    Lamp(name="dim red LED behind a lens, 1 mcd", millicandela=1, colour=0.8),
    Lamp(name="green LED, 5 mcd", millicandela=5),
    Lamp(name="blue LED, 3 mcd", millicandela=3, colour=0.6),
    Lamp(name="white LED, 20 mcd", millicandela=20),
    Lamp(name="red LED, multiplexed 1 of 8 at 200 Hz, 10 mcd", millicandela=10, share=0.125, colour=0.8),
    Lamp(name="neon lamp at 50 Hz, 3 mcd", millicandela=3, share=0.6, colour=0.9),
)


def setting(lamp: Lamp) -> float:
    """Return where calibration leaves the trimmer: the lit lamp puts 2.5 V on the test point; at its least if more."""
    current = lamp.lux * lamp.share * PER_LUX
    return min(max(2.5 / current - LEAST, 0.0), TRIMMER)


def simulate_lamp(
    light: str,
    trimmer: float,
    corner: Corner = NOMINAL,
    *,
    for_ms: float = 400,
    step_ms: float = 0.5,
) -> Result:
    """Run the MUTE channel with a hood that sees `light`, a source of SPICE in lux, on two metres of cable."""
    factors: Mapping[str, float] = {**corner.factors, "RV211": max(trimmer, 10.0) / TRIMMER}
    corner = Corner(factors=factors, limits=corner.limits, celsius=corner.celsius)
    eye = corner.limits.get("Q251", {}).get("per_lux", PER_LUX)
    quiet = [f"Rquiet{name} {node(name + '_LIGHT')} 0 100k" for name in CHANNELS if name != "MUTE"]
    rig = [
        *deck(CIRCUIT, corner),
        *quiet,
        "Vsupply 3v3 0 3.3",
        f"Vlight lux 0 {light}",
        f"Xeye feed mute_light lux eye per_lux={eye}",
        "Ccable feed mute_light 200p",
        f"Rpin {node(gpio(Pinout().mute_lamp))} {node('3V3')} 50k",
    ]
    return run(rig, f"tran {step_ms}m {for_ms}m 0 {step_ms}m", (OUT, LIGHT, PIN), corner.celsius)


def threshold(trimmer: float, corner: Corner = NOMINAL) -> tuple[float, float]:
    """Return at how many lux a channel goes to lit, and to dark again, on slow ramps."""
    top = 2.0 / (PER_LUX * (trimmer + LEAST)) * 3
    up = simulate_lamp(f"PWL(0 0 4 {top} 8 0)", trimmer, corner, for_ms=8000, step_ms=4)
    out = up[OUT]
    lit = np.flatnonzero(out < 1.65)
    lux = np.interp(up.at, (0, 4, 8), (0, top, 0))
    return float(lux[lit[0]]), float(lux[lit[-1]])


def driven(lamp: Lamp, ambient: float) -> str:
    """Return the light of a lamp that is lit, with other light beside it, as a source."""
    if lamp.share == 1.0:
        return f"{lamp.lux + ambient}"
    period = 5.0
    return f"PULSE({ambient} {lamp.lux + ambient} 0 10u 10u {lamp.share * period}m {period}m)"


def margins() -> list[Figure]:
    """By kind of lamp: how far lit and dark are from the threshold, after the sensor drifted by a quarter."""
    found = []
    for lamp in LAMPS:
        trimmer = setting(lamp)
        on, _ = threshold(trimmer, Corner(limits={"Q251": {"per_lux": PER_LUX * 0.75}}))
        _, off = threshold(trimmer, Corner(limits={"Q251": {"per_lux": PER_LUX * 1.25}}, celsius=60))
        for what, light, let_go, least in (
            ("lit, above the threshold", lamp.lux * lamp.share, on, 3),
            (f"dark at a desk ({OFFICE_LX} lx), below the threshold", off, OFFICE_LX * FOAM, 3),
            (f"dark at a window ({WINDOW_LX} lx), below the threshold", off, WINDOW_LX * FOAM, None),
        ):
            found.append(
                Figure(what=f"{lamp.name}: {what}", value=20 * math.log10(light / let_go), unit="dB", least=least)
            )
    return found


def levels() -> list[Figure]:
    """What the pin sees, how soon, and how steadily."""
    red, multiplexed = LAMPS[0], LAMPS[5]
    switched = simulate_lamp(f"PULSE(7.5 {red.lux} 100m 1m 1m 200m 1)", setting(red))
    out, at = switched[PIN], switched.at
    flicker = simulate_lamp(driven(multiplexed, OFFICE_LX * FOAM), setting(multiplexed))
    steady = flicker[PIN][flicker.at > 0.2]
    cut = simulate_lamp("0", TRIMMER, Corner(celsius=60), for_ms=200)
    lit = spans(at, out < LOW_V)
    return [
        Figure(what="pin while lit", value=float(np.max(steady)), unit="V", most=LOW_V),
        Figure(what="pin while dark", value=float(np.min(out[at < 0.09])), unit="V", least=HIGH_V),
        Figure(what="lamp on to pin low", value=(lit[0][0] - 0.1) * 1e3, unit="ms", most=100),
        Figure(what="lamp off to pin high", value=(lit[0][1] - 0.3) * 1e3, unit="ms", most=100),
        Figure(
            what="cable cut, trimmer at its most, 60 °C: pin", value=float(np.min(cut[PIN])), unit="V", least=HIGH_V
        ),
        Figure(what="hood's cable shorted: current from 3V3, most", value=3.465 / 99 * 1e3, unit="mA", most=50),
    ]


def simulate() -> list[Figure]:
    """Return every figure of the lamp inputs."""
    return [*levels(), *margins()]
