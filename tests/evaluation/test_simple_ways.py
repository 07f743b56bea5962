from collections.abc import Iterator

import pytest

from pi_companion.core.facts import Fact, Side, TalkSpurtBegan, TalkSpurtEnded, Word, WordsHeard
from pi_companion.core.settings import Pack, Rule, Scope
from pi_companion.evaluation.baselines import read_text, second_opinion
from pi_companion.evaluation.hearing import counts_in
from pi_companion.packs import load_pack
from pi_companion.speech.phonetics import syllables


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(None, names={"agent_name": "小李"})


def words(text: str) -> tuple[Word, ...]:
    return tuple(
        Word(text=word, syllables=syllables(word), began=0, ended=500, confidence_pct=100) for word in text.split()
    )


def utterance(*hypotheses: str, second: str = "") -> Iterator[Fact]:
    """An utterance of one second: partial results, the last one final."""
    yield TalkSpurtBegan(at=80, side=Side.AGENT, began=0)
    for place, text in enumerate(hypotheses, 1):
        yield WordsHeard(
            at=100 * place,
            side=Side.AGENT,
            words=words(text),
            is_final=place == len(hypotheses),
            second=(words(second),) if second else (),
        )
    yield TalkSpurtEnded(at=1000, side=Side.AGENT, began=0, ended=600, level_dbfs=-20)


def fired(pack: Pack, facts: Iterator[Fact], *, is_first: bool = False, are_partials_read: bool = False) -> list[str]:
    rules = [rule for rule in pack.rules if rule.side is Side.AGENT]
    found = read_text(tuple(facts), rules, counts_in(is_first=is_first), are_partials_read=are_partials_read)
    return [f"{one.rule} {one.at}" for one in found]


def test_a_phrase_across_words_stands_in_the_text(pack: Pack) -> None:
    assert fired(pack, utterance("那 你 等 一下 吧")) == ["SAY-WAIT 100"]


def test_a_wrong_character_with_the_right_sound_is_not_the_text(pack: Pack) -> None:
    assert fired(pack, utterance("那 你 等 宜 下 吧")) == []


def test_the_polite_form_is_no_excuse_to_exact_text(pack: Pack) -> None:
    assert fired(pack, utterance("请 您 稍 等 一下")) == ["SAY-WAIT 100"]


def test_a_gap_of_the_pack_may_be_filled(pack: Pack) -> None:
    assert fired(pack, utterance("感谢 您 的 来电 再见")) == ["CLOSE-1 100"]


def test_a_gap_has_the_size_the_pack_gives_it(pack: Pack) -> None:
    assert fired(pack, utterance("抱歉 今天 真的 让 大家 久 等")) == []


def test_a_number_stands_for_any_number(pack: Pack) -> None:
    assert fired(pack, utterance("十五 分钟 就 到")) == ["PROMISE 100"]


def test_partial_results_are_read_only_where_that_is_asked_for(pack: Pack) -> None:
    revised = ("你 等 一下", "你 等 一辆 车")

    assert fired(pack, utterance(*revised)) == []
    assert fired(pack, utterance(*revised), are_partials_read=True) == ["SAY-WAIT 100"]


def test_a_rule_fires_once_an_utterance(pack: Pack) -> None:
    assert fired(pack, utterance("等 一下", "等 一下 等 一下"), are_partials_read=True) == ["SAY-WAIT 100"]


@pytest.mark.parametrize(("said", "expected"), [("嗯 挂了 啊", ["TABOO-BYE 1000"]), ("电脑 挂了", [])])
def test_what_counts_as_a_whole_utterance_needs_all_of_it(pack: Pack, said: str, expected: list[str]) -> None:
    assert fired(pack, utterance(said)) == expected


def test_scopes_are_the_devices(pack: Pack) -> None:
    greeting = "您好 电脑 中心 小李 为 您 服务"

    assert fired(pack, utterance(greeting), is_first=True) == ["OPEN-1 100"]
    assert fired(pack, utterance(greeting)) == []


def test_the_second_recogniser_is_read_as_if_it_were_the_only_one(pack: Pack) -> None:
    facts = tuple(utterance("泥 等", "泥 等 宜 下", second="你 等 一下"))

    assert fired(pack, iter(facts)) == []
    assert fired(pack, second_opinion(facts)) == ["SAY-WAIT 1000"]
    assert fired(pack, second_opinion(facts), are_partials_read=True) == ["SAY-WAIT 100"]


def test_every_agents_phrase_is_found_in_its_own_text(pack: Pack) -> None:
    def lacks(rule: Rule) -> list[str]:
        scope = rule.scope is Scope.FIRST_UTTERANCE
        texts = [phrase.text.replace("…", "").replace("，", "") for phrase in rule.phrases]
        return [
            text for text in texts if f"{rule.id} " not in " ".join(fired(pack, utterance(text), is_first=scope)) + " "
        ]

    assert {rule.id: missing for rule in pack.rules if rule.side is Side.AGENT and (missing := lacks(rule))} == {}
