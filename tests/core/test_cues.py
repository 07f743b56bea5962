"""The arbiter: one new nudge a minute, each rule seldom, time to read, prompts that stay, and no nudge lost."""

from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pi_companion.core.cues import Arbiter, Nudge, Shown, Weight
from pi_companion.core.effects import CueShown, Effect, NudgeShown, NudgeWithheld
from pi_companion.core.limits import Cueing
from pi_companion.core.screens import nudge as nudge_screen
from pi_companion.core.screens import praise as praise_screen
from pi_companion.core.states import Screen

LIMITS = Cueing(budget_ms=60000, refractory_ms=120000, shown_ms=4000, per_char_ms=200)
TEXT = "换个说法"


def nudge(rule: str = "SAY-WAIT", weight: Weight = Weight.NOW, text: str = TEXT) -> Nudge:
    return Nudge(rule=rule, text=text, screen=nudge_screen(text, ""), weight=weight)


def shown(at: int, rule: str, text: str = TEXT) -> NudgeShown:
    return NudgeShown(at=at, rule=rule, text=text)


def withheld(at: int, rule: str, reason: str) -> NudgeWithheld:
    return NudgeWithheld(at=at, rule=rule, reason=reason)


def tells(
    arbiter: Arbiter, at: int, *nudges: Nudge, is_covered: bool = False, is_snoozed: bool = False
) -> tuple[Effect, ...]:
    """Let the time be `at`, offer these at once, and return what the arbiter makes of them."""
    arbiter.pass_deadline(at)
    for each in nudges:
        arbiter.offer(each)
    return arbiter.settle(at, is_covered=is_covered, is_snoozed=is_snoozed)


# The budget


def test_a_second_nudge_within_a_minute_is_withheld() -> None:
    arbiter = Arbiter(LIMITS)
    tells(arbiter, 1000, nudge("A"))
    assert tells(arbiter, 60999, nudge("B")) == (withheld(60999, "B", "budget"),)
    assert tells(arbiter, 61000, nudge("C")) == (shown(61000, "C"),)


def test_the_same_rule_rests_for_two_minutes() -> None:
    arbiter = Arbiter(LIMITS)
    tells(arbiter, 1000, nudge("A"))
    assert tells(arbiter, 120999, nudge("A")) == (withheld(120999, "A", "refractory"),)
    assert tells(arbiter, 121000, nudge("A")) == (shown(121000, "A"),)


def test_mute_and_safety_are_exempt_and_cost_nothing() -> None:
    arbiter = Arbiter(LIMITS)
    tells(arbiter, 1000, nudge("A"))
    assert tells(arbiter, 2000, nudge("HOLD-3", Weight.EXEMPT)) == (shown(2000, "HOLD-3"),)
    assert tells(arbiter, 7000, nudge("HOLD-3", Weight.EXEMPT)) == (shown(7000, "HOLD-3"),)
    assert tells(arbiter, 61000, nudge("B")) == (shown(61000, "B"),)


def test_a_nudge_is_withheld_while_something_safer_holds_the_screen() -> None:
    assert tells(Arbiter(LIMITS), 1000, nudge("A"), is_covered=True) == (withheld(1000, "A", "covered"),)


def test_a_nudge_is_withheld_while_another_is_read() -> None:
    arbiter = Arbiter(replace(LIMITS, budget_ms=0))
    tells(arbiter, 1000, nudge("A"))
    assert tells(arbiter, 4999, nudge("B")) == (withheld(4999, "B", "covered"),)
    assert tells(arbiter, 5000, nudge("C")) == (shown(5000, "C"),)


# What is worth most


def test_of_what_comes_at_once_the_rule_worth_most_is_shown() -> None:
    arbiter = Arbiter(LIMITS)
    assert tells(arbiter, 1000, nudge("SAY-WAIT"), nudge("OTHER"), nudge("EMO-1"), nudge("TABOO-BYE")) == (
        shown(1000, "EMO-1"),
        withheld(1000, "TABOO-BYE", "outranked"),
        withheld(1000, "SAY-WAIT", "outranked"),
        withheld(1000, "OTHER", "outranked"),
    )


def test_of_two_as_worthy_the_first_offered_is_shown() -> None:
    assert tells(Arbiter(LIMITS), 1000, nudge("SAY-B"), nudge("SAY-A")) == (
        shown(1000, "SAY-B"),
        withheld(1000, "SAY-A", "outranked"),
    )


def test_an_interruption_is_worth_more_than_the_time_and_other_listening_less() -> None:
    for rule, winner in (("LISTEN-1", "LISTEN-1"), ("LISTEN-2", "TIME-1")):
        assert shown(1000, winner) in tells(Arbiter(LIMITS), 1000, nudge("TIME-1"), nudge(rule))


def test_what_waits_keeps_its_rank_against_what_comes_later() -> None:
    arbiter = Arbiter(LIMITS)
    tells(arbiter, 1000, nudge("A"))
    tells(arbiter, 60500, nudge("TIME-1", Weight.PATIENT))
    assert tells(arbiter, 61000, nudge("VOICE-2")) == (shown(61000, "TIME-1"), withheld(61000, "VOICE-2", "outranked"))


def test_what_waits_gives_way_to_what_is_worth_more_and_goes_on_waiting() -> None:
    arbiter = Arbiter(LIMITS)
    tells(arbiter, 1000, nudge("A"))
    tells(arbiter, 5000, nudge("POSTURE-1", Weight.PATIENT))
    assert tells(arbiter, 61000, nudge("EMO-1")) == (shown(61000, "EMO-1"),)
    assert tells(arbiter, 121000) == (shown(121000, "POSTURE-1"),)


def test_safety_comes_first_and_hides_nothing_that_was_said_to_be_shown() -> None:
    arbiter = Arbiter(LIMITS)
    assert tells(arbiter, 1000, nudge("EMO-1"), nudge("HOLD-3", Weight.EXEMPT, "先致歉")) == (
        shown(1000, "HOLD-3", "先致歉"),
        withheld(1000, "EMO-1", "covered"),
    )
    assert arbiter.screen == nudge_screen("先致歉", "")


# Patience


def test_a_patient_nudge_waits_for_its_turn() -> None:
    arbiter = Arbiter(LIMITS)
    tells(arbiter, 1000, nudge("A"))
    assert tells(arbiter, 5000, nudge("TIME-1", Weight.PATIENT)) == ()
    assert tells(arbiter, 60999) == ()
    assert arbiter.deadline() == 61000
    assert tells(arbiter, 61000) == (shown(61000, "TIME-1"),)


def test_a_patient_nudge_that_stays_covered_looks_again_every_second() -> None:
    arbiter = Arbiter(LIMITS)
    tells(arbiter, 5000, nudge("TIME-1", Weight.PATIENT), is_covered=True)
    assert arbiter.deadline() == 6000
    assert tells(arbiter, 6000, is_covered=True) == ()
    assert arbiter.deadline() == 7000
    assert tells(arbiter, 7000) == (shown(7000, "TIME-1"),)


def test_what_still_waits_when_the_call_ends_is_withheld() -> None:
    arbiter = Arbiter(LIMITS)
    tells(arbiter, 5000, nudge("TIME-1", Weight.PATIENT), is_covered=True)
    assert arbiter.end_of_call(9000) == (withheld(9000, "TIME-1", "call_over"),)
    assert arbiter.deadline() is None


def test_what_still_waits_when_a_call_begins_is_withheld() -> None:
    arbiter = Arbiter(LIMITS)
    tells(arbiter, 5000, nudge("RING-4", Weight.PATIENT), is_covered=True)
    assert arbiter.begin_call(9000) == (withheld(9000, "RING-4", "call_began"),)
    assert arbiter.deadline() is None


def test_a_waiting_nudge_that_is_no_longer_true_is_withdrawn() -> None:
    arbiter = Arbiter(LIMITS)
    tells(arbiter, 1000, nudge("A"))
    tells(arbiter, 5000, nudge("VOICE-1", Weight.PATIENT))
    arbiter.drop("VOICE-1")
    assert tells(arbiter, 61000) == ()
    assert arbiter.end_of_call(70000) == ()


def test_what_stopped_being_true_at_the_same_instant_is_not_said() -> None:
    arbiter = Arbiter(LIMITS)
    arbiter.offer(nudge("LISTEN-2"))
    arbiter.offer(nudge("SAY-WAIT"))
    arbiter.drop("LISTEN-2")
    assert arbiter.settle(1000, is_covered=False) == (shown(1000, "SAY-WAIT"),)


def test_what_is_asked_again_while_it_waits_is_asked_once() -> None:
    arbiter = Arbiter(LIMITS)
    tells(arbiter, 1000, nudge("A"))
    assert tells(arbiter, 5000, nudge("VOICE-1", Weight.PATIENT)) == ()
    assert tells(arbiter, 9000, nudge("VOICE-1", Weight.PATIENT)) == ()
    assert tells(arbiter, 61000) == (shown(61000, "VOICE-1"),)


def test_of_one_rule_the_last_that_waits_is_the_true_one() -> None:
    arbiter = Arbiter(LIMITS)
    tells(arbiter, 1000, nudge("A"))
    tells(arbiter, 5000, nudge("TIME-1", Weight.PATIENT, "预计超时，考虑派单"))
    assert tells(arbiter, 9000, nudge("TIME-1", Weight.PATIENT, "请转现场工程师")) == (
        withheld(9000, "TIME-1", "superseded"),
    )
    assert tells(arbiter, 61000) == (shown(61000, "TIME-1", "请转现场工程师"),)


def test_a_rule_that_has_something_new_to_say_waits_out_its_rest() -> None:
    arbiter = Arbiter(LIMITS)
    tells(arbiter, 1000, nudge("TIME-1", Weight.PATIENT, "预计超时，考虑派单"))
    assert tells(arbiter, 90000, nudge("TIME-1", Weight.PATIENT, "请转现场工程师")) == ()
    assert tells(arbiter, 120999) == ()
    assert tells(arbiter, 121000) == (shown(121000, "TIME-1", "请转现场工程师"),)


def test_a_rule_that_has_nothing_new_to_say_is_not_kept_for_later() -> None:
    arbiter = Arbiter(LIMITS)
    tells(arbiter, 1000, nudge("VOICE-1", Weight.PATIENT))
    assert tells(arbiter, 90000, nudge("VOICE-1", Weight.PATIENT)) == (withheld(90000, "VOICE-1", "refractory"),)
    assert arbiter.deadline() is None


# Time to read


def test_a_short_nudge_stays_four_seconds_and_a_long_one_longer() -> None:
    short, long = Arbiter(LIMITS), Arbiter(LIMITS)
    tells(short, 1000, nudge(text="换个说法"))
    tells(long, 1000, nudge(text="我" * 30))
    assert (short.deadline(), long.deadline()) == (5000, 7000)


def reading(at: int = 1000) -> Arbiter:
    """An arbiter whose nudge is being read from `at` on."""
    arbiter = Arbiter(LIMITS)
    tells(arbiter, at, nudge("SAY-WAIT"))
    return arbiter


NUDGED: Final = nudge_screen(TEXT, "")
OTHER: Final = nudge_screen("别的", "")


def test_neither_praise_nor_a_line_to_say_takes_a_nudge_away_before_it_was_read() -> None:
    arbiter = reading()
    assert arbiter.praise(2000, "HOLD-3", "致歉到位", praise_screen("致歉到位")) == ()
    assert arbiter.cue(2000, "SAY-EARLIER", "别的", OTHER, is_urgent=False) == ()
    arbiter.prompt(2000, "OPEN-3", "别的", OTHER)
    arbiter.pass_deadline(4999)
    assert arbiter.screen == NUDGED
    arbiter.pass_deadline(5000)
    assert arbiter.screen == OTHER


def test_a_fault_takes_a_nudge_away() -> None:
    arbiter = reading()
    arbiter.cue(2000, "FAULT", "声卡断开", OTHER)
    assert (arbiter.screen, arbiter.is_safety) == (OTHER, True)


def test_what_the_wait_covered_does_not_come_back_after_it() -> None:
    arbiter = reading()
    tells(arbiter, 2000, is_covered=True)
    tells(arbiter, 3000)
    assert arbiter.screen is None


def test_the_snooze_button_takes_a_nudge_away_and_safety_stays() -> None:
    arbiter = reading()
    tells(arbiter, 2000, is_snoozed=True)
    assert arbiter.screen is None
    tells(arbiter, 3000, nudge("HOLD-3", Weight.EXEMPT), is_snoozed=True)
    tells(arbiter, 4000, is_snoozed=True, is_covered=True)
    assert arbiter.screen == NUDGED


def test_a_nudge_may_be_read_to_its_end_after_the_call_and_nothing_else() -> None:
    arbiter = reading()
    arbiter.prompt(1500, "RING-2", "先致歉", OTHER)
    arbiter.end_of_call(2000)
    assert arbiter.screen == NUDGED
    arbiter.pass_deadline(5000)
    assert arbiter.screen is None


def test_a_fault_is_not_said_on_the_call_card() -> None:
    arbiter = Arbiter(LIMITS)
    arbiter.cue(1000, "FAULT", "声卡断开", OTHER)
    arbiter.end_of_call(2000)
    assert arbiter.screen is None


def test_a_call_that_begins_takes_away_what_was_said_about_the_desk() -> None:
    arbiter = reading()
    arbiter.prompt(1500, "RING-3", "离席请设小休", OTHER)
    assert arbiter.begin_call(2000) == ()
    assert (arbiter.screen, arbiter.last) == (None, None)


# Prompts, cues and praise


def test_a_prompt_stays_until_it_is_dropped_and_a_cue_covers_it_only_for_its_time() -> None:
    arbiter = Arbiter(LIMITS)
    prompt, over = nudge_screen("先致歉", ""), nudge_screen("声卡断开", "")
    assert arbiter.prompt(1000, "RING-2", "先致歉", prompt) == (CueShown(at=1000, rule="RING-2", text="先致歉"),)
    assert arbiter.cue(2000, "FAULT", "声卡断开", over) == (CueShown(at=2000, rule="FAULT", text="声卡断开"),)
    arbiter.pass_deadline(5999)
    assert arbiter.screen == over
    arbiter.pass_deadline(6000)
    assert arbiter.screen == prompt
    arbiter.drop("RING-2")
    assert arbiter.screen is None


def test_a_nudge_waits_behind_a_prompt_and_an_exempt_one_does_not() -> None:
    arbiter = Arbiter(LIMITS)
    arbiter.prompt(1000, "RING-2", "先致歉", OTHER)
    assert tells(arbiter, 2000, nudge("A")) == (withheld(2000, "A", "covered"),)
    assert tells(arbiter, 2000, nudge("B", Weight.EXEMPT)) == (shown(2000, "B"),)


def test_a_rule_drops_only_its_own_prompt() -> None:
    arbiter = Arbiter(LIMITS)
    arbiter.prompt(1000, "HOLD-3", "抱歉", OTHER)
    arbiter.drop("RING-2")
    assert arbiter.screen == OTHER


def test_of_two_prompts_the_newer_is_shown_and_the_older_again_after_it() -> None:
    arbiter = Arbiter(LIMITS)
    arbiter.prompt(1000, "RING-2", "先致歉", NUDGED)
    arbiter.prompt(2000, "OPEN-3", "别的", OTHER)
    assert arbiter.screen == OTHER
    arbiter.drop("OPEN-3")
    assert arbiter.screen == NUDGED


def test_a_countdown_changes_the_picture_and_is_reported_once() -> None:
    arbiter = Arbiter(LIMITS)
    arbiter.prompt(1000, "OPEN-3", "您好", nudge_screen("您好", "5"))
    assert arbiter.prompt(2000, "OPEN-3", "您好", nudge_screen("您好", "4")) == ()
    assert arbiter.screen == nudge_screen("您好", "4")
    assert arbiter.prompt(3000, "OPEN-3", "再见", OTHER) == (CueShown(at=3000, rule="OPEN-3", text="再见"),)


def test_praise_is_brief_and_anything_takes_its_place() -> None:
    praised = Arbiter(LIMITS)
    screen = praise_screen("致歉到位")
    assert praised.praise(1000, "RING-2", "致歉到位", screen) == (CueShown(at=1000, rule="RING-2", text="致歉到位"),)
    assert (praised.screen, praised.deadline(), praised.is_safety) == (screen, 2500, False)
    assert tells(praised, 1200, nudge("A")) == (shown(1200, "A"),)
    assert praised.screen == NUDGED
    praised = Arbiter(LIMITS)
    praised.praise(1000, "RING-2", "致歉到位", screen)
    praised.cue(1200, "SAY-EARLIER", "别的", OTHER, is_urgent=False)
    assert praised.screen == OTHER


def test_praise_does_not_hide_a_prompt() -> None:
    arbiter = Arbiter(LIMITS)
    arbiter.prompt(1000, "OPEN-3", "别的", OTHER)
    assert arbiter.praise(2000, "RING-2", "致歉到位", praise_screen("致歉到位")) == ()
    assert arbiter.screen == OTHER


@pytest.mark.parametrize(("is_covered", "is_snoozed"), [(True, False), (False, True)])
def test_neither_praise_nor_a_line_to_say_comes_where_nobody_would_see_it_or_wants_it(
    is_covered: bool, is_snoozed: bool
) -> None:
    arbiter = Arbiter(LIMITS)
    tells(arbiter, 1000, is_covered=is_covered, is_snoozed=is_snoozed)
    assert arbiter.praise(2000, "RING-2", "致歉到位", praise_screen("致歉到位")) == ()
    assert arbiter.cue(2000, "SAY-EARLIER", "别的", OTHER, is_urgent=False) == ()
    assert arbiter.screen is None


def test_a_quiet_prompt_is_kept_back_by_the_snooze_button_and_a_script_is_not() -> None:
    arbiter = Arbiter(LIMITS)
    tells(arbiter, 1000, is_snoozed=True)
    assert arbiter.prompt(2000, "RING-3", "别的", OTHER, is_urgent=False) == ()
    assert arbiter.prompt(2000, "OPEN-3", "别的", OTHER) == (CueShown(at=2000, rule="OPEN-3", text="别的"),)


# Snoozed


def test_snoozed_nothing_is_shown_and_nothing_recorded() -> None:
    arbiter = Arbiter(LIMITS)
    assert tells(arbiter, 1000, nudge("A"), nudge("TIME-1", Weight.PATIENT), is_snoozed=True) == ()
    assert (arbiter.screen, arbiter.last, arbiter.deadline()) == (None, None, None)
    assert arbiter.end_of_call(9000) == ()


def test_what_waited_when_the_snooze_button_was_pressed_is_forgotten() -> None:
    arbiter = reading()
    tells(arbiter, 6000, nudge("TIME-1", Weight.PATIENT))
    assert tells(arbiter, 7000, is_snoozed=True) == ()
    assert tells(arbiter, 61000) == ()


def test_snoozed_safety_is_shown_all_the_same() -> None:
    arbiter = Arbiter(LIMITS)
    tells(arbiter, 500, is_snoozed=True)
    assert tells(arbiter, 1000, nudge("HOLD-3", Weight.EXEMPT), is_snoozed=True) == (shown(1000, "HOLD-3"),)
    arbiter.cue(2000, "FAULT", "声卡断开", OTHER)
    assert arbiter.screen == OTHER


def test_snoozed_nudges_cost_no_budget() -> None:
    arbiter = Arbiter(LIMITS)
    tells(arbiter, 1000, nudge("A"), is_snoozed=True)
    assert tells(arbiter, 2000, nudge("A")) == (shown(2000, "A"),)


# Why


def test_the_last_nudge_can_be_explained() -> None:
    arbiter = Arbiter(LIMITS)
    heard = Nudge(
        rule="SAY-WAIT", text="不说等一下 请稍等", screen=nudge_screen("不说等一下", "请稍等"), heard="等一下"
    )
    tells(arbiter, 1000, heard)
    tells(arbiter, 2000, nudge("B"))
    assert arbiter.last == Shown(at=1000, rule="SAY-WAIT", title="不说等一下", heard="等一下")


# Laws


RULES: Final = ("EMO-1", "SAY-WAIT", "TIME-1", "VOICE-1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What comes to the arbiter `after_ms`, or at its deadline if that is sooner; `turn`: a call begins or ends."""

    after_ms: int
    offers: tuple[tuple[str, Weight], ...]
    is_covered: bool
    turn: str


STEPS: Final = st.lists(
    st.builds(
        Step,
        after_ms=st.sampled_from([0, 500, 1000, 3999, 4000, 20000, 60000]),
        offers=st.lists(
            st.tuples(st.sampled_from(RULES), st.sampled_from([Weight.NOW, Weight.PATIENT]))
            | st.just(("HOLD-3", Weight.EXEMPT)),
            max_size=3,
        ).map(tuple),
        is_covered=st.booleans(),
        turn=st.sampled_from(["", "", "", "begin", "end"]),
    ),
    max_size=25,
)


@dataclass(slots=True)
class Tally:
    """What became of the nudges, by rule; `shown` are those that are rationed, `unread` those taken away too soon."""

    offered: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    shown: list[NudgeShown] = field(default_factory=list)
    unread: list[Screen] = field(default_factory=list)
    lost: int = 0


def walk(steps: list[Step]) -> Tally:
    """Live through the steps; no two nudges say the same. What still waits at the end is told then."""
    arbiter, tally, now = Arbiter(LIMITS), Tally(), 0
    read_until, read = 0, None
    for step in steps:
        due = arbiter.deadline()
        now = now + step.after_ms if due is None else max(now, min(due, now + step.after_ms))
        told: list[Effect] = []
        if step.turn:
            told += arbiter.begin_call(now) if step.turn == "begin" else arbiter.end_of_call(now)
        number = tally.offered.total()
        offers = [nudge(rule, weight, str(number + place)) for place, (rule, weight) in enumerate(step.offers)]
        tally.offered.update(each.rule for each in offers)
        told += tells(arbiter, now, *offers, is_covered=step.is_covered)
        tally.told.update(each.rule for each in told if isinstance(each, NudgeShown | NudgeWithheld))
        may_go = step.is_covered or step.turn == "begin" or any(each.weight is Weight.EXEMPT for each in offers)
        read = None if may_go else read
        if read is not None and now < read_until and arbiter.screen != read:
            tally.unread.append(read)
        rationed = [each for each in told if isinstance(each, NudgeShown) and each.rule in RULES]
        tally.shown += rationed
        if rationed:
            read, read_until = arbiter.screen, now + LIMITS.shown_ms
    tally.told.update(each.rule for each in arbiter.end_of_call(now) if isinstance(each, NudgeWithheld))
    tally.lost = arbiter.account.lost
    return tally


@given(STEPS)
def test_every_nudge_is_shown_or_withheld_with_a_reason_and_none_is_lost(steps: list[Step]) -> None:
    tally = walk(steps)
    assert tally.told == tally.offered
    assert tally.lost == 0


@given(STEPS)
def test_the_arbiters_own_account_is_of_every_nudge(steps: list[Step]) -> None:
    arbiter, now, offered, told = Arbiter(LIMITS), 0, 0, Counter[type[Effect]]()
    for number, step in enumerate(steps):
        now += step.after_ms
        offers = [nudge(rule, weight) for rule, weight in step.offers]
        offered += len(offers)
        effects: list[Effect] = [*(arbiter.end_of_call(now) if step.turn else ())]
        effects += tells(arbiter, now, *offers, is_covered=step.is_covered, is_snoozed=number % 5 == 4)
        told.update(type(effect) for effect in effects)
        if number % 7 == 6:
            arbiter.drop(RULES[0])
    account = arbiter.account
    assert (account.lost, account.offered) == (0, offered)
    assert (account.shown, account.withheld) == (told[NudgeShown], told[NudgeWithheld])


@given(STEPS)
def test_never_two_nudges_within_the_budget_nor_one_rule_within_its_rest(steps: list[Step]) -> None:
    shows = walk(steps).shown
    assert all(later.at - one.at >= LIMITS.budget_ms for one, later in pairwise(shows))
    for rule in RULES:
        times = [each.at for each in shows if each.rule == rule]
        assert all(later - one >= LIMITS.refractory_ms for one, later in pairwise(times))


@given(STEPS)
def test_no_nudge_but_safetys_takes_another_away_before_it_was_read(steps: list[Step]) -> None:
    assert walk(steps).unread == []


@given(STEPS)
def test_snoozed_there_is_never_a_trace(steps: list[Step]) -> None:
    arbiter, now = Arbiter(LIMITS), 0
    for step in steps:
        now += step.after_ms
        offers = [nudge(rule, weight) for rule, weight in step.offers if rule in RULES]
        assert tells(arbiter, now, *offers, is_covered=step.is_covered, is_snoozed=True) == ()
        assert arbiter.screen is None
    assert (arbiter.end_of_call(now), arbiter.deadline(), arbiter.last) == ((), None, None)
