"""How large is everything, and where does it sit? The only place with a number of the enclosure, in millimetres.

Both the CAD model and the wall of tests work from what is here. Axes: x to the agent's right, y away from the agent,
z out of the face; the origin is the outer lower left front corner of the base. The Pi lies with its header towards
the agent, its USB sockets left and its power socket at the rear, so that every cable leaves away from the hands.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import cos, radians, sin, tan
from types import MappingProxyType
from typing import Final

# --- the printed box -------------------------------------------------------------------------------------------------

WALL: Final = 2.4
"""Six lines of a 0.4 mm nozzle: floor, face and every wall."""

WIDTH: Final = 101.0
DEPTH: Final = 97.6
SPLIT: Final = 26.0
"""Where base and lid meet: above the USB sockets, so that every opening is a notch from a rim and needs no support."""

INNER_TOP: Final = 36.6
HEIGHT: Final = INNER_TOP + WALL
CORNER: Final = 3.0
"""Radius of the upright edges."""

FIT: Final = 0.25
"""Gap on each side wherever one printed part enters another."""

BED: Final = 180.0
"""The smallest print bed that every part must fit on, each way."""

NOZZLE: Final = 0.4
LEAN_DEG: Final = 30.0
"""How far the feet tilt the face from the desk towards the agent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A body's bounding box: its name, its low and high corner."""

    name: str
    low: tuple[float, float, float]
    high: tuple[float, float, float]

    def gap(self, other: "Box") -> float:
        """Return the widest gap along an axis; negative: the bodies overlap by that much at least on every axis."""
        return max(
            max(mine_low - their_high, their_low - mine_high)
            for mine_low, mine_high, their_low, their_high in zip(
                self.low, self.high, other.low, other.high, strict=True
            )
        )


def upright(name: str, at: tuple[float, float], diameter: float, z: tuple[float, float]) -> Box:
    """Return the bounding box of an upright cylinder."""
    return centred(name, at, (diameter, diameter), z)


def centred(name: str, at: tuple[float, float], size: tuple[float, float], z: tuple[float, float]) -> Box:
    """Return the box of this size around a point of the plan."""
    (x, y), (w, d) = at, size
    return Box(name=name, low=(x - w / 2, y - d / 2, z[0]), high=(x + w / 2, y + d / 2, z[1]))


# --- the Pi ----------------------------------------------------------------------------------------------------------
# Raspberry Pi 3B+, 4B and 5: board 85 x 56, holes 58 x 49 apart and 3.5 from the edges, header centred on 32.5, 52.5
# (mechanical drawings of the maker). In the drawing's own axes: header at the top, USB sockets at the right.

PI_BOTTOM: Final = 7.4
"""5 mm above the floor: solder joints and the SD card's socket stay clear."""

PI_TOP: Final = PI_BOTTOM + 1.4
PI_SIZE: Final = (85.0, 56.0)
PI_ORIGIN: Final = (91.0, 88.4)
"""Where the drawing's origin (the corner at power socket and SD card) lies."""

PI_HOLES: Final = ((3.5, 3.5), (61.5, 3.5), (3.5, 52.5), (61.5, 52.5))
PI_HEADER: Final = (32.5, 52.5)


def from_pi(x: float, y: float) -> tuple[float, float]:
    """Return a point of the Pi's drawing in the box: turned by half a turn."""
    return PI_ORIGIN[0] - x, PI_ORIGIN[1] - y


PI_POSTS: Final = tuple(from_pi(*hole) for hole in PI_HOLES)


def _pi_part(name: str, at: tuple[float, float], size: tuple[float, float], z: tuple[float, float]) -> Box:
    return centred(name, from_pi(*at), size, (PI_TOP + z[0], PI_TOP + z[1]))


class Board(StrEnum):
    """The Pis that fit.

    Not the 3A+ (its one USB socket ends 20 mm inside the wall) nor the Zero 2 W (other holes, sockets on the other
    side, and its one USB socket would need an adapter between sound card and box): neither has the socket where a
    technician can reach it, and both have 512 MB of memory.
    """

    PI_3B_PLUS = "3B+"
    PI_4B = "4B"
    PI_5 = "5"


# Sockets by board: centre in the drawing's axes and height above the board. They stand 3 mm over the edge.
_USB: Final[Mapping[Board, tuple[tuple[str, float, float, float], ...]]] = MappingProxyType(
    {
        Board.PI_3B_PLUS: (("Ethernet", 10.25, 15.9, 13.5), ("USB", 29.0, 13.2, 16.0), ("USB", 47.0, 13.2, 16.0)),
        Board.PI_4B: (("USB", 9.0, 13.2, 16.0), ("USB", 27.0, 13.2, 16.0), ("Ethernet", 45.75, 15.9, 13.5)),
        Board.PI_5: (("Ethernet", 10.2, 15.9, 13.5), ("USB", 29.1, 13.2, 16.0), ("USB", 47.0, 13.2, 16.0)),
    }
)
_EDGE: Final[Mapping[Board, tuple[tuple[str, float, float, float, float], ...]]] = MappingProxyType(
    # name, centre along the edge, width, height, how far it stands over the edge
    {
        Board.PI_3B_PLUS: (
            ("power", 10.6, 7.6, 2.9, 1.2),
            ("HDMI", 32.0, 15.1, 6.5, 1.5),
            ("sound", 53.5, 7, 6.0, 2.6),
        ),
        Board.PI_4B: (
            ("power", 11.2, 9.0, 3.3, 1.3),
            ("HDMI 0", 26.0, 6.6, 3.2, 1.5),
            ("HDMI 1", 39.5, 6.6, 3.2, 1.5),
            ("sound", 54.0, 7, 6.0, 2.6),
        ),
        Board.PI_5: (("power", 11.2, 9.0, 3.3, 1.3), ("HDMI 0", 25.8, 6.6, 3.2, 1.5), ("HDMI 1", 39.2, 6.6, 3.2, 1.5)),
    }
)

HEATSINK: Final = 9.0
"""Room above the processor: a flat heatsink fits, the active cooler of a Pi 5 does not (the load here is small)."""


def pi_parts(board: Board) -> tuple[Box, ...]:
    """Return the Pi's board and what stands on it, one box each."""
    parts = [
        centred("Pi", from_pi(42.5, 28), PI_SIZE, (PI_BOTTOM, PI_TOP)),
        _pi_part("solder side, between the holes", (32.5, 28), (50, 52), (-4.4, -1.4)),
        _pi_part("solder side, at the sockets", (74.5, 28), (18, 52), (-4.4, -1.4)),
        _pi_part("SD card", (4.5, 28.3), (14.0, 12), (-3.2, -1.4)),
        _pi_part("header", PI_HEADER, (50.8, 5.08), (0, 8.5)),
        _pi_part("heatsink", (29, 32), (20, 20), (0, HEATSINK)),
    ]
    for name, y, width, height in _USB[board]:
        parts.append(_pi_part(f"{name} at {y:g}", (85 + 3 - 10, y), (20, width), (0, height)))
    for name, x, width, height, over in _EDGE[board]:
        parts.append(_pi_part(name, (x, 3.5 - over / 2), (width, 7 + over), (0, height)))
    return tuple(parts)


# --- the carrier board -----------------------------------------------------------------------------------------------

HEADER_BASE: Final = 2.5
"""The plastic of the Pi's own header, on which the carrier's socket stands."""

HEADER_SOCKET: Final = 8.5
"""How high the carrier's socket on it is."""

SPACER: Final = HEADER_BASE + HEADER_SOCKET
"""Brass spacers M2.5 x 11 between Pi and carrier."""

CARRIER_BOTTOM: Final = PI_TOP + SPACER
CARRIER_TOP: Final = CARRIER_BOTTOM + 1.6
CARRIER: Final = Box(name="carrier", low=(26.0, 4.4, CARRIER_BOTTOM), high=(91.0, 88.4, CARRIER_TOP))
CARRIER_EAR: Final = Box(name="carrier's ear", low=(91.0, 40.0, CARRIER_BOTTOM), high=(99.4, 80.0, CARRIER_TOP))
"""The board's tongue through the right wall: the station socket's flange lies in the wall, its plug outside."""

STATION_SOCKET: Final = Box(
    name="station socket", low=(86.0, 40.4, CARRIER_TOP), high=(WIDTH + 0.6, 79.6, CARRIER_TOP + 12.6)
)
"""A DA-15 lying on the board: flange 39.2 x 12.6."""

CARRIER_POSTS: Final = ((30.0, 8.4), (88.2, 7.2))
"""Two printed posts below the carrier's front, where there is no Pi; screws M2.5 from above."""

LEDS: Final[Mapping[str, tuple[float, float]]] = MappingProxyType(
    {"green": (36.0, 30.0), "amber": (47.0, 30.0), "red": (58.0, 30.0), "mute": (80.0, 30.0)}
)
"""From the left, as the README shows them; MUTE stands apart by twice the distance, so that the place alone tells."""


class Cap(StrEnum):
    """The shape of a button's cap: told apart by a finger."""

    ROUND = "round"
    SQUARE = "square"
    TRIANGLE = "triangle"


BUTTONS: Final[Mapping[str, tuple[tuple[float, float], Cap]]] = MappingProxyType(
    {
        "resume": ((42.5, 15.0), Cap.ROUND),
        "page": ((60.0, 15.0), Cap.SQUARE),
        "snooze": ((77.5, 15.0), Cap.TRIANGLE),
    }
)

LED_HEIGHT: Final = 5.3
"""A 3 mm LED seated on the board, to the tip of its lens."""

SWITCH: Final = 12.4
SWITCH_BODY: Final = 4.3
SWITCH_HEIGHT: Final = 7.3
"""A 12 x 12 mm push button, from the board to the tip of its plunger."""

SWITCH_TRAVEL: Final = 0.35
CARRIER_PARTS_HEIGHT: Final = 5.0
"""How high a part may stand on the carrier where nothing else is said: what remains below the OLED."""


def carrier_parts() -> tuple[Box, ...]:
    """Return the carrier and those of its parts that something of the box meets."""
    leds = (upright(f"LED {name}", at, 3.8, (CARRIER_TOP, CARRIER_TOP + LED_HEIGHT)) for name, at in LEDS.items())
    switches = (
        Box(
            name=f"button {name}",
            low=(x - SWITCH / 2, y - SWITCH / 2, CARRIER_TOP),
            high=(x + SWITCH / 2, y + SWITCH / 2, CARRIER_TOP + SWITCH_BODY),
        )
        for name, ((x, y), _) in BUTTONS.items()
    )
    return (CARRIER, CARRIER_EAR, STATION_SOCKET, *leds, *switches)


# --- what hangs below the face ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Oled:
    """A panel module of 128 x 64. Generic ones differ by a millimetre: measure yours.

    `active_offset`: from the middle of the board to the middle of what lights up, towards the rear.
    """

    board: tuple[float, float]
    holes: tuple[float, float]
    active: tuple[float, float]
    active_offset: float
    glass: tuple[float, float]
    glass_thickness: float
    post: float
    pilot: float


class Panel(StrEnum):
    """The two sizes of module that the lid is made for."""

    LARGE = "1.3"
    SMALL = "0.96"


OLEDS: Final[Mapping[Panel, Oled]] = MappingProxyType(
    {
        # 1.3 inch, SH1106: the common four-pin module.
        Panel.LARGE: Oled(
            board=(35.4, 33.5),
            holes=(30.4, 28.5),
            active=(29.42, 14.7),
            active_offset=2.0,
            glass=(34.5, 23.0),
            glass_thickness=1.6,
            post=4.6,
            pilot=2.05,
        ),
        # 0.96 inch, SSD1306: glass 26.7 x 19.26 x 1.42, active 21.74 x 10.86.
        Panel.SMALL: Oled(
            board=(27.3, 27.8),
            holes=(23.5, 23.8),
            active=(21.74, 10.86),
            active_offset=2.1,
            glass=(26.7, 19.26),
            glass_thickness=1.6,
            post=4.0,
            pilot=1.6,
        ),
    }
)
OLED_AT: Final = (57.0, 65.4)
"""The middle of what lights up: the module moves, the picture stays."""

OLED_MARGIN: Final = 1.5
"""How much wider than the picture its window is, each side: the agent looks in at a slant."""

OLED_BOARD: Final = 1.2
OLED_BACK: Final = 2.6
"""What stands behind the module's board: parts, and a cable soldered flat."""


def oled_middle(panel: Panel) -> tuple[float, float]:
    """Return where the middle of the module's board is."""
    return OLED_AT[0], OLED_AT[1] - OLEDS[panel].active_offset


def oled_holes(panel: Panel) -> tuple[tuple[float, float], ...]:
    """Return where the four screws of the module are."""
    (x, y), (w, d) = oled_middle(panel), OLEDS[panel].holes
    return tuple((x + sx * w / 2, y + sy * d / 2) for sx in (-1, 1) for sy in (-1, 1))


def oled_window(panel: Panel) -> tuple[float, float]:
    """Return the size of the window in the face."""
    width, depth = OLEDS[panel].active
    return width + 2 * OLED_MARGIN, depth + 2 * OLED_MARGIN


# The distance sensor VL53L1X, on a board of 1.0 x 0.7 inch with four holes 0.8 x 0.5 inch apart (the one in the parts
# list, from memory). Its full field of view is 27 degrees (ST, DS12385). It looks through an open window: no glass, so
# nothing of its own light comes back.
SENSOR_AT: Final = (18.7, 21.6)
SENSOR_BOARD: Final = (25.4, 17.78)
SENSOR_HOLES: Final = (20.32, 12.7)
SENSOR_TILT_DEG: Final = 30.0
"""Towards the agent: with the face leaning by 30 degrees it looks 30 degrees up from the desk, at breast and head."""

SENSOR_FIELD_DEG: Final = 27.0
SENSOR_Z: Final = 30.6
"""The middle of the board's upper side."""

SENSOR_HEIGHT: Final = 1.1
SENSOR_PACKAGE: Final = 4.9
SENSOR_MARGIN: Final = 0.8
SENSOR_POST: Final = 4.6
SENSOR_PILOT: Final = 1.6
SENSOR_PILOT_DEPTH: Final = 3.4
"""Screws M2 x 5: 3.4 mm in the post, the rest is the board."""

SENSOR_PLUG: Final = (6.0, 3.0)
"""A JST SH socket at either end of the board: width, height."""


def sensor_point(across: float, along: float, up: float) -> tuple[float, float, float]:
    """Return a point given in the axes of the tilted sensor board: across (x), along (rearwards, rising), up."""
    tilt = radians(SENSOR_TILT_DEG)
    return (
        SENSOR_AT[0] + across,
        SENSOR_AT[1] + along * cos(tilt) - up * sin(tilt),
        SENSOR_Z + along * sin(tilt) + up * cos(tilt),
    )


def sensor_holes() -> tuple[tuple[float, float], ...]:
    """Return where the sensor board's holes are, in its own axes."""
    w, h = SENSOR_HOLES
    return tuple((sx * w / 2, sy * h / 2) for sx in (-1, 1) for sy in (-1, 1))


def sensor_parts() -> tuple[Box, ...]:
    """Return the bounding boxes of the tilted sensor: of its board, its chip and its two sockets."""
    width, depth = SENSOR_BOARD

    def hull(name: str, x: tuple[float, float], y: tuple[float, float], z: tuple[float, float]) -> Box:
        corners = [sensor_point(a, b, c) for a in x for b in y for c in z]
        return Box(
            name=name,
            low=tuple(min(each) for each in zip(*corners, strict=True)),
            high=tuple(max(each) for each in zip(*corners, strict=True)),
        )

    half = SENSOR_PLUG[0] / 2
    return (
        hull("sensor board", (-width / 2, width / 2), (-depth / 2, depth / 2), (-1.6, 0)),
        hull("sensor chip", (-SENSOR_PACKAGE / 2, SENSOR_PACKAGE / 2), (-1.3, 1.3), (0, SENSOR_HEIGHT)),
        hull("sensor socket left", (-width / 2, -width / 2 + 4.5), (-half, half), (0, SENSOR_PLUG[1])),
        hull("sensor socket right", (width / 2 - 4.5, width / 2), (-half, half), (0, SENSOR_PLUG[1])),
    )


def sensor_window() -> Box:
    """Return the opening in the face: as wide as the field of view where it leaves the face, and a margin."""
    _, y, z = sensor_point(0, 0, SENSOR_HEIGHT)
    half = radians(SENSOR_FIELD_DEG / 2)
    tilt = radians(SENSOR_TILT_DEG)
    out, into = HEIGHT - z, INNER_TOP - z
    side = out / cos(tilt + half) * tan(half) + SENSOR_PACKAGE / 2 + SENSOR_MARGIN
    return Box(
        name="sensor window",
        low=(SENSOR_AT[0] - side, y - out * tan(tilt + half) - 1.0 - SENSOR_MARGIN, INNER_TOP),
        high=(SENSOR_AT[0] + side, y - into * tan(tilt - half) + 1.0 + SENSOR_MARGIN, HEIGHT),
    )


def face_parts(panel: Panel) -> tuple[Box, ...]:
    """Return what is screwed below the face."""
    oled = OLEDS[panel]
    front = INNER_TOP - oled.glass_thickness
    module = centred("OLED board", oled_middle(panel), oled.board, (front - OLED_BOARD, front))
    back = centred(
        "OLED back",
        oled_middle(panel),
        (oled.board[0] - 1, oled.holes[1] + 3),
        (front - OLED_BOARD - OLED_BACK, front - OLED_BOARD),
    )
    glass = centred("OLED glass", oled_middle(panel), oled.glass, (front, INNER_TOP))
    return (module, back, glass, *sensor_parts())


# --- light pipes and caps --------------------------------------------------------------------------------------------

ROD: Final = 3.0
"""Clear acrylic rod, cut to length and pressed in."""

ROD_HOLE: Final = 3.1
ROD_STOP: Final = 2.4
"""The hole in the face's outermost 0.8 mm: the rod cannot come out, and cannot be pushed in too far."""

STOP_THICKNESS: Final = 0.8
SLEEVE: Final = 7.0
SLEEVE_LOW: Final = 23.2
"""The sleeve ends 1.8 mm above the board: it covers the lens, so no light of one LED reaches another pipe."""

LED_BORE: Final = 4.2
ROD_LOW: Final = CARRIER_TOP + LED_HEIGHT + 0.5
ROD_HIGH: Final = HEIGHT - STOP_THICKNESS

CAP_SIZE: Final = 9.0
"""Across flats; the triangle's sides are longer."""

TRIANGLE_INNER: Final = 3.6
"""Radius of the circle in the triangle: its corners reach twice as far."""

CAP_FLANGE: Final = 17.0
CAP_LEG: Final = 10.0
CAP_LEG_LOW: Final = CARRIER_TOP + SWITCH_HEIGHT
"""The leg rests on the button's plunger; a cone of 45 degrees leads from it to the flange."""

CAP_FLANGE_HIGH: Final = INNER_TOP - 0.4
CAP_FLANGE_LOW: Final = CAP_FLANGE_HIGH - 1.6
CAP_CONE_LOW: Final = CAP_FLANGE_LOW - (CAP_FLANGE - CAP_LEG) / 2
CAP_TOP: Final = HEIGHT + 2.0
CAP_GAP: Final = 0.35

# --- screws ----------------------------------------------------------------------------------------------------------

BOSS: Final = 6.8
LID_SCREWS: Final = ((5.6, 5.6), (95.4, 5.6), (95.4, 92.0), (18.0, 92.2))
"""M3 x 20 countersunk, from the face into the base."""

SCREW_LENGTH: Final = 20.0
SCREW_GRIP: Final = SCREW_LENGTH - (HEIGHT - SPLIT)
"""How much of the screw is in the base."""

SCREW_HOLE: Final = 3.4
SCREW_HEAD: Final = 6.6
PILOT_M3: Final = 2.5
PILOT_M2_5: Final = 2.05
POST: Final = 6.0
PILOT_DEPTH: Final = 8.0

# The lid enters the base with a rib inside the front wall: with four screws, it cannot be put on askew.
RIB: Final = 1.6
RIB_X: Final = (14.0, 86.0)
RIB_LOW: Final = 23.4

# --- openings, vents, cables -----------------------------------------------------------------------------------------


class Wall(StrEnum):
    """One of the four upright walls."""

    LEFT = "left"
    RIGHT = "right"
    FRONT = "front"
    REAR = "rear"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A rectangle in a wall: `at` along the wall, its width, from `low` to `high`; what leaves there."""

    what: str
    wall: Wall
    at: float
    width: float
    low: float
    high: float


OPENINGS: Final = (
    Opening(what="USB and Ethernet", wall=Wall.LEFT, at=from_pi(0, 27.9)[1], width=56.0, low=8.2, high=26.0),
    Opening(what="power", wall=Wall.REAR, at=from_pi(10.9, 0)[0], width=15.0, low=5.6, high=15.6),
    Opening(what="harness", wall=Wall.RIGHT, at=60.0, width=41.0, low=19.2, high=34.8),
)

PLUGS: Final[Mapping[str, tuple[float, float, float]]] = MappingProxyType(
    # the largest overmoulding that enters the opening (width, height), and the height of its middle
    {"power": (12.4, 8.5, PI_TOP + 1.6)}
)

VENT: Final = 2.0
VENT_PITCH: Final = 4.4
REAR_VENTS: Final = tuple(28.0 + VENT_PITCH * n for n in range(9))
"""Slots from the rim of the rear wall down, behind the Pi's rear edge: the warm air leaves at the highest place."""

REAR_VENT_LOW: Final = 15.0
FLOOR_VENTS: Final = tuple(34.0 + VENT_PITCH * n for n in range(9))
FLOOR_VENT_Y: Final = (44.0, 74.0)

TIE: Final = (4.0, 2.0)
TIE_APART: Final = 9.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tie:
    """Two slots in the floor for a cable tie: the cable loops back below the box and is held there.

    `cable`: its diameter; `bend`: the smallest radius it may lie in for good, four diameters.
    """

    what: str
    at: tuple[float, float]
    is_along_x: bool
    cable: float

    @property
    def bend(self) -> float:
        """The smallest radius of a cable at rest."""
        return 4 * self.cable


TIES: Final = (
    Tie(what="USB and Ethernet", at=(8.5, 24.0), is_along_x=False, cable=5.0),
    Tie(what="power", at=(69.0, 92.6), is_along_x=True, cable=4.5),
    Tie(what="harness", at=(95.6, 76.0), is_along_x=False, cable=7.0),
)

# --- feet ------------------------------------------------------------------------------------------------------------

FOOT_THICKNESS: Final = 14.0
FOOT_Y: Final = (5.0, 93.0)
FOOT_FRONT: Final = 3.0
FEET_X: Final = (22.0, 84.5)
"""The middle of each foot."""

FOOT_SCREWS_Y: Final = (44.0, 72.0)
FOOT_SCREWS: Final = tuple((x, y) for x in FEET_X for y in FOOT_SCREWS_Y)
FOOT_SCREW_DEPTH: Final = 11.0
FOOT_WEB: Final = 6.0
FOOT_CUT_Y: Final = (48.0, 87.0)
"""Material left around the triangle that is cut out of a foot."""


def foot_height(y: float) -> float:
    """Return how far below the floor the desk is at this depth."""
    return FOOT_FRONT + (y - FOOT_Y[0]) * tan(radians(LEAN_DEG))


# --- the hood over a lamp of the phone -------------------------------------------------------------------------------

HOOD_OUTER: Final = 13.0
HOOD_HEIGHT: Final = 18.0
HOOD_FLANGE: Final = 20.0
HOOD_FLANGE_THICKNESS: Final = 1.6
HOOD_APERTURE: Final = 3.0
"""What the phototransistor sees of the phone: a lamp below it, and no neighbour."""

HOOD_APERTURE_LENGTH: Final = 2.0
"""From the phone's surface to the lens, adhesive foam not counted."""

HOOD_BORE: Final = 5.3
"""For a 5 mm phototransistor."""

HOOD_LENS: Final = 7.6
"""From the lens's tip to its flange."""

HOOD_CHAMBER: Final = 8.0
HOOD_SLOT: Final = 3.6
"""For the two wires of the sensor's cable, from the rim down; a cable tie around the neck holds them."""

HOOD_SLOT_LOW: Final = 11.0
HOOD_WIRES: Final = 2.2
"""What the lid's key leaves open of the slot."""

HOOD_LID: Final = 1.6
HOOD_PLUG: Final = 3.0
