"""Every screen, pixel by pixel, and the rules of the type in it.

Golden pictures: `pi_companion/adapters/gallery.py` says how to make them anew.
"""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageChops

from pi_companion.adapters import gallery, typesetting
from pi_companion.adapters.draw import HEIGHT, LAYOUTS, WIDTH, draw
from pi_companion.adapters.typesetting import Block, TextDoesNotFit, fit, measure, punctuate
from pi_companion.core.states import PaceBar, Screen, ScreenName

GOLDEN = Path(__file__).parent / "golden"
ACTUAL = Path(__file__).parents[1] / "actual"

SAY = (
    "很抱歉,这个问题我暂时无法答复,我咨询相关人员后给您回复,好吗?",
    "我会把您的紧急情况转告工程师,请他尽快联系您",
    "麻烦您告诉我一下您的工号(联系电话),可以吗?",
    "对不起,您的电话没有声音,请您换一部电话或稍后再打过来,好吗?再见!",
)
"""The longest lines of the manual."""

FULL_COMMA, FULL_QUESTION, FULL_COLON = "\uff0c", "\uff1f", "\uff1a"


def call(value: int | None, *, is_microphone_muted: bool | None = False) -> Screen:
    bar = PaceBar(value=value, slow_below=90, fast_above=340, target=120)
    lines = ("03:25", "通话中", "")
    return Screen(name=ScreenName.IN_CALL, lines=lines, bar=bar, is_microphone_muted=is_microphone_muted)


def marker(value: int) -> tuple[int, int, int, int] | None:
    """Return the box of pixels that differ from the same call without a pace."""
    return ImageChops.logical_xor(draw(call(value)), draw(call(None))).getbbox()


def doubled(picture: Image.Image) -> Image.Image:
    return picture.resize((2 * picture.width, 2 * picture.height), Image.Resampling.NEAREST)


def glyph(character: str, size: int) -> Image.Image:
    return Image.frombytes("1", (2 * size, 2 * size), typesetting._glyph(character, size)[0])


# Golden pictures.


def assert_golden(name: str, actual: Image.Image) -> None:
    """Compare with the golden picture; on a difference keep both the picture and where it differs."""
    path = GOLDEN / f"{name}.png"
    golden = Image.open(path).convert("RGB") if path.exists() else Image.new("RGB", actual.size, "red")
    found = actual.convert("RGB")
    if found.size == golden.size and found.tobytes() == golden.tobytes():
        return
    ACTUAL.mkdir(exist_ok=True)
    found.save(ACTUAL / f"{name}.png")
    ImageChops.difference(found, golden.resize(found.size)).save(ACTUAL / f"{name}.difference.png")
    pytest.fail(f"{name}: not as in {path}; see {name}.png and {name}.difference.png in {ACTUAL}")


@pytest.mark.parametrize("name", gallery.SAMPLES)
def test_a_screen_looks_like_its_golden_picture(name: str) -> None:
    assert_golden(name, draw(gallery.SAMPLES[name]))


def test_the_contact_sheet_looks_like_its_golden_picture() -> None:
    pictures = {name: draw(screen) for name, screen in gallery.SAMPLES.items()}

    assert_golden("all", gallery.contact_sheet(pictures))


def test_there_is_no_golden_picture_without_a_sample() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == {*gallery.SAMPLES, "all"}


# Screens.


def test_every_screen_name_has_a_layout_and_a_sample() -> None:
    assert (set(LAYOUTS), {screen.name for screen in gallery.SAMPLES.values()}) == (set(ScreenName), set(ScreenName))


@pytest.mark.parametrize("say", SAY)
@pytest.mark.parametrize("name", [ScreenName.NUDGE, ScreenName.SCRIPT])
def test_the_longest_lines_to_say_fit_below_a_long_headline(name: ScreenName, say: str) -> None:
    picture = draw(Screen(name=name, lines=("不说“我不知道”", say)))

    assert (picture.mode, picture.size) == ("1", (WIDTH, HEIGHT))


@pytest.mark.parametrize(
    ("name", "lines"),
    [
        (ScreenName.IDLE, ("待机", "王" * 30, "6021")),
        (ScreenName.RINGING, ("3", "请尽快接听" * 6)),
        (ScreenName.IN_CALL, ("03:25", "通话中" * 3, "168字/分")),
        (ScreenName.NUDGE, ("不说", SAY[0] * 2)),
        (ScreenName.SCRIPT, ("请说", SAY[0] * 2)),
        (ScreenName.CALL_CARD, ("通话小结", "等候时间 00:22")),
        (ScreenName.FAULT, ("声卡断开" * 8, "")),
        (ScreenName.NUDGE, ("请勿打断", f"（{SAY[0] * 2}）")),
        (ScreenName.AWAY, ("小休中小休中小休中", "12:34")),
        (ScreenName.REMINDER, ("说普通话，吐字清楚" * 5,)),
        (ScreenName.SILENT_CALL, ("客户无声", SAY[3] * 2, "5")),
        (ScreenName.PRAISE, ("致歉到位" * 6,)),
        (ScreenName.CHECKLIST, ("这次没听到的步骤", *["来电人姓名和单位"] * 6)),
        (ScreenName.ANSWER, ("工程师不在", SAY[0] * 2, "1/2")),
        (ScreenName.WHY, ("不说“等一下”", "SAY-WAIT", "听到：" + "等一下" * 12, "3秒前")),
        (ScreenName.SNOOZED, ("勿扰", "本次通话不提示" * 2)),
        (ScreenName.CALIBRATION, ("坐姿", SAY[0] * 2, "5秒")),
    ],
)
def test_a_text_that_does_not_fit_is_refused_and_not_clipped(name: ScreenName, lines: tuple[str, ...]) -> None:
    with pytest.raises(TextDoesNotFit, match="shorten"):
        draw(Screen(name=name, lines=lines))


@pytest.mark.parametrize("name", ScreenName)
def test_a_screen_with_too_many_lines_is_refused(name: ScreenName) -> None:
    with pytest.raises(ValueError, match=f"screen {name} has .* got 10"):
        draw(Screen(name=name, lines=("1",) * 10))


def test_what_is_to_be_done_is_not_asked_to_be_said() -> None:
    said, done = (
        draw(Screen(name=ScreenName.NUDGE, lines=("请勿打断", say))) for say in ("等客户说完", "（等客户说完）")
    )

    label = (0, 20, 40, 32)
    assert said.crop(label).getbbox() is not None
    assert done.crop((0, 0, 128, 34)) == draw(Screen(name=ScreenName.NUDGE, lines=("请勿打断", "（好）"))).crop(
        (0, 0, 128, 34)
    )


@pytest.mark.rule("OPEN-3")
def test_the_countdown_changes_nothing_but_its_number() -> None:
    four, five = (draw(Screen(name=ScreenName.SILENT_CALL, lines=("客户无声", SAY[3], text))) for text in "45")

    changed = ImageChops.logical_xor(four, five).getbbox()
    assert changed is not None
    assert (changed[0] >= 100, changed[3] <= 36) == (True, True)


@pytest.mark.rule("FLOW-1")
@pytest.mark.parametrize("missed", range(1, 9))
def test_each_step_that_was_not_heard_has_an_open_box_and_no_cross(missed: int) -> None:
    empty = draw(Screen(name=ScreenName.CHECKLIST, lines=("这次没听到的步骤",)))
    steps = ("报姓名", "问来电人", "记要点", "复述", "给方案", "整理", "转交", "结束")[:missed]
    picture = draw(Screen(name=ScreenName.CHECKLIST, lines=("这次没听到的步骤", *steps)))

    inked = ImageChops.logical_xor(picture, empty).getbbox()
    assert inked is not None
    assert inked[:2] == (0, inked[1])
    assert inked[1] >= 15


def test_muted_is_dark_on_light_and_unconfirmed_is_light_on_dark() -> None:
    # In the lower left corner inside the frame, where neither has ink.
    grounds = {name: draw(gallery.SAMPLES[name]).getpixel((3, 60)) for name in ("muted", "mute-unconfirmed")}

    assert grounds == {"muted": 1, "mute-unconfirmed": 0}


def test_live_muted_and_unknown_microphones_look_different() -> None:
    pictures = {draw(call(168, is_microphone_muted=muted)).tobytes() for muted in (True, False, None)}

    assert len(pictures) == 3


def test_the_pace_marker_moves_right_with_the_pace_and_stops_at_the_ends() -> None:
    boxes = [marker(value) for value in (0, 60, 120, 240, 340, 430, 9999)]

    lefts = [box[0] for box in boxes if box]
    assert (len(lefts), lefts, lefts[-1]) == (7, sorted(lefts), lefts[-2])


def test_a_pace_of_exactly_the_limit_is_drawn_on_the_edge_of_the_band() -> None:
    slow, fast = marker(90), marker(340)

    assert slow is not None
    assert fast is not None
    # The band lies in the middle: both edges are as far from the ends of the panel, to the pixel.
    assert abs(slow[0] - (WIDTH - fast[2])) <= 1


def test_ascii_and_full_width_punctuation_give_the_same_picture() -> None:
    ascii_text = "不是您的错,好吗?"
    full_text = ascii_text.replace(",", FULL_COMMA).replace("?", FULL_QUESTION)

    pictures = {draw(Screen(name=ScreenName.NUDGE, lines=("说", text))).tobytes() for text in (ascii_text, full_text)}
    assert len(pictures) == 1


def test_an_extension_of_digits_is_labelled_and_a_worded_one_is_not_labelled_twice() -> None:
    digits = draw(Screen(name=ScreenName.IDLE, lines=("待机", "王晓明", "6021")))
    worded = draw(Screen(name=ScreenName.IDLE, lines=("待机", "王晓明", "分机 6021")))

    assert digits.tobytes() == worded.tobytes()


# Type.


@pytest.mark.parametrize(("size", "double"), [(12, 24), (16, 32)])
def test_large_type_is_the_small_one_with_every_pixel_doubled(size: int, double: int) -> None:
    blurred = [text for text in "客户静音语速等您声018:?gAq✓" if doubled(glyph(text, size)) != glyph(text, double)]

    assert blurred == []


@pytest.mark.parametrize("size", [12, 16])
def test_every_common_hanzi_has_a_glyph(size: int) -> None:
    # The 3755 hanzi of the first level of GB 2312.
    cells = [bytes((row, cell)) for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF)]
    hanzi = [text for cell in cells if (text := cell.decode("gb2312", "ignore"))]

    missing = [text for text in hanzi if not typesetting._has_glyph(text, size)]
    assert (len(hanzi), missing) == (3755, [])


def test_a_size_whose_font_lacks_a_character_is_passed_over() -> None:
    # The 12 px font has no 鹭.
    assert fit("白鹭", width=128, height=28, sizes=(24, 16, 12)) == Block(size=16, lines=("白鹭",))


def test_a_character_that_no_font_has_is_shown_as_missing() -> None:
    assert fit("𠮷野", width=128, height=28, sizes=(24, 16, 12)) == Block(size=24, lines=("〓野",))


def test_the_largest_size_that_fits_is_taken() -> None:
    sizes = [
        fit("先致歉", width=width, height=32, sizes=(32, 24, 16, 12), most_lines=1).size for width in (94, 93, 69, 46)
    ]

    assert sizes == [32, 24, 16, 12]


def test_a_line_ends_at_a_comma_if_that_costs_no_line() -> None:
    block = fit("请您稍等一下,好吗?", width=128, height=32, sizes=(16,))

    assert block.lines == ("请您稍等一下,", "好吗?")


def test_a_known_word_is_not_torn() -> None:
    block = fit("您好!请问有什么可以帮您?", width=128, height=32, sizes=(16,))

    assert block.lines == ("您好!请问有", "什么可以帮您?")


def test_an_ascii_word_is_not_torn() -> None:
    block = fit("请检查USB线", width=64, height=32, sizes=(16,))

    assert block.lines == ("请检查", "USB线")


def test_a_full_width_mark_may_hang_with_its_blank_half_over_the_edge() -> None:
    text = "一二三四五六七八九十" + FULL_COMMA

    assert fit(text, width=128, height=12, sizes=(12,)).lines == (text,)


def test_punctuation_between_hanzi_is_full_width_in_the_12_px_font_only() -> None:
    text = "同意:03:25,好吗?"

    assert (punctuate(text, 24), punctuate(text, 16)) == (
        f"同意{FULL_COLON}03:25{FULL_COMMA}好吗{FULL_QUESTION}",
        text,
    )


@given(
    text=st.text(alphabet="客户同意了吗的,、。?!(“”)…A1 ", min_size=1, max_size=40),
    size=st.sampled_from([12, 16, 24]),
    width=st.integers(48, 128),
)
def test_lines_keep_the_text_the_width_and_the_rules(text: str, size: int, width: int) -> None:
    try:
        lines = fit(text, width=width, height=9999, sizes=(size,), most_lines=99).lines
    except TextDoesNotFit:
        return  # A run of marks or letters that may not be torn can be wider than the box.

    closing, opening = typesetting._CLOSING, typesetting._OPENING
    assert "".join(lines).replace(" ", "") == punctuate(text.strip(), size).replace(" ", "")
    assert [line for line in lines if measure(line, size) > width] == []
    # Only a mark that follows a space in the text itself can be first.
    assert [line for line in lines[1:] if line[:1] in closing and f" {line[0]}" not in punctuate(text, size)] == []
    assert [line for line in lines[:-1] if line[-1:] in opening] == []


# The gallery's files.


def test_the_gallery_writes_each_screen_small_and_large_and_the_sheet(tmp_path: Path) -> None:
    written = gallery.write(tmp_path / "new", scale=2)

    expected = {f"{name}{suffix}.png" for name in gallery.SAMPLES for suffix in ("", "@2x")} | {"all.png"}
    assert ({path.name for path in written}, {path.name for path in (tmp_path / "new").iterdir()}) == (
        expected,
        expected,
    )


def test_a_gallery_that_cannot_be_written_leaves_no_partial_file(tmp_path: Path) -> None:
    (tmp_path / "all.png").mkdir()

    with pytest.raises(OSError, match=r"all\.png"):
        gallery.write(tmp_path, scale=1)

    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".partial")] == []
