"""The customer says a number or a time: does the agent repeat it? By value, and only where it was heard."""

from collections.abc import Iterator
from dataclasses import replace
from gc import get_referents
from types import CodeType, FunctionType, ModuleType

import pytest

from pi_companion.core.effects import CallCard, NudgeShown, NudgeWithheld
from pi_companion.core.facts import (
    Button,
    Part,
    PartFound,
    Side,
    TalkSpurtBegan,
    TalkSpurtEnded,
    Word,
    WordsHeard,
)
from pi_companion.core.screens import nudge
from tests.core.desk import CHAR_MS, HANGOVER_MS, Desk, bundled_pack, words

AGENT, CUSTOMER = Side.AGENT, Side.CUSTOMER
NOW = 10000
"""When the stories begin: well after the greeting."""

WITHIN_MS = 20000
NUMBER, TIME = (
    " ".join(bundled_pack().texts[f"nudge.{kind}.{part}"] for part in ("title", "say")) for kind in ("number", "time")
)

ROOMY = replace(
    bundled_pack(), limits=replace(bundled_pack().limits, cueing=replace(bundled_pack().limits.cueing, budget_ms=0))
)
"""A pack that rations nudges by rule only, for stories in which there is more to be told."""


def call() -> Desk:
    """A call that was greeted properly."""
    desk = Desk(pack=ROOMY)
    assert desk.answered_call() <= NOW
    return desk


def says(desk: Desk, side: Side, began: int, text: str, *, confidence_pct: int = 100) -> int:
    """Let a side say this, a pause of a second for each comma; return when it was over."""
    said: list[Word] = []
    at = began
    for part in text.split("，"):
        ended = at + CHAR_MS * len(part)
        said += [replace(word, confidence_pct=confidence_pct) for word in words(part, at, ended)]
        at = ended + 1000
    ended = said[-1].ended
    known = ended + HANGOVER_MS
    desk.deliver(
        TalkSpurtBegan(at=began + 80, side=side, began=began),
        WordsHeard(at=known, side=side, words=tuple(said), is_final=True),
        TalkSpurtEnded(at=known, side=side, began=began, ended=ended, level_dbfs=-20),
    )
    return ended


def goes_on(desk: Desk, until: int, *, since: int) -> None:
    """Let both talk about something else until then, so that there is no dead air."""
    for number, began in enumerate(range(since + 1500, until - 3000, 4000)):
        says(desk, (AGENT, CUSTOMER)[number % 2], began, "那我看一下")
    desk.wait_until(until)


def asked(desk: Desk) -> list[str]:
    return [nudge.text for nudge in desk.all(NudgeShown) if nudge.rule == "LISTEN-3"]


def card(desk: Desk, at: int) -> tuple[bool, bool]:
    """Whether the call card counts restating as done well, and as to be improved."""
    desk.hook(at, off=False)
    last = desk.all(CallCard)[-1]
    return "LISTEN-3" in last.well, "LISTEN-3" in last.improve


def tells(customer: str, agent: str = "", *, customer_pct: int = 100, agent_pct: int = 100) -> Desk:
    """A call in which the customer says this, the agent this, and both then talk of something else for long."""
    desk = call()
    ended = says(desk, CUSTOMER, NOW, customer, confidence_pct=customer_pct)
    if agent:
        ended = says(desk, AGENT, ended + 1000, agent, confidence_pct=agent_pct)
    goes_on(desk, NOW + 60000, since=ended)
    return desk


@pytest.mark.rule("LISTEN-3")
def test_a_number_that_is_not_repeated_is_asked_for_without_showing_it() -> None:
    desk = call()
    ended = says(desk, CUSTOMER, NOW, "我的工号是三零二五七八")
    goes_on(desk, ended + WITHIN_MS - 1, since=ended)
    before = asked(desk)
    desk.wait_until(ended + WITHIN_MS)
    texts = bundled_pack().texts
    assert (before, asked(desk), desk.screen(), "302578" in str(desk.done), "三零二" in str(desk.done)) == (
        [],
        [NUMBER],
        nudge(texts["nudge.number.title"], texts["nudge.number.say"]),
        False,
        False,
    )


@pytest.mark.rule("LISTEN-3")
def test_a_time_that_is_not_repeated_is_asked_for() -> None:
    assert asked(tells("明天下午三点可以")) == [TIME]


@pytest.mark.rule("LISTEN-3")
@pytest.mark.parametrize(
    ("customer", "agent"),
    [
        ("我的工号是三零二五七八", "您的工号是三零二五七八对吗"),
        ("三零二，五七八", "三零二五七八"),
        ("三零二五七八", "三零二，五七八"),
        ("三零二五七八", "三零，嗯，二五，是吗，七八"),
        ("幺三八零零零一二三四", "腰三八零零零一二三四"),
        ("三零二五七八", "三零二六七八"),
        ("一二三四五六七八九零", "一二三四五六七一一一"),
        ("分机八零零零", "八千"),
        ("三零二五七八三零二五七八", "三零二五七八"),
        ("三零二五七八，三零二五七八", "三零二五七八"),
        ("工号三零二五七八不对，三零二五八七", "三零二五八七"),
        ("明天下午三点", "好的十五点"),
        ("明天下午三点", "那就三点"),
        ("三点半", "下午三点三十"),
        ("下午三点不对四点半", "四点半"),
    ],
)
def test_what_the_agent_repeats_by_value_is_done_well(customer: str, agent: str) -> None:
    desk = tells(customer, agent)
    assert (asked(desk), card(desk, NOW + 61000)) == ([], (True, False))


@pytest.mark.rule("LISTEN-3")
@pytest.mark.parametrize(
    ("customer", "agent", "text"),
    [
        ("三零二五七八", "三零二五", NUMBER),
        ("三零二五七八", "好的一二三四五六", NUMBER),
        ("一二三四五六七八九零", "一二三四五六一一一一", NUMBER),
        ("三零二五七八", "请您说一下您的楼层", NUMBER),
        ("三零二五七八", "下午三点", NUMBER),
        ("明天下午三点", "好的四点", TIME),
        ("明天下午三点", "上午三点", TIME),
        ("明天下午三点", "三点半", TIME),
        ("明天下午三点", "三零二五七八", TIME),
        ("下午三点不对四点半", "三点", TIME),
        ("三零二五七八不对，八八一六零零", "三零二五七八", NUMBER),
    ],
)
def test_another_value_repeats_nothing(customer: str, agent: str, text: str) -> None:
    desk = tells(customer, agent)
    assert (asked(desk), card(desk, NOW + 61000)) == ([text], (False, True))


@pytest.mark.rule("LISTEN-3")
@pytest.mark.parametrize(
    "customer",
    ["转三零二", "我有三台电脑两个显示器", "你等一下", "二零一八年买的", "明天下午", "快一点", "昨天下午三点就坏了"],
)
def test_what_is_no_number_and_no_agreed_time_need_not_be_repeated(customer: str) -> None:
    desk = tells(customer)
    assert (asked(desk), card(desk, NOW + 61000)) == ([], (False, False))


@pytest.mark.rule("LISTEN-3")
@pytest.mark.parametrize(("customer", "texts"), [("转三零二五", [NUMBER]), ("转三零二", [])])
def test_a_short_number_need_not_be_repeated(customer: str, texts: list[str]) -> None:
    assert asked(tells(customer)) == texts


@pytest.mark.rule("LISTEN-3")
@pytest.mark.parametrize(("confidence_pct", "texts"), [(80, [NUMBER]), (79, [])])
def test_what_was_hardly_understood_is_not_asked_for(confidence_pct: int, texts: list[str]) -> None:
    assert asked(tells("三零二五七八", customer_pct=confidence_pct)) == texts


@pytest.mark.rule("LISTEN-3")
@pytest.mark.parametrize(
    ("customer", "customer_pct", "agent", "agent_pct", "texts"),
    [
        ("三零二五七八", 95, "九一六零", 95, [NUMBER]),
        ("三零二五七八", 94, "九一六零", 95, []),
        ("三零二五七八", 95, "九一六零", 94, []),
        ("三零二五七八", 95, "九一六", 94, [NUMBER]),
        ("明天下午三点", 95, "四点钟", 95, [TIME]),
        ("明天下午三点", 94, "四点钟", 95, []),
        ("明天下午三点", 95, "四点钟", 94, []),
        ("明天下午三点", 94, "九一六零", 94, [TIME]),
    ],
)
def test_values_that_were_not_well_understood_are_not_held_against_the_agent(
    customer: str, customer_pct: int, agent: str, agent_pct: int, texts: list[str]
) -> None:
    assert asked(tells(customer, agent, customer_pct=customer_pct, agent_pct=agent_pct)) == texts


@pytest.mark.rule("LISTEN-3")
@pytest.mark.parametrize(("pause_ms", "texts"), [(1500, [NUMBER]), (1501, [])])
def test_a_number_may_come_in_two_utterances(pause_ms: int, texts: list[str]) -> None:
    desk = call()
    ended = says(desk, CUSTOMER, says(desk, CUSTOMER, NOW, "工号是三零二") + pause_ms, "五七八")
    goes_on(desk, NOW + 60000, since=ended)
    assert asked(desk) == texts


@pytest.mark.rule("LISTEN-3")
def test_a_number_that_goes_on_in_the_next_utterance_is_asked_for_as_a_whole() -> None:
    desk = call()
    ended = says(desk, CUSTOMER, says(desk, CUSTOMER, NOW, "手机幺三八零零") + 800, "零一二三四五六")
    ended = says(desk, AGENT, ended + 1000, "幺三八零零")
    goes_on(desk, NOW + 60000, since=ended)
    assert asked(desk) == [NUMBER]


@pytest.mark.rule("LISTEN-3")
def test_the_agent_has_time_until_the_customer_is_done() -> None:
    desk = call()
    ended = says(desk, CUSTOMER, NOW, "工号三零二五七八")
    for _ in range(8):
        ended = says(desk, CUSTOMER, ended + 1500, "还有我的电脑打不开")
    desk.wait_until(ended + 1000)
    before = asked(desk)
    says(desk, AGENT, ended + 1500, "好的三零二五七八")
    desk.wait_until(ended + 40000)
    assert (before, asked(desk)) == ([], [])


@pytest.mark.rule("LISTEN-3")
def test_an_acknowledgement_does_not_take_the_floor() -> None:
    desk = call()
    ended = says(desk, CUSTOMER, NOW, "工号三零二五七八")
    for _ in range(8):
        says(desk, AGENT, ended + 500, "嗯")
        ended = says(desk, CUSTOMER, ended + 1500, "还有我的电脑打不开")
    desk.wait_until(ended + WITHIN_MS - 1)
    before = asked(desk)
    goes_on(desk, ended + WITHIN_MS + 10000, since=ended + WITHIN_MS - 1)
    assert (before, asked(desk)) == ([], [NUMBER])


@pytest.mark.rule("LISTEN-3")
def test_a_number_that_the_agent_asked_with_need_not_be_repeated() -> None:
    desk = call()
    ended = says(desk, AGENT, NOW, "您的工号是三零二五七八吗")
    ended = says(desk, CUSTOMER, ended + 1000, "对三零二五七八")
    goes_on(desk, NOW + 60000, since=ended)
    assert (asked(desk), card(desk, NOW + 61000)) == ([], (False, False))


@pytest.mark.rule("LISTEN-3")
@pytest.mark.parametrize(("after_ms", "texts"), [(20000, []), (20001, [NUMBER])])
def test_a_number_that_the_agent_said_long_ago_counts_no_more(after_ms: int, texts: list[str]) -> None:
    desk = call()
    says(desk, AGENT, NOW, "三零二五七八")
    goes_on(desk, NOW + after_ms - 500, since=NOW + 1500)
    ended = says(desk, CUSTOMER, NOW + after_ms, "三零二五七八")
    goes_on(desk, NOW + after_ms + 50000, since=ended)
    assert asked(desk) == texts


@pytest.mark.rule("LISTEN-3")
def test_a_number_repeated_late_is_well_done_and_nothing_is_asked_any_more() -> None:
    desk = call()
    ended = says(desk, CUSTOMER, NOW, "工号三零二五七八")
    goes_on(desk, ended + WITHIN_MS, since=ended)
    says(desk, AGENT, ended + WITHIN_MS + 5000, "您的工号三零二五七八对吗")
    assert (asked(desk), card(desk, ended + WITHIN_MS + 10000)) == ([NUMBER], (True, False))


@pytest.mark.rule("LISTEN-3")
def test_a_nudge_that_waited_is_dropped_once_the_number_is_repeated() -> None:
    desk = Desk()
    desk.answered_call()
    ended = says(desk, CUSTOMER, NOW, "工号三零二五七八")
    goes_on(desk, ended + WITHIN_MS - 6000, since=ended)
    says(desk, AGENT, ended + WITHIN_MS - 5000, "你等一下")
    says(desk, CUSTOMER, ended + WITHIN_MS - 1000, "好的")
    ended = says(desk, AGENT, ended + WITHIN_MS + 3000, "工号三零二五七八")
    goes_on(desk, ended + 90000, since=ended)
    assert ([nudge.rule for nudge in desk.all(NudgeShown)], desk.all(NudgeWithheld)) == (["SAY-WAIT"], [])


@pytest.mark.rule("LISTEN-3")
def test_of_a_number_and_a_time_each_is_to_be_repeated() -> None:
    desk = Desk()
    desk.answered_call()
    ended = says(desk, CUSTOMER, NOW, "工号三零二五七八明天下午三点过来")
    goes_on(desk, ended + WITHIN_MS - 6000, since=ended)
    says(desk, AGENT, ended + WITHIN_MS - 5000, "你等一下")
    says(desk, CUSTOMER, ended + WITHIN_MS - 1000, "好的")
    ended = says(desk, AGENT, ended + WITHIN_MS + 3000, "工号三零二五七八")
    goes_on(desk, ended + 90000, since=ended)
    assert asked(desk) == [TIME]


@pytest.mark.rule("LISTEN-3")
def test_of_four_numbers_only_the_last_three_are_kept() -> None:
    desk = call()
    ended = says(desk, CUSTOMER, NOW, "三零二五，是，八零一二三，是，幺三八零零零，是，四零零八零零一，是")
    ended = says(desk, AGENT, ended + 1000, "八零一二三，是，幺三八零零零，是，四零零八零零一")
    goes_on(desk, NOW + 60000, since=ended)
    assert asked(desk) == []


@pytest.mark.rule("LISTEN-3")
def test_with_the_customer_on_hold_the_agents_time_begins_anew() -> None:
    desk = call()
    ended = says(desk, CUSTOMER, NOW, "工号三零二五七八")
    says(desk, AGENT, ended + 1000, "好的我看一下")
    desk.lamp(ended + 5000, lit=True)
    says(desk, AGENT, ended + 7000, "三零二五七八你查一下")
    desk.wait_until(ended + WITHIN_MS + 10000)
    desk.lamp(ended + WITHIN_MS + 10000, lit=False)
    desk.presses(ended + WITHIN_MS + 10500, Button.RESUME)
    before = asked(desk)
    goes_on(desk, ended + 2 * WITHIN_MS + 30000, since=ended + WITHIN_MS + 11000)
    assert (before, asked(desk)) == ([], [NUMBER])


@pytest.mark.rule("LISTEN-3")
def test_what_a_waiting_customer_says_is_not_asked_for() -> None:
    desk = call()
    desk.lamp(NOW, lit=True)
    ended = says(desk, CUSTOMER, NOW + 1000, "工号三零二五七八")
    desk.lamp(ended + 1000, lit=False)
    goes_on(desk, NOW + 60000, since=ended + 2000)
    assert asked(desk) == []


@pytest.mark.rule("LISTEN-3")
@pytest.mark.parametrize("part", [Part.TAP, Part.SPEECH])
def test_what_was_lost_from_hearing_cannot_be_held_against_the_agent(part: Part) -> None:
    desk = call()
    ended = says(desk, CUSTOMER, NOW, "工号三零二五七八")
    desk.loses(ended + 5000, part)
    desk.deliver(PartFound(at=ended + 6000, part=part))
    goes_on(desk, NOW + 60000, since=ended + 8000)
    assert asked(desk) == []


@pytest.mark.rule("LISTEN-3")
def test_a_late_number_is_forgotten_when_hearing_is_lost() -> None:
    desk = call()
    ended = says(desk, CUSTOMER, NOW, "工号三零二五七八")
    goes_on(desk, ended + WITHIN_MS, since=ended)
    desk.loses(ended + WITHIN_MS + 5000, Part.SPEECH)
    assert (asked(desk), card(desk, ended + WITHIN_MS + 10000)) == ([NUMBER], (False, False))


@pytest.mark.rule("LISTEN-3")
def test_a_call_that_ends_before_it_is_late_counts_neither_way() -> None:
    desk = call()
    ended = says(desk, CUSTOMER, NOW, "工号三零二五七八")
    assert (card(desk, ended + 5000), asked(desk)) == ((False, False), [])


@pytest.mark.rule("LISTEN-3")
def test_the_last_customers_number_is_not_asked_for_in_the_next_call() -> None:
    desk = call()
    ended = says(desk, CUSTOMER, NOW, "工号三零二五七八")
    desk.hook(ended + 2000, off=False)
    desk.hook(ended + 12000, off=True)
    goes_on(desk, ended + 60000, since=ended + 13000)
    assert asked(desk) == []


@pytest.mark.rule("LISTEN-3")
def test_what_the_agent_says_is_no_demand() -> None:
    desk = call()
    ended = says(desk, AGENT, NOW, "维修单号是三零二五七八")
    goes_on(desk, NOW + 60000, since=ended)
    assert asked(desk) == []


def test_a_number_that_was_repeated_is_kept_no_longer_than_it_can_answer() -> None:
    desk = call()
    ended = says(desk, AGENT, says(desk, CUSTOMER, NOW, "我的工号是三零二五七八") + 500, "您的工号是三零二五七八对吗")
    desk.wait_until(ended + WITHIN_MS - 1000)
    before = kept(desk.companion)
    desk.wait_until(ended + WITHIN_MS + 3000)
    assert (before, kept(desk.companion)) == ({"302578"}, set())


def test_what_an_agent_counts_up_while_a_number_is_late_is_not_gathered_for_the_rest_of_the_call() -> None:
    desk = call()
    at = says(desk, CUSTOMER, NOW, "我的工号是三零二五七八") + 500
    for _ in range(30):
        at = says(desk, AGENT, at, "您拨六一六一六一") + 3000
    assert sum(gathered == "616161" for gathered in reachable(desk.companion)) < 10


def kept(mind: object) -> set[str]:
    """Every number that something in the companion still holds."""
    return {each for each in reachable(mind) if isinstance(each, str) and "302578" in each}


def reachable(mind: object) -> Iterator[object]:
    """Everything that the companion holds; a text as often as it is held."""
    seen: set[int] = set()
    ahead: list[object] = [mind]
    while ahead:
        each = ahead.pop()
        if isinstance(each, str):
            yield each
        elif id(each) not in seen and not isinstance(each, type | ModuleType | CodeType):
            seen.add(id(each))
            ahead += (each.__closure__ or ()) if isinstance(each, FunctionType) else get_referents(each)
