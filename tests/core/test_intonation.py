"""A flat voice: noticed when there was enough to tell, said once, forgotten when it livens up (VOICE-3)."""

from dataclasses import replace

import pytest

from pi_companion.core.effects import CallCard, IntonationMeasured, NudgeShown
from pi_companion.core.facts import Part, PartFound, Side, TalkSpurtBegan, TalkSpurtEnded
from pi_companion.core.intonation import IntonationCheck
from pi_companion.core.observing import CallBegan, Moment
from pi_companion.core.screens import nudge
from pi_companion.core.settings import Pack
from pi_companion.core.states import LineState
from tests.core.desk import Desk, bundled_pack
from tests.core.test_holds import muted

pytestmark = pytest.mark.rule("VOICE-3")

NOW = 10000
TITLE, SAY = "语调平淡", "（带点微笑）"
NUDGE = f"{TITLE} {SAY}"
PITCHES = 50
"""Clear ones in a spurt of `talks`: a second of voice."""


def pack_with(**limits: int) -> Pack:
    """The bundled pack with other limits of intonation, and nudges rationed by rule only."""
    whole = bundled_pack().limits
    intonation, cueing = replace(whole.intonation, **limits), replace(whole.cueing, budget_ms=0)
    return replace(bundled_pack(), limits=replace(whole, intonation=intonation, cueing=cueing))


def call(pack: Pack | None = None) -> Desk:
    """A call that was greeted properly."""
    desk = Desk(pack=pack)
    assert desk.answered_call() <= NOW
    return desk


def pitches(span_tenths: int, count: int = PITCHES) -> tuple[int, ...]:
    """A tenth of them far below and a tenth far above, as mistakes are; the others reach over `span_tenths`."""
    few = count // 10
    low, high = 1000, 1000 + 10 * span_tenths
    half = (count - 2 * few) // 2
    return (*[100] * few, *[low] * half, *[high] * (count - 2 * few - half), *[3000] * (few - 1), high)


def talks(
    desk: Desk, began: int, span_tenths: int, *, count: int = PITCHES, side: Side = Side.AGENT, ended: int | None = None
) -> int:
    """Let a side talk for two seconds with so many clear pitches; return when it ended."""
    ended = began + 2000 if ended is None else ended
    desk.deliver(
        TalkSpurtBegan(at=began + 80, side=side, began=began),
        TalkSpurtEnded(
            at=ended + 400,
            side=side,
            began=began,
            ended=ended,
            level_dbfs=-20,
            nuclei=8,
            pitches_cents=pitches(span_tenths, count),
        ),
    )
    return ended


def talks_on(desk: Desk, began: int, span_tenths: int, *, times: int = 20) -> int:
    """Let the agent talk `times` times, a spurt every four seconds; return when the next could begin."""
    for number in range(times):
        talks(desk, began + 4000 * number, span_tenths)
    return began + 4000 * times


def nudges(desk: Desk) -> list[str]:
    return [each.text for each in desk.all(NudgeShown) if each.rule == "VOICE-3"]


def spans(desk: Desk) -> list[tuple[int, int]]:
    return [(each.span_tenths, each.over_ms) for each in desk.all(IntonationMeasured)]


FLAT, LIVELY = 15, 80


def test_a_flat_voice_is_asked_to_smile() -> None:
    desk = call()
    talks_on(desk, NOW, FLAT)
    assert nudges(desk) == [NUDGE]
    assert desk.screen() == nudge(TITLE, SAY)


def test_a_lively_voice_hears_nothing_of_it() -> None:
    desk = call()
    talks_on(desk, NOW, LIVELY, times=60)
    assert nudges(desk) == []


def test_the_span_is_told_after_each_utterance_once_enough_was_heard() -> None:
    desk = call()
    talks_on(desk, NOW, LIVELY, times=22)
    assert desk.all(IntonationMeasured) == [
        IntonationMeasured(at=NOW + 4000 * number + 2400, span_tenths=LIVELY, over_ms=1000 * (number + 1))
        for number in (19, 20, 21)
    ]


@pytest.mark.parametrize(("count", "is_told"), [(49, False), (50, True)])
def test_nothing_is_said_before_twenty_seconds_of_clear_pitch(count: int, *, is_told: bool) -> None:
    desk = call()
    until = talks_on(desk, NOW, FLAT, times=19)
    talks(desk, until, FLAT, count=count)
    assert (bool(spans(desk)), bool(nudges(desk))) == (is_told, is_told)


@pytest.mark.parametrize(("span_tenths", "is_flat"), [(29, True), (30, False)])
def test_less_than_three_semitones_are_flat(span_tenths: int, *, is_flat: bool) -> None:
    desk = call()
    talks_on(desk, NOW, span_tenths)
    assert (spans(desk), bool(nudges(desk))) == ([(span_tenths, 20000)], is_flat)


@pytest.mark.parametrize(("later_ms", "voiced_ms"), [(179999, 20000), (180000, 19000)])
def test_only_the_last_three_minutes_count(later_ms: int, voiced_ms: int) -> None:
    desk = call(pack_with(least_voiced_ms=1000))
    talks_on(desk, NOW, LIVELY, times=19)
    talks(desk, NOW + later_ms, LIVELY)
    assert spans(desk)[-1] == (LIVELY, voiced_ms)


def test_a_few_pitches_far_off_do_not_make_a_voice_lively() -> None:
    desk = call(pack_with(least_voiced_ms=1000))
    talks(desk, NOW, 0)
    assert (min(pitches(0)), max(pitches(0)), spans(desk)) == (100, 3000, [(0, 1000)])


def test_who_stays_flat_is_told_once() -> None:
    desk = call()
    talks_on(desk, NOW, FLAT, times=100)
    assert nudges(desk) == [NUDGE]


def test_who_livened_up_and_turns_flat_again_is_told_again() -> None:
    desk = call(pack_with(window_ms=60000, least_voiced_ms=10000))
    until = talks_on(desk, NOW, FLAT, times=20)
    until = talks_on(desk, until, LIVELY, times=30)
    talks_on(desk, until, FLAT, times=20)
    assert nudges(desk) == [NUDGE, NUDGE]


def test_a_nudge_that_waited_is_not_shown_to_who_has_livened_up() -> None:
    pack = pack_with(window_ms=20000, least_voiced_ms=5000)
    pack = replace(pack, limits=replace(pack.limits, cueing=replace(pack.limits.cueing, budget_ms=200000)))
    desk = Desk(pack=pack)
    desk.hook(desk.rings(1) + 500, off=True)
    desk.wait_until(NOW)  # no greeting: another nudge takes the budget
    until = talks_on(desk, NOW, FLAT, times=8)
    until = talks_on(desk, until, LIVELY, times=20)
    desk.wait_until(until + 300000)
    assert (len(desk.all(NudgeShown)), nudges(desk)) == (1, [])


def test_the_customers_voice_is_not_looked_at() -> None:
    desk = call()
    for number in range(30):
        talks(desk, NOW + 4000 * number, FLAT, side=Side.CUSTOMER)
    assert (spans(desk), nudges(desk)) == ([], [])


def test_an_utterance_without_a_clear_pitch_tells_nothing_new() -> None:
    desk = call()
    until = talks_on(desk, NOW, LIVELY)
    desk.says(Side.AGENT, until, "好的")
    assert len(spans(desk)) == 1


def test_what_is_said_to_a_colleague_while_muted_is_not_looked_at() -> None:
    desk = Desk()
    until = muted(desk)
    talks_on(desk, until + 1000, FLAT)
    assert spans(desk) == []


def test_nor_is_what_began_muted() -> None:
    desk = call(pack_with(least_voiced_ms=1000))
    desk.lamp(NOW, lit=True)
    desk.deliver(TalkSpurtBegan(at=NOW + 1080, side=Side.AGENT, began=NOW + 1000))
    desk.lamp(NOW + 1500, lit=False)
    ended = NOW + 3000
    desk.deliver(
        TalkSpurtEnded(
            at=ended + 400,
            side=Side.AGENT,
            began=NOW + 1000,
            ended=ended,
            level_dbfs=-20,
            pitches_cents=pitches(FLAT),
        )
    )
    first = spans(desk)
    talks(desk, ended + 1000, FLAT)
    assert (first, spans(desk)) == ([], [(FLAT, 1000)])


def test_between_calls_nobody_listens() -> None:
    desk = Desk(pack=pack_with(least_voiced_ms=1000))
    talks_on(desk, NOW, FLAT)
    assert (spans(desk), nudges(desk)) == ([], [])


def test_each_call_is_heard_afresh() -> None:
    desk = call()
    until = talks_on(desk, NOW, FLAT, times=19)
    desk.hook(until, off=False)
    desk.hook(until + 20000, off=True)
    talks_on(desk, until + 21000, FLAT, times=19)
    assert (spans(desk), nudges(desk)) == ([], [])


def test_what_began_before_the_call_is_not_its() -> None:
    for began, counted in ((-1, []), (0, [(FLAT, 1000)])):
        check = IntonationCheck(pack_with(least_voiced_ms=1000))
        moment = Moment(
            line=LineState.CONNECTED, call=None, is_muted=False, is_waiting=False, is_heard=True, is_understood=True
        )
        list(check.take(CallBegan(at=NOW), moment))
        spurt = TalkSpurtEnded(
            at=NOW + 3000,
            side=Side.AGENT,
            began=NOW + began,
            ended=NOW + 2600,
            level_dbfs=-20,
            pitches_cents=pitches(FLAT),
        )
        told = [each for each in check.take(spurt, moment) if isinstance(each, IntonationMeasured)]
        assert [(each.span_tenths, each.over_ms) for each in told] == counted


def test_while_the_tap_is_lost_nothing_is_claimed() -> None:
    desk = call()
    until = talks_on(desk, NOW, FLAT, times=19)
    desk.deliver(TalkSpurtBegan(at=until + 80, side=Side.AGENT, began=until))
    desk.loses(until + 1000, Part.TAP)
    desk.deliver(
        TalkSpurtEnded(
            at=until + 1000,
            side=Side.AGENT,
            began=until,
            ended=until + 900,
            level_dbfs=-20,
            pitches_cents=pitches(FLAT),
        )
    )
    lost = spans(desk)
    desk.deliver(PartFound(at=until + 5000, part=Part.TAP))
    talks(desk, until + 6000, FLAT)
    assert (lost, spans(desk)) == ([], [(FLAT, 20000)])


@pytest.mark.parametrize(
    ("span_tenths", "times", "well", "improve"),
    [(LIVELY, 20, True, False), (FLAT, 20, False, True), (FLAT, 19, False, False)],
)
def test_the_card_tells_of_it_if_it_was_measured(span_tenths: int, times: int, *, well: bool, improve: bool) -> None:
    desk = call()
    until = talks_on(desk, NOW, span_tenths, times=times)
    desk.hook(until, off=False)
    (card,) = desk.all(CallCard)
    assert ("VOICE-3" in card.well, "VOICE-3" in card.improve) == (well, improve)


def test_time_alone_says_nothing() -> None:
    assert IntonationCheck(bundled_pack()).deadline() is None
