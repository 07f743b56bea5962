"""The simulated board end to end: the adapters of a Pi on it, edges with the session's time, boards that do not mix."""

import doctest
import subprocess
import sys
from collections.abc import Iterator

import pytest
from gpiozero import Device

from pi_companion import bench
from pi_companion.adapters.line import Line
from pi_companion.adapters.panel import Panel
from pi_companion.bench.board import Board
from pi_companion.bench.phone import DeskPhone
from pi_companion.core.effects import PressMute, SetLeds
from pi_companion.core.facts import BusyLampChanged, Button, Fact, HookChanged, MuteLampChanged, RingLineChanged
from pi_companion.core.states import Light
from pi_companion.pinout import HEADER, Pinout

PINOUT = Pinout()


class Desk:
    """Phone, board and both adapters; `go` takes them from one due time to the next."""

    def __init__(self, *faults: str, mute_lamp: bool = True) -> None:
        self.facts: list[Fact] = []
        self.phone = DeskPhone(mute_lamp=mute_lamp, key_delay_ms=60, faults=faults)
        self.board = Board(PINOUT, self.phone)
        self.line = Line(PINOUT, self.board.factory, self.facts.append, self.board.milliseconds_of)
        self.panel = Panel(PINOUT, self.board.factory)

    def go(self, at: int) -> None:
        while True:
            dues = [due for due in (self.phone.next_at(), self.panel.deadline()) if due is not None and due <= at]
            now = min(dues, default=at)
            self.board.set_time(now)
            self.phone.advance(now)
            self.panel.pass_time(now)
            if not dues:
                return

    def press_mute(self, at: int) -> None:
        self.go(at)
        self.panel.perform(PressMute(at=at, pulse_ms=120))

    def lamp(self) -> list[tuple[int, bool]]:
        return [(fact.at, fact.is_lit) for fact in self.facts if isinstance(fact, MuteLampChanged)]

    def close(self) -> None:
        self.panel.close()
        self.line.close()
        self.board.close()


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.close()


def test_a_press_of_mute_reaches_the_phone_and_comes_back_as_its_lamp(desk: Desk) -> None:
    desk.phone.hook(1000, off_hook=True)
    desk.press_mute(2100)
    desk.go(5000)

    assert desk.facts == [HookChanged(at=1000, is_off_hook=True), MuteLampChanged(at=2160, is_lit=True)]


def test_the_phone_sees_the_contact_open_again_and_counts_one_press(desk: Desk) -> None:
    desk.phone.hook(1000, off_hook=True)
    desk.press_mute(2000)
    desk.press_mute(3000)
    desk.go(5000)

    assert (desk.lamp(), desk.phone.presses, desk.board.is_contact_closed) == (
        [(2060, True), (3060, False)],
        2,
        False,
    )


def test_a_ring_is_an_edge_at_its_time_to_the_millisecond(desk: Desk) -> None:
    desk.go(999)
    desk.phone.ring(1001, on=True)

    assert (desk.facts, desk.board.now) == ([RingLineChanged(at=1001, is_active=True)], 1001)


def test_what_the_phone_did_meanwhile_carries_its_own_time(desk: Desk) -> None:
    desk.phone.hook(0, off_hook=True)
    desk.phone.own_mute_key(400)
    desk.board.set_time(900)
    desk.phone.advance(900)

    assert (desk.lamp(), desk.board.now) == ([(460, True)], 900)


def test_a_phone_that_is_busy_from_the_start_is_seen_by_rereading() -> None:
    phone = DeskPhone()
    phone.hook(0, off_hook=True)
    board = Board(PINOUT, phone)
    facts: list[Fact] = []

    with Line(PINOUT, board.factory, facts.append, board.milliseconds_of) as line:
        line.reread()
    board.close()

    assert HookChanged(at=0, is_off_hook=True) in facts


def test_a_lost_lamp_gives_no_edge_and_a_found_one_shows_what_is(desk: Desk) -> None:
    desk.phone.hook(0, off_hook=True)
    desk.board.lose_lamp()
    desk.press_mute(1000)
    desk.go(2000)
    lost = desk.lamp()
    desk.board.find_lamp()

    assert (lost, desk.lamp()) == ([], [(2000, True)])


def test_a_lamp_lost_while_lit_does_not_look_dark() -> None:
    desk = Desk("self_toggles@500", "self_toggles@1500")
    desk.go(1000)
    desk.board.lose_lamp()
    desk.go(2000)
    desk.line.reread()
    desk.close()

    assert (desk.lamp(), desk.phone.is_muted) == ([(500, True), (2000, True)], False)


def test_a_phone_without_a_lamp_gives_no_lamp_edge() -> None:
    desk = Desk(mute_lamp=False)
    desk.phone.hook(0, off_hook=True)
    desk.press_mute(1000)
    desk.go(2000)
    desk.close()

    assert (desk.lamp(), desk.phone.is_muted) == ([], True)


@pytest.mark.rule("RING-4")
def test_the_away_lamp_of_the_phone_reaches_a_line_that_has_it() -> None:
    phone = DeskPhone()
    board = Board(PINOUT, phone)
    facts: list[Fact] = []

    with Line(PINOUT, board.factory, facts.append, board.milliseconds_of, has_busy_lamp=True):
        phone.busy_lamp(100, is_lit=True)
        phone.busy_lamp(100, is_lit=True)  # no edge
        phone.hook(200, off_hook=True)
        phone.busy_lamp(300, is_lit=False)
    board.close()

    assert facts == [
        BusyLampChanged(at=100, is_lit=True),
        HookChanged(at=200, is_off_hook=True),
        BusyLampChanged(at=300, is_lit=False),
    ]


def test_the_lights_are_the_levels_of_their_pins(desk: Desk) -> None:
    desk.panel.perform(
        SetLeds(at=0, green=Light.ON, amber=Light.OFF, red=Light.BLINK, mute=Light.OFF, lease_until=5000)
    )
    desk.go(600)

    assert [desk.board.light(name) for name in ("green", "amber", "red", "mute")] == [True, False, False, False]


def test_powering_off_opens_the_contact_and_darkens_the_lights() -> None:
    desk = Desk()
    desk.panel.perform(SetLeds(at=0, green=Light.ON, amber=Light.ON, red=Light.ON, mute=Light.ON, lease_until=5000))
    desk.phone.hook(0, off_hook=True)
    desk.press_mute(10)

    desk.board.close()

    assert (desk.board.is_contact_closed, desk.board.light("green")) == (False, False)
    assert desk.phone.next_at() is None  # the contact opened too soon for the phone to have seen it


def test_a_board_never_goes_back(desk: Desk) -> None:
    desk.board.set_time(1000)

    with pytest.raises(ValueError, match="is at 1000 ms already and cannot go back to 999 ms"):
        desk.board.set_time(999)


def test_boards_do_not_mix() -> None:
    one, other = Desk(), Desk()

    one.phone.ring(10, on=True)
    one.board.press(Button.PAGE)
    other.phone.hook(20, off_hook=True)
    seen = (len(one.facts), other.facts, other.board.now)
    one.close()
    other.close()

    assert seen == (3, [HookChanged(at=20, is_off_hook=True)], 20)


def test_gpiozeros_global_factory_is_left_alone(desk: Desk) -> None:
    desk.phone.ring(10, on=True)

    assert Device.pin_factory is None


def test_a_soak_leaves_no_trail_in_the_pins(desk: Desk) -> None:
    for at in range(1000):
        desk.phone.ring(at, on=at % 2 == 0)

    assert desk.board.factory.pin(PINOUT.ring.bcm).states == []


def test_the_header_of_the_board_is_the_one_in_the_pinout(desk: Desk) -> None:
    found = {bcm: info.number for bcm in HEADER for _, info in desk.board.factory.board_info.find_pin(bcm)}

    assert found == HEADER


def test_the_example_does_what_it_says() -> None:
    assert doctest.testmod(bench) == (0, 16)


def test_a_program_that_forgets_to_close_ends_without_a_word() -> None:
    program = (
        "from pi_companion.adapters.line import Line; from pi_companion.adapters.panel import Panel\n"
        "from pi_companion.bench.board import Board; from pi_companion.bench.phone import DeskPhone\n"
        "from pi_companion.core.effects import PressMute; from pi_companion.pinout import Pinout\n"
        "boards = [Board(Pinout(), DeskPhone()) for _ in range(2)]\n"
        "lines = [Line(Pinout(), board.factory, print, int) for board in boards]\n"
        "panels = [Panel(Pinout(), board.factory) for board in boards]\n"
        "panels[0].perform(PressMute(at=0, pulse_ms=120))\n"
    )

    # S603: this interpreter, with a program written above.
    ended = subprocess.run(  # noqa: S603 (see above)
        [sys.executable, "-X", "dev", "-W", "error", "-c", program], check=False, capture_output=True, text=True
    )

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")
