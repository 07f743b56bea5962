"""What is KiCad told to build? One JSON document from the circuits, the layout and the enclosure."""

from typing import Any, Final

from hardware.carrier import layout
from hardware.circuits.model import GROUND
from hardware.enclosure import dimensions as d

VIA: Final = (0.8, 0.4)
"""Diameter and drill: what every maker of boards does without a surcharge."""

TRACK: Final = 0.4
POWER_TRACK: Final = 0.8
POWER: Final = frozenset({GROUND, "3V3", "5V"})
PHONE: Final = ("KEY_A", "KEY_B", "KEY_1")
"""The nets that belong to the phone: nothing of ours may be near them."""

PHONE_APART_MM: Final = 6.0
SPACER: Final = 5.4
"""A spacer M2.5 is 5 mm wide."""

KEY_A, KEY_B = (88.86, 30.305 + 7 * 2.77), (88.86 + 2.84, 30.305 + 1.385 + 6 * 2.77)


def outline() -> list[layout.Point]:
    """Return the board's corners, clockwise from the rear left, with the tongue for the station socket."""
    main, ear = d.CARRIER, d.CARRIER_EAR
    corners = (
        (main.low[0], main.high[1]),
        (main.high[0], main.high[1]),
        (main.high[0], ear.high[1]),
        (ear.high[0], ear.high[1]),
        (ear.high[0], ear.low[1]),
        (main.high[0], ear.low[1]),
        (main.high[0], main.low[1]),
        (main.low[0], main.low[1]),
    )
    return [layout.of_box(*corner) for corner in corners]


def _rectangle(x0: float, y0: float, x1: float, y1: float) -> list[layout.Point]:
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def _around(at: layout.Point) -> list[layout.Point]:
    """Return the place of a spacer or a screw's head: no copper may lie below it."""
    return _rectangle(at[0] - SPACER / 2, at[1] - SPACER / 2, at[0] + SPACER / 2, at[1] + SPACER / 2)


def phone_area() -> list[layout.Point]:
    """Return the place where no copper of ours may be: 6 mm around the phone's nets, up to the station socket."""
    x = layout.CONTACT_AT[0] + 7.62 - 0.8 - PHONE_APART_MM
    return _rectangle(x, 48.31 - 0.25 - PHONE_APART_MM, 87.4, 53.04 + 0.8 + PHONE_APART_MM)


def socket_area() -> list[layout.Point]:
    """Return the station socket's place: in it the distance between its contacts is all that there is."""
    return _rectangle(86.0, 28.0, 99.4, 58.9)


def _open_pads() -> dict[tuple[str, str], str]:
    """Return the pads that nothing is on, with the names that KiCad gives to their nets."""
    parts = layout.parts()
    header = {
        ("J1", str(n)): f"unconnected-(J1-Pin_{n}-Pad{n})" for n in range(1, 41) if str(n) not in parts["J1"].pins
    }
    socket = {("J2", str(n)): f"unconnected-(J2-Pad{n})" for n in range(1, 16) if str(n) not in parts["J2"].pins}
    return header | socket


def document() -> dict[str, Any]:
    """Return the job: parts with pads and places, outline, holes, areas, the phone's tracks, texts."""
    placed, parts = layout.placed(), layout.parts()
    open_pads = _open_pads()
    nets = sorted({net for part in parts.values() for net in part.pins.values()} | set(open_pads.values()))
    contact = layout.CONTACT_AT
    key_1, key_b = (contact[0] + 7.62, contact[1] + 2.54), (contact[0] + 7.62, contact[1])
    resistor = layout.FIXED["R114"].at
    return {
        "nets": nets,
        "ground_net": GROUND,
        "via": VIA,
        "outline": outline(),
        "ground": outline(),
        "holes": [layout.of_box(*at) for at in (*d.PI_POSTS, *d.CARRIER_POSTS)],
        "parts": {
            ref: {
                "value": part.value,
                "footprint": placed[ref][1],
                "place": {
                    "at": placed[ref][0].at,
                    "turn_deg": placed[ref][0].turn_deg,
                    "is_below": placed[ref][0].is_below,
                },
                "pads": layout.pads(part) | {pad: net for (of, pad), net in open_pads.items() if of == ref},
            }
            for ref, part in sorted(parts.items())
        },
        "keepouts": [
            {"name": "phone", "points": phone_area(), "is_empty": True, "has_pour": False},
            {
                "name": "phone in front",
                "points": _rectangle(87.4, 51.2, 99.4, 59.84),
                "is_empty": True,
                "has_pour": False,
            },
            {"name": "contacts", "points": _rectangle(87.4, 42.06, 99.4, 51.2), "is_empty": False, "has_pour": False},
            {"name": "socket", "points": socket_area(), "is_empty": False, "has_pour": True},
            *(
                {"name": f"spacer {number}", "points": _around(layout.of_box(*at)), "is_empty": True, "has_pour": False}
                for number, at in enumerate((*d.PI_POSTS, *d.CARRIER_POSTS), 1)
            ),
        ],
        "tracks": [
            {
                "net": "KEY_1",
                "layer": "F.Cu",
                "width": 0.5,
                "points": [key_1, (resistor[0] - 0.84, key_1[1]), resistor],
            },
            {
                "net": "KEY_A",
                "layer": "F.Cu",
                "width": 0.5,
                "points": [(resistor[0] + 2.54, resistor[1]), (KEY_A[0] - 2.5, resistor[1]), KEY_A],
            },
            {
                "net": "KEY_B",
                "layer": "F.Cu",
                "width": 0.4,
                "points": [key_b, (key_b[0] + 2.19, KEY_B[1]), (86.4, KEY_B[1]), KEY_B],
            },
        ],
        "texts": [
            {"words": "PHONE", "at": (83.5, 45.0), "size": 1.4},
            {"words": "6 mm: keep clear", "at": (79.6, 57.6), "size": 0.9},
            {"words": "pi-companion carrier", "at": (58.5, 94.2), "size": 1.2},
        ],
    }
