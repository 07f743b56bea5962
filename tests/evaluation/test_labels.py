import pytest

from pi_companion.core.facts import Side
from pi_companion.core.settings import Pack
from pi_companion.evaluation.hearing import Detection
from pi_companion.evaluation.labels import Span, holding, is_left_out, length_ms
from pi_companion.evaluation.material import Label
from pi_companion.packs import load_pack
from pi_companion.speech.phonetics import syllables


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(None, names={"agent_name": "小李"})


def label(began: int, said: str, *, has_text: bool = True) -> Label:
    sounds = syllables(said) if has_text else tuple(said.split())
    return Label(began=began, ended=began + 1000, voice="someone", text=said if has_text else "", sounds=sounds)


def held(pack: Pack, *labels: Label) -> tuple[Span, ...]:
    rules = [rule for rule in pack.rules if rule.side is Side.AGENT]
    return holding(labels, rules, pack.limits.spotting)


def test_a_label_with_a_phrase_is_left_out_whole(pack: Pack) -> None:
    assert held(pack, label(0, "今天天气好"), label(2000, "那你等一下吧")) == (Span(began=2000, ended=3000),)


def test_a_label_that_is_only_near_a_phrase_stays_in(pack: Pack) -> None:
    assert held(pack, label(0, "这不该我的事")) == ()


def test_a_label_with_other_characters_of_the_same_sound_is_left_out(pack: Pack) -> None:
    assert held(pack, label(0, "我不知到他")) == (Span(began=0, ended=1000),)


def test_syllables_without_text_are_enough(pack: Pack) -> None:
    assert held(pack, label(0, "wo bu zhi dao", has_text=False)) == (Span(began=0, ended=1000),)


def test_a_syllable_alone_is_taken_for_the_character_that_a_rule_insists_on(pack: Pack) -> None:
    assert held(pack, label(0, "wei", has_text=False)) == (Span(began=0, ended=1000),)


def test_a_character_of_the_same_sound_is_not_that_character(pack: Pack) -> None:
    assert held(pack, label(0, "为")) == ()


def test_a_phrase_may_run_over_two_labels_with_a_short_pause(pack: Pack) -> None:
    two = (label(0, "wo bu", has_text=False), label(1500, "zhi dao", has_text=False))

    assert held(pack, *two) == (Span(began=0, ended=1000), Span(began=1500, ended=2500))


def test_a_long_pause_parts_them(pack: Pack) -> None:
    assert held(pack, label(0, "wo bu", has_text=False), label(5000, "zhi dao", has_text=False)) == ()


def test_a_polite_form_is_no_phrase_and_stays_in(pack: Pack) -> None:
    assert held(pack, label(0, "请您等一下")) == ()


@pytest.mark.parametrize(("began", "ended", "expected"), [(500, 900, True), (1250, 1500, True), (1350, 1500, False)])
def test_what_fires_on_or_next_to_such_a_label_is_left_out(began: int, ended: int, expected: bool) -> None:
    found = Detection(rule="X", phrase="某", places=1, at=ended, began=began, ended=ended)

    assert is_left_out(found, (Span(began=0, ended=1000),)) is expected


def test_spans_are_as_long_as_their_sum() -> None:
    assert length_ms((Span(began=0, ended=1000), Span(began=1500, ended=1700))) == 1200
