"""Who looks after the device: what a harness, a mistake and a stick may say and do, and when the desk comes first."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pi_companion.core import notices
from pi_companion.core.attended import (
    LEAST_MS,
    QUIET_MS,
    RESULT_MS,
    TURN_MS,
    Attended,
    CalibrationCame,
    OfferAnswered,
    OfferMade,
    OfferWithdrawn,
    Seat,
    StationChanged,
    WorkEnded,
    WorkProgressed,
)
from pi_companion.core.companion import Companion
from pi_companion.core.effects import ShowScreen
from pi_companion.core.facts import (
    Button,
    ButtonPressed,
    ButtonReleased,
    Fact,
    FactOutOfOrder,
    HookChanged,
    Part,
    PartFound,
    PartLost,
    RingLineChanged,
    Tick,
)
from pi_companion.core.harness import HarnessChanged, HarnessState, word_of
from pi_companion.core.notices import Offer
from pi_companion.core.settings import Station
from pi_companion.core.states import Screen, ScreenName
from pi_companion.packs import load_pack

STATION = Station(agent_name="小李", extension="8012")
PACK = load_pack(None, names=STATION.names)
AT_12 = Seat(has_stations=True, code=12, number="12")
WRONG = notices.wrong_settings("site.toml", 12, "mute_lamp", 1, 1, is_kept=True)


@dataclass
class Desk:
    """A companion with what is around it, told in order; `effects`: all that it wanted."""

    seat: Seat = AT_12
    effects: list[object] = field(default_factory=list)
    screen: Screen | None = None

    def __post_init__(self) -> None:
        self.mind = Attended(Companion(PACK, STATION), self.seat)
        self.tell(HookChanged(at=0, is_off_hook=False))
        self.wait(1000)

    def tell(self, *facts: Fact) -> None:
        for fact in facts:
            while (due := self.mind.deadline()) is not None and due < fact.at:
                self._hear(Tick(at=due))
            self._hear(fact)

    def wait(self, until: int) -> None:
        self.tell(Tick(at=until))

    def press(self, at: int, button: Button) -> None:
        self.tell(ButtonPressed(at=at, button=button), ButtonReleased(at=at + 90, button=button))

    def _hear(self, fact: Fact) -> None:
        for effect in self.mind.handle(fact):
            self.effects.append(effect)
            if isinstance(effect, ShowScreen):
                self.screen = effect.screen

    @property
    def asked(self) -> list[object]:
        return [each for each in self.effects if isinstance(each, StationChanged | OfferAnswered)]


def plugged(at: int, code: int | None) -> HarnessChanged:
    if code is None:
        return HarnessChanged(at=at, state=HarnessState.MISSING, word=0)
    return HarnessChanged(at=at, state=HarnessState.READ, word=word_of(code), code=code)


def in_call(desk: Desk, at: int) -> None:
    desk.tell(HookChanged(at=at, is_off_hook=True))
    desk.wait(at + 1000)


def test_the_idle_screen_says_which_station_it_is_and_who_sits_there() -> None:
    assert Desk().screen == Screen(name=ScreenName.IDLE, lines=("待机", "工位 12 · 小李", "8012"))


def test_without_stations_the_idle_screen_is_as_ever_and_a_harness_means_nothing() -> None:
    desk = Desk(Seat())
    desk.tell(plugged(LEAST_MS, 7))
    desk.wait(10 * LEAST_MS)

    assert (desk.screen, desk.asked) == (Screen(name=ScreenName.IDLE, lines=("待机", "小李", "8012")), [])


def test_another_harness_makes_it_another_station_and_the_name_is_gone_at_once() -> None:
    desk = Desk()
    desk.tell(plugged(LEAST_MS + 5000, 7))

    assert (desk.screen, desk.asked) == (notices.changing_station(), [StationChanged(at=LEAST_MS + 5000, code=7)])


def test_soon_after_its_start_it_waits_and_the_name_is_gone_all_the_same() -> None:
    desk = Desk()
    desk.tell(plugged(2000, None))
    shown, asked = desk.screen, list(desk.asked)
    desk.wait(LEAST_MS)

    assert (shown, asked) == (notices.changing_station(), [])
    assert desk.asked == [StationChanged(at=LEAST_MS, code=None)]


def test_a_plug_that_comes_back_before_that_was_only_loose() -> None:
    desk = Desk()
    desk.tell(plugged(2000, None), plugged(9000, 12))
    desk.wait(2 * LEAST_MS)

    assert (desk.screen, desk.asked) == (Screen(name=ScreenName.IDLE, lines=("待机", "工位 12 · 小李", "8012")), [])


def test_a_harness_pulled_in_a_call_changes_nothing_until_the_call_is_over() -> None:
    desk = Desk()
    in_call(desk, 40_000)
    desk.tell(plugged(60_000, None))
    desk.wait(90_000)
    during = (desk.screen.name if desk.screen else None, list(desk.asked))
    desk.tell(HookChanged(at=90_000, is_off_hook=False))
    desk.wait(200_000)

    (left,) = desk.asked
    assert during == (ScreenName.SCRIPT, [])
    assert isinstance(left, StationChanged)
    assert (left.code, left.at > 90_000) == (None, True)


def test_a_plug_that_moves_is_no_other_station() -> None:
    desk = Desk()
    desk.tell(HarnessChanged(at=LEAST_MS, state=HarnessState.CHANGING, word=3))

    assert (desk.asked, desk.screen) == ([], Screen(name=ScreenName.IDLE, lines=("待机", "工位 12 · 小李", "8012")))


@pytest.mark.parametrize(
    ("seat", "harness"),
    [
        (Seat(has_stations=True), HarnessChanged(at=1500, state=HarnessState.MISSING, word=0)),
        (Seat(has_stations=True), HarnessChanged(at=1500, state=HarnessState.BAD_PARITY, word=3)),
        (Seat(has_stations=True, code=7), plugged(1500, 7)),
    ],
)
def test_a_harness_that_names_no_station_of_the_site_is_said_and_the_device_works(
    seat: Seat, harness: HarnessChanged
) -> None:
    desk = Desk(seat)
    desk.tell(harness)
    told = desk.screen
    desk.tell(RingLineChanged(at=3000, is_active=True))
    desk.wait(3500)

    assert told == notices.no_station(harness.state, harness.code)
    assert (desk.screen and desk.screen.name, desk.asked) == (ScreenName.RINGING, [])


def test_mistakes_and_the_idle_screen_take_turns_the_mistake_first() -> None:
    desk = Desk(Seat(notices=(WRONG,)))
    shown = []
    for turn in range(4):
        desk.wait(1000 + turn * TURN_MS)
        shown.append(desk.screen.name if desk.screen else None)

    assert shown == [ScreenName.NOTICE, ScreenName.IDLE, ScreenName.NOTICE, ScreenName.IDLE]


def test_a_stick_is_asked_about_and_a_button_says_yes() -> None:
    desk = Desk()
    desk.tell(OfferMade(at=5000, offer=Offer.UPDATE, what="0.1.0 → 0.2.0"))
    shown = [desk.screen]
    desk.press(6000, Button.PAGE)
    desk.press(7000, Button.RESUME)
    desk.press(7200, Button.SNOOZE)
    shown.append(desk.screen)
    desk.tell(WorkProgressed(at=8000, pct=40))
    shown.append(desk.screen)
    desk.tell(WorkEnded(at=9000, is_done=True))
    shown.append(desk.screen)

    assert desk.asked == [OfferAnswered(at=7000, offer="update", is_accepted=True)]
    assert shown == [
        notices.offer(Offer.UPDATE, "0.1.0 → 0.2.0"),
        notices.working(Offer.UPDATE, 0),
        notices.working(Offer.UPDATE, 40),
        notices.ended(Offer.UPDATE, is_done=True),
    ]


def test_no_puts_the_question_away() -> None:
    desk = Desk()
    desk.tell(OfferMade(at=5000, offer=Offer.LOAD, what="12"))
    desk.press(7000, Button.SNOOZE)

    assert desk.asked == [OfferAnswered(at=7000, offer="load", is_accepted=False)]
    assert desk.screen == Screen(name=ScreenName.IDLE, lines=("待机", "工位 12 · 小李", "8012"))


def test_a_stick_that_is_pulled_is_asked_about_no_more() -> None:
    desk = Desk()
    desk.tell(OfferMade(at=5000, offer=Offer.SAVE, what="12"), OfferWithdrawn(at=6000))
    desk.press(7000, Button.RESUME)

    assert (desk.asked, desk.screen and desk.screen.name) == ([], ScreenName.IDLE)


def test_in_a_call_nothing_is_asked_and_the_buttons_are_the_agent_s() -> None:
    desk = Desk()
    in_call(desk, 40_000)
    desk.tell(OfferMade(at=50_000, offer=Offer.UPDATE, what="0.2.0"))
    before = desk.screen
    desk.press(51_000, Button.RESUME)

    assert (before and before.name, desk.asked) == (ScreenName.SCRIPT, [])


def test_what_the_network_has_is_said_yes_to_by_a_quiet_desk_and_nobody_is_asked() -> None:
    desk = Desk()
    desk.tell(OfferMade(at=5000, offer=Offer.UPDATE, what="0.2.0", is_by_itself=True))
    shown = [desk.screen]
    desk.press(6000, Button.SNOOZE)
    desk.wait(QUIET_MS - 1)
    before = list(desk.asked)
    desk.wait(QUIET_MS)
    shown.append(desk.screen)
    desk.tell(WorkProgressed(at=QUIET_MS + 5000, pct=40))
    shown.append(desk.screen)
    desk.tell(OfferMade(at=QUIET_MS + 9000, offer=Offer.RESTART, what="0.2.0", is_by_itself=True))
    shown.append(desk.screen)

    assert before == []
    assert desk.asked == [
        OfferAnswered(at=QUIET_MS, offer="update", is_accepted=True),
        OfferAnswered(at=QUIET_MS + 9000, offer="restart", is_accepted=True),
    ]
    assert shown == [
        Screen(name=ScreenName.IDLE, lines=("待机", "工位 12 · 小李", "8012")),
        notices.working(Offer.UPDATE, 0),
        notices.working(Offer.UPDATE, 40),
        notices.working(Offer.RESTART, 0),
    ]


def test_a_call_comes_before_what_the_network_has_and_quiet_begins_anew_after_it() -> None:
    desk = Desk()
    in_call(desk, 40_000)
    desk.tell(OfferMade(at=50_000, offer=Offer.RESTART, what="0.2.0", is_by_itself=True))
    desk.wait(50_000 + 3 * QUIET_MS)
    during = list(desk.asked)
    desk.tell(HookChanged(at=300_000, is_off_hook=False))
    desk.wait(600_000)

    (answered,) = desk.asked
    assert during == []
    assert isinstance(answered, OfferAnswered)
    assert answered.at > 300_000 + QUIET_MS  # the time after a call is no quiet either


def test_what_the_network_no_longer_has_is_not_said_yes_to() -> None:
    desk = Desk()
    desk.tell(OfferMade(at=5000, offer=Offer.UPDATE, what="0.2.0", is_by_itself=True), OfferWithdrawn(at=20_000))
    desk.wait(3 * QUIET_MS)

    assert desk.asked == []


def test_a_calibration_that_came_is_said_between_calls_and_then_it_begins_anew() -> None:
    desk = Desk()
    in_call(desk, 40_000)
    desk.tell(CalibrationCame(at=50_000))
    during = (desk.screen and desk.screen.name, list(desk.asked))
    desk.tell(HookChanged(at=60_000, is_off_hook=False))
    desk.wait(200_000)

    (left,) = desk.asked
    assert during == (ScreenName.SCRIPT, [])
    assert isinstance(left, StationChanged)
    assert (left.code, left.at > 60_000) == (12, True)


def test_a_calibration_that_came_to_an_idle_desk_stands_on_the_screen_first() -> None:
    desk = Desk()
    desk.tell(CalibrationCame(at=50_000))
    shown = desk.screen
    desk.wait(50_000 + RESULT_MS)

    assert (shown, desk.asked) == (notices.calibration_came(), [StationChanged(at=50_000 + RESULT_MS, code=12)])


def test_a_result_stands_for_a_while_or_until_a_button() -> None:
    ended = notices.updated("0.2.0", is_back=False)
    desk, other = Desk(Seat(result=ended)), Desk(Seat(result=ended))
    shown = [desk.screen]
    desk.wait(RESULT_MS)
    shown.append(desk.screen)
    other.press(3000, Button.PAGE)

    idle = Screen(name=ScreenName.IDLE, lines=("待机", "小李", "8012"))
    assert [*shown, other.screen] == [ended, idle, idle]


def test_a_panel_that_was_gone_is_told_again() -> None:
    desk = Desk(Seat(has_stations=True))
    desk.tell(plugged(2000, None), PartLost(at=3000, part=Part.OLED, detail="unplugged"))
    desk.effects.clear()
    desk.tell(PartFound(at=4000, part=Part.OLED))

    assert ShowScreen(at=4000, screen=notices.no_station(HarnessState.MISSING, None) or WRONG) in desk.effects


def test_an_older_fact_is_refused() -> None:
    desk = Desk()

    with pytest.raises(FactOutOfOrder):
        desk.mind.handle(plugged(999, 7))


CALLS = st.lists(st.tuples(st.integers(1, 20_000), st.sampled_from(["up", "down", None, 7, 12, 19])), max_size=12)


@given(CALLS)
@settings(deadline=None)  # two minutes of a whole companion, on a machine that may be busy
def test_in_a_call_it_never_becomes_another_station(happenings: list[tuple[int, str | int | None]]) -> None:
    desk, at, off_hook_since = Desk(), 1000, None
    for after, what in happenings:
        at += after
        if what in {"up", "down"}:
            desk.tell(HookChanged(at=at, is_off_hook=what == "up"))
            off_hook_since = (at if off_hook_since is None else off_hook_since) if what == "up" else None
        else:
            desk.tell(plugged(at, what))  # type: ignore[arg-type]  # a code or none, as drawn above
        if off_hook_since is not None:
            # A hook that has not settled yet may still be nothing but a bounce.
            assert [each for each in desk.asked if each.at > off_hook_since + 500] == []  # type: ignore[attr-defined]  # effects


@given(st.lists(st.tuples(st.integers(1, 150_000), st.sampled_from(["up", "down", "ring", "offer"])), max_size=12))
@settings(deadline=None, max_examples=25)
def test_a_desk_says_yes_to_the_network_only_after_a_minute_on_hook(happenings: list[tuple[int, str]]) -> None:
    desk, at, off_hook = Desk(), 1000, [(0, False)]
    for after, what in happenings:
        at += after
        match what:
            case "ring":
                desk.tell(RingLineChanged(at=at, is_active=True), RingLineChanged(at=at + 500, is_active=False))
                at += 500
            case "offer":
                desk.tell(OfferMade(at=at, offer=Offer.RESTART, what="0.2.0", is_by_itself=True))
            case _:
                desk.tell(HookChanged(at=at, is_off_hook=what == "up"))
                off_hook.append((at, what == "up"))
    desk.wait(at + 3 * QUIET_MS)

    ends = [*(since for since, _ in off_hook[1:]), at + 3 * QUIET_MS]
    # A hook that has not settled is nothing but a bounce.
    calls = [(since, end) for (since, is_off), end in zip(off_hook, ends, strict=True) if is_off and end > since + 500]
    for answer in desk.asked:
        assert isinstance(answer, OfferAnswered)
        assert [call for call in calls if call[0] + 500 < answer.at and answer.at - QUIET_MS < call[1]] == []
