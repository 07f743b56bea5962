"""Are hanzi read as pypinyin reads them? Its whole dictionary, and runs in which its phrases meet.

That each line of the table is pypinyin's is compared in `tests/repo/test_generated.py`.
"""

import random

from hypothesis import given, settings
from hypothesis import strategies as st
from pypinyin.phrases_dict import phrases_dict

from pi_companion.core.settings import Pack
from pi_companion.packs import load_pack
from pi_companion.speech import readings
from tests.repo.readings_table import HANZI, toneless

COMMON = [char for char in sorted({char for phrase in phrases_dict for char in phrase}) if HANZI.match(char)]


def wrong(runs: list[str]) -> list[str]:
    return [run for run in runs if readings.of_run(run) != toneless(run)]


def pack() -> Pack:
    return load_pack(None, names={"agent_name": "小李"})


def test_every_hanzi_is_read_as_pypinyin_reads_it() -> None:
    assert wrong([chr(code) for code in (0x3007, *range(0x3400, 0xA000))]) == []


def test_phrases_one_after_the_other_are_cut_as_pypinyin_cuts_them() -> None:
    shuffled = sorted(phrases_dict)
    random.Random(8).shuffle(shuffled)  # noqa: S311 - the same on every machine
    assert wrong(["".join(shuffled[at : at + 3]) for at in range(0, len(shuffled), 12)]) == []


def test_a_run_that_only_begins_a_phrase_is_read_hanzi_by_hanzi() -> None:
    assert [readings.of_run(run) for run in ("不了", "下不了", "下不了台")] == [
        ["bu", "liao"],
        ["xia", "bu", "le"],
        ["xia", "bu", "liao", "tai"],
    ]
    assert wrong(["不了", "下不了", "下不了台"]) == []


@settings(deadline=None)  # a busy machine is no defect
@given(st.lists(st.one_of(st.sampled_from(COMMON), st.sampled_from(sorted(phrases_dict))), max_size=8).map("".join))
def test_any_run_is_read_as_pypinyin_reads_it(run: str) -> None:
    assert readings.of_run(run) == (toneless(run) if run else [])


def test_every_text_of_the_pack_is_read_as_pypinyin_reads_it() -> None:
    phrases = {phrase.text for rule in pack().rules for phrase in (*rule.phrases, *rule.excused_by)}
    assert len(phrases) > 300
    assert wrong([phrase for phrase in phrases if HANZI.match(phrase)]) == []


def test_the_words_of_the_table_are_pypinyins_hanzi_and_phrases_in_order() -> None:
    words = list(readings.words())
    assert words == sorted(words)
    assert [word for word in words if len(word) > 1] == sorted(phrases_dict)
