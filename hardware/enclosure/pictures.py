"""How does it look? Shaded pictures with callouts, drawn from meshes by a depth buffer: no screen needed.

The same meshes give the same picture on every machine, so that a changed part shows as a changed picture.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import cos, radians, sin
from typing import Final

import numpy as np
import trimesh
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

Points = NDArray[np.float64]

SUPERSAMPLING: Final = 2
MARGIN_PX: Final = 330
"""Room for the callouts at either side."""

TEXT_LINE: Final = 24
LINE: Final = (35, 38, 45)
MARK: Final = (190, 60, 40)
PAPER: Final = (255, 255, 255)
LIGHT: Final = np.array([-0.35, -0.5, 0.8]) / np.linalg.norm([-0.35, -0.5, 0.8])


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """A mesh in its place with its colour."""

    mesh: trimesh.Trimesh
    colour: tuple[int, int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Callout:
    """A line from a point of the scene to a text at the left or right margin."""

    text: str
    at: tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """From where: `turn_deg` around the upright axis, `rise_deg` above the horizon; parallel projection."""

    turn_deg: float
    rise_deg: float

    def axes(self) -> Points:
        """Return right, up and towards-the-eye as rows."""
        turn, rise = radians(self.turn_deg), radians(self.rise_deg)
        right = (cos(turn), sin(turn), 0.0)
        toward = (sin(turn) * cos(rise), -cos(turn) * cos(rise), sin(rise))
        up = np.cross(toward, right)
        return np.array([right, up, toward])


def picture(
    bodies: Sequence[Body], camera: Camera, size: tuple[int, int], callouts: Sequence[Callout] = (), title: str = ""
) -> Image.Image:
    """Return the scene, as large as fits between the callouts, with its title above."""
    axes = camera.axes()
    every = np.concatenate([body.mesh.vertices for body in bodies]) @ axes.T
    low, high = every.min(axis=0), every.max(axis=0)
    width, height = size
    side = MARGIN_PX if callouts else 30
    top = 56 if title else 20
    scale = min((width - 2 * side) / (high[0] - low[0]), (height - top - 20) / (high[1] - low[1]))
    middle = (low + high) / 2

    def on_paper(points: Points) -> Points:
        seen = (np.atleast_2d(points) @ axes.T - middle) * scale
        return np.column_stack([width / 2 + seen[:, 0], (height + top) / 2 - seen[:, 1], seen[:, 2]])

    image = _shaded(bodies, on_paper, size)
    _annotate(image, callouts, on_paper, title)
    return image


@dataclass(frozen=True, slots=True)
class _Canvas:
    """What is nearest at each pixel: its depth, its body, its brightness, which way it faces."""

    depth: Points
    owner: NDArray[np.int64]
    shade: Points
    normal: Points


def _shaded(bodies: Sequence[Body], on_paper: Callable[[Points], Points], size: tuple[int, int]) -> Image.Image:
    width, height = size[0] * SUPERSAMPLING, size[1] * SUPERSAMPLING
    canvas = _Canvas(
        np.full((height, width), -np.inf),
        np.full((height, width), -1),
        np.ones((height, width)),
        np.zeros((height, width, 3)),
    )
    for index, body in enumerate(bodies):
        corners = on_paper(body.mesh.vertices)
        corners[:, :2] *= SUPERSAMPLING
        lit = 0.62 + 0.38 * np.clip(body.mesh.face_normals @ LIGHT, -0.6, 1)
        for face, brightness, normal in zip(body.mesh.faces, lit, body.mesh.face_normals, strict=True):
            _fill(canvas, corners[face], index, brightness, normal)
    colours = np.array([*(body.colour for body in bodies), PAPER], dtype=float)
    pixels = colours[canvas.owner] * np.where(canvas.owner < 0, 1, canvas.shade)[..., None]
    pixels[_edges(canvas)] = LINE
    image = Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
    return image.resize(size, Image.Resampling.BOX)


def _fill(canvas: _Canvas, corners: Points, index: int, brightness: float, normal: Points) -> None:
    """Draw one triangle where it is nearer than what is there."""
    (x0, y0, z0), (x1, y1, z1), (x2, y2, z2) = corners
    area = (x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)
    if abs(area) < 1e-9:
        return
    left, right = int(max(min(x0, x1, x2), 0)), int(min(max(x0, x1, x2) + 1, canvas.depth.shape[1] - 1))
    top, bottom = int(max(min(y0, y1, y2), 0)), int(min(max(y0, y1, y2) + 1, canvas.depth.shape[0] - 1))
    if right < left or bottom < top:
        return
    xs = np.arange(left, right + 1)[None, :] + 0.5
    ys = np.arange(top, bottom + 1)[:, None] + 0.5
    a = ((x1 - xs) * (y2 - ys) - (x2 - xs) * (y1 - ys)) / area
    b = ((x2 - xs) * (y0 - ys) - (x0 - xs) * (y2 - ys)) / area
    c = 1 - a - b
    z = a * z0 + b * z1 + c * z2
    window = np.s_[top : bottom + 1, left : right + 1]
    front = (a >= -1e-9) & (b >= -1e-9) & (c >= -1e-9) & (z > canvas.depth[window])
    canvas.depth[window][front] = z[front]
    canvas.owner[window][front] = index
    canvas.shade[window][front] = brightness
    canvas.normal[window][front] = normal


def _edges(canvas: _Canvas) -> NDArray[np.bool_]:
    """Return where a line is drawn: another body, a fold, or a step in depth beside the pixel."""
    marked = np.zeros(canvas.owner.shape, dtype=bool)
    for axis in (0, 1):
        other = np.roll(canvas.owner, 1, axis) != canvas.owner
        fold = (np.roll(canvas.normal, 1, axis) * canvas.normal).sum(axis=2) < 0.75
        with np.errstate(invalid="ignore"):
            step = np.abs(np.roll(canvas.depth, 1, axis) - canvas.depth) > 8
        marked |= other | ((fold | step) & (canvas.owner >= 0))
    return marked


def _annotate(
    image: Image.Image, callouts: Sequence[Callout], on_paper: Callable[[Points], Points], title: str
) -> None:
    """Write the title and the callouts, those of the left half at the left, from top to bottom without touching."""
    draw = ImageDraw.Draw(image)
    if title:
        draw.text((image.width / 2, 14), title, fill=LINE, font=ImageFont.load_default(26), anchor="ma")
    placed = []
    for each in callouts:
        x, y, _ = on_paper(np.array(each.at))[0]
        placed.append((float(y), float(x), each.text))
    for is_left in (True, False):
        _margin(draw, image.size, sorted(each for each in placed if (each[1] < image.width / 2) is is_left), is_left)


def _margin(
    draw: ImageDraw.ImageDraw, size: tuple[int, int], marks: Sequence[tuple[float, float, str]], is_left: bool
) -> None:
    width, height = size
    tall = [TEXT_LINE * (text.count("\n") + 1) + 14 for _, _, text in marks]
    top = 70.0
    for place, (y, x, text) in enumerate(marks):
        top = max(top, min(y - tall[place] / 2, height - 20 - sum(tall[place:])))
        middle = top + tall[place] / 2
        edge, end = (18, MARGIN_PX - 14) if is_left else (width - 18, width - MARGIN_PX + 14)
        draw.line([(end, middle), (x, y)], fill=MARK, width=2)
        draw.ellipse([x - 4, y - 4, x + 4, y + 4], fill=MARK)
        draw.multiline_text(
            (edge, middle),
            text,
            fill=LINE,
            font=ImageFont.load_default(19),
            anchor="lm" if is_left else "rm",
            align="left" if is_left else "right",
            spacing=4,
        )
        top += tall[place]
