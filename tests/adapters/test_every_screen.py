"""Whatever happens, the screen that is due can be drawn: every situation the view knows, with its longest values."""

from dataclasses import replace
from itertools import product

import pytest

from pi_companion.adapters.draw import draw
from pi_companion.adapters.gallery import complaints
from pi_companion.core.effects import CallCard
from pi_companion.core.facts import Part
from pi_companion.core.hold import Step
from pi_companion.core.mute import KeyAct
from pi_companion.core.settings import Station
from pi_companion.core.states import LineState, MuteState, Screen
from pi_companion.core.view import Situation, choose
from pi_companion.packs import load_pack

STATIONS = {
    "usual": Station(agent_name="小李", extension="8012"),
    "no lamp": Station(agent_name="小李", mute_lamp=False),
    "no key": Station(agent_name="小李", mute_key=False),
}
PACK = load_pack(None, names={"agent_name": "小李"})
HINTS = ("", *(PACK.texts["hold.remind"].replace("{seconds}", str(ms // 1000)) for ms in (30000, 600000)))
LONG_MS = 10_000 * 1000  # a call of nearly three hours
LONG_CARD = CallCard(
    at=0,
    rings=120,
    talk_ms=LONG_MS,
    hold_ms=LONG_MS,
    chars_per_min=999,
    taboo=100,
    opening=False,
    closing=None,
    apology_due=True,
    apology_given=False,
    hold_apology_due=True,
    hold_apology_given=True,
)


def screens(station: Station) -> set[Screen]:
    """Every screen that can be due at a station, a nudge on top apart."""
    lost = [frozenset[Part](), *(frozenset({part}) for part in Part)]
    asks = (None, KeyAct.ASK_MUTE, KeyAct.ASK_LIVE)
    found = set()
    for line, mute, ask, assumed, unmuting, step, hint, gone, is_long in product(
        LineState, MuteState, asks, (True, False), (True, False), Step, HINTS, lost, (True, False)
    ):
        situation = Situation(
            line=line,
            rings=120 if is_long else 1,
            mute=mute,
            asks_for=ask,
            is_assumed_muted=assumed,
            is_unmuting=unmuting,
            step=step,
            hold_hint=hint,
            top=None,
            call_ms=LONG_MS if is_long else 0,
            muted_ms=LONG_MS if is_long else 0,
            pace_per_min=999 if is_long else None,
            card=LONG_CARD if is_long else None,
            lost=gone,
        )
        found.add(choose(situation, PACK, station))
    return found


@pytest.mark.parametrize("station", STATIONS)
def test_every_screen_that_can_be_due_can_be_drawn(station: str) -> None:
    due = screens(STATIONS[station])
    assert len(due) > 20
    for screen in due:
        draw(screen)


def test_a_reworded_reminder_that_fits_one_screen_and_not_another_is_told() -> None:
    texts = {**PACK.texts, "hold.remind": "客户已经等了{seconds}秒请尽快回去跟客户说一声让客户放心"}
    found = complaints(replace(PACK, texts=texts), STATIONS["usual"])
    assert any(complaint.startswith("unconfirmed, 客户") for complaint in found)


def test_every_nudge_of_the_pack_can_be_drawn() -> None:
    from pi_companion.core.screens import nudge  # noqa: PLC0415 - beside the other `screens`, under its own name

    for rule in PACK.rules:
        if rule.title:
            draw(nudge(rule.title, rule.say))
