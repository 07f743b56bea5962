"""The steps of a call: ticked as they are heard, those that were not told at its end, without blame (FLOW-1)."""

from dataclasses import replace

import pytest

from pi_companion.core.effects import CallCard, NudgeShown
from pi_companion.core.facts import Part, PartFound, Side
from pi_companion.core.settings import Family
from pi_companion.core.states import ScreenName
from tests.core.desk import Desk, bundled_pack

GREET, WHO, RESTATE, PROPOSE, CLOSE = "开头问候", "询问身份", "复述确认", "给出答复", "礼貌结束"
SAID = {
    WHO: "请问您贵姓",
    RESTATE: "您的意思是打印机连不上",
    PROPOSE: "我帮您记录下来",
    CLOSE: "感谢您的来电再见",
}
PICKED_UP = 2500
"""When `Desk.answered_call` picks up."""

pytestmark = pytest.mark.rule("FLOW-1")


def call(*steps: str, desk: Desk | None = None, customer: str = "打印机连不上", ends: int = 60000) -> CallCard:
    """The card of a properly greeted call in which the agent takes these steps; it ends so long after pick-up."""
    desk = desk or Desk()
    at = desk.answered_call()
    if customer:
        at = desk.says(Side.CUSTOMER, at, customer) + 1000
    for step in steps:
        at = desk.says(Side.AGENT, at, SAID.get(step, step)) + 1000
    desk.hook(PICKED_UP + ends, off=False)
    return desk.all(CallCard)[0]


def test_a_call_with_every_step_misses_none_and_did_well() -> None:
    card = call(WHO, RESTATE, PROPOSE, CLOSE)
    assert (card.steps_missed, "FLOW-1" in card.well, "LISTEN-5" in card.well) == ((), True, True)


def test_what_was_not_heard_is_told_in_the_order_of_a_call_and_blames_nobody() -> None:
    card = call(PROPOSE)
    assert card.steps_missed == (WHO, RESTATE, CLOSE)
    assert {"FLOW-1", "LISTEN-5"} & {*card.well, *card.improve} == set()


def test_the_order_in_which_the_steps_are_taken_does_not_matter() -> None:
    assert call(PROPOSE, WHO, CLOSE, RESTATE).steps_missed == ()


def test_a_call_without_a_greeting_has_that_on_its_list() -> None:
    desk = Desk()
    desk.hook(desk.rings(1) + 500, off=True)
    at = desk.says(Side.CUSTOMER, desk.says(Side.AGENT, 3000, "您好请讲") + 1000, "打印机连不上") + 1000
    for step in (WHO, RESTATE, PROPOSE, CLOSE):
        at = desk.says(Side.AGENT, at, SAID[step]) + 1000
    desk.hook(60000, off=False)
    assert desk.all(CallCard)[0].steps_missed == (GREET,)


@pytest.mark.rule("LISTEN-5")
@pytest.mark.parametrize(
    "words", ["您的意思是打印不了", "您是说电脑打不开", "跟您确认一下", "跟您核对一下工号", "我给您复述一下"]
)
def test_restating_the_problem_is_ticked_and_counts_as_done_well(words: str) -> None:
    card = call(words)
    assert (RESTATE in card.steps_missed, "LISTEN-5" in card.well) == (False, True)


@pytest.mark.parametrize("words", ["您贵姓", "请问您怎么称呼", "请问是哪个部门的", "麻烦您告诉我一下您的工号可以吗"])
def test_asking_who_calls_is_ticked(words: str) -> None:
    assert WHO not in call(words).steps_missed


@pytest.mark.parametrize(
    "words",
    [
        "我帮您记录下来请相关工程师联系您好吗",
        "我给您派单了我帮您派单",
        "会把您的紧急情况转告工程师",
        "我咨询相关人员后给您回复好吗",
        "请您试一下能不能打印",
    ],
)
def test_proposing_or_passing_on_is_ticked(words: str) -> None:
    assert PROPOSE not in call(words).steps_missed


def test_the_customers_words_tick_nothing() -> None:
    assert RESTATE in call(customer="您的意思是让我重启您是说关机").steps_missed


def test_what_is_said_to_a_colleague_while_muted_ticks_nothing() -> None:
    desk = Desk()
    at = desk.says(Side.CUSTOMER, desk.answered_call(), "打印机连不上") + 1000
    desk.lamp(at, lit=True)
    at = desk.says(Side.AGENT, at + 500, "我跟您确认一下") + 1000
    desk.lamp(at, lit=False)
    desk.hook(60000, off=False)
    assert RESTATE in desk.all(CallCard)[0].steps_missed


def test_a_short_call_cannot_have_every_step() -> None:
    assert (call(ends=29999).steps_missed, call(ends=30000).steps_missed) == ((), (WHO, RESTATE, PROPOSE, CLOSE))


def test_a_caller_who_is_never_heard_leaves_no_steps_to_take() -> None:
    assert call(customer="").steps_missed == ()


@pytest.mark.parametrize("part", [Part.TAP, Part.SPEECH])
def test_a_call_that_was_not_understood_all_along_has_no_list(part: Part) -> None:
    desk = Desk()
    at = desk.says(Side.CUSTOMER, desk.answered_call(), "打印机连不上") + 1000
    desk.loses(at, part)
    desk.deliver(PartFound(at=at + 1000, part=part))
    desk.hook(60000, off=False)
    assert desk.all(CallCard)[0].steps_missed == ()


def test_an_outbound_call_has_steps_of_its_own() -> None:
    desk = Desk()
    desk.hook(3000, off=True)
    desk.says(Side.CUSTOMER, 12000, "你好")
    desk.hook(60000, off=False)
    assert desk.all(CallCard)[0].steps_missed == ()


def test_each_call_is_ticked_anew() -> None:
    desk = Desk()
    call(WHO, RESTATE, PROPOSE, CLOSE, desk=desk, ends=40000)
    at = desk.rings(1, began=80000)
    desk.hook(at + 500, off=True)
    at = desk.says(Side.AGENT, at + 1000, "您好电脑中心小李为您服务") + 1000
    desk.says(Side.CUSTOMER, at, "打印机连不上")
    desk.hook(140000, off=False)
    assert desk.all(CallCard)[1].steps_missed == (WHO, RESTATE, PROPOSE, CLOSE)


def test_a_step_that_the_pack_gives_no_title_is_not_on_the_list() -> None:
    pack = bundled_pack()
    rules = tuple(replace(rule, title="") if rule.family is Family.CLOSING else rule for rule in pack.rules)
    assert call(desk=Desk(pack=replace(pack, rules=rules))).steps_missed == (WHO, RESTATE, PROPOSE)


def test_the_steps_that_were_not_heard_come_after_the_card_and_nobody_is_nudged_for_them() -> None:
    desk = Desk()
    ended = call(PROPOSE, CLOSE, desk=desk).at
    desk.wait_until(ended + 7999)
    assert desk.screen().name is ScreenName.CALL_CARD
    desk.wait_until(ended + 12_999)
    assert (desk.screen().name, desk.screen().lines) == (
        ScreenName.CHECKLIST,
        (bundled_pack().texts["checklist.title"], WHO, RESTATE),
    )
    desk.wait_until(ended + 13_000)
    assert desk.screen().name is ScreenName.IDLE
    assert desk.all(NudgeShown) == []
