"""What does the OLED show from the first ring to the end of a call? One layout for each screen.

Keeps law 5: what is unknown is drawn as unknown. A layout decides where things stand, never whether they are shown.
"""

from typing import Final

from pi_companion.adapters.icons import MICROPHONE, MICROPHONE_CUT, MICROPHONE_UNKNOWN, TICK_LARGE, stamp
from pi_companion.adapters.inking import BODY, HEIGHT, LARGE, SMALL, WIDTH, Pen, light, lines_of, row, strip, tag, write
from pi_companion.adapters.typesetting import OFF, ON, Block, Box, TextDoesNotFit, fit, measure, place
from pi_companion.core.states import PaceBar, Screen

RINGS: Final = "声"
SLOW: Final = "慢"
FAST: Final = "快"
SAY: Final = "请说:"
"""The few words that belong to a picture rather than to a pack."""


def ringing(pen: Pen, screen: Screen) -> None:
    """The ring count, as large as can be, and how urgent it is."""
    count, hint = lines_of(screen, least=1, most=2)
    number = fit(count, width=56 if hint else WIDTH - 24, height=HEIGHT, sizes=(64, 48, 32), most_lines=1)
    unit = 24
    left = 0 if hint else (WIDTH - number.width - unit) // 2
    # Digits stand on a baseline 14/16 down their cell: every size of them stands level with 声.
    place(pen, number, Box(left=left, top=58 - number.size * 14 // 16, width=number.width, height=number.height))
    write(pen, RINGS, Box(left=left + number.width + 2, top=36, width=unit, height=22), sizes=(24,))
    if hint:
        taken = number.width + unit + 4
        pen.line((taken - 2, 0, taken - 2, HEIGHT - 1), fill=ON)
        write(pen, hint, Box(left=taken, width=WIDTH - taken), sizes=BODY)


def apologise(pen: Pen, screen: Screen) -> None:
    """The apology owed for a late answer, before all else."""
    title, say = lines_of(screen, least=1, most=2)
    if not say:
        strip(pen, title, Box(), sizes=LARGE)
        return
    strip(pen, title, Box(height=38), sizes=LARGE)
    write(pen, say, Box(top=40, height=24), sizes=BODY)


def in_call(pen: Pen, screen: Screen) -> None:
    """Timer, microphone, what is off, and the pace in its bar."""
    timer, state, pace, mark = lines_of(screen, least=1, most=4)
    write(pen, timer, Box(width=92, height=32), sizes=LARGE, most_lines=1, align="left")
    icon = {True: MICROPHONE_CUT, False: MICROPHONE, None: MICROPHONE_UNKNOWN}[screen.is_microphone_muted]
    stamp(pen, icon, left=WIDTH - 31, top=0, scale=2)
    row(pen, [text for text in (state, mark, pace) if text], Box(top=32, height=16))
    if screen.bar:
        _pace_bar(pen, screen.bar)


def _pace_bar(pen: Pen, bar: PaceBar) -> None:
    """Draw 慢 [ band ] 快: the frame is the good band, the tick below it the target, the filled block the pace."""
    place(pen, Block(size=12, lines=(SLOW,)), Box(top=52, width=12, height=12))
    place(pen, Block(size=12, lines=(FAST,)), Box(left=WIDTH - 12, top=52, width=12, height=12))
    left, right = 15, WIDTH - 16
    # The band takes the middle of the bar whatever its limits are: the agent reads a place, not a number.
    most = bar.fast_above + bar.slow_below

    def column(value: int) -> int:
        return left + (right - left) * min(max(value, 0), most) // most

    pen.line((left, 57, right, 57), fill=ON)
    pen.rectangle((column(bar.slow_below), 53, column(bar.fast_above), 61), fill=OFF, outline=ON)
    pen.line((column(bar.target), 59, column(bar.target), 63), fill=ON)
    if bar.value is not None:
        middle = min(max(column(bar.value), left + 2), right - 2)
        pen.rectangle((middle - 3, 50, middle + 3, 63), fill=OFF)
        pen.rectangle((middle - 2, 50, middle + 2, 63), fill=ON)


def nudge(pen: Pen, screen: Screen) -> None:
    """A headline on a lit strip and what to say; a text in full brackets is to be done, and is shown without 请说."""
    title, say = lines_of(screen, least=1, most=2)
    if not say:
        strip(pen, title, Box(), sizes=LARGE)
        return
    if say.startswith("（") and say.endswith("）"):
        _told(pen, title, say[1:-1])
        return
    # As large as the words to say can be; the headline gives way first, then the label moves into the text.
    for size in BODY:
        for head in (18, 14, 26):
            below = HEIGHT - head - 1
            try:
                headline = fit(title, width=WIDTH - 2, height=head - 2, sizes=(16,) if head == 18 else (12,))
                block, label = _labelled(say, size, below)
            except TextDoesNotFit:
                continue
            strip(pen, title, Box(height=head), sizes=(headline.size,))
            if label:
                write(pen, SAY, Box(top=head + 1, height=12), sizes=(12,), align="left")
            top = head + 1 + label
            place(pen, block, Box(top=top, height=HEIGHT - top), align="center" if label else "left")
            return
    raise TextDoesNotFit(f"{title!r} and {say!r} do not fit one screen at 12 px: shorten them")


def _labelled(say: str, size: int, height: int) -> tuple[Block, int]:
    """Return what to say in type of `size` and the height its label takes above it, 0 if it is part of the text."""
    try:
        return fit(say, width=WIDTH, height=height - 13, sizes=(size,)), 13
    except TextDoesNotFit:
        return fit(f"{SAY}{say}", width=WIDTH, height=height, sizes=(size,)), 0


def _told(pen: Pen, title: str, hint: str) -> None:
    """Write a headline, the message itself here, as large as leaves its hint room; neither is to be read out."""
    for smallest in SMALL:
        for size in LARGE:
            try:
                fit(title, width=WIDTH - 2, height=size, sizes=(size,), most_lines=1)
                sizes = [each for each in BODY if each >= smallest]
                block = fit(hint, width=WIDTH, height=HEIGHT - size - 3, sizes=sizes)
            except TextDoesNotFit:
                continue
            strip(pen, title, Box(height=size + 2), sizes=(size,))
            place(pen, block, Box(top=size + 3, height=HEIGHT - size - 3))
            return
    raise TextDoesNotFit(f"{title!r} and {hint!r} do not fit one screen at 12 px: shorten them")


def headline(pen: Pen, screen: Screen) -> None:
    """One sentence, with a small one below it."""
    title, hint = lines_of(screen, least=1, most=2)
    write(pen, title, Box(height=48 if hint else HEIGHT))
    if hint:
        write(pen, hint, Box(top=51, height=13), sizes=(12,))


def confirm(pen: Pen, screen: Screen) -> None:
    """A question and the button that answers it."""
    question, answer = lines_of(screen, least=1, most=2)
    write(pen, question, Box(height=46 if answer else HEIGHT))
    if answer:
        strip(pen, answer, Box(top=50, height=14), sizes=(12,))


def muted(pen: Pen, screen: Screen) -> None:
    """All lit: the lamp says muted. Since when, and what comes next."""
    title, timer, hint = lines_of(screen, least=1, most=3)
    pen.rectangle((0, 0, WIDTH - 1, HEIGHT - 1), fill=ON)
    is_long = measure(hint, 12) > WIDTH - 2  # a reminder: two lines, so all above it moves closer
    hint_box = Box(left=1, top=38, width=WIDTH - 2, height=26) if is_long else Box(left=1, top=47, width=126, height=16)
    height = hint_box.top if hint else HEIGHT
    icon, left = (2, 40) if is_long else (3, 50)
    stamp(pen, MICROPHONE_CUT, left=2, top=(height - 15 * icon) // 2 + 1, scale=icon, ink=OFF)
    right = Box(left=left, width=WIDTH - left - 1, height=height)
    if timer:
        write(pen, title, Box(left=left, top=1, width=right.width, height=23), most_lines=1, ink=OFF)
        write(pen, timer, Box(left=left, top=24, width=right.width, height=height - 24), most_lines=1, ink=OFF)
    else:
        write(pen, title, right, ink=OFF)
    if hint:
        write(pen, hint, hint_box, sizes=SMALL, ink=OFF)


def mute_unconfirmed(pen: Pen, screen: Screen) -> None:
    """A frame and a question mark: nobody knows."""
    title, hint = lines_of(screen, least=1, most=2)
    pen.rectangle((0, 0, WIDTH - 1, HEIGHT - 1), outline=ON, width=2)
    is_long = measure(hint, 12) > WIDTH - 8  # a reminder: two lines
    hint_top = 35 if is_long else 43
    stamp(pen, MICROPHONE_UNKNOWN, left=6, top=(hint_top + 1 if hint else HEIGHT) // 2 - 15 + 2, scale=2)
    write(pen, title, Box(left=40, top=4, width=WIDTH - 44, height=hint_top - 5 if hint else 56))
    if hint:
        write(pen, hint, Box(left=4, top=hint_top, width=WIDTH - 8, height=60 - hint_top), sizes=SMALL)


def script(pen: Pen, screen: Screen) -> None:
    """A line to say under a small heading."""
    heading, text = lines_of(screen, least=2, most=2)
    tag(pen, heading)
    write(pen, text, Box(top=15, height=HEIGHT - 15))


def silent_call(pen: Pen, screen: Screen) -> None:
    """What to say to nobody, and the seconds until it is due, large at the right."""
    heading, text, seconds = lines_of(screen, least=2, most=3)
    side = 28
    light(pen, Box(left=WIDTH - side, width=side))
    inner = Box(left=WIDTH - side + 1, top=1, width=side - 2, height=34)
    if seconds:
        write(pen, seconds, inner, sizes=(32, 24, 16), most_lines=1, ink=OFF)
    # 客户无声 stands as a square of four below the number: it leaves the longest line of the manual its width.
    under = Box(left=inner.left, top=36 if seconds else 1, width=inner.width, height=27 if seconds else 62)
    write(pen, heading, under, sizes=(12,), ink=OFF)
    write(pen, text, Box(width=WIDTH - side - 2))


def praise(pen: Pen, screen: Screen) -> None:
    """A large ✓ over what was done well."""
    (text,) = lines_of(screen, least=1, most=1)
    stamp(pen, TICK_LARGE, left=(WIDTH - 40) // 2, top=1, scale=2)
    write(pen, text, Box(top=31, height=HEIGHT - 31), sizes=LARGE)
