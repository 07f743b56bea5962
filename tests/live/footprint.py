"""What does the live device keep in memory? In a process of its own, a call spoken into it: for `test_footprint.py`.

    python -m tests.live.footprint AUDIO

`AUDIO`: 16-bit stereo at 16 kHz without a header. Everything that the service loads, simulated desk phone and board,
hearing in its own thread. Prints a line a step, then the modules that were loaded, as JSON.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

import pi_companion.cli  # noqa: F401 - what the command line loads is loaded here, too
from pi_companion.adapters.oled import open_oled
from pi_companion.bench.board import Board
from pi_companion.bench.phone import DeskPhone
from pi_companion.cli_device import live_recogniser
from pi_companion.live import journal
from pi_companion.live.parts import Parts, read_harness
from pi_companion.live.service import Live
from pi_companion.live.tap_keeper import Audio
from pi_companion.pinout import Pinout
from pi_companion.site import identity

BLOCK_MS: Final = 20
_BLOCK_BYTES: Final = 1280
_BEHIND_MS: Final = 1000


def memory_mib() -> dict[str, float]:
    """What of this process is in memory now, what was at most, and its share where pages are shared with others."""
    fields = {}
    for path, names in (("status", {"VmRSS", "VmHWM"}), ("smaps_rollup", {"Pss"})):
        for line in Path("/proc/self", path).read_text(encoding="ascii").splitlines():
            name, _, rest = line.partition(":")
            if name in names:
                fields[name] = int(rest.split()[0]) / 1024
    return fields


def tell(step: str) -> None:
    print(json.dumps({"step": step} | {name: round(mib, 1) for name, mib in memory_mib().items()}), flush=True)


class Desk:
    """The live device whose clock goes by the audio, a block at a time, never far ahead of what is heard."""

    def __init__(self, state: Path) -> None:
        self.ms = 0
        self.phone = DeskPhone(key_delay_ms=60)
        self.board = Board(Pinout(), self.phone)
        who = identity.settle(None, read_harness, environ={"STATE_DIRECTORY": str(state)})
        recogniser, name = live_recogniser(None, "companion-zh")
        tell("model loaded")
        self.live = Live(
            who.site,
            Parts(factory=self.board.factory, open_panel=lambda: open_oled("capture"), is_simulated=True),
            recogniser,
            model=name,
            new_tap=self.new_tap,
            monotonic_ns=lambda: self.ms * 1_000_000,
            boottime_ns=lambda: self.ms * 1_000_000,
        )

    @contextmanager
    def new_tap(
        self, _audio: object, deliver: Callable[[Audio], None], _now: object, **_rest: object
    ) -> Iterator[None]:
        self.deliver = deliver
        yield

    def hears(self, pcm: bytes) -> None:
        """Speak so much audio into the tap."""
        live = self.live
        for start in range(0, len(pcm), _BLOCK_BYTES):
            self.ms += BLOCK_MS
            self.phone.advance(live._now())
            self.board.set_time(live._now())
            self.deliver(Audio(at=live._now(), pcm=pcm[start : start + _BLOCK_BYTES], is_after_loss=False))
            live.turn(0)
            while live._inbox.audio_waiting > _BEHIND_MS // BLOCK_MS:
                time.sleep(0.005)


def main(audio: Path) -> None:
    with tempfile.TemporaryDirectory() as state, journal.written(), ExitStack() as stack:
        desk = Desk(Path(state))
        desk.live._open(stack)
        desk.hears(bytes(100 * _BLOCK_BYTES))
        tell("listening")
        desk.phone.ring(desk.live._now(), on=True)
        desk.hears(bytes(50 * _BLOCK_BYTES))
        desk.phone.hook(desk.live._now(), off_hook=True)
        desk.hears(audio.read_bytes())
        tell("in a call")
        desk.phone.hook(desk.live._now(), off_hook=False)
        desk.hears(bytes(500 * _BLOCK_BYTES))
        tell("after the call")
    print(json.dumps(sorted(sys.modules)))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
