"""What does the MUTE contact do to the phone's key, and to its own parts? The second half of its simulation."""

from typing import Final

import numpy as np

from hardware.circuits.figures import Figure
from hardware.circuits.mute_contact import CIRCUIT
from hardware.circuits.sim_mute_contact import (
    FAST_CLOSER,
    LIMIT_MS,
    closed,
    corners,
    longest,
    pin,
    presses,
    simulate_pin,
    stuck,
    toggling,
)
from hardware.circuits.spice import Corner, deck, run

# (high, low) of a pin that toggles on and on; the slow ones sit where the input's hold of some 70 ms lets go.
TOGGLES: Final = (
    (1, 1),
    (5, 5),
    (50, 50),
    (100, 100),
    (120, 200),
    (300, 50),
    *((high, low) for high in (5, 20, 60) for low in (50, 55, 60, 65, 70, 75, 80)),
)


def toggled(long: Corner) -> list[Figure]:
    """What comes through while the pin toggles without end."""
    # The shortest hold of the input lets the most gaps through.
    long = Corner(factors={**long.factors, "R103": 0.99, "C101": 0.95}, limits=long.limits, celsius=long.celsius)
    # The fast ones look like a pin that is stuck, and take ngspice longest: half the time is enough.
    lengths = [(high, low, 700 if high + low < 20 else 1500) for high, low in TOGGLES]
    found = [closed(toggling(high, low, for_ms), long, for_ms=for_ms + 100) for high, low, for_ms in lengths]
    return [
        Figure(
            what="pin toggling, 27 rhythms from 1 ms: longest time closed",
            value=max(longest(each) for each in found),
            unit="ms",
            most=LIMIT_MS,
        ),
        Figure(
            what="the same, gaps of up to 10 ms counted as closed",
            value=max(longest(each, bridging_ms=10) for each in found),
            unit="ms",
            most=350,
            spread=0.25,
        ),
        Figure(
            what="the same, gaps of up to 20 ms counted as closed",
            value=max(longest(each, bridging_ms=20) for each in found),
            unit="ms",
            most=600,
            spread=0.25,
        ),
        Figure(
            what="the same, share of the time closed once the first press is over",
            value=max(_share(each) for each in found) * 100,
            unit="%",
            most=70,
            spread=0.25,
        ),
    ]


def _share(found: list[tuple[float, float]], *, since: float = 600, until: float = 1500) -> float:
    return sum(max(min(end, until) - max(begin, since), 0) for begin, end in found) / (until - since)


def unpowered() -> list[Figure]:
    """How often the contact closes when something is missing."""
    dead = closed(stuck(400), Corner(limits=FAST_CLOSER), supply=0.0)
    floating = _without_driver()
    return [
        Figure(what="no 5 V, pin high: presses", value=len(dead), unit="", most=0),
        Figure(what="5 V, pin not driven at all: presses", value=floating, unit="", most=0),
    ]


def _without_driver() -> int:
    rig = [*deck(CIRCUIT), "Vsupply 5v 0 PWL(0 0 2m 5)", "Vkey top 0 3.3", "Rkey top key_a 10k", "Rphone key_b 0 0.01"]
    result = run(rig, "tran 0.2m 400m 0 0.2m uic", ("v(key_a)",))
    return int(np.count_nonzero(np.diff((result["v(key_a)"] < 1.65).astype(int)) > 0))


def led() -> list[Figure]:
    """What the PhotoMOS's LED gets, at the corners of supply and output drop."""
    weak = Corner(limits={"U101": {"rhigh": 150, "rlow": 175}}, factors={"R113": 1.01}, celsius=0)
    strong = Corner(limits={"U101": {"rhigh": 30, "rlow": 30}}, factors={"R113": 0.99}, celsius=60)
    asked = ("v(lamp)", "v(over)", "v(wanted)")
    low = simulate_pin(stuck(100), weak, supply=4.63, for_ms=120, asked=asked)
    charged = simulate_pin(stuck(2500), strong, supply=4.63, for_ms=2600, asked=("v(timed)",))
    high = simulate_pin(stuck(600), strong, supply=5.25, for_ms=900, asked=asked)
    ohms = CIRCUIT.part("R113").size
    return [
        Figure(
            what="LED current while closed, least",
            value=float(np.median(((low["v(wanted)"] - low["v(lamp)"]) / (ohms * 1.01))[low.at > 0.05])) * 1e3,
            unit="mA",
            least=3,
        ),
        Figure(
            what="LED current while closed, most",
            value=float(np.max((high["v(wanted)"] - high["v(lamp)"]) / (ohms * 0.99))) * 1e3,
            unit="mA",
            most=20,
        ),
        Figure(
            what="C102, below the most that U101 takes at an input (supply less 1.5 V): reserve at 4.63 V",
            value=4.63 - 1.5 - float(np.max(charged["v(timed)"])),
            unit="V",
            least=0,
        ),
        Figure(
            what="reverse voltage on the LED, most",
            value=float(np.max(high["v(over)"] - high["v(lamp)"])),
            unit="V",
            most=5,
        ),
    ]


def key() -> list[Figure]:
    """What the phone's scanning finds at its key, with the contact open and closed, of either polarity."""
    worst_off = Corner(limits={"K101": {"coff": 300e-12}})
    found = []
    for word, polarity in (("a row pulled up", 1), ("a row pulled down", -1)):
        opened = _scan(Corner(limits={"K101": {"coff": 300e-12}}), polarity, is_pressed=False)
        shut = _scan(Corner(limits={"K101": {"ron": 2.5}}), polarity, is_pressed=True)
        found += [
            Figure(what=f"open, {word} with 100 kΩ: share of its swing lost", value=opened * 100, unit="%", most=20),
            Figure(what=f"closed, {word} with 10 kΩ: share of its swing left", value=shut * 100, unit="%", most=10),
        ]
    return [
        *found,
        Figure(what="across the key when closed, most", value=_ohms(is_pressed=True), unit="Ω", most=200),
        Figure(
            what="across the key when open, least",
            value=_ohms(is_pressed=False, corner=worst_off) / 1e6,
            unit="MΩ",
            least=10,
        ),
    ]


def _ohms(*, is_pressed: bool, corner: Corner | None = None) -> float:
    corner = corner or Corner(limits={"K101": {"ron": 2.5}}, factors={"R114": 1.01})
    levels, amperes = (stuck(400), 1e-3) if is_pressed else ([], 100e-9)
    rig = [*deck(CIRCUIT, corner), pin(levels), "Vsupply 5v 0 5", f"Ikey 0 key_a {amperes}", "Rphone key_b 0 0.01"]
    result = run(rig, "tran 0.2m 150m 0 0.2m uic", ("v(key_a)",))
    return float(np.median(result["v(key_a)"][result.at > 0.1])) / amperes


def _scan(corner: Corner, polarity: int, *, is_pressed: bool) -> float:
    """Return what the row does while its column is strobed for 100 µs, at the end of the strobe, as share of 3.3 V."""
    idle, strobe = (3.3, 0.0) if polarity > 0 else (0.0, 3.3)
    ohms = "10k" if is_pressed else "100k"
    rig = [
        *deck(CIRCUIT, corner),
        pin(stuck(400) if is_pressed else []),
        "Vsupply 5v 0 5",
        f"Vrow row 0 {idle}",
        f"Rrow row key_a {ohms}",
        "Crow key_a 0 50p",
        f"Vcolumn column 0 PULSE({idle} {strobe} 100.2m 1u 1u 100u 5m)",
        "Rcolumn column key_b 100",
    ]
    result = run(rig, "tran 5u 100.32m 100m 5u uic", ("v(key_a)",))
    at_end = float(np.interp(0.1002 + 99e-6, result.at, result["v(key_a)"]))
    return abs(at_end - idle) / 3.3 if not is_pressed else abs(at_end - strobe) / 3.3


def simulate() -> list[Figure]:
    """Return every figure of the MUTE contact."""
    long, short = corners()
    return [*presses(long, short), *toggled(long), *unpowered(), *led(), *key()]
