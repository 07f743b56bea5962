"""Which way does each track go? A maze router for two layers: nets may meet at first, at a price that rises.

The grid is an eighth of 2.54 mm. A node may carry a track's middle if every foreign pad, hole, edge and laid track is
at least the clearance away. Nets that come too near each other in one round both pay for it in the next, until none do
(negotiated congestion, after McMurchie and Ebeling, 1995). No randomness: the same board gives the same tracks.
"""

import heapq
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import ceil, floor, hypot
from typing import Any, Final

Point = tuple[float, float]

GRID: Final = 2.54 / 8
TRACK: Final = 0.3
CLEARANCE: Final = 0.2
VIA: Final = 0.8
EDGE: Final = 0.6
SLACK: Final = 0.03
"""By which the middle of a slanting step is nearer to something than its two ends."""

LAYERS: Final = ("F.Cu", "B.Cu")
STRAIGHT, SLANT, THROUGH, AGAINST = 10, 14, 120, 6
"""What a step costs: along, across, to the other layer; and more for going against the layer's direction."""

SHARED: Final = -2
FREE: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Pad:
    """A pad or a hole that goes through both layers; `half`: half its size along x and y; no net: nothing may touch."""

    net: str
    at: Point
    half: Point
    is_round: bool

    def gap(self, point: Point) -> float:
        """Return how far a point is from the pad's edge; negative inside. What is not round counts as a rectangle."""
        radius = self.half[0] if self.is_round else 0.0
        dx = max(abs(point[0] - self.at[0]) - (self.half[0] - radius), 0)
        dy = max(abs(point[1] - self.at[1]) - (self.half[1] - radius), 0)
        if dx == dy == 0 and not self.is_round:
            return max(abs(point[0] - self.at[0]) - self.half[0], abs(point[1] - self.at[1]) - self.half[1])
        return hypot(dx, dy) - radius


@dataclass(slots=True)
class Board:
    """The grid: which net alone may be where, for tracks and for vias."""

    corner: Point
    width: int
    height: int
    tracks: list[int] = field(default_factory=list)
    vias: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        size = 2 * self.width * self.height
        self.tracks = [FREE] * size
        self.vias = [FREE] * size

    def point(self, node: int) -> Point:
        """Return where a node is."""
        rest = node % (self.width * self.height)
        return self.corner[0] + rest % self.width * GRID, self.corner[1] + rest // self.width * GRID

    def near(self, low: Point, high: Point) -> Iterable[tuple[int, Point]]:
        """Yield the nodes of the upper layer within a rectangle."""
        x0, x1 = max(ceil((low[0] - self.corner[0]) / GRID), 0), floor((high[0] - self.corner[0]) / GRID)
        y0, y1 = max(ceil((low[1] - self.corner[1]) / GRID), 0), floor((high[1] - self.corner[1]) / GRID)
        for y in range(y0, min(y1, self.height - 1) + 1):
            for x in range(x0, min(x1, self.width - 1) + 1):
                yield y * self.width + x, (self.corner[0] + x * GRID, self.corner[1] + y * GRID)

    def claim(self, owner: list[int], node: int, net: int) -> None:
        """Reserve a node for one net; for none, once two want it."""
        for layer in (0, self.width * self.height):
            had = owner[node + layer]
            owner[node + layer] = net if had in (FREE, net) and net >= 0 else SHARED


def _claim_pad(board: Board, pad: Pad, net: int) -> None:
    for owner, reach in ((board.tracks, TRACK / 2), (board.vias, VIA / 2)):
        need = CLEARANCE + reach + SLACK
        low = (pad.at[0] - pad.half[0] - need, pad.at[1] - pad.half[1] - need)
        high = (pad.at[0] + pad.half[0] + need, pad.at[1] + pad.half[1] + need)
        for node, point in board.near(low, high):
            if pad.gap(point) < need:
                board.claim(owner, node, net)
    # No via in a pad: solder runs away through it.
    for node, point in board.near(
        (pad.at[0] - pad.half[0] - VIA / 2, pad.at[1] - pad.half[1] - VIA / 2),
        (pad.at[0] + pad.half[0] + VIA / 2, pad.at[1] + pad.half[1] + VIA / 2),
    ):
        if pad.gap(point) < VIA / 2:
            board.claim(board.vias, node, SHARED)


def _inside(point: Point, corners: Sequence[Point]) -> bool:
    x, y = point
    found = False
    for (x0, y0), (x1, y1) in zip(corners, [*corners[1:], corners[0]], strict=True):
        if (y0 > y) != (y1 > y) and x < (x1 - x0) * (y - y0) / (y1 - y0) + x0:
            found = not found
    return found


def distance(point: Point, one: Point, other: Point) -> float:
    """Return how far a point is from the straight piece between two others."""
    (x, y), (x0, y0), (x1, y1) = point, one, other
    length = (x1 - x0) ** 2 + (y1 - y0) ** 2
    part = 0 if length == 0 else min(max(((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / length, 0), 1)
    return hypot(x - x0 - part * (x1 - x0), y - y0 - part * (y1 - y0))


def prepared(job: Mapping[str, Any], pads: Sequence[Pad], nets: Sequence[str], pin: Point) -> Board:
    """Return the grid, one of its nodes on `pin`, with everything that is there before the first track."""
    edge = [tuple(point) for point in job["outline"]]
    xs, ys = [x for x, _ in edge], [y for _, y in edge]
    corner = pin[0] - ceil((pin[0] - min(xs)) / GRID) * GRID, pin[1] - ceil((pin[1] - min(ys)) / GRID) * GRID
    board = Board(corner, ceil((max(xs) - corner[0]) / GRID) + 1, ceil((max(ys) - corner[1]) / GRID) + 1)
    number = {net: place for place, net in enumerate(nets)}
    for node, point in board.near((min(xs), min(ys)), (max(xs), max(ys))):
        sides = zip(edge, [*edge[1:], edge[0]], strict=True)
        off = min(distance(point, one, other) for one, other in sides)
        is_in = _inside(point, edge)
        for owner, reach in ((board.tracks, TRACK / 2), (board.vias, VIA / 2)):
            if not is_in or off < EDGE + reach:
                board.claim(owner, node, SHARED)
    for pad in pads:
        _claim_pad(board, pad, number.get(pad.net, SHARED))
    for place in job["keepouts"]:
        if not place["is_empty"]:
            continue
        px, py = [x for x, _ in place["points"]], [y for _, y in place["points"]]
        for owner, reach in ((board.tracks, TRACK / 2), (board.vias, VIA / 2)):
            for node, _ in board.near((min(px) - reach, min(py) - reach), (max(px) + reach, max(py) + reach)):
                board.claim(owner, node, SHARED)
    for line in job["tracks"]:
        for one, other in pairwise(line["points"]):
            for owner, reach in ((board.tracks, TRACK / 2), (board.vias, VIA / 2)):
                need = line["width"] / 2 + CLEARANCE + reach + SLACK
                low = (min(one[0], other[0]) - need, min(one[1], other[1]) - need)
                high = (max(one[0], other[0]) + need, max(one[1], other[1]) + need)
                for node, point in board.near(low, high):
                    if distance(point, one, other) < need:
                        board.claim(owner, node, SHARED)
    return board


def _offsets(width: int, reach: float) -> tuple[int, ...]:
    steps = ceil(reach / GRID)
    return tuple(
        dy * width + dx
        for dy in range(-steps, steps + 1)
        for dx in range(-steps, steps + 1)
        if hypot(dx, dy) * GRID < reach - 1e-6
    )


class Router:
    """Lays every net, round after round. `usage`: how many foreign tracks forbid a node to a track, or to a via."""

    def __init__(self, board: Board, pins: Mapping[int, Sequence[frozenset[int]]]) -> None:
        self.board = board
        self.pins = pins
        self.layer = board.width * board.height
        self.track_usage = [0] * (2 * self.layer)
        self.via_usage = [0] * (2 * self.layer)
        self.history = [0] * (2 * self.layer)
        self.paths: dict[int, list[list[int]]] = {}
        width = board.width
        self.halo = {
            ("track", "track"): _offsets(width, TRACK + CLEARANCE),
            ("track", "via"): _offsets(width, (TRACK + VIA) / 2 + CLEARANCE),
            ("via", "via"): _offsets(width, VIA + CLEARANCE),
        }
        self.moves = (
            (1, STRAIGHT, STRAIGHT + AGAINST),
            (-1, STRAIGHT, STRAIGHT + AGAINST),
            (width, STRAIGHT + AGAINST, STRAIGHT),
            (-width, STRAIGHT + AGAINST, STRAIGHT),
            *((dy * width + dx, SLANT + 2, SLANT + 2) for dx in (-1, 1) for dy in (-1, 1)),
        )

    def mark(self, net: int, by: int) -> None:
        """Count a net's tracks into the usage, or out of it."""
        tracks, vias = set[int](), set[int]()
        for path in self.paths.get(net, []):
            tracks.update(path)
            vias.update(a for a, b in pairwise(path) if abs(a - b) == self.layer)
            vias.update(b for a, b in pairwise(path) if abs(a - b) == self.layer)
        for nodes, kind in ((tracks, "track"), (vias, "via")):
            forbids_track = self.halo["track", kind]
            forbids_via = self.halo["track", "via"] if kind == "track" else self.halo["via", "via"]
            for usage, offsets in ((self.track_usage, forbids_track), (self.via_usage, forbids_via)):
                touched = {node + offset for node in nodes for offset in offsets}
                for node in touched:
                    if 0 <= node < len(usage):
                        usage[node] += by

    def lay(self, net: int, penalty: int) -> bool:
        """Connect the pins of a net; return whether all could be reached."""
        pins = list(self.pins[net])
        tree = set(pins[0])
        rest = pins[1:]
        paths: list[list[int]] = []
        while rest:
            rest.sort(key=lambda pin: (self._distance(pin, tree), min(pin)))
            target = rest.pop(0)
            path = self._path(net, target, tree, penalty)
            if path is None:
                self.paths[net] = paths
                return False
            paths.append(path)
            tree.update(path)
            tree.update(target)
        self.paths[net] = paths
        return True

    def _distance(self, pin: frozenset[int], tree: set[int]) -> float:
        x, y = self.board.point(min(pin))
        return min(abs(x - tx) + abs(y - ty) for tx, ty in map(self.board.point, tree))

    def _path(self, net: int, start: frozenset[int], goal: set[int], penalty: int) -> list[int] | None:
        board, layer, width = self.board, self.layer, self.board.width
        allowed, via_allowed = board.tracks, board.vias
        usage, via_usage, history = self.track_usage, self.via_usage, self.history
        gx = [node % layer % width for node in goal]
        gy = [node % layer // width for node in goal]
        x0, x1, y0, y1 = min(gx), max(gx), min(gy), max(gy)

        def ahead(node: int) -> int:
            x, y = node % layer % width, node % layer // width
            dx, dy = max(x0 - x, x - x1, 0), max(y0 - y, y - y1, 0)
            return STRAIGHT * max(dx, dy) + 4 * min(dx, dy)

        cost = dict.fromkeys(start, 0)
        before: dict[int, int] = {}
        queue = [(ahead(node), node) for node in sorted(start)]
        heapq.heapify(queue)
        done = set[int]()
        while queue:
            _, node = heapq.heappop(queue)
            if node in done:
                continue
            done.add(node)
            if node in goal:
                path = [node]
                while node in before:
                    node = before[node]
                    path.append(node)
                return path
            base = cost[node]
            level = node // layer
            for step, upper, lower in self.moves:
                other = node + step
                if not level * layer <= other < (level + 1) * layer:
                    continue
                if allowed[other] != FREE and allowed[other] != net:
                    continue
                new = base + (lower if level else upper) + history[other] + penalty * usage[other]
                if new < cost.get(other, 1 << 60):
                    cost[other] = new
                    before[other] = node
                    heapq.heappush(queue, (new + ahead(other), other))
            if via_allowed[node] in (FREE, net):
                other = node + layer if level == 0 else node - layer
                if allowed[other] in (FREE, net):
                    crowd = via_usage[node] + via_usage[other]
                    new = base + THROUGH + history[other] + penalty * (usage[other] + crowd)
                    if new < cost.get(other, 1 << 60):
                        cost[other] = new
                        before[other] = node
                        heapq.heappush(queue, (new + ahead(other), other))
        return None

    def crowded(self, net: int) -> list[int]:
        """Return the nodes of a net that are too near a foreign track; the net itself is not counted at the time."""
        found = []
        for path in self.paths.get(net, []):
            found += [node for node in path if self.track_usage[node]]
            for a, b in pairwise(path):
                if abs(a - b) == self.layer:
                    found += [node for node in (a, b) if self.via_usage[node]]
        return found

    def run(self, rounds: int) -> list[str]:
        """Lay all nets until none is crowded. Return what remains, in words; empty when all is well."""
        order = sorted(self.pins, key=lambda net: (len(self.pins[net]), net))
        remaining = list(order)
        penalty = 4
        fewest, stuck = len(order), 0
        for number in range(rounds):
            lost = []
            for net in remaining:
                self.mark(net, -1)
                if not self.lay(net, penalty):
                    lost.append(net)
                self.mark(net, 1)
            remaining = []
            for net in order:
                self.mark(net, -1)
                crowd = self.crowded(net)
                self.mark(net, 1)
                for node in crowd:
                    self.history[node] += max(25, penalty)
                if crowd or net in lost:
                    remaining.append(net)
            print(f"  round {number + 1}: {len(remaining)} nets in each other's way", flush=True)
            if not remaining:
                return []
            stuck = 0 if len(remaining) < fewest else stuck + 1
            fewest = min(fewest, len(remaining))
            if stuck == 2:  # those that are in nobody's way now must make room
                stuck, remaining = 0, order
            penalty = min(int(penalty * 1.5) + 1, 120)
        return [f"net {net} could not be laid" for net in remaining]


def routed(
    job: Mapping[str, Any], found: Sequence[Mapping[str, Any]], skip: frozenset[str], rounds: int
) -> dict[str, Any]:
    """Return tracks and vias for every net but those to skip. Raises ValueError if some cannot be laid."""
    pads = [
        Pad(
            net=each["net"],
            at=tuple(each["at"]),
            half=(max(each["size"][0], each["hole"]) / 2, max(each["size"][1], each["hole"]) / 2),
            is_round=each["is_round"],
        )
        for each in found
    ]
    nets = sorted({pad.net for pad in pads if pad.net})
    # On the header's pins, so that a track fits between two of them.
    board = prepared(job, pads, nets, next(tuple(each["at"]) for each in found if each["ref"] == "J1"))
    pins: dict[int, list[frozenset[int]]] = {}
    centre: dict[tuple[int, int], Point] = {}
    for pad in pads:
        if not pad.net or pad.net in skip:
            continue
        net = nets.index(pad.net)
        nodes = set[int]()
        for node, point in board.near(
            (pad.at[0] - pad.half[0], pad.at[1] - pad.half[1]), (pad.at[0] + pad.half[0], pad.at[1] + pad.half[1])
        ):
            if pad.gap(point) < -0.35:
                for each in (node, node + board.width * board.height):
                    nodes.add(each)
                    centre[net, each] = pad.at
        pins.setdefault(net, []).append(frozenset(nodes))
    router = Router(board, {net: ends for net, ends in pins.items() if len(ends) > 1})
    if left := router.run(rounds):
        raise ValueError("; ".join(left))
    return _as_lines(router, nets, centre)


def _as_lines(router: Router, nets: Sequence[str], centre: Mapping[tuple[int, int], Point]) -> dict[str, Any]:
    """Return the paths as straight pieces, each from turn to turn, its ends led to the middle of the pad it is in."""
    tracks: list[dict[str, Any]] = []
    vias: dict[tuple[str, Point], None] = {}
    for net, paths in sorted(router.paths.items()):
        for path in paths:
            piece = [path[0]]
            pieces = []
            for a, b in pairwise(path):
                if abs(a - b) == router.layer:
                    vias[nets[net], router.board.point(a)] = None
                    pieces.append(piece)
                    piece = [b]
                else:
                    piece.append(b)
            pieces.append(piece)
            for nodes in pieces:
                points = [router.board.point(node) for node in _corners(nodes)]
                for end, node in ((0, nodes[0]), (-1, nodes[-1])):
                    middle = centre.get((net, node))
                    if middle and middle != points[end]:
                        points.insert(0 if end == 0 else len(points), middle)
                if len(points) > 1:
                    rounded = [(round(x, 4), round(y, 4)) for x, y in points]
                    tracks.append(
                        {"net": nets[net], "layer": LAYERS[nodes[0] // router.layer], "width": TRACK, "points": rounded}
                    )
    return {"tracks": tracks, "vias": [{"net": net, "at": (round(x, 4), round(y, 4))} for net, (x, y) in sorted(vias)]}


def _corners(nodes: Sequence[int]) -> list[int]:
    kept = [nodes[0]]
    for a, b, c in zip(nodes, nodes[1:], nodes[2:], strict=False):
        if b - a != c - b:
            kept.append(b)
    return kept if len(nodes) == 1 else [*kept, nodes[-1]]
