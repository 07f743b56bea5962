"""What if one part of the MUTE contact breaks? Every resistor, capacitor and diode of it, open and shorted, simulated.

Two questions of each: does the contact close although nobody asked, and is a press still bounded when the pin sticks
high as well? The answers are listed, whatever they are: some faults do defeat the one-shot, and only then does the
program's own limit (300 ms, four independent ways, `adapters/panel.py`) stand alone.
"""

from dataclasses import dataclass
from typing import Final

from hardware.circuits.figures import Figure
from hardware.circuits.model import Part
from hardware.circuits.mute_contact import CIRCUIT
from hardware.circuits.sim_mute_contact import LIMIT_MS, pin, stuck
from hardware.circuits.spice import deck, node, run, spans

BREAKABLE: Final = tuple(part for part in CIRCUIT.parts if part.ref[0] in "RCD")
FOR_MS: Final = 700


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One part broken: how long the contact closed with the pin low, and with the pin stuck high (milliseconds)."""

    ref: str
    how: str
    idle_ms: float
    stuck_ms: float


def _closed_ms(broken: Part, how: str, *, is_stuck: bool) -> float:
    lines = deck(CIRCUIT)
    one, two = (node(net) for net in broken.nets)
    if how == "open":
        lines = [line for line in lines if not line.split()[0].endswith(broken.ref)]
        lines += [f"Ropen{end} {net} 0 1G" for end, net in enumerate((one, two)) if net != "0"]
    else:
        lines.append(f"Rshort {one} {two} 1")
    rig = [
        *lines,
        pin(stuck(FOR_MS) if is_stuck else []),
        "Vsupply 5v 0 5" if broken.ref != "C103" or how == "open" else "Vsupply 5v 0 0",
        "Vkey top 0 3.3",
        "Rkey top key_a 10k",
        "Rphone key_b 0 0.01",
    ]
    result = run(rig, f"tran 1m {FOR_MS}m 0 1m uic", ("v(key_a)",))
    return max((ended - began for began, ended in spans(result.at, result["v(key_a)"] < 1.65)), default=0.0) * 1e3


def faults() -> list[Fault]:
    """Break every part in turn."""
    return [
        Fault(
            ref=part.ref,
            how=how,
            idle_ms=_closed_ms(part, how, is_stuck=False),
            stuck_ms=_closed_ms(part, how, is_stuck=True),
        )
        for part in BREAKABLE
        for how in ("open", "shorted")
    ]


DEFEATING: Final = frozenset(
    {
        ("R106", "open"),
        ("D102", "open"),
        ("C102", "shorted"),
        ("R107", "shorted"),
        ("R111", "open"),
        ("R112", "shorted"),
        ("R113", "shorted"),
    }
)
"""The faults after which a pin that sticks high holds the contact; found by simulation, told on the page."""


def simulate() -> list[Figure]:
    """Return one figure for each fault; those in DEFEATING are told, the others bounded."""
    found = []
    for fault in faults():
        most = None if (fault.ref, fault.how) in DEFEATING else LIMIT_MS
        found += [
            Figure(what=f"{fault.ref} {fault.how}, pin low: closed", value=fault.idle_ms, unit="ms", most=0),
            Figure(what=f"{fault.ref} {fault.how}, pin stuck high: closed", value=fault.stuck_ms, unit="ms", most=most),
        ]
    return found
