"""Taking turns: who talks over whom, a customer who talks on and on, and nobody talking at all."""

from dataclasses import replace

import pytest

from pi_companion.core.companion import Companion
from pi_companion.core.effects import (
    BargedIn,
    CallCard,
    DeadAirReached,
    Effect,
    HoldChanged,
    MonologueReached,
    NudgeShown,
    NudgeWithheld,
)
from pi_companion.core.facts import (
    BusyToneHeard,
    Fact,
    HookChanged,
    MuteLampChanged,
    Part,
    PartFound,
    Side,
    TalkSpurtEnded,
)
from pi_companion.core.screens import nudge
from pi_companion.core.states import HoldState
from pi_companion.session import scripted
from pi_companion.session.scripted import Speech
from tests.core.desk import STATION, Desk, bundled_pack
from tests.core.test_holds import muted

AGENT, CUSTOMER = Side.AGENT, Side.CUSTOMER
NOW = 10000
"""When the drawings begin: well after the greeting."""

ROOMY = replace(
    bundled_pack(), limits=replace(bundled_pack().limits, cueing=replace(bundled_pack().limits.cueing, budget_ms=0))
)
"""A pack that rations nudges by rule only, for stories with two."""


def call(desk: Desk | None = None) -> Desk:
    """A call that was greeted properly and is quiet since; the customer has not been heard."""
    desk = desk or Desk()
    assert desk.answered_call() <= NOW
    return desk


def joined() -> Desk:
    """A call that was on when the device started."""
    desk = Desk()
    desk.companion, desk.done = Companion(bundled_pack(), STATION), []
    desk.deliver(HookChanged(at=0, is_off_hook=True), MuteLampChanged(at=0, is_lit=False))
    return desk


def talk(desk: Desk, *said: tuple[Side, int, int]) -> None:
    """Let sides talk without a pause, each from a time to a time after `NOW`."""
    script = tuple(
        Speech(side=side, began=NOW + began, ended=NOW + ended, text="天" * ((ended - began) // 200))
        for side, began, ended in said
    )
    desk.deliver(*scripted.hearing(script))


def talking_over() -> tuple[Fact, ...]:
    """The agent talks over the customer from a second to six after `NOW`."""
    customer = Speech(side=CUSTOMER, began=NOW, ended=NOW + 6000, text="天" * 30)
    return scripted.hearing((customer, Speech(side=AGENT, began=NOW + 1000, ended=NOW + 6000, text="天" * 25)))


def over(desk: Desk) -> list[tuple[str, int]]:
    """Who talked over whom, and for how long."""
    return [(str(effect.by), effect.overlap_ms) for effect in desk.all(BargedIn)]


def nudges(desk: Desk) -> list[tuple[str, int]]:
    """Rules that the agent was nudged by, and when after `NOW`."""
    return [(effect.rule, effect.at - NOW) for effect in desk.all(NudgeShown)]


def hangs_up(desk: Desk, at: int) -> CallCard:
    desk.hook(at, off=False)
    return desk.all(CallCard)[-1]


# Interruptions


@pytest.mark.rule("LISTEN-1")
def test_who_talks_on_over_the_customer_is_asked_not_to_before_the_overlap_is_over() -> None:
    desk = call()
    desk.draws(NOW, agent="....######...", customer="########.....")
    assert (nudges(desk), over(desk)) == ([("LISTEN-1", 3400)], [("agent", 2000)])
    assert desk.screen() == nudge(
        bundled_pack().texts["nudge.barge_in.title"], bundled_pack().texts["nudge.barge_in.say"]
    )


@pytest.mark.rule("LISTEN-1")
@pytest.mark.parametrize("agent", ["....~~..", "....~~~~", ".~..~~.~"])
def test_a_short_hm_is_not_a_barge_in(agent: str) -> None:
    desk = call()
    desk.draws(NOW, agent=agent, customer="########....")
    assert (nudges(desk), over(desk)) == ([], [])


@pytest.mark.rule("LISTEN-1")
def test_who_acknowledges_and_then_talks_on_interrupts_from_the_first_other_word_on() -> None:
    desk = call()
    desk.draws(NOW, agent="..~~####....", customer="########....")
    assert (nudges(desk), over(desk)) == ([("LISTEN-1", 3400)], [("agent", 2000)])


@pytest.mark.rule("LISTEN-1")
@pytest.mark.parametrize(("overlap_ms", "found"), [(999, []), (1000, [("agent", 1000)])])
def test_a_second_of_both_voices_is_an_interruption(overlap_ms: int, found: list[tuple[str, int]]) -> None:
    desk = call()
    talk(desk, (CUSTOMER, 0, 5000), (AGENT, 5000 - overlap_ms, 9000))
    assert (over(desk), len(nudges(desk))) == (found, len(found))


@pytest.mark.rule("LISTEN-1")
@pytest.mark.parametrize(("lead_ms", "found"), [(299, []), (300, [("agent", 2000)])])
def test_two_who_begin_at_once_interrupt_nobody(lead_ms: int, found: list[tuple[str, int]]) -> None:
    desk = call()
    talk(desk, (CUSTOMER, 0, lead_ms + 2000), (AGENT, lead_ms, 4000))
    assert over(desk) == found


@pytest.mark.rule("LISTEN-1")
def test_answering_as_soon_as_the_customer_has_stopped_is_not_a_barge_in() -> None:
    desk = call()
    talk(desk, (CUSTOMER, 0, 5000), (AGENT, 5020, 9000))
    assert (nudges(desk), over(desk)) == ([], [])


@pytest.mark.rule("LISTEN-1")
def test_an_agent_who_is_interrupted_by_the_customer_is_not_nudged() -> None:
    desk = call()
    desk.draws(NOW, agent="########....", customer="....######...")
    assert (nudges(desk), over(desk)) == ([], [("customer", 2000)])


@pytest.mark.rule("LISTEN-1")
def test_a_customer_who_only_says_hm_neither_interrupts_nor_is_interrupted() -> None:
    desk = call()
    desk.draws(NOW, agent="####.######...", customer="..~~~~~~~~....")
    assert over(desk) == []


@pytest.mark.rule("LISTEN-1")
def test_it_is_nobody_s_interruption_if_one_was_first_to_sound_and_the_other_to_speak() -> None:
    desk = call()
    desk.draws(NOW, agent="~~~#####....", customer=".#######....")
    assert over(desk) == []


@pytest.mark.rule("LISTEN-1")
def test_a_cough_interrupts_nobody() -> None:
    desk = call()
    desk.draws(NOW, agent="....????....", customer="########....")
    assert over(desk) == []


@pytest.mark.rule("LISTEN-1")
def test_a_word_that_is_recognised_late_still_tells() -> None:
    desk = call()
    late = scripted.hearing(
        (
            Speech(side=CUSTOMER, began=NOW, ended=NOW + 6000, text="天" * 30),
            Speech(side=AGENT, began=NOW + 3000, ended=NOW + 7000, text="天"),
        )
    )
    desk.deliver(*late)  # the agent's only word is known when it has been said, four seconds on
    assert (nudges(desk), over(desk)) == ([("LISTEN-1", 7000)], [("agent", 3000)])


@pytest.mark.rule("LISTEN-1")
def test_without_speech_recognition_only_time_decides() -> None:
    desk = Desk()
    desk.loses(500, Part.SPEECH)
    call(desk)
    desk.draws(NOW, agent="....~~~~..~..", customer="############.", is_understood=False)
    assert over(desk) == [("agent", 2000)]


@pytest.mark.rule("LISTEN-1")
def test_who_is_interrupted_and_goes_on_interrupts_nobody() -> None:
    desk = call()
    desk.draws(NOW, agent="..########.....", customer="####.#####.....")
    desk.draws(NOW + 8000, agent="####.#####.....", customer="..########.....")
    assert over(desk) == [("agent", 1000), ("customer", 1000)]


@pytest.mark.rule("LISTEN-1")
def test_one_interruption_is_told_once_and_the_next_one_again() -> None:
    desk = call()
    desk.draws(NOW, agent="....####.####.####..", customer="##################..")
    assert over(desk) == [("agent", 2000), ("agent", 2000), ("agent", 2000)]
    assert nudges(desk) == [("LISTEN-1", 3400)]


@pytest.mark.rule("LISTEN-1")
def test_a_customer_who_talks_for_longer_than_a_spurt_was_still_first() -> None:
    desk = call()
    talk(desk, (CUSTOMER, 0, 32000), (AGENT, 29500, 33000))
    assert over(desk) == [("agent", 2500)]


@pytest.mark.rule("LISTEN-1")
def test_what_is_said_to_a_colleague_while_muted_interrupts_nobody() -> None:
    desk = Desk()
    at = muted(desk)
    desk.draws(at + 1000, agent="....######..", customer="##########..")
    assert over(desk) == []


@pytest.mark.rule("LISTEN-1")
def test_on_hold_nobody_is_interrupted_even_if_the_lamp_cannot_be_seen() -> None:
    desk = Desk()
    at = muted(desk)
    desk.loses(at + 500, Part.MUTE_LAMP)
    desk.draws(at + 1000, agent="....######..", customer="##########..")
    assert over(desk) == []


@pytest.mark.rule("LISTEN-1")
def test_what_was_begun_muted_is_to_a_colleague_to_its_end() -> None:
    desk = call()
    desk.lamp(NOW - 100, lit=True)
    facts = talking_over()
    desk.deliver(*(fact for fact in facts if fact.at < NOW + 2000))
    desk.lamp(NOW + 2000, lit=False)
    desk.deliver(*(fact for fact in facts if fact.at >= NOW + 2500))
    assert over(desk) == []


@pytest.mark.rule("LISTEN-1")
def test_when_the_tap_is_lost_only_what_was_certain_is_told() -> None:
    desk = call()
    facts = talking_over()
    desk.deliver(*(fact for fact in facts if fact.at < NOW + 4000))
    desk.loses(NOW + 4000, Part.TAP)
    desk.deliver(*(fact for fact in facts if fact.at >= NOW + 4000))
    assert over(desk) == [("agent", 2600)]


@pytest.mark.rule("LISTEN-1")
def test_an_overlap_that_a_lost_tap_cuts_short_is_not_told() -> None:
    desk = call()
    facts = talking_over()
    desk.deliver(*(fact for fact in facts if fact.at < NOW + 2300))
    desk.loses(NOW + 2300, Part.TAP)
    for side, began in ((CUSTOMER, NOW), (AGENT, NOW + 1000)):
        desk.deliver(TalkSpurtEnded(at=NOW + 2300, side=side, began=began, ended=NOW + 2300, level_dbfs=-20))
    assert (nudges(desk), over(desk)) == ([], [])


@pytest.mark.rule("LISTEN-1")
def test_voices_that_are_heard_again_after_a_loss_accuse_nobody() -> None:
    desk = call()
    desk.loses(NOW, Part.TAP)
    desk.deliver(PartFound(at=NOW + 1000, part=Part.TAP))
    talk(desk, (AGENT, 1000, 5000), (CUSTOMER, 1020, 5000))
    assert over(desk) == []


@pytest.mark.rule("LISTEN-1")
def test_who_hangs_up_in_the_midst_of_it_has_interrupted_all_the_same() -> None:
    desk = call()
    desk.deliver(*(fact for fact in talking_over() if fact.at < NOW + 4000))
    hangs_up(desk, NOW + 4000)
    assert over(desk) == [("agent", 2600)]
    assert [effect.at for effect in desk.done] == sorted(effect.at for effect in desk.done)


@pytest.mark.rule("LISTEN-1")
@pytest.mark.parametrize(
    ("agent", "customer", "well", "improve"),
    [
        ("......####", "####......", True, False),
        ("..####....", "######....", False, True),
        ("####......", "..........", False, False),
    ],
)
def test_the_card_says_whether_the_customer_could_finish_if_they_said_anything(
    agent: str, customer: str, *, well: bool, improve: bool
) -> None:
    desk = call()
    card = hangs_up(desk, desk.draws(NOW, agent=agent, customer=customer) + 1000)
    assert ("LISTEN-1" in card.well, "LISTEN-1" in card.improve) == (well, improve)


@pytest.mark.rule("LISTEN-1")
def test_the_card_does_not_praise_listening_that_was_not_heard_throughout() -> None:
    desk = call()
    desk.loses(NOW - 2000, Part.TAP)
    desk.deliver(PartFound(at=NOW - 1000, part=Part.TAP))
    card = hangs_up(desk, desk.draws(NOW, customer="####..") + 1000)
    assert "LISTEN-1" not in card.well + card.improve


# A customer who talks on and on


@pytest.mark.rule("LISTEN-2")
def test_a_customer_who_talks_on_and_on_is_owed_a_response() -> None:
    desk = call()
    desk.draws(NOW, customer="#" * 40)
    assert [(effect.at - NOW, effect.for_ms) for effect in desk.all(MonologueReached)] == [(15400, 15000)]
    assert nudges(desk) == [("LISTEN-2", 15400)]


@pytest.mark.rule("LISTEN-2")
@pytest.mark.parametrize(("talk_ms", "count"), [(14999, 0), (15000, 1)])
def test_fifteen_seconds_are_a_monologue(talk_ms: int, count: int) -> None:
    desk = call()
    talk(desk, (CUSTOMER, 0, talk_ms))
    desk.wait_until(NOW + 16000)
    assert len(desk.all(MonologueReached)) == count


@pytest.mark.rule("LISTEN-2")
@pytest.mark.parametrize(("pause_ms", "found"), [(2000, [16000 - 320]), (2001, [])])
def test_a_breath_keeps_the_floor_and_a_longer_pause_gives_it_up(pause_ms: int, found: list[int]) -> None:
    desk = call()
    talk(desk, (CUSTOMER, 0, 14000), (CUSTOMER, 14000 + pause_ms, 20000))
    assert [effect.for_ms for effect in desk.all(MonologueReached)] == found


@pytest.mark.rule("LISTEN-2")
def test_a_customer_who_has_stopped_is_not_what_the_agent_is_nudged_about() -> None:
    desk = call()
    talk(desk, (CUSTOMER, 0, 14000))
    desk.wait_until(NOW + 21000)
    assert desk.all(MonologueReached) == []


@pytest.mark.rule("LISTEN-2")
def test_a_hm_in_between_is_enough_of_a_response() -> None:
    desk = call()
    desk.draws(NOW, agent="." * 20 + "~" + "." * 25, customer="#" * 46)
    assert nudges(desk) == []


@pytest.mark.rule("LISTEN-2")
def test_after_a_hm_the_count_begins_anew() -> None:
    desk = call()
    desk.draws(NOW, agent="." * 20 + "~" + "." * 40, customer="#" * 56)
    assert nudges(desk) == [("LISTEN-2", 10500 + 15400)]


@pytest.mark.rule("LISTEN-2")
def test_a_second_full_span_counts_again_however_the_ear_cuts_it() -> None:
    desk = call()
    talk(desk, (CUSTOMER, 0, 46500))
    assert [effect.for_ms for effect in desk.all(MonologueReached)] == [15000, 30000, 45000]
    assert [type(effect).__name__ for effect in desk.done if isinstance(effect, NudgeShown | NudgeWithheld)] == [
        "NudgeShown",
        "NudgeWithheld",
        "NudgeWithheld",
    ]


@pytest.mark.rule("LISTEN-2")
def test_a_customer_who_talks_while_the_agent_is_with_a_colleague_is_owed_nothing() -> None:
    desk = Desk()
    at = muted(desk)
    desk.draws(at + 500, customer="#" * 50)
    assert desk.all(MonologueReached) == []


@pytest.mark.rule("LISTEN-2")
def test_what_was_talked_while_muted_does_not_count_afterwards() -> None:
    desk = call()
    desk.lamp(NOW - 100, lit=True)
    facts = scripted.hearing((Speech(side=CUSTOMER, began=NOW, ended=NOW + 28000, text="天" * 140),))
    desk.deliver(*(fact for fact in facts if fact.at < NOW + 10000))
    desk.lamp(NOW + 10000, lit=False)
    desk.deliver(*(fact for fact in facts if fact.at >= NOW + 10100))
    assert [effect.at - NOW for effect in desk.all(MonologueReached)] == [10000 + 15400]


# Nobody talks


def quiet(desk: Desk) -> list[tuple[int, int]]:
    """When after `NOW` nobody had talked for how long."""
    return [(effect.at - NOW, effect.for_ms) for effect in desk.all(DeadAirReached)]


@pytest.mark.rule("LISTEN-6")
def test_eight_seconds_without_a_voice_are_dead_air_once() -> None:
    desk = call()
    desk.draws(NOW, customer="####" + "." * 80)
    assert (quiet(desk), nudges(desk)) == ([(10000, 8000)], [("LISTEN-6", 10000)])
    assert [effect.text for effect in desk.all(NudgeShown)] == ["沉默8秒 " + bundled_pack().texts["nudge.dead_air.say"]]


@pytest.mark.rule("LISTEN-6")
@pytest.mark.parametrize("side", list(Side))
@pytest.mark.parametrize(("gap_ms", "count"), [(7919, 0), (7920, 1)])
def test_a_word_in_time_from_either_side_breaks_the_silence(side: Side, gap_ms: int, count: int) -> None:
    desk = call()
    talk(desk, (CUSTOMER, 0, 2000), (side, 2000 + gap_ms, 2000 + gap_ms + 1000))  # 80 ms until it is known
    assert len(desk.all(DeadAirReached)) == count


@pytest.mark.rule("LISTEN-6")
def test_each_silence_is_told_anew() -> None:
    desk = call(Desk(pack=ROOMY))
    desk.draws(NOW, agent="." * 24 + "##" + "." * 20, customer="####")
    assert quiet(desk) == [(10000, 8000), (21000, 8000)]
    assert [effect.reason for effect in desk.all(NudgeWithheld)] == ["refractory"]


@pytest.mark.rule("LISTEN-6", "OPEN-3")
def test_before_the_caller_is_heard_silence_is_the_silent_call_script_s() -> None:
    desk = call()
    desk.wait_until(NOW + 60000)
    assert quiet(desk) == []


@pytest.mark.rule("LISTEN-6", "OUT-1")
def test_in_a_call_the_agent_made_silence_counts_once_anybody_has_talked() -> None:
    desk = Desk()
    desk.hook(1000, off=True)
    desk.wait_until(NOW)
    assert quiet(desk) == []
    desk.draws(NOW, agent="##" + "." * 20)
    assert quiet(desk) == [(9000, 8000)]


@pytest.mark.rule("LISTEN-6")
def test_in_a_call_that_was_on_before_the_device_silence_counts_once_anybody_has_talked() -> None:
    desk = joined()
    desk.draws(NOW, agent="##" + "." * 20)
    assert quiet(desk) == [(9000, 8000)]


@pytest.mark.rule("LISTEN-6")
def test_a_customer_who_waits_muted_hears_no_dead_air() -> None:
    desk = Desk()
    at = muted(desk)
    desk.wait_until(at + 60000)
    assert [effect.state for effect in desk.all(HoldChanged)][-1] is HoldState.BEGAN
    assert desk.all(DeadAirReached) == []


@pytest.mark.rule("LISTEN-6")
def test_after_the_microphone_is_back_the_silence_counts_from_there() -> None:
    desk = call()
    desk.draws(NOW, customer="####")
    desk.lamp(NOW + 4000, lit=True)
    desk.lamp(NOW + 7000, lit=False)
    desk.wait_until(NOW + 30000)
    assert quiet(desk) == [(7000 + 8000, 8000)]


@pytest.mark.rule("LISTEN-6")
def test_a_lost_tap_is_no_silence() -> None:
    desk = call()
    desk.draws(NOW, customer="####..")
    desk.loses(NOW + 3000, Part.TAP)
    desk.deliver(PartFound(at=NOW + 20000, part=Part.TAP))
    desk.wait_until(NOW + 40000)
    assert quiet(desk) == [(28000, 8000)]


@pytest.mark.rule("LISTEN-6")
def test_a_customer_who_has_hung_up_is_not_kept_waiting() -> None:
    desk = call()
    desk.draws(NOW, customer="####..")
    desk.deliver(BusyToneHeard(at=NOW + 5000, began=NOW + 3250))
    desk.wait_until(NOW + 40000)
    assert quiet(desk) == []


@pytest.mark.rule("LISTEN-6", "CLOSE-3")
@pytest.mark.parametrize(("after_ms", "count"), [(30000, 0), (30001, 1)])
def test_waiting_for_the_customer_to_hang_up_is_not_dead_air(after_ms: int, count: int) -> None:
    desk = call()
    talk(desk, (CUSTOMER, 0, 2000))
    closed = desk.says(AGENT, NOW + 3000, "谢谢再见") - NOW
    for ended in range(closed + after_ms - 24000, closed + after_ms + 1, 6000):
        talk(desk, (CUSTOMER, ended - 1000, ended))
    desk.wait_until(NOW + closed + after_ms + 20000)
    assert len(desk.all(DeadAirReached)) == count


def test_nothing_is_said_about_turns_when_nobody_is_on_the_phone() -> None:
    desk = Desk()
    desk.draws(NOW, agent="....######" + "." * 40, customer="##########")
    told: list[Effect] = [*desk.all(BargedIn), *desk.all(MonologueReached), *desk.all(DeadAirReached)]
    assert told == []
