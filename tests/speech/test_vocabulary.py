"""What a model can write: its words, the sounds in them, a text cut into them."""

from functools import cache

import pytest

from pi_companion.errors import ModelError
from pi_companion.speech import models, vosk_recogniser
from pi_companion.speech.syllables import SYLLABLES
from pi_companion.speech.vocabulary import Vocabulary, of, of_model, segment


@cache
def bundled() -> Vocabulary:
    model = models.bundled()
    return of_model(vosk_recogniser.load(model.path), model.name)


def words(text: str) -> Vocabulary:
    """The vocabulary of the words in a text, parted by blanks."""
    return of(frozenset(text.split()).__contains__)


def cut(vocabulary: Vocabulary, text: str) -> str:
    return " ".join(part.text if part.is_word else f"‹{part.text}›" for part in segment(vocabulary, text))


class Deaf:
    """Answers as a Vosk model without a single Mandarin word does."""

    def vosk_model_find_word(self, word: str) -> int:
        return 7 if word == "hello" else -1


@pytest.mark.parametrize(
    ("known", "text", "expected"),
    [
        ("台式 机 台 式", "台式机", "台式 机"),
        ("台式机 台式 机", "台式机", "台式机"),
        ("不 不知 知道 道", "不知道", "不知 道"),  # two words either way: the longer one first
        ("我 不 知 道 不知道", "我不知道", "我 不知道"),
        ("我 坏 了", "机子坏了", "‹机› ‹子› 坏 了"),
        ("一下 下等 等 请", "请，等 一下！OK", "请 等 一下"),
        ("您 好", "", ""),
    ],
)
def test_a_text_is_cut_into_the_fewest_words_that_the_model_has(known: str, text: str, expected: str) -> None:
    assert cut(words(known), text) == expected


def test_as_little_as_possible_is_left_that_no_word_can_write() -> None:
    assert cut(words("开不 不了 开"), "开不了") == "开 不了"


def test_for_a_model_of_syllables_the_words_are_the_syllables() -> None:
    syllabic = words("tai shi")
    assert (syllabic.is_syllabic, cut(syllabic, "台式机")) == (True, "tai shi ‹ji›")


def test_a_sound_that_only_a_longer_word_has_is_found_with_that_word() -> None:
    assert dict(words("好 银行").sounds) == {"hao": "好", "yin": "银行", "hang": "银行"}


def test_the_bundled_model_writes_hanzi_and_has_nearly_every_sound() -> None:
    assert not bundled().is_syllabic
    assert {"wei", "ji", "zi", "nin"} <= bundled().sounds.keys() <= SYLLABLES
    assert cut(bundled(), "您是台式机还是便携机") == "您 是 台式机 还是 便携机"


def test_the_bundled_model_does_not_have_every_word() -> None:
    assert [bundled().has(word) for word in ("机子", "嘿", "")] == [True, False, False]


def test_a_model_that_knows_no_mandarin_is_refused() -> None:
    with pytest.raises(ModelError, match=r"vosk-en: knows 0 of \d+ Mandarin syllables.*pi-companion model list"):
        of_model(Deaf(), "vosk-en")
