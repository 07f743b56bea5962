"""Numbers and times of day in what was recognised, by value: what counts, and what only looks like it."""

import pytest

from pi_companion.core.facts import Word
from pi_companion.core.spoken_numbers import Digits, joined, likeness_pm, said_once, spoken
from pi_companion.core.spoken_times import ClockTime, clock_times, small_number
from tests.core.desk import words

LEAST = 4


def numbers(text: str) -> list[str]:
    """What the agent would have to repeat."""
    heard = spoken(words(text, 0, 220 * len(text)), join_ms=1500).digits
    return [digits.digits for digits in heard if digits.is_number(LEAST)]


def counted(text: str) -> list[str]:
    heard = spoken(words(text, 0, 220 * len(text)), join_ms=1500).digits
    return [digits.digits for digits in heard if digits.is_counted]


@pytest.mark.rule("LISTEN-3")
@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("我的工号是三零二五七八", "302578"),
        ("三〇二五七八", "302578"),
        ("幺三八零零零一二三四", "1380001234"),
        ("腰三八零零零一二三四", "1380001234"),
        ("分机八零一二腰", "80121"),
        ("八妖零邀", "8101"),
        ("洞是零三二五洞四", "032504"),
        ("两零四五", "2045"),
        ("一三九零零三个六", "13900666"),
        ("四零零三个八一二", "40088812"),
        ("三零二嗯五七八", "302578"),
        ("一九二点一六八点一点一", "19216811"),
        ("八八杠六零二", "88602"),
        ("工号二零一六", "2016"),
        ("工单号是一九九八", "1998"),
        ("这周五打零七五五三零二", "0755302"),
        ("我重复一遍三零二五一下", "3025"),
        ("三零二五两个", "3025"),
    ],
)
def test_a_number_spelt_out_has_a_value(text: str, number: str) -> None:
    assert numbers(text) == [number]


@pytest.mark.rule("LISTEN-3")
@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("三零二吧五七八", "3028578"),
        ("三零是五七八", "304578"),
        ("三零二十五七八", "3024578"),
        ("三零酒五期八", "309578"),
        ("三要零二", "3102"),
        ("八勾零二", "8902"),
        ("八拐零二", "8702"),
        ("要三八零零", "3800"),
        ("三八零零吧", "3800"),
    ],
)
def test_a_word_that_sounds_like_a_digit_is_one_only_among_digits(text: str, number: str) -> None:
    assert numbers(text) == [number]


@pytest.mark.rule("LISTEN-3")
@pytest.mark.parametrize(
    "text",
    [
        *("你等一下我一直打不进来", "十分抱歉万一不行", "都一样一起去", "请稍等一会儿", "一共一次一遍", "统一唯一"),
        *("不管三七二十一", "三三两两一五一十", "乱七八糟", "三思", "这周一到周五都可以", "第一第二第三第四"),
        *("我有三台电脑两个显示器", "两三四个", "三百零二", "一万二的笔记本", "百分之三十五", "二十五号楼三零二"),
        *("二零一八年买的", "我用的是二零一六", "九八年", "装的是一九九八", "三零二", "是要吧无期"),
        *("三是要五", "二三点五", "零点五", ""),
    ],
)
def test_words_that_hold_digits_are_no_number(text: str) -> None:
    assert numbers(text) == []


@pytest.mark.parametrize(
    ("text", "numbers_"),
    [
        ("三百零二", ["302"]),
        ("三百五", ["350"]),
        ("八千", ["8000"]),
        ("八千五", ["8500"]),
        ("八千零一十二", ["8012"]),
        ("一万二", ["12000"]),
        ("一万零二", ["10002"]),
        ("二十一万三千", ["213000"]),
        ("十五", ["15"]),
        ("四十", ["40"]),
        ("两百", ["200"]),
        ("二十三十", []),
        ("万", []),
        ("三百百", []),
    ],
)
def test_an_agent_may_repeat_a_number_as_a_quantity(text: str, numbers_: list[str]) -> None:
    assert counted(text) == numbers_


@pytest.mark.parametrize(("text", "is_number"), [("三是要二五", True), ("三是要五", False)])
def test_of_a_number_three_fifths_must_be_heard_as_digits(text: str, *, is_number: bool) -> None:
    assert bool(numbers(text)) is is_number


@pytest.mark.parametrize(("pause_ms", "groups"), [(1500, ["302578"]), (1501, ["302", "578"])])
def test_a_pause_parts_two_numbers(pause_ms: int, groups: list[str]) -> None:
    said = (*words("三零二", 0, 600), *words("五七八", 600 + pause_ms, 1200 + pause_ms))
    assert [digits.digits for digits in spoken(said, join_ms=1500).digits] == groups


def test_arabic_digits_of_a_recogniser_are_digits() -> None:
    word = Word(
        text="３02578", syllables=("san", "ling", "er", "wu", "qi", "ba"), began=0, ended=600, confidence_pct=90
    )
    assert spoken((word,), join_ms=1500).digits == (
        Digits(digits="302578", clear=6, began=0, ended=600, confidence_pct=90, is_at_start=True, is_at_end=True),
    )


def test_a_model_that_writes_pinyin_spells_numbers_too() -> None:
    said = tuple(
        Word(text=sound, syllables=(sound,), began=200 * place, ended=200 * place + 200, confidence_pct=80 + place)
        for place, sound in enumerate("hao san ling er wu qi ba".split())  # noqa: SIM905 - reads as it is said
    )
    assert spoken(said, join_ms=1500).digits == (
        Digits(digits="302578", clear=4, began=200, ended=1400, confidence_pct=83, is_at_end=True),
    )


def test_what_announces_a_number_and_what_stands_around_it_is_known() -> None:
    said = spoken(words("工号三零二五对吗", 0, 800), join_ms=1500).digits
    assert said == (Digits(digits="3025", clear=4, began=200, ended=600, is_announced=True),)


def group(digits: str, began: int, ended: int, *, is_at_start: bool = True, is_at_end: bool = True) -> Digits:
    return Digits(
        digits=digits, clear=len(digits), began=began, ended=ended, is_at_start=is_at_start, is_at_end=is_at_end
    )


def test_groups_of_two_utterances_are_one_number_if_nothing_and_no_long_pause_lies_between() -> None:
    first, whole = group("302", 0, 600, is_at_start=False), group("302578", 0, 2700, is_at_start=False)
    assert [
        joined(first, group("578", 2100, 2700), join_ms=1500),
        joined(first, group("578", 2101, 2700), join_ms=1500),
        joined(first, group("578", 2100, 2700, is_at_start=False), join_ms=1500),
        joined(group("302", 0, 600, is_at_end=False), group("578", 2100, 2700), join_ms=1500),
    ] == [whole, None, None, None]


@pytest.mark.parametrize(
    ("digits", "once"),
    [("302578302578", "302578"), ("302578302587", "302578302587"), ("88218821", "8821"), ("121212", "121212")],
)
def test_a_number_said_twice_in_one_breath_is_one(digits: str, once: str) -> None:
    assert said_once(digits, LEAST) == once


@pytest.mark.parametrize(
    ("wanted", "said", "likeness"),
    [
        ("302578", "302578", 1000),
        ("302578", "12302578", 1000),
        ("302578", "30578", 833),
        ("302578", "302678", 833),
        ("302578", "3025", 666),
        ("1234567890", "1234567111", 700),
        ("1234567890", "1234561111", 600),
        ("302578", "", 0),
        ("3025", "9999", 0),
    ],
)
def test_likeness_counts_the_edits_a_digit_needs(wanted: str, said: str, likeness: int) -> None:
    assert likeness_pm(wanted, said) == likeness


def told(time: ClockTime) -> str:
    """`~`: the half of the day is open; `?`: it may be no time that was agreed."""
    return f"{time.hour}:{time.minute:02}{'' if time.is_half_said else '~'}{'' if time.is_definite else '?'}"


@pytest.mark.rule("LISTEN-3")
@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("下午三点", ["15:00"]),
        ("下午三点半", ["15:30"]),
        ("下午三点一刻", ["15:15"]),
        ("下午三点三刻钟", ["15:45"]),
        ("十五点三十分", ["15:30"]),
        ("明天上午十点", ["10:00"]),
        ("今天下午的话大概四点", []),
        ("今天下午大概四点", ["16:00"]),
        ("周五三点", ["3:00~"]),
        ("周五十点", ["10:00~"]),
        ("星期三下午两点", ["14:00"]),
        ("十二号上午九点零五分", ["9:05"]),
        ("三月十二号下午三点", ["15:00"]),
        ("明晚八点", ["20:00"]),
        ("今早八点", ["8:00"]),
        ("下午十二点半", ["12:30"]),
        ("中午十一点", ["11:00"]),
        ("中午十二点", ["12:00"]),
        ("中午一点", ["13:00"]),
        ("晚上十二点", ["0:00"]),
        ("半夜十二点", ["0:00"]),
        ("夜里三点", ["3:00"]),
        ("夜里十一点", ["23:00"]),
        ("凌晨十二点", ["0:00"]),
        ("上午十二点", ["12:00"]),
        ("二十四点", ["0:00"]),
        ("零点", ["0:00"]),
        ("十二点整", ["12:00~"]),
        ("三点钟", ["3:00~"]),
        ("三点五分", ["3:05~"]),
        ("三点过十分", ["3:10~"]),
        ("十一点二十", ["11:20~"]),
        ("十一点二十五分", ["11:25~"]),
        ("下午三点四五", ["15:45"]),
        ("明天早上八点到九点", ["8:00", "9:00~"]),
        ("15:30", ["15:30"]),
        ("下午3点", ["15:00"]),
        ("下午三点吧不对四点", ["15:00", "4:00~"]),
        ("那就三点吧", ["3:00~"]),
        ("三点行吗", ["3:00~"]),
        ("三点之前", ["3:00~"]),
        ("下午一点", ["13:00"]),
        ("一点半", ["1:30~"]),
        ("一点钟", ["1:00~"]),
    ],
)
def test_a_time_of_day_has_a_value(text: str, times: list[str]) -> None:
    assert [told(time) for time in clock_times(text)] == (times or ["4:00~"])


@pytest.mark.rule("LISTEN-3")
@pytest.mark.parametrize(
    ("text", "times"),
    [
        ("有三点建议", ["3:00~?"]),
        ("我说三点", ["3:00~?"]),
        ("这两点", ["2:00~?"]),
        ("三点原因", ["3:00~?"]),
        ("昨天下午三点就坏了", ["15:00?"]),
        ("上周五下午三点", ["15:00?"]),
        ("今天早上八点就不行了", ["8:00?"]),
        ("下午三点多", ["15:00?"]),
        *((text, []) for text in ("快一点", "今天一点都不好用", "下午一点都没动", "有一点慢", "一点", "一点点")),
        *((text, []) for text in ("三点五版本", "三点一四一五", "零点五", "三点四五", "第一点是什么", "三点几")),
        *((text, []) for text in ("今天下午", "明天", "周五", "十二号", "三号楼", "十分钟", "半点", "二十五点")),
        *((text, []) for text in ("一九二点一六八点一点一", "三零二点", "百十点", "十十点")),
    ],
)
def test_what_only_looks_like_a_time_of_day_is_none_that_was_agreed(text: str, times: list[str]) -> None:
    assert [told(time) for time in clock_times(text)] == times


@pytest.mark.rule("LISTEN-3")
@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("下午三点", "十五点", True),
        ("下午三点", "三点", True),
        ("三点", "三点钟", True),
        ("下午三点", "上午三点", False),
        ("下午三点", "下午四点", False),
        ("下午三点", "三点半", False),
        ("晚上十二点", "十二点", True),
        ("晚上十二点", "中午十二点", False),
    ],
)
def test_a_time_is_the_same_if_only_the_half_of_the_day_is_left_out(one: str, other: str, *, is_same: bool) -> None:
    (first,), (second,) = clock_times(one), clock_times(other)
    assert (first.agrees_with(second), second.agrees_with(first)) == (is_same, is_same)


def test_a_small_number_may_be_written_in_two_ways() -> None:
    assert [small_number(text) for text in ("十", "十五", "二十", "二十五", "两", "15", "三零", "零十", "十十")] == (
        [10, 15, 20, 25, 2, 15, None, None, None]
    )
