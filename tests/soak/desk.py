"""What is a week at a desk for the live device? The real `Live`, and a world around it that goes on while it waits.

`Live` runs as always: its own loop, inbox, deadlines and adapters, its screen and seat threads, its tap and hearing
turned where their threads would turn them. Only waiting is different: it lets the world go on.
"""

import heapq
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import datetime, timedelta, timezone
from functools import partial
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, cast
from unittest import mock

from pi_companion import config
from pi_companion.bench.board import Board
from pi_companion.core.facts import Fact, Side
from pi_companion.core.settings import Pack, Station
from pi_companion.live import screen_thread, seat_thread, service
from pi_companion.live.inbox import Inbox
from pi_companion.live.parts import Parts
from pi_companion.live.screen_thread import ScreenThread
from pi_companion.live.service import Live
from pi_companion.live.tap_keeper import Deliver, TapKeeper
from pi_companion.pinout import Pinout
from pi_companion.station_file import store
from tests.soak.clock import Clock, Stop, Turn
from tests.soak.judge import Judge, TimedCompanion
from tests.soak.parts import Card, Panel, Phone, ScriptedEar, Seat, SilentFramer, side_of

BEGAN = datetime(2026, 11, 16, 9, 0, tzinfo=timezone(timedelta(hours=8)))
"""A Monday morning."""

DAY_MS = 24 * 3_600_000
WORK_MS = 8 * 3_600_000
"""From nine to five; at night the loop turns every two seconds, by day as always."""

_NIGHT_TURN_MS = 2000
_PROBE_MS = 10_000
"""A panel with nothing new is asked less often than on a Pi: going to another thread and back costs most here."""

_WAKES_WITHIN_MS = 3


class WorldInbox(Inbox):
    """An inbox whose waiting lets the world go on."""

    def __init__(self, wait: Callable[[int], None]) -> None:
        super().__init__()
        self._wait = wait

    def take(self, timeout_s: float) -> list[Fact]:
        self._wait(round(timeout_s * 1000))
        return super().take(0)


class Desk:
    """A desk with everything on it, and everything that will happen there."""

    def __init__(self, site: config.Site, folder: Path, seed: int, phone_faults: tuple[str, ...] = ()) -> None:
        self.clock = Clock()
        self.chance = Random(seed)  # noqa: S311 - an order, not a secret
        self._waking = Random(seed)  # noqa: S311 - delays; apart, so that no doing of the device changes what happens
        self.wall_shift = timedelta()
        self.card, self.panel, self.seat = Card(), Panel(self.clock), Seat()
        self.judge = Judge(lambda: self.clock.now, self.panel)
        self.phone = Phone(phone_faults, lambda at, closed: self.judge.contact(at, is_closed=closed))
        self.board = Board(Pinout(), self.phone)
        self.station_path = folder / "state" / "station.toml"
        self.ears = {side: ScriptedEar(side) for side in Side}
        self.recogniser_busy_until = 0
        self.hang_ms = 0
        self.block_ms = 200
        self._ends_at = 0
        self._queue: list[tuple[int, int, bool, Callable[[], None]]] = []
        self._late: list[Callable[[], None]] = []
        self._numbers = count()
        self._cancelled: set[int] = set()
        self._is_stopped = self._was_off_hook = False
        self.phone.watch(self._look_at_phone)
        self.live = self._new_live(site)
        self.live._inbox = WorldInbox(self._wait)
        self.live._hearing._inbox = self.live._inbox
        self.live._hearing._ears = dict(self.ears)
        self.live._hearing._framer = SilentFramer()
        self.live.turn = self._turn  # type: ignore[method-assign, assignment]  # as long as it may be at this hour
        self.judge.attach(self.live, self.board, self.phone)

    def _new_live(self, site: config.Site) -> Live:
        parts = Parts(
            factory=self.board.factory,
            open_panel=self.panel.open,
            open_sensor=cast(Any, self.seat.open),
            is_simulated=True,
        )

        def new_mind(pack: Pack, station: Station) -> TimedCompanion:
            mind = TimedCompanion(pack, station)
            mind.judge = self.judge
            return mind

        return Live(
            site,
            parts,
            lambda _pack, _side: cast(Any, None),  # the words are scripted: its ears are replaced
            new_mind=new_mind,
            performers=[self.judge.effect],
            watchers=[self._hang],
            keep=partial(store, self.station_path),
            new_tap=self._new_tap,
            new_screen=self._new_screen,
            run_hearing=lambda _hearing: nullcontext(),
            monotonic_ns=lambda: self.clock.now * 1_000_000,
            boottime_ns=lambda: (self.clock.now + self.clock.asleep_ms) * 1_000_000,
            wall_now=lambda: self.wall,
        )

    @property
    def now(self) -> int:
        return self.clock.now

    @property
    def wall(self) -> datetime:
        return BEGAN + timedelta(milliseconds=self.clock.now + self.clock.asleep_ms) + self.wall_shift

    @property
    def is_at_work(self) -> bool:
        return self.clock.now % DAY_MS < WORK_MS

    @property
    def _longest_turn_ms(self) -> int:
        return service.LONGEST_TURN_MS if self.is_at_work else _NIGHT_TURN_MS

    def run(self, ms: int) -> None:
        """Run the device for so long, and end it as a signal would."""
        self._ends_at = ms
        with (
            mock.patch.object(screen_thread, "Condition", partial(Turn, self.clock)),
            mock.patch.object(seat_thread, "Event", self._new_stop),
            mock.patch.object(service, "wall_clock_guard", self._guard),
        ):
            self.live.run(self._is_over)

    def _turn(self, _longest_ms: int = 0) -> None:
        Live.turn(self.live, self._longest_turn_ms)

    # What the device is given

    @contextmanager
    def _new_tap(
        self, audio: config.Audio, deliver: Deliver, now: Callable[[], int], *, has_customer_side: bool
    ) -> Iterator[TapKeeper]:
        keeper = TapKeeper(audio, deliver, now, open_tap=self.card.open, has_customer_side=has_customer_side)
        self._keeper = keeper
        keeper.turn(0)
        self.at(self.now + self.block_ms, self._record, is_device=True)
        yield keeper
        keeper._close()

    def _new_screen(self, *args: Any) -> ScreenThread:  # noqa: ANN401 - as it comes
        screen = ScreenThread(*args, probe_ms=_PROBE_MS)
        self.panel.turn = cast(Turn, screen._turn)
        return screen

    def _new_stop(self) -> Stop:
        stop = Stop(self.clock)
        self.seat.turn = stop.turn
        return stop

    def _guard(self, after_ms: int, act: Callable[[], None]) -> Callable[[], None]:
        number = self.at(self.now + after_ms, act, is_device=True)
        return lambda: self._cancelled.add(number) if any(each[1] == number for each in self._queue) else None

    # Time

    def at(self, at: int, act: Callable[[], None], *, is_device: bool = False) -> int:
        """Have something happen; `is_device`: a thread of the device does it, which stands still when it is stopped."""
        number = next(self._numbers)
        heapq.heappush(self._queue, (at, number, is_device, act))
        return number

    def after(self, ms: int, act: Callable[[], None]) -> None:
        """Have something happen in a while."""
        self.at(self.now + ms, act)

    def _is_over(self) -> bool:
        if self.now < self._ends_at:
            return False
        self.clock.end()
        return True

    def _wait(self, ms: int) -> None:
        inbox = self.live._inbox
        self._pass(self.now + ms, lambda: inbox.facts_waiting > 0)
        if ms and (late_ms := self._waking.randrange(_WAKES_WITHIN_MS + 1)):
            self._pass(self.now + late_ms)

    def _pass(self, until: int, is_enough: Callable[[], bool] = lambda: False) -> None:
        """Let the world go on until then, or until it is enough."""
        while True:
            if not self._is_stopped:
                self.clock.settle()
            self.judge.look()
            if is_enough():
                return
            dues = (self._queue[0][0] if self._queue else None, self.phone.next_at(), self._thread_at())
            due = min((each for each in dues if each is not None), default=until)
            if due > until:
                self._set_time(until)
                return
            self._set_time(max(self.now, due))
            self.phone.advance(self.now)
            while self._queue and self._queue[0][0] <= self.now:
                self._happen(*heapq.heappop(self._queue))

    def _thread_at(self) -> int | None:
        return None if self._is_stopped else self.clock.next_at()

    def _set_time(self, now: int) -> None:
        if now > self.clock.now:
            self.clock.now = now
            self.board.set_time(now)

    def _happen(self, _at: int, number: int, is_device: bool, act: Callable[[], None]) -> None:
        if number in self._cancelled:
            self._cancelled.discard(number)
        elif is_device and self._is_stopped:
            self._late.append(act)
        else:
            act()

    # What goes on by itself

    def _record(self) -> None:
        """A block of audio is there; the tap's and the hearing's threads take it."""
        self.at(self.now + self.block_ms, self._record, is_device=True)
        self.card.record(self.block_ms)
        self._keeper.turn(0)
        while self._keeper._inbox._blocks.qsize():
            self._keeper.turn(0)
        self.hear()

    def hear(self) -> None:
        """The hearing takes what waits, unless it is busy."""
        if self.now >= self.recogniser_busy_until:
            while self.live._hearing.turn(0):
                pass

    def say(self, facts: Iterator[Fact]) -> None:
        """Write down what will be said."""
        for fact in facts:
            self.ears[side_of(fact)].script.append(fact)

    def _look_at_phone(self, at: int) -> None:
        if self.phone.is_ringing:
            self.judge.rang_at = at
        was_off_hook, self._was_off_hook = self._was_off_hook, self.phone.is_off_hook
        if was_off_hook and not self._was_off_hook:
            self.judge.hung_up_at = at

    # What keeps the device from acting

    def _hang(self, _fact: Fact) -> None:
        """A turn that takes long, once `hang_ms` is set: everything else goes on, guards and threads too."""
        ms, self.hang_ms = self.hang_ms, 0
        if ms:
            self.judge.hung_since = began = self.now
            self._pass(began + ms)
            self.judge.hung_since = None
            self.judge.hung.add(began, self.now)

    def stop(self, ms: int) -> None:
        """The process is stopped for so long, guards and threads too; the kernel keeps its edges.

        Not while the key is pressed: what bounds a press then is the one-shot on the board, which is not simulated.
        """
        if self.board.is_contact_closed or self._is_stopped:
            return
        self._is_stopped, began = True, self.now
        self._pass(began + ms)
        self._is_stopped = False
        self.judge.stood_still.add(began, self.now)
        self.card.has_overflown = True
        late, self._late = self._late, []
        for act in late:
            self.at(self.now, act, is_device=True)

    def sleep(self, ms: int, meanwhile: Callable[[], None]) -> None:
        """The machine is suspended for so long; what happens meanwhile leaves no edge."""
        if self.board.is_contact_closed or self._is_stopped:
            return
        pins = [pin for pin in self.board._pins.values() if pin.function == "input"]
        listeners = [pin.when_changed for pin in pins]
        for pin in pins:
            pin.when_changed = None
        meanwhile()
        began = self.now
        self._set_time(began + 100)
        self.phone.advance(self.now)
        for pin, listener in zip(pins, listeners, strict=True):
            pin.when_changed = listener
        self.judge.stood_still.add(began, self.now)
        self.clock.asleep_ms += ms
        self.card.has_overflown = True
