"""Which pictures are there? Each scene with its bodies, its callouts and the camera that shows it best."""

from collections.abc import Callable, Mapping
from math import radians
from types import MappingProxyType
from typing import Final

import numpy as np
import trimesh
from build123d import Part
from PIL import Image

from hardware.enclosure import checks
from hardware.enclosure import dimensions as d
from hardware.enclosure.pictures import Body, Callout, Camera, picture

Meshes = Mapping[str, trimesh.Trimesh]

SHELL: Final = (206, 211, 219)
FACE: Final = (232, 235, 240)
FOOT: Final = (150, 156, 168)
PI: Final = (70, 140, 80)
METAL: Final = (190, 192, 196)
CARRIER: Final = (60, 90, 160)
GLASS: Final = (40, 42, 52)
BLACK: Final = (70, 72, 78)
ROD: Final = (200, 230, 245)
LED: Final[Mapping[str, tuple[int, int, int]]] = MappingProxyType(
    {"green": (60, 170, 80), "amber": (235, 165, 40), "red": (215, 60, 50), "mute": (60, 100, 220)}
)
CAPS: Final = (90, 96, 108)
SIZE: Final = (1500, 1000)


def _moved(mesh: trimesh.Trimesh, x: float = 0, y: float = 0, z: float = 0) -> trimesh.Trimesh:
    moved = mesh.copy()
    moved.apply_translation((x, y, z))
    return moved


def _box(box: d.Box, z: float = 0) -> trimesh.Trimesh:
    return _moved(trimesh.creation.box(bounds=(box.low, box.high)), z=z)


def _rod(at: tuple[float, float], diameter: float, z: tuple[float, float], lift: float = 0) -> trimesh.Trimesh:
    bar = trimesh.creation.cylinder(radius=diameter / 2, segment=((*at, z[0]), (*at, z[1])), sections=32)
    return _moved(bar, z=lift)


def _pi(lift: float = 0) -> list[Body]:
    colours = {"Pi": PI, "header": BLACK, "heatsink": METAL}
    return [
        Body(mesh=_box(box, lift), colour=colours.get(box.name, METAL))
        for box in d.pi_parts(d.Board.PI_4B)
        if not box.name.startswith("solder")
    ]


def _carrier(lift: float = 0) -> list[Body]:
    found = []
    for box in d.carrier_parts():
        if box.name.startswith("LED"):
            at = ((box.low[0] + box.high[0]) / 2, (box.low[1] + box.high[1]) / 2)
            found.append(Body(mesh=_rod(at, d.ROD, (box.low[2], box.high[2]), lift), colour=LED[box.name[4:]]))
        else:
            colour = METAL if box is d.STATION_SOCKET else BLACK if box.name.startswith("button") else CARRIER
            found.append(Body(mesh=_box(box, lift), colour=colour))
    return found


def _face_parts(lift: float) -> list[Body]:
    found = [
        Body(mesh=_box(box, lift), colour=GLASS if box.name == "OLED glass" else CARRIER)
        for box in d.face_parts(d.Panel.LARGE)[:3]
    ]
    for name, part in checks.sensor_solids().items():
        found.append(
            Body(mesh=_moved(checks.mesh_of(part), z=lift), colour=BLACK if "socket" in name else (120, 60, 130))
        )
    return found


def _rods(lift: float) -> list[Body]:
    return [Body(mesh=_rod(at, d.ROD, (d.ROD_LOW, d.ROD_HIGH), lift), colour=ROD) for at in d.LEDS.values()]


def _caps(meshes: Meshes, lift: float = 0) -> list[Body]:
    return [Body(mesh=_moved(meshes[f"cap-{shape}"], *at, lift), colour=CAPS) for at, shape in d.BUTTONS.values()]


def _feet(meshes: Meshes, lift: float = 0) -> list[Body]:
    return [Body(mesh=_moved(meshes["foot"], x=x, z=lift), colour=FOOT) for x in d.FEET_X]


def _leaning(bodies: list[Body]) -> list[Body]:
    """Return the bodies tilted as they stand on the desk."""
    turn = trimesh.transformations.rotation_matrix(radians(d.LEAN_DEG), (1, 0, 0))
    found = []
    for body in bodies:
        mesh = body.mesh.copy()
        mesh.apply_transform(turn)
        found.append(Body(mesh=mesh, colour=body.colour))
    return found


def _on_desk(point: tuple[float, float, float]) -> tuple[float, float, float]:
    turn = trimesh.transformations.rotation_matrix(radians(d.LEAN_DEG), (1, 0, 0))[:3, :3]
    x, y, z = turn @ np.array(point)
    return float(x), float(y), float(z)


def _closed(meshes: Meshes) -> list[Body]:
    shown = [
        Body(mesh=meshes["base"], colour=SHELL),
        Body(mesh=meshes[f"lid-{d.Panel.LARGE}"], colour=FACE),
    ]
    lights = [
        Body(mesh=_rod(at, d.ROD_STOP, (d.HEIGHT - 1, d.HEIGHT + 0.05)), colour=LED[name])
        for name, at in d.LEDS.items()
    ]
    return shown + _pi() + _carrier() + _face_parts(0) + _caps(meshes) + _feet(meshes) + lights


def unit(meshes: Meshes) -> Image.Image:
    """The unit as it stands on the desk, from the agent's chair."""
    (bx, by), _ = d.BUTTONS["resume"]
    top = d.HEIGHT
    window = d.sensor_window()
    marks = {
        "OLED": (d.OLED_AT[0] + 8, d.OLED_AT[1], top),
        "lights from the left:\ngreen, amber, red": (d.LEDS["green"][0], d.LEDS["green"][1], top),
        "MUTE light,\napart from the others": (d.LEDS["mute"][0], d.LEDS["mute"][1], top),
        "resume: round": (bx - 3, by, d.CAP_TOP),
        "page: square": (d.BUTTONS["page"][0][0], by - 3, d.CAP_TOP),
        "snooze: triangle": (d.BUTTONS["snooze"][0][0] + 3, by, d.CAP_TOP),
        "distance sensor looks\nout here, up at the agent": (
            window.low[0] + 3,
            (window.low[1] + window.high[1]) / 2,
            top,
        ),
        "USB and Ethernet": (0, 62, 18),
    }
    callouts = [Callout(text=text, at=_on_desk(at)) for text, at in marks.items()]
    return picture(
        _leaning(_closed(meshes)),
        Camera(turn_deg=-20, rise_deg=30),
        SIZE,
        callouts,
        "On the desk, from the agent's chair (model)",
    )


def rear(meshes: Meshes) -> Image.Image:
    """The unit from behind: every cable leaves away from the hands."""
    tie = {each.what: each.at for each in d.TIES}
    marks = {
        "power: USB-C or micro-USB": (d.from_pi(11, 0)[0], d.DEPTH, 10),
        "warm air out": (45, d.DEPTH, 21),
        "station socket DA-15,\nlocked with two screws": (d.WIDTH, 60, 27),
        "feet, two M3 screws each": (d.FEET_X[1], d.FOOT_Y[1], -25),
        "power cable: loop back below\nthe floor, tie through two slots": (*tie["power"], 0),
    }
    callouts = [Callout(text=text, at=_on_desk(at)) for text, at in marks.items()]
    return picture(_leaning(_closed(meshes)), Camera(turn_deg=148, rise_deg=12), SIZE, callouts, "From behind (model)")


LIFT: Final[Mapping[str, float]] = MappingProxyType(
    {"feet": -45, "pi": 35, "carrier": 75, "caps": 124, "panel": 106, "rods": 152, "lid": 200}
)


def exploded(meshes: Meshes) -> Image.Image:
    """Every layer, in the order in which it goes together, from below."""
    up = LIFT
    bodies = [
        Body(mesh=meshes["base"], colour=SHELL),
        Body(mesh=_moved(meshes[f"lid-{d.Panel.LARGE}"], z=up["lid"]), colour=FACE),
    ]
    bodies += _feet(meshes, up["feet"]) + _pi(up["pi"]) + _carrier(up["carrier"])
    bodies += _caps(meshes, up["caps"]) + _face_parts(up["panel"]) + _rods(up["rods"])
    screws = [_rod(at, 3, (d.HEIGHT - d.SCREW_LENGTH, d.HEIGHT), up["lid"] + 38) for at in d.LID_SCREWS]
    spacers = [_rod(at, 5, (d.PI_TOP, d.CARRIER_BOTTOM), up["pi"] + 12) for at in d.PI_POSTS]
    bodies += [Body(mesh=each, colour=METAL) for each in (*screws, *spacers)]
    post, screw = d.PI_POSTS[3], d.LID_SCREWS[2]
    marks = {
        "1  base": (d.WIDTH, 20, 13),
        "2  two feet: 4 x M3 x 12,\n    from inside the base": (d.FEET_X[1], 40, up["feet"] - 10),
        "3  Raspberry Pi": (6, 60, up["pi"] + d.PI_TOP),
        "4  four spacers M2.5 x 11": (*post, up["pi"] + d.PI_TOP + 20),
        "5  carrier board: 4 x M2.5 x 5,\n    2 x M2.5 x 8 in front": (30, 84, up["carrier"] + d.CARRIER_TOP),
        "6  OLED module, face down\n    into the lid: 4 x M2 x 5": (45, 70, up["panel"] + 33),
        "7  distance sensor, tilted:\n    4 x M2 x 5": (12, 18, up["panel"] + 28),
        "8  three caps, loose\n    between button and lid": (79, 15, up["caps"] + 35),
        f"9  four rods 3 mm, cut to {d.ROD_HIGH - d.ROD_LOW:g} mm": (80, 30, up["rods"] + 33),
        "10  lid": (4, 97, up["lid"] + 36),
        "11  four screws M3 x 20,\n    countersunk": (*screw, up["lid"] + 60),
    }
    callouts = [Callout(text=text, at=at) for text, at in marks.items()]
    return picture(
        bodies, Camera(turn_deg=-28, rise_deg=24), (1500, 1800), callouts, "How it goes together, from below (model)"
    )


def open_base(meshes: Meshes) -> Image.Image:
    """The base with the Pi and the carrier in it, lid off, from above."""
    bodies = [Body(mesh=meshes["base"], colour=SHELL), *_pi(), *_carrier()]
    marks = {
        "USB side: left": (3, 70, 20),
        "power socket: rear": (d.from_pi(11, 0)[0], d.DEPTH - 1, 21),
        "header below the carrier": (30, 36, d.CARRIER_TOP),
        "green, amber, red LED": (d.LEDS["green"][0], 30, 27),
        "MUTE LED": (d.LEDS["mute"][0], 30, 27),
        "three buttons": (79, 15, d.CARRIER_TOP + 4),
        "station socket": (99, 55, 34),
        "tie slots": (8.5, 28.5, 2.4),
    }
    callouts = [Callout(text=text, at=at) for text, at in marks.items()]
    return picture(bodies, Camera(turn_deg=-15, rise_deg=62), SIZE, callouts, "Base, Pi and carrier, lid off (model)")


def lid_inside(meshes: Meshes) -> Image.Image:
    """The lid from inside, as it lies on the print bed."""
    turn = trimesh.transformations.rotation_matrix(np.pi, (0, 1, 0))
    bodies = []
    for body in [Body(mesh=meshes[f"lid-{d.Panel.LARGE}"], colour=FACE), *_face_parts(0)]:
        mesh = body.mesh.copy()
        mesh.apply_transform(turn)
        bodies.append(Body(mesh=mesh, colour=body.colour))

    def flipped(x: float, y: float, z: float) -> tuple[float, float, float]:
        return -x, y, -z

    marks = {
        "OLED module, 4 x M2": flipped(57, 64, 31),
        "distance sensor on four\nslanting posts, 4 x M2": flipped(18, 21, 29),
        "sleeves: rods in from here,\ndown to the stop": flipped(58, 30, d.SLEEVE_LOW),
        "rib: goes into the base": flipped(70, 3, d.RIB_LOW),
        "tongue above the power socket": flipped(80, 96, 16),
    }
    callouts = [Callout(text=text, at=at) for text, at in marks.items()]
    return picture(bodies, Camera(turn_deg=150, rise_deg=48), SIZE, callouts, "Lid from inside, as printed (model)")


def _half(part: Part) -> trimesh.Trimesh:
    from hardware.enclosure.model import block  # noqa: PLC0415  # only this scene cuts

    return checks.mesh_of(part & block((-30, 0, -1), (30, 30, 40)))


def hood(parts: Mapping[str, Part]) -> Image.Image:
    """The hood over a lamp, cut open."""
    lens_low = d.HOOD_APERTURE_LENGTH
    shoulder = lens_low + d.HOOD_LENS
    half = trimesh.creation.cylinder(radius=2.5, segment=((0, 0, lens_low + 1.5), (0, 0, shoulder)), sections=48)
    dome = _moved(trimesh.creation.icosphere(subdivisions=3, radius=2.5), z=lens_low + 2.5)
    collar = _rod((0, 0), 5.8, (shoulder, shoulder + 1))
    wires = [_rod((0, side * 1.27), 0.6, (shoulder + 1, shoulder + 6)) for side in (-1, 1)]
    lamp = _rod((0, 0), 5, (-3.5, -0.6))
    phone = trimesh.creation.box(bounds=((-16, -6, -4.5), (16, 16, -0.8)))
    bodies = [
        Body(mesh=_half(parts["hood"]), colour=BLACK),
        Body(mesh=_moved(_half(parts["hood-lid"]), z=9), colour=(100, 104, 112)),
        Body(mesh=half, colour=ROD),
        Body(mesh=dome, colour=ROD),
        Body(mesh=collar, colour=ROD),
        *(Body(mesh=wire, colour=METAL) for wire in wires),
        Body(mesh=phone, colour=(224, 220, 210)),
        Body(mesh=lamp, colour=LED["red"]),
    ]
    marks = {
        "lid: keeps light out, its key fills\nthe slot above the wires": (-3, 0, d.HOOD_HEIGHT + 10),
        "slot for the cable; a tie around\nthe neck holds it": (d.HOOD_OUTER / 2, 0, d.HOOD_SLOT_LOW + 1),
        "phototransistor 5 mm": (0, -2.5, lens_low + 5),
        f"aperture {d.HOOD_APERTURE:g} mm, {d.HOOD_APERTURE_LENGTH:g} mm long": (1, 0, 1),
        "flange: black foam tape,\nnever on a hot or loose key": (-9, 0, 0.5),
        "the phone's lamp": (1, -2.5, -2),
    }
    callouts = [Callout(text=text, at=at) for text, at in marks.items()]
    return picture(
        bodies, Camera(turn_deg=-14, rise_deg=14), SIZE, callouts, "Hood over a lamp of the phone, cut open (model)"
    )


SCENES: Final[Mapping[str, Callable[[Meshes], Image.Image]]] = MappingProxyType(
    {"unit": unit, "rear": rear, "exploded": exploded, "open-base": open_base, "lid-inside": lid_inside}
)
