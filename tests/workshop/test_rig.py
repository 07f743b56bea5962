"""The unit on this machine: what it asks, and what it records; its tap is simulated here."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import numpy as np
import pytest

from pi_companion.bench.board import Board
from pi_companion.bench.phone import DeskPhone
from pi_companion.config import Site
from pi_companion.core.facts import Part, PartLost
from pi_companion.errors import HardwareError
from pi_companion.live.tap_keeper import Audio
from pi_companion.pinout import Pinout
from pi_companion.workshop import rig as module
from pi_companion.workshop.rig import Ask, DeskRig

BLOCK = np.tile(np.array([100, -200], np.int16), (320, 1))
"""20 ms: the agent's side, the customer's."""

Deliver = Callable[[object], None]
NewTap = Callable[..., AbstractContextManager[None]]


def tap(*happenings: object) -> NewTap:
    """What stands in for the sound card."""

    @contextmanager
    def opened(_audio: object, deliver: Deliver, _now: object, *, has_customer_side: bool) -> Iterator[None]:
        assert has_customer_side
        for happening in happenings:
            deliver(happening)
        yield

    return opened


@pytest.fixture
def said() -> list[str]:
    return []


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch, said: list[str]) -> Iterator[DeskRig]:
    board = Board(Pinout(), DeskPhone())
    monkeypatch.setattr(module, "open_chip", lambda: board.factory)
    with DeskRig(Site(), said.append, lambda _what: None) as rig:
        yield rig


def test_what_a_person_is_to_do_is_printed(rig: DeskRig, said: list[str]) -> None:
    rig.ask(Ask.LIFT)

    assert said == [f"  now: {Ask.LIFT}"]


def test_as_much_is_recorded_as_was_asked_for_each_side_in_its_column(
    rig: DeskRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    audio = Audio(at=0, pcm=BLOCK.tobytes(), is_after_loss=False)
    monkeypatch.setattr(module, "TapKeeper", tap(audio, audio, audio))

    assert rig.record(40).tolist() == np.concatenate((BLOCK, BLOCK)).tolist()


def test_a_card_that_is_lost_is_told_at_once(rig: DeskRig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TapKeeper", tap(PartLost(at=0, part=Part.TAP, detail="no stereo input")))

    with pytest.raises(HardwareError, match="no stereo input"):
        rig.record(4000)


def test_a_card_that_gives_nothing_is_not_waited_for_for_ever(rig: DeskRig, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0]

    def wait(ms: int) -> None:
        now[0] += ms

    monkeypatch.setattr(module, "TapKeeper", tap())
    monkeypatch.setattr(rig, "now", lambda: now[0])
    monkeypatch.setattr(rig, "wait", wait)

    with pytest.raises(HardwareError, match="the sound card gives no audio"):
        rig.record(4000)
