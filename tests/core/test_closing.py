"""Taking leave: the line to close with, the wish before days off, and letting the customer hang up first."""

import pytest

from pi_companion.adapters.draw import draw
from pi_companion.core import screens
from pi_companion.core.effects import CallCard, CueShown, NudgeShown, PhraseSpotted, ShowScreen
from pi_companion.core.facts import (
    BusyToneHeard,
    Button,
    Part,
    PartFound,
    Side,
    TalkSpurtBegan,
    TalkSpurtEnded,
    WallClockRead,
)
from pi_companion.core.states import ScreenName
from tests.core.desk import Desk, bundled_pack

PACK = bundled_pack()
LINE = PACK.texts["closing.line"]
HANG_UP = PACK.texts["nudge.hang_up.title"]
CLOSING = "感谢您的来电再见"


def on(occasion: str) -> Desk:
    """A desk on a day before that."""
    desk = Desk()
    desk.deliver(WallClockRead(at=10, minute_of_day=960, occasion=occasion))
    return desk


def talked(desk: Desk) -> int:
    """A call in which both have spoken; return when the customer may go on."""
    asked = desk.says(Side.CUSTOMER, desk.answered_call(), "打印机连不上")
    return desk.says(Side.AGENT, asked + 800, "好的请您重启一下打印机") + 800


def lines(desk: Desk) -> list[tuple[str, str]]:
    """The lines to close with that came up, and their rules."""
    return [(effect.rule, effect.text) for effect in desk.all(CueShown) if effect.rule in {"CLOSE-1", "CLOSE-2"}]


def line(desk: Desk) -> str:
    """The line that stands on the screen; empty: none."""
    screen = desk.screen()
    return screen.lines[1] if screen.name is ScreenName.SCRIPT else ""


def hangs_up(desk: Desk, at: int) -> CallCard:
    desk.hook(at, off=False)
    return desk.all(CallCard)[-1]


# The line to close with


@pytest.mark.rule("CLOSE-1")
@pytest.mark.parametrize(
    "words",
    [
        "再见",
        "好的再见",
        "嗯拜拜",
        "那我先这样再见啊",
        "谢谢",
        "好的谢谢",
        "好的谢谢您啊",
        "好麻烦您了",
        "没有了",
        "没事了谢谢",
    ],
)
def test_a_customer_who_takes_leave_brings_up_the_line_to_close_with(words: str) -> None:
    desk = Desk()
    desk.says(Side.CUSTOMER, talked(desk), words)
    assert (lines(desk), line(desk), desk.all(NudgeShown)) == ([("CLOSE-1", LINE)], LINE, [])


@pytest.mark.rule("CLOSE-1")
@pytest.mark.parametrize(
    "words",
    [
        "谢谢那我再问一个问题",
        "好的我试一下谢谢你先别挂",
        "我再检查一下",
        "重启了就没事了吗",
        "里面没有了怎么办",
        "好的",
        "嗯",
    ],
)
def test_a_polite_turn_in_mid_call_brings_up_nothing(words: str) -> None:
    desk = Desk()
    desk.says(Side.CUSTOMER, talked(desk), words)
    assert lines(desk) == []


def test_the_line_goes_when_it_was_said() -> None:
    desk = Desk()
    thanked = desk.says(Side.CUSTOMER, talked(desk), "好的谢谢")
    desk.says(Side.AGENT, thanked + 800, CLOSING)
    assert (lines(desk), line(desk)) == ([("CLOSE-1", LINE)], "")


def test_the_line_goes_after_fifteen_seconds() -> None:
    desk = Desk()
    shown_at = desk.says(Side.CUSTOMER, talked(desk), "好的谢谢") + 400
    desk.wait_until(shown_at + 14999)
    assert line(desk) == LINE
    desk.wait_until(shown_at + 15000)
    assert line(desk) == ""


def test_the_line_goes_when_the_customer_goes_on_and_is_back_at_the_goodbye() -> None:
    desk = Desk()
    thanked = desk.says(Side.CUSTOMER, talked(desk), "好的谢谢")
    went_on = desk.says(Side.CUSTOMER, thanked + 2000, "还有我的显示器也坏了")
    assert line(desk) == ""
    desk.says(Side.CUSTOMER, desk.says(Side.AGENT, went_on + 500, "好的") + 500, "再见")
    assert (lines(desk), line(desk)) == ([("CLOSE-1", LINE)] * 2, LINE)


def test_an_acknowledgement_is_not_going_on() -> None:
    desk = Desk()
    thanked = desk.says(Side.CUSTOMER, talked(desk), "好的谢谢")
    desk.says(Side.CUSTOMER, thanked + 2000, "嗯好")
    assert line(desk) == LINE


def test_thanking_at_every_turn_brings_it_up_once_and_leaves_the_goodbye_its_line() -> None:
    desk = Desk()
    at = talked(desk)
    for _ in range(4):
        at = desk.says(Side.CUSTOMER, desk.says(Side.CUSTOMER, at, "好的谢谢") + 500, "那我的显示器呢") + 500
    assert lines(desk) == [("CLOSE-1", LINE)]
    for _ in range(2):
        at = desk.says(Side.CUSTOMER, desk.says(Side.CUSTOMER, at, "再见") + 500, "等等还有显示器呢") + 500
    assert lines(desk) == [("CLOSE-1", LINE)] * 2


def test_who_has_closed_already_needs_no_line_for_the_goodbye_that_answers() -> None:
    desk = Desk()
    closed = desk.says(Side.AGENT, talked(desk), CLOSING)
    desk.says(Side.CUSTOMER, closed + 800, "再见")
    assert lines(desk) == []


def test_a_closing_of_long_ago_needs_to_be_said_again() -> None:
    for after_ms, shown in ((29000, []), (30001, [("CLOSE-1", LINE)])):
        desk = Desk()
        closed = desk.says(Side.AGENT, talked(desk), CLOSING)
        desk.says(Side.CUSTOMER, closed + after_ms, "再见")
        assert lines(desk) == shown


def test_thanks_for_leave_to_consult_are_no_goodbye() -> None:
    desk = Desk()
    asked = desk.says(Side.AGENT, talked(desk), "请您稍等不要挂机帮您咨询一下好吗")
    desk.says(Side.CUSTOMER, asked + 800, "好的谢谢")
    assert lines(desk) == []


def test_a_hold_request_takes_the_line_away() -> None:
    desk = Desk()
    thanked = desk.says(Side.CUSTOMER, talked(desk), "好的谢谢")
    asked = desk.says(Side.AGENT, thanked + 800, "请您稍等不要挂机帮您咨询一下好吗")
    desk.wait_until(asked + 12000)
    assert ScreenName.SCRIPT not in [effect.screen.name for effect in desk.all(ShowScreen) if effect.at > asked]


def test_the_line_goes_when_the_customer_has_hung_up() -> None:
    desk = Desk()
    thanked = desk.says(Side.CUSTOMER, talked(desk), "好的谢谢")
    desk.deliver(BusyToneHeard(at=thanked + 3000, began=thanked + 1250))
    assert line(desk) == ""


def test_somebody_who_was_called_is_not_thanked_for_calling() -> None:
    desk = Desk()
    desk.hook(3000, off=True)
    desk.says(Side.CUSTOMER, 20000, "好的谢谢再见")
    assert lines(desk) == []


def test_who_wants_to_be_left_alone_is_shown_no_line() -> None:
    desk = Desk()
    at = talked(desk)
    desk.presses(at, Button.SNOOZE)
    desk.says(Side.CUSTOMER, at + 500, "好的谢谢再见")
    assert lines(desk) == []


# The wish before days off


@pytest.mark.rule("CLOSE-2")
@pytest.mark.parametrize("occasion", PACK.wishes)
def test_before_days_off_the_line_has_the_wish_in_it_fits_the_panel_and_is_heard(occasion: str) -> None:
    desk = on(occasion)
    thanked = desk.says(Side.CUSTOMER, talked(desk), "好的谢谢")
    said = PACK.texts["closing.wish_line"].replace("{wish}", PACK.wishes[occasion])
    assert lines(desk) == [("CLOSE-2", said)]
    draw(desk.screen())  # raises if it does not fit
    ended = desk.says(Side.AGENT, thanked + 800, said)
    assert {effect.rule for effect in desk.all(PhraseSpotted) if effect.began > thanked} == {"CLOSE-1", "CLOSE-2"}
    card = hangs_up(desk, ended + 4000)
    assert (card.wish, card.closing, "CLOSE-2" in card.well) == (True, True, True)


@pytest.mark.rule("CLOSE-2")
def test_a_wish_that_was_not_made_is_on_the_card() -> None:
    desk = on("春节")
    card = hangs_up(desk, desk.says(Side.AGENT, talked(desk), CLOSING) + 4000)
    assert (card.wish, card.improve) == (False, ("CLOSE-2",))


@pytest.mark.rule("CLOSE-2")
def test_on_other_days_no_wish_is_due() -> None:
    desk = on("")
    card = hangs_up(desk, desk.says(Side.AGENT, talked(desk), CLOSING) + 4000)
    assert (card.wish, "CLOSE-2" in {*card.well, *card.improve}) == (None, False)


@pytest.mark.rule("CLOSE-2")
def test_a_holiday_that_the_pack_has_no_wish_for_has_the_plain_line_and_none_is_due() -> None:
    desk = on("国际劳动妇女节")
    thanked = desk.says(Side.CUSTOMER, talked(desk), "好的谢谢")
    assert lines(desk) == [("CLOSE-1", LINE)]
    assert hangs_up(desk, thanked + 4000).wish is None


@pytest.mark.rule("CLOSE-2")
def test_a_wish_counts_for_thirty_seconds() -> None:
    for after_ms, counts in ((30000, True), (30001, False)):
        desk = on("weekend")
        wished = desk.says(Side.AGENT, talked(desk), "祝您周末愉快")
        assert hangs_up(desk, wished + after_ms).wish is counts


@pytest.mark.rule("CLOSE-2")
@pytest.mark.parametrize("part", [Part.TAP, Part.SPEECH])
def test_a_wish_that_could_not_be_heard_is_not_missed(part: Part) -> None:
    desk = on("weekend")
    at = talked(desk)
    desk.loses(at, part)
    desk.deliver(PartFound(at=at + 1000, part=part))
    assert hangs_up(desk, at + 10000).wish is None


@pytest.mark.rule("CLOSE-2")
def test_neither_a_silent_caller_nor_somebody_who_was_called_is_owed_a_wish() -> None:
    silent = on("weekend")
    called = on("weekend")
    called.hook(3000, off=True)
    called.says(Side.CUSTOMER, 12000, "你好")
    assert (hangs_up(silent, silent.answered_call() + 20000).wish, hangs_up(called, 30000).wish) == (None, None)


# Who hangs up first


def closed(desk: Desk) -> int:
    """A call that was closed properly; return when the last voice, the agent's, ended."""
    return desk.says(Side.AGENT, talked(desk), CLOSING)


def cues(desk: Desk) -> list[str]:
    return [effect.text for effect in desk.all(CueShown) if effect.rule == "CLOSE-3"]


def marked(card: CallCard) -> str:
    return "well" if "CLOSE-3" in card.well else "improve" if "CLOSE-3" in card.improve else ""


@pytest.mark.rule("CLOSE-3")
def test_the_customer_hangs_up_first_as_their_tone_tells() -> None:
    desk = Desk()
    ended = closed(desk)
    desk.deliver(BusyToneHeard(at=ended + 2000, began=ended + 250))
    card = hangs_up(desk, ended + 2500)
    assert (card.customer_hung_up_first, marked(card), cues(desk)) == (True, "well", [])


@pytest.mark.rule("CLOSE-3")
def test_an_agent_who_hangs_up_at_once_is_asked_to_wait_for_the_customer() -> None:
    desk = Desk()
    card = hangs_up(desk, closed(desk) + 700)
    assert (card.customer_hung_up_first, marked(card), cues(desk)) == (False, "improve", [HANG_UP])
    assert desk.screen() == screens.nudge(HANG_UP, "")
    desk.wait_until(card.at + 4000)
    assert desk.screen().name in {ScreenName.CALL_CARD, ScreenName.CHECKLIST}


@pytest.mark.rule("CLOSE-3")
def test_a_customer_silent_for_three_seconds_may_have_gone() -> None:
    for after_ms, first in ((2999, False), (3000, None)):
        desk = Desk()
        card = hangs_up(desk, closed(desk) + after_ms)
        assert (card.customer_hung_up_first, bool(cues(desk))) == (first, first is False)


@pytest.mark.rule("CLOSE-3")
def test_a_customer_who_was_just_heard_is_still_there() -> None:
    desk = Desk()
    said = desk.says(Side.CUSTOMER, closed(desk) + 3000, "等等我还想问一下打印机")
    assert hangs_up(desk, said + 2999).customer_hung_up_first is False


@pytest.mark.rule("CLOSE-3")
@pytest.mark.parametrize(
    ("for_ms", "after_ms", "first"), [(1500, 999, False), (1500, 1000, None), (1501, 2999, False), (1501, 3000, None)]
)
def test_a_short_answer_to_the_agents_closing_is_a_goodbye_even_if_it_was_not_understood(
    for_ms: int, after_ms: int, *, first: bool | None
) -> None:
    desk = Desk()
    began = closed(desk) + 500
    desk.deliver(
        TalkSpurtBegan(at=began + 80, side=Side.CUSTOMER, began=began),
        TalkSpurtEnded(at=began + for_ms + 400, side=Side.CUSTOMER, began=began, ended=began + for_ms, level_dbfs=-20),
    )
    assert hangs_up(desk, began + for_ms + after_ms).customer_hung_up_first is first


@pytest.mark.rule("CLOSE-3")
def test_a_customer_may_hang_up_a_second_after_their_own_goodbye() -> None:
    for after_ms, first in ((999, False), (1000, None)):
        desk = Desk()
        said = desk.says(Side.CUSTOMER, closed(desk) + 500, "好的再见")
        assert hangs_up(desk, said + after_ms).customer_hung_up_first is first


@pytest.mark.rule("CLOSE-3")
def test_an_agent_who_answers_a_goodbye_may_be_talking_to_nobody() -> None:
    desk = Desk()
    said = desk.says(Side.CUSTOMER, talked(desk), "好的再见")
    ended = desk.says(Side.AGENT, said + 500, CLOSING)
    assert hangs_up(desk, ended + 500).customer_hung_up_first is None


@pytest.mark.rule("CLOSE-3")
def test_a_customer_who_goes_on_after_a_goodbye_is_there_again() -> None:
    desk = Desk()
    said = desk.says(Side.CUSTOMER, desk.says(Side.CUSTOMER, talked(desk), "再见") + 500, "等等还有显示器呢")
    ended = desk.says(Side.AGENT, said + 500, CLOSING)
    assert hangs_up(desk, ended + 2000).customer_hung_up_first is False


@pytest.mark.rule("CLOSE-3")
@pytest.mark.parametrize("side", Side)
def test_hanging_up_in_mid_sentence_is_hanging_up_first(side: Side) -> None:
    desk = Desk()
    began = closed(desk) + 5000
    desk.deliver(TalkSpurtBegan(at=began + 80, side=side, began=began))
    assert hangs_up(desk, began + 8000).customer_hung_up_first is False


@pytest.mark.rule("CLOSE-3")
def test_the_tone_of_the_last_call_says_nothing_about_this_one() -> None:
    desk = Desk()
    ended = closed(desk)
    desk.deliver(BusyToneHeard(at=ended + 2000, began=ended + 250))
    hangs_up(desk, ended + 2500)
    answered = desk.rings(1, began=60000) + 500
    desk.hook(answered, off=True)
    at = desk.says(Side.AGENT, answered + 500, "您好电脑中心小李为您服务")
    said = desk.says(Side.CUSTOMER, at + 500, "打印机连不上")
    assert hangs_up(desk, said + 1000).customer_hung_up_first is False


@pytest.mark.rule("CLOSE-3", "OPEN-3")
def test_after_a_silent_call_the_agent_is_right_to_hang_up() -> None:
    desk = Desk()
    card = hangs_up(desk, desk.answered_call() + 500)
    assert (card.customer_hung_up_first, marked(card), cues(desk)) == (None, "", [])


@pytest.mark.rule("OPEN-3", "CLOSE-1")
def test_the_goodbye_to_a_silent_caller_is_a_closing() -> None:
    desk = Desk()
    said = desk.says(Side.AGENT, desk.answered_call(), PACK.texts["silent.sorry"])
    assert hangs_up(desk, said + 5000).closing is True


@pytest.mark.rule("CLOSE-3")
def test_while_the_tap_is_lost_nobody_knows() -> None:
    desk = Desk()
    ended = closed(desk)
    desk.loses(ended + 500, Part.TAP)
    assert hangs_up(desk, ended + 1000).customer_hung_up_first is None


@pytest.mark.rule("CLOSE-3")
def test_after_the_tap_was_lost_nobody_knows_until_the_customer_is_heard_again() -> None:
    for heard, first in (("", None), ("好的", False)):
        desk = Desk()
        at = talked(desk)
        desk.loses(at, Part.TAP)
        desk.deliver(PartFound(at=at + 1000, part=Part.TAP))
        at = desk.says(Side.CUSTOMER, at + 1500, heard) if heard else at + 1500
        at = desk.says(Side.AGENT, at + 500, CLOSING)
        assert hangs_up(desk, at + 700).customer_hung_up_first is first


@pytest.mark.rule("CLOSE-3")
def test_who_dialled_may_hang_up_first() -> None:
    desk = Desk()
    desk.hook(3000, off=True)
    said = desk.says(Side.AGENT, desk.says(Side.CUSTOMER, 12000, "你好") + 500, "感谢您再见")
    assert hangs_up(desk, said + 500).customer_hung_up_first is None


@pytest.mark.parametrize("after_ms", [100, 350, 450])
def test_who_hangs_up_on_the_last_word_of_an_answered_goodbye_may_have_talked_to_nobody(after_ms: int) -> None:
    desk = Desk()
    said = desk.says(Side.CUSTOMER, closed(desk) + 500, "好的再见")
    began, ended = said + 600, said + 1300
    desk.deliver(TalkSpurtBegan(at=began + 80, side=Side.AGENT, began=began))
    if after_ms >= 400:
        desk.deliver(TalkSpurtEnded(at=ended + 400, side=Side.AGENT, began=began, ended=ended, level_dbfs=-20))
    assert hangs_up(desk, ended + after_ms).customer_hung_up_first is None
