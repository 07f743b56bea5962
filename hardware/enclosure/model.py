"""What is the shape of every printed part? Solids from the numbers of `dimensions`, in the place where they are used.

Runs only where the CAD kernel is (`make enclosure` fetches it); nothing on the device and no test of `make test` needs
it. Every part is built so that, in the attitude it is printed in, nothing leans out by more than 45 degrees.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from build123d import (
    Align,
    Box,
    Circle,
    Cone,
    Cylinder,
    Location,
    Part,
    Plane,
    Polygon,
    Pos,
    Rectangle,
    RectangleRounded,
    RegularPolygon,
    Rot,
    extrude,
)

from hardware.enclosure import dimensions as d

LOW: Final = (Align.CENTER, Align.CENTER, Align.MIN)


def block(low: tuple[float, float, float], high: tuple[float, float, float]) -> Part:
    """Return a box between two corners."""
    size = [b - a for a, b in zip(low, high, strict=True)]
    return Pos(*low) * Box(*size, align=(Align.MIN, Align.MIN, Align.MIN))


def rod(at: tuple[float, float], diameter: float, z: tuple[float, float]) -> Part:
    """Return an upright cylinder from one height to another."""
    return Pos(at[0], at[1], z[0]) * Cylinder(diameter / 2, z[1] - z[0], align=LOW)


def _cone(at: tuple[float, float], wide: float, narrow: float, z: float, upwards: int) -> Part:
    """Return a cone of 45 degrees that narrows from height z, up or down."""
    height = (wide - narrow) / 2
    if upwards > 0:
        return Pos(at[0], at[1], z) * Cone(wide / 2, narrow / 2, height, align=LOW)
    return Pos(at[0], at[1], z - height) * Cone(narrow / 2, wide / 2, height, align=LOW)


def _shell(low: float, high: float, plate: tuple[float, float]) -> Part:
    outline = RectangleRounded(d.WIDTH, d.DEPTH, d.CORNER)
    inside = Rectangle(d.WIDTH - 2 * d.WALL, d.DEPTH - 2 * d.WALL)
    walls = extrude(outline, high - low) - extrude(inside, high - low)
    floor = extrude(outline, plate[1] - plate[0])
    middle = (d.WIDTH / 2, d.DEPTH / 2)
    return Pos(*middle, low) * walls + Pos(*middle, plate[0]) * floor


def _through_wall(opening: d.Opening, z: tuple[float, float], slack: float = 0, deep: float = 1) -> Part:
    """Return what an opening takes out of its wall; `deep`: how far beyond either side of the wall."""
    along = (opening.at - opening.width / 2 + slack, opening.at + opening.width / 2 - slack)
    match opening.wall:
        case d.Wall.LEFT:
            across = (-deep, d.WALL + deep)
        case d.Wall.RIGHT:
            across = (d.WIDTH - d.WALL - deep, d.WIDTH + deep)
        case d.Wall.FRONT:
            across = (-deep, d.WALL + deep)
        case d.Wall.REAR:
            across = (d.DEPTH - d.WALL - deep, d.DEPTH + deep)
    if opening.wall in (d.Wall.LEFT, d.Wall.RIGHT):
        return block((across[0], along[0], z[0]), (across[1], along[1], z[1]))
    return block((along[0], across[0], z[0]), (along[1], across[1], z[1]))


def base() -> Part:
    """Return the lower half: Pi, carrier and cables; printed as it stands."""
    part = _shell(0, d.SPLIT, (0, d.WALL))
    for at in d.LID_SCREWS:
        part += rod(at, d.BOSS, (0, d.SPLIT))
    for at in d.PI_POSTS:
        part += rod(at, d.POST, (0, d.PI_BOTTOM))
    for at in d.CARRIER_POSTS:
        part += rod(at, d.POST, (0, d.CARRIER_BOTTOM))
    for opening in d.OPENINGS:
        if opening.low < d.SPLIT:
            part -= _through_wall(opening, (opening.low, d.SPLIT + 1))
    for x in d.REAR_VENTS:
        part -= block(
            (x - d.VENT / 2, d.DEPTH - d.WALL - 1, d.REAR_VENT_LOW), (x + d.VENT / 2, d.DEPTH + 1, d.SPLIT + 1)
        )
    for x in d.FLOOR_VENTS:
        part -= block((x - d.VENT / 2, d.FLOOR_VENT_Y[0], -1), (x + d.VENT / 2, d.FLOOR_VENT_Y[1], d.WALL + 1))
    for tie in d.TIES:
        part -= _tie_slots(tie)
    for at in d.LID_SCREWS:
        part -= rod(at, d.PILOT_M3, (d.SPLIT - d.SCREW_GRIP - 2, d.SPLIT + 1))
    for at in d.PI_POSTS:
        part -= rod(at, d.PILOT_M2_5, (1.2, d.PI_BOTTOM + 1))
    for at in d.CARRIER_POSTS:
        part -= rod(at, d.PILOT_M2_5, (d.CARRIER_BOTTOM - d.PILOT_DEPTH, d.CARRIER_BOTTOM + 1))
    for at in d.FOOT_SCREWS:
        part -= rod(at, d.SCREW_HOLE, (-1, d.WALL + 1))
        part -= _cone(at, d.SCREW_HEAD, d.SCREW_HOLE, d.WALL, upwards=-1)
    return part


def _tie_slots(tie: d.Tie) -> Part:
    long, short = d.TIE
    slots = Part()
    for side in (-1, 1):
        shift = side * d.TIE_APART / 2
        x, y = (tie.at[0] + shift, tie.at[1]) if tie.is_along_x else (tie.at[0], tie.at[1] + shift)
        w, h = (short, long) if tie.is_along_x else (long, short)
        slots += block((x - w / 2, y - h / 2, -1), (x + w / 2, y + h / 2, d.WALL + 1))
    return slots


def lid(panel: d.Panel) -> Part:
    """Return the upper half with the face; printed face down."""
    part = _shell(d.SPLIT, d.HEIGHT, (d.INNER_TOP, d.HEIGHT))
    for at in d.LID_SCREWS:
        part += rod(at, d.BOSS, (d.SPLIT, d.HEIGHT))
    part += _rib()
    for at in d.LEDS.values():
        part += rod(at, d.SLEEVE, (d.SLEEVE_LOW, d.HEIGHT))
    part += _sensor_posts()
    glass = d.OLEDS[panel].glass_thickness
    for at in d.oled_holes(panel):
        part += rod(at, d.OLEDS[panel].post, (d.INNER_TOP - glass, d.HEIGHT))
    for opening in d.OPENINGS:
        if opening.high > d.SPLIT:
            part -= _through_wall(opening, (max(opening.low, d.SPLIT) - 1, opening.high))
        elif opening.high < d.SPLIT:
            part += _through_wall(opening, (opening.high, d.SPLIT), slack=d.FIT, deep=0)
    part -= _face_holes(panel)
    for at in d.LID_SCREWS:
        part -= rod(at, d.SCREW_HOLE, (d.SPLIT - 1, d.HEIGHT + 1))
        part -= _cone(at, d.SCREW_HEAD, d.SCREW_HOLE, d.HEIGHT, upwards=-1)
    for at in d.LEDS.values():
        part -= rod(at, d.LED_BORE, (d.SLEEVE_LOW - 1, d.ROD_LOW))
        part -= rod(at, d.ROD_HOLE, (d.ROD_LOW - 1, d.ROD_HIGH))
        part -= rod(at, d.ROD_STOP, (d.ROD_HIGH - 1, d.HEIGHT + 1))
    for at in d.oled_holes(panel):
        part -= rod(at, d.OLEDS[panel].pilot, (d.INNER_TOP - glass - 1, d.HEIGHT - d.STOP_THICKNESS))
    return part - _sensor_pilots()


def _rib() -> Part:
    """Return the rib that the lid enters the base with, inside the front wall."""
    (left, right), thickness = d.RIB_X, d.RIB
    inner = d.WALL
    upper = block((left, inner - 0.1, d.SPLIT), (right, inner + thickness, d.INNER_TOP + 0.1))
    return upper + block((left, inner + d.FIT, d.RIB_LOW), (right, inner + thickness, d.SPLIT))


def _face_holes(panel: d.Panel) -> Part:
    width, depth = d.oled_window(panel)
    (x, y), low, high = d.OLED_AT, d.INNER_TOP - 0.01, d.HEIGHT + 1
    holes = block((x - width / 2, y - depth / 2, low), (x + width / 2, y + depth / 2, high))
    window = d.sensor_window()
    holes += block((*window.low[:2], low), (*window.high[:2], high))
    for at, cap in d.BUTTONS.values():
        holes += Pos(at[0], at[1], low) * extrude(_cap_outline(cap, d.CAP_GAP), high - low)
    return holes


def _cap_outline(cap: d.Cap, wider: float = 0) -> Rectangle | Circle | RegularPolygon:
    half = d.CAP_SIZE / 2 + wider
    match cap:
        case d.Cap.ROUND:
            return Circle(half)
        case d.Cap.SQUARE:
            return Rectangle(2 * half, 2 * half)
        case d.Cap.TRIANGLE:
            return RegularPolygon(d.TRIANGLE_INNER + wider, 3, major_radius=False, rotation=90)


def _sensor_place() -> Location:
    return Pos(*d.sensor_point(0, 0, 0)) * Rot(d.SENSOR_TILT_DEG, 0, 0)


def _sensor_posts() -> Part:
    """Return four posts that lean with the board that lies against them, and end in the face."""
    posts = Part()
    for x, y in d.sensor_holes():
        posts += _sensor_place() * Location((x, y, 0)) * Cylinder(d.SENSOR_POST / 2, 30, align=LOW)
    return posts & block((0, 0, 0), (d.WIDTH, d.DEPTH, d.INNER_TOP + 0.1))


def _sensor_pilots() -> Part:
    holes = Part()
    for x, y in d.sensor_holes():
        depth = d.SENSOR_PILOT_DEPTH
        holes += _sensor_place() * Location((x, y, -1)) * Cylinder(d.SENSOR_PILOT / 2, depth + 1, align=LOW)
    return holes


def cap(shape: d.Cap) -> Part:
    """Return a button's cap: a leg on the button, a flange below the face, the shape through it; printed leg down."""
    low, high = d.CAP_FLANGE_LOW, d.CAP_FLANGE_HIGH
    leg = rod((0, 0), d.CAP_LEG, (d.CAP_LEG_LOW, high))
    cone = Pos(0, 0, d.CAP_CONE_LOW) * Cone(d.CAP_LEG / 2, d.CAP_FLANGE / 2, low - d.CAP_CONE_LOW, align=LOW)
    flange = rod((0, 0), d.CAP_FLANGE, (low, high))
    return leg + cone + flange + Pos(0, 0, low) * extrude(_cap_outline(shape), d.CAP_TOP - low)


def foot() -> Part:
    """Return one of two equal feet, in its place below x = 0; printed on its side."""
    front, rear = d.FOOT_Y
    profile = Polygon((front, 0), (front, -d.foot_height(front)), (rear, -d.foot_height(rear)), (rear, 0), align=None)
    # A triangle out of the middle: material, and a place to pass a cable through.
    web = d.FOOT_WEB
    y0, y1 = d.FOOT_CUT_Y
    cut = Polygon((y0, -web), (y0, web - d.foot_height(y0)), (y1, web - d.foot_height(y1)), (y1, -web), align=None)
    part = extrude(Plane.YZ * (profile - cut), d.FOOT_THICKNESS / 2, both=True)
    for y in d.FOOT_SCREWS_Y:
        part -= Pos(0, y, 0) * _lying_hole(d.PILOT_M3, d.FOOT_SCREW_DEPTH)
    return part


def _lying_hole(diameter: float, depth: float) -> Part:
    """Return a hole downwards that is printed lying (x up): a circle with a roof of 45 degrees."""
    hole = Circle(diameter / 2) + Pos(0, 0) * Rot(0, 0, 45) * Rectangle(diameter, diameter)
    keep = Pos(diameter, 0) * Rectangle(2 * diameter, 4 * diameter)
    shape = Circle(diameter / 2) + (hole & keep)
    return extrude(shape, -depth) + extrude(shape, 1)


def hood() -> Part:
    """Return the hood over a lamp of the phone: flange on the phone, the phototransistor looks down; printed so."""
    tall, flange = d.HOOD_HEIGHT, d.HOOD_FLANGE
    part = extrude(RectangleRounded(flange, flange, 2), d.HOOD_FLANGE_THICKNESS) + rod((0, 0), d.HOOD_OUTER, (0, tall))
    lens, shoulder = d.HOOD_APERTURE_LENGTH, d.HOOD_APERTURE_LENGTH + d.HOOD_LENS
    part -= rod((0, 0), d.HOOD_APERTURE, (-1, lens + 1))
    part -= rod((0, 0), d.HOOD_BORE, (lens, shoulder + 1))
    part -= rod((0, 0), d.HOOD_CHAMBER, (shoulder, tall + 1))
    return part - block((0, -d.HOOD_SLOT / 2, d.HOOD_SLOT_LOW), (flange, d.HOOD_SLOT / 2, tall + 1))


def hood_lid() -> Part:
    """Return the light-tight lid of the hood, with a key that fills its slot; printed top down."""
    tall = d.HOOD_HEIGHT
    part = rod((0, 0), d.HOOD_OUTER, (tall, tall + d.HOOD_LID))
    part += rod((0, 0), d.HOOD_CHAMBER - 2 * d.FIT, (tall - d.HOOD_PLUG, tall))
    half = d.HOOD_SLOT / 2 - d.FIT
    reach = (d.HOOD_OUTER**2 / 4 - half**2) ** 0.5
    return part + block((0, -half, d.HOOD_SLOT_LOW + d.HOOD_WIRES), (reach, half, tall + 0.1))


def _printed_face_down(part: Part) -> Part:
    return Rot(180, 0, 0) * part


def _printed_on_its_side(part: Part) -> Part:
    return Rot(0, -90, 0) * part


def _as_it_stands(part: Part) -> Part:
    return part


def parts() -> Mapping[str, Part]:
    """Return every printed part by its file's name, in the place where it is used."""
    made = {"base": base()}
    made |= {f"lid-{panel}": lid(panel) for panel in d.Panel}
    made |= {f"cap-{shape}": cap(shape) for shape in d.Cap}
    return MappingProxyType(made | {"foot": foot(), "hood": hood(), "hood-lid": hood_lid()})


def as_printed(name: str, part: Part) -> Part:
    """Return a part turned as it is printed, standing on z = 0 and with its corner at the origin."""
    if name.startswith("lid") or name == "hood-lid":
        turned = _printed_face_down(part)
    elif name == "foot":
        turned = _printed_on_its_side(part)
    else:
        turned = _as_it_stands(part)
    low = turned.bounding_box().min
    return Pos(-low.X, -low.Y, -low.Z) * turned
