"""Calling somebody: the line that comes next is on the screen, and goes once it was said (OUT-1)."""

import pytest

from pi_companion.core.effects import CallCard, CueShown, NudgeShown, ShowScreen
from pi_companion.core.facts import BusyToneHeard, Button, Part, Side
from pi_companion.core.states import ScreenName
from tests.core.desk import HANGOVER_MS, Desk, bundled_pack

TEXTS = bundled_pack().texts
ASK, SELF, SORRY = (TEXTS[f"outbound.{name}"] for name in ("ask", "self", "sorry"))
DIALLED = 3000

pytestmark = pytest.mark.rule("OUT-1")


def dialled(desk: Desk | None = None) -> Desk:
    desk = desk or Desk()
    desk.hook(DIALLED, off=True)
    return desk


def lines(desk: Desk) -> list[str]:
    """The lines of the script that came up."""
    return [effect.text for effect in desk.all(CueShown) if effect.rule == "OUT-1"]


def line(desk: Desk) -> str:
    """The line that stands on the screen; empty: none."""
    screen = desk.screen()
    return screen.lines[1] if screen.name is ScreenName.SCRIPT else ""


def asked(desk: Desk | None = None) -> tuple[Desk, int]:
    """An outbound call in which somebody answers and the agent asks for 王工; and when that ended."""
    desk = dialled(desk)
    answered = desk.says(Side.CUSTOMER, 12000, "你好")
    ended = desk.says(Side.AGENT, answered + 1000, "您好麻烦帮我找一下王工")
    assert line(desk) == SELF
    return desk, ended


def test_who_dials_reads_how_to_ask_and_then_how_to_name_themselves() -> None:
    desk, ended = asked()
    confirmed = desk.says(Side.CUSTOMER, ended + 1000, "我就是")
    desk.says(Side.AGENT, confirmed + 1000, "您好我是电脑中心小李您报修的打印机换好了")
    assert (lines(desk), line(desk), desk.all(NudgeShown)) == ([ASK, SELF], "", [])


def test_nobody_is_asked_for_a_greeting_as_if_they_had_been_called() -> None:
    desk = dialled()
    desk.wait_until(20000)
    assert (lines(desk), desk.all(NudgeShown)) == ([ASK], [])


def test_what_was_named_in_the_first_words_is_not_asked_for_again() -> None:
    desk = dialled()
    desk.says(Side.AGENT, 12000, "您好我是电脑中心小李麻烦帮我找一下王工")
    assert (lines(desk), line(desk)) == ([ASK], "")


def test_other_words_than_the_scripts_lead_on_just_as_well() -> None:
    desk = dialled()
    desk.says(Side.AGENT, 12000, "是王工吗")
    assert (lines(desk), line(desk)) == ([ASK, SELF], SELF)


def test_a_hello_asks_for_nobody_yet() -> None:
    desk = dialled()
    desk.says(Side.AGENT, 12000, "您好啊")
    assert (lines(desk), line(desk)) == ([ASK], ASK)


def test_a_cough_while_it_rings_leads_nowhere() -> None:
    desk = dialled()
    desk.says(Side.AGENT, 6000, "")
    assert (lines(desk), line(desk)) == ([ASK], ASK)


def test_without_speech_recognition_whatever_the_agent_says_leads_on() -> None:
    desk = Desk()
    desk.loses(1000, Part.SPEECH)
    dialled(desk)
    desk.says(Side.AGENT, 12000, "")
    assert (lines(desk), line(desk)) == ([ASK, SELF], SELF)


def test_what_is_said_to_a_colleague_while_muted_leads_nowhere() -> None:
    desk = dialled()
    desk.lamp(5000, lit=True)
    desk.says(Side.AGENT, 6000, "王工的电话是这个吗")
    desk.lamp(11000, lit=False)
    assert (lines(desk), line(desk)) == ([ASK], ASK)


@pytest.mark.parametrize("words", ["你打错了", "打错电话了", "没有这个人", "没这个人啊", "他现在不在", "他不在这里"])
def test_somebody_else_answers_and_the_agent_reads_how_to_apologise(words: str) -> None:
    desk, ended = asked()
    desk.says(Side.CUSTOMER, ended + 1000, words)
    assert (lines(desk), line(desk)) == ([ASK, SELF, SORRY], SORRY)


def test_the_apology_once_said_is_not_asked_for_and_is_the_goodbye_of_this_call() -> None:
    desk, ended = asked()
    told = desk.says(Side.CUSTOMER, ended + 1000, "你打错了")
    ended = desk.says(Side.AGENT, told + 800, "不好意思打扰您了再见")
    assert line(desk) == ""
    desk.hook(ended + 1000, off=False)
    card = desk.all(CallCard)[0]
    assert (card.closing, "OUT-1" in card.well, card.improve) == (True, True, ())


def test_an_apology_made_before_it_could_be_asked_for_is_not_asked_for() -> None:
    desk, ended = asked()
    desk.says(Side.AGENT, ended + 1000, "打扰您了我是电脑中心小李")
    assert line(desk) == ""


def test_once_they_talk_about_something_else_nothing_of_the_script_comes_up() -> None:
    desk, at = asked()
    for theirs, ours in (("我就是", "打印机换好了您看看"), ("好的我看一下", "您看能不能打印")):
        at = desk.says(Side.CUSTOMER, at + 800, theirs)
        at = desk.says(Side.AGENT, at + 800, ours)
    assert (lines(desk), line(desk)) == ([ASK, SELF], "")
    desk.says(Side.CUSTOMER, at + 800, "小张的也坏了他不在")
    assert lines(desk) == [ASK, SELF]


def test_one_exchange_leaves_the_line_up() -> None:
    desk, at = asked()
    at = desk.says(Side.CUSTOMER, at + 800, "我就是")
    desk.says(Side.AGENT, at + 800, "打印机换好了您看看")
    assert line(desk) == SELF


def test_two_sentences_in_a_row_are_no_two_exchanges() -> None:
    desk, at = asked()
    at = desk.says(Side.CUSTOMER, at + 800, "我就是")
    at = desk.says(Side.AGENT, at + 800, "打印机换好了")
    desk.says(Side.AGENT, at + 800, "您看看")
    assert line(desk) == SELF


def test_the_first_line_stays_for_a_minute_of_dialling_and_ringing() -> None:
    desk = dialled()
    desk.wait_until(DIALLED + 59999)
    assert line(desk) == ASK
    desk.wait_until(DIALLED + 60000)
    assert line(desk) == ""


def test_after_that_minute_the_next_line_still_comes() -> None:
    desk = dialled()
    desk.says(Side.AGENT, DIALLED + 70000, "麻烦帮我找一下王工")
    assert (lines(desk), line(desk)) == ([ASK, SELF], SELF)


def test_each_next_line_stays_for_fifteen_seconds() -> None:
    desk, ended = asked()
    desk.wait_until(ended + HANGOVER_MS + 14999)
    assert line(desk) == SELF
    desk.wait_until(ended + HANGOVER_MS + 15000)
    assert line(desk) == ""


def test_somebody_else_may_come_to_the_phone_after_that() -> None:
    desk, ended = asked()
    desk.says(Side.CUSTOMER, ended + 30000, "没有这个人")
    assert (lines(desk), line(desk)) == ([ASK, SELF, SORRY], SORRY)


def test_a_request_to_hold_ends_the_script() -> None:
    desk, ended = asked()
    desk.says(Side.AGENT, ended + 1000, "请您稍等不要挂机帮您咨询一下好吗")
    desk.wait_until(ended + 60000)
    assert ScreenName.SCRIPT not in [effect.screen.name for effect in desk.all(ShowScreen) if effect.at > ended + 5000]


def test_nobody_is_left_to_talk_to_once_they_have_hung_up() -> None:
    desk, ended = asked()
    desk.deliver(BusyToneHeard(at=ended + 3000, began=ended + 1250))
    assert line(desk) == ""


def test_a_nudge_comes_over_the_script_and_the_script_is_back_once_it_was_read() -> None:
    desk = dialled()
    ended = desk.says(Side.AGENT, 12000, "我不知道他叫什么")
    assert (desk.screen().name, [effect.rule for effect in desk.all(NudgeShown)]) == (ScreenName.NUDGE, ["SAY-UNKNOWN"])
    desk.wait_until(ended + 10000)
    assert line(desk) == SELF


def test_who_wants_to_be_left_alone_is_shown_no_script() -> None:
    desk = Desk()
    desk.presses(1000, Button.SNOOZE)
    dialled(desk)
    assert lines(desk) == []


def test_answering_a_call_brings_up_no_script() -> None:
    desk = Desk()
    told = desk.says(Side.CUSTOMER, desk.answered_call(), "你打错了")
    desk.says(Side.AGENT, told + 1000, "我是电脑中心的打扰您了")
    assert lines(desk) == []
