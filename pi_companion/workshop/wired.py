"""What happens at the unit's wires while a step goes on? Every line and output of it, open.

Keeps law 6: the contact is the panel's, with all its guards; open at entry, on every way out and on every signal that a
program hears. While it is closed a signal is heeded within a step of `STEP_MS`; none stops the process half-way.
"""

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType, TracebackType
from typing import Any, Final, Self

from pi_companion.adapters.line import Line
from pi_companion.adapters.panel import Panel, wall_clock_guard
from pi_companion.core.effects import PressMute, ReleaseMute
from pi_companion.core.facts import (
    BusyLampChanged,
    ButtonPressed,
    Fact,
    HookChanged,
    MuteLampChanged,
    RingLineChanged,
)
from pi_companion.pinout import Pinout
from pi_companion.workshop.rig import Rig

STEP_MS: Final = 10

_REREAD_MS: Final = 500
_ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_STOPPING: Final = (signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU)


class Wired:
    """Holds every line from construction until `close`. Use it as a context manager, on the main thread.

    `edges`: of each line by name, its time and level, in order, the level at the beginning first; a level that was only
    read again is not among them. `presses`: the device's buttons, as they were pressed, not debounced.

    Raises `HardwareError` if a line cannot be had.
    """

    def __init__(self, rig: Rig, *, has_busy_lamp: bool = False) -> None:
        self._rig = rig
        self.edges: dict[str, list[tuple[int, bool]]] = {"ring": [], "hook": [], "mute_lamp": [], "busy_lamp": []}
        self.presses: list[ButtonPressed] = []
        self._reread_at = 0
        self._is_pressing = False
        self._signal: int | None = None
        factory, opened_at = rig.factory, rig.now()
        ticks = factory.ticks()

        def milliseconds_of(edge: Any) -> int:  # noqa: ANN401 - ticks are opaque
            seconds: float = factory.ticks_diff(edge, ticks)
            return max(0, opened_at + round(seconds * 1000))

        with ExitStack() as opened:
            opened.enter_context(self._heeding())
            after = None if rig.is_simulated else wall_clock_guard
            self.panel = opened.enter_context(Panel(Pinout(), factory, after=after))
            self._line = opened.enter_context(
                Line(Pinout(), factory, self._take, milliseconds_of, has_busy_lamp=has_busy_lamp)
            )
            self._line.reread()
            opened.callback(self.panel.close)  # once more: first of all, the contact is open
            self._opened = opened.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Open the contact, darken the LEDs, give the lines back. Closing twice is fine."""
        self._is_pressing = True  # a signal waits until all of it is done
        self._opened.close()

    def level(self, name: str) -> bool:
        """Return what a line says now: ring, hook (off-hook), mute_lamp or busy_lamp."""
        edges = self.edges[name]
        return bool(edges) and edges[-1][1]

    def turns_since(self, name: str, at: int) -> list[tuple[int, bool]]:
        """Return the edges of a line after a time."""
        return [edge for edge in self.edges[name] if edge[0] > at]

    def wait(self, ms: int, until: Callable[[], bool] = lambda: False) -> bool:
        """Let time pass, at most so much; return True as soon as it is so."""
        give_up_at = self._rig.now() + ms
        while not until():
            now = self._rig.now()
            if now >= give_up_at:
                return False
            self._rig.wait(min(STEP_MS, give_up_at - now))
            self._pass_time()
        return True

    def wait_for(self, name: str, level: bool, ms: int) -> bool:
        """Let time pass until a line says so, at most so much; return whether it does."""
        return self.wait(ms, lambda: self.level(name) is level)

    def press(self, pulse_ms: int, may_go_on: Callable[[], None]) -> int:
        """Close the MUTE contact for so long, and not longer than the panel allows; return when it was closed.

        `may_go_on` is asked before and all along and raises to end it: the contact is open then.
        """
        may_go_on()
        at = self._rig.now()
        self._is_pressing = True
        try:
            self.panel.perform(PressMute(at=at, pulse_ms=pulse_ms))
            while self.panel.is_pressing:
                self._rig.wait(STEP_MS)
                self._pass_time()
                may_go_on()
                if self._signal is not None:
                    break
        finally:
            self.panel.perform(ReleaseMute(at=self._rig.now()))
            self._is_pressing = False
        self._heed_what_came()
        return at

    def _pass_time(self) -> None:
        now = self._rig.now()
        self.panel.pass_time(now)
        if now >= self._reread_at:
            # The kernel queues only 16 edges a line.
            self._reread_at = now + _REREAD_MS
            self._line.reread()

    def _take(self, fact: Fact) -> None:
        match fact:
            case RingLineChanged():
                self._turn("ring", fact.at, fact.is_active)
            case HookChanged():
                self._turn("hook", fact.at, fact.is_off_hook)
            case MuteLampChanged():
                self._turn("mute_lamp", fact.at, fact.is_lit)
            case BusyLampChanged():
                self._turn("busy_lamp", fact.at, fact.is_lit)
            case ButtonPressed():
                self.presses.append(fact)
            case _:
                pass

    def _turn(self, name: str, at: int, level: bool) -> None:
        edges = self.edges[name]
        if not edges or edges[-1][1] is not level:
            edges.append((at, level))

    @contextmanager
    def _heeding(self) -> Iterator[None]:
        """Have a signal end the step, never between a press and its end; have Ctrl-Z do nothing meanwhile."""
        before = {number: signal.signal(number, self._heed) for number in _ENDING}
        before |= {number: signal.signal(number, signal.SIG_IGN) for number in _STOPPING}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
            self._heed_what_came()

    def _heed(self, number: int, _frame: FrameType | None) -> None:
        self._signal = number
        if not self._is_pressing:
            self._heed_what_came()

    def _heed_what_came(self) -> None:
        number, self._signal = self._signal, None
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        if number is not None:
            raise SystemExit(128 + number)
