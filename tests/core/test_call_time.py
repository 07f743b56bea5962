"""A long call as the agent lives it: five minutes, eight minutes, each said once, holds counted, never lost."""

import pytest

from pi_companion.core.call_time import CallTimer
from pi_companion.core.cues import Nudge
from pi_companion.core.effects import CallAnswered, CallCard, NudgeShown
from pi_companion.core.facts import Part, Side
from pi_companion.core.limits import Limits
from pi_companion.core.observing import CallBegan, CallEnded, Moment, Note
from pi_companion.core.states import LineState
from tests.core.desk import Desk, bundled_pack

PACK = bundled_pack()
CONNECTED = Moment(
    line=LineState.CONNECTED, call=None, is_muted=False, is_waiting=False, is_heard=True, is_understood=True
)
WARN, LIMIT = PACK.texts["time.warn"], PACK.texts["time.limit"]


def said(timer: CallTimer, at: int) -> list[str]:
    return [each.text for each in timer.pass_deadline(at, CONNECTED) if isinstance(each, Nudge)]


def begun() -> CallTimer:
    timer = CallTimer(PACK)
    assert list(timer.take(CallBegan(at=1000), CONNECTED)) == []
    return timer


@pytest.mark.rule("TIME-1")
def test_five_and_eight_minutes_after_pick_up_are_said_once_each() -> None:
    timer = begun()
    assert timer.deadline() == 301_000
    assert [said(timer, at) for at in (300_999, 301_000, 480_999)] == [[], [WARN], []]
    assert timer.deadline() == 481_000
    assert [said(timer, at) for at in (481_000, 900_000)] == [[LIMIT], []]
    assert timer.deadline() is None


@pytest.mark.rule("TIME-1")
@pytest.mark.parametrize(("talked_ms", "is_good"), [(540_000, True), (540_001, False)])
def test_a_call_handed_over_within_a_minute_of_being_told_kept_its_time(talked_ms: int, is_good: bool) -> None:
    assert list(begun().take(CallEnded(at=1000 + talked_ms), CONNECTED)) == [Note(rule="TIME-1", is_good=is_good)]


def test_after_the_call_no_time_is_counted() -> None:
    timer = begun()
    list(timer.take(CallEnded(at=200_000), CONNECTED))
    assert (timer.deadline(), said(timer, 500_000)) == (None, [])


@pytest.mark.rule("TIME-1")
def test_the_agent_of_a_long_call_is_told_and_it_is_on_the_card() -> None:
    desk = Desk()
    at = talked(desk, desk.answered_call(), 560_000)
    told = [effect for effect in desk.all(NudgeShown) if effect.rule == "TIME-1"]
    connected = desk.all(CallAnswered)[0].at - 50
    assert [(effect.text, effect.at - connected) for effect in told] == [(WARN, 300_000), (LIMIT, 480_000)]
    desk.hook(at, off=False)
    assert "TIME-1" in desk.all(CallCard)[0].improve


@pytest.mark.rule("TIME-1")
def test_the_time_is_told_though_nobody_listens_to_the_words() -> None:
    desk = Desk()
    desk.loses(500, Part.SPEECH)
    at = desk.rings(1) + 500
    desk.hook(at, off=True)
    talked(desk, at + 1000, at + 310_000)
    assert [effect.text for effect in desk.all(NudgeShown) if effect.rule == "TIME-1"] == [WARN]


def talked(desk: Desk, began: int, until: int) -> int:
    """Let customer and agent talk in turn, nothing that a rule is about; return when they are through."""
    at = began
    while at < until:
        at = desk.says(Side.CUSTOMER, at + 600, "电脑开不了机") + 600
        at = desk.says(Side.AGENT, at + 600, "这个灯亮着吗") + 600
    return at


def test_the_marks_are_the_packs() -> None:
    assert PACK.limits.call_time == Limits().call_time
