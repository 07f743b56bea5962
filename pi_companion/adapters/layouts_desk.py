"""What does the OLED show between calls, after one, and when the agent looks something up? A layout for each screen.

Keeps law 5: what is lost or off is said. A layout decides where things stand, never whether they are shown.
"""

from typing import Final

from pi_companion.adapters.icons import CROSS, CUP, MOON, TICK, WARNING, stamp
from pi_companion.adapters.inking import BODY, HEIGHT, LARGE, SMALL, WIDTH, Pen, light, lines_of, row, strip, tag, write
from pi_companion.adapters.typesetting import OFF, ON, Box, TextDoesNotFit, fit, measure, place
from pi_companion.core.states import Screen

EXTENSION: Final = "分机"
REMINDER: Final = "小提示"
WHY: Final = "上次提示"
"""The few words that belong to a picture rather than to a pack."""


def idle(pen: Pen, screen: Screen) -> None:
    """Who sits here, and the extension."""
    state, agent, extension = lines_of(screen, least=1, most=3)
    if extension.isdecimal():
        extension = f"{EXTENSION} {extension}"
    if not agent and not extension:
        write(pen, state, Box(), sizes=LARGE)
        return
    # A pixel is left free all around: what stands for hours is moved (`Oled.set_panel`), and loses nothing by it.
    write(pen, state, Box(top=1, height=16), sizes=SMALL)
    pen.line((0, 18, WIDTH - 1, 18), fill=ON)
    if agent and extension:
        write(pen, agent, Box(top=20, height=26), sizes=BODY)
        write(pen, extension, Box(top=47, height=16), sizes=SMALL)
    else:
        write(pen, agent or extension, Box(top=20, height=43), sizes=LARGE)


def away(pen: Pen, screen: Screen) -> None:
    """A cup, and for how long."""
    title, timer = lines_of(screen, least=1, most=2)
    stamp(pen, CUP, left=3, top=17, scale=2)
    right = Box(left=40, width=WIDTH - 40)
    if timer:
        write(pen, title, Box(left=right.left, top=2, width=right.width, height=26), most_lines=1)
        write(pen, timer, Box(left=right.left, top=30, width=right.width, height=32), sizes=LARGE, most_lines=1)
    else:
        write(pen, title, right)


def reminder(pen: Pen, screen: Screen) -> None:
    """A text under an unlit heading: nothing that calls for attention."""
    (text,) = lines_of(screen, least=1, most=1)
    tag(pen, REMINDER, ink=ON)
    write(pen, text, Box(left=1, top=14, width=WIDTH - 2, height=HEIGHT - 16))


def snoozed(pen: Pen, screen: Screen) -> None:
    """A moon, and for how long."""
    title, hint = lines_of(screen, least=1, most=2)
    stamp(pen, MOON, left=6, top=8 if hint else 17, scale=2)
    write(pen, title, Box(left=42, width=WIDTH - 42, height=46 if hint else HEIGHT), sizes=LARGE)
    if hint:
        write(pen, hint, Box(top=46, height=17), sizes=SMALL, most_lines=1)


def call_card(pen: Pen, screen: Screen) -> None:
    """Up to eight names with a value or a mark each, in two columns."""
    title, *items = lines_of(screen, least=2, most=9)
    strip(pen, title, Box(height=14), sizes=(12,))
    pen.line((64, 17, 64, HEIGHT - 2), fill=ON)
    for number, item in enumerate(items):
        left = 68 * (number % 2)
        name, _, value = item.partition(" ")
        _cell(pen, name, value, Box(left=left, top=15 + 12 * (number // 2), width=60, height=13))


def _cell(pen: Pen, name: str, value: str, box: Box) -> None:
    """Write a name at the left and its value, a text or a mark, at the right."""
    mark = {"✓": TICK, "✗": CROSS}.get(value)
    width = len(mark[0]) if mark else measure(value, 12)
    write(pen, name, Box(left=box.left, top=box.top, width=box.width - width - 3, height=12), sizes=(12,), align="left")
    if mark:
        stamp(pen, mark, left=box.left + box.width - width, top=box.top + 3)
    elif value:
        write(pen, value, box, sizes=(12,), align="right")


def speech_off(pen: Pen, screen: Screen) -> None:
    """What is off, what still works, what to do."""
    title, still, hint = lines_of(screen, least=1, most=3)
    strip(pen, title, Box(height=20), sizes=SMALL)
    texts = [text for text in (still, hint) if text]
    for number, text in enumerate(texts):
        height = 43 // len(texts)
        write(pen, text, Box(top=21 + number * height, height=height), sizes=SMALL)


def fault(pen: Pen, screen: Screen) -> None:
    """Which part is lost and what to do, beside a warning sign."""
    title, hint = lines_of(screen, least=1, most=2)
    strip(pen, title, Box(height=28), sizes=BODY)
    stamp(pen, WARNING, left=0, top=31, scale=2)
    if hint:
        write(pen, hint, Box(left=34, top=29, width=WIDTH - 34, height=35))


def out_of_service(pen: Pen, screen: Screen) -> None:
    """What the device is doing instead of its work, and a hint below a line."""
    title, hint = lines_of(screen, least=2, most=2)
    # Nothing touches an edge: a picture may be a pixel aside when its program ends (`Oled.set_panel`).
    write(pen, title, Box(left=1, top=6, width=WIDTH - 2, height=30), sizes=(24, 16), most_lines=1)
    pen.line((16, 41, WIDTH - 17, 41), fill=ON)
    write(pen, hint, Box(left=1, top=44, width=WIDTH - 2, height=16), sizes=SMALL, most_lines=1)


def cannot_start(pen: Pen, screen: Screen) -> None:
    """A ✗ beside what failed, why, and when it is tried again."""
    title, reason, hint = lines_of(screen, least=3, most=3)
    light(pen, Box(height=26))
    stamp(pen, CROSS, left=4, top=6, scale=2, ink=OFF)
    write(pen, title, Box(left=24, top=1, width=WIDTH - 26, height=24), sizes=(24, 16), most_lines=1, ink=OFF)
    write(pen, reason, Box(top=28, height=20), sizes=SMALL, most_lines=1)
    write(pen, hint, Box(top=50, height=13), sizes=(12,), most_lines=1)


def checklist(pen: Pen, screen: Screen) -> None:
    """The steps that were not heard, an open box before each: they may still be taken next time."""
    title, *steps = lines_of(screen, least=1, most=9)
    steps = [step for step in steps if step]
    strip(pen, title, Box(height=14), sizes=(12,))
    # One column as long as it can be large, then two; names in full, never cut.
    for size, columns in ((24, 1), (16, 1), (16, 2), (12, 1), (12, 2)):
        wide = WIDTH // columns
        rows = -(-len(steps) // columns)
        indent = size // 2 + 5
        room = wide - indent - 4 * (columns - 1)
        if rows * size <= HEIGHT - 15 and all(measure(step, size) <= room for step in steps):
            break
    else:
        write(pen, "、".join(steps), Box(top=15, height=HEIGHT - 15), sizes=(12,))
        return
    leading = min(4, (HEIGHT - 15 - rows * size) // max(1, rows + 1))
    for number, step in enumerate(steps):
        column, line = divmod(number, rows)
        left, top = column * wide, 15 + leading + line * (size + leading)
        side, middle = size // 2 + 2, top + size // 2
        pen.rectangle((left, middle - side // 2, left + side, middle - side // 2 + side), outline=ON)
        write(pen, step, Box(left=left + indent, top=top, width=room, height=size), sizes=(size,), align="left")


def answer(pen: Pen, screen: Screen) -> None:
    """One page of a standard answer, its title above, its number at the right."""
    title, page, number = lines_of(screen, least=2, most=3)
    taken = tag(pen, title)
    if number:
        write(pen, number, Box(left=taken, width=WIDTH - taken, height=13), sizes=(12,), align="right")
    write(pen, page, Box(top=15, height=HEIGHT - 15))


def why(pen: Pen, screen: Screen) -> None:
    """What was asked for, the reason, how long ago, and the rule in the manual."""
    title, rule, heard, ago = lines_of(screen, least=2, most=4)
    row(pen, [text for text in (WHY, ago) if text], Box(height=13), sizes=(12,))
    pen.line((0, 13, WIDTH - 1, 13), fill=ON)
    # What was asked for and why share the room; the rule's id is for whoever looks it up in the manual.
    for size, heard_size, height in ((16, 16, 17), (16, 12, 17), (12, 12, 12)):
        try:
            headline = fit(title, width=WIDTH, height=height, sizes=(size,), most_lines=1)
            reason = fit(heard, width=WIDTH, height=HEIGHT - 28 - height, sizes=(heard_size,))
        except TextDoesNotFit:
            continue
        place(pen, headline, Box(top=15, height=height), align="left")
        place(pen, reason, Box(top=15 + height, height=HEIGHT - 28 - height), align="left")
        write(pen, rule, Box(top=52, height=12), sizes=(12,), most_lines=1, align="right")
        return
    raise TextDoesNotFit(f"{title!r} and {heard!r} do not fit one screen at 12 px: shorten them")


def calibration(pen: Pen, screen: Screen) -> None:
    """What to do now, the step above it, and beside that, or below all, which button or how long."""
    title, text, progress = lines_of(screen, least=2, most=3)
    light(pen, Box(height=14))
    head = Box(left=2, top=1, width=WIDTH - 4, height=12)
    row(pen, [each for each in (title, progress) if each], head, sizes=(12,), ink=OFF)
    write(pen, text, Box(top=15, height=HEIGHT - 15))
