"""What does the schematic look like to KiCad? Every part of the carrier with a named label at every pin.

The drawings that people read are those of the circuits; this one is for KiCad's rule check and for whoever changes the
board there. Symbols of resistors and the like are KiCad's own; the chips are boxes with typed pins, so that the check
knows an output from an input.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import NAMESPACE_URL, uuid5

from hardware.carrier import layout
from hardware.circuits.everything import CIRCUITS
from hardware.circuits.model import GROUND, Assembly, Part

SYMBOLS: Final[Mapping[str, str]] = {
    "R": "Device:R",
    "RV": "Device:R_Potentiometer",
    "C": "Device:C",
    "C602": "Device:C_Polarized",
    "D": "Device:D",
    "D541": "Device:LED",
    "D551": "Device:LED",
    "D561": "Device:LED",
    "D571": "Device:LED",
    "SW": "Switch:SW_Push",
    "J1": "Connector_Generic:Conn_02x20_Odd_Even",
    "J2": "Connector:DA15_Socket",
    "J601": "Connector_Generic:Conn_01x04",
    "J602": "Connector_Generic:Conn_01x04",
    "U101": "carrier:TLC3702",
    "U201": "carrier:LM339",
    "K101": "carrier:AQY212EH",
}
"""The symbol of a part by its reference, else by the letters it begins with."""

CHIPS: Final[Mapping[str, Mapping[str, tuple[str, str]]]] = {
    # symbol: pin number to name and electrical type
    "TLC3702": {
        "1": ("OUT1", "output"),
        "2": ("IN1-", "input"),
        "3": ("IN1+", "input"),
        "4": ("GND", "power_in"),
        "5": ("IN2+", "input"),
        "6": ("IN2-", "input"),
        "7": ("OUT2", "output"),
        "8": ("VDD", "power_in"),
    },
    "LM339": {
        "1": ("OUT2", "open_collector"),
        "2": ("OUT1", "open_collector"),
        "3": ("VCC", "power_in"),
        "4": ("IN1-", "input"),
        "5": ("IN1+", "input"),
        "6": ("IN2-", "input"),
        "7": ("IN2+", "input"),
        "8": ("IN3-", "input"),
        "9": ("IN3+", "input"),
        "10": ("IN4-", "input"),
        "11": ("IN4+", "input"),
        "12": ("GND", "power_in"),
        "13": ("OUT4", "open_collector"),
        "14": ("OUT3", "open_collector"),
    },
    "AQY212EH": {
        "1": ("A", "passive"),
        "2": ("K", "passive"),
        "3": ("B", "passive"),
        "4": ("A", "passive"),
    },
}

SUPPLIES: Final = (GROUND, "3V3", "5V")
Pins = Mapping[str, tuple[float, float, int]]
"""Where the ends of a symbol's pins are, and which way they point."""

STEP: Final = 2.54
SHEET_MM: Final = (594.0, 420.0)
PROJECT: Final = "carrier"
ROOT: Final = str(uuid5(NAMESPACE_URL, "pi-companion carrier"))


def _id(*words: object) -> str:
    return str(uuid5(NAMESPACE_URL, " ".join(map(str, ("pi-companion carrier", *words)))))


def symbol_of(ref: str) -> str:
    """Return which symbol a part has."""
    return SYMBOLS.get(ref) or SYMBOLS[re.match(r"[A-Z]+", ref)[0]]  # type: ignore[index]  # every reference begins so


def _chip(name: str) -> str:
    """Return a box with the first half of its pins at the left, downwards, and the rest at the right, upwards."""
    pins = CHIPS[name]
    half = len(pins) // 2
    drawn = []
    for place, (number, (label, kind)) in enumerate(pins.items()):
        is_left = place < half
        row = place if is_left else len(pins) - 1 - place
        x, turn = (-12.7, 0) if is_left else (12.7, 180)
        drawn.append(
            f"(pin {kind} line (at {x} {(half - 1 - row) * STEP:g} {turn}) (length 2.54)"
            f' (name "{label}" (effects (font (size 1.27 1.27))))'
            f' (number "{number}" (effects (font (size 1.27 1.27)))))'
        )
    top = half * STEP
    hidden = " ".join(
        f'(property "{key}" "{value}" (at 0 {y:g} 0) (effects (font (size 1.27 1.27)){hide}))'
        for key, value, y, hide in (
            ("Reference", "U", top + 2, ""),
            ("Value", name, -4, ""),
            ("Footprint", "", 0, " (hide yes)"),
            ("Datasheet", "", 0, " (hide yes)"),
            ("Description", "", 0, " (hide yes)"),
        )
    )
    return (
        f'(symbol "{name}" (pin_names (offset 1.016)) (exclude_from_sim no) (in_bom yes) (on_board yes) {hidden}'
        f' (symbol "{name}_0_1" (rectangle (start -10.16 {top:g}) (end 10.16 -2.54)'
        " (stroke (width 0.254) (type default)) (fill (type background))))"
        f' (symbol "{name}_1_1" {" ".join(drawn)}))'
    )


def library() -> str:
    """Return the project's own symbol library."""
    chips = "\n".join(_chip(name) for name in CHIPS)
    return f'(kicad_symbol_lib (version 20241209) (generator "pi_companion") (generator_version "9.0")\n{chips}\n)\n'


def _from_kicad(folder: Path, symbol: str) -> str:
    """Return a symbol's text out of KiCad's libraries, named with its library as a schematic names it."""
    name, _, part = symbol.partition(":")
    if name == PROJECT:
        return _chip(part).replace(f'(symbol "{part}" ', f'(symbol "{symbol}" ', 1)
    text = (folder / f"{name}.kicad_sym").read_text(encoding="utf-8")
    begin = text.index(f'\t(symbol "{part}"\n')
    block = text[begin : text.index("\n\t)\n", begin) + 3]
    return block.replace(f'(symbol "{part}"', f'(symbol "{symbol}"', 1)


_PIN: Final = re.compile(r'\(pin \w+ \w+\s+\(at ([-\d.]+) ([-\d.]+) (\d+)\).*?\(number "(\w+)"', re.DOTALL)


def pins_of(block: str) -> dict[str, tuple[float, float, int]]:
    """Return where the ends of a symbol's pins are, and which way they point."""
    return {number: (float(x), float(y), int(turn)) for x, y, turn, number in _PIN.findall(block)}


@dataclass(slots=True)
class _Cursor:
    """Where the next part goes: from the left, in rows."""

    x: float = 20 * STEP / 2
    y: float = 30 * STEP / 2
    tall: float = 0

    def next(self, width: float, height: float) -> tuple[float, float]:
        """Return the middle of the next free place of this size."""
        if self.x + width > SHEET_MM[0] - 20:
            self.row()
        x, y = self.x + width / 2, self.y + height / 2
        self.x += width
        self.tall = max(self.tall, height)
        return round(x / STEP) * STEP, round(y / STEP) * STEP

    def row(self) -> None:
        """Begin a row."""
        self.x, self.y, self.tall = 20 * STEP / 2, self.y + self.tall + 2 * STEP, 0


_OUTWARDS: Final = {0: (180, "right"), 90: (270, "right"), 180: (0, "left"), 270: (90, "left")}


def _label(net: str, x: float, y: float, pin_turn: int, *key: object) -> str:
    turn, side = _OUTWARDS[pin_turn]
    return (
        f'(global_label "{net}" (shape passive) (at {x:g} {y:g} {turn}) (fields_autoplaced yes)'
        f' (effects (font (size 1.27 1.27)) (justify {side})) (uuid "{_id("label", *key)}")'
        f' (property "Intersheetrefs" "${{INTERSHEET_REFS}}" (at {x:g} {y:g} 0)'
        " (effects (font (size 1.27 1.27)) (hide yes))))"
    )


def _instance(ref: str, symbol: str, value: str, footprint: str, *, at: tuple[float, float], pins: Pins) -> str:
    x, y = at
    hide = " (hide yes)"
    is_wide = {turn for _, _, turn in pins.values()} <= {0, 180}
    above = -max(up for _, up, _ in pins.values()) - 7.62
    over, under = ((-5.08, above), (-5.08, above + 2.54)) if is_wide else ((2.54, -1.27), (2.54, 1.27))
    fields = "\n".join(
        f'(property "{key}" "{text}" (at {x + dx:g} {y + dy:g} 0)'
        f" (effects (font (size 1.27 1.27)) (justify left){hidden}))"
        for key, text, dx, dy, hidden in (
            ("Reference", ref, *over, hide if ref.startswith("#") else ""),
            ("Value", value, *under, ""),
            ("Footprint", footprint, 0, 0, hide),
            ("Datasheet", "", 0, 0, hide),
            ("Description", "", 0, 0, hide),
        )
    )
    ends = " ".join(f'(pin "{number}" (uuid "{_id("pin", ref, number)}"))' for number in pins)
    return (
        f'(symbol (lib_id "{symbol}") (at {x:g} {y:g} 0) (unit 1) (exclude_from_sim no) (in_bom yes) (on_board yes)'
        f' (dnp no) (uuid "{_id("symbol", ref)}")\n{fields}\n{ends}\n'
        f'(instances (project "{PROJECT}" (path "/{ROOT}" (reference "{ref}") (unit 1)))))'
    )


def _size(pins: Pins) -> tuple[float, float]:
    """Return how much room a symbol takes, with labels at its pins."""
    xs, ys = [x for x, _, _ in pins.values()], [y for _, y, _ in pins.values()]
    turns = {turn for _, _, turn in pins.values()}
    wide = max(xs) - min(xs) + (17 * STEP if turns & {0, 180} else 9 * STEP)
    high = max(ys) - min(ys) + (14 * STEP if turns & {90, 270} else 6 * STEP)
    return wide, high


def schematic(folder: Path) -> str:
    """Return the schematic; `folder`: KiCad's symbol libraries."""
    on_board = layout.parts()
    placed = layout.placed()
    blocks = {name: _from_kicad(folder, name) for name in sorted({*map(symbol_of, on_board), "power:PWR_FLAG"})}
    geometry = {name: pins_of(block) for name, block in blocks.items()}
    body: list[str] = []
    cursor = _Cursor()
    for circuit in CIRCUITS:
        mine = [part for part in circuit.parts if part.ref in on_board]
        if circuit.assembly is not Assembly.UNIT or not mine:
            continue
        cursor.row()
        body.append(_title(circuit.title, cursor))
        for part in sorted(mine, key=lambda part: _size(geometry[symbol_of(part.ref)])):
            symbol = symbol_of(part.ref)
            at = cursor.next(*_size(geometry[symbol]))
            body += _part(part, symbol, placed[part.ref][1], at, geometry[symbol])
    cursor.row()
    for number, net in enumerate(SUPPLIES, 1):
        x, y = cursor.next(20 * STEP, 10 * STEP)
        body.append(
            _instance(f"#FLG{number:02}", "power:PWR_FLAG", "PWR_FLAG", "", at=(x, y), pins=geometry["power:PWR_FLAG"])
        )
        body.append(_label(net, x, y, 90, "flag", net))
    symbols = "\n".join(blocks[name] for name in sorted(blocks))
    return (
        f'(kicad_sch (version 20250114) (generator "pi_companion") (generator_version "9.0") (uuid "{ROOT}")\n'
        f'(paper "A2")\n(title_block (title "pi-companion carrier board"))\n(lib_symbols\n{symbols}\n)\n'
        + "\n".join(body)
        + '\n(sheet_instances (path "/" (page "1")))\n(embedded_fonts no)\n)\n'
    )


def _title(words: str, cursor: _Cursor) -> str:
    return (
        f'(text "{words}" (exclude_from_sim no) (at {cursor.x:g} {cursor.y - STEP:g} 0)'
        f' (effects (font (size 2.54 2.54)) (justify left)) (uuid "{_id("title", words)}"))'
    )


def _part(part: Part, symbol: str, footprint: str, at: tuple[float, float], pins: Pins) -> list[str]:
    nets = layout.pads(part)
    drawn = [_instance(part.ref, symbol, part.value, footprint, at=at, pins=pins)]
    for number, (x, y, turn) in pins.items():
        end = at[0] + x, at[1] - y
        if number in nets:
            drawn.append(_label(nets[number], *end, turn, part.ref, number))
        else:
            drawn.append(f'(no_connect (at {end[0]:g} {end[1]:g}) (uuid "{_id("nc", part.ref, number)}"))')
    return drawn
