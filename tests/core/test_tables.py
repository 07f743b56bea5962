"""Every cell of every machine is decided, every state can be reached, and the drawings are of the tables."""

from enum import StrEnum
from typing import Any

import pytest

from pi_companion.core.call import LINE, LINE_START, LineInput
from pi_companion.core.hold import HOLD, HOLD_START, Step, StepInput
from pi_companion.core.machine import Cell, mermaid, undecided
from pi_companion.core.mute import MUTE, MUTE_START, PUBLIC, KeyAct, KeyInput, KeyState
from pi_companion.core.states import LineState, MuteState

MACHINES: dict[str, tuple[Any, set[Any], Any, Any]] = {
    "line": (LINE, {LINE_START}, LineState, LineInput),
    "mute": (MUTE, {MUTE_START, KeyState.UNSENSED}, KeyState, KeyInput),
    "hold": (HOLD, {HOLD_START}, Step, StepInput),
}


@pytest.mark.parametrize("name", MACHINES)
def test_every_cell_is_decided(name: str) -> None:
    table, _, states, inputs = MACHINES[name]
    assert undecided(table, states, inputs) == []


@pytest.mark.parametrize("name", MACHINES)
def test_every_state_can_be_reached(name: str) -> None:
    table, starts, states, _ = MACHINES[name]
    reached = set(starts)
    while more := {cell.next for state in reached for cell in table[state].values()} - reached:
        reached |= more
    assert reached == set(states)


def test_a_missing_cell_is_named() -> None:
    class Lamp(StrEnum):
        ON = "on"
        OFF = "off"

    class Switch(StrEnum):
        FLIP = "flip"

    table: Any = {Lamp.ON: {Switch.FLIP: Cell(Lamp.OFF)}}
    assert undecided(table, Lamp, Switch) == ["off, flip"]


def test_a_drawing_shows_moves_and_acts_and_leaves_out_what_stays() -> None:
    assert "live --> muting: mute_wanted / press" in mermaid(MUTE, MUTE_START)
    assert "muting --> muting:" not in mermaid(MUTE, MUTE_START)


def test_only_the_lamp_leads_to_muted() -> None:
    leads = {
        (state, happening)
        for state, row in MUTE.items()
        for happening, cell in row.items()
        if cell.next is KeyState.MUTED and state is not KeyState.MUTED
    }
    # At hang-up a press to end mute is given up: the lamp is lit, and says so.
    given_up = {(KeyState.UNMUTING, KeyInput.ON_HOOK), (KeyState.UNMUTING_AGAIN, KeyInput.ON_HOOK)}
    assert {happening for _, happening in leads - given_up} == {KeyInput.LAMP_LIT}


def test_nothing_is_pressed_where_the_microphone_is_disputed_or_unknown() -> None:
    for state in KeyState:
        if PUBLIC[state] is MuteState.DISPUTED or state is KeyState.UNKNOWN:
            assert not [cell for cell in MUTE[state].values() if KeyAct.PRESS in cell.acts]


def test_hanging_up_always_opens_the_contact_and_never_presses() -> None:
    assert {MUTE[state][KeyInput.ON_HOOK].acts for state in KeyState} == {(KeyAct.RELEASE,)}


def test_two_presses_for_one_wish_at_most() -> None:
    for wish in (KeyInput.MUTE_WANTED, KeyInput.LIVE_WANTED):
        for start in KeyState:
            state, presses = start, 0
            for happening in (wish, *[KeyInput.NOT_CONFIRMED] * 5):
                cell = MUTE[state][happening]
                presses += cell.acts.count(KeyAct.PRESS)
                state = cell.next
            assert presses <= 2, (start, wish)
