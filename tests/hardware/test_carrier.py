"""Is the board the circuits' board, is the phone's side apart, and are report and gerbers about it? Without KiCad."""

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from math import cos, radians, sin

import pytest

from hardware.carrier import job, layout, project, router, sexpr
from hardware.carrier.schematic import pins_of, symbol_of
from hardware.circuits.model import GROUND, gpio
from hardware.circuits.parts import ITEMS
from hardware.enclosure import clearances
from hardware.enclosure import dimensions as d
from pi_companion.pinout import HEADER, I2C, Pinout

Point = tuple[float, float]


@cache
def board() -> sexpr.Node:
    return sexpr.read(project.BOARD.read_text(encoding="utf-8"))


@cache
def footprints() -> dict[str, sexpr.Node]:
    return {sexpr.field(each, "Reference"): each for each in sexpr.every(board(), "footprint")}


def pad_nets(footprint: sexpr.Node) -> dict[str, str]:
    found = {}
    for pad in sexpr.every(footprint, "pad"):
        for net in sexpr.every(pad, "net"):
            found[sexpr.words(pad)[0]] = sexpr.words(net)[-1]
    return found


def pad_places(footprint: sexpr.Node) -> Iterator[tuple[str, str, Point, float]]:
    """Every pad as number, net, place on the board, and half its larger side."""
    x, y, *turn = sexpr.numbers(sexpr.one(footprint, "at"))
    angle = radians(turn[0] if turn else 0)
    for pad in sexpr.every(footprint, "pad"):
        px, py = sexpr.numbers(sexpr.one(pad, "at"))[:2]
        at = (x + px * cos(angle) + py * sin(angle), y - px * sin(angle) + py * cos(angle))
        nets = [sexpr.words(net)[-1] for net in sexpr.every(pad, "net")]
        yield sexpr.words(pad)[0], (nets or [""])[0], at, max(sexpr.numbers(sexpr.one(pad, "size"))) / 2


def tracks() -> Iterator[tuple[str, str, Point, Point, float]]:
    """Every track as net, layer, ends, half its width."""
    names = {sexpr.words(net)[0]: sexpr.words(net)[1] for net in sexpr.every(board(), "net")}
    for segment in sexpr.every(board(), "segment"):
        ends = [tuple(sexpr.numbers(sexpr.one(segment, end))) for end in ("start", "end")]
        width = sexpr.numbers(sexpr.one(segment, "width"))[0] / 2
        net = sexpr.words(sexpr.one(segment, "net"))[0]
        yield names[net], sexpr.words(sexpr.one(segment, "layer"))[0], ends[0], ends[1], width  # type: ignore[misc]  # two numbers each


def vias() -> Iterator[tuple[str, Point, float]]:
    names = {sexpr.words(net)[0]: sexpr.words(net)[1] for net in sexpr.every(board(), "net")}
    for via in sexpr.every(board(), "via"):
        x, y = sexpr.numbers(sexpr.one(via, "at"))
        net = sexpr.words(sexpr.one(via, "net"))[0]
        yield names[net], (x, y), sexpr.numbers(sexpr.one(via, "size"))[0] / 2


def test_every_package_of_the_unit_has_a_footprint_or_is_none_of_the_boards() -> None:
    assert {ITEMS[part.item].package for part in layout.parts().values()} <= set(layout.FOOTPRINTS)


def test_the_boards_parts_and_nets_are_those_of_the_circuits() -> None:
    parts, placed = layout.parts(), layout.placed()
    wanted = {ref: (part.value, placed[ref][1], layout.pads(part)) for ref, part in parts.items()}
    built = {
        ref: (
            sexpr.field(each, "Value"),
            sexpr.words(each)[0],
            {pad: net for pad, net in pad_nets(each).items() if not net.startswith("unconnected-")},
        )
        for ref, each in footprints().items()
        if not ref.startswith("H")
    }
    assert built == wanted


def test_the_schematics_parts_and_nets_are_those_of_the_circuits() -> None:
    text = project.SCHEMATIC.read_text(encoding="utf-8")
    sheet = sexpr.read(text)
    labels = {
        tuple(sexpr.numbers(sexpr.one(each, "at"))[:2]): sexpr.words(each)[0]
        for each in sexpr.every(sheet, "global_label")
    }
    blocks = {sexpr.words(each)[0]: each for each in sexpr.every(sexpr.one(sheet, "lib_symbols"), "symbol")}
    drawn = {}
    for symbol in sexpr.every(sheet, "symbol"):
        ref, name = sexpr.field(symbol, "Reference"), sexpr.words(sexpr.one(symbol, "lib_id"))[0]
        if ref.startswith("#"):
            continue
        x, y = sexpr.numbers(sexpr.one(symbol, "at"))[:2]
        ends = pins_of(_text(blocks[name]))
        nets = {pin: labels.get((round(x + px, 2), round(y - py, 2))) for pin, (px, py, _) in ends.items()}
        drawn[ref] = (sexpr.field(symbol, "Value"), name, {pin: net for pin, net in nets.items() if net})
    assert drawn == {ref: (part.value, symbol_of(ref), layout.pads(part)) for ref, part in layout.parts().items()}


def _text(node: sexpr.Node) -> str:
    """A node as text again, quoted throughout where `pins_of` looks for quotes."""
    return "(" + " ".join(_text(each) if isinstance(each, list) else _word(node, each) for each in node) + ")"


def _word(node: sexpr.Node, word: str) -> str:
    return f'"{word}"' if node[0] in ("number", "name") and word != node[0] else word


def test_every_line_of_the_pinout_is_on_its_pin_of_the_header() -> None:
    header = pad_nets(footprints()["J1"])
    lines = {str(HEADER[line.bcm]): gpio(line) for line in Pinout().lines().values()}
    bus = {str(HEADER[bcm]): f"GPIO{bcm}" for bcm in I2C.values()}
    assert {pin: header[pin] for pin in lines | bus} == lines | bus


def test_the_mute_pin_has_its_pull_down_on_the_board() -> None:
    assert pad_nets(footprints()["R102"]) == {"1": gpio(Pinout().mute_contact), "2": GROUND}


def test_the_header_lies_over_the_pis_header() -> None:
    places = {number: at for number, _, at, _ in pad_places(footprints()["J1"])}
    for pin, (x, y) in {"1": (8.37, 51.23), "2": (8.37, 53.77), "39": (56.63, 51.23), "40": (56.63, 53.77)}.items():
        assert places[pin] == pytest.approx(layout.of_box(*d.from_pi(x, y)), abs=0.01)


def test_lights_buttons_and_holes_are_where_the_box_has_them() -> None:
    def middle(ref: str) -> Point:
        places = [at for _, _, at, _ in pad_places(footprints()[ref])]
        return (
            (min(x for x, _ in places) + max(x for x, _ in places)) / 2,
            (min(y for _, y in places) + max(y for _, y in places)) / 2,
        )

    lights = dict(zip(d.LEDS, ("D541", "D551", "D561", "D571"), strict=True))
    buttons = dict(zip(d.BUTTONS, ("SW511", "SW521", "SW531"), strict=True))
    for name, ref in lights.items():
        assert layout.parts()[ref].value == name
        assert middle(ref) == pytest.approx(layout.of_box(*d.LEDS[name]), abs=0.01)
    for name, ref in buttons.items():
        assert layout.parts()[ref].value == name
        assert middle(ref) == pytest.approx(layout.of_box(*d.BUTTONS[name][0]), abs=0.01)
    holes = sorted(middle(ref) for ref in footprints() if ref.startswith("H"))
    for hole, post in zip(holes, sorted(layout.of_box(*at) for at in (*d.PI_POSTS, *d.CARRIER_POSTS)), strict=True):
        assert hole == pytest.approx(post, abs=0.01)


def test_the_outline_is_the_boxs() -> None:
    edge = set[Point]()
    for line in sexpr.every(board(), "gr_line"):
        if sexpr.words(sexpr.one(line, "layer")) == ["Edge.Cuts"]:
            x, y = sexpr.numbers(sexpr.one(line, "start"))
            edge.add((round(x, 3), round(y, 3)))
    assert edge == {(round(x, 3), round(y, 3)) for x, y in job.outline()}


def test_nothing_on_the_board_reaches_the_panel_above_it() -> None:
    panels = [each for panel in d.Panel for each in d.face_parts(panel) if each.name.startswith("OLED")]
    bodies = []
    for ref, (_, footprint) in layout.placed().items():
        height = layout.HEIGHTS_MM.get(footprint)
        if height is None:
            continue
        wide = re.search(r"_[WD]([\d.]+)mm", footprint)
        half = float(wide[1]) / 2 if wide else 1.5
        places = [at for _, _, at, _ in pad_places(footprints()[ref])]
        x0, x1 = min(x for x, _ in places), max(x for x, _ in places)
        y0, y1 = min(y for _, y in places), max(y for _, y in places)
        low, high = (x0 - half, 100 - y1 - half, d.CARRIER_TOP), (x1 + half, 100 - y0 + half, d.CARRIER_TOP + height)
        bodies.append(d.Box(name=ref, low=low, high=high))
    assert len(bodies) > 70
    assert clearances.collisions(bodies, panels, frozenset()) == []


def _apart(one: tuple[Point, Point], other: tuple[Point, Point]) -> float:
    """How far two straight pieces are from each other; they are known not to cross."""
    (a, b), (c, e) = one, other
    return min(router.distance(a, c, e), router.distance(b, c, e), router.distance(c, a, b), router.distance(e, a, b))


def _far(one: tuple[Point, Point], other: tuple[Point, Point]) -> bool:
    """Whether two pieces are so far apart along an axis that nothing on them can be near."""
    return any(
        min(a[axis], b[axis]) - max(c[axis], e[axis]) > 12
        for axis in (0, 1)
        for (a, b), (c, e) in ((one, other), (other, one))
    )


def _copper() -> Iterator[tuple[str, str, tuple[Point, Point], float]]:
    """Every piece of copper as net, what it is, its line, and half its width: pads, tracks, vias, edges of areas."""
    for ref, each in footprints().items():
        for number, net, at, half in pad_places(each):
            if number:
                yield net, f"{ref} {number}", (at, at), half
    for net, layer, start, end, half in tracks():
        yield net, f"track on {layer}", (start, end), half
    for net, at, half in vias():
        yield net, "via", (at, at), half
    for zone in sexpr.every(board(), "zone"):
        for filled in sexpr.every(zone, "filled_polygon"):
            points = [tuple(sexpr.numbers(xy)) for xy in sexpr.every(sexpr.one(filled, "pts"), "xy")]
            for start_, end_ in pairwise([*points, points[0]]):
                yield GROUND, "area", (start_, end_), 0.0  # type: ignore[misc]  # two numbers each


def test_the_phones_nets_are_six_millimetres_from_all_else_but_in_the_socket() -> None:
    """Measured on the board's file, KiCad's own rule apart."""
    (x0, y0), _, (x1, y1), _ = job.socket_area()

    def in_socket(line: tuple[Point, Point]) -> bool:
        return all(x0 <= x <= x1 and y0 <= y <= y1 for x, y in line)

    copper = list(_copper())
    phone = [each for each in copper if each[0] in job.PHONE]
    near = [
        f"{net} {what} is {gap:.2f} mm from {other} {other_what}"
        for net, what, line, half in phone
        for other, other_what, other_line, other_half in copper
        if other not in job.PHONE
        and not _far(line, other_line)
        and not in_socket(line)
        and not in_socket(other_line)
        and (gap := _apart(line, other_line) - half - other_half) < job.PHONE_APART_MM - 0.001
    ]
    assert len(phone) > 8
    assert near == []


def pieces_apart(net: str) -> int:
    """Into how many pieces the tracks, vias and pads of a net fall, without the areas of ground."""
    mine = [(layer, (start, end), 0.0) for of, layer, start, end, _ in tracks() if of == net]
    mine += [(layer, (at, at), 0.0) for of, at, _ in vias() if of == net for layer in router.LAYERS]
    for each in footprints().values():
        for _, of, at, half in pad_places(each):
            mine += [(layer, (at, at), half) for layer in router.LAYERS if of == net]
    through = defaultdict(list)
    for place, (_, (start, end), _) in enumerate(mine):
        if start == end:
            through[start].append(place)
    group = list(range(len(mine)))

    def root(place: int) -> int:
        while group[place] != place:
            place = group[place]
        return place

    for places in through.values():
        for place in places:
            group[root(place)] = root(places[0])
    for one, (layer, line, half) in enumerate(mine):
        for other, (other_layer, other_line, other_half) in enumerate(mine[:one]):
            if (
                layer == other_layer
                and root(one) != root(other)
                and _apart(line, other_line) <= half + other_half + 1e-3
            ):
                group[root(one)] = root(other)
    return len({root(place) for place in range(len(mine))})


@pytest.mark.parametrize("net", sorted({net for part in layout.parts().values() for net in layout.pads(part).values()}))
def test_the_tracks_alone_connect_every_net(net: str) -> None:
    # The two pads of one number of a button are one piece of metal inside it.
    assert pieces_apart(net) == 1 or net.endswith("_KEY")


def test_report_and_gerbers_are_about_the_board_as_it_is() -> None:
    """If this fails: make carrier, look at the drawings, commit them."""
    report = json.loads(project.REPORT.read_text(encoding="utf-8"))
    assert report["made-from"] == {
        str(path.relative_to(project.HERE)): project.digest(path) for path in project.checked_files()
    }


def test_kicad_found_nothing_wrong() -> None:
    report = json.loads(project.REPORT.read_text(encoding="utf-8"))
    assert {key: report[key] for key in ("erc", "drc", "unconnected", "schematic_parity")} == {
        "erc": [],
        "drc": [],
        "unconnected": [],
        "schematic_parity": [],
    }


def test_the_rule_of_six_millimetres_is_in_force() -> None:
    assert project.RULES.read_text(encoding="utf-8") == project.rules()
    settings = json.loads(project.SETTINGS.read_text(encoding="utf-8"))
    assert settings["net_settings"]["netclass_patterns"] == [{"netclass": "Phone", "pattern": "KEY_?"}]
    assert all(net.startswith("KEY_") and len(net) == 5 for net in job.PHONE)


@pytest.mark.parametrize("text", ["(a", "(a))", "", "a"])
def test_brackets_that_do_not_pair_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"bracket"):
        sexpr.read(text)
