"""Does everything fit in the box? Numbers only: the solids themselves are asked by `make enclosure`."""

import json
import re
from dataclasses import replace

import pytest
from PIL import Image

from hardware.circuits import panel
from hardware.circuits.everything import CIRCUITS
from hardware.circuits.model import Assembly
from hardware.enclosure import clearances, sources
from hardware.enclosure import dimensions as d
from hardware.enclosure.dimensions import Board, Box, Opening, Panel, Wall

BOARDS_AND_PANELS = [(board, panel) for board in Board for panel in Panel]


def test_nothing_is_wrong_with_the_enclosure() -> None:
    assert clearances.complaints() == []


@pytest.mark.parametrize(("board", "panel"), BOARDS_AND_PANELS)
def test_every_pair_of_bodies_is_apart(board: Board, panel: Panel) -> None:
    assert clearances.spacing(board, panel) == []


def test_a_part_that_touches_a_wall_is_told() -> None:
    sunk = Box(name="brick", low=(2.5, 40, 10), high=(9, 50, 20))
    assert clearances.outside([sunk], clearances.interior(), ()) == [
        "brick is 0.10 mm from the left; 0.4 mm are needed"
    ]


def test_a_part_may_leave_through_an_opening_with_room_around_it() -> None:
    socket = Box(name="socket", low=(90, 50, 20), high=(101, 60, 30))
    fits = Opening(what="", wall=Wall.RIGHT, at=55, width=11, low=19, high=31)
    assert clearances.outside([socket], clearances.interior(), [fits]) == []
    assert clearances.outside([socket], clearances.interior(), [replace(fits, width=10.5)])


def test_two_parts_in_one_place_are_told() -> None:
    one = Box(name="one", low=(0, 0, 0), high=(10, 10, 10))
    near = Box(name="near", low=(10.3, 0, 0), high=(20, 10, 10))
    far = Box(name="far", low=(10.4, 0, 0), high=(20, 10, 10))
    assert clearances.collisions([one], [near, far], frozenset()) == [
        "one and near are 0.30 mm apart; 0.4 mm are needed"
    ]


def test_a_light_pipe_far_from_its_lens_is_told() -> None:
    assert clearances.light_pipes(rod_low=d.ROD_LOW + 1.2) == [
        "the rod ends 1.7 mm above the lens; 0.2 to 1 mm are meant"
    ]


def test_a_window_that_hides_the_picture_from_the_chair_is_told() -> None:
    assert clearances.windows(Panel.LARGE, margin=0.5) == [
        "seen from the chair the window's edge hides 0.97 mm of the picture"
    ]


def test_a_window_wider_than_the_glass_is_told() -> None:
    assert "the width of the window is wider than the glass behind it" in clearances.windows(Panel.LARGE, margin=3)


@pytest.mark.parametrize("tilt_deg", [0, 15, 45, 60])
def test_a_sensor_that_looks_over_or_below_the_agent_is_told(tilt_deg: float) -> None:
    assert clearances.sensor_view(tilt_deg)


def test_lights_and_buttons_are_those_of_the_circuits() -> None:
    assert (list(d.LEDS), set(d.BUTTONS)) == (list(panel.LEDS), set(panel.BUTTONS))


def test_lights_stand_from_the_left_as_the_readme_says() -> None:
    readme = (sources.HERE.parents[1] / "README.md").read_text(encoding="utf-8")
    rows = readme.split("| LED, from the left |")[1]
    named = [name for name in re.findall(r"^\| (\w+) \|", rows, re.MULTILINE) if name in d.LEDS]
    assert named == sorted(d.LEDS, key=lambda name: d.LEDS[name][0])


def test_the_unit_of_the_circuits_has_its_place() -> None:
    items = {part.item for circuit in CIRCUITS if circuit.assembly is Assembly.UNIT for part in circuit.parts}
    assert {"oled-128x64", "vl53l1x-module", "da15-socket", "header-40"} <= items


def test_every_part_fits_on_the_bed() -> None:
    facts = json.loads(sources.PARTS.read_text(encoding="utf-8"))["parts"]
    assert {name for name, fact in facts.items() if max(fact["size_mm"]) > d.BED} == set()
    assert len(facts) == 9


def test_parts_and_pictures_are_made_from_the_sources_as_they_are() -> None:
    """If this fails: make enclosure, look at the pictures, commit them."""
    stamps = {sources.PARTS.name: json.loads(sources.PARTS.read_text(encoding="utf-8"))[sources.STAMP]}
    for path in sorted(sources.PICTURES.glob("*.png")):
        with Image.open(path) as picture:
            stamps[path.name] = str(picture.info.get(sources.STAMP))
    assert stamps == dict.fromkeys(stamps, sources.fingerprint())


def test_every_picture_is_on_the_page_and_every_part_in_its_table() -> None:
    page = (sources.HERE / "README.md").read_text(encoding="utf-8")
    shown = set(re.findall(r"\(drawings/([\w-]+\.png)\)", page))
    assert shown == {path.name for path in sources.PICTURES.glob("*.png")}
    facts = json.loads(sources.PARTS.read_text(encoding="utf-8"))["parts"]
    rows = {
        f"| `{name}` | {' x '.join(f'{each:g}' for each in fact['size_mm'])} | {fact['solid_g']:g} |"
        for name, fact in facts.items()
    }
    assert {row for row in rows if row not in page} == set()
