"""How does Chinese text fit a box of pixels? Sizes, widths, line breaks, and the refusal to clip.

Keeps law 5 on the panel: what does not fit raises `TextDoesNotFit`, it is never cut to look complete.
Sizes are whole multiples of two pixel fonts (`fonts/README.md`), so strokes are never blurred or moved.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

FONTS = Path(__file__).parent / "fonts"
ON, OFF = 1, 0

_HANZI = r"[\u3000-\u9fff\uff00-\uffef“”‘’…—]"
# Full-width forms are written as code points: editors and keyboards quietly turn them into the ASCII ones.
_HALF, _FULL = ",?!:;()", "\uff0c\uff1f\uff01\uff1a\uff1b\uff08\uff09"
_TO_HALF, _TO_FULL = str.maketrans(_FULL, _HALF), str.maketrans(_HALF, _FULL)
_BY_HANZI = re.compile(rf"(?<={_HANZI})[{_HALF}]|[{_HALF}](?={_HANZI})")
_UNTORN = (
    "不好意思|打印机|工程师|便携机|台式机|对不起|接下来|久等了|未找到|一下|主管|久等|人员|什么|位置|便携|"
    "信息|值班|公司|再见|刚才|办公|区域|单号|即可|发送|另外|台式|同事|同意|周末|品牌|商量|回复|回应|"
    "地址|声音|处理|复述|大概|如果|安装|客户|密码|对方|尽快|工号|帮助|建议|当前|录音|必要|怎么|态度|"
    "恢复|情况|情绪|愉快|感谢|我们|手动|打断|打扰|承诺|抱歉|投诉|挂机|接听|提供|数量|断开|方便|无法|"
    "时间|是否|暂时|服务|机器|检查|模型|没有|流程|派单|清楚|激动|热线|现在|现场|电脑|电话|登记|直接|"
    "相关|知道|确认|种类|稍后|稍等|立即|答复|等候|系统|紧急|维修|网络|联系|考虑|职务|致电|节日|识别|"
    "语速|语音|语气|请问|记录|账号|超时|软件|转告|输入|这个|通话|通知|适当|邮箱|部门|重复|铃声|问题|"
    "静音|音量|领导|预计|频率|麻烦|可以|咨询|告诉|话机|自动|不便|等候|识别|坐姿|提醒|屏幕|排线"
)
"""Words of a helpdesk that are better not torn over two lines, as a pattern, longest first. Taste, not grammar."""

_WORD = re.compile(rf"[!-~]+|{_UNTORN}|.", re.DOTALL)
_CLOSING = frozenset(",.?!:;)%”’、。》】…—℃\uff0c\uff1f\uff01\uff1a\uff1b\uff09\uff05")
_OPENING = frozenset("(“‘《【\uff08")
_MISSING = "〓"
"""What typesetters print where they have no type: seen at once, mistaken for nothing."""


class TextDoesNotFit(ValueError):
    """A text is too long for its place even in the smallest type. The pack's wording must be shortened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle of the panel in pixels; `left`, `top` belong to it, `left + width`, `top + height` do not."""

    left: int = 0
    top: int = 0
    width: int = 128
    height: int = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Text broken into lines, all set in type of `size` pixels."""

    size: int
    lines: tuple[str, ...]

    @property
    def width(self) -> int:
        """Return the pixels from the left edge to the last inked column of the longest line."""
        return max((measure(line, self.size) for line in self.lines), default=0)

    @property
    def height(self) -> int:
        """Return the pixels from the first row to the last inked one; hanzi leave the lowest row of their cell free."""
        return len(self.lines) * self.size - _scale(self.size) if self.lines else 0


def punctuate(text: str, size: int) -> str:
    """Return `text` with the punctuation that looks right between hanzi in type of `size`.

    The 12 px font has full-width marks in the lower left, as they belong. Those of the 16 px font float in the
    middle of their cell: there the narrow ASCII marks sit better.
    """
    if _family(size) == 16:
        return text.translate(_TO_HALF)
    return _BY_HANZI.sub(lambda found: found[0].translate(_TO_FULL), text)


def measure(text: str, size: int) -> int:
    """Return the width of one line in pixels, without the blank half of a full-width mark at its end."""
    if not text:
        return 0
    return round(_advance(text[:-1], size)) + _ink_right(text[-1], size)


def _advance(text: str, size: int) -> float:
    """Return how far a line moves the pen: neither font has kerning, so its characters' widths add up."""
    return sum(_advance_of(character, size) for character in text)


@lru_cache(maxsize=4096)
def _advance_of(character: str, size: int) -> float:
    return _font(size).getlength(character)


def fit(text: str, *, width: int, height: int, sizes: Sequence[int], most_lines: int = 6) -> Block:
    """Return `text` in the first of `sizes` in which it fits, broken by the rules of Chinese typesetting.

    No closing mark begins a line, no opening one ends it, no ASCII word is torn. Among the breaks with the fewest
    lines the ones at punctuation win, then the most even, then those with the longer first line. A size whose
    font lacks a character is passed over; a character that every font lacks is set as 〓.

    Raises:
        TextDoesNotFit: not even the last size is small enough.

    """
    text = text.strip()
    usable = [size for size in sizes if all(_has_glyph(character, size) for character in text)]
    if not usable:
        usable = list(sizes)
        text = "".join(character if _has_glyph(character, sizes[-1]) else _MISSING for character in text)
    for size in usable:
        marked = punctuate(text, size)
        most = min(most_lines, (height + _scale(size)) // size)
        # Breaking takes a while: what is plainly too long is not tried. A line's last mark may hang over the edge.
        if measure(marked, size) > most * (width + size):
            continue
        lines = _break(marked, size, width)
        if lines is not None and len(lines) <= most:
            return Block(size=size, lines=lines)
    raise TextDoesNotFit(
        f"“{text}” ({len(text)} characters) does not fit {width}x{height} pixels at {usable[-1]} px, "
        f"{most_lines} line(s) at most: shorten it",
    )


def place(pen: ImageDraw.ImageDraw, block: Block, box: Box, *, align: str = "center", ink: int = ON) -> None:
    """Draw a block in its box, centred from top to bottom; `align`: left, center or right."""
    gaps = len(block.lines) + 1
    leading = min((box.height - block.height) // gaps, _scale(block.size) * 3)
    top = box.top + (box.height - block.height - leading * (gaps - 2)) // 2
    for number, line in enumerate(block.lines):
        spare = box.width - measure(line, block.size)
        left = box.left + {"left": 0, "center": spare // 2, "right": spare}[align]
        pen.text((left, top + number * (block.size + leading)), line, font=_font(block.size), fill=ink, anchor="la")


@lru_cache
def _break(text: str, size: int, width: int) -> tuple[str, ...] | None:
    """Return the best lines no wider than `width`, None if a piece alone is wider."""
    pieces = _pieces(text)
    # best[i]: (lines, cost, where the first line ends) of setting pieces[i:].
    best: list[tuple[int, float, int] | None] = [None] * len(pieces) + [(0, 0.0, len(pieces))]
    for begin in reversed(range(len(pieces))):
        for end in range(begin + 1, len(pieces) + 1):
            line = "".join(pieces[begin:end]).strip()
            if measure(line, size) > width:
                break
            rest = best[end]
            if rest is None:
                continue
            unevenness = max(0.0, width - _advance(line, size)) / size
            cost = rest[1] + unevenness**2 + (_tear(pieces[end - 1], pieces[end]) if end < len(pieces) else 0)
            candidate = (rest[0] + 1, cost, end)
            known = best[begin]
            if known is None or candidate[:2] <= known[:2]:
                best[begin] = candidate
    lines: list[str] = []
    begin = 0
    while begin < len(pieces):
        step = best[begin]
        if step is None:
            return None
        lines.append("".join(pieces[begin : step[2]]).strip())
        begin = step[2]
    return tuple(lines)


def _tear(before: str, after: str) -> int:
    """Return what it costs to end a line between two pieces: nothing at a mark or space, little after 的."""
    if before[-1] in _CLOSING or after[0] in _OPENING or " " in (before, after):
        return 0
    # 的 ends a phrase; any other two hanzi may be halves of a word.
    return 12 if before[-1] == "的" else 24


def _pieces(text: str) -> list[str]:
    """Split `text` where a line may end: after each hanzi or word, with the marks that cling to it."""
    pieces: list[str] = []
    for word in _WORD.findall(text):
        if pieces and (word[0] in _CLOSING or pieces[-1].rstrip()[-1:] in _OPENING):
            pieces[-1] += word
        else:
            pieces.append(word)
    return pieces


def _family(size: int) -> int:
    return 16 if size % 16 == 0 else 12


def _scale(size: int) -> int:
    return size // _family(size)


@lru_cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    # The basic layout engine is in every Pillow; the other one depends on what it was built with.
    path = FONTS / f"companion-{_family(size)}.otf"
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=4096)
def _glyph(character: str, size: int) -> tuple[bytes, int]:
    """Return the pixels of a glyph and the column after its last inked one."""
    picture = Image.new("1", (2 * size, 2 * size))
    pen = ImageDraw.Draw(picture)
    pen.fontmode = "1"
    pen.text((0, 0), character, font=_font(size), fill=ON, anchor="la")
    bounds = picture.getbbox()
    return picture.tobytes(), bounds[2] if bounds else round(_font(size).getlength(character))


def _ink_right(character: str, size: int) -> int:
    return _glyph(character, size)[1]


def _has_glyph(character: str, size: int) -> bool:
    # The last code point never has a glyph: what looks the same is the font's "missing" box.
    return _glyph(character, size)[0] != _glyph("\U0010ffff", size)[0]
