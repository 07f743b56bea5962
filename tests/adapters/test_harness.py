"""The six lines of the harness are read as they are wired; a plug that moves is waited for, not guessed."""

from collections.abc import Iterator

import pytest
from gpiozero import InputDevice

from pi_companion.adapters.harness import HarnessLines, read_once
from pi_companion.bench.board import Board
from pi_companion.bench.phone import DeskPhone
from pi_companion.core.harness import CODES, LINES, HarnessState, word_of
from pi_companion.errors import HardwareError
from pi_companion.pinout import Pinout

PINOUT = Pinout()


@pytest.fixture
def board() -> Iterator[Board]:
    board = Board(PINOUT, DeskPhone())
    yield board
    board.close()


@pytest.mark.parametrize("place", range(len(LINES)))
def test_each_line_at_ground_is_its_own_bit(board: Board, place: int) -> None:
    pin = board.factory.pin(PINOUT.lines()[f"harness_{LINES[place]}"].bcm)
    with HarnessLines(PINOUT, board.factory) as lines:
        before = lines.word()
        pin.drive_low()

        assert (before, lines.word()) == (0, 1 << place)


@pytest.mark.parametrize("code", CODES)
def test_every_code_is_read_from_its_harness(board: Board, code: int) -> None:
    board.strap(word_of(code))

    found = read_once(PINOUT, board.factory, lambda _seconds: None)

    assert (found.state, found.code) == (HarnessState.READ, code)


def test_without_a_harness_nothing_is_claimed(board: Board) -> None:
    assert read_once(PINOUT, board.factory, lambda _seconds: None).state is HarnessState.MISSING


def test_a_plug_that_is_moved_while_it_is_read_is_read_when_it_is_home(board: Board) -> None:
    moves = iter([word_of(12), 0, word_of(12)])

    found = read_once(PINOUT, board.factory, lambda _seconds: board.strap(next(moves, word_of(12))))

    assert (found.state, found.code) == (HarnessState.READ, 12)


def test_a_plug_that_never_holds_still_is_not_waited_for_for_ever(board: Board) -> None:
    waited: list[float] = []

    def move(seconds: float) -> None:
        waited.append(seconds)
        board.strap(word_of(CODES[len(waited) % 2]))

    assert read_once(PINOUT, board.factory, move).state is HarnessState.CHANGING
    assert sum(waited) < 3


def test_a_line_that_somebody_holds_is_told_by_its_name_and_the_others_are_given_back(board: Board) -> None:
    taken = InputDevice(PINOUT.harness_16.bcm, pull_up=True, pin_factory=board.factory)
    with pytest.raises(HardwareError, match=r"harness line 16: GPIO 10 \(header pin 19\) cannot be used"):
        HarnessLines(PINOUT, board.factory)
    taken.close()

    HarnessLines(PINOUT, board.factory).close()
