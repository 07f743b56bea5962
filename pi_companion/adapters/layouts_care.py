"""What does the OLED show to those who look after the device? Mistakes, questions, how far, and how it ended."""

from typing import Final

from pi_companion.adapters.icons import CROSS, TICK, WARNING, stamp
from pi_companion.adapters.inking import LARGE, SMALL, WIDTH, Pen, light, lines_of, strip, write
from pi_companion.adapters.typesetting import OFF, ON, Box
from pi_companion.core.states import Screen

_BAR: Final = Box(left=4, top=26, width=WIDTH - 8, height=14)


def notice(pen: Pen, screen: Screen) -> None:
    """What is wrong, where, and what the device does meanwhile."""
    title, place, key, hint = lines_of(screen, least=4, most=4)
    light(pen, Box(height=18))
    stamp(pen, WARNING, left=1, top=2, ink=OFF)
    write(pen, title, Box(left=18, top=1, width=WIDTH - 19, height=16), sizes=SMALL, most_lines=1, ink=OFF)
    if key:
        write(pen, place, Box(top=19, height=16), sizes=SMALL, most_lines=1)
        write(pen, key, Box(top=35, height=13), sizes=(12,), most_lines=1)
    else:
        write(pen, place, Box(top=20, height=28), sizes=SMALL)
    pen.line((0, 49, WIDTH - 1, 49), fill=ON)
    write(pen, hint, Box(top=51, height=12), sizes=(12,), most_lines=1)


def question(pen: Pen, screen: Screen) -> None:
    """What is asked, and which button says yes and which no."""
    title, what, yes, no = lines_of(screen, least=4, most=4)
    strip(pen, title, Box(height=18), sizes=SMALL)
    write(pen, what, Box(top=19, height=17), sizes=SMALL, most_lines=1)
    pen.line((0, 36, WIDTH - 1, 36), fill=ON)
    write(pen, yes, Box(top=38, height=12), sizes=(12,), most_lines=1)
    write(pen, no, Box(top=51, height=12), sizes=(12,), most_lines=1)


def progress(pen: Pen, screen: Screen) -> None:
    """How far it is, as a bar and in per cent."""
    title, pct, hint = lines_of(screen, least=3, most=3)
    write(pen, title, Box(top=1, height=22), sizes=SMALL, most_lines=1)
    right, bottom = _BAR.left + _BAR.width - 1, _BAR.top + _BAR.height - 1
    pen.rectangle((_BAR.left, _BAR.top, right, bottom), outline=ON)
    if filled := (_BAR.width - 4) * min(int(pct), 100) // 100:
        pen.rectangle((_BAR.left + 2, _BAR.top + 2, _BAR.left + 1 + filled, bottom - 2), fill=ON)
    write(pen, f"{pct}%", Box(left=1, top=45, width=40, height=17), sizes=SMALL, most_lines=1, align="left")
    write(pen, hint, Box(left=42, top=45, width=WIDTH - 43, height=17), sizes=SMALL, most_lines=1, align="right")


def result(pen: Pen, screen: Screen) -> None:
    """Whether it was done, beside what follows."""
    mark, title, hint = lines_of(screen, least=3, most=3)
    stamp(pen, TICK if mark == "✓" else CROSS, left=4, top=12, scale=2)
    write(pen, title, Box(left=28, top=4, width=WIDTH - 29, height=34), sizes=LARGE, most_lines=1)
    pen.line((16, 41, WIDTH - 17, 41), fill=ON)
    write(pen, hint, Box(left=1, top=44, width=WIDTH - 2, height=17), sizes=SMALL, most_lines=1)
