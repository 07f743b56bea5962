"""A telephone's band or a microphone's? Measured beside a real ear; bundled calls, right and with channels swapped."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from pi_companion.adapters.voice import WebRtcVoice
from pi_companion.bench.calls import bundled_calls
from pi_companion.core.facts import Fact, PartLost, Side, SignalChanged, TalkSpurtBegan, TalkSpurtEnded
from pi_companion.core.framer import FRAME_SAMPLES, SAMPLE_RATE_HZ, Framer
from pi_companion.core.sides import NARROW_DB, WIDE_DB, Sides
from pi_companion.core.spurts import SpurtLimits
from pi_companion.session.folder import load, read_audio
from pi_companion.speech.bands import BandedEar
from pi_companion.speech.ear import Ear

CALLS = {path.name: path for path in (*bundled_calls(), *sorted((Path(__file__).parents[1] / "calls").glob("[0-9]*")))}


class Loud:
    """Says speech of everything but silence."""

    def is_speech(self, frame: bytes) -> bool:
        return any(frame)


def treble_db(tone: Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]]) -> int | None:
    """What is measured of half a second of this sound."""
    time_s = np.arange(SAMPLE_RATE_HZ // 2) / SAMPLE_RATE_HZ
    pcm = (tone(time_s) * 8000).astype("<i2").tobytes() + bytes(SAMPLE_RATE_HZ * 2)
    ear = BandedEar(Side.AGENT, Ear(Side.AGENT, Loud(), None, SpurtLimits()))
    size = FRAME_SAMPLES * 2
    frames = [pcm[start : start + size] for start in range(0, len(pcm), size)]
    facts = [fact for number, frame in enumerate(frames, 1) for fact in ear.hear(number * 20, frame)]
    (ended,) = [fact for fact in facts if isinstance(fact, TalkSpurtEnded)]
    return ended.treble_db


def test_what_a_line_carries_has_no_treble() -> None:
    assert (treble_db(lambda s: np.sin(2 * np.pi * 1000 * s)) or 0) <= -60


def test_treble_is_told_in_decibels_against_speech() -> None:
    mixed = treble_db(lambda s: np.sin(2 * np.pi * 1000 * s) + 0.1 * np.sin(2 * np.pi * 6000 * s))

    assert mixed == -20


def test_a_side_that_gives_nothing_but_zeros_is_told_after_half_a_minute_and_when_something_comes() -> None:
    ear = BandedEar(Side.CUSTOMER, Ear(Side.CUSTOMER, WebRtcVoice(), None, SpurtLimits()))
    nothing, noise = bytes(FRAME_SAMPLES * 2), b"\x01\x00" * FRAME_SAMPLES
    frames = [noise, *[nothing] * 1400, noise, *[nothing] * 1600, noise, nothing]

    assert [fact for number, frame in enumerate(frames, 1) for fact in ear.hear(number * 20, frame)] == [
        SignalChanged(at=58040, side=Side.CUSTOMER, is_there=False),
        SignalChanged(at=60060, side=Side.CUSTOMER, is_there=True),
    ]


def heard(folder: Path) -> Iterator[Fact]:
    """What ears without a recogniser make of a call."""
    ears = {side: BandedEar(side, Ear(side, WebRtcVoice(), None, SpurtLimits())) for side in Side}
    for frame in Framer().cut(read_audio(load(folder))):
        for side, pcm in ((Side.AGENT, frame.agent), (Side.CUSTOMER, frame.customer)):
            yield from ears[side].hear(frame.at, pcm)


@cache
def voices(call: str) -> tuple[TalkSpurtBegan | TalkSpurtEnded, ...]:
    return tuple(fact for fact in heard(CALLS[call]) if isinstance(fact, TalkSpurtBegan | TalkSpurtEnded))


OTHER = {Side.AGENT: Side.CUSTOMER, Side.CUSTOMER: Side.AGENT}


def judged(calls: list[str], *, is_swapped: bool) -> list[str]:
    """Play calls, one after another; return what the sides are found to be."""
    sides, found = Sides(has_customer_side=True), []
    for call in calls:
        for fact in voices(call):
            if not isinstance(fact, TalkSpurtEnded):
                continue
            side = OTHER[fact.side] if is_swapped else fact.side
            turned = sides.judge(
                TalkSpurtEnded(
                    at=fact.at,
                    side=side,
                    began=fact.began,
                    ended=fact.ended,
                    level_dbfs=fact.level_dbfs,
                    treble_db=fact.treble_db,
                )
            )
            found += [] if turned is None else ["swapped" if isinstance(turned, PartLost) else "right"]
    return found


WITH_SOUND = [name for name, path in CALLS.items() if (path / "audio.flac").exists()]


def test_no_bundled_call_is_taken_for_swapped_nor_all_of_them_after_another() -> None:
    assert [name for name in WITH_SOUND if judged([name], is_swapped=False)] == []
    assert judged(WITH_SOUND, is_swapped=False) == []


@pytest.mark.parametrize("call", ["01-clean-call", "03-hold-with-consent", "06-talks-over"])
def test_a_bundled_call_with_its_channels_swapped_is_found_out(call: str) -> None:
    assert judged([call], is_swapped=True) == ["swapped"]


def test_voices_of_bundled_calls_keep_clear_of_both_bounds() -> None:
    sure = [
        (fact.side, fact.treble_db or 0)
        for call in WITH_SOUND
        for fact in voices(call)
        if isinstance(fact, TalkSpurtEnded) and fact.ended - fact.began >= 1500 and fact.level_dbfs >= -40
    ]
    most = max(treble for side, treble in sure if side is Side.CUSTOMER)
    least = min(treble for side, treble in sure if side is Side.AGENT)

    assert (most <= NARROW_DB, least >= WIDE_DB) == (True, True)
