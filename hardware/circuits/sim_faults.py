"""What if one thing of the MUTE contact is wrong? Each part open and shorted, dirt, drops of solder: simulated.

Two questions of each: does the contact close although nobody asked, and is a press still bounded when the pin sticks
high as well? The answers are listed, whatever they are: some faults do defeat the one-shot, and only then does the
program's own limit (300 ms, four independent ways, `adapters/panel.py`) stand alone.
"""

from dataclasses import dataclass
from typing import Final

from hardware.circuits.figures import Figure
from hardware.circuits.mute_contact import CIRCUIT
from hardware.circuits.sim_mute_contact import LIMIT_MS, pin, stuck
from hardware.circuits.spice import Corner, deck, node, run, spans

BREAKABLE: Final = tuple(part for part in CIRCUIT.parts if part.ref[0] in "RCD")
FOR_MS: Final = 700


NODES: Final = ("HELD", "PLUS_A", "REF", "TIMED", "PLUS_B")
"""Nodes of high resistance, which flux and fingerprints can pull to a side."""

DIRT: Final = "1Meg"

LEGS: Final = (("1", "2"), ("2", "3"), ("3", "4"), ("5", "6"), ("6", "7"), ("7", "8"))
"""Neighbouring pins of U101, which a drop of solder can join."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing wrong: how it is called, the parts that are gone, and what is there instead, as lines of SPICE."""

    name: str
    without: str = ""
    instead: tuple[str, ...] = ()


def _faults() -> list[Fault]:
    found = []
    for part in BREAKABLE:
        one, two = (node(net) for net in part.nets)
        held = tuple(f"Ropen{end} {net} 0 1G" for end, net in enumerate((one, two)) if net != "0")
        found += [
            Fault(name=f"{part.ref} open", without=part.ref, instead=held),
            Fault(name=f"{part.ref} shorted", instead=(f"Rshort {one} {two} 1",)),
        ]
    for net in NODES:
        found += [
            Fault(name=f"1 MΩ of dirt from {net} to ground", instead=(f"Rdirt {node(net)} 0 {DIRT}",)),
            Fault(name=f"1 MΩ of dirt from {net} to 5 V", instead=(f"Rdirt {node(net)} 5v {DIRT}",)),
        ]
    pins = CIRCUIT.part("U101").pins
    found += [
        Fault(
            name=f"solder from pin {one} to {two} of U101",
            instead=(f"Rbridge {node(pins[one])} {node(pins[two])} 0.1",),
        )
        for one, two in LEGS
    ]
    return found


FAULTS: Final = tuple(_faults())


def closed_ms(fault: Fault, *, is_stuck: bool) -> float:
    """Return the longest time that the contact closes with this fault, the pin low or stuck high for 0.7 s.

    Where inputs are joined the comparators' offset decides, so that is run both ways.
    """
    return max(
        _closed_ms(fault, offset, is_stuck=is_stuck) for offset in ((5e-3, -5e-3) if "solder" in fault.name else (0.0,))
    )


def _closed_ms(fault: Fault, offset: float, *, is_stuck: bool) -> float:
    corner = Corner(limits={"U101": {"vos": offset}})
    lines = [line for line in deck(CIRCUIT, corner) if not fault.without or not line.split()[0].endswith(fault.without)]
    rig = [
        *lines,
        *fault.instead,
        pin(stuck(FOR_MS) if is_stuck else []),
        # A supply of its own resistance: a shorted C103 takes it down, as it would.
        "Vsupply source 0 5",
        "Rsupply source 5v 0.2",
        "Vkey top 0 3.3",
        "Rkey top key_a 10k",
        "Rphone key_b 0 0.01",
    ]
    result = run(rig, f"tran 1m {FOR_MS}m 0 1m uic", ("v(key_a)",))
    return max((ended - began for began, ended in spans(result.at, result["v(key_a)"] < 1.65)), default=0.0) * 1e3


DEFEATING: Final = frozenset(
    {
        "R106 open",
        "D102 open",
        "C102 shorted",
        "R107 shorted",
        "R111 open",
        "R112 shorted",
        "R113 shorted",
        "solder from pin 1 to 2 of U101",
        "solder from pin 5 to 6 of U101",
        "solder from pin 6 to 7 of U101",
    }
)
"""The faults after which a pin that sticks high holds the contact; found by simulation, told on the page."""


PRESSING: Final = frozenset({"solder from pin 2 to 3 of U101"})
"""The faults after which the contact closes although nobody asked: once, when the power comes, for one press."""


def simulate() -> list[Figure]:
    """Return two figures for each fault; those in DEFEATING are told, the others bounded."""
    found = []
    for fault in FAULTS:
        most = None if fault.name in DEFEATING else LIMIT_MS
        idle, held = closed_ms(fault, is_stuck=False), closed_ms(fault, is_stuck=True)
        found += [
            Figure(
                what=f"{fault.name}, pin low: closed",
                value=idle,
                unit="ms",
                most=LIMIT_MS if fault.name in PRESSING else 0,
            ),
            Figure(what=f"{fault.name}, pin stuck high: closed", value=held, unit="ms", most=most),
        ]
    return found
