"""How does the live device run? Tap and lines into one queue, one thread that decides, effects out.

Replay and live share `Shell`; here is only what is live: threads that enqueue, the monotonic clock, lost parts as
facts (law 10), and a MUTE contact that is open whenever this ends, however it ends (law 6). Not yet proved on a
Raspberry Pi.
"""

import logging
import queue
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, replace
from types import FrameType
from typing import Any, Final

from pi_companion import config
from pi_companion.adapters import tap
from pi_companion.adapters.line import Line
from pi_companion.adapters.oled import Oled, open_oled
from pi_companion.adapters.panel import Panel, wall_clock_guard
from pi_companion.adapters.pins import open_chip
from pi_companion.adapters.voice import WebRtcVoice
from pi_companion.core.companion import Companion
from pi_companion.core.effects import Effect, PressMute, ReleaseMute, SetLeds, ShowScreen
from pi_companion.core.facts import Fact, Part, PartFound, PartLost, Side
from pi_companion.core.framer import Framer
from pi_companion.core.spurts import SpurtLimits
from pi_companion.errors import HardwareError
from pi_companion.packs import load_pack
from pi_companion.pinout import Pinout
from pi_companion.session.codec import Encoder, line
from pi_companion.shell import Shell
from pi_companion.speech.ear import Ear, Recogniser

QUEUE_BLOCKS: Final = 500  # 10 s of audio: longer stalls lose some, and say so
STALL_MS: Final = 1000  # no audio for this long: the tap is lost
REREAD_MS: Final = 2000  # the kernel queues 16 edges a line: levels are read again this often
_UNLOGGED_KINDS: Final = frozenset({"screen", "level", "spurt"})
_UNLOGGED_FIELDS: Final = frozenset({"phrase", "text", "shown"})  # the journal has rule ids and counts (law 9)
_LOG: Final = logging.getLogger("pi_companion")


@dataclass(slots=True, kw_only=True)
class Parts:
    """What the live device stands on, opened; `missing` explains what is not there."""

    card: tap.Card | None
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
        card=attempt(lambda: tap.choose(site.audio.device)),
        factory=attempt(open_chip),
        oled=attempt(
            lambda: open_oled(site.display.kind, port=site.display.i2c_port, address=site.display.i2c_address)
        ),
        missing=missing,
    )


class Live:
    """The live device. `loaded`: a Vosk model, or None: speech off, and the OLED says so."""

    def __init__(self, site: config.Site, parts: Parts, new_recogniser: Callable[[], Recogniser] | None) -> None:
        if parts.card is None or parts.factory is None or parts.oled is None:
            raise HardwareError("\n".join(parts.missing))
        self._card, self._factory, self._oled = parts.card, parts.factory, parts.oled
        self._has_speech = new_recogniser is not None
        station = site.station
        pack = load_pack(site.pack_path, names={"agent_name": station.agent_name})
        self._encoder = Encoder()
        self._shell = Shell(Companion(pack, station), [self._perform])
        self._ears = {
            side: Ear(side, WebRtcVoice(), new_recogniser() if new_recogniser else None, SpurtLimits()) for side in Side
        }
        self._inbox: queue.Queue[tap.Block | Fact] = queue.Queue(QUEUE_BLOCKS)
        self._dropped = 0
        self._framer = Framer()
        self._heard_at = 0
        self._is_tap_lost = False
        self._handled_to = 0
        self._is_stopping = False
        self._panel: Panel | None = None

    def run(self) -> None:
        """Run until SIGTERM or SIGINT; the contact is open and the LEDs dark when this returns or raises."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        pinout = Pinout()
        with ExitStack() as stack:
            self._panel = stack.enter_context(Panel(pinout, self._factory, after=wall_clock_guard))
            self._began = time.monotonic()
            ticks = self._factory.ticks()

            def milliseconds_of(edge: Any) -> int:  # noqa: ANN401 - ticks are opaque
                return max(0, int(self._factory.ticks_diff(edge, ticks) * 1000))

            self._lines = stack.enter_context(Line(pinout, self._factory, self._enqueue, milliseconds_of))
            self._reread()
            if not self._has_speech:
                self._deliver(PartLost(at=self._now(), part=Part.SPEECH, detail="no speech model"))
            stack.enter_context(tap.Tap(self._card, self._enqueue))
            self._heard_at = self._now()
            self._framer.skip_to(self._heard_at)
            while not self._is_stopping:
                self._turn()

    def _turn(self) -> None:
        now = self._now()
        dues = [self._shell.deadline(), self._panel.deadline() if self._panel else None, now + 200]
        wait_ms = max(0, min(due for due in dues if due is not None) - now)
        try:
            happening = self._inbox.get(timeout=wait_ms / 1000)
        except queue.Empty:
            happening = None
        match happening:
            case tap.Block():
                self._hear(happening)
            case Fact():
                self._deliver(happening)
            case None:
                pass
        now = self._now()
        self._shell.pass_time(now)
        self._handled_to = max(self._handled_to, now)
        if self._panel:
            self._panel.pass_time(now)
        if now - self._heard_at > STALL_MS:
            self._lose_tap("no audio comes from the sound card")
        if now - self._reread_at > REREAD_MS:
            self._reread()

    def _reread(self) -> None:
        self._reread_at = self._now()
        self._lines.reread()

    def _hear(self, block: tap.Block) -> None:
        now = self._now()
        self._heard_at = now
        if self._is_tap_lost:
            self._is_tap_lost = False
            self._framer.skip_to(now)
            self._deliver(PartFound(at=now, part=Part.TAP))
        elif block.is_after_loss or self._dropped:
            self._dropped = 0
            self._lose_tap("audio was lost: the machine is too busy")
            self._is_tap_lost = False
            self._framer.skip_to(now)
            self._deliver(PartFound(at=now, part=Part.TAP))
        for frame in self._framer.cut(block.pcm):
            for side, pcm in ((Side.AGENT, frame.agent), (Side.CUSTOMER, frame.customer)):
                for fact in self._ears[side].hear(frame.at, pcm):
                    self._deliver(fact)

    def _lose_tap(self, detail: str) -> None:
        if self._is_tap_lost:
            return
        self._is_tap_lost = True
        now = self._now()
        for ear in self._ears.values():
            for fact in ear.stop(now):
                self._deliver(fact)
        self._deliver(PartLost(at=now, part=Part.TAP, detail=detail))

    def _enqueue(self, happening: tap.Block | Fact) -> None:
        """Called from other threads. Audio may be dropped, and is then counted; facts wait their turn."""
        try:
            self._inbox.put(happening, block=not isinstance(happening, tap.Block))
        except queue.Full:
            self._dropped += 1

    def _deliver(self, fact: Fact) -> None:
        """Hand a fact in, never before one that was handled: the sources' clocks differ by a block or two."""
        self._handled_to = max(self._handled_to, fact.at)
        self._shell.deliver(fact if fact.at == self._handled_to else replace(fact, at=self._handled_to))

    def _perform(self, effect: Effect) -> None:
        if isinstance(effect, ShowScreen):
            self._oled.show(effect.screen)
        elif isinstance(effect, SetLeds | PressMute | ReleaseMute) and self._panel:
            self._panel.perform(effect)
        event = self._encoder.encode(effect)
        if event is not None and event["kind"] not in _UNLOGGED_KINDS:
            _LOG.info("%s", line({name: value for name, value in event.items() if name not in _UNLOGGED_FIELDS}))

    def _now(self) -> int:
        return int((time.monotonic() - self._began) * 1000)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self._is_stopping = True
