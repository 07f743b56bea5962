"""What is synthesised is Chinese, the same every time, and leaves out what evaluation says."""

import random
from itertools import islice
from pathlib import Path

from firmware.model import sentences

PACK = Path(__file__).parents[2] / "pi_companion" / "packs" / "it-helpdesk-zh.toml"
HELPDESK = [f"请您重启一下电脑第{digit}次" for digit in "一二三四五六七八九"]


def some(seed: int, count: int = 300) -> list[str]:
    own = [text for text in HELPDESK if not sentences.held_out(text)]
    rng = random.Random(seed)  # noqa: S311 - choices, not secrets
    made = sentences.sentences(rng, own, sentences.pack_phrases(PACK), lambda _: "词语")
    return list(islice(made, count))


def test_sentences_are_the_same_for_the_same_seed() -> None:
    assert some(1) == some(1)
    assert some(1) != some(2)


def test_no_sentence_of_the_evaluation_is_among_them() -> None:
    assert not [text for text in some(1) if sentences.held_out(text)]
    assert set(some(1)).isdisjoint(sentences.unseen("，".join(HELPDESK), []))


def test_about_one_in_eight_is_held_out() -> None:
    share = sum(sentences.held_out(f"句子{number}") for number in range(4000)) / 4000
    assert 0.1 < share < 0.15


def test_the_packs_phrases_can_be_spoken() -> None:
    phrases = sentences.pack_phrases(PACK)
    assert len(phrases) > 50
    assert all("\u4e00" <= char <= "\u9fff" or char == "，" for phrase in phrases for char in phrase)
