"""A lead that is out: nothing but zeros from a side while the other one talks. Said once, and never of mere silence."""

import pytest

from pi_companion.core.effects import CueShown
from pi_companion.core.facts import Part, PartFound, Side, SignalChanged
from pi_companion.core.settings import Station
from tests.core.desk import Desk

OTHER = {Side.AGENT: Side.CUSTOMER, Side.CUSTOMER: Side.AGENT}
LONG = "天" * 20


def dead(desk: Desk, side: Side, at: int) -> None:
    desk.deliver(SignalChanged(at=at, side=side, is_there=False))


def told(desk: Desk) -> list[str]:
    return [cue.text for cue in desk.all(CueShown) if cue.rule == "FAULT"]


def talks(desk: Desk, side: Side, began: int, times: int = 4) -> int:
    at = began
    for _ in range(times):
        at = desk.says(side, at + 1000, LONG) + 500
    return at


@pytest.mark.parametrize(("side", "title"), [(Side.AGENT, "坐席侧无声"), (Side.CUSTOMER, "客户侧无声")])
def test_a_dead_side_is_said_once_in_a_call_while_the_other_talks(side: Side, title: str) -> None:
    desk = Desk()
    at = desk.answered_call()
    dead(desk, side, at)
    talks(desk, OTHER[side], at, times=8)

    assert told(desk) == [title]


def test_who_is_silent_and_not_dead_is_not_told_of() -> None:
    desk = Desk()
    talks(desk, Side.AGENT, desk.answered_call(), times=8)

    assert told(desk) == []


def test_a_few_words_of_the_other_prove_nothing() -> None:
    desk = Desk()
    at = desk.answered_call()
    dead(desk, Side.CUSTOMER, at)
    talks(desk, Side.AGENT, at, times=1)

    assert told(desk) == []


def test_what_gives_a_sound_again_is_not_dead() -> None:
    desk = Desk()
    at = desk.answered_call()
    dead(desk, Side.CUSTOMER, at)
    desk.deliver(SignalChanged(at=at + 10, side=Side.CUSTOMER, is_there=True))
    talks(desk, Side.AGENT, at, times=8)

    assert told(desk) == []


def test_a_microphone_that_is_muted_is_not_dead() -> None:
    desk = Desk()
    at = desk.answered_call()
    desk.lamp(at + 100, lit=True)
    dead(desk, Side.AGENT, at + 200)
    talks(desk, Side.CUSTOMER, at + 200, times=8)

    assert told(desk) == []


def test_another_card_is_judged_anew() -> None:
    desk = Desk()
    at = desk.answered_call()
    dead(desk, Side.CUSTOMER, at)
    desk.loses(at + 10, Part.TAP)
    desk.deliver(PartFound(at=at + 20, part=Part.TAP))
    talks(desk, Side.AGENT, at + 20, times=8)

    assert told(desk) == ["声卡断开"]


def test_a_side_that_is_not_tapped_is_not_dead() -> None:
    desk = Desk(Station(customer_side=False))
    at = desk.answered_call()
    dead(desk, Side.CUSTOMER, at)
    talks(desk, Side.AGENT, at, times=8)

    assert told(desk) == []
