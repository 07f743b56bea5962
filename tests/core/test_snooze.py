"""The snooze button as the agent uses it: left alone for a call or ten minutes, without a record, but never unsafe."""

import pytest

from pi_companion.core.effects import CueShown, NudgeShown, NudgeWithheld, PhraseSpotted, SetPanel, ShowScreen
from pi_companion.core.facts import Button, Part, Side
from pi_companion.core.limits import Limits
from pi_companion.core.snooze import Snooze
from pi_companion.core.states import ScreenName
from tests.core.desk import Desk, bundled_pack
from tests.core.test_holds import REQUEST, asked, muted

PACK = bundled_pack()
TEXTS = PACK.texts
TEN_MINUTES = 600_000


def call(desk: Desk) -> int:
    """A call in which both have spoken."""
    return desk.says(Side.CUSTOMER, desk.answered_call(), "电脑开不了机") + 500


def snoozed_call(desk: Desk) -> int:
    """A call in which the agent wants to be left alone; return when that has been said long enough."""
    at = call(desk)
    desk.presses(at, Button.SNOOZE)
    desk.wait_until(at + 4000)
    return at + 4000


def told(desk: Desk) -> list[str]:
    return [effect.rule for effect in desk.done if isinstance(effect, NudgeShown | NudgeWithheld | CueShown)]


# For how long


def test_on_hook_it_lasts_ten_minutes() -> None:
    snooze = Snooze(PACK.limits.cueing)
    snooze.press(1000, is_in_call=False)
    snooze.pass_deadline(1000 + TEN_MINUTES - 1)
    assert (snooze.is_on, snooze.deadline()) == (True, 1000 + TEN_MINUTES)
    snooze.pass_deadline(1000 + TEN_MINUTES)
    assert (snooze.is_on, snooze.deadline()) == (False, None)


def test_in_a_call_it_lasts_as_long_as_the_call() -> None:
    snooze = Snooze(PACK.limits.cueing)
    snooze.press(1000, is_in_call=True)
    snooze.pass_deadline(10 * TEN_MINUTES)
    assert snooze.is_on
    snooze.end_of_call()
    assert not snooze.is_on


@pytest.mark.parametrize("is_in_call", [False, True])
def test_a_second_press_ends_it(is_in_call: bool) -> None:
    snooze = Snooze(PACK.limits.cueing)
    for at in (1000, 2000):
        snooze.press(at, is_in_call=is_in_call)
    assert (snooze.is_on, snooze.is_announced, snooze.deadline()) == (False, False, None)


def test_ten_minutes_begun_on_hook_go_on_through_a_call() -> None:
    snooze = Snooze(PACK.limits.cueing)
    snooze.press(1000, is_in_call=False)
    snooze.end_of_call()
    assert snooze.is_on


# What the agent sees


def test_on_hook_the_panel_says_that_nothing_will_be_said() -> None:
    desk = Desk()
    desk.presses(1000, Button.SNOOZE)
    assert (desk.screen().name, desk.screen().lines) == (
        ScreenName.SNOOZED,
        (TEXTS["snooze.title"], TEXTS["snooze.while"]),
    )
    desk.wait_until(1000 + TEN_MINUTES - 1)
    assert desk.screens()[-1] is ScreenName.SNOOZED
    desk.wait_until(1000 + TEN_MINUTES)
    assert desk.screens()[-1] is not ScreenName.SNOOZED


def test_in_a_call_it_is_said_for_four_seconds_and_then_stands_where_the_call_does() -> None:
    desk = Desk()
    at = call(desk)
    desk.presses(at, Button.SNOOZE)
    said = (TEXTS["snooze.title"], TEXTS["snooze.call"])
    desk.wait_until(at + 3999)
    assert (desk.screen().name, desk.screen().lines) == (ScreenName.SNOOZED, said)
    desk.wait_until(at + 4000)
    assert (desk.screen().name, desk.screen().lines[1]) == (ScreenName.IN_CALL, TEXTS["call.snoozed"])
    desk.presses(at + 5000, Button.SNOOZE)
    assert (desk.screen().name, desk.screen().lines[1]) == (ScreenName.IN_CALL, TEXTS["call.connected"])


def test_the_next_call_is_coached_again() -> None:
    desk = Desk()
    at = snoozed_call(desk)
    desk.hook(at, off=False)
    desk.hook(at + 20000, off=True)
    desk.says(Side.AGENT, at + 21000, "你等一下")
    assert "SAY-WAIT" in [effect.rule for effect in desk.all(NudgeShown)]


def test_a_press_takes_the_nudge_off_the_screen() -> None:
    desk = Desk()
    at = desk.says(Side.AGENT, desk.answered_call(), "你等一下") + 1000
    assert desk.screens()[-1] is ScreenName.NUDGE
    desk.presses(at, Button.SNOOZE)
    desk.presses(at + 100, Button.SNOOZE)
    assert desk.screens()[-1] is ScreenName.IN_CALL


# Without a record


def test_a_fault_while_snoozed_is_counted_for_the_card_and_told_nobody() -> None:
    desk = Desk()
    at = snoozed_call(desk)
    at = desk.says(Side.AGENT, at, "你等一下") + 1000
    assert [effect.rule for effect in desk.all(PhraseSpotted)][-1] == "SAY-WAIT"
    desk.hook(at, off=False)
    assert told(desk) == []


def test_what_the_end_of_a_snoozed_call_brings_up_is_not_told_either() -> None:
    desk = Desk()
    at = snoozed_call(desk)
    at = desk.says(Side.AGENT, at, "谢谢您的来电再见") + 500
    at = desk.says(Side.CUSTOMER, at, "我还没说完呢") + 500
    desk.hook(at, off=False)
    desk.wait_until(at + 5000)
    assert told(desk) == []


def test_the_press_itself_leaves_no_record_but_the_screen() -> None:
    desk, other = Desk(), Desk()
    at = max(call(desk), call(other))
    desk.presses(at, Button.SNOOZE)
    for each in (desk, other):
        each.wait_until(at + 5000)
    seen = (ShowScreen, SetPanel)
    assert [each for each in desk.done if not isinstance(each, seen)] == [
        each for each in other.done if not isinstance(each, seen)
    ]


def test_a_snoozed_agent_is_not_praised_either() -> None:
    desk = Desk()
    answered = desk.rings(5) + 500
    desk.hook(answered, off=True)
    desk.presses(answered + 100, Button.SNOOZE)
    desk.says(Side.AGENT, answered + 600, "抱歉让您久等了您好电脑中心小李为您服务")
    desk.wait_until(answered + 10000)
    assert ScreenName.PRAISE not in desk.screens()


# But never unsafe


@pytest.mark.rule("HOLD-1", "HOLD-2", "HOLD-3")
def test_the_wait_goes_its_way_while_snoozed() -> None:
    desk = Desk()
    desk.presses(500, Button.SNOOZE)
    at = muted(desk)
    assert desk.screens()[-3:] == [ScreenName.IN_CALL, ScreenName.CONSENT, ScreenName.MUTED]
    desk.presses(at + 4000, Button.RESUME)
    desk.lamp(at + 4100, lit=False)
    assert desk.screens()[-1] is ScreenName.SCRIPT
    desk.says(Side.AGENT, at + 5000, "请问您的机器是什么型号")
    assert [effect.rule for effect in desk.all(NudgeShown)] == ["HOLD-3"]


@pytest.mark.rule("HOLD-4")
def test_a_customer_who_waits_long_is_told_of_while_snoozed() -> None:
    desk = Desk()
    at = muted(desk)
    desk.presses(at + 1000, Button.SNOOZE)
    desk.wait_until(at + 31000)
    assert [effect.rule for effect in desk.all(NudgeShown)] == ["HOLD-4"]
    assert desk.screens()[-1] is ScreenName.MUTED


@pytest.mark.rule("HOLD-5")
def test_the_press_covers_neither_the_wait_nor_the_muted_microphone() -> None:
    for story, screen in ((asked, ScreenName.CONSENT), (muted, ScreenName.MUTED)):
        desk = Desk()
        at = story(desk)
        for after_ms in (500, 1000):
            desk.presses(at + after_ms, Button.SNOOZE)
            assert desk.screens()[-1] is screen


def test_a_fault_is_said_while_snoozed() -> None:
    desk = Desk()
    at = snoozed_call(desk)
    desk.loses(at, Part.TAP)
    assert desk.screens()[-1] is ScreenName.FAULT


def test_a_request_to_wait_is_heard_right_after_the_press() -> None:
    desk = Desk()
    at = desk.answered_call()
    desk.presses(at, Button.SNOOZE)
    desk.says(Side.AGENT, at + 100, REQUEST)
    assert desk.screens()[-1] is ScreenName.CONSENT


def test_the_times_are_the_packs() -> None:
    assert PACK.limits.cueing == Limits().cueing


def test_the_word_that_it_is_snoozed_does_not_stand_over_the_apology_that_is_due() -> None:
    desk = Desk()
    at = muted(desk)
    desk.presses(at + 3000, Button.SNOOZE)
    desk.presses(at + 3500, Button.RESUME)
    desk.lamp(at + 3600, lit=False)
    assert (desk.screen().name, desk.screen().lines[1]) == (ScreenName.SCRIPT, TEXTS["hold.apologise"])


def test_the_word_that_it_is_snoozed_does_not_stand_over_a_late_answers_apology() -> None:
    desk = Desk()
    answered = desk.rings(5) + 500
    desk.hook(answered, off=True)
    desk.presses(answered + 200, Button.SNOOZE)
    assert desk.screens()[-1] is ScreenName.APOLOGISE


def test_a_press_takes_a_quiet_line_away_and_the_next_one_brings_it_back() -> None:
    desk = Desk()
    desk.hook(1000, off=True)
    shown = desk.screens()[-1]
    desk.presses(3000, Button.SNOOZE)
    desk.wait_until(8000)
    snoozed = desk.screens()[-1]
    desk.presses(8000, Button.SNOOZE)
    assert (shown, snoozed, desk.screens()[-1]) == (ScreenName.SCRIPT, ScreenName.IN_CALL, ScreenName.SCRIPT)
    assert told(desk) == ["OUT-1"]
