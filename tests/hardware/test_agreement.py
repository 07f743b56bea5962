"""Is what the bill orders what the board and the box have room for? Pitch, connectors, heights, modules, presses."""

import json
import re
from math import hypot
from pathlib import Path

import pytest

from hardware.carrier import layout
from hardware.circuits.model import Part
from hardware.circuits.parts import ITEMS
from hardware.enclosure import dimensions as d
from pi_companion.core.limits import LONGEST_PULSE_MS
from tests.hardware.test_carrier import footprints, pad_places

HARDWARE = Path(__file__).parents[2] / "hardware"
ON_BOARD = layout.parts()
PITCHED = [part for part in ON_BOARD.values() if "pitch" in ITEMS[part.item].package]


def millimetres(words: str, text: str) -> list[float]:
    """Every number that stands at the place of `#` in words of a package's name."""
    return [float(each) for each in re.findall(words.replace("#", r"([\d.]+)"), text)]


def of(ref: str) -> str:
    return ITEMS[ON_BOARD[ref].item].package


@pytest.mark.parametrize("part", PITCHED, ids=lambda part: part.ref)
def test_the_pitch_that_is_ordered_is_the_pitch_on_the_board(part: Part) -> None:
    places = {number: at for number, _, at, _ in pad_places(footprints()[part.ref])}
    (x0, y0), (x1, y1) = places["1"], places["2"]

    assert round(hypot(x1 - x0, y1 - y0), 2) in millimetres("pitch # mm", ITEMS[part.item].package)


def test_every_kind_of_part_with_two_wires_says_its_pitch() -> None:
    assert {part.ref[0] for part in PITCHED} == {"R", "C", "D", "J"}
    assert [ref for ref, part in ON_BOARD.items() if ref[0] in "RC" and ref[:2] != "RV" and part not in PITCHED] == []


def test_the_plugs_of_panel_and_sensor_are_of_the_family_on_the_board() -> None:
    for ref in ("J601", "J602"):
        number = ITEMS[ON_BOARD[ref].item].number.split()[0]
        assert f"JST_XH_{number}_" in layout.placed()[ref][1], ref
    assert of("J601").startswith("JST XH 1x4")


def test_the_socket_on_the_pi_is_as_high_as_the_spacers_ask_for() -> None:
    assert millimetres("# mm high", of("J1")) == [d.HEADER_SOCKET]
    assert millimetres("# mm high", ITEMS["header-40"].name) == [d.HEADER_SOCKET]
    spacers = (HARDWARE / "enclosure" / "README.md").read_text(encoding="utf-8")
    assert f"spacer M2.5 x {d.SPACER:g} " in spacers


def test_the_buttons_reach_the_caps() -> None:
    for ref in ("SW511", "SW521", "SW531"):
        assert millimetres("# mm high", of(ref)) == [d.SWITCH_HEIGHT]


def test_the_sensor_and_the_panel_that_are_ordered_have_their_posts_in_the_lid() -> None:
    assert ITEMS["vl53l1x-module"].package == "module {:g} x {:g} mm".format(*d.SENSOR_BOARD)
    assert ITEMS["oled-128x64"].package.removeprefix("module ").removesuffix(" inch") in set(d.Panel)


@pytest.mark.parametrize(
    "what",
    ["pin stuck high, the shortest of all corners", "second press, 600 ms after the first (a retry), shortest corner"],
)
def test_no_setting_asks_for_a_press_that_the_one_shot_may_cut(what: str) -> None:
    figures = json.loads((HARDWARE / "circuits" / "figures.json").read_text(encoding="utf-8"))
    (shortest,) = [each["value"] for each in figures["mute-contact"] if each["what"] == what]

    assert shortest >= LONGEST_PULSE_MS
