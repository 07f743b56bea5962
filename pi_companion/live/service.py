"""How does the live device run? Every thread hands in what it has, one thread decides, and nothing waits for speech.

Replay and live share `Shell`; here is only what is live: the monotonic clock, lost parts as facts (law 10), and a MUTE
contact that is open whenever this ends, however it ends (law 6).

What is guaranteed of order (law 2): facts that wait together are handled in the order of their own times, deadlines
between them at theirs. An edge is stamped by the kernel and handed in by the pin library's thread; one that comes after
a later moment was decided is handled as of that moment: late by what its thread took to wake, never by audio or words,
which are heard elsewhere and come with the time at which they were understood.
"""

import gc
import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import chain
from types import FrameType
from typing import Any, Final

from pi_companion import __version__, config
from pi_companion.adapters import calendar, gallery
from pi_companion.adapters.line import Line
from pi_companion.adapters.panel import Panel, wall_clock_guard
from pi_companion.adapters.voice import WebRtcVoice
from pi_companion.core import effects as e
from pi_companion.core import out_of_service
from pi_companion.core.attended import Attended, Seat, StationChanged
from pi_companion.core.companion import Companion
from pi_companion.core.facts import Button, ButtonPressed, Fact, Part, PartFound, PartLost, Side
from pi_companion.core.settings import Pack
from pi_companion.core.spurts import SpurtLimits
from pi_companion.core.states import Light
from pi_companion.live.awake import Awake
from pi_companion.live.harness_watch import HarnessWatch
from pi_companion.live.hearing import Hearing, in_thread
from pi_companion.live.inbox import Inbox
from pi_companion.live.journal import Journal
from pi_companion.live.notify import Notify
from pi_companion.live.parts import Parts
from pi_companion.live.process import ThreadDied, owned
from pi_companion.live.screen_thread import ScreenThread
from pi_companion.live.seat_thread import SeatThread
from pi_companion.live.status import Document
from pi_companion.live.tap_keeper import TapKeeper
from pi_companion.live.wall_clock import WallClock
from pi_companion.pinout import Pinout
from pi_companion.shell import Look, NewMind, Perform, Shell, Watch
from pi_companion.speech.bands import BandedEar
from pi_companion.speech.ear import Ear, Recogniser
from pi_companion.station_file import Keep, Keeper

REREAD_MS: Final = 2000
"""The kernel queues 16 edges a line: levels are read again this often."""
LONGEST_TURN_MS: Final = 200
"""A signal to stop is heeded within this."""

_LOG: Final = logging.getLogger("pi_companion")
NewTap = Callable[..., AbstractContextManager[object]]
"""Makes a `TapKeeper`, or what a bench has in its place."""


class Live:
    """The live device. `new_recogniser` None: speech is off, and the OLED says so.

    `new_mind` makes what decides; `looks`: what it is told of besides. `seat`: which
    station it is. `keep`: stores what is learned; None: nothing is.
    `model`: the speech model's name, for `status`. `notify`: whom to tell how it goes; `when_ready`: called once it
    listens. The last six are there to run it on a bench.
    """

    def __init__(
        self,
        site: config.Site,
        parts: Parts,
        new_recogniser: Callable[[Pack, Side], Recogniser] | None,
        *,
        new_mind: NewMind = Companion,
        performers: Sequence[Perform] = (),
        watchers: Sequence[Watch] = (),
        looks: Sequence[Look] = (),
        seat: Seat | None = None,
        keep: Keep | None = None,
        model: str | None = None,
        notify: Notify | None = None,
        when_ready: Callable[[], None] = lambda: None,
        new_tap: NewTap = TapKeeper,
        new_screen: Callable[..., ScreenThread] = ScreenThread,
        run_hearing: Callable[[Hearing], AbstractContextManager[object]] = in_thread,
        monotonic_ns: Callable[[], int] = time.monotonic_ns,
        boottime_ns: Callable[[], int] = lambda: time.clock_gettime_ns(time.CLOCK_BOOTTIME),
        wall_now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
    ) -> None:
        self._site, self._parts = site, parts
        self._has_speech = new_recogniser is not None
        self._new_tap, self._new_screen, self._run_hearing = new_tap, new_screen, run_hearing
        self._monotonic_ns, self._wall_now = monotonic_ns, wall_now
        self._awake = Awake(monotonic_ns, boottime_ns)
        self._wall = WallClock(calendar.occasion)
        self._keeper, self._looks = Keeper(keep, _LOG.warning), looks
        self._notify, self._when_ready = notify or Notify({}), when_ready
        station = site.station
        pack = config.pack_of(site)
        gallery.require_fit(pack, station, site.pack_path)
        self._journal = Journal()
        mind = Attended(new_mind(pack, station), seat or Seat())
        self._shell = Shell(mind, [self._perform, self._journal.perform, *performers], watchers)
        self._inbox = Inbox()
        words = {side: new_recogniser(pack, side) if new_recogniser else None for side in Side}
        ears = {side: BandedEar(side, Ear(side, WebRtcVoice(), words[side], SpurtLimits())) for side in Side}
        self._hearing = Hearing(ears, self._inbox, self._now)
        self._about: Document = {
            "version": __version__,
            "process": os.getpid(),
            "is_simulated": parts.is_simulated,
            "model": model,
            "pack": f"{pack.name} {pack.version}",
            "settings_sha256": config.sha256(site, pack),
        }
        self._seat: SeatThread | None = None
        self._handled_to = self._dropped = 0
        self._last_turn_ms = self._longest_turn_ms = 0.0
        self._died: threading.ExceptHookArgs | None = None
        self._is_stopping = False
        self.is_leaving = False  # another station is plugged in: it is to begin anew
        self._began_ns = monotonic_ns()  # last: making all this takes a slow board many seconds that nobody sees

    def run(self, is_over: Callable[[], bool] = lambda: False) -> None:
        """Run until SIGTERM or SIGINT, or until it is over.

        The contact is open and the LEDs dark when this returns or raises. Raises `HardwareError` if a line cannot be
        had, `ThreadDied` if a thread of the device ended by a defect.
        """
        with ExitStack() as stack:
            stack.enter_context(owned(self._heed, self._mourn))
            self._open(stack)
            stack.callback(self._notify.stopping)
            stack.callback(gc.unfreeze)
            gc.collect()
            gc.freeze()  # what is loaded by now stays; going through it again and again would stop every thread
            self._notify.ready()
            self._when_ready()
            while not self._is_stopping and not is_over():
                self.turn()

    def _open(self, stack: ExitStack) -> None:
        factory, pinout, station = self._parts.factory, Pinout(), self._site.station
        stack.enter_context(self._keeper)
        stack.callback(factory.close)
        self._panel = stack.enter_context(Panel(pinout, factory, after=wall_clock_guard))
        opened_at, ticks = self._now(), factory.ticks()

        def milliseconds_of(edge: Any) -> int:  # noqa: ANN401 - ticks are opaque
            seconds: float = factory.ticks_diff(edge, ticks)
            return max(0, opened_at + round(seconds * 1000))

        self._screen = stack.enter_context(self._new_screen(self._parts.open_panel, self._inbox.put, self._now))
        stack.callback(self._screen.close, out_of_service.stopped())
        self._lines = stack.enter_context(
            Line(pinout, factory, self._inbox.put, milliseconds_of, has_busy_lamp=station.busy_lamp)
        )
        self._harness = stack.enter_context(HarnessWatch(pinout, factory, self._deliver))
        self._reread()
        self._read_wall()
        if not self._has_speech:
            self._deliver(PartLost(at=self._now(), part=Part.SPEECH, detail="no speech model"))
        stack.enter_context(self._run_hearing(self._hearing))
        if (open_sensor := self._parts.open_sensor) is not None:
            self._seat = stack.enter_context(SeatThread(open_sensor, self._inbox.put, self._now))
        elif station.seat_sensor:
            self._deliver(PartLost(at=self._now(), part=Part.SEAT, detail="the board has none"))
        self._tap = stack.enter_context(
            self._new_tap(self._site.audio, self._inbox.put_audio, self._now, has_customer_side=station.customer_side)
        )
        self._awake.gap()  # whatever it took to get here
        stack.callback(self._panel.close)  # once more: first of all, the contact is open

    def turn(self, longest_ms: int = LONGEST_TURN_MS) -> None:
        """Wait for the next thing that happens or is due, for `longest_ms` at most, and do it."""
        now = self._now()
        dues = [self._shell.deadline(), self._panel.deadline(), now + longest_ms]
        wait_ms = max(0, min(due for due in dues if due is not None) - now)
        facts = self._inbox.take(wait_ms / 1000)
        began_ns = self._monotonic_ns()
        for fact in facts:
            self._deliver(fact)
        now = self._now()
        self._shell.pass_time(now)
        self._handled_to = max(self._handled_to, now)
        self._panel.pass_time(now)
        if (gap := self._awake.gap()) is not None:
            self._begin_anew(gap)
        if self._inbox.facts_dropped != self._dropped:
            self._dropped = self._inbox.facts_dropped
            self._begin_anew("more happened than this machine can follow")
        self._read_wall()
        if now - self._reread_at > REREAD_MS:
            self._reread()
        self._screen.check()
        self._harness.check(now)
        for fact in chain.from_iterable(look(now) for look in self._looks):
            self._deliver(fact)
        if self._seat is not None:
            self._seat.check()
        self._last_turn_ms = (self._monotonic_ns() - began_ns) / 1e6
        self._longest_turn_ms = max(self._longest_turn_ms, self._last_turn_ms)
        self._tell_systemd(now)

    def press(self, button: Button) -> None:
        """Press one of the device's buttons from another thread: a terminal has them, too."""
        self._inbox.put(ButtonPressed(at=self._now(), button=button))

    def stop(self) -> None:
        """Have `run` return soon; from any thread."""
        self._is_stopping = True

    def document(self) -> Document:
        """Return what is known of the running device, for `status`; from any thread."""
        now, wall_now, journal = self._now(), self._wall_now(), self._journal
        lost = {
            str(part): (wall_now - timedelta(milliseconds=now - at)).isoformat(timespec="seconds")
            for part, at in dict(journal.lost).items()
        }
        return {
            **self._about,
            "uptime_s": now // 1000,
            "line": str(journal.line_state),
            "mute": str(journal.mute),
            "lost": lost,
            "harness": self._harness.document(),
            "waiting": self._inbox.document(),
            "turn_ms": {"last": self._last_turn_ms, "longest": self._longest_turn_ms},
            "drift_ms": self._hearing.drift_ms,
            "cards": list(self._tap.state.cards) if isinstance(self._tap, TapKeeper) else [],
            **{name: dict(counter) for name, counter in journal.counts.items()},
        }

    def _begin_anew(self, detail: str) -> None:
        """Nothing that was known is known any more: lights, mute and what is half heard go; levels are read again."""
        now = self._now()
        off = Light.OFF
        self._panel.perform(e.ReleaseMute(at=now))
        self._panel.perform(e.SetLeds(at=now, green=off, amber=off, red=off, mute=off, lease_until=None))
        if self._site.station.mute_lamp:
            self._deliver(PartLost(at=now, part=Part.MUTE_LAMP, detail=detail))
            self._deliver(PartFound(at=now, part=Part.MUTE_LAMP))
        self._inbox.forget_audio()
        self._inbox.put_audio(PartLost(at=now, part=Part.TAP, detail=detail))
        self._reread()

    def _reread(self) -> None:
        self._reread_at = self._now()
        self._lines.reread()

    def _read_wall(self) -> None:
        if (fact := self._wall.read(self._now(), self._wall_now())) is not None:
            self._deliver(fact)

    def _deliver(self, fact: Fact) -> None:
        """Hand a fact in, never before one that was handled."""
        self._handled_to = max(self._handled_to, fact.at)
        self._shell.deliver(fact if fact.at == self._handled_to else replace(fact, at=self._handled_to))

    def _perform(self, effect: e.Effect) -> None:
        match effect:
            case e.ShowScreen():
                self._screen.show(effect.screen)
            case e.CadenceLearned():
                self._keeper.keep({"ring_period_ms": effect.period_ms})
            case e.SetPanel():
                self._screen.set_panel(effect.brightness_pct, effect.shift)
            case StationChanged():
                self.is_leaving = True
                self.stop()
            case e.SetLeds() | e.PressMute() | e.ReleaseMute():
                self._panel.pass_time(self._now())  # a pulse lasts from now, not from when it was decided
                self._panel.perform(effect)

    def _tell_systemd(self, now: int) -> None:
        """Feed the watchdog if every thread is well; raise if one has died."""
        if (died := self._died) is not None:
            name = died.thread.name if died.thread else "unknown"
            raise ThreadDied(f"the thread {name} died: {died.exc_type.__name__}") from died.exc_value
        if not self._hearing.is_stuck(now):
            self._notify.turned(now)
        lost = ", ".join(self._journal.lost) or "none"
        self._notify.status(f"line {self._journal.line_state}, mute {self._journal.mute}, lost parts: {lost}")

    def _now(self) -> int:
        return (self._monotonic_ns() - self._began_ns) // 1_000_000

    def _heed(self, _number: int, _frame: FrameType | None) -> None:
        self.stop()

    def _mourn(self, died: threading.ExceptHookArgs) -> None:
        self._died = self._died or died
