"""Edges become facts with the edge's own time; levels are reread; a pin that cannot be had is explained."""

from collections.abc import Callable, Iterator

import pytest
from gpiozero import OutputDevice
from gpiozero.pins.mock import MockFactory

from pi_companion.adapters.line import Line
from pi_companion.bench.board import Board
from pi_companion.bench.phone import DeskPhone
from pi_companion.core.facts import (
    BusyLampChanged,
    Button,
    ButtonPressed,
    ButtonReleased,
    Fact,
    HookChanged,
    MuteLampChanged,
    RingLineChanged,
)
from pi_companion.errors import HardwareError
from pi_companion.pinout import Pinout

PINOUT = Pinout()


class Desk:
    def __init__(self, *, has_busy_lamp: bool = False) -> None:
        self.facts: list[Fact] = []
        self.phone = DeskPhone()
        self.board = Board(PINOUT, self.phone)
        self.line = Line(
            PINOUT, self.board.factory, self.facts.append, self.board.milliseconds_of, has_busy_lamp=has_busy_lamp
        )


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    yield desk
    desk.line.close()
    desk.board.close()


def test_opening_alone_delivers_nothing(desk: Desk) -> None:
    assert desk.facts == []


def test_a_ring_edge_becomes_a_fact_at_the_time_of_the_edge(desk: Desk) -> None:
    desk.phone.ring(1234, on=True)
    desk.phone.ring(2234, on=False)

    assert desk.facts == [RingLineChanged(at=1234, is_active=True), RingLineChanged(at=2234, is_active=False)]


def test_the_handset_is_off_hook_while_it_is_up(desk: Desk) -> None:
    desk.phone.hook(10, off_hook=True)
    desk.phone.hook(20, off_hook=False)

    assert desk.facts == [HookChanged(at=10, is_off_hook=True), HookChanged(at=20, is_off_hook=False)]


def test_the_lamp_is_a_fact_when_the_phone_lights_it(desk: Desk) -> None:
    desk.phone.hook(0, off_hook=True)
    desk.phone.own_mute_key(500)
    desk.phone.advance(1000)

    assert desk.facts[1:] == [MuteLampChanged(at=560, is_lit=True)]


@pytest.mark.rule("RING-4")
def test_the_away_lamp_is_a_fact_when_the_phone_lights_it() -> None:
    desk = Desk(has_busy_lamp=True)

    desk.phone.busy_lamp(500, is_lit=True)
    desk.phone.busy_lamp(900, is_lit=False)

    assert desk.facts == [BusyLampChanged(at=500, is_lit=True), BusyLampChanged(at=900, is_lit=False)]


@pytest.mark.rule("RING-4")
def test_an_away_lamp_that_is_not_wired_is_never_mentioned_and_its_pin_is_left_alone(desk: Desk) -> None:
    OutputDevice(PINOUT.busy_lamp.bcm, pin_factory=desk.board.factory).close()

    desk.phone.busy_lamp(500, is_lit=True)
    desk.line.reread()

    assert [fact for fact in desk.facts if isinstance(fact, BusyLampChanged)] == []


@pytest.mark.rule("RING-4")
def test_a_phone_that_is_away_from_the_start_is_seen_by_rereading() -> None:
    desk = Desk(has_busy_lamp=True)
    desk.phone.busy_lamp(500, is_lit=True)
    desk.facts.clear()
    desk.board.set_time(5000)

    desk.line.reread()

    assert desk.facts == [
        RingLineChanged(at=5000, is_active=False),
        HookChanged(at=5000, is_off_hook=False),
        MuteLampChanged(at=5000, is_lit=False),
        BusyLampChanged(at=5000, is_lit=True),
    ]


@pytest.mark.parametrize("button", Button)
def test_a_button_is_a_fact_when_it_goes_down_and_when_it_comes_up(desk: Desk, button: Button) -> None:
    desk.board.set_time(700)
    desk.board.press(button)

    assert desk.facts == [ButtonPressed(at=700, button=button), ButtonReleased(at=700, button=button)]


def test_every_edge_is_delivered_however_short() -> None:
    desk = Desk()

    for at in (1, 2, 2, 3):
        desk.phone.ring(at, on=True)
        desk.phone.ring(at, on=False)

    assert [(fact.at, fact.is_active) for fact in desk.facts if isinstance(fact, RingLineChanged)] == [
        *((1, True), (1, False), (2, True), (2, False)),
        *((2, True), (2, False), (3, True), (3, False)),
    ]


def test_rereading_delivers_every_level_at_the_present_time(desk: Desk) -> None:
    desk.phone.hook(10, off_hook=True)
    desk.facts.clear()
    desk.board.set_time(5000)

    desk.line.reread()

    assert desk.facts == [
        RingLineChanged(at=5000, is_active=False),
        HookChanged(at=5000, is_off_hook=True),
        MuteLampChanged(at=5000, is_lit=False),
    ]


def test_ticks_are_converted_by_whoever_knows_when_the_session_began() -> None:
    facts: list[Fact] = []
    phone = DeskPhone()
    board = Board(PINOUT, phone)

    with Line(PINOUT, board.factory, facts.append, lambda ticks: ticks - 1000) as line:
        phone.ring(1500, on=True)
        line.reread()

    assert [fact.at for fact in facts] == [500, 500, 500, 500]


class Interrupted:
    """A ring line during whose reading something happens; `level` is what the reader gets."""

    def __init__(self, level: bool, happens: Callable[[], None]) -> None:
        self.level = level
        self.happens = happens

    @property
    def is_active(self) -> bool:
        self.happens()
        return self.level


def heard(desk: Desk) -> list[tuple[int, bool]]:
    """What is known of the ring line, in the order in which it was told."""
    return [(fact.at, fact.is_active) for fact in desk.facts if isinstance(fact, RingLineChanged)]


def test_a_level_that_was_read_before_an_edge_that_has_come_meanwhile_is_not_delivered_after_it(desk: Desk) -> None:
    desk.board.set_time(5000)
    desk.line._devices["ring"] = Interrupted(False, lambda: desk.phone.ring(5001, on=True))

    desk.line.reread()

    assert heard(desk) == [(5001, True)]


def test_edges_that_come_after_a_reading_that_is_newer_are_all_delivered_and_the_reading_has_the_last_word(
    desk: Desk,
) -> None:
    hear = desk.line._listeners[0]  # of the ring line: a low level is a ring
    desk.board.set_time(5000)
    desk.line.reread()

    hear(4990, 0)
    hear(4993, 1)
    hear(4996, 0)  # the kernel lost the one after it
    hear(5010, 0)
    hear(5020, 1)

    assert heard(desk) == [
        (5000, False),
        *((4990, True), (5000, False)),
        (4993, False),
        *((4996, True), (5000, False)),
        *((5010, True), (5020, False)),
    ]


def test_after_closing_nothing_is_delivered_and_the_pins_are_free() -> None:
    desk = Desk()

    desk.line.close()
    desk.line.close()
    desk.phone.ring(10, on=True)

    assert desk.facts == []
    Line(PINOUT, desk.board.factory, desk.facts.append, desk.board.milliseconds_of).close()


def test_a_busy_pin_is_named_with_what_to_do_and_the_others_are_given_back() -> None:
    factory = MockFactory()
    other = OutputDevice(PINOUT.page.bcm, pin_factory=factory)

    with pytest.raises(HardwareError) as error:
        Line(PINOUT, factory, print, int)

    assert str(error.value).startswith("page: GPIO 6 (header pin 31) cannot be used (pin GPIO6 is already in use by")
    assert "stop the program that holds it" in str(error.value)
    other.close()
    Line(PINOUT, factory, print, int).close()
