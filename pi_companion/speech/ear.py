"""What does one side say? Frames in, speech facts out: voice activity, talk spurts, then the recogniser.

The recogniser is fed only during spurts, from a little before they began (pre-roll) to the end of the hangover,
in pieces of fixed length, so that what it says never depends on how the audio arrived (law 3). The nuclei of the
same stretch are counted and, on the agent's side, its pitches told, with a recogniser or without. On the customer's
side the exchange's tones are no speech.
"""

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Protocol

import numpy as np

from pi_companion.core.facts import BusyToneHeard, Fact, Side, TalkSpurtBegan, TalkSpurtEnded, Word, WordsHeard
from pi_companion.core.framer import FRAME_MS
from pi_companion.core.spurts import Began, Ended, SpurtDetector, SpurtLimits
from pi_companion.speech.nuclei import NucleusCounter
from pi_companion.speech.pitch import PitchTracker
from pi_companion.speech.tones import BusyToneListener

PRE_ROLL_MS: Final = 300
PIECE_MS: Final = 100
BYTES_PER_MS: Final = 32  # 16 kHz, 16 bit, one side
_FULL_SCALE: Final = 32768.0
_SILENCE_DBFS: Final = -96


class Voice(Protocol):
    """Tells speech from other sound, frame by frame; may keep state."""

    def is_speech(self, frame: bytes) -> bool:
        """Return whether 20 ms of 16 kHz 16-bit mono are voiced."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hypothesis:
    """What the recogniser makes of the utterance since its last final hypothesis."""

    words: tuple[Word, ...]
    is_final: bool
    second: tuple[tuple[Word, ...], ...] = ()
    """What a second recogniser makes of the whole utterance so far, its best hypothesis first."""


class Recogniser(Protocol):
    """Streaming speech recognition of one side."""

    def begin(self, at: int) -> None:
        """Start an utterance whose first sample was taken at `at`, session milliseconds."""

    def feed(self, pcm: bytes) -> Hypothesis | None:
        """Take more audio; return a hypothesis when it is a new one."""

    def finish(self) -> Hypothesis:
        """End the utterance; return the final hypothesis of what has not been final yet."""


class Ear:
    """One side's hearing. Without a recogniser it still finds spurts, levels and nuclei."""

    def __init__(self, side: Side, voice: Voice, recogniser: Recogniser | None, limits: SpurtLimits) -> None:
        self._side = side
        self._voice = voice
        self._recogniser = recogniser
        self._spurts = SpurtDetector(limits)
        self._before: deque[bytes] = deque(maxlen=(PRE_ROLL_MS + limits.onset_ms) // FRAME_MS)
        self._piece = bytearray()
        self._piece_bytes = PIECE_MS * BYTES_PER_MS
        self._nuclei = NucleusCounter()
        self._pitch = PitchTracker() if side is Side.AGENT else None
        self._tones = BusyToneListener() if side is Side.CUSTOMER else None
        self._power_sum = self._power_samples = 0
        self._began: int | None = None

    @property
    def is_talking(self) -> bool:
        """Whether a spurt is open."""
        return self._spurts.is_talking

    def hear(self, at: int, frame: bytes) -> Iterator[Fact]:
        """Take the 20 ms that ended at `at`; yield what became known."""
        is_tone = False
        if self._tones is not None:
            self._tones.hear(at, frame)
            is_tone, busy_since = self._tones.is_tone, self._tones.busy_since
            if busy_since is not None:
                yield BusyToneHeard(at=at, began=busy_since)
        is_voiced = self._voice.is_speech(frame) and not is_tone
        change = self._spurts.flag(at, is_voiced)
        self._before.append(frame)
        if is_voiced:
            # Whole numbers: a sum of floats depends on the processor's vector unit.
            samples = np.frombuffer(frame, np.int16).astype(np.int64)
            self._power_sum += int(np.dot(samples, samples))
            self._power_samples += samples.size
        elif not self._spurts.is_talking and self._began is None:
            self._power_sum = self._power_samples = 0
        match change:
            case Began():
                yield from self._begin(at, change.began)
            case Ended():
                self._listen(frame)
                yield from self._end(at, change)
            case None if self._began is not None:
                self._listen(frame)
                yield from self._recognise(at)
            case None:
                pass

    def stop(self, at: int) -> Iterator[Fact]:
        """Close an open utterance: input was lost, or the session is over."""
        change = self._spurts.stop()
        if change is not None:
            yield from self._end(at, change)
        self._before.clear()
        if self._tones is not None:
            self._tones.forget()

    def _begin(self, at: int, began: int) -> Iterator[Fact]:
        self._began = began
        yield TalkSpurtBegan(at=at, side=self._side, began=began)
        self._listen(b"".join(self._before))
        if self._recogniser is not None:
            self._recogniser.begin(at - len(self._before) * FRAME_MS)
            yield from self._recognise(at)

    def _listen(self, pcm: bytes) -> None:
        self._nuclei.feed(pcm)
        if self._pitch is not None:
            self._pitch.feed(pcm)
        if self._recogniser is not None:
            self._piece += pcm

    def _recognise(self, at: int) -> Iterator[Fact]:
        """Feed whole pieces; what is left waits for more audio."""
        while self._recogniser is not None and len(self._piece) >= self._piece_bytes:
            piece = bytes(self._piece[: self._piece_bytes])
            del self._piece[: self._piece_bytes]
            hypothesis = self._recogniser.feed(piece)
            if hypothesis is not None:
                yield self._heard(at, hypothesis, ended=at)

    def _end(self, at: int, spurt: Ended) -> Iterator[Fact]:
        if self._recogniser is not None:
            yield from self._recognise(at)
            last = self._recogniser.feed(bytes(self._piece)) if self._piece else None
            if last is not None and last.is_final:
                yield self._heard(at, last, ended=spurt.ended)
            yield self._heard(at, self._recogniser.finish(), ended=spurt.ended)
        yield TalkSpurtEnded(
            at=at,
            side=self._side,
            began=spurt.began,
            ended=spurt.ended,
            level_dbfs=self._level_dbfs(),
            nuclei=self._nuclei.finish(),
            pitches_cents=() if self._pitch is None else self._pitch.finish(),
        )
        self._piece.clear()
        self._before.clear()
        self._began = None
        self._power_sum = self._power_samples = 0

    def _heard(self, at: int, hypothesis: Hypothesis, *, ended: int) -> WordsHeard:
        """Keep word times inside the spurt: the recogniser counts the silence around it as part of its words."""
        began = self._began or 0

        def inside(words: tuple[Word, ...]) -> tuple[Word, ...]:
            return tuple(
                replace(word, began=min(max(word.began, began), ended), ended=min(max(word.ended, began), ended))
                for word in words
            )

        return WordsHeard(
            at=at,
            side=self._side,
            words=inside(hypothesis.words),
            is_final=hypothesis.is_final,
            second=tuple(inside(words) for words in hypothesis.second),
        )

    def _level_dbfs(self) -> int:
        if not self._power_sum:
            return _SILENCE_DBFS
        return max(_SILENCE_DBFS, round(10 * math.log10(self._power_sum / self._power_samples / _FULL_SCALE**2)))
