"""A whole call through the live device in a process of its own, as fast as it is understood: for `test_privacy.py`.

    python -m tests.live.live_call CALL RUNTIME STATE REPORT [LEAKS]

Simulated desk phone and board, asked for by name; real recogniser, real journal on standard error, real status socket
and station file. Three rings that nobody answers come first, so that there is a rhythm to be kept. `LEAKS`: what a
careless change might do, to see the test fail: of `file sound socket journal` any.
"""

import json
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from pi_companion import config
from pi_companion.adapters.oled import open_oled
from pi_companion.bench.board import Board
from pi_companion.bench.phone import DeskPhone
from pi_companion.cli_device import live_recogniser
from pi_companion.core.facts import Fact, PartFound, PartLost, WordsHeard
from pi_companion.live import journal, status
from pi_companion.live.notify import Notify
from pi_companion.live.parts import Parts
from pi_companion.live.service import Live
from pi_companion.live.tap_keeper import Audio
from pi_companion.pinout import Pinout
from pi_companion.session import folder as call
from pi_companion.station_file import store
from tests.live import privacy

BLOCK_MS: Final = 20
_BLOCK_BYTES: Final = 1280
_RINGS_MS: Final = 20_000


class Desk:
    """The live device with a clock that goes a block at a time."""

    def __init__(self, runtime: Path, state: Path, watchers: list[Callable[[Fact], None]]) -> None:
        self.ms = 0
        self.phone = DeskPhone(key_delay_ms=60)
        self.board = Board(Pinout(), self.phone)
        recogniser, name = live_recogniser(None, "")
        self.live = Live(
            config.Site(),
            Parts(factory=self.board.factory, open_panel=lambda: open_oled("capture"), is_simulated=True),
            recogniser,
            watchers=watchers,
            keep=partial(store, state / "station.toml"),
            model=name,
            notify=Notify({"NOTIFY_SOCKET": str(runtime / "notify")}),
            new_tap=self.new_tap,
            run_hearing=lambda _hearing: nullcontext(),
            monotonic_ns=lambda: self.ms * 1_000_000,
            boottime_ns=lambda: self.ms * 1_000_000,
            wall_now=lambda: datetime.fromisoformat("2026-11-20T16:42:00+08:00"),
        )

    @contextmanager
    def new_tap(
        self, _audio: object, deliver: Callable[[Audio | PartLost | PartFound], None], _now: object, **_rest: object
    ) -> Iterator[None]:
        self.deliver = deliver
        yield

    def hears(self, pcm: bytes) -> None:
        """One block from the card, and everything that follows from it."""
        self.ms += BLOCK_MS
        self.phone.advance(self.live._now())
        self.board.set_time(self.live._now())
        self.deliver(Audio(at=self.live._now(), pcm=pcm, is_after_loss=False))
        live = self.live
        while live._hearing.turn(0) or live._inbox.facts_waiting:
            live.turn(0)
        live.turn(0)

    def passes(self, wire: call.LineEvent) -> None:
        now = self.live._now()
        match wire:
            case call.RingEdge():
                self.phone.ring(now, wire.is_active)
            case call.HookEdge():
                self.phone.hook(now, wire.is_off_hook)
            case _:
                pass


def play(desk: Desk, folder: call.CallFolder, ask: Callable[[], None]) -> None:
    """Ring three times in vain, then the call; `ask` in the middle of it."""
    for at in range(0, _RINGS_MS, BLOCK_MS):
        if at % 5000 in {1000, 2000} and at < 17_000:
            desk.phone.ring(desk.live._now(), at % 5000 == 1000)
        desk.hears(bytes(_BLOCK_BYTES))
    audio, wires = call.read_audio(folder), list(folder.lines)
    for number, start in enumerate(range(0, len(audio), _BLOCK_BYTES)):
        while wires and wires[0].at <= number * BLOCK_MS:
            desk.passes(wires.pop(0))
        desk.hears(audio[start : start + _BLOCK_BYTES].ljust(_BLOCK_BYTES, b"\0"))
        if start // _BLOCK_BYTES == len(audio) // _BLOCK_BYTES // 2:
            ask()


def careless(kinds: Sequence[str], runtime: Path, audio: bytes) -> Callable[[Fact], None]:
    """Return a watcher that lets words or audio out, as a careless change might."""

    def leak(fact: Fact) -> None:
        if not isinstance(fact, WordsHeard) or not fact.words:
            return
        text = "".join(word.text for word in fact.words)
        if "file" in kinds:
            (runtime / "last.txt").write_text(text)
        if "sound" in kinds:
            (runtime / "last.pcm").write_bytes(audio[800_001:804_001])
        if "socket" in kinds:
            Notify({"NOTIFY_SOCKET": "@elsewhere"}).status(text)
        if "journal" in kinds:
            logging.getLogger("pi_companion").info("heard %s", ascii(text))

    return leak


def main(folder: Path, runtime: Path, state: Path, report: Path, leaks: str = "") -> None:
    """Play the call; write what was touched, what `status` said, and how many pulses there were to `report`."""
    opened = call.load(folder)
    touched: list[str] = []
    said: list[object] = []
    heard: list[int] = []
    watchers: list[Callable[[Fact], None]] = [
        lambda fact: heard.append(len(fact.words)) if isinstance(fact, WordsHeard) else None,
        careless(leaks.split(), runtime, call.read_audio(opened)),
    ]
    desk = Desk(runtime, state, watchers)
    sys.dont_write_bytecode = True
    privacy.watch(touched)
    with journal.written(logging.DEBUG), ExitStack() as stack:
        stack.enter_context(status.answering(runtime / status.SOCKET, desk.live.document))
        desk.live._open(stack)
        desk.live._notify.ready()
        play(desk, opened, lambda: said.append(status.ask([runtime])))
    result = {
        "touched": list(touched),
        "status": said,
        "words": sum(heard),
        "presses": desk.phone.presses,
    }
    report.write_text(json.dumps(result))


if __name__ == "__main__":
    call_folder, runtime_folder, state_folder, report_file = map(Path, sys.argv[1:5])
    main(call_folder, runtime_folder, state_folder, report_file, " ".join(sys.argv[5:]))
