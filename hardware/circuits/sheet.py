"""Draws a circuit, and reads back from the drawing whether it says what the netlist says.

A sheet places the parts of one circuit and the wires between them; labels and values come from the netlist. What the
drawing connects is then read back from its coordinates, and `complaints` compares that with the netlist: a wire that is
missing, or one too many, is told.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final, Literal

import schemdraw
import schemdraw.elements as elm
from schemdraw.segments import Segment, SegmentPoly, SegmentText

from hardware.circuits.model import Circuit

Point = tuple[float, float]
Align = tuple[Literal["left", "center", "right"], Literal["top", "center", "bottom"]]

schemdraw.use("svg")
schemdraw.config(fontsize=11, lw=1.4, font="sans-serif", margin=0.4, bgcolor="white")

_TWO: Final[Mapping[str, Any]] = {
    "resistor": elm.ResistorIEC,
    "pulse-resistor": elm.ResistorIEC,
    "fusible-10": elm.FuseIEC,
    "trimmer": elm.RBoxVar,
    "varistor-175": elm.RBoxVar,
    "electrolytic-10u": elm.Capacitor2,
    "zener-62": elm.Zener,
    "1N4148": elm.Diode,
    "led-green": elm.LED,
    "led-amber": elm.LED,
    "led-red": elm.LED,
    "led-blue": elm.LED,
    "button": elm.Button,
}


_ALIGNED: Final[Mapping[str, Align]] = {
    "top": ("center", "bottom"),
    "bottom": ("center", "top"),
    "left": ("right", "center"),
    "right": ("left", "center"),
}
"""How a text lies that stands on this side of a thing."""

_DECIMALS: Final = re.compile(r"-?\d+\.\d+(?:e-?\d+)?")


class Box(elm.Element):  # type: ignore[no-untyped-call]  # schemdraw's base class has an untyped hook
    """A part drawn as a box: pins by number, each with its place on the outline and the word inside."""

    def __init__(self, size: Point, title: str, pins: Mapping[str, tuple[Point, str]]) -> None:
        super().__init__()
        width, height = size
        self.segments.append(SegmentPoly([(0, 0), (width, 0), (width, height), (0, height)], closed=True))
        self.segments.append(SegmentText((width / 2, height + 0.12), title, align=("center", "bottom"), fontsize=10))
        for pin, ((x, y), word) in pins.items():
            is_left = x <= 0
            end = (x - 0.5 if is_left else x + 0.5, y)
            self.segments.append(Segment([(x, y), end]))
            side: Align = ("left", "center") if is_left else ("right", "center")
            self.segments.append(SegmentText((x + (0.12 if is_left else -0.12), y), word, align=side, fontsize=9))
            above: Align = ("right", "bottom") if is_left else ("left", "bottom")
            self.segments.append(
                SegmentText((x + (-0.08 if is_left else 0.08), y + 0.04), pin, align=above, fontsize=8)
            )
            self.anchors[f"pin{pin}"] = end
        self.params["theta"] = 0


class Sheet:
    """A drawing of one circuit. Coordinates in units of a third of a resistor, x to the right, y up."""

    def __init__(self, circuit: Circuit) -> None:
        self.circuit = circuit
        self._drawing = schemdraw.Drawing(show=False)
        self._pins: dict[tuple[str, str], Point] = {}
        self._wires: list[tuple[Point, Point]] = []
        self._names: list[tuple[str, Point]] = []

    def two(self, ref: str, first: Point, second: Point, side: str = "") -> None:
        """Draw a part with two pins, pin 1 at `first`. `side`: where its label stands (top, bottom, left, right)."""
        part = self.circuit.part(ref)
        element = _TWO.get(part.item, elm.Capacitor)
        # schemdraw draws diodes from anode to cathode; the cathode is pin 1.
        is_diode = part.ref.startswith("D")
        start, end = (second, first) if is_diode else (first, second)
        drawn = element().at(start).to(end)
        is_upright = abs(first[0] - second[0]) < 0.01
        middle = ((first[0] + second[0]) / 2, (first[1] + second[1]) / 2)
        value = part.label if part.label != part.ref else ""
        self._drawing.add(drawn)
        side = side or ("right" if is_upright else "top")
        away = 1.0 if part.item.startswith("led-") else 0.8 if part.ref.startswith(("RV", "SW")) else 0.42
        shift = {"top": (0, away), "bottom": (0, -away - 0.2), "left": (-away, 0), "right": (away, 0)}[side]
        separator = "\n" if is_upright else "  "
        self.text(f"{ref}{separator}{value}", (middle[0] + shift[0], middle[1] + shift[1]), _ALIGNED[side])
        self._pins[ref, "1"], self._pins[ref, "2"] = first, second

    def box(self, ref: str, at: Point, size: Point, pins: Mapping[str, tuple[Point, str]], title: str = "") -> None:
        """Draw a part as a box with its lower left corner at `at`; places of pins are relative to that corner."""
        part = self.circuit.part(ref)
        self._drawing.add(Box(size, title or f"{ref}  {part.value}", pins).at(at))
        for pin, ((x, y), _) in pins.items():
            self._pins[ref, pin] = (at[0] + (x - 0.5 if x <= 0 else x + 0.5), at[1] + y)

    def comparator(self, ref: str, plus: Point, pins: tuple[str, str, str], *, is_plus_above: bool) -> Point:
        """Draw one comparator of a chip with its + input at `plus`; pins: +, -, out. Return where its output is."""
        element = elm.Opamp().right()
        if is_plus_above:
            element = element.flip()
        drawn = self._drawing.add(element.anchor("in2").at(plus))
        anchors = drawn.absanchors
        for pin, anchor in zip(pins, ("in2", "in1", "out"), strict=True):
            point = anchors[anchor]
            self._pins[ref, pin] = (round(float(point[0]), 3), round(float(point[1]), 3))
        centre = anchors["center"]
        self.text(ref, (float(centre[0]) + 0.15, float(centre[1]) + 1.0), ("left", "bottom"))
        for pin, shift in zip(pins, ((-0.15, 0.06), (-0.15, 0.06), (0.02, 0.06)), strict=True):
            x, y = self._pins[ref, pin]
            align: Align = ("right", "bottom") if pin != pins[2] else ("left", "bottom")
            self.text(pin, (x + shift[0], y + shift[1]), align, size=8)
        return self._pins[ref, pins[2]]

    def transistor(self, ref: str, collector: Point, emitter: Point) -> None:
        """Draw a phototransistor."""
        drawn = self._drawing.add(elm.NpnPhoto().right().anchor("collector").at(collector))
        point = drawn.absanchors["emitter"]
        start = (round(float(point[0]), 3), round(float(point[1]), 3))
        self.wire(start, emitter)
        self._pins[ref, "C"], self._pins[ref, "E"] = collector, start
        self.text(
            f"{ref}\n{self.circuit.part(ref).value}",
            (collector[0] + 0.4, (collector[1] + emitter[1]) / 2),
            ("left", "center"),
        )

    def transformer(self, ref: str, at: Point) -> None:
        """Draw a transformer with pin 2 at `at`, pin 1 above it, 3 and 4 on the other side."""
        drawn = self._drawing.add(elm.Transformer().right().at(at))
        for pin, anchor in (("1", "p1"), ("2", "p2"), ("3", "s1"), ("4", "s2")):
            point = drawn.absanchors[anchor]
            self._pins[ref, pin] = (round(float(point[0]), 3), round(float(point[1]), 3))
        self.text(f"{ref}\n{self.circuit.part(ref).value}", (at[0] + 0.5, at[1] + 1.9), ("center", "bottom"))

    def pin(self, ref: str, pin: str) -> Point:
        """Return where a pin is."""
        return self._pins[ref, pin]

    def wire(self, *points: Point) -> None:
        """Draw a wire through these points."""
        for start, end in pairwise(points):
            self._wires.append((start, end))
            self._drawing.add(elm.Line().at(start).to(end))

    def ground(self, at: Point) -> None:
        """Draw a ground symbol."""
        self._names.append(("GND", at))
        self._drawing.add(elm.Ground().theta(0).at(at))

    def net(self, name: str, at: Point, side: str = "left") -> None:
        """Name a net at a point: points of one name are one net. `side`: of the name; none: another text says it."""
        self._names.append((name, at))
        if side == "none":
            return
        shift = {"left": (-0.15, 0), "right": (0.15, 0), "top": (0, 0.25)}[side]
        self._drawing.add(elm.Dot(open=True, radius=0.08).at(at))
        self.text(name, (at[0] + shift[0], at[1] + shift[1]), _ALIGNED[side], colour="#1a4f9c")

    def text(
        self,
        words: str,
        at: Point,
        align: Align = ("left", "center"),
        *,
        size: float = 11,
        colour: str = "black",
    ) -> None:
        """Write something."""
        element = elm.Element()
        element.segments.append(
            SegmentText((0, 0), words, align=align, fontsize=size, color=colour, rotation_global=False)
        )
        element.params["theta"] = 0
        self._drawing.add(element.at(at))

    def svg(self) -> str:
        """Return the drawing, with dots where three wires meet; the same bytes for the same sheet."""
        for point in self._junctions():
            self._drawing.add(elm.Dot(radius=0.07).at(point))
        raw = self._drawing.get_imagedata("svg").decode()
        # Some digits of a float are the machine's; a hundredth of a point is enough.
        rounded = re.sub(r"<[^>]+>", lambda tag: _DECIMALS.sub(lambda found: f"{float(found[0]):.2f}", tag[0]), raw)
        return rounded.replace("-0.00", "0.00").rstrip() + "\n"

    def _junctions(self) -> list[Point]:
        ends = [point for wire in self._wires for point in wire] + list(self._pins.values())
        found = set()
        for point in ends:
            meeting = sum(_is_same(point, end) for end in ends) + 2 * sum(
                _is_inside(point, *wire) for wire in self._wires
            )
            if meeting >= 3:
                found.add((round(point[0], 3), round(point[1], 3)))
        return sorted(found)

    def connections(self) -> dict[frozenset[str], set[tuple[str, str]]]:
        """Return what the drawing connects: the names at each piece of copper, and the pins on it."""
        group: dict[int, int] = {}
        items: list[tuple[str, Any, Sequence[Point]]] = [
            *(("pin", key, [point]) for key, point in self._pins.items()),
            *(("name", name, [point]) for name, point in self._names),
            *(("wire", None, wire) for wire in self._wires),
        ]

        def root(place: int) -> int:
            while group.setdefault(place, place) != place:
                place = group[place]
            return place

        named: dict[str, int] = {}
        for one, (kind, key, points) in enumerate(items):
            if kind == "name":
                group[root(one)] = root(named.setdefault(key, one))
            for other in range(one):
                if _touch(points, items[other][2]):
                    group[root(one)] = root(other)
        found: dict[int, tuple[set[str], set[tuple[str, str]]]] = {}
        for place, (kind, key, _) in enumerate(items):
            names, pins = found.setdefault(root(place), (set(), set()))
            if kind == "name":
                names.add(key)
            elif kind == "pin":
                pins.add(key)
        return {frozenset(names) | {f"#{place}"}: pins for place, (names, pins) in found.items()}

    def complaints(self) -> list[str]:
        """Return where the drawing differs from the netlist; empty if it says the same."""
        drawn = self.connections()
        of_pin = {pin: names for names, pins in drawn.items() for pin in pins}
        found = [
            f"{ref} pin {pin} is not drawn"
            for part in self.circuit.parts
            for ref, pin in _pins(part.ref, part.pins)
            if (ref, pin) not in of_pin
        ]
        wanted = self.circuit.connections()
        for net, pins in wanted.items():
            groups = {of_pin[pin] for pin in pins if pin in of_pin}
            if len(groups) > 1:
                found.append(f"net {net} is drawn in {len(groups)} pieces")
            if net in self.circuit.ports and not any(net in names for names in groups):
                found.append(f"net {net} leaves the drawing without its name")
            for names in groups:
                others = {name for name in names if not name.startswith("#")} - {net}
                if others:
                    found.append(f"net {net} is also called {', '.join(sorted(others))}")
                extra = drawn[names] - pins
                if extra:
                    found.append(f"net {net} is joined with {', '.join(f'{ref} {pin}' for ref, pin in sorted(extra))}")
        for names, pins in drawn.items():
            if not pins and len(names) > 1:
                found.append(f"the name {', '.join(sorted(name for name in names if name[0] != '#'))} touches no pin")
        return found


def _pins(ref: str, pins: Iterable[str]) -> list[tuple[str, str]]:
    return [(ref, pin) for pin in pins]


def _is_same(one: Point, other: Point) -> bool:
    return abs(one[0] - other[0]) < 0.01 and abs(one[1] - other[1]) < 0.01


def _is_inside(point: Point, start: Point, end: Point) -> bool:
    """Whether a point is on a wire, but not at its ends."""
    if _is_same(point, start) or _is_same(point, end):
        return False
    across = (end[0] - start[0]) * (point[1] - start[1]) - (end[1] - start[1]) * (point[0] - start[0])
    along = (point[0] - start[0]) * (end[0] - start[0]) + (point[1] - start[1]) * (end[1] - start[1])
    length = (end[0] - start[0]) ** 2 + (end[1] - start[1]) ** 2
    return abs(across) < 0.01 * max(length**0.5, 1) and 0 < along < length


def _touch(one: Sequence[Point], other: Sequence[Point]) -> bool:
    """Whether two things are connected: an end of one is on the other. Wires that only cross are not."""
    if any(_is_same(first, second) for first in one for second in other):
        return True
    if len(other) == 2 and any(_is_inside(point, other[0], other[1]) for point in one):
        return True
    return len(one) == 2 and any(_is_inside(point, one[0], one[1]) for point in other)
