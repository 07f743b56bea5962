"""Laws that no sequence of facts may break: the device coupled to a simulated phone with faults, and driven at random.

Each example is a walk: things happen at increasing times, the simulated phone answers, and every handled fact is kept
as a moment with its effects and what was true then. Each law is one test over the same kind of walks.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pi_companion.bench.phone import DeskPhone
from pi_companion.core.companion import Companion
from pi_companion.core.effects import (
    Effect,
    HoldChanged,
    LineStateChanged,
    MuteChanged,
    PressMute,
    ReleaseMute,
    SetLeds,
    ShowScreen,
)
from pi_companion.core.facts import (
    Button,
    ButtonPressed,
    Fact,
    HookChanged,
    MuteLampChanged,
    Part,
    PartFound,
    PartLost,
    RingLineChanged,
    Side,
    TalkSpurtBegan,
    TalkSpurtEnded,
    Tick,
    WordsHeard,
)
from pi_companion.core.settings import Station
from pi_companion.core.states import HoldState, Light, LineState, Screen, ScreenName
from tests.core.desk import bundled_pack, words

REQUEST: Final = "请您稍等不要挂机帮您咨询一下好吗"
APOLOGY: Final = "抱歉让您久等了"
SAYINGS: Final = {
    Side.AGENT: (REQUEST, REQUEST, APOLOGY, "你等一下", ""),
    Side.CUSTOMER: ("好的", "好的", "不行", "快的", ""),
}
LOST_AND_FOUND: Final = (Part.MUTE_LAMP, Part.MUTE_LAMP, Part.TAP)
PRESSING, UNPRESSING, MUTED = (bundled_pack().texts[f"mute.{name}"] for name in ("pressing", "unpressing", "muted"))
LIMITS: Final = bundled_pack().limits.mute
SETTLE_MS: Final = bundled_pack().limits.line.button_settle_ms
FAMILIES: Final = {"hold_request", "apology", "consent", "refusal"}
PACK: Final = replace(bundled_pack(), rules=tuple(rule for rule in bundled_pack().rules if rule.family in FAMILIES))
"""The pack without the rules that never move the key: many times as many walks in the same time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One handled fact: its effects, when the next is due, and what was so when all at this time was done.

    `is_lit`: the lamp as sensed, None while its sense is lost or there is none. `is_muted`: what the phone knows.
    """

    fact: Fact
    effects: tuple[Effect, ...]
    deadline: int | None
    is_lit: bool | None
    is_muted: bool
    is_in_call: bool
    screen: Screen | None
    mute_text: str
    leds: SetLeds | None


@dataclass(slots=True)
class Walk:
    """The companion and a simulated phone, wired to each other; `moments` is what happened."""

    phone: DeskPhone
    companion: Companion
    has_lamp: bool
    now: int = 0
    moments: list[Moment] = field(default_factory=list)
    _lost: set[Part] = field(default_factory=set)
    _is_lit: bool = False
    _sensed: bool = False
    _lamp_edges: list[MuteLampChanged] = field(default_factory=list)
    _is_in_call: bool = False
    _screen: Screen | None = None
    _mute_text: str = ""
    _leds: SetLeds | None = None

    def __post_init__(self) -> None:
        self.phone.watch(self._look_at_lamp)

    def _look_at_lamp(self, at: int) -> None:
        if self.phone.is_lamp_lit is not self._is_lit:
            self._is_lit = self.phone.is_lamp_lit
            self._lamp_edges.append(MuteLampChanged(at=at, is_lit=self._is_lit))

    def handle(self, fact: Fact) -> None:
        """Hand the fact in and do what is asked for; a lamp that changes on it follows at once."""
        if isinstance(fact, MuteLampChanged):
            self._sensed = fact.is_lit
        effects = self.companion.handle(fact)
        for effect in effects:
            match effect:
                case PressMute():
                    self.phone.contact(fact.at, closed=True)
                case ReleaseMute():
                    self.phone.contact(fact.at, closed=False)
                case LineStateChanged():
                    self._is_in_call = effect.state in {LineState.CONNECTED, LineState.ON_HOLD}
                case ShowScreen():
                    self._screen = effect.screen
                case MuteChanged():
                    self._mute_text = effect.shown
                case SetLeds():
                    self._leds = effect
                case _:
                    pass
        self.moments.append(
            Moment(
                fact=fact,
                effects=effects,
                deadline=self.companion.deadline(),
                is_lit=self._sensed if self.has_lamp and Part.MUTE_LAMP not in self._lost else None,
                is_muted=self.phone.is_muted,
                is_in_call=self._is_in_call,
                screen=self._screen,
                mute_text=self._mute_text,
                leds=self._leds,
            )
        )
        self._hand_in_lamp()

    def wait_until(self, at: int) -> None:
        """Let the phone and the deadlines come, each at its time; what stands still is given up soon."""
        for _ in range(2000):
            dues = [due for due in (self.phone.next_at(), self.companion.deadline()) if due is not None and due <= at]
            if not dues:
                break
            self.phone.advance(max(self.now, min(dues)))
            self.now = max(self.now, min(dues))
            self._hand_in_lamp()
            self.handle(Tick(at=self.now))
        self.now = at
        self.phone.advance(at)

    def _hand_in_lamp(self) -> None:
        while self._lamp_edges:
            self.handle(self._lamp_edges.pop(0))

    def does(self, deed: str, choice: int) -> None:
        """Let one thing happen now."""
        at, parts = self.now, LOST_AND_FOUND
        match deed:
            case "ring" | "ring_stops":
                self.phone.ring(at, on=deed == "ring")
                self.handle(RingLineChanged(at=at, is_active=deed == "ring"))
            case "pick_up" | "hang_up":
                self.phone.hook(at, off_hook=deed == "pick_up")
                self.handle(HookChanged(at=at, is_off_hook=deed == "pick_up"))
            case "own_key":
                self.phone.own_mute_key(at)
            case "button":
                self.handle(ButtonPressed(at=at, button=Button.RESUME if choice < 4 else Button.SNOOZE))
            case "agent":
                self._says(Side.AGENT, SAYINGS[Side.AGENT][choice % 5])
            case "customer":
                self._says(Side.CUSTOMER, SAYINGS[Side.CUSTOMER][choice % 5])
            case "consult" | "unclear":
                self._says(Side.AGENT, REQUEST)
                self.wait_until(at + 1 + choice * 100)
                self._says(Side.CUSTOMER, "好的" if deed == "consult" else "快的")
            case "talks":
                self.handle(TalkSpurtBegan(at=at, side=tuple(Side)[choice % 2], began=max(0, at - 80)))
            case "pauses":
                ended = TalkSpurtEnded(at=at, side=tuple(Side)[choice % 2], began=at, ended=at, level_dbfs=-30)
                self.handle(ended)
            case "lose":
                self._lost.add(parts[choice % 3])
                self.handle(PartLost(at=at, part=parts[choice % 3], detail="test"))
            case "find":
                self._lost.discard(parts[choice % 3])
                self.handle(PartFound(at=at, part=parts[choice % 3]))
                if self.has_lamp:
                    self.handle(MuteLampChanged(at=at, is_lit=self._is_lit))

    def _says(self, side: Side, text: str) -> None:
        at, began = self.now, max(0, self.now - 300)
        self.handle(TalkSpurtBegan(at=at, side=side, began=began))
        if text:
            self.handle(WordsHeard(at=at, side=side, words=words(text, began, at), is_final=True))
        self.handle(TalkSpurtEnded(at=at, side=side, began=began, ended=at, level_dbfs=-20))


DEEDS: Final = (
    *("consult",) * 4,
    *("unclear",) * 2,
    *("own_key",) * 3,
    *("button",) * 3,
    *("agent", "customer") * 2,
    *("pick_up",) * 2,
    *("ring", "ring_stops", "hang_up", "talks", "pauses", "lose", "find"),
)
GAPS_MS: Final = (1, 10, 30, 55, 70, 100, 200, 320, 532, 595, 650, 1000, 4000, 12000)
FAULTS: Final = (
    *(f"ignores_press@{number}" for number in (1, 2, 3, 4)),
    *(f"double_toggle@{number}" for number in (1, 2, 3)),
    *("lamp_dead@9000", "clears_mute_on_hook", "self_toggles@0", "self_toggles@2000", "self_toggles@9100"),
)

steps = st.lists(st.tuples(st.sampled_from(GAPS_MS), st.sampled_from(DEEDS), st.integers(0, 5)), min_size=3, max_size=9)
faults = st.one_of(
    st.lists(st.sampled_from(FAULTS), max_size=3, unique=True).map(tuple),
    st.just(("ignores_press@1", "ignores_press@2")),
)


@st.composite
def walks(draw: st.DrawFn, *, always_lamp: bool = False) -> list[Moment]:
    """A phone, an agent and a customer at their worst; mostly in a call."""
    has_lamp = always_lamp or draw(st.sampled_from((True, True, True, False)))
    phone = DeskPhone(
        mute_lamp=has_lamp, key_delay_ms=draw(st.sampled_from((30, 60, 60, 250, 580, 700))), faults=draw(faults)
    )
    station = Station(agent_name="小李", mute_lamp=has_lamp, mute_key=draw(st.sampled_from((True,) * 7 + (False,))))
    walk = Walk(phone, Companion(PACK, station), has_lamp)
    if draw(st.booleans()):
        walk.handle(HookChanged(at=0, is_off_hook=False))
    if has_lamp:
        walk.handle(MuteLampChanged(at=0, is_lit=False))
    walk.wait_until(1000)
    walk.does("pick_up", 0)
    walk.wait_until(1100)
    if draw(st.sampled_from((True, True, False))):
        walk.does("consult", 0)
    for gap_ms, deed, choice in draw(steps):
        walk.wait_until(walk.now + gap_ms)
        walk.does(deed, choice)
    walk.wait_until(walk.now + 3000)
    return walk.moments


modest = settings(
    max_examples=140, derandomize=True, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)


def last_of_each_time(moments: list[Moment]) -> list[Moment]:
    """What holds once all that happens at one time has been handled."""
    return [moment for moment, after in pairwise(moments) if after.fact.at > moment.fact.at]


def presses(moments: list[Moment]) -> Iterator[tuple[Moment, PressMute]]:
    for moment in moments:
        for effect in moment.effects:
            if isinstance(effect, PressMute):
                yield moment, effect


@modest
@given(walks())
def test_every_deadline_moves_on_and_no_effect_is_of_another_time(moments: list[Moment]) -> None:
    for moment in moments:
        assert moment.deadline is None or moment.deadline > moment.fact.at
        assert {effect.at for effect in moment.effects} <= {moment.fact.at}


@modest
@given(walks(always_lamp=True))
def test_muted_is_said_only_while_the_lamp_is_sensed_lit_and_the_phone_is_muted(moments: list[Moment]) -> None:
    for moment in last_of_each_time(moments):
        is_steady = moment.leds is not None and moment.leds.mute is Light.ON
        is_on_screen = moment.screen is not None and (
            moment.screen.name is ScreenName.MUTED or moment.screen.is_microphone_muted is True
        )
        if is_steady or is_on_screen or moment.mute_text == MUTED:
            assert (moment.is_lit, moment.is_muted) == (True, True)


@modest
@given(walks())
def test_every_press_is_wished_for_and_no_wish_is_worth_more_than_two(moments: list[Moment]) -> None:
    left, button_at = {PRESSING: 0, UNPRESSING: 0}, -SETTLE_MS - 1
    for moment in moments:
        match moment.fact:
            case ButtonPressed(button=Button.RESUME):
                if moment.fact.at - button_at > SETTLE_MS:  # sooner it only bounces
                    left = {PRESSING: 0, UNPRESSING: 2}
                button_at = moment.fact.at
            case WordsHeard(side=Side.AGENT, words=said) if "".join(word.text for word in said) == APOLOGY:
                left[UNPRESSING] = 2
            case _:
                pass
        for effect in moment.effects:
            match effect:
                case HoldChanged(state=HoldState.CONSENTED):
                    left[PRESSING] = 2
                case HoldChanged(state=HoldState.REFUSED):
                    left = {PRESSING: 0, UNPRESSING: 2}
                case LineStateChanged(state=LineState.WRAP_UP):
                    left = {PRESSING: 0, UNPRESSING: 0}
                case PressMute():
                    left[moment.mute_text] -= 1
                    assert left[moment.mute_text] >= 0
                case _:
                    pass


@modest
@given(walks(always_lamp=True))
def test_nothing_is_pressed_against_the_lamp_so_the_agents_own_press_is_not_undone(moments: list[Moment]) -> None:
    for moment, _ in presses(moments):
        assert moment.is_lit is (moment.mute_text == UNPRESSING)


@modest
@given(walks())
def test_every_press_is_in_a_call_ends_by_itself_and_leaves_the_next_one_room(moments: list[Moment]) -> None:
    closed_at: int | None = None
    open_since = -LIMITS.gap_ms
    for moment in moments:
        assert closed_at is None or moment.fact.at - closed_at <= LIMITS.pulse_ms
        for effect in moment.effects:
            match effect:
                case PressMute():
                    assert (moment.is_in_call, closed_at, effect.pulse_ms) == (True, None, LIMITS.pulse_ms)
                    assert effect.at - open_since >= LIMITS.gap_ms
                    closed_at = effect.at
                case ReleaseMute() if closed_at is not None:
                    closed_at, open_since = None, effect.at
                case _:
                    pass
    assert closed_at is None


@modest
@given(walks())
def test_no_light_outlives_its_lease(moments: list[Moment]) -> None:
    leased_until: int | None = None
    for moment in moments:
        assert leased_until is None or moment.fact.at <= leased_until
        for effect in moment.effects:
            if isinstance(effect, SetLeds):
                is_lit = {effect.green, effect.amber, effect.red, effect.mute} != {Light.OFF}
                assert (effect.lease_until is not None) is is_lit
                leased_until = effect.lease_until
