"""Laws 6 and 7 at the outputs: the contact is a pulse that always ends, and no light outlives its lease."""

from collections.abc import Callable, Iterator
from threading import Event
from typing import Any

import pytest
from gpiozero import OutputDevice
from gpiozero.pins.mock import MockFactory
from hypothesis import given
from hypothesis import strategies as st

from pi_companion.adapters.panel import MAX_PULSE_MS, After, Panel, hertz, wall_clock_guard
from pi_companion.bench.board import Board
from pi_companion.bench.phone import DeskPhone
from pi_companion.core.effects import PressMute, ReleaseMute, SetLeds
from pi_companion.core.leds import lights
from pi_companion.core.limits import Ringing
from pi_companion.core.states import Light, LineState, MuteState
from pi_companion.errors import HardwareError
from pi_companion.pinout import Pinout

PINOUT = Pinout()


class Desk:
    """A board with a panel, and the times at which its contact moved."""

    def __init__(self, after: After | None = None, phone: DeskPhone | None = None) -> None:
        self.phone = phone or DeskPhone()
        self.board = Board(PINOUT, self.phone)
        self.panel = Panel(PINOUT, self.board.factory, after)

    def go(self, at: int) -> None:
        """Go to `at`, and to each deadline before it."""
        while (due := self.panel.deadline()) is not None and due <= at:
            self.board.set_time(due)
            self.panel.pass_time(due)
        self.board.set_time(at)

    def lit(self) -> str:
        names: tuple[Any, ...] = ("green", "amber", "red", "mute")
        return " ".join(name for name in names if self.board.light(name))

    def picture(self, until: int, step_ms: int) -> str:
        """The LEDs that are lit, drawn over time: one mark a step."""
        marks = ""
        for at in range(0, until, step_ms):
            self.go(at)
            marks += "#" if self.lit() else "."
        return marks

    def close(self) -> None:
        self.panel.close()
        self.board.close()


class Guard:
    """An `after` that a test fires by hand."""

    def __init__(self) -> None:
        self.armed: list[tuple[int, Callable[[], None]]] = []
        self.cancelled = 0

    def __call__(self, after_ms: int, act: Callable[[], None]) -> Callable[[], None]:
        self.armed.append((after_ms, act))
        return self.cancel

    def cancel(self) -> None:
        self.cancelled += 1


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.close()


def leds(at: int = 0, lease_until: int | None = 10000, **lights: Light) -> SetLeds:
    all_lights = dict.fromkeys(("green", "amber", "red", "mute"), Light.OFF) | lights
    return SetLeds(at=at, lease_until=lease_until, **all_lights)


def press(at: int, pulse_ms: int = 120) -> PressMute:
    return PressMute(at=at, pulse_ms=pulse_ms)


def test_the_contact_is_open_and_the_leds_are_dark_from_the_start(desk: Desk) -> None:
    assert (desk.board.is_contact_closed, desk.lit(), desk.panel.deadline()) == (False, "", None)


def test_a_press_closes_the_contact_for_its_pulse(desk: Desk) -> None:
    desk.panel.perform(press(1000))
    seen = [(desk.panel.deadline(), desk.board.is_contact_closed)]
    desk.panel.pass_time(1119)
    seen.append((desk.panel.deadline(), desk.board.is_contact_closed))
    desk.panel.pass_time(1120)
    seen.append((desk.panel.deadline(), desk.board.is_contact_closed))

    assert seen == [(1120, True), (1120, True), (None, False)]


def test_a_pulse_is_never_longer_than_the_hard_limit(desk: Desk) -> None:
    desk.panel.perform(press(1000, pulse_ms=60000))

    assert desk.panel.deadline() == 1000 + MAX_PULSE_MS


@pytest.mark.parametrize("pulse_ms", [0, -1])
def test_a_pulse_of_no_length_presses_nothing(desk: Desk, pulse_ms: int) -> None:
    desk.panel.perform(press(1000, pulse_ms))

    assert (desk.board.is_contact_closed, desk.phone.presses) == (False, 0)


def test_pressing_while_a_pulse_is_running_does_not_lengthen_it(desk: Desk) -> None:
    desk.panel.perform(press(1000))
    desk.panel.perform(press(1100))

    assert (desk.panel.deadline(), desk.phone.presses) == (1120, 1)


def test_a_release_opens_the_contact_at_once(desk: Desk) -> None:
    desk.panel.perform(press(1000))
    desk.panel.perform(ReleaseMute(at=1050))

    assert (desk.board.is_contact_closed, desk.panel.deadline()) == (False, None)


def test_a_late_effect_opens_an_overdue_contact_before_it_presses_again(desk: Desk) -> None:
    desk.panel.perform(press(1000))
    desk.board.set_time(5000)
    desk.panel.perform(press(5000))

    assert (desk.phone.presses, desk.panel.deadline()) == (2, 5120)


def test_closing_opens_the_contact_darkens_the_leds_and_may_be_done_twice() -> None:
    desk = Desk()
    desk.panel.perform(leds(red=Light.ON))
    desk.panel.perform(press(1000))

    desk.panel.close()
    desk.panel.close()

    assert (desk.board.is_contact_closed, desk.lit(), desk.panel.deadline()) == (False, "", None)


def test_a_closed_panel_presses_nothing() -> None:
    desk = Desk()
    desk.panel.close()

    with pytest.raises(Exception, match="closed or uninitialized"):
        desk.panel.perform(press(1000))

    assert (desk.board.is_contact_closed, desk.phone.presses) == (False, 0)


def test_leaving_the_context_by_an_error_opens_the_contact() -> None:
    desk = Desk()

    def fail_in_mid_press() -> None:
        with desk.panel:
            desk.panel.perform(press(1000))
            raise KeyError

    with pytest.raises(KeyError):
        fail_in_mid_press()

    assert not desk.board.is_contact_closed


def test_an_error_while_performing_opens_the_contact(desk: Desk) -> None:
    desk.panel.perform(press(1000))
    nonsense: Any = "on fire"

    with pytest.raises(AssertionError):
        desk.panel.perform(leds(at=1010, red=nonsense))

    assert not desk.board.is_contact_closed


def test_the_guard_is_armed_for_the_pulse_and_cancelled_when_it_ends() -> None:
    guard = Guard()
    desk = Desk(guard)

    desk.panel.perform(press(1000, pulse_ms=5000))
    seen = [([ms for ms, _ in guard.armed], guard.cancelled)]
    desk.panel.pass_time(1300)
    seen.append(([ms for ms, _ in guard.armed], guard.cancelled))

    assert seen == [([300], 0), ([300], 1)]


def test_the_guard_opens_the_contact_when_the_main_loop_hangs() -> None:
    guard = Guard()
    desk = Desk(guard)
    desk.panel.perform(press(1000))

    guard.armed[0][1]()

    assert (desk.board.is_contact_closed, desk.panel.deadline()) == (False, None)


def test_a_guard_that_comes_after_the_end_does_nothing() -> None:
    guard = Guard()
    desk = Desk(guard)
    desk.panel.perform(press(1000))
    desk.panel.close()

    guard.armed[0][1]()

    assert not desk.board.is_contact_closed


def test_without_a_guard_there_is_no_press() -> None:
    def exhausted(_after_ms: int, _act: Callable[[], None]) -> Callable[[], None]:
        raise RuntimeError("can't start new thread")

    desk = Desk(exhausted)

    with pytest.raises(RuntimeError):
        desk.panel.perform(press(1000))

    assert (desk.board.is_contact_closed, desk.phone.presses) == (False, 0)


def test_the_lights_go_dark_when_the_main_loop_hangs_beyond_their_lease() -> None:
    guard = Guard()
    desk = Desk(guard)
    desk.panel.perform(leds(0, lease_until=10000, mute=Light.ON))
    seen = [desk.lit()]

    ((lease_ms, expire),) = guard.armed
    expire()

    desk.close()
    assert (lease_ms, [*seen, desk.lit()]) == (10000, ["mute", ""])


def test_a_lease_that_was_renewed_does_not_darken_the_new_one() -> None:
    guard = Guard()
    desk = Desk(guard)
    desk.panel.perform(leds(0, lease_until=10000, mute=Light.ON))
    desk.panel.perform(leds(5000, lease_until=15000, mute=Light.ON))

    guard.armed[0][1]()
    seen = (desk.lit(), guard.cancelled)

    desk.close()
    assert seen == ("mute", 1)


def test_the_wall_clock_guard_comes_by_itself() -> None:
    came = Event()

    wall_clock_guard(1, came.set)

    assert came.wait(timeout=10)


def test_the_wall_clock_guard_opens_the_contact_of_a_loop_that_never_comes_back() -> None:
    opened = Event()

    def after(after_ms: int, act: Callable[[], None]) -> Callable[[], None]:
        def act_and_tell() -> None:
            act()
            opened.set()

        return wall_clock_guard(after_ms, act_and_tell)

    desk = Desk(after)
    desk.panel.perform(press(0, pulse_ms=40))

    assert opened.wait(timeout=10)
    assert not desk.board.is_contact_closed


def test_a_cancelled_wall_clock_guard_does_not_come() -> None:
    came, later = Event(), Event()

    wall_clock_guard(20, came.set)()
    wall_clock_guard(60, later.set)

    assert later.wait(timeout=10)
    assert not came.is_set()


@pytest.mark.parametrize("name", ["green", "amber", "red", "mute"])
def test_each_led_is_its_own(desk: Desk, name: str) -> None:
    only: dict[str, Any] = {name: Light.ON}

    desk.panel.perform(leds(**only))

    assert desk.lit() == name


def test_new_lights_replace_all_old_ones(desk: Desk) -> None:
    desk.panel.perform(leds(green=Light.ON, mute=Light.ON))
    desk.panel.perform(leds(at=10, amber=Light.ON))

    assert desk.lit() == "amber"


def test_a_blinking_led_begins_lit_and_turns_twice_a_second(desk: Desk) -> None:
    desk.panel.perform(leds(red=Light.BLINK))

    assert desk.picture(3000, step_ms=250) == "##..##..##.."


def test_a_fast_blinking_led_turns_eight_times_a_second(desk: Desk) -> None:
    desk.panel.perform(leds(red=Light.BLINK_FAST))

    assert desk.picture(1000, step_ms=125) == "#.#.#.#."


def test_blinking_goes_on_while_the_main_loop_hangs(desk: Desk) -> None:
    desk.panel.perform(leds(red=Light.BLINK))

    seen = ""
    for at in range(0, 3000, 250):
        desk.board.set_time(at)  # and nobody passes time to the panel
        seen += "#" if desk.lit() else "."

    assert seen == "##..##..##.."


def test_a_renewed_lease_does_not_begin_the_blinking_anew(desk: Desk) -> None:
    desk.panel.perform(leds(red=Light.BLINK))
    desk.go(750)
    desk.panel.perform(leds(at=750, red=Light.BLINK, lease_until=10750))

    assert desk.lit() == ""


def test_a_light_that_changes_its_rhythm_begins_lit_in_the_new_one(desk: Desk) -> None:
    desk.panel.perform(leds(red=Light.BLINK))
    desk.go(750)
    desk.panel.perform(leds(at=750, red=Light.BLINK_FAST, lease_until=10750))

    seen = ""
    for at in range(750, 1750, 125):
        desk.go(at)
        seen += "#" if desk.lit() else "."

    assert seen == "#.#.#.#."


def test_a_light_is_steady_once_it_no_longer_blinks(desk: Desk) -> None:
    desk.panel.perform(leds(red=Light.BLINK_FAST))
    desk.panel.perform(leds(red=Light.ON))

    assert desk.picture(1000, step_ms=125) == "########"


def test_each_rhythm_has_its_rate() -> None:
    assert {light: hertz(light) for light in Light} == {
        Light.OFF: 0,
        Light.ON: 0,
        Light.BLINK: 1,
        Light.BLINK_FAST: 4,
    }


@pytest.mark.rule("RING-1", "RING-5")
def test_every_light_is_known_by_its_place_and_rhythm_without_its_colour() -> None:
    def seen(line: LineState, rings: int, mute: MuteState, *, is_assumed_muted: bool = False) -> tuple[str, str]:
        wanted = lights(line, rings, mute, Ringing(), is_assumed_muted=is_assumed_muted)
        desk = Desk()
        desk.panel.perform(SetLeds(at=0, **wanted._asdict(), lease_until=10000))
        place, rhythm = desk.lit(), desk.picture(1000, 125)
        desk.close()
        return place, rhythm

    assert {
        "ring 1": seen(LineState.RINGING, 1, MuteState.LIVE),
        "ring 3": seen(LineState.RINGING, 3, MuteState.LIVE),
        "ring 5": seen(LineState.RINGING, 5, MuteState.LIVE),
        "muted": seen(LineState.CONNECTED, 0, MuteState.MUTED),
        "assumed": seen(LineState.CONNECTED, 0, MuteState.UNKNOWN, is_assumed_muted=True),
        "pressing": seen(LineState.CONNECTED, 0, MuteState.PRESSING),
    } == {
        "ring 1": ("green", "########"),
        "ring 3": ("amber", "####...."),
        "ring 5": ("red", "#.#.#.#."),
        "muted": ("mute", "########"),
        "assumed": ("mute", "####...."),
        "pressing": ("mute", "#.#.#.#."),
    }


def test_blinking_needs_no_attention_until_its_lease_ends(desk: Desk) -> None:
    desk.panel.perform(leds(at=100, red=Light.BLINK, mute=Light.BLINK_FAST, lease_until=10100))

    assert desk.panel.deadline() == 10100


def test_steady_lights_go_dark_when_their_lease_ends(desk: Desk) -> None:
    desk.panel.perform(leds(green=Light.ON, lease_until=1000))
    seen = [(desk.panel.deadline(), desk.lit())]
    desk.panel.pass_time(999)
    seen.append((desk.panel.deadline(), desk.lit()))
    desk.panel.pass_time(1000)
    seen.append((desk.panel.deadline(), desk.lit()))

    assert seen == [(1000, "green"), (1000, "green"), (None, "")]


def test_a_blinking_led_is_lit_no_more_once_its_lease_ended(desk: Desk) -> None:
    desk.panel.perform(leds(red=Light.BLINK, lease_until=1250))

    assert desk.picture(3000, step_ms=250) == "##..#......."


def test_a_renewed_lease_keeps_the_light_on(desk: Desk) -> None:
    desk.panel.perform(leds(green=Light.ON, lease_until=1000))
    desk.panel.perform(leds(at=900, green=Light.ON, lease_until=1900))
    desk.panel.pass_time(1500)

    assert desk.lit() == "green"


def test_without_a_lease_nothing_is_lit(desk: Desk) -> None:
    desk.panel.perform(leds(green=Light.ON, red=Light.BLINK, lease_until=None))

    assert (desk.lit(), desk.panel.deadline()) == ("", None)


def test_leds_that_are_off_need_no_attention(desk: Desk) -> None:
    desk.panel.perform(leds(lease_until=None))

    assert desk.panel.deadline() is None


def test_a_busy_pin_is_named_and_the_contact_is_given_back_open() -> None:
    factory = MockFactory()
    other = OutputDevice(PINOUT.red.bcm, pin_factory=factory)

    with pytest.raises(HardwareError, match=r"^red: GPIO 16 \(header pin 36\) cannot be used"):
        Panel(PINOUT, factory)

    other.close()
    Panel(PINOUT, factory).close()


class WatchedPhone(DeskPhone):
    """Writes down for how long its key was held, each time it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.held_ms: list[int] = []
        self._since = 0

    def contact(self, at: int, closed: bool) -> None:
        super().contact(at, closed=closed)
        if closed:
            self._since = at
        else:
            self.held_ms.append(at - self._since)


REQUESTS = st.lists(
    st.tuples(st.integers(0, 500), st.sampled_from([PressMute, ReleaseMute, SetLeds]), st.integers(-10, 100000)),
    max_size=40,
)


@given(requests=REQUESTS)
def test_no_sequence_of_requests_holds_the_contact_beyond_the_limit(requests: list[tuple[int, type, int]]) -> None:
    phone = WatchedPhone()
    desk = Desk(phone=phone)
    at = 0
    for wait_ms, kind, number in requests:
        at += wait_ms
        desk.go(at)
        if kind is PressMute:
            desk.panel.perform(press(at, pulse_ms=number))
        elif kind is ReleaseMute:
            desk.panel.perform(ReleaseMute(at=at))
        else:
            desk.panel.perform(leds(at=at, red=Light.BLINK_FAST, lease_until=at + number))
    desk.close()

    assert not desk.board.is_contact_closed
    assert len(phone.held_ms) == phone.presses
    assert all(0 <= held <= MAX_PULSE_MS for held in phone.held_ms)
