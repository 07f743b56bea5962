"""A lamp that flickers: nothing is believed and nothing pressed until it holds still, and the screen says so."""

import pytest

from pi_companion.core.effects import FaultCleared, FaultRaised, HoldChanged, PressMute
from pi_companion.core.facts import MuteLampChanged, Part, PartFound, PartLost, Side
from pi_companion.core.states import MuteState, ScreenName
from tests.core.desk import Desk
from tests.core.test_holds import asked, consented, key, muted, mutes

TURNS = 6


def flickers(desk: Desk, at: int, *, turns: int, each_ms: int = 300, lit: bool = False) -> int:
    """Turn the lamp so often, first to `lit`; return when it turned last."""
    for turn in range(turns):
        desk.deliver(MuteLampChanged(at=at + turn * each_ms, is_lit=lit is (turn % 2 == 0)))
    return at + (turns - 1) * each_ms


def parts(desk: Desk) -> list[tuple[str, int]]:
    return [
        ("lost" if isinstance(effect, FaultRaised) else "found", effect.at)
        for effect in desk.done
        if isinstance(effect, FaultRaised | FaultCleared) and effect.part is Part.MUTE_LAMP
    ]


@pytest.mark.rule("HOLD-5")
def test_a_lamp_that_flickers_is_lost_until_it_holds_still_and_then_believed() -> None:
    desk = Desk()
    last = flickers(desk, desk.answered_call() + 1000, turns=TURNS + 1, lit=True)
    seen = [(mutes(desk)[-1], desk.screen().lines)]
    desk.wait_until(last + 1999)
    seen.append((mutes(desk)[-1], ()))
    desk.wait_until(last + 2000)
    assert [*seen, (mutes(desk)[-1], ())] == [
        ("unknown", ("静音灯失联", "静音以话机为准")),
        ("unknown", ()),
        ("muted", ()),
    ]
    assert parts(desk) == [("lost", last), ("found", last + 2000)]


def test_one_turn_less_is_followed() -> None:
    desk = Desk()
    last = flickers(desk, desk.answered_call() + 1000, turns=TURNS, lit=True)
    assert (parts(desk), mutes(desk)[-1], desk.companion.deadline() is not None) == ([], "live", True)
    assert last == desk.done[-1].at


def test_turns_far_enough_apart_are_somebodys_presses() -> None:
    desk = Desk()
    flickers(desk, desk.answered_call() + 1000, turns=20, each_ms=840, lit=True)
    assert parts(desk) == []


def test_a_level_that_is_read_again_is_no_turn() -> None:
    desk = Desk()
    at = muted(desk)
    desk.deliver(*(MuteLampChanged(at=at + 100 * place, is_lit=True) for place in range(20)))
    assert (parts(desk), mutes(desk)[-1]) == ([], "muted")


def test_while_the_lamp_flickers_the_agent_is_asked_and_nothing_is_pressed() -> None:
    desk = Desk()
    at = asked(desk)
    flickers(desk, at + 410, turns=TURNS + 1, each_ms=10, lit=True)
    desk.says(Side.CUSTOMER, at + 600, "好的")
    assert (key(desk), desk.screen().lines) == ([], ("静音？", "请手动静音"))


def test_a_flicker_under_our_press_opens_the_contact_and_is_not_pressed_again() -> None:
    desk = Desk()
    at = consented(desk)
    flickers(desk, at + 20, turns=TURNS + 1, each_ms=10, lit=True)
    desk.wait_until(at + 1500)
    assert key(desk) == [("press", at), ("release", at + 80)]
    assert (mutes(desk)[-1], desk.screens()[-1]) == ("unknown", ScreenName.MUTE_UNCONFIRMED)


def test_a_wait_goes_on_while_the_lamp_flickers() -> None:
    desk = Desk()
    at = muted(desk)
    last = flickers(desk, at + 20000, turns=TURNS + 2, each_ms=5)
    desk.wait_until(last + 2000)
    # Dark is believed at once, and ends the wait; what flickers after that begins none.
    assert [str(effect.state) for effect in desk.all(HoldChanged)][-2:] == ["began", "ended"]
    assert (mutes(desk)[-1], len(desk.all(PressMute))) == ("muted", 1)


def test_a_lamp_that_lights_a_hundred_times_a_second_is_said_to_be_lost_not_dark() -> None:
    desk = Desk()
    flickers(desk, desk.answered_call() + 1000, turns=40, each_ms=5)
    assert mutes(desk)[-1] == str(MuteState.UNKNOWN)


def test_a_sense_that_is_lost_while_the_lamp_flickers_is_not_found_by_holding_still() -> None:
    desk = Desk()
    last = flickers(desk, desk.answered_call() + 1000, turns=TURNS + 1, lit=True)
    desk.deliver(PartLost(at=last + 10, part=Part.MUTE_LAMP, detail="test"))
    desk.wait_until(last + 30000)
    assert mutes(desk)[-1] == "unknown"
    desk.deliver(PartFound(at=last + 30000, part=Part.MUTE_LAMP), MuteLampChanged(at=last + 30000, is_lit=True))
    desk.wait_until(last + 30020)
    assert mutes(desk)[-1] == "muted"
