"""Whatever happens, the screen that is due can be drawn: every situation the view knows, with its longest values."""

import re
from dataclasses import replace
from itertools import chain, product
from typing import Any

import pytest

from pi_companion.adapters.draw import draw
from pi_companion.adapters.gallery import checked, complaints, samples
from pi_companion.adapters.wordings import wordings
from pi_companion.core.effects import CallCard
from pi_companion.core.facts import Part
from pi_companion.core.hold import Step
from pi_companion.core.mute import KeyAct
from pi_companion.core.settings import StandardAnswer, Station
from pi_companion.core.states import LineState, MuteState, Screen, ScreenName
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
    steps_missed=("来电人姓名", "记录要点", "复述确认", "提出方案", "说明转交"),
    well=tuple(f"WELL-{number}" for number in range(99)),
    improve=tuple(f"IMPROVE-{number}" for number in range(99)),
)


QUIET = ((False, "", False), (False, PACK.reminders[0][1], True), (True, "", False))
"""Whether nudges are snoozed, whose turn it is while idle, and whether the second card is due."""


def screens(station: Station) -> set[Screen]:
    """Every screen that can be due at a station, a nudge on top apart."""
    lost = [frozenset[Part](), *(frozenset({part}) for part in Part)]
    asks = (None, KeyAct.ASK_MUTE, KeyAct.ASK_LIVE)
    found = set()
    wires = product(
        LineState, MuteState, asks, (True, False), (True, False), Step, HINTS, lost, (True, False), QUIET[:1]
    )
    idle = product(LineState, [MuteState.LIVE], [None], [False], [False], [Step.NONE], [""], lost, (True, False), QUIET)
    for line, mute, ask, assumed, unmuting, step, hint, gone, is_long, quiet in chain(wires, idle):
        is_snoozed, reminder, is_second = quiet
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
            is_second_card=is_second,
            lost=gone,
            away_ms=LONG_MS if is_long else 0,
        )
        found.add(choose(situation, PACK, station, page=None, reminder=reminder, is_snoozed=is_snoozed))
    return found


@pytest.mark.parametrize("station", STATIONS)
def test_every_screen_that_can_be_due_can_be_drawn(station: str) -> None:
    due = screens(STATIONS[station])
    assert {ScreenName.AWAY, ScreenName.REMINDER, ScreenName.SNOOZED, ScreenName.CHECKLIST} <= {
        each.name for each in due
    }
    for screen in due:
        draw(screen)


def test_a_reworded_reminder_that_fits_one_screen_and_not_another_is_told() -> None:
    texts = {**PACK.texts, "hold.remind": "客户已经等了{seconds}秒请尽快回去跟客户说一声让客户放心"}
    found = complaints(replace(PACK, texts=texts), STATIONS["usual"])
    assert any(complaint.startswith("unconfirmed, 客户") for complaint in found)


LONG = "这一句实在太长了" * 5


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"reminders": (("VOICE-4", LONG * 2),)}, "reminder[1 VOICE-4]: "),
        ({"answers": (StandardAnswer(title="很急", pages=("请稍等", LONG * 2)),)}, "answer “很急” page 2: "),
        ({"wishes": {"春节": LONG}}, "wishes.春节: "),
        ({"texts": {**PACK.texts, "silent.sorry": LONG + "吧"}}, "texts.silent.sorry: "),
        ({"texts": {**PACK.texts, "nudge.barge_in.say": LONG}}, "texts.nudge.barge_in.title: "),
        ({"texts": {**PACK.texts, "praise.call": LONG}}, "texts.praise.call: "),
        ({"texts": {**PACK.texts, "calibrate.read": LONG + "吧"}}, "texts.calibrate.read, calibrate.read_on: "),
        ({"texts": {**PACK.texts, "time.warn": "预计这个问题会超时派单"}}, "why texts.time.warn: "),
    ],
)
def test_a_text_that_does_not_fit_its_screen_is_told_with_its_place(change: dict[str, Any], place: str) -> None:
    found = complaints(replace(PACK, **change), STATIONS["usual"])

    assert [complaint for complaint in found if not complaint.startswith(place)] == []
    assert found


def test_every_text_of_the_pack_is_drawn_when_it_is_checked() -> None:
    shown = {line for screen in (samples(PACK, STATIONS["usual"]) | wordings(PACK)).values() for line in screen.lines}
    words = shown | {word for line in shown for word in line.split()}
    undrawn = [
        name
        for name, text in PACK.texts.items()
        if not any(re.fullmatch(re.sub(r"\\{\w+\\}", ".+", re.escape(text)), each) for each in words)
    ]

    assert undrawn == ["mute.by_hand_live"]
    assert {f"unconfirmed, {PACK.texts[name]}" for name in undrawn} <= set(checked(PACK, STATIONS["usual"]))
