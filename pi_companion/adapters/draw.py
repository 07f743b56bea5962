"""What does a `Screen` look like? One small layout for each screen name, 128 x 64 pixels, lit or dark.

Keeps law 5: what is unknown is drawn as unknown, what does not fit is refused. A layout decides where things
stand, never whether they are shown. Type is as large as fits: the panel is 22 mm wide and an arm away.
"""

from collections.abc import Callable, Mapping, Sequence

from PIL import Image, ImageDraw

from pi_companion.adapters.icons import (
    CROSS,
    MICROPHONE,
    MICROPHONE_CUT,
    MICROPHONE_UNKNOWN,
    TICK,
    WARNING,
    stamp,
)
from pi_companion.adapters.typesetting import OFF, ON, Block, Box, TextDoesNotFit, fit, measure, place
from pi_companion.core.states import PaceBar, Screen, ScreenName

WIDTH, HEIGHT = 128, 64

_LARGE = (32, 24, 16, 12)
_BODY = (24, 16, 12)
_SMALL = (16, 12)
_Pen = ImageDraw.ImageDraw


def draw(screen: Screen) -> Image.Image:
    """Return the picture of a screen: mode "1", 128 x 64.

    Raises:
        TextDoesNotFit: a text is too long for its place even at 12 px.
        ValueError: the screen has more or fewer lines than its layout.

    """
    picture = Image.new("1", (WIDTH, HEIGHT))
    pen = ImageDraw.Draw(picture)
    pen.fontmode = "1"
    LAYOUTS[screen.name](pen, screen)
    return picture


def _lines(screen: Screen, *, least: int, most: int) -> tuple[str, ...]:
    """Return the screen's lines, missing ones at the end as empty texts."""
    if not least <= len(screen.lines) <= most:
        raise ValueError(f"screen {screen.name} has {least} to {most} lines, got {len(screen.lines)}")
    return screen.lines + ("",) * (most - len(screen.lines))


def _write(
    pen: _Pen,
    text: str,
    box: Box,
    *,
    sizes: Sequence[int] = _BODY,
    most_lines: int = 6,
    align: str = "center",
    ink: int = ON,
) -> None:
    block = fit(text, width=box.width, height=box.height, sizes=sizes, most_lines=most_lines)
    place(pen, block, box, align=align, ink=ink)


def _strip(pen: _Pen, text: str, box: Box, *, sizes: Sequence[int] = _SMALL) -> None:
    """Write a text dark on a lit strip."""
    pen.rectangle((box.left, box.top, box.left + box.width - 1, box.top + box.height - 1), fill=ON)
    inner = Box(left=box.left + 1, top=box.top + 1, width=box.width - 2, height=box.height - 2)
    _write(pen, text, inner, sizes=sizes, ink=OFF)


def _idle(pen: _Pen, screen: Screen) -> None:
    state, agent, extension = _lines(screen, least=1, most=3)
    if extension.isdecimal():
        extension = f"分机 {extension}"
    if not agent and not extension:
        _write(pen, state, Box(), sizes=_LARGE)
        return
    _write(pen, state, Box(height=16), sizes=_SMALL)
    pen.line((0, 17, WIDTH - 1, 17), fill=ON)
    if agent and extension:
        _write(pen, agent, Box(top=19, height=28), sizes=_BODY)
        _write(pen, extension, Box(top=48, height=16), sizes=_SMALL)
    else:
        _write(pen, agent or extension, Box(top=19, height=45), sizes=_LARGE)


def _ringing(pen: _Pen, screen: Screen) -> None:
    count, hint = _lines(screen, least=1, most=2)
    number = fit(count, width=56 if hint else WIDTH - 24, height=HEIGHT, sizes=(64, 48, 32), most_lines=1)
    unit = 24
    left = 0 if hint else (WIDTH - number.width - unit) // 2
    # Digits stand on a baseline 14/16 down their cell: every size of them stands level with 声.
    place(pen, number, Box(left=left, top=58 - number.size * 14 // 16, width=number.width, height=number.height))
    _write(pen, "声", Box(left=left + number.width + 2, top=36, width=unit, height=22), sizes=(24,))
    if hint:
        taken = number.width + unit + 4
        pen.line((taken - 2, 0, taken - 2, HEIGHT - 1), fill=ON)
        _write(pen, hint, Box(left=taken, width=WIDTH - taken), sizes=_BODY)


def _apologise(pen: _Pen, screen: Screen) -> None:
    title, say = _lines(screen, least=1, most=2)
    if not say:
        _strip(pen, title, Box(), sizes=_LARGE)
        return
    _strip(pen, title, Box(height=38), sizes=_LARGE)
    _write(pen, say, Box(top=40, height=24), sizes=_BODY)


def _in_call(pen: _Pen, screen: Screen) -> None:
    timer, state, pace, mark = _lines(screen, least=1, most=4)
    _write(pen, timer, Box(width=92, height=32), sizes=_LARGE, most_lines=1, align="left")
    icon = {True: MICROPHONE_CUT, False: MICROPHONE, None: MICROPHONE_UNKNOWN}[screen.is_microphone_muted]
    stamp(pen, icon, left=WIDTH - 31, top=0, scale=2)
    _row(pen, [text for text in (state, mark, pace) if text], Box(top=32, height=16))
    if screen.bar:
        _pace_bar(pen, screen.bar)


def _row(pen: _Pen, texts: Sequence[str], box: Box) -> None:
    """Write texts beside each other in one size, the first at the left edge and the last at the right."""
    for size in _SMALL:
        spare = box.width - sum(measure(text, size) for text in texts)
        if spare >= 4 * (len(texts) - 1):
            break
    else:
        raise TextDoesNotFit(f"{' '.join(texts)!r} does not fit {box.width} pixels at {size} px: shorten it")
    left = box.left
    for text in texts:
        place(pen, Block(size=size, lines=(text,)), Box(left=left, top=box.top, height=box.height), align="left")
        left += measure(text, size) + spare // max(1, len(texts) - 1)


def _pace_bar(pen: _Pen, bar: PaceBar) -> None:
    """Draw 慢 [ band ] 快: the frame is the good band, the tick below it the target, the filled block the pace."""
    place(pen, Block(size=12, lines=("慢",)), Box(top=52, width=12, height=12))
    place(pen, Block(size=12, lines=("快",)), Box(left=WIDTH - 12, top=52, width=12, height=12))
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


def _nudge(pen: _Pen, screen: Screen) -> None:
    title, say = _lines(screen, least=1, most=2)
    if not say:
        _strip(pen, title, Box(), sizes=_LARGE)
        return
    # As large as the words to say can be; the headline gives way first, then the label moves into the text.
    for size in _BODY:
        for strip in (18, 14, 26):
            below = HEIGHT - strip - 1
            try:
                headline = fit(title, width=WIDTH - 2, height=strip - 2, sizes=(16,) if strip == 18 else (12,))
                block, label = _labelled(say, size, below)
            except TextDoesNotFit:
                continue
            _strip(pen, title, Box(height=strip), sizes=(headline.size,))
            if label:
                _write(pen, "请说:", Box(top=strip + 1, height=12), sizes=(12,), align="left")
            top = strip + 1 + label
            place(pen, block, Box(top=top, height=HEIGHT - top), align="center" if label else "left")
            return
    raise TextDoesNotFit(f"{title!r} and {say!r} do not fit one screen at 12 px: shorten them")


def _labelled(say: str, size: int, height: int) -> tuple[Block, int]:
    """Return what to say in type of `size` and the height its label takes above it, 0 if it is part of the text."""
    try:
        return fit(say, width=WIDTH, height=height - 13, sizes=(size,)), 13
    except TextDoesNotFit:
        return fit(f"请说:{say}", width=WIDTH, height=height, sizes=(size,)), 0


def _headline(pen: _Pen, screen: Screen) -> None:
    title, hint = _lines(screen, least=1, most=2)
    _write(pen, title, Box(height=48 if hint else HEIGHT))
    if hint:
        _write(pen, hint, Box(top=51, height=13), sizes=(12,))


def _confirm(pen: _Pen, screen: Screen) -> None:
    question, answer = _lines(screen, least=1, most=2)
    _write(pen, question, Box(height=46 if answer else HEIGHT))
    if answer:
        _strip(pen, answer, Box(top=50, height=14), sizes=(12,))


def _muted(pen: _Pen, screen: Screen) -> None:
    title, timer, hint = _lines(screen, least=1, most=3)
    pen.rectangle((0, 0, WIDTH - 1, HEIGHT - 1), fill=ON)
    is_long = measure(hint, 12) > WIDTH - 2  # a reminder: two lines, so all above it moves closer
    hint_box = Box(left=1, top=38, width=WIDTH - 2, height=26) if is_long else Box(left=1, top=47, width=126, height=16)
    height = hint_box.top if hint else HEIGHT
    icon, left = (2, 40) if is_long else (3, 50)
    stamp(pen, MICROPHONE_CUT, left=2, top=(height - 15 * icon) // 2 + 1, scale=icon, ink=OFF)
    right = Box(left=left, width=WIDTH - left - 1, height=height)
    if timer:
        _write(pen, title, Box(left=left, top=1, width=right.width, height=23), most_lines=1, ink=OFF)
        _write(pen, timer, Box(left=left, top=24, width=right.width, height=height - 24), most_lines=1, ink=OFF)
    else:
        _write(pen, title, right, ink=OFF)
    if hint:
        _write(pen, hint, hint_box, sizes=_SMALL, ink=OFF)


def _mute_unconfirmed(pen: _Pen, screen: Screen) -> None:
    title, hint = _lines(screen, least=1, most=2)
    pen.rectangle((0, 0, WIDTH - 1, HEIGHT - 1), outline=ON, width=2)
    is_long = measure(hint, 12) > WIDTH - 8  # a reminder: two lines
    hint_top = 35 if is_long else 43
    stamp(pen, MICROPHONE_UNKNOWN, left=6, top=(hint_top + 1 if hint else HEIGHT) // 2 - 15 + 2, scale=2)
    _write(pen, title, Box(left=40, top=4, width=WIDTH - 44, height=hint_top - 5 if hint else 56))
    if hint:
        _write(pen, hint, Box(left=4, top=hint_top, width=WIDTH - 8, height=60 - hint_top), sizes=_SMALL)


def _script(pen: _Pen, screen: Screen) -> None:
    heading, text = _lines(screen, least=2, most=2)
    tag = fit(heading, width=WIDTH - 6, height=12, sizes=(12,), most_lines=1)
    _strip(pen, heading, Box(width=tag.width + 6, height=14), sizes=(12,))
    pen.line((0, 13, WIDTH - 1, 13), fill=ON)
    _write(pen, text, Box(top=15, height=HEIGHT - 15))


def _call_card(pen: _Pen, screen: Screen) -> None:
    title, *items = _lines(screen, least=2, most=9)
    _strip(pen, title, Box(height=14), sizes=(12,))
    pen.line((64, 17, 64, HEIGHT - 2), fill=ON)
    for number, item in enumerate(items):
        left = 68 * (number % 2)
        name, _, value = item.partition(" ")
        _cell(pen, name, value, Box(left=left, top=15 + 12 * (number // 2), width=60, height=13))


def _cell(pen: _Pen, name: str, value: str, box: Box) -> None:
    """Write a name at the left and its value, a text or a mark, at the right."""
    mark = {"✓": TICK, "✗": CROSS}.get(value)
    width = len(mark[0]) if mark else measure(value, 12)
    _write(
        pen, name, Box(left=box.left, top=box.top, width=box.width - width - 3, height=12), sizes=(12,), align="left"
    )
    if mark:
        stamp(pen, mark, left=box.left + box.width - width, top=box.top + 3)
    elif value:
        _write(pen, value, box, sizes=(12,), align="right")


def _speech_off(pen: _Pen, screen: Screen) -> None:
    title, still, hint = _lines(screen, least=1, most=3)
    _strip(pen, title, Box(height=20), sizes=_SMALL)
    texts = [text for text in (still, hint) if text]
    for number, text in enumerate(texts):
        height = 43 // len(texts)
        _write(pen, text, Box(top=21 + number * height, height=height), sizes=_SMALL)


def _fault(pen: _Pen, screen: Screen) -> None:
    title, hint = _lines(screen, least=1, most=2)
    _strip(pen, title, Box(height=28), sizes=_BODY)
    stamp(pen, WARNING, left=0, top=31, scale=2)
    if hint:
        _write(pen, hint, Box(left=34, top=29, width=WIDTH - 34, height=35))


def _plain(pen: _Pen, screen: Screen) -> None:
    _write(pen, " ".join(screen.lines), Box(), sizes=_SMALL)


LAYOUTS: Mapping[ScreenName, Callable[[_Pen, Screen], None]] = {
    ScreenName.IDLE: _idle,
    ScreenName.RINGING: _ringing,
    ScreenName.APOLOGISE: _apologise,
    ScreenName.IN_CALL: _in_call,
    ScreenName.NUDGE: _nudge,
    ScreenName.CONSENT: _headline,
    ScreenName.CONFIRM: _confirm,
    ScreenName.MUTED: _muted,
    ScreenName.MUTE_UNCONFIRMED: _mute_unconfirmed,
    ScreenName.SCRIPT: _script,
    ScreenName.CALL_CARD: _call_card,
    ScreenName.SPEECH_OFF: _speech_off,
    ScreenName.FAULT: _fault,
    ScreenName.AWAY: _headline,
    ScreenName.REMINDER: _headline,
    ScreenName.SILENT_CALL: _plain,
    ScreenName.PRAISE: _headline,
    ScreenName.CHECKLIST: _plain,
    ScreenName.ANSWER: _plain,
    ScreenName.WHY: _plain,
    ScreenName.SNOOZED: _headline,
    ScreenName.CALIBRATION: _plain,
}
