"""Laws of being disturbed, on the whole device: what is said to be shown is shown, read, and never in safety's way.

Each example is a walk: an agent and a customer who say and do at random what the rules are about.
"""

from bisect import bisect_right
from collections.abc import Callable
from itertools import pairwise
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pi_companion.core.conversation import Conversation
from pi_companion.core.effects import (
    CueShown,
    Effect,
    LineStateChanged,
    MuteChanged,
    NudgeShown,
    NudgeWithheld,
    ShowScreen,
)
from pi_companion.core.facts import BusyLampChanged, Button, Part, PartFound, SeatMeasured, Side
from pi_companion.core.screens import nudge_of
from pi_companion.core.settings import Station
from pi_companion.core.states import LineState, MuteState, Screen, ScreenName
from tests.core.desk import Desk, bundled_pack
from tests.core.test_holds import muted

STATION: Final = Station(agent_name="小李", seat_sensor=True, seat_upright_mm=600, busy_lamp=True)
SAYINGS: Final = (
    (Side.AGENT, "你等一下"),
    (Side.AGENT, "这不关我的事"),
    (Side.AGENT, "工程师十分钟之内一定到"),
    (Side.AGENT, "抱歉让您久等了"),
    (Side.AGENT, "请您稍等不要挂机帮您咨询一下好吗"),
    (Side.CUSTOMER, "好的好的"),
    (Side.CUSTOMER, "我要投诉你们领导"),
    (Side.CUSTOMER, "我的电话是三零二五七八"),
)
SAFER: Final = frozenset(
    {
        ScreenName.CONSENT,
        ScreenName.CONFIRM,
        ScreenName.MUTED,
        ScreenName.MUTE_UNCONFIRMED,
        ScreenName.FAULT,
        ScreenName.RINGING,
    }
)
SAFETY: Final = ("HOLD", "FAULT")
FEW: Final = settings(deadline=None, max_examples=25)


class Walk:
    """A desk, and where its time is."""

    def __init__(self) -> None:
        self.desk, self.now = Desk(STATION), 1000
        self._is_off_hook = self._is_lit = self._is_busy = False

    def hook(self) -> None:
        self._is_off_hook = not self._is_off_hook
        self.desk.hook(self.now, off=self._is_off_hook)

    def rings(self) -> None:
        if not self._is_off_hook:
            self.now = self.desk.rings(2, self.now)

    def lamp(self) -> None:
        self._is_lit = not self._is_lit
        self.desk.lamp(self.now, lit=self._is_lit)

    def busy(self) -> None:
        self._is_busy = not self._is_busy
        self.desk.deliver(BusyLampChanged(at=self.now, is_lit=self._is_busy))

    def loses(self) -> None:
        self.desk.loses(self.now, Part.TAP)
        self.now += 700
        self.desk.deliver(PartFound(at=self.now, part=Part.TAP))

    def presses(self, button: Button) -> None:
        self.desk.presses(self.now, button)

    def sits(self, distance_mm: int | None) -> None:
        for _ in range(20):
            self.desk.deliver(SeatMeasured(at=self.now, distance_mm=distance_mm))
            self.now += 1700

    def says(self, place: int) -> None:
        side, text = SAYINGS[place]
        self.now = self.desk.says(side, self.now, text) + 437

    def waits(self, for_ms: int) -> None:
        self.now += for_ms
        self.desk.wait_until(self.now)


Deed = Callable[[Walk], None]
SPEECH: Final = st.integers(0, len(SAYINGS) - 1).map(lambda place: lambda walk: walk.says(place))
SITTING: Final = st.sampled_from([450, 600, 800, None]).map(lambda mm: lambda walk: walk.sits(mm))
WAITING: Final = st.sampled_from([713, 4019, 31_021, 61_003]).map(lambda ms: lambda walk: walk.waits(ms))
PHONE: Final = st.sampled_from([Walk.hook, Walk.rings, Walk.lamp, Walk.busy, Walk.loses])
BUTTONS: Final = st.sampled_from(Button).map(lambda button: lambda walk: walk.presses(button))


def walks(*deeds: st.SearchStrategy[Deed], first: tuple[Deed, ...] = ()) -> st.SearchStrategy[Walk]:
    """A call is on, what comes `first` is done, and then any of the deeds, as they come."""

    def walked(done: list[Deed]) -> Walk:
        walk = Walk()
        for deed in [Walk.rings, Walk.hook, *first, *done]:
            deed(walk)
            walk.now += 113
        walk.waits(20_000)
        return walk

    return st.lists(st.one_of(*deeds), max_size=25).map(walked)


def screen_at(desk: Desk, at: int) -> Screen:
    """What the panel showed when all that happened at this time was done."""
    shown = desk.all(ShowScreen)
    return shown[bisect_right(shown, at, key=lambda effect: effect.at) - 1].screen


def rationed(desk: Desk) -> list[NudgeShown]:
    return [effect for effect in desk.all(NudgeShown) if not effect.rule.startswith("HOLD")]


@given(walks(SPEECH, SITTING, WAITING, PHONE, BUTTONS))
@FEW
def test_a_nudge_that_is_said_to_be_shown_is_what_the_agent_sees(walk: Walk) -> None:
    for nudge in rationed(walk.desk):
        screen = screen_at(walk.desk, nudge.at)
        assert (screen.name, " ".join(screen.lines).rstrip()) == (ScreenName.NUDGE, nudge.text)


@pytest.mark.rule("HOLD-5")
def test_while_the_agent_is_asked_to_end_mute_by_hand_no_nudge_is_said_to_be_shown() -> None:
    desk = Desk()
    at = muted(desk)
    desk.loses(at + 1000, Part.MUTE_LAMP)
    desk.presses(at + 2000)
    at = desk.says(Side.AGENT, at + 4000, "抱歉让您久等了") + 1000
    desk.says(Side.AGENT, at, "你等一下")
    assert desk.screens()[-1] is ScreenName.MUTE_UNCONFIRMED
    assert [(effect.rule, effect.reason) for effect in desk.all(NudgeWithheld)] == [("SAY-WAIT", "covered")]


def test_while_the_phone_rings_no_nudge_is_said_to_be_shown() -> None:
    told: list[Effect] = []
    conversation = Conversation(bundled_pack(), STATION, told.append, lambda _: None, lambda: LineState.RINGING)
    conversation.arbiter.offer(nudge_of("RING-4", "小休已久"))
    conversation.settle(1000)
    assert told == [NudgeWithheld(at=1000, rule="RING-4", reason="covered")]


@given(walks(SPEECH, SITTING, WAITING, PHONE, BUTTONS))
@FEW
def test_no_two_nudges_come_within_a_minute(walk: Walk) -> None:
    times = [nudge.at for nudge in rationed(walk.desk)]
    assert all(later - one >= 60_000 for one, later in pairwise(times))


@given(walks(SPEECH, SITTING, WAITING, PHONE))
@FEW
def test_a_nudge_is_taken_away_before_it_was_read_by_safety_or_another_call_alone(walk: Walk) -> None:
    desk = walk.desk
    for nudge in rationed(desk):
        soon = [effect for effect in desk.done if nudge.at < effect.at < nudge.at + 4000]
        screens = [effect.screen.name for effect in soon if isinstance(effect, ShowScreen)]
        may_go = any(isinstance(effect, LineStateChanged) and effect.state is LineState.CONNECTED for effect in soon)
        may_go |= any(isinstance(effect, CueShown | NudgeShown) and effect.rule.startswith(SAFETY) for effect in soon)
        assert not screens or may_go or screens[0] in SAFER


@given(walks(SPEECH, WAITING, PHONE, BUTTONS))
@FEW
def test_nothing_stands_over_a_muted_microphone_in_a_call(walk: Walk) -> None:
    mute, line = MuteState.LIVE, LineState.ON_HOOK
    for effect in walk.desk.done:
        match effect:
            case MuteChanged():
                mute = effect.state
            case LineStateChanged():
                line = effect.state
            case ShowScreen() if mute is MuteState.MUTED and line in {LineState.CONNECTED, LineState.ON_HOLD}:
                assert effect.screen.name is ScreenName.MUTED
            case _:
                pass


@given(walks(SPEECH, SITTING, WAITING, first=(lambda walk: walk.presses(Button.SNOOZE),)))
@FEW
def test_a_snoozed_call_leaves_no_trace_of_a_nudge(walk: Walk) -> None:
    kept = [effect for effect in walk.desk.done if isinstance(effect, NudgeShown | NudgeWithheld)]
    assert [effect for effect in kept if not effect.rule.startswith(SAFETY)] == []


@given(walks(SPEECH, WAITING, PHONE, BUTTONS))
@FEW
def test_reminders_are_shown_on_hook_alone(walk: Walk) -> None:
    line = LineState.ON_HOOK
    for effect in walk.desk.done:
        match effect:
            case LineStateChanged():
                line = effect.state
            case ShowScreen() if effect.screen.name is ScreenName.REMINDER:
                assert line is LineState.ON_HOOK
            case _:
                pass


def test_where_neither_key_nor_lamp_is_wired_a_call_is_coached_again_after_its_wait() -> None:
    desk = Desk(Station(agent_name="小李", mute_key=False, mute_lamp=False))
    at = desk.says(Side.AGENT, desk.answered_call(), "请您稍等不要挂机帮您咨询一下好吗")
    at = desk.says(Side.CUSTOMER, at + 600, "好的")
    desk.presses(at + 5000)
    at = desk.says(Side.AGENT, at + 6000, "抱歉让您久等了") + 1000
    desk.says(Side.AGENT, at, "你等一下")
    assert [effect.rule for effect in desk.all(NudgeShown)] == ["SAY-WAIT"]
