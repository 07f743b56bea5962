"""How long can the phone's MUTE key be pressed, whatever the pin does? Simulated at the corners of every tolerance."""

from collections.abc import Mapping, Sequence
from typing import Final

from hardware.circuits.figures import Figure
from hardware.circuits.mute_contact import CIRCUIT, PIN
from hardware.circuits.parts import ITEMS
from hardware.circuits.spice import NOMINAL, Corner, Result, deck, node, run, spans, worst

LIMIT_MS: Final = 300
"""Law 6: no press is longer."""

PULSE_MS: Final = 120
"""What the program asks for (`core.limits.Mute.pulse_ms`); the circuit holds it some 70 ms longer."""

TIMING: Final = ("R101", "C101", "R103", "R104", "R105", "R106", "C102", "R107", "R108")

Limits = Mapping[str, Mapping[str, float]]

FAST_CLOSER: Final[Limits] = {"K101": {"ion": 0.4e-3, "ton": 0.1e-3, "toff": 1e-3, "ron": 0.5}}
"""Closes at the least current, lets go last: the longest press."""

SLOW_CLOSER: Final[Limits] = {
    "K101": {"ion": 3e-3, "ton": 4e-3, "toff": 0.05e-3, "ron": 2.5},
    "U101": {"rlow": 175},
}
"""Needs the most current and takes the longest: the shortest press."""

Spans = list[tuple[float, float]]


def pin(levels: Sequence[tuple[float, bool]], high: float = 3.2) -> str:
    """Return a source at the pin that changes at these milliseconds, through the pin's own 40 ohms."""
    points, now = ["0 0"], 0.0
    for at, is_high in levels:
        points += [f"{at}m {now}", f"{at + 0.01}m {high if is_high else 0}"]
        now = high if is_high else 0.0
    return f"Vpin drive 0 PWL({' '.join(points)})\nRpin drive {node(PIN)} 40"


def stuck(for_ms: float) -> list[tuple[float, bool]]:
    """Return a pin that goes high and stays."""
    return [(10, True), (10 + for_ms, False)]


def toggling(high_ms: float, low_ms: float, for_ms: float) -> list[tuple[float, bool]]:
    """Return a pin that goes on toggling."""
    levels, at = [], 10.0
    while at < for_ms:
        levels += [(at, True), (at + high_ms, False)]
        at += high_ms + low_ms
    return levels


def simulate_pin(
    levels: Sequence[tuple[float, bool]],
    corner: Corner = NOMINAL,
    *,
    for_ms: float = 500,
    supply: float = 5.0,
    asked: Sequence[str] = (),
) -> Result:
    """Run the circuit with something on its pin and a key of 3.3 V and 10 k at its contact."""
    rig = [
        *deck(CIRCUIT, corner),
        pin(levels),
        f"Vsupply 5v 0 {supply}",
        "Vkey key_supply 0 3.3",
        "Rkey key_supply key_a 10k",
        "Rphone key_b 0 0.01",
    ]
    step = min(0.5, for_ms / 2000)
    return run(rig, f"tran {step}m {for_ms}m 0 {step}m uic", ("v(key_a)", *asked), corner.celsius)


def closed(
    levels: Sequence[tuple[float, bool]], corner: Corner = NOMINAL, *, for_ms: float = 500, supply: float = 5.0
) -> Spans:
    """Return when the contact was closed, in milliseconds."""
    result = simulate_pin(levels, corner, for_ms=for_ms, supply=supply)
    return [(began * 1e3, ended * 1e3) for began, ended in spans(result.at, result["v(key_a)"] < 1.65)]


def longest(found: Spans, *, bridging_ms: float = 0) -> float:
    """Return the longest time closed; gaps of at most `bridging_ms` count as closed."""
    joined: Spans = []
    for began, ended in found:
        if joined and began - joined[-1][1] <= bridging_ms:
            joined[-1] = (joined[-1][0], ended)
        else:
            joined.append((began, ended))
    return max((ended - began for began, ended in joined), default=0.0)


def corners() -> tuple[Corner, Corner]:
    """Return the corners of the longest and of the shortest press with the pin stuck."""
    tolerances = _tolerances()

    def press(corner: Corner) -> float:
        return longest(closed(stuck(900), corner, for_ms=450, supply=4.9))

    weak, strong = {"rhigh": 150.0, "rlow": 175.0, "vos": 7e-3}, {"rhigh": 30.0, "rlow": 30.0, "vos": -7e-3}
    long = Corner(limits={**FAST_CLOSER, "U101": weak}, celsius=0)
    short = Corner(limits={**SLOW_CLOSER, "U101": strong}, celsius=60)
    return worst(press, tolerances, long, sign=1), worst(press, tolerances, short, sign=-1)


def _tolerances() -> dict[str, float]:
    return {ref: ITEMS[CIRCUIT.part(ref).item].tolerance for ref in TIMING}


def second(gap_ms: float) -> float:
    """Return how long a second press lasts, so long after the first, in the corner that is worst for it."""
    begins = 10.0 + PULSE_MS + gap_ms
    levels = [(10.0, True), (10.0 + PULSE_MS, False), (begins, True), (begins + PULSE_MS, False)]

    def press(corner: Corner) -> float:
        found = closed(levels, corner, for_ms=begins + 300)
        return found[1][1] - found[1][0]

    slow = Corner(limits={**SLOW_CLOSER, "U101": {"rhigh": 30.0, "rlow": 30.0, "vos": -7e-3}}, celsius=60)
    return press(worst(press, _tolerances(), slow, sign=-1))


def presses(long: Corner, short: Corner) -> list[Figure]:
    """What a press is: as asked for, stuck, repeated, too short to count."""
    asked = longest(closed(stuck(PULSE_MS)))
    stuck_long = max(longest(closed(stuck(1900), long, for_ms=2000, supply=volts)) for volts in (4.63, 5.25))
    stuck_short = min(longest(closed(stuck(900), short, for_ms=450, supply=volts)) for volts in (4.63, 5.25))
    count = len(closed(stuck(9000), long, for_ms=9000))
    return [
        Figure(
            what="a press of 120 ms as the program asks for it, nominal", value=asked, unit="ms", least=120, most=300
        ),
        Figure(what="pin stuck high, nominal", value=longest(closed(stuck(900))), unit="ms", most=LIMIT_MS),
        Figure(what="pin stuck high, the longest of all corners", value=stuck_long, unit="ms", most=LIMIT_MS),
        Figure(what="pin stuck high, the shortest of all corners", value=stuck_short, unit="ms", least=PULSE_MS),
        Figure(what="pin stuck high for 9 s: presses", value=count, unit="", least=1, most=1),
        Figure(
            what="second press, 600 ms after the first (a retry), shortest corner",
            value=second(600),
            unit="ms",
            least=80,
        ),
        Figure(
            what="second press, 200 ms after the first (the program's least gap), shortest corner",
            value=second(200),
            unit="ms",
            least=50,
        ),
        Figure(what="a blip of 2 ms at the pin: presses", value=len(closed(stuck(2), long)), unit="", most=0),
    ]
