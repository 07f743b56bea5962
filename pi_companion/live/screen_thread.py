"""How does a picture reach the panel without anybody waiting for it? One thread opens it, fills it and lets it go.

Keeps law 10: a panel that is missing, gone or stuck is a fact, and is looked for until it answers. Whoever shows
something only leaves it here: the newest picture wins, and a bus that hangs stops this thread alone.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from threading import Condition, Thread
from types import TracebackType
from typing import Final, Self

from pi_companion.adapters.oled import Oled
from pi_companion.core.facts import Part, PartFound, PartLost
from pi_companion.core.states import Screen
from pi_companion.errors import HardwareError

HUNG_MS: Final = 2000
"""The panel takes 0.1 s for a picture, and the kernel gives up on a transfer after 1 s: what takes longer hangs."""

RETRY_MS: Final = 2000
"""A lost panel is looked for this often."""

PROBE_MS: Final = 2000
"""A panel that has nothing new to show is asked this often whether it is there."""

CLOSE_MS: Final = 1000
"""What a panel is given to show the last screen when the device stops."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """What the panel should show, and how."""

    screen: Screen | None = None
    brightness_pct: int = 100
    shift: tuple[int, int] = (0, 0)


class ScreenThread:
    """Shows screens on a panel that it opens itself, and again whenever it was lost. Use it as a context manager.

    `open_panel` raises `HardwareError` while there is none. `report` gets every loss and every return of the panel,
    alternately, a loss first; it is called on this thread and on the caller's, and must only enqueue. `now`: session
    milliseconds. Nothing here blocks its caller, but `close`, which is bounded.
    """

    def __init__(
        self,
        open_panel: Callable[[], Oled],
        report: Callable[[PartLost | PartFound], None],
        now: Callable[[], int],
        *,
        retry_ms: int = RETRY_MS,
        probe_ms: int = PROBE_MS,
    ) -> None:
        self._open_panel, self._report, self._now = open_panel, report, now
        self._retry_ms, self._probe_ms = retry_ms, probe_ms
        self._oled: Oled | None = None  # touched by the thread alone
        self._turn = Condition()  # guards all that follows
        self._wanted = _Wanted()
        self._done: _Wanted | None = None
        self._busy_since: int | None = None
        self._is_lost = False
        self._is_closing = False
        self._last: Screen | None = None
        # A daemon: a bus that hangs must not keep a program alive that has ended.
        self._thread = Thread(target=self._run, name="screen", daemon=True)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def show(self, screen: Screen) -> None:
        """Show this screen as soon as the panel can; one that has not been sent by then is never sent."""
        with self._turn:
            self._wanted = replace(self._wanted, screen=screen)
            self._turn.notify_all()

    def set_panel(self, brightness_pct: int, shift: tuple[int, int]) -> None:
        """Show everything so bright, in percent, and so many pixels right and down."""
        with self._turn:
            self._wanted = replace(self._wanted, brightness_pct=brightness_pct, shift=shift)
            self._turn.notify_all()

    def check(self) -> None:
        """Report the panel lost if what was begun with it has not ended for `HUNG_MS`. Call it once a turn."""
        with self._turn:
            if self._busy_since is not None and self._now() - self._busy_since > HUNG_MS:
                self._lose("OLED: the I2C bus hangs: check its four wires, then take the power away for a moment")

    def settle(self, timeout_ms: int) -> bool:
        """Wait until the newest screen is on the panel, or the panel known to be lost; return whether either is so."""
        with self._turn:
            return self._turn.wait_for(lambda: self._is_lost or self._done == self._wanted, timeout_ms / 1000)

    def close(self, last: Screen | None = None) -> None:
        """Let go of the panel, dark, or with the screen `last` kept on it. Waits `CLOSE_MS` at most; twice is fine."""
        with self._turn:
            if not self._is_closing:
                self._is_closing, self._last = True, last
            self._turn.notify_all()
        self._thread.join(CLOSE_MS / 1000)

    def _run(self) -> None:
        while (wanted := self._next()) is not None:
            self._attempt(wanted)
        if self._last is not None:
            self._attempt(replace(self._wanted, screen=self._last))
        self._let_go(keep_picture=self._last is not None)

    def _next(self) -> _Wanted | None:
        """Wait for something to do with the panel: a change, or the time to look for it; None: the end."""
        with self._turn:
            self._turn.wait_for(
                lambda: self._is_closing or (self._done != self._wanted and not self._is_lost),
                (self._retry_ms if self._is_lost else self._probe_ms) / 1000,
            )
            return None if self._is_closing else self._wanted

    def _attempt(self, wanted: _Wanted) -> None:
        with self._turn:
            self._busy_since = self._now()
        detail = ""
        try:
            self._put(wanted)
        except HardwareError as error:
            detail = str(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the thread lives and the loss is told
            detail = f"OLED: cannot show this screen ({type(error).__name__})"  # its text may hold what was said
        if detail:
            self._let_go(keep_picture=True)
        with self._turn:
            self._busy_since = None
            if detail:
                self._done = None
                self._lose(detail)
            else:
                self._done = wanted
                self._find()
            self._turn.notify_all()

    def _put(self, wanted: _Wanted) -> None:
        if self._oled is None:
            self._oled = self._open_panel()
        if wanted == self._done:
            self._oled.probe()
            return
        self._oled.set_panel(wanted.brightness_pct, wanted.shift)
        if wanted.screen is not None:
            self._oled.show(wanted.screen)

    def _let_go(self, *, keep_picture: bool) -> None:
        oled, self._oled = self._oled, None
        if oled is not None:
            with suppress(Exception):
                oled.close(keep_picture=keep_picture)

    def _lose(self, detail: str) -> None:
        if not self._is_lost and not self._is_closing:
            self._is_lost = True
            self._report(PartLost(at=self._now(), part=Part.OLED, detail=detail))

    def _find(self) -> None:
        if self._is_lost and not self._is_closing:
            self._is_lost = False
            self._report(PartFound(at=self._now(), part=Part.OLED))
