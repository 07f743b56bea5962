"""Vosk as it is driven here: the bundled model on a bundled recording, real recognition."""

from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile

from pi_companion.bench.calls import bundled_call
from pi_companion.core.framer import Framer
from pi_companion.errors import ModelError
from pi_companion.evaluation.conditions import telephone
from pi_companion.session.folder import load, read_audio
from pi_companion.speech import models, vosk_recogniser
from pi_companion.speech.ear import PIECE_MS, Hypothesis
from pi_companion.speech.phonetics import syllables
from pi_companion.speech.vosk_recogniser import VoskRecogniser, over_floor

SAID = "您好电脑中心小李为您服务"
AT = 10000
DRILL = Path(__file__).parents[1] / "drill"


@cache
def model() -> Any:  # noqa: ANN401 - vosk publishes no types
    return vosk_recogniser.load(models.bundled().path)


@cache
def greeting() -> bytes:
    """The agent's first turn of a bundled call with a little silence around it, 16 kHz mono."""
    folder = load(bundled_call("03-hold-with-consent"))
    truth = next(each for each in folder.truth or () if each["kind"] == "turn")
    began, ended = truth["began"] - 300, truth["ended"] + 400
    frames = [each.agent for each in Framer().cut(read_audio(folder)) if began < each.at <= ended]
    return b"".join(frames)


def recognise(recogniser: VoskRecogniser, at: int, pcm: bytes) -> list[tuple[int, Hypothesis]]:
    """Each hypothesis with how many ms had been fed."""
    recogniser.begin(at)
    found: list[tuple[int, Hypothesis]] = []
    step = PIECE_MS * 32
    for start in range(0, len(pcm), step):
        hypothesis = recogniser.feed(pcm[start : start + step])
        if hypothesis is not None:
            found.append((min(start + step, len(pcm)) // 32, hypothesis))
    return [*found, (len(pcm) // 32, recogniser.finish())]


def text(hypothesis: Hypothesis) -> str:
    return "".join(word.text for word in hypothesis.words)


@cache
def heard() -> tuple[tuple[int, Hypothesis], ...]:
    return tuple(recognise(VoskRecogniser(model()), AT, greeting()))


def test_the_final_hypothesis_is_what_was_said() -> None:
    last = heard()[-1][1]
    assert (text(last), last.is_final) == (SAID, True)
    assert [word.syllables for word in last.words] == [syllables(word.text) for word in last.words]


def test_hypotheses_come_while_it_is_being_said_each_one_new() -> None:
    partial = [(ms, text(hypothesis)) for ms, hypothesis in heard()[:-1]]

    # Each begins like what was said, and the first comes before half of it was.
    assert [SAID.startswith(each) for _, each in partial] == [True] * len(partial)
    assert [len(each) for _, each in partial] == sorted({len(each) for _, each in partial})
    assert partial[0][0] < len(greeting()) // 32 // 2


def test_words_follow_each_other_inside_what_was_fed() -> None:
    for fed_ms, hypothesis in heard():
        times = [time for word in hypothesis.words for time in (word.began, word.ended)]
        assert times == sorted(times)
        assert AT <= times[0] <= times[-1] <= AT + fed_ms


def test_partial_results_claim_no_confidence_and_final_ones_do() -> None:
    sure = [{word.confidence_pct for word in hypothesis.words} for _, hypothesis in heard()]
    assert sure[:-1] == [{0}] * (len(sure) - 1)
    assert all(0 < pct <= 100 for pct in sure[-1])


def test_a_word_keeps_its_time_while_later_ones_come() -> None:
    first = {hypothesis.words[0].ended for _, hypothesis in heard()[:-1]}
    assert len(first) == 1


def test_a_second_utterance_says_the_same_at_its_own_time() -> None:
    recogniser = VoskRecogniser(model())
    recognise(recogniser, 0, greeting())
    ten_hours_ms = 36_000_000
    (_, last) = recognise(recogniser, ten_hours_ms, greeting())[-1]

    assert text(last) == SAID
    assert ten_hours_ms <= last.words[0].began <= last.words[-1].ended <= ten_hours_ms + len(greeting()) // 32


def test_after_an_hour_of_speech_a_fresh_recogniser_takes_over_unnoticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vosk_recogniser, "RENEW_AFTER_SAMPLES", len(greeting()) // 2 - 1)  # an hour takes too long
    recogniser = VoskRecogniser(model())
    first = recogniser._vosk
    recognise(recogniser, 0, greeting())
    again = recognise(recogniser, AT, greeting())

    assert recogniser._vosk is not first
    assert tuple(again) == heard()


def test_nothing_said_is_an_empty_final_hypothesis() -> None:
    assert recognise(VoskRecogniser(model()), 0, bytes(32000)) == [(1000, Hypothesis(words=(), is_final=True))]


def test_a_folder_that_is_no_model_is_an_error_that_says_what_to_do(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(ModelError) as error:
        vosk_recogniser.load(tmp_path)

    capfd.readouterr()  # Vosk says its own to stderr
    assert str(error.value).startswith(f"{tmp_path}: Vosk cannot load this model")
    assert str(error.value).endswith("try `pi-companion model verify`")


def test_the_noise_floor_is_the_same_however_the_audio_is_cut() -> None:
    pcm = greeting()
    cuts = [0, 320, 4000, 32000, 33000, len(pcm)]
    pieces = [over_floor(pcm[start:end], start // 2) for start, end in pairwise(cuts)]
    assert b"".join(pieces) == over_floor(pcm, 0)


def test_the_noise_floor_is_faint_and_clips_nothing() -> None:
    floor = np.frombuffer(over_floor(bytes(64000), 5), np.int16).astype(int)
    loud = np.frombuffer(over_floor(np.full(16000, 32767, np.int16).tobytes(), 0), np.int16)
    assert (floor.min(), floor.max(), round(float(np.sqrt(np.mean(floor**2))))) == (-17, 17, 10)
    assert loud.max() == 32767 > loud.min() >= 32750


def test_with_the_floor_the_agent_is_understood_on_a_telephone_line() -> None:
    samples, _rate = soundfile.read(DRILL / "024-zm_yunxi.flac", dtype="int16")
    line = telephone(samples).tobytes()
    found = {
        has_floor: text(recognise(VoskRecogniser(model(), has_floor=has_floor), 0, line)[-1][1])
        for has_floor in (False, True)
    }
    assert (found[True], found[False] == found[True]) == ("这不关我的事", False)
