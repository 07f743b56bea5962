"""The running device knows which station it is plugged into, and says so to whoever asks."""

import logging

import pytest

from pi_companion.bench.board import Board
from pi_companion.bench.phone import DeskPhone
from pi_companion.core.harness import HarnessChanged, HarnessState, word_of
from pi_companion.live import status
from pi_companion.live.harness_watch import HarnessWatch
from pi_companion.pinout import Pinout
from tests.live.live_bench import Bench, journal


def test_a_harness_that_is_swapped_is_told_at_once_and_named_when_it_holds_still() -> None:
    board, told = Board(Pinout(), DeskPhone()), list[HarnessChanged]()
    board.strap(word_of(12))
    with HarnessWatch(Pinout(), board.factory, told.append) as watch:
        for at in range(0, 5000, 20):
            if at == 1000:
                board.strap(0)
            if at == 3000:
                board.strap(word_of(13))
            watch.check(at)

    assert [(fact.state, fact.code) for fact in told] == [
        (HarnessState.CHANGING, None),
        (HarnessState.READ, 12),
        (HarnessState.CHANGING, None),
        (HarnessState.MISSING, None),
        (HarnessState.CHANGING, None),
        (HarnessState.READ, 13),
    ]
    assert (told[2].at, told[-1].at) == (1000, 3600)


def test_status_and_journal_name_the_station(caplog: pytest.LogCaptureFixture) -> None:
    bench = Bench()
    bench.board.strap(word_of(12))
    with caplog.at_level(logging.INFO, "pi_companion"), bench.opened():
        bench.hears(1000)
        document = bench.live.document()

    assert dict(status.told(document))["harness"] == "station code 12 (at ground: 4, 8, parity)"
    events = [{**event, "at": 0} for event in journal(caplog) if event["kind"] == "harness"]
    assert events == [{"at": 0, "kind": "harness", "state": "read", "code": 12}]
