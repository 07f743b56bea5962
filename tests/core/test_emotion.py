"""An angry customer: words of complaint with a raised voice, or of two kinds; one sign alone says nothing."""

import pytest

from pi_companion.core.effects import NudgeShown, NudgeWithheld
from pi_companion.core.facts import Part, PartFound, Side, TalkSpurtBegan, TalkSpurtEnded, WordsHeard
from pi_companion.core.screens import nudge
from pi_companion.core.states import ScreenName
from tests.core.desk import HANGOVER_MS, Desk, bundled_pack, words

NOW = 10000
"""When the stories begin: well after the greeting."""

STEP = 4000


def says(desk: Desk, at: int, text: str, level_dbfs: int = -26, *, for_ms: int = 2000) -> int:
    """Let the customer say this, known at `at`; return when the next may be known."""
    ended = at - HANGOVER_MS
    began = ended - for_ms
    desk.deliver(
        TalkSpurtBegan(at=began + 80, side=Side.CUSTOMER, began=began),
        WordsHeard(at=at, side=Side.CUSTOMER, words=words(text, began, ended), is_final=True),
        TalkSpurtEnded(at=at, side=Side.CUSTOMER, began=began, ended=ended, level_dbfs=level_dbfs),
    )
    return at + STEP


def call(*levels_dbfs: int) -> tuple[Desk, int]:
    """A call in which the customer has said so much so loudly."""
    desk = Desk()
    at = desk.answered_call() + STEP
    for level_dbfs in levels_dbfs:
        at = says(desk, at, "我的电脑", level_dbfs)
    return desk, at


def angry(desk: Desk) -> list[int]:
    return [nudge.at for nudge in desk.all(NudgeShown) if nudge.rule == "EMO-1"]


def told(desk: Desk) -> list[str]:
    """What the agent is told about the customer's temper, once its turn has come."""
    desk.wait_until(desk.done[-1].at + 125_000)
    offered = [effect for effect in desk.done if isinstance(effect, NudgeShown | NudgeWithheld)]
    return [effect.rule for effect in offered if effect.rule == "EMO-1"]


USUAL = (-26, -26, -26)


@pytest.mark.rule("EMO-1")
def test_a_complaint_in_a_raised_voice_tells_the_agent_to_apologise_first() -> None:
    desk, at = call(*USUAL)
    says(desk, at, "我要投诉", -19)
    shown = desk.screen()
    assert (angry(desk), shown.name, shown) == (
        [at],
        ScreenName.NUDGE,
        nudge("客户情绪激动", bundled_pack().texts["nudge.angry.say"]),
    )


@pytest.mark.rule("EMO-1")
@pytest.mark.parametrize(
    ("text", "level_dbfs"),
    [("我要投诉", -26), ("你什么态度", -26), ("叫你们领导来", -26), ("电脑打不开", -5), ("我们领导的电脑打不开", -5)],
)
def test_one_sign_alone_calls_no_customer_angry(text: str, level_dbfs: int) -> None:
    desk, at = call(*USUAL)
    says(desk, at, text, level_dbfs)
    assert angry(desk) == []


@pytest.mark.rule("EMO-1")
@pytest.mark.parametrize(("level_dbfs", "is_angry"), [(-19, True), (-20, False)])
def test_a_voice_is_raised_if_it_is_louder_than_the_customers_own(level_dbfs: int, *, is_angry: bool) -> None:
    desk, at = call(-28, -26, -12)
    says(desk, at, "我要投诉", level_dbfs)
    assert bool(angry(desk)) is is_angry


@pytest.mark.rule("EMO-1")
@pytest.mark.parametrize(("levels", "is_angry"), [((-26, -26, -26), True), ((-26, -26), False)])
def test_a_customers_own_level_is_known_after_three_utterances(levels: tuple[int, ...], *, is_angry: bool) -> None:
    desk, at = call(*levels)
    says(desk, at, "我要投诉", -10)
    assert bool(angry(desk)) is is_angry


@pytest.mark.rule("EMO-1")
@pytest.mark.parametrize(("for_ms", "is_angry"), [(500, True), (499, False)])
def test_a_short_cry_is_no_raised_voice(for_ms: int, *, is_angry: bool) -> None:
    desk, at = call(*USUAL)
    at = says(desk, at, "哎呀", -10, for_ms=for_ms)
    says(desk, at, "我要投诉")
    assert bool(angry(desk)) is is_angry


@pytest.mark.rule("EMO-1")
@pytest.mark.parametrize(("after_ms", "is_angry"), [(60000, True), (60001, False)])
def test_a_raised_voice_long_before_a_complaint_is_forgotten(after_ms: int, *, is_angry: bool) -> None:
    desk, at = call(*USUAL)
    says(desk, at, "电脑打不开", -10)
    says(desk, at + after_ms, "我要投诉")
    assert bool(told(desk)) is is_angry


@pytest.mark.rule("EMO-1")
@pytest.mark.parametrize(("after_ms", "is_angry"), [(60000, True), (60001, False)])
def test_a_second_complaint_soon_after_the_first_is_anger(after_ms: int, *, is_angry: bool) -> None:
    desk, at = call()
    says(desk, at, "我要投诉")
    says(desk, at + after_ms, "你什么态度")
    assert bool(told(desk)) is is_angry


@pytest.mark.rule("EMO-1")
def test_complaints_of_two_kinds_in_one_breath_are_anger() -> None:
    desk, at = call()
    says(desk, at, "你什么态度叫你们领导来")
    assert angry(desk) == [at]


@pytest.mark.rule("EMO-1")
def test_once_told_the_agent_is_told_again_only_by_new_signs() -> None:
    desk, at = call()
    at = says(desk, says(desk, at, "我要投诉"), "你什么态度")
    says(desk, at, "我要投诉")
    assert told(desk) == ["EMO-1"]


@pytest.mark.rule("EMO-1")
def test_the_last_customers_anger_is_not_the_next_ones() -> None:
    desk, at = call(*USUAL)
    says(desk, at, "我要投诉")
    desk.hook(at + 1000, off=False)
    desk.hook(at + 12000, off=True)
    says(desk, at + 16000, "你什么态度", -10)
    assert angry(desk) == []


@pytest.mark.rule("EMO-1")
def test_a_sound_card_plugged_in_again_makes_no_raised_voice() -> None:
    desk, at = call(*USUAL)
    desk.loses(at - 3500, Part.TAP)
    desk.deliver(PartFound(at=at - 3400, part=Part.TAP))
    says(desk, at, "我要投诉", -10)
    assert angry(desk) == []


@pytest.mark.rule("EMO-1")
@pytest.mark.parametrize(
    "text",
    [
        "我不是要投诉",
        "我没有要投诉你",
        "我们领导的电脑",
        "领导让我报修",
        "开机等了半天才进去",
        "等了这么久才打开",
        "信号太差了",
        "服务太好了",
        "怎么做的",
    ],
)
def test_what_only_sounds_like_a_complaint_is_none(text: str) -> None:
    desk, at = call(*USUAL)
    says(desk, at, text, -10)
    assert angry(desk) == []


@pytest.mark.rule("EMO-1")
@pytest.mark.parametrize(
    "text",
    [
        "我要投诉你们",
        "让你们经理接电话",
        "找你们主管",
        "你这是什么态度",
        "你们服务太差了",
        "等了半天都没人",
        "我等了这么久",
        "到底有没有人管不管",
        "你们怎么搞的",
        "我说了多少遍了",
        "你们推来推去",
    ],
)
def test_words_of_complaint_in_a_raised_voice_are_anger(text: str) -> None:
    desk, at = call(*USUAL)
    says(desk, at, text, -10)
    assert angry(desk) == [at]
