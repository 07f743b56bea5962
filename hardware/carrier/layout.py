"""Where does each part of the unit lie on the board? Placed by hand where the box decides, in slots elsewhere.

Coordinates are KiCad's, in millimetres, y downwards: x is the box's x, y is 100 minus the box's y, so that the board on
the screen lies as it does before the agent, the rear edge at the top. LEDs, buttons, outline and holes come from the
enclosure's numbers; which resistor lies in which slot is found by swapping until the connections are short.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from hardware.circuits.everything import CIRCUITS
from hardware.circuits.model import GROUND, Assembly, Part
from hardware.circuits.parts import ITEMS
from hardware.enclosure import dimensions as d

Point = tuple[float, float]

NOT_ON_BOARD: Final = frozenset({"module 0.96 inch", "module 25.4 x 17.78 mm", "board", "plug-in", "card", "box"})
"""Packages of what belongs to the unit and is not soldered to the carrier."""

TRIMMER: Final = "3362P, 3 pins, used as a two-pin rheostat (wiper on pin 1)"
FLAT: Final = "Resistor_THT:R_Axial_DIN0207_L6.3mm_D2.5mm_P7.62mm_Horizontal"
STANDING: Final = "Resistor_THT:R_Axial_DIN0207_L6.3mm_D2.5mm_P2.54mm_Vertical"
FOOTPRINTS: Final[Mapping[str, str]] = {
    "axial 0207, pitch 7.62 mm lying, pitch 2.54 mm standing": FLAT,
    "axial DO-35, pitch 7.62 mm": "Diode_THT:D_DO-35_SOD27_P7.62mm_Horizontal",
    "radial film 7.2 x 5 mm, pitch 5 mm": "Capacitor_THT:C_Rect_L7.2mm_W5.5mm_P5.00mm_FKS2_FKP2_MKS2_MKP2",
    "radial film 7.2 x 7.2 mm, pitch 5 mm": "Capacitor_THT:C_Rect_L7.2mm_W7.2mm_P5.00mm_FKS2_FKP2_MKS2_MKP2",
    "radial disc, pitch 5 mm": "Capacitor_THT:C_Disc_D5.0mm_W2.5mm_P5.00mm",
    "radial 5 mm, pitch 2 mm": "Capacitor_THT:CP_Radial_D5.0mm_P2.00mm",
    TRIMMER: "Potentiometer_THT:Potentiometer_Vishay_T73YP_Vertical",
    "DIP-4": "Package_DIP:DIP-4_W7.62mm",
    "DIP-8": "Package_DIP:DIP-8_W7.62mm",
    "DIP-14": "Package_DIP:DIP-14_W7.62mm",
    "3 mm": "LED_THT:LED_D3.0mm",
    "tactile 12 x 12 mm, 7.3 mm high": "Button_Switch_THT:SW_PUSH-12mm",
    "JST XH 1x4, pitch 2.5 mm": "Connector_JST:JST_XH_B4B-XH-A_1x04_P2.50mm_Vertical",
    "socket 2x20, pitch 2.54 mm, 8.5 mm high": "Connector_PinSocket_2.54mm:PinSocket_2x20_P2.54mm_Vertical",
    "DA-15 female, right angle": (
        "Connector_Dsub:DSUB-15_Socket_Horizontal_P2.77x2.84mm_EdgePinOffset7.70mm_Housed_MountingHolesOffset9.12mm"
    ),
}
"""Which footprint of KiCad's library a package of the parts list gets."""

PADS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    # A trimmer as rheostat: the wiper is joined to pin 1 on the board, so a worn track reads as the full resistance.
    TRIMMER: {"1": ("1", "2"), "2": ("3",)},
}
"""Where a part's pins are not the footprint's pads of the same number."""

HEIGHTS_MM: Final[Mapping[str, float]] = {
    FLAT: 2.8,
    STANDING: 9.2,
    "Diode_THT:D_DO-35_SOD27_P7.62mm_Horizontal": 2.2,
    "Capacitor_THT:C_Rect_L7.2mm_W5.5mm_P5.00mm_FKS2_FKP2_MKS2_MKP2": 10.5,
    "Capacitor_THT:C_Rect_L7.2mm_W7.2mm_P5.00mm_FKS2_FKP2_MKS2_MKP2": 13.0,
    "Capacitor_THT:C_Disc_D5.0mm_W2.5mm_P5.00mm": 7.0,
    "Capacitor_THT:CP_Radial_D5.0mm_P2.00mm": 11.5,
    "Potentiometer_THT:Potentiometer_Vishay_T73YP_Vertical": 5.2,
    "Package_DIP:DIP-4_W7.62mm": 4.0,
    "Package_DIP:DIP-8_W7.62mm": 8.5,
    "Package_DIP:DIP-14_W7.62mm": 8.5,
    "Connector_JST:JST_XH_B4B-XH-A_1x04_P2.50mm_Vertical": 9.8,
}
"""How high a part stands on the board, chips in sockets, plugs with their cable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where pad 1 of a part lies, and its rotation, counter-clockwise. `is_below`: on the Pi's side."""

    at: Point
    turn_deg: float = 0
    is_below: bool = False


def of_box(x: float, y: float) -> Point:
    """Return a point of the box on the board."""
    return x, round(100 - y, 4)


def parts() -> dict[str, Part]:
    """Return every part that is soldered to the carrier, by reference."""
    return {
        part.ref: part
        for circuit in CIRCUITS
        if circuit.assembly is Assembly.UNIT
        for part in circuit.parts
        if ITEMS[part.item].package not in NOT_ON_BOARD
    }


def pads(part: Part) -> dict[str, str]:
    """Return each pad of a part with its net."""
    renamed = PADS.get(ITEMS[part.item].package, {})
    return {pad: net for pin, net in part.pins.items() for pad in renamed.get(pin, (pin,))}


def _header() -> Place:
    x, y = d.from_pi(d.PI_HEADER[0] - 24.13, d.PI_HEADER[1] - 1.27)
    return Place(at=of_box(x, y), turn_deg=90, is_below=True)


SOCKET_AT: Final = (d.CARRIER_EAR.high[0] - 10.54, 30.305)
"""Pad 1 of the station socket: its flange on the tongue's edge, its middle in the middle of the tongue."""

CONTACT_AT: Final = (72.0, 50.5)
"""K101: its light side to the left, its contact side into the phone's area."""

FIXED: Final[Mapping[str, Place]] = {
    "J1": _header(),
    "J2": Place(at=SOCKET_AT, turn_deg=90),
    "K101": Place(at=CONTACT_AT),
    "R114": Place(at=(82.2, 52.2)),
    **{
        f"D{ref}1": Place(at=of_box(x - 1.27, y)) for ref, (x, y) in zip((54, 55, 56, 57), d.LEDS.values(), strict=True)
    },
    **{
        f"SW{ref}1": Place(at=of_box(x - 6.25, y + 2.5))
        for ref, ((x, y), _) in zip((51, 52, 53), d.BUTTONS.values(), strict=True)
    },
    "U201": Place(at=(77.6, 19.4)),
    "C201": Place(at=(77.6, 15.6)),
    "RV211": Place(at=(72.4, 17.9)),
    "RV221": Place(at=(72.4, 25.05)),
    "RV231": Place(at=(72.4, 32.2)),
    "RV241": Place(at=(72.4, 39.35)),
    "C211": Place(at=(35.6, 15.4)),
    "C221": Place(at=(44.4, 15.8)),
    "C231": Place(at=(53.2, 15.4)),
    "C241": Place(at=(62.0, 15.4)),
    "J601": Place(at=(29.65, 21.0), turn_deg=-90),
    "J602": Place(at=(29.65, 34.6), turn_deg=-90),
    "C602": Place(at=(34.6, 21.45)),
    "C601": Place(at=(36.0, 30.3), turn_deg=90),
    "C101": Place(at=(29.6, 51.7), turn_deg=90),
    "C102": Place(at=(29.6, 59.55), turn_deg=90),
    "U101": Place(at=(60.6, 49.4)),
    "C103": Place(at=(62.4, 46.0)),
}
"""What the box, the station socket, the phone's area or a supply pin holds in its place."""

Slot = tuple[Place, str]


def _rows(x: float, start: float, count: int, footprint: str, step: float = 3.05) -> Iterator[Slot]:
    for row in range(count):
        yield Place(at=(x, round(start + row * step, 3))), footprint


SLOTS: Final[tuple[Slot, ...]] = (
    *_rows(39.6, 21.4, 12, FLAT),
    *_rows(49.6, 21.4, 12, FLAT),
    *_rows(59.4, 21.4, 7, FLAT),
    # Beside the panel there is height for standing ones.
    *_rows(34.2, 33.0, 9, STANDING),
    *_rows(39.6, 58.2, 1, STANDING),
    *_rows(45.0, 58.2, 1, STANDING),
    *_rows(50.3, 58.2, 1, STANDING),
    *_rows(55.6, 58.2, 1, STANDING),
    *((Place(at=(x, 60.7)), STANDING) for x in (72.0, 77.4)),
    # Between header and buttons.
    *((Place(at=(x, 75.4)), FLAT) for x in (34.0, 44.0, 54.0, 64.0, 74.0)),
    *_rows(62.4, 68.8, 2, FLAT),
    *_rows(72.9, 68.8, 2, STANDING),
    *((Place(at=(x, 76.6), turn_deg=90), FLAT) for x in (85.6, 88.8)),
    *((Place(at=(x, 76.2), turn_deg=90), FLAT) for x in (28.0, 31.1)),
    # Left of the buttons.
    *((Place(at=(x, 86.6), turn_deg=90), FLAT) for x in (27.8, 30.9)),
)
"""Where a resistor or a diode can lie; diodes only flat."""


def movable() -> list[Part]:
    """Return the parts that go into slots."""
    return [part for ref, part in parts().items() if ref not in FIXED]


def _ends(place: Place, footprint: str) -> tuple[Point, Point]:
    span = 2.54 if footprint == STANDING else 7.62
    (x, y) = place.at
    return ((x, y), (x, y - span)) if place.turn_deg == 90 else ((x, y), (x + span, y))


_TRUNKS: Final = frozenset({GROUND, "3V3"})
"""Nets that go everywhere: how far apart their pins are does not matter."""


def placed() -> dict[str, tuple[Place, str]]:
    """Return every part's place and footprint. The same on every machine: swaps are drawn from a fixed seed."""
    fixed = {ref: (place, FOOTPRINTS[ITEMS[parts()[ref].item].package]) for ref, place in FIXED.items()}
    fixed["R114"] = (FIXED["R114"], STANDING)  # short: it lies between two places of the phone's area
    return fixed | _settled(movable(), _anchors())


def _anchors() -> dict[str, list[Point]]:
    """Return for each net where the parts that do not move have it, roughly: at their pads."""
    anchors: dict[str, list[Point]] = {}
    for ref, place in FIXED.items():
        for pad, net in pads(parts()[ref]).items():
            if net not in _TRUNKS:
                anchors.setdefault(net, []).append(_pad_at(ref, pad, place))
    return anchors


def _pad_at(ref: str, pad: str, place: Place) -> Point:
    x, y = place.at
    number = int(pad)
    match ref:
        case "J1":
            return x - (number - 1) // 2 * 2.54, y + (0 if number % 2 else 2.54)
        case "J2":
            return (x, y + (number - 1) * 2.77) if number < 9 else (x + 2.84, y + 1.385 + (number - 9) * 2.77)
        case "U201" | "U101" | "K101":
            half = {"U201": 7, "U101": 4, "K101": 2}[ref]
            return (x, y + (number - 1) * 2.54) if number <= half else (x + 7.62, y + (2 * half - number) * 2.54)
        case "J601" | "J602":
            return x, y + (number - 1) * 2.5
        case _ if ref.startswith("RV"):
            return {"1": (x, y), "2": (x + 2.54, y - 2.54), "3": (x, y - 5.08)}[pad]
        case _ if ref.startswith("SW"):
            return x + 6.25, y + (number - 1) * 5
        case "C101" | "C102" | "C601":
            return x, y - (number - 1) * 5
        case _:
            return x + (number - 1) * {"R114": 2.54, "C602": 2.0}.get(ref, 2.54 if ref.startswith("D") else 5.0), y


STEPS: Final = 60_000


def _settled(moving: Sequence[Part], anchors: Mapping[str, list[Point]]) -> dict[str, tuple[Place, str]]:
    """Swap parts between slots, at first also for the worse, until the nets' boxes are small."""
    if len(moving) > len(SLOTS):
        message = f"{len(moving)} parts, {len(SLOTS)} slots"
        raise ValueError(message)
    dice = random.Random(1)  # noqa: S311 (a placement, no secret)
    at: list[Part | None] = [*sorted(moving, key=lambda part: part.ref[0] != "D"), *[None] * (len(SLOTS) - len(moving))]
    nets: dict[str, list[Part]] = {}
    for part in moving:
        for net in set(part.pins.values()) - _TRUNKS:
            nets.setdefault(net, []).append(part)
    where = {part.ref: place for place, part in enumerate(at) if part}

    def length(net: str) -> float:
        points = list(anchors.get(net, []))
        for part in nets[net]:
            ends = _ends(*SLOTS[where[part.ref]])
            points += [end for end, pin in zip(ends, ("1", "2"), strict=True) if part.pins[pin] == net]
        xs, ys = [x for x, _ in points], [y for _, y in points]
        return max(xs) - min(xs) + max(ys) - min(ys)

    def allowed(part: Part | None, place: int) -> bool:
        return part is None or part.ref[0] != "D" or SLOTS[place][1] == FLAT

    warmth = 25.0
    for _ in range(STEPS):
        one, other = dice.randrange(len(at)), dice.randrange(len(at))
        first, second = at[one], at[other]
        if (first is None and second is None) or not allowed(first, other) or not allowed(second, one):
            continue
        touched = {net for part in (first, second) if part for net in part.pins.values()} - _TRUNKS
        before = sum(length(net) for net in sorted(touched))
        _swap(at, where, one, other)
        gain = before - sum(length(net) for net in sorted(touched))
        if gain < 0 and dice.random() >= 2.718281828 ** (gain / warmth):
            _swap(at, where, one, other)
        warmth = max(warmth * 0.9999, 0.05)
    return {
        part.ref: (SLOTS[place][0], SLOTS[place][1] if part.ref[0] == "R" else FOOTPRINTS[ITEMS[part.item].package])
        for place, part in enumerate(at)
        if part
    }


def _swap(at: list[Part | None], where: dict[str, int], one: int, other: int) -> None:
    at[one], at[other] = at[other], at[one]
    for place in (one, other):
        part = at[place]
        if part:
            where[part.ref] = place
