"""What does the whole device cost? CPU against bare Vosk in one run, our own share, latency, memory.

Ratios of CPU time taken in the same run, so another machine gives other seconds but comparable ratios. Latency is
audio time: from the end of a phrase, as labelled, to the event.
"""

import resource
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import vosk
from rich.console import Group
from rich.table import Table

from pi_companion.adapters.voice import WebRtcVoice
from pi_companion.core.framer import SAMPLE_RATE_HZ, Framer
from pi_companion.session.codec import Event
from pi_companion.session.folder import CallFolder, read_audio
from pi_companion.session.matching import percentile
from pi_companion.session.replay import Device, replay
from pi_companion.session.score import Score, combine, score
from pi_companion.speech.ear import BYTES_PER_MS, PIECE_MS, Hypothesis, Recogniser, Voice
from pi_companion.speech.vosk_recogniser import VoskRecogniser

Answer = TypeVar("Answer")


@dataclass(slots=True)
class Meter:
    """CPU seconds spent inside something."""

    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class MeteredVoice:
    """A voice detector whose CPU time is metered."""

    voice: Voice
    meter: Meter

    def is_speech(self, frame: bytes) -> bool:
        """Ask the detector."""
        began = time.process_time()
        answer = self.voice.is_speech(frame)
        self.meter.seconds += time.process_time() - began
        return answer


@dataclass(frozen=True, slots=True)
class MeteredRecogniser:
    """A recogniser whose CPU time is metered."""

    recogniser: Recogniser
    meter: Meter

    def begin(self, at: int) -> None:
        """Start an utterance."""
        self._timed(lambda: self.recogniser.begin(at))

    def feed(self, pcm: bytes) -> Hypothesis | None:
        """Take more audio."""
        return self._timed(lambda: self.recogniser.feed(pcm))

    def finish(self) -> Hypothesis:
        """End the utterance."""
        return self._timed(self.recogniser.finish)

    def _timed(self, ask: Callable[[], Answer]) -> Answer:
        began = time.process_time()
        answer = ask()
        self.meter.seconds += time.process_time() - began
        return answer


@dataclass(slots=True, kw_only=True)
class Measured:
    """CPU seconds over `audio_ms` of calls; `scores` hold the latencies.

    `vosk_s`: all recognisers. `first_s`: the same calls heard by the first recogniser of each side alone.
    """

    audio_ms: int = 0
    replay_s: float = 0.0
    vosk_s: float = 0.0
    first_s: float = 0.0
    voice_s: float = 0.0
    bare_s: float = 0.0
    peak_mib: float = 0.0
    scores: list[Score] = field(default_factory=list)

    @property
    def second_s(self) -> float:
        """What the second recognisers add."""
        return self.vosk_s - self.first_s

    @property
    def ours_s(self) -> float:
        """What is neither Vosk nor webrtcvad."""
        return self.replay_s - self.vosk_s - self.voice_s


def measure(folders: Sequence[CallFolder], device: Device, told: Callable[[str], None]) -> Measured:
    """Replay every folder, then feed its whole audio to bare Vosk; `told` hears what is being done."""
    found = Measured()
    vosk, first, voice = Meter(), Meter(), Meter()
    metered = replace(
        device,
        new_voice=lambda: MeteredVoice(WebRtcVoice(), voice),
        wrap_recogniser=lambda recogniser: MeteredRecogniser(recogniser, vosk),
    )
    for folder in folders:
        told(f"replaying {folder.path.name}")
        events: list[Event] = []
        began = time.process_time()
        found.audio_ms += replay(folder, metered, events.append)
        found.replay_s += time.process_time() - began
        if folder.truth is not None:
            found.scores.append(score(events, folder.truth))
    found.vosk_s, found.voice_s = vosk.seconds, voice.seconds
    found.peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    alone = replace(device, wrap_recogniser=lambda _both: MeteredRecogniser(VoskRecogniser(device.loaded), first))
    for folder in folders:
        told(f"again without the second recognisers: {folder.path.name}")
        replay(folder, alone, lambda _event: None)
    found.first_s = first.seconds
    for folder in folders:
        told(f"bare Vosk, both sides all the time: {folder.path.name}")
        found.bare_s += _bare(read_audio(folder), device)
    return found


def _bare(audio: bytes, device: Device) -> float:
    frames = list(Framer().cut(audio))
    sides = (b"".join(frame.agent for frame in frames), b"".join(frame.customer for frame in frames))
    began = time.process_time()
    for pcm in sides:
        recogniser = vosk.KaldiRecognizer(device.loaded, SAMPLE_RATE_HZ)
        recogniser.SetWords(True)
        for start in range(0, len(pcm), PIECE_MS * BYTES_PER_MS):
            if recogniser.AcceptWaveform(pcm[start : start + PIECE_MS * BYTES_PER_MS]):
                recogniser.Result()
        recogniser.FinalResult()
    return time.process_time() - began


def report(found: Measured) -> Group:
    """Return the figures as a table."""
    table = Table(title=f"{found.audio_ms / 1000:.0f} s of calls, both sides; CPU seconds of this machine")
    table.add_column("what")
    table.add_column("figure", justify="right")
    for what, seconds in (
        ("the whole replay", found.replay_s),
        ("  of it Vosk, fed during talk spurts", found.vosk_s),
        ("    of that the second recognisers", found.second_s),
        ("  of it webrtcvad", found.voice_s),
        ("  of it ours", found.ours_s),
        ("bare Vosk, both sides, no gating", found.bare_s),
    ):
        table.add_row(what, f"{seconds:.2f} s")
    table.add_row("whole replay ÷ bare Vosk", f"{found.replay_s / found.bare_s:.2f}")
    table.add_row("our share of the replay", f"{100 * found.ours_s / found.replay_s:.0f} %")
    phrases = [row for row in combine(found.scores).rows if row.kind == "phrase"]
    latencies = sorted(latency for row in phrases for latency in row.latencies_ms)
    if latencies:
        for name, share in (("p50", 50), ("p95", 95), ("max", 100)):
            table.add_row(f"phrase end → event, {name} of {len(latencies)}", f"{percentile(latencies, share)} ms")
    table.add_row("peak memory of the process", f"{found.peak_mib:.0f} MiB")
    return Group(table)
