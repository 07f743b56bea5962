"""Two recognisers hear the same side: what one alone may decide, what both must agree on, and who has the last word."""

import pytest

from pi_companion.core.limits import Spotting
from pi_companion.core.phrases import Spotter
from pi_companion.core.settings import Rule, Scope
from pi_companion.speech.phonetics import syllables
from tests.core.desk import rule, spoken

LIMITS = Spotting()


class Ears:
    """One side's spotter; each hypothesis is what the first and the second recogniser make of the utterance."""

    def __init__(self, *rules: Rule, limits: Spotting = LIMITS) -> None:
        self.spotter = Spotter(rules, limits)
        self.spotter.begin(0)

    def hear(self, first: str, *second: str, is_final: bool, late_ms: int = 0) -> list[str]:
        opinions = tuple(spoken(text, late_ms) for text in second)
        matches = self.spotter.hear(spoken(first), is_final=is_final, second=opinions)
        return [match.phrase for match in matches]

    def partial(self, first: str, *second: str) -> list[str]:
        return self.hear(first, *second, is_final=False)

    def final(self, first: str, *second: str, late_ms: int = 0) -> list[str]:
        return self.hear(first, *second, is_final=True, late_ms=late_ms)

    def end(self) -> list[str]:
        return [match.phrase for match in self.spotter.end()]


CHALLENGE = rule(
    "你到底想查什么"
)  # heard badly below: 想 and 查 as quite other sounds, 714 of 1000; alone 800 is needed


def test_a_phrase_heard_badly_counts_if_the_second_recogniser_heard_it_well() -> None:
    assert Ears(CHALLENGE).final("你 到底 路 飞 什么") == []
    assert Ears(CHALLENGE).final("你 到底 路 飞 什么", "你 到底 想 查 什么") == ["你到底想查什么"]


def test_the_second_recogniser_alone_decides_nothing() -> None:
    assert Ears(CHALLENGE).final("今天 路 飞 天气 不错", "你 到底 想 查 什么") == []


def test_both_must_have_heard_it_in_the_same_place() -> None:
    heard = "你 到底 路 飞 什么"
    for late_ms, is_heard in ((400, True), (401, False)):
        fired = Ears(CHALLENGE).final(heard, "你 到底 想 查 什么", late_ms=late_ms)
        assert bool(fired) is is_heard


def test_any_of_the_second_recognisers_alternatives_will_do() -> None:
    assert Ears(CHALLENGE).final("你 到底 路 飞 什么", "你 到底 路 飞 什么", "你 到底 想 查 什么") == ["你到底想查什么"]


@pytest.mark.parametrize(("agreed_pm", "is_heard"), [(0, False), (57, False), (58, True), (200, True)])
def test_how_far_two_that_agree_may_fall_short_is_a_setting(agreed_pm: int, is_heard: bool) -> None:
    # Both heard 742 of 1000 (one syllable wrong, one missing: 1800 of 7); 800 is needed: 58 short.
    limits = Spotting(agreed_pm=agreed_pm)
    heard = "你 到底 飞 什么"
    assert bool(Ears(CHALLENGE, limits=limits).final(heard, heard)) is is_heard


def test_a_short_phrase_needs_both_recognisers_where_there_are_two() -> None:
    device = rule("机子")
    assert Ears(device).final("你 的 机子 呢") == ["机子"]
    assert Ears(device).final("你 的 机子 呢", "你 的 几 则 呢") == []
    assert Ears(device).final("你 的 机子 呢", "你 的 机子 呢") == ["机子"]


@pytest.mark.parametrize(("worst_pm", "is_heard"), [(199, False), (200, True)])
def test_how_badly_one_of_two_that_agree_may_have_heard_it_is_a_setting(worst_pm: int, is_heard: bool) -> None:
    limits = Spotting(agreed_worst_pm=worst_pm)  # 840 is needed for five; one heard 640
    assert bool(Ears(rule("要告就告去"), limits=limits).final("要 告 就 告 去", "要 告 飞 去")) is is_heard


def test_a_single_syllable_counts_at_the_start_of_an_utterance_only() -> None:
    hey = rule("喂")
    assert Ears(hey).final("喂 您 好", "喂 您 好") == ["喂"]
    assert Ears(hey).final("嗯 喂 您 好", "嗯 喂 您 好") == ["喂"]
    assert Ears(hey).final("认 喂 您 好", "认 喂 您 好") == []
    assert Ears(hey).final("喂 您 好", "认 喂 您 好") == []


def test_a_short_phrase_stands_after_a_syllable_on_which_both_agree() -> None:
    device = rule("机子")
    assert Ears(device).final("你 的 机子 呢", "路 的 机子 飞") == ["机子"]
    assert Ears(device).final("美 元 机子 呢", "没 宣 机子 呢") == []
    assert Ears(device).final("机子", "机子") == ["机子"]
    assert Ears(device).final("机子", "宣 机子") == []


def test_a_short_phrase_is_no_end_of_one_word_and_start_of_another() -> None:
    assert Ears(rule("机子")).final("飞机 资本 呢", "飞 机子 本 呢") == []
    assert Ears(rule("机子")).final("飞 机 子 呢", "飞 机子 呢") == ["机子"]


def test_a_short_phrase_is_not_put_together_from_two_utterances() -> None:
    ears = Ears(rule("机子"))
    ears.final("你 的 机", "你 的 机")
    ears.spotter.begin(700)
    later = spoken("子 呢", 700)
    assert ears.spotter.hear(later, is_final=True, second=(spoken("机子 呢", 500),)) == ()


def test_which_phrases_may_fall_short_is_a_setting() -> None:
    for shortest, is_heard in ((3, True), (4, False)):
        limits = Spotting(agreed_pm=120, agreed_worst_pm=500, agreed_from_syllables=shortest)  # heard: 1000 and 666
        assert bool(Ears(rule("等一下"), limits=limits).final("等一下", "等 路 下")) is is_heard


def test_a_short_phrase_may_fall_short_in_neither() -> None:
    limits = Spotting(agreed_pm=200)
    assert Ears(rule("机子"), limits=limits).final("机 智", "机子") == []


def test_the_second_recogniser_is_not_believed_while_its_phrase_is_the_last_it_heard() -> None:
    ears = Ears(CHALLENGE)
    assert ears.partial("你 到底 路 飞 什么 呢", "你 到底 想 查 什么") == []
    assert ears.partial("你 到底 路 飞 什么 呢", "你 到底 想 查 什么 呢") == ["你到底想查什么"]


def test_a_phrase_heard_well_by_the_first_waits_only_until_the_second_has_come_so_far() -> None:
    ears = Ears(CHALLENGE)
    assert ears.partial("你 到底 想 查 什么 呢", "你 到底") == []
    assert ears.partial("你 到底 想 查 什么 呢", "你 到底 想 查 什么") == ["你到底想查什么"]


def test_what_the_first_recogniser_makes_up_is_not_believed() -> None:
    assert Ears(CHALLENGE).final("你 到底 想 查 什么") == ["你到底想查什么"]
    assert Ears(CHALLENGE).final("你 到底 想 查 什么", "您 请 坐 稍 等 路 飞") == []


def test_a_polite_form_heard_by_the_second_recogniser_alone_excuses_too() -> None:
    wait = rule("等一下", excused_by=("请…3等一下",))
    assert Ears(wait).final("清 您 稍 等一下", "请 您 稍 等一下") == []
    assert Ears(wait).final("听 他 来 等一下", "请 您 稍 等一下") == []
    assert Ears(wait).final("听 他 来 等一下", "听 他 来 等一下") == ["等一下"]


def test_a_polite_form_that_is_over_before_the_fault_is_excuses_nothing() -> None:
    mistaken = rule("你有没有搞错", excused_by=("你有…2告",))
    assert Ears(mistaken).final("你 有没有 搞错", "你 有没有 告 错") == ["你有没有搞错"]


def test_a_whole_utterance_may_be_heard_badly_if_the_second_recogniser_heard_it_well() -> None:
    retort = rule("你说什么呀", scope=Scope.WHOLE_UTTERANCE)
    for second, fired in (("你 说 什么 呀", ["你说什么呀"]), ("我 帮 您 看看", []), ("你 说 什么 呀 这个 问题", [])):
        ears = Ears(retort)
        ears.final("你 路 什么 呀", second)
        assert ears.end() == fired


def test_a_model_whose_words_are_pinyin_syllables_is_heard_too() -> None:
    assert (syllables("ni"), syllables("lve"), syllables("hello")) == (("ni",), ("lve",), ())
    assert Ears(CHALLENGE).final("ni dao di xiang cha shen me") == ["你到底想查什么"]


def test_a_single_pinyin_syllable_counts_only_if_nothing_else_is_said() -> None:
    hey = rule("喂")
    assert (Ears(hey).final("为"), Ears(hey).final("喂 您 好")) == ([], ["喂"])
    assert (Ears(hey).final("en wei"), Ears(hey).final("wei nin fu wu"), Ears(hey).partial("wei")) == (["喂"], [], [])
    assert Ears(rule("嘿")).final("hei") == ["嘿"]


def test_a_phrase_of_one_syllable_follows_the_word_where_only_its_writing_is_revised() -> None:
    for before, after, found in (("为", "喂", ["喂"]), ("喂", "为", [])):
        ears = Ears(rule("喂"))
        ears.partial(before)
        assert ears.final(after) == found, (before, after)
