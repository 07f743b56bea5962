"""What waits to be decided, and what waits to be heard? The one place where every thread hands in what it has.

Keeps law 2: what waits is taken in the order of its own times, whichever thread was quicker. Keeps law 10: it is
bounded, and what did not fit is counted and said. Lines have room of their own, so that no amount of speech or audio
costs an edge.
"""

import threading
from collections import deque
from typing import Final

from pi_companion.core.facts import (
    BusyLampChanged,
    ButtonPressed,
    ButtonReleased,
    Fact,
    HookChanged,
    MuteLampChanged,
    PartFound,
    PartLost,
    RingLineChanged,
)
from pi_companion.live.tap_keeper import Audio

AUDIO_BLOCKS: Final = 500
"""10 s of audio in blocks of 20 ms: a hearing that falls further behind loses some."""
FACTS: Final = 1000
"""So many facts may wait; lines, buttons and lost parts may be twice as many."""

_BUTTONS: Final = (ButtonPressed, ButtonReleased)
_FIRST: Final = (RingLineChanged, HookChanged, MuteLampChanged, BusyLampChanged, *_BUTTONS, PartLost, PartFound)


class Inbox:
    """Facts for the thread that decides, audio for the one that hears. Every method may be called from any thread.

    `facts_dropped`, `audio_dropped`: how many did not fit since the beginning.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition(threading.Lock())
        self._facts: deque[Fact] = deque()
        self._audio: deque[Audio | PartLost | PartFound] = deque()
        self._heard_of = threading.Condition(threading.Lock())
        self._blocks = 0
        self._is_audio_dropped = False
        self.facts_dropped = self.audio_dropped = 0

    @property
    def facts_waiting(self) -> int:
        """How many facts wait."""
        return len(self._facts)

    @property
    def audio_waiting(self) -> int:
        """How many blocks of audio wait."""
        return self._blocks

    def document(self) -> dict[str, int]:
        """Return how much waits, and how much did not fit since the beginning."""
        return {
            "facts": self.facts_waiting,
            "audio": self.audio_waiting,
            "facts_dropped": self.facts_dropped,
            "audio_dropped": self.audio_dropped,
        }

    def put(self, fact: Fact) -> None:
        """Hand a fact in; never waits."""
        with self._changed:
            if len(self._facts) >= (2 * FACTS if isinstance(fact, _FIRST) else FACTS):
                self.facts_dropped += 1
                return
            self._facts.append(fact)
            self._changed.notify()

    def take(self, timeout_s: float) -> list[Fact]:
        """Return all facts that wait, the oldest first; none if nothing comes in time. Of one time: as handed in."""
        with self._changed:
            if not self._facts:
                self._changed.wait(timeout_s)
            facts = sorted(self._facts, key=lambda fact: fact.at)
            self._facts.clear()
        return facts

    def put_audio(self, happening: Audio | PartLost | PartFound) -> None:
        """Hand in audio, or that there is none; never waits. What follows audio that did not fit says so."""
        with self._heard_of:
            if isinstance(happening, Audio):
                if self._blocks >= AUDIO_BLOCKS:
                    self.audio_dropped += 1
                    self._is_audio_dropped = True
                    return
                if self._is_audio_dropped:
                    self._is_audio_dropped = False
                    happening = Audio(at=happening.at, pcm=happening.pcm, is_after_loss=True)
                self._blocks += 1
            self._audio.append(happening)
            self._heard_of.notify()

    def take_audio(self, timeout_s: float) -> Audio | PartLost | PartFound | None:
        """Return what came first, or None if nothing comes in time."""
        with self._heard_of:
            if not self._audio:
                self._heard_of.wait(timeout_s)
            if not self._audio:
                return None
            happening = self._audio.popleft()
            self._blocks -= isinstance(happening, Audio)
            return happening

    def forget_audio(self) -> None:
        """Throw away the audio that waits: it is from before something that nothing is known about."""
        with self._heard_of:
            self._audio.clear()
            self._blocks = 0
