"""A live device that is turned by hand: real adapters on simulated parts, asked for by name; its clock goes when told.

What hears runs in no thread here: it is turned by hand as well, after the edges of the same moment.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from datetime import datetime, timedelta, timezone
from functools import partial
from pathlib import Path
from typing import Any, Self

import pytest

from pi_companion import config, station_file
from pi_companion.adapters.draw import draw
from pi_companion.adapters.oled import Oled, open_oled
from pi_companion.bench.board import Board
from pi_companion.bench.phone import DeskPhone
from pi_companion.core import screens
from pi_companion.core.attended import Seat
from pi_companion.core.facts import Fact, PartFound, PartLost
from pi_companion.core.states import Screen
from pi_companion.live.notify import Notify
from pi_companion.live.parts import Parts
from pi_companion.live.service import Live
from pi_companion.live.tap_keeper import Audio
from pi_companion.packs import load_pack
from pi_companion.pinout import Pinout

SILENCE = bytes(1280)  # 20 ms of both sides
TEXTS = load_pack(None, names={"agent_name": ""}).texts


class ScreenAtOnce:
    """Shows what it is told before it returns."""

    def __init__(self, open_panel: Callable[[], Oled], report: Callable[[Fact], None], now: Callable[[], int]) -> None:
        self.oled, self.report, self.now = open_panel(), report, now
        self.show, self.set_panel = self.oled.show, self.oled.set_panel

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def check(self) -> None:
        pass

    def close(self, last: Screen | None = None) -> None:
        if last is not None:
            self.oled.show(last)
        self.oled.close(keep_picture=last is not None)


class Bench:
    """See the module. `loading_ms`: so long a side's recogniser takes to be made, which then hears nothing."""

    def __init__(
        self,
        station_path: Path | None = None,
        site: config.Site | None = None,
        notify: Notify | None = None,
        *,
        faults: tuple[str, ...] = (),
        seat: Seat | None = None,
        loading_ms: int = 0,
    ) -> None:
        self.ms = 1000
        self.asleep_ms = 0
        self.wall = datetime(2026, 11, 20, 16, 42, tzinfo=timezone(timedelta(hours=8)))
        self.phone = DeskPhone(key_delay_ms=60, faults=faults)
        self.board = Board(Pinout(), self.phone)
        self.oled = open_oled("capture")
        self.is_recording = False
        self.at_opening: Callable[[], None] = lambda: None
        self.parts = Parts(factory=self.board.factory, open_panel=lambda: self.oled, is_simulated=True)

        def load(_pack: object, _side: object) -> None:
            self.ms += loading_ms

        self.live = Live(
            site or config.Site(),
            self.parts,
            load if loading_ms else None,  # type: ignore[arg-type]  # what loads hears nothing
            keep=partial(station_file.store, station_path) if station_path else None,
            seat=seat,
            notify=notify,
            new_tap=self.new_tap,
            new_screen=ScreenAtOnce,  # type: ignore[arg-type]  # as much of a screen as is asked for
            run_hearing=lambda _hearing: nullcontext(),
            monotonic_ns=lambda: self.ms * 1_000_000,
            boottime_ns=lambda: (self.ms + self.asleep_ms) * 1_000_000,
            wall_now=lambda: self.wall,
        )

    @contextmanager
    def new_tap(
        self,
        _audio: config.Audio,
        deliver: Callable[[Audio | PartLost | PartFound], None],
        _now: Callable[[], int],
        *,
        has_customer_side: bool,
    ) -> Iterator[None]:
        assert has_customer_side
        self.to_hearing = deliver
        self.is_recording = True
        self.at_opening()
        try:
            yield
        finally:
            self.is_recording = False

    @property
    def now(self) -> int:
        return self.live._now()

    def deliver(self, *, is_after_loss: bool = False) -> None:
        """Silence from the card, 20 ms that end now."""
        self.to_hearing(Audio(at=self.now, pcm=SILENCE, is_after_loss=is_after_loss))

    def settle(self) -> None:
        """Turn until everything that waits is done."""
        live = self.live
        while live._inbox.facts_waiting or live._hearing.turn(0):
            live.turn(0)

    def hears(self, ms: int) -> None:
        """Silence from the card for so long, in real time of the bench's clock."""
        for _ in range(ms // 20):
            self.ms += 20
            self.board.set_time(self.now)
            self.deliver()
            self.settle()
            self.live.turn(0)

    def passes(self, ms: int, *facts: Fact) -> None:
        """Time without audio."""
        self.ms += ms
        self.board.set_time(self.now)
        for fact in facts:
            self.live._inbox.put(fact)
        self.live.turn(0)
        self.settle()

    def opened(self) -> AbstractContextManager[ExitStack]:
        """Open it as `run` does; it ends with the block."""
        stack = ExitStack()
        self.live._open(stack)
        self.settle()
        return stack


def lights(bench: Bench) -> tuple[bool, ...]:
    return (bench.board.light("green"), bench.board.light("amber"), bench.board.light("red"), bench.board.light("mute"))


def journal(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [json.loads(record.getMessage()) for record in caplog.records]


def shows(bench: Bench, title: str, hint: str) -> bool:
    assert bench.oled.picture is not None
    return bench.oled.picture.tobytes() == draw(screens.fault(title, hint)).tobytes()
