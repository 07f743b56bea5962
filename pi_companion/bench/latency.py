"""How long from an edge to the light it asks for, on this machine? The live device on a simulated board, in real time.

    python -m pi_companion.bench.latency [SECONDS]

One core is kept busy by another process, and a bundled call is spoken into the tap all the while. From each figure the
time for which a line must hold still is taken off; what is left is ours: waking, deciding, driving the pin. Printed,
never asserted: it depends on what else this machine does.
"""

import argparse
import random
import subprocess
import sys
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from itertools import cycle
from typing import Final

from rich.console import Console
from rich.table import Table

from pi_companion import config
from pi_companion.adapters.oled import open_oled
from pi_companion.bench.calls import bundled_call
from pi_companion.bench.live_desk import LiveDesk
from pi_companion.core.effects import Effect, SetLeds
from pi_companion.core.facts import PartFound, PartLost
from pi_companion.core.leds import Lights
from pi_companion.core.states import Light
from pi_companion.live.hearing import Hearing
from pi_companion.live.parts import Parts
from pi_companion.live.service import Live
from pi_companion.live.tap_keeper import Audio
from pi_companion.session import folder
from pi_companion.speech import grammar, models, vosk_recogniser

_BLOCK: Final = 1280  # 20 ms of both sides
_BLOCK_S: Final = 0.02
_PATIENCE_S: Final = 1.0
_BETWEEN_CALLS_S: Final = 1.5
"""A lamp that turns more often is taken for one that flickers, and is not believed."""
_BUSY: Final = "while True: pass"


class Stopwatch:
    """From the edge to the light. `before_edge` and `perform` are called where these happen, `expect` before both."""

    def __init__(self) -> None:
        self.taken_ms: dict[str, list[float]] = defaultdict(list)
        self.missed = 0
        self._lights = Lights()
        self._wanted: tuple[str, Lights, int] | None = None
        self._edge_ns: int | None = None
        self._is_seen = threading.Event()

    def expect(self, what: str, lights: Lights, settle_ms: int, act: Callable[[], None]) -> None:
        """Do what makes an edge, and wait until the LEDs are asked to be so."""
        self._is_seen.clear()
        self._edge_ns = None
        self._wanted = (what, lights, settle_ms)
        act()
        if not self._is_seen.wait(_PATIENCE_S):
            self.missed += 1
        self._wanted = None

    def before_edge(self) -> None:
        """Note when the line changes."""
        if self._wanted is not None and self._edge_ns is None:
            self._edge_ns = time.perf_counter_ns()

    def perform(self, effect: Effect) -> None:
        """Note when the LEDs are as expected."""
        if not isinstance(effect, SetLeds) or self._wanted is None or self._edge_ns is None:
            return
        what, lights, settle_ms = self._wanted
        if lights == Lights(effect.green, effect.amber, effect.red, effect.mute):
            self.taken_ms[what].append((time.perf_counter_ns() - self._edge_ns) / 1e6 - settle_ms)
            self._wanted = None
            self._is_seen.set()


class Talk:
    """A call spoken into the tap in real time, and a hearing whose every block is timed."""

    def __init__(self, pcm: bytes) -> None:
        self._pcm = pcm
        self._came_at: deque[float] = deque()
        self.heard_ms: list[float] = []

    @contextmanager
    def tap(
        self,
        _audio: config.Audio,
        deliver: Callable[[Audio | PartLost | PartFound], None],
        now: Callable[[], int],
        **_: object,
    ) -> Iterator[None]:
        """Deliver a block each 20 ms until the block ends."""

        def speak(is_over: threading.Event) -> None:
            due = time.monotonic()
            for start in cycle(range(0, len(self._pcm) - _BLOCK, _BLOCK)):
                due += _BLOCK_S
                if is_over.wait(max(0.0, due - time.monotonic())):
                    return
                self._came_at.append(time.perf_counter())
                deliver(Audio(at=now(), pcm=self._pcm[start : start + _BLOCK], is_after_loss=False))

        with _thread(speak):
            yield

    @contextmanager
    def hear(self, hearing: Hearing) -> Iterator[None]:
        """Have it turn until the block ends."""

        def listen(is_over: threading.Event) -> None:
            while not is_over.is_set():
                if hearing.turn() and self._came_at:
                    self.heard_ms.append((time.perf_counter() - self._came_at.popleft()) * 1000)

        with _thread(listen):
            yield


@contextmanager
def _thread(work: Callable[[threading.Event], None]) -> Iterator[None]:
    is_over = threading.Event()
    thread = threading.Thread(target=work, args=(is_over,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def measure(seconds: float, *, is_core_busy: bool = True) -> tuple[Stopwatch, Talk]:
    """Run the live device for so long, with calls that come, are answered, muted, unmuted and ended at random times."""
    watch, talk = Stopwatch(), Talk(folder.read_audio(folder.load(bundled_call("06-talks-over"))))
    site = config.Site()
    limits = config.pack_of(site).limits
    model = models.resolve(None, None)
    desk, is_ready = LiveDesk(before_edge=watch.before_edge), threading.Event()
    live = Live(
        site,
        Parts(factory=desk.board.factory, open_panel=lambda: open_oled("capture"), is_simulated=True),
        partial(grammar.recogniser, vosk_recogniser.load(model.path), model.path),
        performers=[watch.perform],
        new_tap=talk.tap,
        run_hearing=talk.hear,
        when_ready=is_ready.set,
    )

    def use(is_over: threading.Event) -> None:
        while not is_ready.wait(0.1):  # before it listens it promises nothing
            if is_over.is_set():
                return
        until = time.monotonic() + seconds
        while time.monotonic() < until and not is_over.is_set():
            for what, lights, settle_ms, act in (
                ("ring → green", Lights(green=Light.ON), limits.ringing.settle_ms, desk.ring),
                ("handset → dark", Lights(), limits.line.settle_ms, desk.hook),
                ("lamp lit → mute LED", Lights(mute=Light.ON), limits.mute.lit_settle_ms, desk.own_mute_key),
                ("lamp dark → dark", Lights(), 0, desk.own_mute_key),
            ):
                watch.expect(what, lights, settle_ms, act)
                is_over.wait(random.uniform(0.05, 0.25))  # noqa: S311 - no secret hangs on it
            desk.hook()
            is_over.wait(_BETWEEN_CALLS_S)
        live.stop()

    with ExitStack() as stack:
        if is_core_busy:
            busy = stack.enter_context(subprocess.Popen([sys.executable, "-c", _BUSY]))  # noqa: S603 - our own words
            stack.callback(busy.kill)
        stack.enter_context(desk.running())
        stack.enter_context(_thread(use))
        live.run()
    return watch, talk


def report(watch: Stopwatch, talk: Talk) -> Table:
    """Return the distributions as a table."""
    table = Table(title="edge → LED request, less the time to hold still; one core busy, a call being spoken; ms")
    for column in ("what", "number", "p50", "p99", "max"):
        table.add_column(column, justify="left" if column == "what" else "right")
    rows = {**watch.taken_ms, "all edges": [each for taken in watch.taken_ms.values() for each in taken]}
    for what, taken in {**rows, "block of 20 ms → heard": talk.heard_ms}.items():
        if taken:
            table.add_row(what, str(len(taken)), *(f"{_share(taken, share):.1f}" for share in (50, 99, 100)))
    table.add_row("edges without their light", str(watch.missed), "", "", "")
    return table


def _share(taken: list[float], share: int) -> float:
    return sorted(taken)[min(len(taken) - 1, len(taken) * share // 100)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m pi_companion.bench.latency", description=__doc__)
    parser.add_argument("seconds", type=float, nargs="?", default=60.0, help="how long to measure; default: 60")
    seconds = parser.parse_args().seconds
    Console().print(report(*measure(seconds)))
