import pytest

from pi_companion.core.facts import Fact, Side, TalkSpurtBegan, TalkSpurtEnded, Word, WordsHeard
from pi_companion.core.settings import Pack
from pi_companion.evaluation.answering import Taken, answers
from pi_companion.evaluation.labels import Span
from pi_companion.packs import load_pack
from pi_companion.speech.phonetics import syllables


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(None, names={"agent_name": "小李"})


def utterance(text: str, began: int, ended: int) -> tuple[Fact, ...]:
    """A customer's utterance as both recognisers hear it."""
    words = (Word(text=text, syllables=syllables(text), began=began, ended=ended, confidence_pct=100),)
    at = ended + 400
    return (
        TalkSpurtBegan(at=began + 80, side=Side.CUSTOMER, began=began),
        WordsHeard(at=at, side=Side.CUSTOMER, words=words, is_final=True, second=(words,)),
        TalkSpurtEnded(at=at, side=Side.CUSTOMER, began=began, ended=ended, level_dbfs=-25),
    )


@pytest.mark.parametrize(("text", "taken"), [("没问题", Taken.CONSENT), ("等不了", Taken.REFUSAL)])
def test_every_utterance_is_taken_as_if_it_had_been_asked_for(pack: Pack, text: str, taken: Taken) -> None:
    found = list(answers((*utterance(text, 5000, 5900), *utterance(text, 9000, 9900)), pack))

    assert found == [(taken, Span(began=5000, ended=5900)), (taken, Span(began=9000, ended=9900))]


def test_a_long_sentence_is_no_answer(pack: Pack) -> None:
    assert list(answers(utterance("我的电脑今天早上就开不了机器了", 5000, 9000), pack)) == []


def test_something_short_without_such_words_is_unclear(pack: Pack) -> None:
    assert list(answers(utterance("电脑", 5000, 5600), pack)) == [(Taken.UNCLEAR, Span(began=5000, ended=5600))]
