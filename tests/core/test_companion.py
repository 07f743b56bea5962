"""The contract itself: time only moves forward, and nothing is asked twice."""

import pytest

from pi_companion.core.companion import Companion
from pi_companion.core.effects import ShowScreen
from pi_companion.core.facts import FactOutOfOrder, HookChanged, MuteLampChanged, RingLineChanged, Tick
from tests.core.desk import STATION, Desk, bundled_pack


def test_an_older_fact_is_refused_and_changes_nothing() -> None:
    one, other = Companion(bundled_pack(), STATION), Companion(bundled_pack(), STATION)
    ringing = RingLineChanged(at=1000, is_active=True)
    one.handle(ringing)
    other.handle(ringing)
    with pytest.raises(FactOutOfOrder, match="fact at 999 ms after one at 1000 ms: HookChanged"):
        one.handle(HookChanged(at=999, is_off_hook=True))
    assert one.deadline() == other.deadline()
    assert one.handle(Tick(at=1040)) == other.handle(Tick(at=1040))


def test_facts_at_the_same_time_are_taken_in_the_order_given() -> None:
    companion = Companion(bundled_pack(), STATION)
    companion.handle(MuteLampChanged(at=5, is_lit=False))
    assert companion.handle(MuteLampChanged(at=5, is_lit=False)) == ()


def test_the_same_facts_give_the_same_effects() -> None:
    desks = Desk(), Desk()
    for desk in desks:
        desk.answered_call()
        desk.wait_until(20000)
    assert desks[0].done == desks[1].done


def test_a_screen_that_did_not_change_is_not_asked_for_again() -> None:
    desk = Desk()
    desk.wait_until(29_999)  # then a reminder has its turn
    assert len(desk.all(ShowScreen)) == 1
