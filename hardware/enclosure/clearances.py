"""Does everything fit? The wall of tests: each rule returns its complaints, and none of them needs the CAD kernel.

Bodies are bounding boxes, of the bought parts as of the printed ones: what passes here passes for the true shapes,
which lie inside. `make enclosure` asks the same of the solids themselves.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, pairwise
from math import atan2, cos, degrees, radians, sin, tan
from typing import Final

from hardware.enclosure import dimensions as d
from hardware.enclosure.dimensions import Box

APART: Final = 0.4
"""Between two bought parts, and between a bought part and anything printed that is not made to touch it."""

GLASS_APART: Final = 0.2
"""Between the panel's glass and the posts beside it, which hold it in place."""

EYE_MM: Final = (650.0, 450.0)
"""Where the agent's eyes are, from the unit: away, and above the desk."""

HEAD_MM: Final = (600.0, 250.0, 500.0)
"""What the sensor must see of a seated agent: how far away, from breast to crown above the desk."""


def interior() -> Box:
    """Return the room inside the walls, floor and face."""
    return Box(
        name="inside",
        low=(d.WALL, d.WALL, d.WALL),
        high=(d.WIDTH - d.WALL, d.DEPTH - d.WALL, d.INNER_TOP),
    )


def outside(parts: Iterable[Box], room: Box, through: Sequence[d.Opening] = d.OPENINGS) -> list[str]:
    """Return the parts that touch floor, face or a wall where there is no opening for them."""
    found = []
    for part in parts:
        for axis, (low_wall, high_wall) in enumerate(
            ((d.Wall.LEFT, d.Wall.RIGHT), (d.Wall.FRONT, d.Wall.REAR), (None, None))
        ):
            for wall, gap in (
                (low_wall, part.low[axis] - room.low[axis]),
                (high_wall, room.high[axis] - part.high[axis]),
            ):
                if gap >= APART - 1e-9 or _leaves(part, wall, through) or _lies_at_the_face(part, axis, gap):
                    continue
                found.append(f"{part.name} is {gap:.2f} mm from the {wall or 'floor or face'}; {APART} mm are needed")
    return found


def _lies_at_the_face(part: Box, axis: int, gap: float) -> bool:
    return axis == 2 and part.name == "OLED glass" and abs(gap) < 1e-9


def _leaves(part: Box, wall: d.Wall | None, openings: Iterable[d.Opening]) -> bool:
    """Say whether a part goes through an opening of this wall with room around it."""
    for opening in openings:
        if opening.wall is not wall:
            continue
        along = 1 if wall in (d.Wall.LEFT, d.Wall.RIGHT) else 0
        half = opening.width / 2 - APART
        if (
            opening.at - half <= part.low[along]
            and part.high[along] <= opening.at + half
            and opening.low + APART <= part.low[2]
            and part.high[2] <= opening.high - APART
        ):
            return True
    return False


def collisions(first: Sequence[Box], second: Sequence[Box], touching: frozenset[frozenset[str]]) -> list[str]:
    """Return each pair of bodies that are nearer than `APART` and not named as made to touch."""
    return [
        f"{one.name} and {other.name} are {one.gap(other):.2f} mm apart; {APART} mm are needed"
        for one in first
        for other in second
        if one is not other
        and one.gap(other) < _needed(one, other) - 1e-9
        and frozenset((one.name, other.name)) not in touching
        and not _is_made_for(one.name, other.name)
    ]


def _needed(one: Box, other: Box) -> float:
    return GLASS_APART if one.name == "OLED glass" and other.name.startswith("post of the OLED") else APART


def _is_made_for(part: str, feature: str) -> bool:
    """Say whether a printed feature is there to touch, or to surround, this part."""
    return (
        (feature.startswith("post of the Pi") and part == "Pi")
        or (feature.startswith("post of the carrier") and part == "carrier")
        or (feature.startswith("post of the OLED") and part.startswith("OLED board"))
        or (feature.startswith("post of the sensor") and part.startswith("sensor"))  # see sensor_board
        or (feature.startswith("sleeve ") and part == f"LED {feature.removeprefix('sleeve ')}")
    )


def printed() -> tuple[Box, ...]:
    """Return what is printed inside the walls, apart from what depends on the panel."""
    bosses = (d.upright(f"boss {n}", at, d.BOSS, (0, d.INNER_TOP)) for n, at in enumerate(d.LID_SCREWS, 1))
    pi = (d.upright(f"post of the Pi {n}", at, d.POST, (0, d.PI_BOTTOM)) for n, at in enumerate(d.PI_POSTS, 1))
    carrier = (
        d.upright(f"post of the carrier {n}", at, d.POST, (0, d.CARRIER_BOTTOM))
        for n, at in enumerate(d.CARRIER_POSTS, 1)
    )
    sleeves = (d.upright(f"sleeve {name}", at, d.SLEEVE, (d.SLEEVE_LOW, d.INNER_TOP)) for name, at in d.LEDS.items())
    rib = Box(name="rib", low=(d.RIB_X[0], d.WALL, d.RIB_LOW), high=(d.RIB_X[1], d.WALL + d.RIB, d.INNER_TOP))
    return (*bosses, *pi, *carrier, *sleeves, rib, *_sensor_posts(), *_caps())


def _sensor_posts() -> Iterator[Box]:
    """Yield the bounding boxes of the four posts, which lean with the sensor's board."""
    slant = radians(d.SENSOR_TILT_DEG)
    for across, along in d.sensor_holes():
        x, y, z = d.sensor_point(across, along, 0)
        shift, half = (d.INNER_TOP - z) * tan(slant), d.SENSOR_POST / 2
        yield Box(
            name=f"post of the sensor {across:+.0f} {along:+.0f}",
            low=(x - half, y - shift - half / cos(slant), z - half * sin(slant)),
            high=(x + half, y + half / cos(slant), d.INNER_TOP),
        )


def sensor_board() -> list[str]:
    """Return what is too near on the sensor's board, in the board's own axes: its sockets, its chip, the posts."""
    (width, _), half = d.SENSOR_BOARD, d.SENSOR_PLUG[0] / 2
    sockets = [
        d.centred(f"sensor socket {side}", (side * (width / 2 - 2.25), 0), (4.5, 2 * half), (0, d.SENSOR_PLUG[1]))
        for side in (-1, 1)
    ]
    chip = d.centred("sensor chip", (0, 0), (d.SENSOR_PACKAGE, 2.6), (0, d.SENSOR_HEIGHT))
    posts = [d.upright(f"post at {x:g}, {y:g}", (x, y), d.SENSOR_POST, (0, 12)) for x, y in d.sensor_holes()]
    return [
        f"{one.name} and {other.name} are {one.gap(other):.2f} mm apart; {APART} mm are needed"
        for one, other in combinations((*sockets, chip, *posts), 2)
        if one.gap(other) < APART
    ]


def _caps() -> Iterator[Box]:
    for name, (at, _) in d.BUTTONS.items():
        yield d.upright(f"cap {name}", at, d.CAP_FLANGE, (d.CAP_CONE_LOW - d.SWITCH_TRAVEL, d.CAP_FLANGE_HIGH))
        yield d.upright(
            f"leg {name}", at, d.CAP_LEG, (d.CAP_LEG_LOW - d.SWITCH_TRAVEL, d.CAP_CONE_LOW - d.SWITCH_TRAVEL)
        )


def oled_posts(panel: d.Panel) -> tuple[Box, ...]:
    """Return the four posts that the panel is screwed to."""
    z = (d.INNER_TOP - d.OLEDS[panel].glass_thickness, d.INNER_TOP)
    return tuple(
        d.upright(f"post of the OLED {n}", at, d.OLEDS[panel].post, z) for n, at in enumerate(d.oled_holes(panel), 1)
    )


def _are_one(one: str, other: str) -> bool:
    """Say whether two printed features belong to one part in one place."""
    return (one.startswith("boss") and (other == "rib" or other.startswith("post of the sensor"))) or (
        one.startswith("cap ") and other == f"leg {one.removeprefix('cap ')}"
    )


def _same_part(boxes: Iterable[Box]) -> frozenset[frozenset[str]]:
    return frozenset(frozenset(pair) for pair in combinations([box.name for box in boxes], 2))


def spacing(board: d.Board, panel: d.Panel) -> list[str]:
    """Return every pair of bodies that is too near, for one Pi and one panel."""
    pi, carrier, face = d.pi_parts(board), d.carrier_parts(), d.face_parts(panel)
    bought = (*pi, *carrier, *face)
    touching = _same_part(pi) | _same_part(carrier) | _same_part(face)
    features = (*printed(), *oled_posts(panel))
    return (
        outside(bought, interior())
        + [each for one, other in combinations(bought, 2) for each in collisions([one], [other], touching)]
        + collisions(bought, features, touching)
        + [
            each
            for one, other in combinations(features, 2)
            if not _are_one(one.name, other.name)
            for each in collisions([one], [other], frozenset())
        ]
    )


def screws() -> list[str]:
    """Return what is wrong with screws and bosses."""
    found = []
    if d.SCREW_GRIP < 6:
        found.append(f"an M3 screw holds {d.SCREW_GRIP:.1f} mm in the base; twice its diameter is needed")
    for what, outer, hole in (
        ("boss", d.BOSS, d.SCREW_HOLE),
        ("post", d.POST, d.PILOT_M2_5),
        ("sensor post", d.SENSOR_POST, d.SENSOR_PILOT),
        *((f"{panel} OLED post", oled.post, oled.pilot) for panel, oled in d.OLEDS.items()),
    ):
        if (outer - hole) / 2 < 3 * d.NOZZLE - 1e-9:
            found.append(f"the {what} has {(outer - hole) / 2:.2f} mm around its hole; three lines are needed")
    if (d.SCREW_HEAD - d.SCREW_HOLE) / 2 > d.WALL - 2 * d.NOZZLE:
        found.append("a countersunk head leaves less than two lines of the face below it")
    for x, y in (*d.LID_SCREWS, *d.FOOT_SCREWS):
        nearest = min(((x - px) ** 2 + (y - py) ** 2) ** 0.5 - d.POST / 2 for px, py in (*d.PI_POSTS, *d.CARRIER_POSTS))
        if nearest < d.SCREW_HEAD / 2 + APART:
            found.append(f"the screw at {x:g}, {y:g} meets a post")
    spacers = {d.from_pi(*hole) for hole in d.PI_HOLES}
    if spacers != set(d.PI_POSTS):
        found.append("the posts are not below the Pi's holes")
    found += [
        f"the carrier's screw at {x:g}, {y:g} is off the board"
        for x, y in (*d.PI_POSTS, *d.CARRIER_POSTS)
        if not (
            d.CARRIER.low[0] + 2.5 <= x <= d.CARRIER.high[0] - 2.5
            and d.CARRIER.low[1] + 2.5 <= y <= d.CARRIER.high[1] - 2.5
        )
    ]
    return found


def eye_angle_deg() -> float:
    """Return how far from straight on the agent looks at the face."""
    return abs(90 - d.LEAN_DEG - degrees(atan2(EYE_MM[1], EYE_MM[0])))


def windows(panel: d.Panel, margin: float = d.OLED_MARGIN) -> list[str]:
    """Return what hides a part of the picture, or leaves a gap beside the glass."""
    found = []
    oled = d.OLEDS[panel]
    depth = d.WALL + 0.7  # the lit layer lies about half the glass below its surface
    shift = depth * tan(radians(eye_angle_deg()))
    if margin < shift - 0.05:
        found.append(f"seen from the chair the window's edge hides {shift - margin:.2f} mm of the picture")
    found += [
        f"the {axis} of the window is wider than the glass behind it"
        for axis, lit, glass, shifted in zip(
            ("width", "depth"), oled.active, oled.glass, (0, oled.active_offset), strict=True
        )
        if lit / 2 + margin + shifted > glass / 2
    ]
    width, deep = oled.active
    opening = d.centred("picture", d.OLED_AT, (width + 2 * margin, deep + 2 * margin), (d.INNER_TOP, d.HEIGHT))
    found += [
        f"{other.name} is {opening.gap(other):.2f} mm from the OLED's window"
        for other in face_openings()
        if opening.gap(other) < 2 * d.WALL
    ]
    return found


def face_openings() -> tuple[Box, ...]:
    """Return every hole of the face but the OLED's window."""
    z = (d.INNER_TOP, d.HEIGHT)
    caps = (
        d.upright(f"button {name}", at, 2 * d.TRIANGLE_INNER + 2 * d.TRIANGLE_INNER, z)
        if shape is d.Cap.TRIANGLE
        else d.upright(f"button {name}", at, d.CAP_SIZE + 2 * d.CAP_GAP, z)
        for name, (at, shape) in d.BUTTONS.items()
    )
    leds = (d.upright(f"light pipe {name}", at, d.ROD_HOLE, z) for name, at in d.LEDS.items())
    screws_ = (d.upright(f"screw {n}", at, d.SCREW_HEAD, z) for n, at in enumerate(d.LID_SCREWS, 1))
    return (*caps, *leds, *screws_, d.sensor_window())


def face() -> list[str]:
    """Return each two holes of the face with less than the wall's thickness between them."""
    return [
        f"{one.name} and {other.name} have {one.gap(other):.2f} mm of face between them"
        for one, other in combinations(face_openings(), 2)
        if one.gap(other) < d.WALL
    ]


def light_pipes(rod_low: float = d.ROD_LOW) -> list[str]:
    """Return what keeps a light from being seen, or lets one LED's light into another pipe."""
    found = []
    lens = d.CARRIER_TOP + d.LED_HEIGHT
    if not 0.2 <= rod_low - lens <= 1.0:
        found.append(f"the rod ends {rod_low - lens:.1f} mm above the lens; 0.2 to 1 mm are meant")
    if lens - d.SLEEVE_LOW < 3:
        found.append("the sleeve does not reach over the lens: light goes astray")
    if d.SLEEVE_LOW - d.CARRIER_TOP < 1.2:
        found.append("the sleeve stands on the LED's collar")
    places = list(d.LEDS.values())
    if [x for x, _ in places] != sorted(x for x, _ in places):
        found.append("the LEDs are not from the left in the order that the README names")
    steps = [b[0] - a[0] for a, b in pairwise(places)]
    if steps[-1] < 1.9 * max(steps[:-1]):
        found.append("MUTE stands no farther from the others than they from each other")
    if min(steps) < d.SLEEVE + 2:
        found.append("two sleeves are too near to be told apart")
    return found


def caps() -> list[str]:
    """Return what is wrong with the buttons' caps."""
    found = []
    rest = d.INNER_TOP - d.CAP_FLANGE_HIGH
    if not 0.2 <= rest <= 0.8:
        found.append(f"a cap has {rest:.2f} mm of play; 0.2 to 0.8 are meant")
    if d.CAP_TOP - d.HEIGHT < d.SWITCH_TRAVEL + 1:
        found.append("a pressed cap disappears in the face")
    for shape in d.Cap:
        reach = (
            2 * d.TRIANGLE_INNER
            if shape is d.Cap.TRIANGLE
            else d.CAP_SIZE / 2 * (2**0.5 if shape is d.Cap.SQUARE else 1)
        )
        if d.CAP_FLANGE / 2 - reach - d.CAP_GAP < 0.8:
            found.append(f"the {shape} cap's flange is too small to be held by the face")
    if len({shape for _, shape in d.BUTTONS.values()}) < len(d.BUTTONS):
        found.append("two buttons have the same shape")
    return found


def sensor_view(tilt_deg: float = d.SENSOR_TILT_DEG) -> list[str]:
    """Return what the distance sensor does not see, or what stands in its way."""
    found = []
    axis = 90 - d.LEAN_DEG - tilt_deg  # above the desk
    half = d.SENSOR_FIELD_DEG / 2
    away, breast, crown = HEAD_MM
    sees = tuple(away * tan(radians(axis + side * half)) for side in (-1, 1))
    if sees[0] > breast or sees[1] < crown:
        found.append(
            f"at {away:.0f} mm it sees {sees[0]:.0f} to {sees[1]:.0f} mm above the desk; "
            f"{breast:.0f} to {crown:.0f} are meant"
        )
    window, chip = d.sensor_window(), d.sensor_point(0, 0, d.SENSOR_HEIGHT)
    for side in (-1, 1):
        angle = radians(tilt_deg + side * half)
        for z in (d.INNER_TOP, d.HEIGHT):
            y = chip[1] - (z - chip[2]) * tan(angle)
            if not window.low[1] + 0.5 <= y - 1.0 <= y + 1.0 <= window.high[1] - 0.5:
                found.append(
                    f"the field of view leaves at {y:.1f} mm, "
                    f"the window ends at {window.low[1]:.1f} and {window.high[1]:.1f}"
                )
    return found


def cables() -> list[str]:
    """Return what is wrong with plugs, ties and bends."""
    found = []
    for what, (width, height, middle) in d.PLUGS.items():
        (opening,) = (each for each in d.OPENINGS if each.what == what)
        if (
            opening.width < width + 2 * APART
            or not opening.low + APART <= middle - height / 2
            or not middle + height / 2 <= opening.high - APART
        ):
            found.append(f"the {what} plug does not enter its opening")
    found += [
        f"{opening.what}: no tie holds its cable"
        for opening in d.OPENINGS
        if opening.what not in {tie.what for tie in d.TIES}
    ]
    for tie in d.TIES:
        room = d.foot_height(tie.at[1]) if tie.at[1] > d.FOOT_Y[0] else 0
        if not _is_beside_a_foot(tie):
            found.append(f"{tie.what}: a foot is in the way of its cable")
        if room < tie.cable + 2:
            found.append(f"{tie.what}: {room:.0f} mm below the floor are too few for a cable of {tie.cable:g} mm")
        if tie.bend > LOOP_MM / 2:
            found.append(f"{tie.what}: its loop of {LOOP_MM:.0f} mm bends the cable below {tie.bend:.0f} mm")
    return found


LOOP_MM: Final = 60.0
"""The free loop between plug and tie that the assembly steps ask for: it stands beside and behind the unit."""


def _is_beside_a_foot(tie: d.Tie) -> bool:
    reach = (d.TIE_APART + d.TIE[1]) / 2 if tie.is_along_x else d.TIE[0] / 2
    return all(abs(tie.at[0] - x) > reach + d.FOOT_THICKNESS / 2 for x in d.FEET_X) or tie.at[1] > d.FOOT_Y[1]


def stands() -> list[str]:
    """Return what makes it fall: its weight taken as even, a button pressed with 5 N at its upper end."""
    lean = radians(d.LEAN_DEG)

    def along_the_desk(y: float, z: float) -> float:
        return y * cos(lean) - z * sin(lean)

    front = along_the_desk(d.FOOT_Y[0], -d.foot_height(d.FOOT_Y[0]))
    rear = along_the_desk(d.FOOT_Y[1], -d.foot_height(d.FOOT_Y[1]))
    weight = along_the_desk(d.DEPTH / 2, d.HEIGHT / 2)
    found = []
    if not front + 15 < weight < rear - 15:
        found.append(f"its weight is at {weight:.0f} mm, its feet reach from {front:.0f} to {rear:.0f}")
    for name, ((_, y), _) in d.BUTTONS.items():
        if not d.FOOT_Y[0] <= y <= d.FOOT_Y[1]:
            found.append(f"pressing {name} tips it")
    return found


def complaints() -> list[str]:
    """Return everything that is wrong, for every Pi and panel that is served."""
    found = screws() + sensor_board() + face() + light_pipes() + caps() + sensor_view() + cables() + stands()
    for panel in d.Panel:
        found += windows(panel)
        for board in d.Board:
            found += [f"{board}, {panel}: {each}" for each in spacing(board, panel)]
    return found
