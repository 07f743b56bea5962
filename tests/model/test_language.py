import math

import pytest

from firmware.model.language import BEGIN, END, Shares, Text, estimate, graph
from firmware.model.lexicon import lexicon, readings

SAID = Text([["您好", "请", "讲"], ["您好", "请", "稍等"], ["请", "稍等"]], 2.0)
MODEL = estimate(
    [SAID], {"请": 5, "银行": 1}, {"fo": 1, "shan": 3}, {("fo", "shan"): 1.0}, Shares(least={3: 2})
)  # fmt: skip
WORDS = (*(word for word in MODEL.words if word != END), END)


@pytest.mark.parametrize("context", [(), *MODEL.after, ("never", "seen")], ids=" ".join)
def test_the_probabilities_of_all_words_add_up_to_one(context: tuple[str, ...]) -> None:
    assert math.isclose(sum(MODEL.probability(context, word) for word in WORDS), 1, abs_tol=1e-9)


def test_what_was_said_is_likelier_than_what_was_not_and_nothing_is_impossible() -> None:
    assert MODEL.probability((BEGIN,), "您好") > 5 * MODEL.probability((BEGIN,), "讲") > 0
    assert MODEL.probability(("您好", "请"), "fo") > 0


def test_a_free_syllable_is_followed_by_another_as_in_the_language() -> None:
    assert MODEL.probability(("fo",), "shan") > 0.5 > MODEL.probability((), "shan")


def test_the_graph_costs_what_the_model_says() -> None:
    labels = {word: number for number, word in enumerate(WORDS[:-1], 1)}
    built = graph(MODEL, labels, dict.fromkeys(labels, 2), scale=0.5, syllable_cost=0.25)
    cost = next(arc.cost for arc in built.arcs[built.start] if arc.heard == labels["您好"])
    assert math.isclose(cost, -0.5 * math.log(MODEL.probability((BEGIN,), "您好")) + 0.5)
    assert all(0 <= arc.next < len(built.arcs) for arcs in built.arcs for arc in arcs)


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("您好", [("nin", "hao")]), ("谁", [("shei",), ("shui",)]), ("银行", [("yin", "hang")]), ("shao", [("shao",)]),
        ("这个", [("zhe", "ge"), ("zhei", "ge")]), ("嗯", [("en",)]), ("长", [("chang",), ("zhang",)]), ("hello", []),
    ],
)  # fmt: skip
def test_a_word_has_each_sensible_reading(word: str, said: list[tuple[str, ...]]) -> None:
    assert sorted(readings(word)) == sorted(said)


def test_the_lexicon_has_every_syllable_beside_the_words() -> None:
    found = lexicon(["您好", "???"])
    assert found["您好"] == (("nin", "hao"),)
    assert found["zhuang"] == (("zhuang",),)
    assert "???" not in found
