"""A caller who has rung before is met with the manual's line (SAY-EARLIER)."""

import pytest

from pi_companion.core.effects import CueShown, NudgeShown
from pi_companion.core.facts import Side
from pi_companion.core.states import ScreenName
from tests.core.desk import Desk

LINE = "不好意思，刚才不是我接听您的电话，麻烦您再把情况说一下，好吗？"


@pytest.mark.rule("SAY-EARLIER")
@pytest.mark.parametrize("text", ["我刚才打过电话", "我刚才已经打过了", "刚才不是你接的"])
def test_a_caller_who_has_rung_before_brings_up_the_line_to_say_and_no_reproach(text: str) -> None:
    desk = Desk()
    desk.says(Side.CUSTOMER, desk.answered_call(), text)
    assert [(cue.rule, cue.text) for cue in desk.all(CueShown)] == [("SAY-EARLIER", LINE)]
    assert desk.screen().name is ScreenName.SCRIPT
    assert desk.all(NudgeShown) == []


@pytest.mark.rule("SAY-EARLIER")
def test_no_line_is_shown_while_the_customer_is_asked_to_wait() -> None:
    desk = Desk()
    asked = desk.says(Side.AGENT, desk.answered_call(), "请您稍等不要挂机帮您咨询一下好吗")
    desk.says(Side.CUSTOMER, asked + 3000, "我刚才打过电话了你们怎么又问")
    assert "SAY-EARLIER" not in [cue.rule for cue in desk.all(CueShown)]


def test_a_caller_who_says_it_again_brings_up_no_line_again_until_the_next_call() -> None:
    desk = Desk()
    at = desk.answered_call()
    for _ in range(3):
        at = desk.says(Side.AGENT, desk.says(Side.CUSTOMER, at + 10000, "我刚才打过电话") + 500, "好的")
    desk.hook(at + 1000, off=False)
    desk.hook(at + 20000, off=True)
    desk.says(Side.CUSTOMER, at + 25000, "我刚才打过电话")
    assert [cue.rule for cue in desk.all(CueShown)].count("SAY-EARLIER") == 2
