"""One side's hearing on a voice and a recogniser that can be seen through: what is fed, when, and what comes out."""

import struct
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pi_companion.adapters.voice import WebRtcVoice
from pi_companion.core.facts import BusyToneHeard, Fact, Side, TalkSpurtBegan, TalkSpurtEnded, Word, WordsHeard
from pi_companion.core.framer import Framer
from pi_companion.core.spurts import SpurtLimits
from pi_companion.speech.ear import Ear, Hypothesis

LIMITS = SpurtLimits(onset_ms=80, hangover_ms=400, longest_ms=30000)
FRAME_BYTES = 640
PIECE_BYTES = 3200


class LoudIsVoice:
    """Takes any frame that is not silent for speech."""

    def is_speech(self, frame: bytes) -> bool:
        return any(frame)


class Dictation:
    """Says at every piece how many it had; `calls` is what it was asked to do."""

    def __init__(self, *, early: int = 0) -> None:
        self.calls: list[tuple[str, int]] = []
        self.heard = b""
        self._early = early
        self._began = 0

    def begin(self, at: int) -> None:
        self.calls.append(("begin", at))
        self._began = at - self._early

    def feed(self, pcm: bytes) -> Hypothesis | None:
        self.calls.append(("feed", len(pcm)))
        self.heard += pcm
        return (
            Hypothesis(words=(self._word(str(len(self.calls))),), is_final=False) if len(pcm) == PIECE_BYTES else None
        )

    def finish(self) -> Hypothesis:
        self.calls.append(("finish", 0))
        return Hypothesis(words=(self._word("end"),), is_final=True)

    def _word(self, text: str) -> Word:
        ended = self._began + len(self.heard) // 32
        return Word(text=text, syllables=(), began=self._began, ended=ended, confidence_pct=100)


def frame(number: int, *, is_voiced: bool) -> bytes:
    """A frame whose samples are its number, from one; or silence."""
    return struct.pack("<h", number if is_voiced else 0) * (FRAME_BYTES // 2)


def hear(ear: Ear, drawing: str) -> list[Fact]:
    """One mark is a frame of 20 ms; # is voiced."""
    return [
        fact
        for number, mark in enumerate(drawing, 1)
        for fact in ear.hear(number * 20, frame(number, is_voiced=mark == "#"))
    ]


def kinds(facts: list[Fact]) -> list[str]:
    return [type(fact).__name__ for fact in facts]


STEPS = 2
"""`frame`'s samples stand still and jump: to the nucleus counter, a click where they begin and one where they end."""

TALK = "." * 30 + "#" * 20 + "." * 25


def test_a_spurt_is_told_in_order_began_words_final_words_ended() -> None:
    facts = hear(Ear(Side.AGENT, LoudIsVoice(), Dictation(), LIMITS), TALK)

    assert kinds(facts) == ["TalkSpurtBegan", *["WordsHeard"] * 12, "TalkSpurtEnded"]
    assert [fact.is_final for fact in facts if isinstance(fact, WordsHeard)] == [False] * 11 + [True]
    assert [fact.at for fact in facts] == sorted(fact.at for fact in facts)
    assert facts[0] == TalkSpurtBegan(at=680, side=Side.AGENT, began=600)
    assert facts[-1] == TalkSpurtEnded(at=1400, side=Side.AGENT, began=600, ended=1000, level_dbfs=-58, nuclei=STEPS)


def test_the_recogniser_also_gets_what_came_just_before_the_first_sound() -> None:
    dictation = Dictation()
    hear(Ear(Side.AGENT, LoudIsVoice(), dictation, LIMITS), "#" + "." * 35 + "#" * 20 + "." * 25)

    # 300 ms of pre-roll: 15 frames of silence before the spurt at 720 ms, then the spurt and its hangover.
    assert dictation.calls[0] == ("begin", 420)
    assert dictation.heard[: 16 * FRAME_BYTES] == bytes(15 * FRAME_BYTES) + frame(37, is_voiced=True)
    assert len(dictation.heard) == (15 + 20 + 20) * FRAME_BYTES


def test_a_session_that_begins_with_speech_has_no_more_before_it_than_there_was() -> None:
    dictation = Dictation()
    hear(Ear(Side.AGENT, LoudIsVoice(), dictation, LIMITS), "#" * 20 + "." * 25)

    assert (dictation.calls[0], dictation.heard[:FRAME_BYTES]) == (("begin", 0), frame(1, is_voiced=True))


def test_the_end_of_one_utterance_is_not_the_beginning_of_the_next() -> None:
    dictation = Dictation()
    hear(Ear(Side.AGENT, LoudIsVoice(), dictation, LIMITS), "#" * 10 + "." * 20 + "#" * 10 + "." * 20)

    begins = [at for call, at in dictation.calls if call == "begin"]
    assert (begins, len(dictation.heard)) == ([0, 600], 60 * FRAME_BYTES)


def test_the_recogniser_is_fed_in_pieces_of_one_length_and_the_rest_at_the_end() -> None:
    dictation = Dictation()
    hear(Ear(Side.AGENT, LoudIsVoice(), dictation, LIMITS), "." * 30 + "#" * 22 + "." * 25)

    # 15 + 22 + 20 frames are eleven pieces of five, and two frames.
    assert dictation.calls == [
        ("begin", 300),
        *[("feed", PIECE_BYTES)] * 11,
        ("feed", 2 * FRAME_BYTES),
        ("finish", 0),
    ]


def test_silence_between_spurts_is_not_fed() -> None:
    dictation = Dictation()
    hear(Ear(Side.AGENT, LoudIsVoice(), dictation, LIMITS), "." * 100 + "###" + "." * 100)

    assert dictation.calls == []


@pytest.mark.parametrize(("early", "times"), [(5000, (600, 600)), (-5000, (1000, 1000)), (0, (600, 1000))])
def test_word_times_stay_inside_the_spurt_however_the_recogniser_counts(early: int, times: tuple[int, int]) -> None:
    facts = hear(Ear(Side.CUSTOMER, LoudIsVoice(), Dictation(early=early), LIMITS), TALK)

    (final,) = [fact for fact in facts if isinstance(fact, WordsHeard) and fact.is_final]
    assert [(word.began, word.ended) for word in final.words] == [times]


def test_without_a_recogniser_there_are_spurts_only() -> None:
    facts = hear(Ear(Side.CUSTOMER, LoudIsVoice(), None, LIMITS), TALK * 2)

    assert kinds(facts) == ["TalkSpurtBegan", "TalkSpurtEnded"] * 2


def test_lost_input_ends_an_open_utterance_with_what_was_heard_of_it() -> None:
    dictation = Dictation()
    ear = Ear(Side.AGENT, LoudIsVoice(), dictation, LIMITS)
    hear(ear, "." * 30 + "#" * 20)
    was_talking = ear.is_talking

    facts = list(ear.stop(1500))

    assert (was_talking, ear.is_talking) == (True, False)
    assert kinds(facts) == ["WordsHeard", "TalkSpurtEnded"]
    assert facts[-1] == TalkSpurtEnded(at=1500, side=Side.AGENT, began=600, ended=1000, level_dbfs=-58, nuclei=STEPS)
    assert len(dictation.heard) == 35 * FRAME_BYTES


def test_lost_input_between_utterances_says_nothing_and_leaves_nothing_for_the_next() -> None:
    dictation = Dictation()
    ear = Ear(Side.AGENT, LoudIsVoice(), dictation, LIMITS)
    hear(ear, "." * 30)
    facts = list(ear.stop(900))
    for number in range(46, 56):
        facts += ear.hear(number * 20, frame(number, is_voiced=True))

    assert kinds(facts) == ["TalkSpurtBegan", "WordsHeard", "WordsHeard"]
    assert (dictation.calls[0], dictation.heard[:FRAME_BYTES]) == (("begin", 900), frame(46, is_voiced=True))


def level(samples: np.ndarray[tuple[int], np.dtype[np.int16]]) -> int:
    """The level of a spurt of these samples, half a second of them, between silences."""
    ear = Ear(Side.AGENT, LoudIsVoice(), None, LIMITS)
    pcm = bytes(FRAME_BYTES * 10) + samples.tobytes() + bytes(FRAME_BYTES * 25)
    frames = [pcm[start : start + FRAME_BYTES] for start in range(0, len(pcm), FRAME_BYTES)]
    facts = [fact for number, each in enumerate(frames, 1) for fact in ear.hear(number * 20, each)]
    (ended,) = [fact for fact in facts if isinstance(fact, TalkSpurtEnded)]
    return ended.level_dbfs


def sine(amplitude: int) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    samples: np.ndarray[tuple[int], np.dtype[np.int16]] = np.round(
        amplitude * np.sin(2 * np.pi * 1000 * np.arange(8000) / 16000 + 0.1)
    ).astype(np.int16)
    return samples


@pytest.mark.parametrize(("amplitude", "level_dbfs"), [(32767, -3), (16384, -9), (3277, -23), (328, -43)])
def test_the_level_of_a_sine_is_three_db_below_its_peak(amplitude: int, level_dbfs: int) -> None:
    assert level(sine(amplitude)) == level_dbfs


@pytest.mark.parametrize(("value", "level_dbfs"), [(-32768, 0), (16384, -6), (1, -90)])
def test_the_level_of_a_constant_is_its_own(value: int, level_dbfs: int) -> None:
    assert level(np.full(8000, value, np.int16)) == level_dbfs


def test_a_loud_spurt_does_not_raise_the_level_of_the_next() -> None:
    ear = Ear(Side.AGENT, LoudIsVoice(), None, LIMITS)
    values = [16384] * 25 + [0] * 25 + [164] * 25 + [0] * 25
    facts = [
        fact
        for number, value in enumerate(values, 1)
        for fact in ear.hear(number * 20, np.full(320, value, np.int16).tobytes())
    ]

    assert [fact.level_dbfs for fact in facts if isinstance(fact, TalkSpurtEnded)] == [-6, -46]


def test_a_click_does_not_count_into_the_level_of_the_spurt_after_it() -> None:
    ear = Ear(Side.AGENT, LoudIsVoice(), None, LIMITS)
    values = [16384, 0] + [164] * 25 + [0] * 25
    facts = [
        fact
        for number, value in enumerate(values, 1)
        for fact in ear.hear(number * 20, np.full(320, value, np.int16).tobytes())
    ]

    assert [fact.level_dbfs for fact in facts if isinstance(fact, TalkSpurtEnded)] == [-46]


def syllables(count: int) -> bytes:
    """So many vowels of 120 ms, each a low tone with overtones, 80 ms of silence after each."""
    time_s = np.arange(1920) / 16000
    vowel = sum(np.sin(2 * np.pi * 125 * k * time_s + k * k) for k in range(2, 24))
    return np.concatenate([np.rint(400 * vowel), np.zeros(1280)]).astype(np.int16).tobytes() * count


@pytest.mark.parametrize("recogniser", [None, Dictation()])
def test_the_nuclei_of_each_spurt_are_told_with_its_end(recogniser: Dictation | None) -> None:
    ear = Ear(Side.AGENT, LoudIsVoice(), recogniser, LIMITS)
    pause = bytes(FRAME_BYTES * 25)
    pcm = pause + syllables(7) + pause + syllables(2) + pause
    frames = [pcm[start : start + FRAME_BYTES] for start in range(0, len(pcm), FRAME_BYTES)]
    facts = [fact for number, each in enumerate(frames, 1) for fact in ear.hear(number * 20, each)]

    assert [fact.nuclei for fact in facts if isinstance(fact, TalkSpurtEnded)] == [7, 2]


def test_the_nuclei_before_input_was_lost_are_told_and_not_told_again() -> None:
    ear = Ear(Side.AGENT, LoudIsVoice(), None, LIMITS)
    pcm = syllables(3)
    frames = [pcm[start : start + FRAME_BYTES] for start in range(0, len(pcm), FRAME_BYTES)]
    facts: list[Fact] = []
    for began in (0, 5000):
        facts += [fact for number, each in enumerate(frames, 1) for fact in ear.hear(began + number * 20, each)]
        facts += ear.stop(began + 700)

    assert [fact.nuclei for fact in facts if isinstance(fact, TalkSpurtEnded)] == [3, 3]


STEREO = b"".join(
    np.stack([np.full(320, agent, np.int16), np.full(320, customer, np.int16)], axis=1).tobytes()
    for agent, customer in [(0, 9)] * 8 + [(7, 9)] * 12 + [(7, 0)] * 8 + [(0, 0)] * 25
)


def through_framer(chunks: list[bytes]) -> list[Fact]:
    framer = Framer()
    ears = {side: Ear(side, LoudIsVoice(), Dictation(), LIMITS) for side in Side}
    return [
        fact
        for chunk in chunks
        for each in framer.cut(chunk)
        for side, pcm in ((Side.AGENT, each.agent), (Side.CUSTOMER, each.customer))
        for fact in ears[side].hear(each.at, pcm)
    ]


@given(st.lists(st.integers(0, len(STEREO)), max_size=20))
def test_however_the_audio_arrives_the_facts_are_the_same(cuts: list[int]) -> None:
    edges = [0, *sorted(cuts), len(STEREO)]
    facts = through_framer([STEREO[start:end] for start, end in pairwise(edges)])
    assert facts == through_framer([STEREO])
    assert kinds(facts).count("TalkSpurtEnded") == 2


def vowel(hz: float, ms: int) -> bytes:
    """Overtones of a voice, alike."""
    time_s = np.arange(ms * 16) / 16000
    return (
        np.rint(400 * sum(np.sin(2 * np.pi * hz * k * time_s + k * k) for k in range(1, 12))).astype(np.int16).tobytes()
    )


def hear_pcm(ear: Ear, pcm: bytes) -> list[Fact]:
    frames = [pcm[start : start + FRAME_BYTES] for start in range(0, len(pcm) - FRAME_BYTES + 1, FRAME_BYTES)]
    return [fact for number, each in enumerate(frames, 1) for fact in ear.hear(number * 20, each)]


@pytest.mark.rule("VOICE-3")
def test_the_pitches_of_each_of_the_agents_spurts_are_told_with_its_end() -> None:
    pause = bytes(FRAME_BYTES * 25)
    pcm = pause + vowel(110, 400) + pause + vowel(220, 400) + pause
    ended = {
        side: [
            fact for fact in hear_pcm(Ear(side, LoudIsVoice(), None, LIMITS), pcm) if isinstance(fact, TalkSpurtEnded)
        ]
        for side in Side
    }
    low, high = (sorted(fact.pitches_cents) for fact in ended[Side.AGENT])
    assert (low[len(low) // 2], high[len(high) // 2]) == (1201, 2402)
    assert [fact.pitches_cents for fact in ended[Side.CUSTOMER]] == [(), ()]


def busy_tone(count: int) -> bytes:
    tone = np.rint(4000 * np.sin(2 * np.pi * 450 * np.arange(5600) / 16000))
    return np.concatenate([tone, np.zeros(5600)]).astype(np.int16).tobytes() * count


@pytest.mark.rule("CLOSE-3")
def test_the_busy_tone_after_the_customer_hung_up_is_told_and_is_nothing_they_say() -> None:
    pause = bytes(FRAME_BYTES * 50)
    facts = hear_pcm(Ear(Side.CUSTOMER, LoudIsVoice(), None, LIMITS), pause + busy_tone(5))
    assert facts == [BusyToneHeard(at=2100, began=1000)]


@pytest.mark.parametrize("ms", range(0, 20, 4))
def test_nor_does_the_voice_detector_in_use_hear_them_speak_then(ms: int) -> None:
    pause = bytes(FRAME_BYTES * 50 + 32 * ms)
    facts = hear_pcm(Ear(Side.CUSTOMER, WebRtcVoice(), None, LIMITS), pause + busy_tone(5))
    assert [type(fact) for fact in facts] == [BusyToneHeard]


def test_a_busy_tone_does_not_keep_the_customers_last_words_open() -> None:
    pcm = vowel(220, 400) + busy_tone(3)
    facts = hear_pcm(Ear(Side.CUSTOMER, LoudIsVoice(), None, LIMITS), pcm)
    assert [(type(fact).__name__, fact.at) for fact in facts] == [
        ("TalkSpurtBegan", 80),
        ("TalkSpurtEnded", 800),
        ("BusyToneHeard", 1500),
    ]


def test_the_agents_side_has_no_busy_tone() -> None:
    assert BusyToneHeard not in {
        type(fact) for fact in hear_pcm(Ear(Side.AGENT, LoudIsVoice(), None, LIMITS), busy_tone(4))
    }


def test_lost_input_within_a_busy_tone_leaves_half_of_it_untold() -> None:
    ear = Ear(Side.CUSTOMER, LoudIsVoice(), None, LIMITS)
    assert hear_pcm(ear, busy_tone(1)) == []
    assert list(ear.stop(720)) == []
    assert hear_pcm(ear, busy_tone(1)) == []
