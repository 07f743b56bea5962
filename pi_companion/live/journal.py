"""What may be written down of a running device? JSON lines of times, states, rule ids and counts; never a text.

Keeps law 9: what carries words, the agent's screen's included, is left out by name, and no string with a Chinese
character passes. A journal that cannot be written holds nobody up: lines wait in a bounded queue, and what does not
fit is counted.
"""

import logging
import queue
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from logging.handlers import QueueHandler, QueueListener
from typing import Any, Final

from pi_companion.core.attended import AttendingEffect
from pi_companion.core.effects import (
    Effect,
    FaultCleared,
    FaultRaised,
    LineStateChanged,
    MuteChanged,
    NudgeShown,
    NudgeWithheld,
)
from pi_companion.core.facts import Part
from pi_companion.core.states import LineState, MuteState
from pi_companion.session.codec import Encoder, Event, line

_UNLOGGED_KINDS: Final = frozenset({"screen", "panel", "level", "spurt"})
_UNLOGGED_FIELDS: Final = frozenset({"phrase", "text", "shown"})
_ASCII_END: Final = 0x2000  # what lies beyond is script, or punctuation of one
_LINES: Final = 1000
_LOG: Final = logging.getLogger("pi_companion")


class Journal:
    """A performer that writes effects down and counts them.

    `counts`: the nudges by rule id, and those withheld by rule id and reason; `lost`: since when a part is lost.
    """

    def __init__(self) -> None:
        self._encoder = Encoder()
        self.line_state, self.mute = LineState.ON_HOOK, MuteState.UNKNOWN
        self.lost: dict[Part, int] = {}
        self.counts: dict[str, Counter[str]] = {"nudges": Counter(), "withheld": Counter(), "events": Counter()}

    def perform(self, effect: Effect) -> None:
        """Note an effect; what is asked of the program itself is no event of a call."""
        if isinstance(effect, AttendingEffect):
            _LOG.info("%s", line({"at": effect.at, "kind": type(effect).__name__}))
            return
        match effect:
            case LineStateChanged():
                self.line_state = effect.state
            case MuteChanged():
                self.mute = effect.state
            case FaultRaised():
                self.lost[effect.part] = effect.at
            case FaultCleared():
                self.lost.pop(effect.part, None)
            case NudgeShown():
                self.counts["nudges"][effect.rule] += 1
            case NudgeWithheld():
                self.counts["withheld"][f"{effect.rule} {effect.reason}"] += 1
            case _:
                pass
        event = self._encoder.encode(effect)
        if event is not None and event["kind"] not in _UNLOGGED_KINDS:
            self.counts["events"][event["kind"]] += 1
            _LOG.info("%s", line(wordless(event)))


def wordless(event: Event) -> Event:
    """Return an event without anything that could be read aloud."""
    return {
        name: kept
        for name, value in event.items()
        if name not in _UNLOGGED_FIELDS and (kept := _kept(value)) is not None
    }


def _kept(value: Any) -> Any:  # noqa: ANN401 - what JSON can say
    match value:
        case str():
            return value if all(ord(char) < _ASCII_END for char in value) else None
        case list() | tuple():
            return [kept for each in value if (kept := _kept(each)) is not None]
        case _:
            return value


class _Bounded(QueueHandler):
    """Hands lines to the thread that writes them; what does not fit is counted, not waited for."""

    def __init__(self, waiting: "queue.Queue[logging.LogRecord]") -> None:
        super().__init__(waiting)
        self.dropped = 0

    def enqueue(self, record: logging.LogRecord) -> None:
        try:
            self.queue.put_nowait(record)
        except queue.Full:
            self.dropped += 1


@contextmanager
def written(level: int = logging.INFO) -> Iterator[_Bounded]:
    """Write what is logged to standard error, plain lines, on a thread of its own, until the block ends."""
    waiting: queue.Queue[logging.LogRecord] = queue.Queue(_LINES)
    handler = _Bounded(waiting)
    out = logging.StreamHandler(sys.stderr)
    out.setFormatter(logging.Formatter("%(message)s"))
    listener = QueueListener(waiting, out)
    before = _LOG.level
    _LOG.addHandler(handler)
    _LOG.setLevel(level)
    listener.start()
    try:
        yield handler
    finally:
        _LOG.removeHandler(handler)
        _LOG.setLevel(before)
        _stop(listener, waiting)


def _stop(listener: QueueListener, waiting: "queue.Queue[logging.LogRecord]") -> None:
    """Let the last lines be written, but wait no longer than a second for a reader that does not read."""
    thread: Any = listener._thread  # noqa: SLF001 - its own `stop` waits for ever
    try:
        waiting.put_nowait(listener._sentinel)  # type: ignore[attr-defined]  # noqa: SLF001 - see above
    except queue.Full:
        return
    if thread is not None:
        thread.join(timeout=1)
