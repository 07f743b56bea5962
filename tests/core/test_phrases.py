"""Spotting phrases: what fires, when, and what a revised hypothesis takes back."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pi_companion.core.limits import Spotting
from pi_companion.core.phrases import _CONTEXT_SYLLABLES, Match, Spotter
from pi_companion.core.settings import Family, Rule, Scope
from tests.core.desk import rule, spoken

LIMITS = Spotting()


class Hearing:
    """One side's spotter and what it has fired so far."""

    def __init__(self, *rules: Rule, limits: Spotting = LIMITS) -> None:
        self.spotter = Spotter(rules, limits)
        self.began = 0
        self.begin(0)

    def begin(self, began: int) -> None:
        self.began = began
        self.spotter.begin(began)

    def partial(self, text: str) -> list[str]:
        return self._hear(text, is_final=False)

    def final(self, text: str) -> list[str]:
        return self._hear(text, is_final=True)

    def end(self) -> list[str]:
        return [match.phrase for match in self.spotter.end()]

    def _hear(self, text: str, *, is_final: bool) -> list[str]:
        return [match.phrase for match in self.spotter.hear(spoken(text, self.began), is_final=is_final)]


def said(text: str, *rules: Rule) -> list[str]:
    """Rule and phrase of everything that fires when `text` is all that is heard of an utterance."""
    spotter = Spotter(rules, LIMITS)
    spotter.begin(0)
    matches = (*spotter.hear(spoken(text), is_final=True), *spotter.end())
    return [f"{match.rule.id} {match.phrase}" for match in matches]


def score(text: str, *rules: Rule) -> list[int]:
    spotter = Spotter(rules, LIMITS)
    spotter.begin(0)
    return [match.score_pm for match in spotter.hear(spoken(text), is_final=True)]


WAIT = rule("等一下", excused_by=("请…3等一下",))


# What is alike


def test_a_phrase_is_heard_anywhere_in_an_utterance() -> None:
    assert said("那 你 等一下 我 看看", WAIT) == ["R 等一下"]


def test_wrong_characters_with_the_right_sound_are_the_phrase() -> None:
    assert said("他 布 载", rule("他不在")) == ["R 他不在"]


def test_other_words_are_not_the_phrase() -> None:
    assert said("我 帮 您 看看", WAIT) == []


def test_two_syllables_must_be_exact() -> None:
    assert (said("机子", rule("机子")), said("集资", rule("机子")), said("机制", rule("机子"))) == (
        ["R 机子"],
        ["R 机子"],
        [],
    )


@pytest.mark.parametrize(
    ("text", "is_heard"),
    [
        ("你 到底 想 查 什么", True),
        ("你 到底 想 什么", True),  # one of six places is missing: 800 of 1000
        ("你 到底 什么", False),
        ("你 到底 想 查 一下 什么", True),  # two syllables between: 1200 of 7 * 200
        ("你 到底 想 要 再 查 一下 什么", False),
    ],
)
def test_a_long_phrase_bears_one_slip(text: str, *, is_heard: bool) -> None:
    assert bool(said(text, rule("你到底想查什么"))) is is_heard


def test_the_last_place_must_be_heard() -> None:
    assert (said("你 到底 想 查 什", rule("你到底想查什么")), said("你 到底 想 查", rule("你到底想查什么"))) == ([], [])


def test_a_gap_takes_any_syllables_up_to_its_size_and_no_more() -> None:
    apology = rule("抱歉…3久等")
    assert [said(f"抱歉 {between} 久等 了", apology) for between in ("", "让您", "真的让", "真的让您")] == [
        ["R 抱歉…久等"],
        ["R 抱歉…久等"],
        ["R 抱歉…久等"],
        [],
    ]


def test_a_syllable_alone_is_heard_only_as_that_very_character_and_word() -> None:
    hey = rule("喂")
    assert (said("喂 你好", hey), said("位 你好", hey), said("喂养", hey)) == (["R 喂"], [], [])


def test_a_match_says_where_it_was_said_and_how_likely() -> None:
    kind = rule("台式机还是便携机")
    spotter = Spotter([kind], LIMITS)
    spotter.begin(1000)

    matches = spotter.hear(spoken("嗯 请 是 台司机 还是 便携机", 1000), is_final=True)

    # si for shi costs 100 of one syllable in eight.
    match = Match(rule=kind, phrase="台式机还是便携机", began=1600, ended=3200, score_pm=987)
    assert matches == (match,)


def test_what_is_nearer_scores_higher_and_only_the_same_scores_full() -> None:
    taboo = rule("你到底想查什么")
    heard = ("你 到底 想 查 什么", "你 到底 想 擦 什么", "你 到底 想 要 查 什么", "你 到底 想 什么")
    assert [score(text, taboo) for text in heard] == [[1000], [985], [914], [885]]


# Partial hypotheses


def test_a_partial_match_at_the_end_waits_for_a_second_look() -> None:
    heard = Hearing(WAIT)
    assert (heard.partial("等一下"), heard.partial("等一下"), heard.final("等一下")) == ([], ["等一下"], [])


def test_a_partial_match_with_something_after_it_fires_at_once() -> None:
    assert Hearing(WAIT).partial("等一下 我") == ["等一下"]


def test_a_match_that_is_taken_back_never_fires() -> None:
    heard = Hearing(rule("你等"))
    fired = [heard.partial("你等"), heard.partial("你懂"), heard.partial("你懂"), heard.final("你懂 吗")]
    assert fired == [[], [], [], []]


def test_a_match_that_comes_and_goes_needs_two_in_a_row() -> None:
    heard = Hearing(WAIT)
    assert [heard.partial(text) for text in ("等一下", "等一", "等一下", "等一下")] == [[], [], [], ["等一下"]]


def test_a_phrase_is_said_once_an_utterance_however_often_it_is_revised() -> None:
    heard = Hearing(WAIT)
    fired = [heard.partial("等一下 我"), heard.partial("您 等一下 我"), heard.final("您 等一下 我 看 等一下")]
    assert fired == [["等一下"], [], []]


def test_the_next_utterance_may_say_it_again() -> None:
    heard = Hearing(WAIT)
    heard.final("等一下")
    heard.end()
    heard.begin(5000)
    assert heard.final("等一下") == ["等一下"]


def test_after_a_final_hypothesis_the_next_goes_on_from_there() -> None:
    heard = Hearing(rule("你等一会"))
    assert (heard.final("那 你等"), heard.final("一会 好 吗")) == ([], ["你等一会"])


PREFIXES = st.lists(st.integers(0, 14), max_size=8)


@given(PREFIXES)
def test_partial_results_on_the_way_change_nothing_about_what_was_said(lengths: list[int]) -> None:
    rules = (WAIT, rule("我不清楚", name="S"), rule("你到底想查什么", name="T"), rule("他不在", name="U"))
    text = "那 你 等一下 我 不 清楚 他 不 在 你 到底 想 茶 什么"
    heard = Spotter(rules, LIMITS)
    heard.begin(0)
    fired = {
        match.rule.id
        for length in lengths
        for match in heard.hear(spoken(" ".join(text.split()[:length])), is_final=False)
    }
    fired |= {match.rule.id for match in heard.hear(spoken(text), is_final=True)}
    assert fired == {"R", "S", "T", "U"}


# Pauses


def test_a_phrase_may_go_on_after_a_short_pause() -> None:
    heard = Hearing(rule("你等一会"))
    heard.final("那 你等")
    heard.begin(600 + LIMITS.bridge_ms)
    assert heard.final("一会") == ["你等一会"]


def test_a_phrase_does_not_go_on_after_a_long_pause() -> None:
    heard = Hearing(rule("你等一会"))
    heard.final("那 你等")
    heard.begin(601 + LIMITS.bridge_ms)
    assert heard.final("一会") == []


def test_a_phrase_that_was_over_before_the_pause_is_not_said_again_after_it() -> None:
    heard = Hearing(WAIT)
    heard.final("你 等一下")
    heard.begin(1000)
    assert heard.final("好") == []


def test_syllables_before_the_utterance_do_not_count_into_it() -> None:
    spotter = Spotter([rule("喂")], LIMITS)
    spotter.begin(0)
    spotter.hear(spoken("我 帮 您 看看"), is_final=True)
    spotter.begin(1200)
    (match,) = spotter.hear(spoken("嗯 喂 您 好", 1200), is_final=True)
    assert (match.phrase, match.began) == ("喂", 1400)


@pytest.mark.parametrize(("waited_ms", "is_kept"), [(1900, True), (1901, False)])
def test_what_was_said_is_forgotten_once_no_utterance_can_go_on_from_it(waited_ms: int, *, is_kept: bool) -> None:
    spotter = Spotter([WAIT], LIMITS)
    spotter.begin(0)
    spotter.hear(spoken("你 等"), is_final=True)
    spotter.pass_time(10000)  # not while it lasts
    spotter.end()
    spotter.pass_time(400 + waited_ms)
    assert [each.sound for each in spotter._heard] == (["ni", "deng"] if is_kept else [])


def test_a_phrase_goes_on_after_a_pause_however_late_that_is_known() -> None:
    spotter = Spotter([WAIT], LIMITS)
    spotter.begin(0)
    spotter.hear(spoken("你 等"), is_final=True)
    spotter.end()
    spotter.pass_time(2300)  # known only then: the next words began 900 ms after these
    spotter.begin(1300)
    (match,) = spotter.hear(spoken("一下", 1300), is_final=True)
    assert (match.began, match.ended) == (200, 1700)


def test_memory_stays_bounded_however_short_the_pauses() -> None:
    spotter = Spotter([WAIT], LIMITS)
    most = 0
    for utterance in range(100):
        began = utterance * 2000
        spotter.begin(began)
        spotter.hear(spoken("我 帮 您 看看 这 个 单 子", began), is_final=True)
        most = max(most, len(spotter._heard), len(spotter._begun._columns))
    assert most < _CONTEXT_SYLLABLES + 10


# Excuses


def test_a_polite_form_around_the_phrase_excuses_it() -> None:
    assert (said("请您 稍等 一下 好 吗", WAIT), said("请您 等一下 好 吗", WAIT)) == ([], [])


def test_a_polite_form_somewhere_else_does_not_excuse_it() -> None:
    assert said("请 坐 那边 现在 都 很 忙 你 等一下", WAIT) == ["R 等一下"]


def test_a_polite_form_that_ends_before_the_phrase_does_not_excuse_it() -> None:
    assert said("请 稍候 你 等一下", rule("等一下", excused_by=("请稍候",))) == ["R 等一下"]


def test_a_polite_form_heard_much_worse_than_the_fault_does_not_excuse_it() -> None:
    taboo = rule("你等一下", excused_by=("请你等一下",))
    # Without 请 the polite form of five syllables is still alike enough to be heard: 840 of 1000.
    assert (said("请 你 等一下", taboo), said("你 等一下", taboo)) == ([], ["R 你等一下"])


def test_a_polite_form_inside_the_phrase_does_not_excuse_it() -> None:
    assert said("我 不 清楚", rule("我不清楚", excused_by=("不清楚",))) == ["R 我不清楚"]


def test_a_polite_form_of_one_rule_does_not_excuse_another() -> None:
    assert said("请您 等一下", WAIT, rule("等一下", name="S", family=Family.PROMISE)) == ["S 等一下"]


def test_a_partial_match_waits_while_a_polite_form_is_on_its_way() -> None:
    heard = Hearing(rule("他不在", excused_by=("它不再提",)))
    fired = [heard.partial(text) for text in ("它不再", "它不再", "它不再 提", "它不再 提示", "它不再 提示")]
    assert (fired, heard.final("它不再 提示")) == ([[]] * 5, [])


def test_it_waits_no_longer_than_it_takes_to_see_that_the_polite_form_does_not_come() -> None:
    heard = Hearing(rule("他不在", excused_by=("它不再提",)))
    assert [heard.partial(text) for text in ("他不在", "他不在", "他不在 这")] == [[], [], ["他不在"]]


def test_at_the_end_of_what_is_said_nothing_is_waited_for() -> None:
    heard = Hearing(rule("他不在", excused_by=("它不再提",)))
    assert (heard.partial("他不在"), heard.partial("他不在"), heard.final("他不在")) == ([], [], ["他不在"])


# Two rules at once


def test_of_two_rules_of_a_family_on_the_same_words_the_longer_phrase_is_reported() -> None:
    assert said("我 不 清楚 你 找 别人 问", rule("我不清楚", name="S"), rule("不清楚你找…问", name="L")) == [
        "L 不清楚你找…问"
    ]


def test_of_two_alike_the_one_that_stands_first() -> None:
    assert said("等一下", rule("等一下", name="A"), rule("等一下", name="B")) == ["A 等一下"]


def test_rules_of_two_families_may_share_their_words() -> None:
    both = said(
        "请 稍等",
        rule("请稍等", name="A", family=Family.HOLD_REQUEST),
        rule("请稍等", name="B", family=Family.GREETING),
    )
    assert sorted(both) == ["A 请稍等", "B 请稍等"]


def test_rules_of_a_family_on_different_words_both_count_in_the_order_said() -> None:
    assert said("他 不在 你 等一下", rule("等一下", name="W"), rule("他不在", name="A")) == ["A 他不在", "W 等一下"]


def test_a_rule_that_does_not_count_now_is_not_reported() -> None:
    spotter = Spotter([WAIT], LIMITS)
    spotter.begin(0)
    assert spotter.hear(spoken("等一下"), is_final=True, counts=lambda _rule: False) == ()


# Whole utterances

WHY = rule("为什么", name="W", scope=Scope.WHOLE_UTTERANCE)


def test_a_whole_utterance_is_known_when_it_is_over() -> None:
    heard = Hearing(WHY)
    assert (heard.partial("为什么"), heard.final("为什么"), heard.end()) == ([], [], ["为什么"])


def test_fillers_do_not_make_it_another_utterance() -> None:
    assert said("嗯 啊 为什么 啊", WHY) == ["W 为什么"]


def test_other_words_do() -> None:
    assert (said("请问 为什么", WHY), said("为什么 打不开", WHY), said("您 知道 为什么 吗", WHY)) == ([], [], [])


def test_what_was_said_before_a_short_pause_is_another_utterance() -> None:
    heard = Hearing(WHY)
    heard.final("我 看看")
    heard.end()
    heard.begin(900)
    heard.final("为什么")
    assert heard.end() == ["为什么"]


def test_a_single_character_as_the_whole_utterance_is_taken_literally() -> None:
    yes = rule("行", name="Y", scope=Scope.WHOLE_UTTERANCE)
    assert (said("行", yes), said("嗯 行 啊", yes), said("型", yes)) == (["Y 行"], ["Y 行"], [])


def test_an_utterance_of_nothing_but_fillers_is_no_phrase() -> None:
    assert said("嗯 啊", WHY) == []


def test_a_silent_utterance_is_no_phrase() -> None:
    assert said("", WHY, WAIT) == []


# Against plain reckoning


def plainly_within(heard: list[str], wanted: list[str]) -> bool:
    return any(heard[start : start + len(wanted)] == wanted for start in range(len(heard)))


SOUNDS = st.lists(st.sampled_from("他不在我你"), max_size=12)


@given(SOUNDS)
def test_a_short_exact_phrase_is_found_exactly_where_it_stands(characters: list[str]) -> None:
    exact = Spotting(least_score_pm=(1000,))
    heard = Hearing(rule("他不在"), limits=exact)
    assert bool(heard.final(" ".join(characters))) is plainly_within(characters, list("他不在"))


@given(SOUNDS, st.lists(st.integers(0, 12), max_size=3))
def test_finals_in_pieces_say_the_same_as_one(characters: list[str], cuts: list[int]) -> None:
    whole, pieces = Hearing(rule("他不在")), Hearing(rule("他不在"))
    edges = [0, *sorted(min(cut, len(characters)) for cut in cuts), len(characters)]
    fired = [phrase for start, end in pairwise(edges) for phrase in pieces.final(" ".join(characters[start:end]))]
    assert fired == whole.final(" ".join(characters))
