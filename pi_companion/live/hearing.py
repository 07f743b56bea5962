"""What do both sides say, while somebody else decides? A thread that hears, so that no edge waits for speech.

Keeps law 2: audio time is counted in samples, and set right where the card's clock has drifted from the machine's. A
fact carries the time at which it became known. Keeps law 10: lost audio is a fact, before what was half heard.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Final

from pi_companion.core.facts import Fact, Part, PartFound, PartLost, Side
from pi_companion.core.framer import SAMPLE_RATE_HZ, Framer
from pi_companion.live.inbox import Inbox
from pi_companion.live.tap_keeper import Audio
from pi_companion.speech.bands import Hears

DRIFT_MS: Final = 300
"""The card's clock may be this far behind the machine's; a card 100 ppm off gets there in an hour."""
AHEAD_MS: Final = 40
"""And this far ahead of it: no sample comes before it was taken, so the block it was counted from had come late."""
STUCK_MS: Final = 10000
"""A hearing that has been at one block for so long does not come back: vosk takes a second at worst."""

_FRAME_BYTES: Final = 4  # one sample of both sides
_WAIT_S: Final = 0.2


class Hearing:
    """Takes the inbox's audio and hands in what became known. `turn` is all it does; `in_thread` keeps it turning.

    `drift_ms`: how far the card's clock was ahead of the machine's (below 0) or behind it when last seen.
    """

    def __init__(self, ears: Mapping[Side, Hears], inbox: Inbox, now: Callable[[], int]) -> None:
        self._ears, self._inbox, self._now = ears, inbox, now
        self._framer = Framer()
        self._framed_to = 0
        self._is_begun = False
        self._busy_since: int | None = None
        self._is_lost = False
        self.drift_ms = 0

    def turn(self, timeout_s: float = _WAIT_S) -> bool:
        """Take one thing that waits and hear it; return whether there was one in time."""
        happening = self._inbox.take_audio(timeout_s)
        if happening is None:
            return False
        self._busy_since = self._now()
        match happening:
            case Audio():
                self._hear(happening)
            case PartLost():
                self._lose(happening.detail)
            case PartFound():
                pass  # told by the first audio
        self._busy_since = None
        return True

    def is_stuck(self, now: int) -> bool:
        """Return whether it has been at one thing for longer than that can take."""
        return (since := self._busy_since) is not None and now - since > STUCK_MS

    def _hear(self, audio: Audio) -> None:
        length_ms = len(audio.pcm) // _FRAME_BYTES * 1000 // SAMPLE_RATE_HZ
        if audio.is_after_loss:
            self._lose("audio was lost: the machine is too busy")
        self.drift_ms = audio.at - (self._framed_to + length_ms) if self._is_begun else 0
        is_drifted = not -AHEAD_MS <= self.drift_ms <= DRIFT_MS
        is_talked = any(ear.is_talking for ear in self._ears.values())
        if not self._is_begun or self._is_lost or (is_drifted and not is_talked):
            self._is_begun = True
            self._framed_to = audio.at - length_ms
            self._framer.skip_to(self._framed_to)
        if self._is_lost:
            self._is_lost = False
            self._inbox.put(PartFound(at=self._now(), part=Part.TAP))
        self._framed_to += length_ms
        for frame in self._framer.cut(audio.pcm):
            for side, pcm in ((Side.AGENT, frame.agent), (Side.CUSTOMER, frame.customer)):
                self._tell(self._ears[side].hear(frame.at, pcm))

    def _lose(self, detail: str) -> None:
        if self._is_lost:
            return
        self._is_lost = True
        self._inbox.put(PartLost(at=self._now(), part=Part.TAP, detail=detail))
        for ear in self._ears.values():
            self._tell(ear.stop(self._now()))

    def _tell(self, facts: Iterator[Fact]) -> None:
        """Hand in what an ear made of audio: known only now, so that what follows lasts as long as it must."""
        for fact in facts:
            self._inbox.put(replace(fact, at=max(fact.at, self._now())))


@contextmanager
def in_thread(hearing: Hearing) -> Iterator[None]:
    """Have it turn on a thread of its own until the block ends; an ear that hangs is not waited for."""
    is_over = threading.Event()

    def listen() -> None:
        while not is_over.is_set():
            hearing.turn()

    thread = threading.Thread(target=listen, name="hearing", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join(timeout=2)
