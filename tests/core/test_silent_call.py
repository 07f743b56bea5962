"""A caller who cannot be heard: three lines, each when it is due, and away with them at the first sound."""

import pytest

from pi_companion.core.companion import Companion
from pi_companion.core.effects import CueShown, NudgeShown, NudgeWithheld, ShowScreen
from pi_companion.core.facts import BusyToneHeard, HookChanged, Part, PartFound, Side
from pi_companion.core.screens import silent_call
from pi_companion.core.states import Screen, ScreenName
from tests.core.desk import STATION, Desk, bundled_pack

TEXTS = bundled_pack().texts
HELP, SORRY, HANG_UP = (TEXTS[f"silent.{name}"] for name in ("help", "sorry", "hang_up"))
GREETED = 5640
"""When the greeting of `Desk.answered_call` ended."""

pytestmark = pytest.mark.rule("OPEN-3")


def greeted() -> Desk:
    desk = Desk()
    assert desk.answered_call() == GREETED + 1000
    return desk


def lines(desk: Desk) -> list[tuple[str, int]]:
    """The lines of the script that were reported, and how long after the greeting."""
    return [(effect.text, effect.at - GREETED) for effect in desk.all(CueShown) if effect.rule == "OPEN-3"]


def shown(desk: Desk) -> list[tuple[int, Screen]]:
    """What the OLED showed of the script, and when after the greeting."""
    return [
        (effect.at - GREETED, effect.screen)
        for effect in desk.all(ShowScreen)
        if effect.screen.name is ScreenName.SILENT_CALL
    ]


def test_without_a_word_from_anybody_each_line_is_due_after_five_seconds() -> None:
    desk = greeted()
    desk.wait_until(GREETED + 60000)
    assert lines(desk) == [(HELP, 5000), (SORRY, 10000), (HANG_UP, 15000)]
    assert desk.screen() == silent_call(TEXTS, HANG_UP, None)


def test_the_seconds_to_the_next_line_are_counted_down_and_the_line_is_reported_once() -> None:
    desk = greeted()
    desk.wait_until(GREETED + 10000)
    assert shown(desk) == [
        (5000, silent_call(TEXTS, HELP, 5)),
        (6000, silent_call(TEXTS, HELP, 4)),
        (7000, silent_call(TEXTS, HELP, 3)),
        (8000, silent_call(TEXTS, HELP, 2)),
        (9000, silent_call(TEXTS, HELP, 1)),
        (10000, silent_call(TEXTS, SORRY, 5)),
    ]
    assert lines(desk) == [(HELP, 5000), (SORRY, 10000)]


def test_the_next_line_is_due_five_seconds_after_this_one_was_said() -> None:
    desk = greeted()
    said = desk.says(Side.AGENT, GREETED + 6500, HELP) - GREETED
    desk.wait_until(GREETED + 60000)
    assert lines(desk) == [(HELP, 5000), (SORRY, said + 5000), (HANG_UP, said + 10000)]


def test_there_is_no_countdown_while_the_agent_says_the_line() -> None:
    desk = greeted()
    desk.draws(GREETED + 5500, agent="####..")
    assert shown(desk) == [
        (5000, silent_call(TEXTS, HELP, 5)),
        (5580, silent_call(TEXTS, HELP, None)),
        (7900, silent_call(TEXTS, HELP, 5)),
        (8500, silent_call(TEXTS, HELP, 4)),
    ]


def test_whatever_the_agent_says_in_between_is_no_silence() -> None:
    desk = greeted()
    desk.draws(GREETED, agent="........##................")
    assert lines(desk) == [(HELP, 10000)]


@pytest.mark.parametrize("known_after_ms", [4999, 5000])
def test_the_first_sound_of_the_customer_ends_the_script_for_good(known_after_ms: int) -> None:
    desk = greeted()
    desk.draws(GREETED + known_after_ms - 80, customer="?" + "." * 100)
    assert lines(desk) == ([] if known_after_ms < 5000 else [(HELP, 5000)])
    assert [screen for at, screen in shown(desk) if at > known_after_ms] == []


def test_a_customer_who_spoke_into_the_greeting_is_there() -> None:
    desk = Desk()
    desk.hook(desk.rings(1) + 500, off=True)
    desk.draws(3000, agent="######..", customer="..#....." + "." * 60)
    assert lines(desk) == []


def test_who_talks_on_instead_of_hanging_up_is_not_told_to_any_more() -> None:
    desk = greeted()
    desk.draws(GREETED + 16000, agent="####" + "." * 60)
    assert lines(desk) == [(HELP, 5000), (SORRY, 10000), (HANG_UP, 15000)]
    assert desk.screen().name is ScreenName.IN_CALL


def test_before_the_agent_has_greeted_nothing_is_due() -> None:
    desk = Desk()
    desk.hook(desk.rings(1) + 500, off=True)
    desk.wait_until(60000)
    assert lines(desk) == []


@pytest.mark.rule("OUT-1")
def test_a_call_that_the_agent_made_has_no_such_script() -> None:
    desk = Desk()
    desk.hook(1000, off=True)
    desk.draws(2000, agent="####" + "." * 60)
    assert lines(desk) == []


def test_a_call_that_was_on_before_the_device_has_no_such_script() -> None:
    companion = Companion(bundled_pack(), STATION)
    companion.handle(HookChanged(at=0, is_off_hook=True))
    desk = Desk()
    desk.companion, desk.done = companion, []
    desk.draws(2000, agent="####" + "." * 60)
    assert (lines(desk), desk.screen().name) == ([], ScreenName.IN_CALL)


def test_a_lost_tap_ends_the_script_because_nobody_knows_whether_it_is_silent() -> None:
    desk = greeted()
    desk.wait_until(GREETED + 6000)
    desk.loses(GREETED + 6000, Part.TAP)
    desk.deliver(PartFound(at=GREETED + 7000, part=Part.TAP))
    desk.wait_until(GREETED + 60000)
    assert lines(desk) == [(HELP, 5000)]
    assert desk.screen().name is ScreenName.IN_CALL


def test_who_asks_a_colleague_is_not_in_the_script_any_more() -> None:
    desk = greeted()
    desk.says(Side.AGENT, GREETED + 6000, "请您稍等不要挂机帮您咨询一下好吗")
    desk.wait_until(GREETED + 60000)
    assert lines(desk) == [(HELP, 5000)]


def test_who_mutes_the_phone_is_not_in_the_script_any_more() -> None:
    desk = greeted()
    desk.lamp(GREETED + 6000, lit=True)
    desk.lamp(GREETED + 8000, lit=False)
    desk.wait_until(GREETED + 60000)
    assert lines(desk) == [(HELP, 5000)]


def test_a_caller_who_has_hung_up_ends_the_script() -> None:
    desk = greeted()
    desk.deliver(BusyToneHeard(at=GREETED + 6000, began=GREETED + 4250))
    desk.wait_until(GREETED + 60000)
    assert lines(desk) == [(HELP, 5000)]


def test_after_hanging_up_the_card_is_shown_and_the_next_call_begins_anew() -> None:
    desk = greeted()
    desk.wait_until(GREETED + 16000)
    desk.hook(GREETED + 16000, off=False)
    assert desk.screen().name is ScreenName.CALL_CARD
    desk.rings(1, GREETED + 30000)
    desk.hook(GREETED + 32000, off=True)
    said = desk.says(Side.AGENT, GREETED + 33000, "您好电脑中心小李为您服务") - GREETED
    desk.wait_until(GREETED + said + 6000)
    assert lines(desk) == [(HELP, 5000), (SORRY, 10000), (HANG_UP, 15000), (HELP, said + 5000)]


@pytest.mark.rule("LISTEN-6")
def test_nothing_else_is_asked_of_the_agent_meanwhile() -> None:
    desk = greeted()
    desk.wait_until(GREETED + 60000)
    assert [*desk.all(NudgeShown), *desk.all(NudgeWithheld)] == []
