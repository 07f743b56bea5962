"""Which station is the running device plugged into? It reads its harness a few times a second."""

import logging
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Self

from gpiozero import Factory

from pi_companion.adapters.harness import STEP_MS, HarnessLines
from pi_companion.core.harness import Harness, HarnessChanged, HarnessState, told
from pi_companion.pinout import Pinout
from pi_companion.session.codec import line

_LOG: Final = logging.getLogger("pi_companion")


class HarnessWatch:
    """Holds the lines of the harness. Its owner calls `check` in every turn; use it as a context manager.

    `changed` is told whatever changes, on the thread that checks: first that the plug moves, then what it is.
    """

    def __init__(
        self, pinout: Pinout, factory: Factory, changed: Callable[[HarnessChanged], None] = lambda _changed: None
    ) -> None:
        self._lines = HarnessLines(pinout, factory)
        self._harness, self._changed = Harness(), changed
        self._next_at = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lines.close()

    @property
    def now(self) -> HarnessChanged:
        """What is known of the harness; from any thread."""
        return self._harness.now

    def check(self, at: int) -> None:
        """Read the lines if it is time to, and tell what has changed."""
        if at < self._next_at:
            return
        self._next_at = at + STEP_MS
        if (changed := self._harness.read(at, self._lines.word())) is not None:
            if changed.state is not HarnessState.CHANGING:
                event = {"at": at, "kind": "harness", "state": str(changed.state), "code": changed.code}
                _LOG.info("%s", line(event))
            self._changed(changed)

    def document(self) -> dict[str, Any]:
        """Return what is known of the harness, for `status`; from any thread."""
        return document(self.now)


def document(harness: HarnessChanged) -> dict[str, Any]:
    """Return a state of the harness as `status` has it; `told` is for people."""
    return {"state": str(harness.state), "code": harness.code, "told": told(harness)}
