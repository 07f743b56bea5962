"""How does a layout put ink on the panel? Texts in boxes, lit strips and rows: what the layouts have in common.

Keeps law 5: what does not fit is refused, never cut. Type is as large as fits: the panel is 22 mm wide and an arm away.
"""

from collections.abc import Sequence

from PIL import ImageDraw

from pi_companion.adapters.typesetting import OFF, ON, Block, Box, TextDoesNotFit, fit, measure, place
from pi_companion.core.states import Screen

WIDTH, HEIGHT = 128, 64

LARGE = (32, 24, 16, 12)
BODY = (24, 16, 12)
SMALL = (16, 12)
Pen = ImageDraw.ImageDraw


def lines_of(screen: Screen, *, least: int, most: int) -> tuple[str, ...]:
    """Return the screen's lines, missing ones at the end as empty texts; ValueError if they are too few or many."""
    if not least <= len(screen.lines) <= most:
        raise ValueError(f"screen {screen.name} has {least} to {most} lines, got {len(screen.lines)}")
    return screen.lines + ("",) * (most - len(screen.lines))


def write(
    pen: Pen,
    text: str,
    box: Box,
    *,
    sizes: Sequence[int] = BODY,
    most_lines: int = 6,
    align: str = "center",
    ink: int = ON,
) -> None:
    """Write a text in the largest of `sizes` in which it fits its box."""
    block = fit(text, width=box.width, height=box.height, sizes=sizes, most_lines=most_lines)
    place(pen, block, box, align=align, ink=ink)


def strip(pen: Pen, text: str, box: Box, *, sizes: Sequence[int] = SMALL) -> None:
    """Write a text dark on a lit strip."""
    light(pen, box)
    inner = Box(left=box.left + 1, top=box.top + 1, width=box.width - 2, height=box.height - 2)
    write(pen, text, inner, sizes=sizes, ink=OFF)


def light(pen: Pen, box: Box) -> None:
    """Light a whole box."""
    pen.rectangle((box.left, box.top, box.left + box.width - 1, box.top + box.height - 1), fill=ON)


def row(pen: Pen, texts: Sequence[str], box: Box, *, sizes: Sequence[int] = SMALL, ink: int = ON) -> None:
    """Write texts beside each other in one size, the first at the left edge and the last at the right."""
    for size in sizes:
        spare = box.width - sum(measure(text, size) for text in texts)
        if spare >= 4 * (len(texts) - 1):
            break
    else:
        raise TextDoesNotFit(f"{' '.join(texts)!r} does not fit {box.width} pixels at {size} px: shorten it")
    left = box.left
    for text in texts:
        place(
            pen, Block(size=size, lines=(text,)), Box(left=left, top=box.top, height=box.height), align="left", ink=ink
        )
        left += measure(text, size) + spare // max(1, len(texts) - 1)


def tag(pen: Pen, text: str, *, ink: int = OFF) -> int:
    """Write a small heading in the upper left corner over a line, dark on light unless `ink` is lit; return its width.

    What stands below it begins at row 15.
    """
    block = fit(text, width=WIDTH - 6, height=12, sizes=(12,), most_lines=1)
    box = Box(width=block.width + 6, height=14)
    if ink is OFF:
        light(pen, box)
    place(pen, block, Box(left=3 if ink is OFF else 0, top=1, width=block.width, height=12), align="left", ink=ink)
    pen.line((0, 13, WIDTH - 1, 13), fill=ON)
    return box.width
