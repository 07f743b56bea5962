"""What the second recogniser listens for, and what it then hears: the bundled model, real recognition."""

from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import soundfile

from pi_companion.core.facts import Side
from pi_companion.core.settings import Family, Pack
from pi_companion.packs import load_pack
from pi_companion.speech import grammar, models, short_answers, vocabulary, vosk_recogniser
from pi_companion.speech.ear import Hypothesis
from pi_companion.speech.phonetics import syllables
from pi_companion.speech.short_answers import LONGEST_MS, ShortAnswerRecogniser
from pi_companion.speech.vosk_recogniser import VoskRecogniser

DRILL = Path(__file__).parents[1] / "drill"
BUNDLED = models.bundled().path


@cache
def model() -> Any:  # noqa: ANN401 - vosk publishes no types
    return vosk_recogniser.load(BUNDLED)


@cache
def pack() -> Pack:
    return load_pack(None, names={"agent_name": "小李"})


@cache
def lines() -> tuple[str, ...]:
    rules = [rule for rule in pack().rules if rule.side is Side.AGENT]
    return grammar.of_rules(rules, vocabulary.of_model(model(), "companion-zh"))


def recognise(file: str, side: Side = Side.AGENT, path: Path = BUNDLED) -> list[Hypothesis]:
    samples, _rate = soundfile.read(DRILL / file, dtype="int16")
    pcm = samples.tobytes()
    recogniser = grammar.recogniser(model(), path, pack(), side)
    recogniser.begin(0)
    fed = [recogniser.feed(pcm[start : start + 3200]) for start in range(0, len(pcm), 3200)]
    return [*(hypothesis for hypothesis in fed if hypothesis is not None), recogniser.finish()]


def text(words: tuple[Any, ...]) -> str:
    return "".join(word.text for word in words)


def test_every_word_of_the_grammar_is_one_that_the_model_has() -> None:
    words = {word for line in lines() for word in line.split()}
    assert [word for word in sorted(words) if model().vosk_model_find_word(word) < 0] == []


def test_phrases_stand_in_it_cut_into_words_and_at_their_gaps() -> None:
    assert {"保证", "修好", "咨询"} <= set(lines())
    assert "你到底想查什么" in {line.replace(" ", "") for line in lines() if " " in line}
    assert not [line for line in lines() if "…" in line or "几" in line.split()]


def test_every_syllable_that_the_model_can_write_has_a_word_in_it() -> None:
    known = vocabulary.of_model(model(), "companion-zh").sounds
    heard = {sound for line in lines() for sound in syllables(line.replace(" ", ""))}
    assert known.keys() <= heard


def test_its_phrases_come_out_where_ordinary_mandarin_would_not_have_them() -> None:
    last = recognise("009-zf_xiaobei.flac")[-1]
    assert any(text(words) == "你问我我问谁" for words in last.second)


def test_what_is_no_phrase_is_not_forced_into_one() -> None:
    said = "我们会尽快安排工程师联系您"
    last = recognise("055-zm_yunxi.flac")[-1]
    phrases = {line.replace(" ", "") for line in lines() if len(syllables(line.replace(" ", ""))) > 2}
    heard = {phrase for phrase in phrases if any(phrase in text(words) for words in last.second)}
    assert [phrase for phrase in sorted(heard) if phrase not in said] == []


def test_partial_results_have_one_second_opinion_and_the_final_one_several_with_their_times() -> None:
    hypotheses = recognise("000-zf_xiaobei.flac")
    assert {len(each.second) for each in hypotheses[:-1]} == {1}
    assert 1 < len(hypotheses[-1].second) <= 8
    best = hypotheses[-1].second[0]
    assert all(before.ended <= after.began for before, after in pairwise(best))


def test_the_customers_side_hears_short_utterances_again_and_only_once_they_are_over() -> None:
    hypotheses = recognise("002-zf_xiaobei.flac", Side.CUSTOMER)
    assert {each.second for each in hypotheses[:-1]} == {()}
    assert 1 < len(hypotheses[-1].second) <= 8


def test_an_answer_is_not_mistaken_for_what_an_angry_or_a_parting_customer_says() -> None:
    recogniser = grammar.recogniser(model(), BUNDLED, pack(), Side.CUSTOMER)
    assert isinstance(recogniser, ShortAnswerRecogniser)
    known = {line.replace(" ", "") for line in recogniser._grammar if len(syllables(line.replace(" ", ""))) > 1}
    others: set[str] = set()
    answers: set[str] = set()
    for rule in pack().rules:
        if rule.side is Side.CUSTOMER:
            is_answer = rule.family in {Family.CONSENT, Family.REFUSAL}
            (answers if is_answer else others).update(each.text for each in (*rule.phrases, *rule.excused_by))
    assert {"可以", "不可以"} <= answers & known
    assert any("投诉" in text for text in others)
    assert not (others - answers) & known


def test_on_a_longer_utterance_of_the_customers_the_second_recogniser_has_heard_nothing() -> None:
    recogniser = ShortAnswerRecogniser(model(), ("可以",))
    recogniser.begin(0)
    recogniser.feed(bytes((LONGEST_MS + 20) * 32))
    assert recogniser.finish() == Hypothesis(words=(), is_final=True, second=((),))


def test_after_an_hour_of_short_answers_a_fresh_recogniser_hears_them_unnoticed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    samples, _rate = soundfile.read(DRILL / "002-zf_xiaobei.flac", dtype="int16")
    monkeypatch.setattr(short_answers, "RENEW_AFTER_SAMPLES", len(samples) - 1)  # an hour takes too long
    recogniser = ShortAnswerRecogniser(model(), lines())
    first, heard = recogniser._again, []
    for at in (5000, 5000):
        recogniser.begin(at)
        recogniser.feed(samples.tobytes())
        heard.append(recogniser.finish().second)

    assert recogniser._again is not first
    assert heard[0] == heard[1] != ((),)


def test_no_word_is_kept_once_the_utterance_is_over() -> None:
    samples, _rate = soundfile.read(DRILL / "009-zf_xiaobei.flac", dtype="int16")
    recogniser = VoskRecogniser(model(), lines())
    recogniser.begin(0)
    recogniser.feed(samples.tobytes())
    assert recogniser.finish().second != ((),)
    assert (recogniser._seen, recogniser._opinions()) == ([], ((),))


def test_a_model_with_a_fixed_graph_has_no_second_recogniser(tmp_path: Path) -> None:
    assert (grammar.is_taken_by(BUNDLED), grammar.is_taken_by(tmp_path)) == (True, False)
    assert {each.second for each in recognise("002-zf_xiaobei.flac", path=tmp_path)} == {()}
