"""How is the live device tried at any desk? A real sound card if there is one; phone, board and OLED in the terminal.

It says what it is on its screen at all times. What is drawn and typed has threads of its own: a terminal that stands
still holds up no device. Words are not shown: `run` never prints any (law 9).
"""

import os
import queue
import select
import sys
import termios
import threading
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console

from pi_companion.bench.demo import DemoView
from pi_companion.bench.live_desk import LiveDesk
from pi_companion.core.attended import AttendingEffect
from pi_companion.core.effects import Effect
from pi_companion.core.facts import Button, Fact, WordsHeard

TITLE: Final = "桌面试用 DESK TRIAL: the sound card is real, phone, pins and OLED are simulated"
DEAF_TITLE: Final = "桌面试用 DESK TRIAL: nothing is heard; phone, pins and OLED are simulated"
KEYS: Final = "r ring/stop   h handset   m phone's MUTE key   Enter 恢复键   p 翻页键   s 勿扰键   q quit"
OLED_TITLE: Final = "OLED 128x64 · 桌面试用 simulated"

_SHOWN: Final = 200
_LOOK_S: Final = 0.2


class TrialView:
    """Draws what happens, on a thread of its own. A performer of effects and a watcher of facts."""

    def __init__(self, console: Console, title: str = TITLE) -> None:
        self._view = DemoView(console, f"{title}\n{KEYS}", oled_title=OLED_TITLE)
        self._waiting: queue.Queue[Effect | Fact | None] = queue.Queue(_SHOWN)

    def perform(self, effect: Effect) -> None:
        """Have an effect drawn; what concerns an offer (a stick's, say) is on the OLED alone."""
        if not isinstance(effect, AttendingEffect):
            self._put(effect)

    def watch(self, fact: Fact) -> None:
        """Have it drawn who talks; what is said is nobody's business here."""
        if not isinstance(fact, WordsHeard):
            self._put(fact)

    @contextmanager
    def drawing(self) -> Iterator[None]:
        """Draw until the block ends."""
        thread = threading.Thread(target=self._draw, name="terminal", daemon=True)
        thread.start()
        try:
            yield
        finally:
            self._put(None)
            thread.join(timeout=2)

    def _put(self, shown: Effect | Fact | None) -> None:
        try:
            self._waiting.put_nowait(shown)
        except queue.Full:  # the terminal does not keep up: what comes is drawn, what waits longest is not
            with self._waiting.mutex:
                self._waiting.queue.popleft()
                self._waiting.queue.append(shown)

    def _draw(self) -> None:
        with self._view:
            while (shown := self._waiting.get()) is not None:
                if isinstance(shown, Fact):
                    self._view.watch(shown)
                else:
                    self._view.perform(shown)


@contextmanager
def typing(desk: LiveDesk, stop: Callable[[], None]) -> Iterator[None]:
    """Take each key that is typed as something done at the desk, until the block ends; q calls `stop`.

    Without a terminal each character of standard input is a key; at its end the device runs on.
    """
    acts: dict[str, Callable[[], None]] = {
        "r": desk.ring,
        "h": desk.hook,
        "m": desk.own_mute_key,
        "\n": lambda: desk.press(Button.RESUME),
        "\r": lambda: desk.press(Button.RESUME),
        "p": lambda: desk.press(Button.PAGE),
        "s": lambda: desk.press(Button.SNOOZE),
        "q": stop,
    }
    is_over = threading.Event()
    keys = sys.stdin.fileno()

    def listen() -> None:
        while not is_over.is_set():
            if not select.select([keys], [], [], _LOOK_S)[0]:
                continue
            if not (typed := os.read(keys, 1)):
                return
            acts.get(typed.decode("latin-1").lower(), lambda: None)()

    before = termios.tcgetattr(keys) if os.isatty(keys) else None
    if before is not None:
        tty.setcbreak(keys)
    thread = threading.Thread(target=listen, name="keyboard", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join(timeout=2)
        if before is not None:
            termios.tcsetattr(keys, termios.TCSADRAIN, before)
