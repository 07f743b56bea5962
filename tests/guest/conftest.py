"""The parts of the desk in the guest, as tests ask for them. Only the `live_*.py` files do: they run in there."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.guest.desk import Desk
from tests.guest.parts import Board, Card, Oled, Service


def require_guest() -> None:
    """Fail unless this is the guest: somebody's machine has pins and services of its own."""
    assert "GUEST" in os.environ, "these tests run in the guest only: make test-live"
    assert Path("/sys/kernel/debug/virtual-oled").exists(), "the guest's kernel has no virtual OLED: see its console"


@pytest.fixture
def board() -> Iterator[Board]:
    require_guest()
    board = Board()
    yield board
    board.close()


@pytest.fixture
def oled() -> Iterator[Oled]:
    require_guest()
    oled = Oled()
    yield oled
    oled.mend()


@pytest.fixture
def card() -> Iterator[Card]:
    require_guest()
    card = Card()
    yield card
    if not card.is_there():
        card.replug()


@pytest.fixture
def service(oled: Oled) -> Iterator[Service]:
    """The service, not running, with no failure to its name; stopped afterwards, too."""
    require_guest()
    service = Service()
    service.forgive()
    yield service
    oled.stuck(False)
    service.stop()


@pytest.fixture
def desk(board: Board, oled: Oled, card: Card) -> Desk:
    """A desk with its phone on-hook."""
    return Desk(board, oled, card)
