"""How does the live device run? Tap and lines into one queue, one thread that decides, effects out.

Replay and live share `Shell`; here is only what is live: threads that enqueue, the monotonic clock, lost parts as
facts (law 10), and a MUTE contact that is open whenever this ends, however it ends (law 6). Audio time is counted in
samples (law 2) and set right where the card's clock has drifted from the machine's. Not yet proved on a Raspberry Pi.
"""

import logging
import queue
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import FrameType
from typing import Any, Final

from pi_companion import config
from pi_companion.adapters import calendar, cards, gallery, tap
from pi_companion.adapters.line import Line
from pi_companion.adapters.oled import Oled, open_oled
from pi_companion.adapters.panel import Panel, wall_clock_guard
from pi_companion.adapters.pins import open_chip
from pi_companion.adapters.voice import WebRtcVoice
from pi_companion.core.companion import Companion
from pi_companion.core.effects import CadenceLearned, Effect, PressMute, ReleaseMute, SetLeds, SetPanel, ShowScreen
from pi_companion.core.facts import Button, ButtonPressed, Fact, Part, PartFound, PartLost, Side
from pi_companion.core.framer import SAMPLE_RATE_HZ, Framer
from pi_companion.core.settings import Pack
from pi_companion.core.spurts import SpurtLimits
from pi_companion.core.states import Screen
from pi_companion.errors import HardwareError
from pi_companion.live.wall_clock import WallClock
from pi_companion.pinout import Pinout
from pi_companion.session.codec import Encoder, line
from pi_companion.shell import NewMind, Perform, Shell
from pi_companion.speech.ear import Ear, Recogniser
from pi_companion.station_file import Keeper

QUEUE_BLOCKS: Final = 500  # 10 s of audio: longer stalls lose some, and say so
STALL_MS: Final = 1000  # no audio for this long: the tap is lost
REREAD_MS: Final = 2000  # the kernel queues 16 edges a line: levels are read again this often
DRIFT_MS: Final = 300  # the card's clock may be this far from the machine's; a card 100 ppm off gets there in an hour
LONGEST_TURN_MS: Final = 200  # a signal to stop is heeded within this
_FRAME_BYTES: Final = 4  # one sample of both sides
_UNLOGGED_KINDS: Final = frozenset({"screen", "panel", "level", "spurt"})
_UNLOGGED_FIELDS: Final = frozenset({"phrase", "text", "shown"})  # the journal has rule ids and counts (law 9)
_LOG: Final = logging.getLogger("pi_companion")


@dataclass(slots=True, kw_only=True)
class Parts:
    """What the live device stands on, opened; `missing` explains what is not there."""

    card: cards.Card | None
    factory: Any
    oled: Oled | None
    missing: list[str]


def open_parts(site: config.Site) -> Parts:
    """Open the sound card's entry, the GPIO chip and the OLED; never raise, say everything that is missing."""
    missing: list[str] = []

    def attempt(open_part: Callable[[], Any]) -> Any:  # noqa: ANN401 - three parts, one way to fail
        try:
            return open_part()
        except HardwareError as error:
            missing.append(str(error))
            return None

    return Parts(
        card=attempt(lambda: cards.choose(site.audio.device)),
        factory=attempt(open_chip),
        oled=attempt(
            lambda: open_oled(site.display.kind, port=site.display.i2c_port, address=site.display.i2c_address)
        ),
        missing=missing,
    )


OpenTap = Callable[[cards.Card, Callable[[tap.Block], None]], AbstractContextManager[object]]


@dataclass(frozen=True, slots=True)
class _Arrived:
    """Audio, when it came, session milliseconds, and whether some was lost just before it."""

    at: int
    pcm: bytes
    is_after_loss: bool


class Live:
    """The live device. `new_recogniser` None: speech is off, and the OLED says so.

    `new_mind` makes what decides. `station_path`: where what is learned is kept; None: nowhere. `open_tap` and the
    clocks are there to run it on a bench. Raises `HardwareError` if a part is missing.
    """

    def __init__(
        self,
        site: config.Site,
        parts: Parts,
        new_recogniser: Callable[[Pack, Side], Recogniser] | None,
        *,
        new_mind: NewMind = Companion,
        performers: Sequence[Perform] = (),
        station_path: Path | None = None,
        open_tap: OpenTap = tap.Tap,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
        wall_now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
    ) -> None:
        if parts.card is None or parts.factory is None or parts.oled is None:
            raise HardwareError("\n".join(parts.missing))
        self._card, self._factory, self._oled = parts.card, parts.factory, parts.oled
        self._has_speech = new_recogniser is not None
        self._has_busy_lamp = site.station.busy_lamp
        self._open_tap, self._monotonic_ns, self._wall_now = open_tap, monotonic_ns, wall_now
        self._began_ns = monotonic_ns()
        self._wall = WallClock(calendar.occasion)
        self._keeper = Keeper(station_path, _LOG.warning)
        station = site.station
        pack = config.pack_of(site)
        gallery.require_fit(pack, station, site.pack_path)
        self._encoder = Encoder()
        self._shell = Shell(new_mind(pack, station), [self._perform, *performers])
        self._ears = {
            side: Ear(side, WebRtcVoice(), new_recogniser(pack, side) if new_recogniser else None, SpurtLimits())
            for side in Side
        }
        self._inbox: queue.SimpleQueue[_Arrived | Fact] = queue.SimpleQueue()
        self._is_audio_dropped = False
        self._framer = Framer()
        self._framed_to = 0
        self._arrived_at = 0
        self._is_tap_lost = False
        self._unshown: Screen | None = None
        self._handled_to = 0
        self._is_stopping = False

    def run(self, is_over: Callable[[], bool] = lambda: False) -> None:
        """Run until SIGTERM or SIGINT, or until it is over.

        The contact is open and the LEDs dark when this returns or raises.
        """
        with ExitStack() as stack:
            for number in (signal.SIGTERM, signal.SIGINT):
                stack.callback(signal.signal, number, signal.signal(number, self._stop))
            self._open(stack)
            while not self._is_stopping and not is_over():
                self.turn()

    def _open(self, stack: ExitStack) -> None:
        stack.enter_context(self._keeper)
        stack.callback(self._factory.close)
        stack.callback(self._oled.close)
        pinout = Pinout()
        self._panel = stack.enter_context(Panel(pinout, self._factory, after=wall_clock_guard))
        self._began_ns = self._monotonic_ns()
        ticks = self._factory.ticks()

        def milliseconds_of(edge: Any) -> int:  # noqa: ANN401 - ticks are opaque
            seconds: float = self._factory.ticks_diff(edge, ticks)
            return max(0, round(seconds * 1000))

        self._lines = stack.enter_context(
            Line(pinout, self._factory, self._inbox.put, milliseconds_of, has_busy_lamp=self._has_busy_lamp)
        )
        self._reread()
        self._read_wall()
        if not self._has_speech:
            self._deliver(PartLost(at=self._now(), part=Part.SPEECH, detail="no speech model"))
        self._arrived_at = self._framed_to = self._now()
        self._framer.skip_to(self._framed_to)
        stack.enter_context(self._open_tap(self._card, self._take_audio))

    def turn(self) -> None:
        """Wait for the next thing that happens or is due, and do it."""
        now = self._now()
        dues = [self._shell.deadline(), self._panel.deadline(), now + LONGEST_TURN_MS]
        wait_ms = max(0, min(due for due in dues if due is not None) - now)
        try:
            happening = self._inbox.get(timeout=wait_ms / 1000)
        except queue.Empty:
            happening = None
        match happening:
            case _Arrived():
                self._hear(happening)
            case Fact():
                self._deliver(happening)
            case None:
                pass
        now = self._now()
        self._shell.pass_time(now)
        self._handled_to = max(self._handled_to, now)
        self._panel.pass_time(now)
        if now - self._arrived_at > STALL_MS:
            self._lose_tap("no audio comes from the sound card")
        self._read_wall()
        if now - self._reread_at > REREAD_MS:
            self._reread()
            if self._unshown is not None:
                self._show(self._unshown)

    def _reread(self) -> None:
        self._reread_at = self._now()
        self._lines.reread()

    def _read_wall(self) -> None:
        if (fact := self._wall.read(self._now(), self._wall_now())) is not None:
            self._deliver(fact)

    def press(self, button: Button) -> None:
        """Press one of the device's buttons from another thread: a terminal has them, too."""
        self._inbox.put(ButtonPressed(at=self._now(), button=button))

    def _take_audio(self, block: tap.Block) -> None:
        """Called on the sound card's thread: enqueue or, when 10 s behind, drop and say so with the next block."""
        self._arrived_at = self._now()
        if self._inbox.qsize() >= QUEUE_BLOCKS:
            self._is_audio_dropped = True
            return
        is_after_loss, self._is_audio_dropped = block.is_after_loss or self._is_audio_dropped, False
        self._inbox.put(_Arrived(self._arrived_at, block.pcm, is_after_loss))

    def _hear(self, audio: _Arrived) -> None:
        length_ms = len(audio.pcm) // _FRAME_BYTES * 1000 // SAMPLE_RATE_HZ
        if audio.is_after_loss:
            self._lose_tap("audio was lost: the machine is too busy")
        drift_ms = audio.at - (self._framed_to + length_ms)
        is_drifted = abs(drift_ms) > DRIFT_MS and not any(ear.is_talking for ear in self._ears.values())
        if self._is_tap_lost or is_drifted:
            self._framed_to = audio.at - length_ms
            self._framer.skip_to(self._framed_to)
        if self._is_tap_lost:
            self._is_tap_lost = False
            self._deliver(PartFound(at=self._framed_to, part=Part.TAP))
        self._framed_to += length_ms
        for frame in self._framer.cut(audio.pcm):
            for side, pcm in ((Side.AGENT, frame.agent), (Side.CUSTOMER, frame.customer)):
                for fact in self._ears[side].hear(frame.at, pcm):
                    self._deliver_heard(fact)

    def _lose_tap(self, detail: str) -> None:
        if self._is_tap_lost:
            return
        self._is_tap_lost = True
        now = self._now()
        self._deliver(PartLost(at=now, part=Part.TAP, detail=detail))  # before what was heard up to here: half of it
        for ear in self._ears.values():
            for fact in ear.stop(now):
                self._deliver_heard(fact)

    def _deliver(self, fact: Fact) -> None:
        """Hand a fact in, never before one that was handled: the sources' clocks differ by a block or two."""
        self._handled_to = max(self._handled_to, fact.at)
        self._shell.deliver(fact if fact.at == self._handled_to else replace(fact, at=self._handled_to))

    def _deliver_heard(self, fact: Fact) -> None:
        """Hand in what an ear made of audio: known only now, so that what follows lasts as long as it must."""
        self._deliver(replace(fact, at=max(fact.at, self._now())))

    def _perform(self, effect: Effect) -> None:
        match effect:
            case ShowScreen():
                self._show(effect.screen)
            case CadenceLearned():
                self._keeper.keep({"ring_period_ms": effect.period_ms})
            case SetPanel():
                self._oled.set_panel(effect.brightness_pct, effect.shift)
            case SetLeds() | PressMute() | ReleaseMute():
                self._panel.pass_time(self._now())  # a pulse lasts from now, not from when it was decided
                self._panel.perform(effect)
            case _:
                pass
        event = self._encoder.encode(effect)
        if event is not None and event["kind"] not in _UNLOGGED_KINDS:
            _LOG.info("%s", line({name: value for name, value in event.items() if name not in _UNLOGGED_FIELDS}))

    def _show(self, screen: Screen) -> None:
        """Show a screen; a panel that does not answer is a lost part, tried again with every reread."""
        was_lost, self._unshown = self._unshown is not None, None
        try:
            self._oled.show(screen)
        except HardwareError as error:
            self._unshown = screen
            if not was_lost:
                self._inbox.put(PartLost(at=self._now(), part=Part.OLED, detail=str(error)))
        else:
            if was_lost:
                self._inbox.put(PartFound(at=self._now(), part=Part.OLED))

    def _now(self) -> int:
        return (self._monotonic_ns() - self._began_ns) // 1_000_000

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._is_stopping = True
