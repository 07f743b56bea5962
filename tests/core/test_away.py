"""小休 as the agent lives it, where the phone's lamp is wired: the time is shown, and long ones are asked about."""

import pytest

from pi_companion.core.effects import LineStateChanged, NudgeShown, NudgeWithheld
from pi_companion.core.facts import BusyLampChanged, Button, HookChanged
from pi_companion.core.limits import Limits
from pi_companion.core.states import LineState, ScreenName
from tests.core.desk import Desk, bundled_pack

PACK = bundled_pack()
MINUTES = 60000


def away(since: int = 1000) -> Desk:
    desk = Desk()
    busy(desk, since, lit=True)
    return desk


def busy(desk: Desk, at: int, *, lit: bool) -> None:
    desk.deliver(BusyLampChanged(at=at, is_lit=lit))
    desk.wait_until(at + 50)


def nudges(desk: Desk) -> list[tuple[int, str]]:
    return [(effect.at, effect.text) for effect in desk.all(NudgeShown)]


def text(minutes: int) -> str:
    say = PACK.texts["nudge.away.say"].replace("{minutes}", str(minutes))
    return f"{PACK.texts['nudge.away.title']} {say}"


@pytest.mark.rule("RING-4")
def test_a_lit_lamp_is_away_and_its_time_is_shown() -> None:
    desk = away()
    assert [effect.state for effect in desk.all(LineStateChanged)] == [LineState.AWAY]
    desk.wait_until(1000 + 65000)
    assert (desk.screen().name, desk.screen().lines) == (ScreenName.AWAY, (PACK.texts["away.title"], "01:05"))


@pytest.mark.rule("RING-4")
def test_a_quarter_of_an_hour_away_is_asked_about_and_each_further_one() -> None:
    desk = away()
    desk.wait_until(1000 + 15 * MINUTES - 1)
    assert nudges(desk) == []
    desk.wait_until(1000 + 50 * MINUTES)
    assert nudges(desk) == [(1000 + at * MINUTES, text(at)) for at in (15, 30, 45)]


@pytest.mark.rule("RING-4")
def test_who_comes_back_in_time_is_not_asked() -> None:
    desk = away()
    busy(desk, 14 * MINUTES, lit=False)
    desk.wait_until(40 * MINUTES)
    assert nudges(desk) == []


@pytest.mark.rule("RING-4")
def test_each_time_away_is_counted_by_itself() -> None:
    desk = away()
    busy(desk, 14 * MINUTES, lit=False)
    busy(desk, 15 * MINUTES, lit=True)
    desk.wait_until(29 * MINUTES)
    assert nudges(desk) == []
    desk.wait_until(30 * MINUTES)
    assert nudges(desk) == [(30 * MINUTES, text(15))]


@pytest.mark.rule("RING-4")
def test_without_the_lamp_nothing_is_asked() -> None:
    desk = Desk()
    desk.wait_until(60 * MINUTES)
    assert nudges(desk) == []


def test_a_missed_call_does_not_shorten_the_time_away() -> None:
    desk = away()
    desk.rings(1, 10 * MINUTES)
    desk.wait_until(1000 + 11 * MINUTES)
    assert desk.screen().lines == (PACK.texts["away.title"], "11:00")
    desk.wait_until(20 * MINUTES)
    assert nudges(desk) == [(1000 + 15 * MINUTES, text(15))]


def test_a_call_taken_while_away_is_no_time_to_ask() -> None:
    desk = away()
    desk.hook(10 * MINUTES, off=True)
    desk.wait_until(20 * MINUTES)
    assert [told for _, told in nudges(desk) if told.startswith(PACK.texts["nudge.away.title"])] == []
    desk.hook(20 * MINUTES, off=False)
    desk.wait_until(21 * MINUTES)
    assert nudges(desk)[-1][1] == text(20)


def test_a_lamp_that_goes_dark_during_a_call_ended_the_time_away() -> None:
    desk = away()
    desk.hook(10 * MINUTES, off=True)
    busy(desk, 11 * MINUTES, lit=False)
    desk.hook(12 * MINUTES, off=False)
    busy(desk, 13 * MINUTES, lit=True)
    desk.wait_until(28 * MINUTES - 1)
    assert [told for _, told in nudges(desk) if told.startswith(PACK.texts["nudge.away.title"])] == []
    desk.wait_until(28 * MINUTES)
    assert nudges(desk)[-1] == (28 * MINUTES, text(15))


def test_a_flicker_of_the_lamp_ends_nothing() -> None:
    desk = away()
    desk.deliver(BusyLampChanged(at=5 * MINUTES, is_lit=False), BusyLampChanged(at=5 * MINUTES + 20, is_lit=True))
    desk.wait_until(16 * MINUTES)
    assert nudges(desk) == [(1000 + 15 * MINUTES, text(15))]


def test_what_waited_behind_a_page_is_not_asked_of_who_has_come_back() -> None:
    desk = away()
    desk.presses(15 * MINUTES - 5000, Button.PAGE)
    busy(desk, 15 * MINUTES + 3000, lit=False)
    desk.wait_until(17 * MINUTES)
    assert (nudges(desk), desk.all(NudgeWithheld)) == ([], [])


def test_who_wants_to_be_left_alone_is_not_asked() -> None:
    desk = away()
    desk.presses(14 * MINUTES, Button.SNOOZE)
    desk.wait_until(25 * MINUTES)
    assert (nudges(desk), desk.all(NudgeWithheld)) == ([], [])
    assert desk.screen().name is ScreenName.AWAY


def test_the_time_away_is_the_packs() -> None:
    assert PACK.limits.away == Limits().away


def test_a_lamp_that_goes_dark_as_a_call_is_taken_or_comes_ended_the_time_away() -> None:
    taken, comes = away(), away()
    taken.deliver(HookChanged(at=10 * MINUTES, is_off_hook=True), BusyLampChanged(at=10 * MINUTES + 10, is_lit=False))
    taken.hook(11 * MINUTES, off=False)
    comes.deliver(BusyLampChanged(at=10 * MINUTES, is_lit=False))
    comes.rings(1, 10 * MINUTES + 5)
    for desk in (taken, comes):
        busy(desk, 40 * MINUTES, lit=True)
        desk.wait_until(55 * MINUTES)
        assert [told for _, told in nudges(desk) if told.startswith(PACK.texts["nudge.away.title"])] == [text(15)]
