"""What is a circuit? Parts and the nets that their pins are on: the one place where a value stands.

Drawing, simulation, bill of materials and the netlist for the carrier board are all made from these, so they cannot
disagree. What a part is (maker, number, limits) stands in parts.toml under the part's `item`.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from pi_companion.errors import ConfigError
from pi_companion.pinout import HEADER, Input, Output

GROUND: Final = "GND"

UNITS: Final = {"": 1.0, "R": 1.0, "k": 1e3, "M": 1e6, "m": 1e-3, "u": 1e-6, "n": 1e-9, "p": 1e-12}


class Assembly(StrEnum):
    """What is built as one thing. A station has one of each, but for what its circuits call optional."""

    UNIT = "unit"
    HARNESS = "harness"
    HOOD = "hood"
    TAP = "tap"
    RING_BOX = "ring box"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part. `pins`: pin number as printed in its datasheet to net; a pin that is not named is not connected."""

    ref: str
    item: str
    value: str = ""
    pins: Mapping[str, str] = field(default_factory=dict)
    what_for: str = ""

    @property
    def nets(self) -> tuple[str, ...]:
        """The nets in the order of the pins as written."""
        return tuple(self.pins.values())

    @property
    def size(self) -> float:
        """The value in ohms, farads or henries."""
        return number(self.value)

    @property
    def label(self) -> str:
        """The value as a drawing shows it."""
        unit = {"R": "Ω", "C": "F", "L": "H"}.get(self.ref[0])
        written = re.fullmatch(r"(\d+)([kMmunp]?)(\d*)", self.value)
        if unit is None or written is None:
            return self.value
        whole, sign, rest = written.groups()
        return f"{whole}{'.' if rest else ''}{rest} {sign.replace('u', 'µ')}{unit}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Circuit:
    """A circuit that is drawn and simulated as one. `ports`: the nets that leave it."""

    name: str
    title: str
    assembly: Assembly
    parts: tuple[Part, ...]
    ports: tuple[str, ...]
    is_optional: bool = False

    def part(self, ref: str) -> Part:
        """Return a part by its reference. Raises `KeyError` if there is none."""
        for part in self.parts:
            if part.ref == ref:
                return part
        raise KeyError(ref)

    def connections(self) -> dict[str, set[tuple[str, str]]]:
        """Return every net with the pins on it, as (reference, pin)."""
        found: dict[str, set[tuple[str, str]]] = {}
        for part in self.parts:
            for pin, net in part.pins.items():
                found.setdefault(net, set()).add((part.ref, pin))
        return found


def number(value: str) -> float:
    """Return a value such as 4k7, 100n, 330 or 1M5 as a number. Raises `ConfigError` if it is none."""
    for sign, factor in UNITS.items():
        whole, found, rest = value.partition(sign) if sign else (value, "", "")
        if found or not sign:
            try:
                return float(f"{whole}.{rest or 0}" if "." not in whole else whole) * factor
            except ValueError:
                continue
    raise ConfigError("circuit", [f"{value!r} is no value; write it like 4k7, 100n or 330"])


def gpio(line: Input | Output) -> str:
    """Return the net of a line of the pinout."""
    return f"GPIO{line.bcm}"


def header_pin(line: Input | Output) -> int:
    """Return where a line is on the 40-pin header."""
    return HEADER[line.bcm]


# A row of a parts list reads best without names.
def two(ref: str, item: str, value: str, first: str, second: str, what_for: str = "") -> Part:  # noqa: PLR0917 (see above)
    """Return a part with two pins that are called 1 and 2; of a diode 1 is the cathode, as on its body."""
    return Part(ref=ref, item=item, value=value, pins={"1": first, "2": second}, what_for=what_for)


def complaints(circuits: Iterable[Circuit]) -> list[str]:
    """Return what is wrong with the netlists: a reference used twice, a net with one pin that is no port."""
    found, seen = [], set[str]()
    for circuit in circuits:
        for part in circuit.parts:
            if part.ref in seen:
                found.append(f"{circuit.name}: {part.ref} is used twice")
            seen.add(part.ref)
        for net, pins in circuit.connections().items():
            if len(pins) < 2 and net not in circuit.ports:
                ((ref, pin),) = pins
                found.append(f"{circuit.name}: pin {pin} of {ref} is alone on net {net}")
    return found
