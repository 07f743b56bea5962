"""How does a recorded call pass through the whole device? Virtual time over audio, wires, phone and deadlines.

Everything that happens is taken in order of time, then of rank, so the same folder always gives the same effects,
however fast it is played and however the audio is cut (laws 2 and 3). The line, panel and OLED adapters are those
of a Pi, on a simulated board.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Final, Self

from pi_companion.adapters.calendar import wall_clock
from pi_companion.adapters.line import Line
from pi_companion.adapters.oled import open_oled
from pi_companion.adapters.panel import Panel
from pi_companion.bench.board import Board
from pi_companion.bench.phone import DeskPhone
from pi_companion.core.effects import Effect, PressMute, ReleaseMute, SetLeds, SetPanel, ShowScreen
from pi_companion.core.facts import Fact, Part, PartFound, PartLost, SeatMeasured, Side
from pi_companion.core.framer import Frame, Framer
from pi_companion.core.mind import Mind
from pi_companion.core.states import Screen
from pi_companion.pinout import Pinout
from pi_companion.session import folder as call
from pi_companion.session.folder import CallFolder, SeatReading
from pi_companion.session.scripted import hearing
from pi_companion.shell import Perform, Shell, Watch
from pi_companion.speech.bands import Hears

TAIL_MS: Final = 10000
"""How long the session goes on after the last line or fault, so that what follows from it is seen."""

SEAT_MS: Final = 1000
"""How often the distance sensor reports."""

_AHEAD_MS: Final = 24 * 60 * 60 * 1000
"""So far beyond the last thing that is known to happen the clock is read: no audio is longer."""

Wait = Callable[[int], None]
"""Called before anything at a session time happens; the real-time pace sleeps here."""


class CallPlayer:
    """Plays one folder into one companion. Use it as a context manager: the simulated pins are closed at the end.

    `chunks`: the folder's audio, interleaved stereo, in pieces of any length. `ears`: one for each side, or none
    at all for a call without audio. `heard`: what ears made of it before, in order of time; None: what they would
    make of the folder's scripted voices. `phone` is the simulated desk phone: what is true, whatever is shown. `oled`
    is the simulated panel, `oled.picture` what it shows: while the panel is lost, what it showed last.
    """

    def __init__(
        self,
        folder: CallFolder,
        mind: Mind,
        ears: Mapping[Side, Hears],
        chunks: Iterable[bytes],
        *,
        heard: Iterable[Fact] | None = None,
        performers: Sequence[Perform] = (),
        watchers: Sequence[Watch] = (),
    ) -> None:
        self._folder = folder
        self._ears = ears
        settings = folder.phone
        self.phone = DeskPhone(mute_lamp=settings.mute_lamp, key_delay_ms=settings.key_delay_ms, faults=settings.faults)
        pinout = Pinout()
        self._board = Board(pinout, self.phone)
        self._panel = Panel(pinout, self._board.factory)
        self.oled = open_oled("capture")
        self._unshown: Screen | None = None
        self._shell = Shell(mind, (self._perform, *performers), watchers)
        has_busy_lamp = any(isinstance(event, call.BusyLampEdge) for event in folder.lines)
        self._line = Line(
            pinout, self._board.factory, self._deliver, self._board.milliseconds_of, has_busy_lamp=has_busy_lamp
        )
        self._wires = iter(folder.lines)
        self._wire = next(self._wires, None)
        self._faults = sorted(self._fault_facts(), key=lambda fact: fact.at)
        self._lost: set[Part] = set()
        self._frames = _frames(chunks)
        self._frame = next(self._frames, None)
        self._last_frame_at = 0
        self._heard = deque(hearing(folder.script, lost=folder.unheard) if heard is None else heard)
        happenings = [
            *(event.at for event in folder.lines),
            *(fact.at for fact in self._faults),
            *(fact.at for fact in self._heard),
        ]
        self._last_at = max(happenings) + TAIL_MS if happenings else 0
        self._clock = deque(wall_clock(folder.began, self._last_at + _AHEAD_MS))
        self._seat: SeatReading | None = None
        self._seat_at: int | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._panel.close()
        self.oled.close(keep_picture=True)
        self._line.close()
        self._board.close()

    def play(self, *initial: Fact, wait: Wait = lambda _at: None) -> int:
        """Play to the end; return the session's length in milliseconds. `initial` facts come first, at 0."""
        for fact in initial:
            self._shell.deliver(fact)
        self._line.reread()
        while (due := self._next()) is not None:
            at, happen = due
            if self._frame is None and at > max(self._last_frame_at, self._last_at):
                break
            wait(at)
            self._board.set_time(at)
            happen(at)
        end = max(self._last_frame_at, self._last_at)
        for ear in self._ears.values():
            for fact in ear.stop(end):
                self._shell.deliver(fact)
        return end

    def _next(self) -> tuple[int, Callable[[int], None]] | None:
        """Return what happens next; of what happens at once, the earlier in this list comes first."""
        dues: list[tuple[int | None, Callable[[int], None]]] = [
            (self._clock[0].at if self._clock else None, self._pass_clock),
            (self._wire.at if self._wire else None, self._pass_wire),
            (self.phone.next_at(), self.phone.advance),
            (self._faults[0].at if self._faults else None, self._pass_fault),
            (self._seat_at, self._pass_seat),
            (self._shell.deadline(), self._shell.pass_time),
            (self._panel.deadline(), self._panel.pass_time),
            (self._frame.at if self._frame else None, self._pass_frame),
            (self._heard[0].at if self._heard else None, self._pass_heard),
        ]
        known = [(at, happen) for at, happen in dues if at is not None]
        return min(known, key=lambda due: due[0]) if known else None

    def _pass_wire(self, at: int) -> None:
        wire, self._wire = self._wire, next(self._wires, None)
        match wire:
            case call.RingEdge():
                self.phone.ring(at, wire.is_active)
            case call.HookEdge():
                self.phone.hook(at, wire.is_off_hook)
            case call.PhoneMuteKey():
                if wire.is_pressed:
                    self.phone.own_mute_key(at)
            case call.ButtonPress():
                self._board.press(wire.button)
            case call.BusyLampEdge():
                self.phone.busy_lamp(at, wire.is_lit)
            case call.SeatReading():
                self._seat, self._seat_at = wire, at
            case _:
                pass

    def _pass_clock(self, _at: int) -> None:
        self._shell.deliver(self._clock.popleft())

    def _pass_seat(self, at: int) -> None:
        """A sensor reports again and again, whether or not anybody moves."""
        self._seat_at = at + SEAT_MS
        if self._seat is not None and Part.SEAT not in self._lost:
            self._deliver(SeatMeasured(at=at, distance_mm=self._seat.distance_mm))

    def _pass_heard(self, _at: int) -> None:
        self._shell.deliver(self._heard.popleft())

    def _pass_fault(self, at: int) -> None:
        fact = self._faults.pop(0)
        match fact:
            case PartLost():
                self._lost.add(fact.part)
                if fact.part is Part.MUTE_LAMP:
                    self._board.lose_lamp()
                self._shell.deliver(fact)  # before what was heard up to here: it may be half of something
                if fact.part is Part.TAP:
                    for ear in self._ears.values():
                        for heard in ear.stop(at):
                            self._shell.deliver(heard)
            case PartFound():
                self._lost.discard(fact.part)
                self._shell.deliver(fact)
                if fact.part is Part.MUTE_LAMP:
                    self._board.find_lamp()
                    self._line.reread()
                if fact.part is Part.OLED and self._unshown is not None:
                    self.oled.show(self._unshown)
            case _:
                pass

    def _pass_frame(self, at: int) -> None:
        frame, self._frame = self._frame, next(self._frames, None)
        self._last_frame_at = at
        if frame is None or Part.TAP in self._lost:
            return
        for side, pcm in ((Side.AGENT, frame.agent), (Side.CUSTOMER, frame.customer)):
            for fact in self._ears[side].hear(at, pcm):
                self._shell.deliver(fact)

    def _deliver(self, fact: Fact) -> None:
        self._shell.deliver(fact)

    def _perform(self, effect: Effect) -> None:
        match effect:
            case ShowScreen() if Part.OLED in self._lost:
                self._unshown = effect.screen
            case ShowScreen():
                self._unshown = None
                self.oled.show(effect.screen)
            case SetPanel() if Part.OLED not in self._lost:  # once it is found, the companion asks again
                self.oled.set_panel(effect.brightness_pct, effect.shift)
            case SetLeds() | PressMute() | ReleaseMute():
                self._panel.perform(effect)
            case _:
                pass

    def _fault_facts(self) -> Iterator[Fact]:
        for window in self._folder.faults:
            yield PartLost(at=window.at, part=window.part, detail="as the call folder says")
            if window.until is not None:
                yield PartFound(at=window.until, part=window.part)


def _frames(chunks: Iterable[bytes]) -> Iterator[Frame]:
    framer = Framer()
    for chunk in chunks:
        yield from framer.cut(chunk)
