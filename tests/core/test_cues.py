"""The arbiter: one new nudge a minute, each rule seldom, time to read, prompts that stay."""

from pi_companion.core.cues import Arbiter, Nudge, Weight
from pi_companion.core.effects import CueShown, NudgeShown, NudgeWithheld
from pi_companion.core.limits import Cueing
from pi_companion.core.screens import nudge as nudge_screen

LIMITS = Cueing(budget_ms=60000, refractory_ms=120000, shown_ms=4000, per_char_ms=200)


def nudge(rule: str = "SAY-WAIT", weight: Weight = Weight.NOW, text: str = "换个说法") -> Nudge:
    return Nudge(rule=rule, text=text, screen=nudge_screen(text, ""), weight=weight)


def test_a_second_nudge_within_a_minute_is_withheld() -> None:
    arbiter = Arbiter(LIMITS)
    arbiter.nudge(1000, nudge("A"))
    assert arbiter.nudge(60999, nudge("B")) == (NudgeWithheld(at=60999, rule="B", reason="budget"),)
    assert arbiter.nudge(61000, nudge("C")) == (NudgeShown(at=61000, rule="C", text="换个说法"),)


def test_the_same_rule_rests_for_two_minutes() -> None:
    arbiter = Arbiter(LIMITS)
    arbiter.nudge(1000, nudge("A"))
    assert arbiter.nudge(120999, nudge("A")) == (NudgeWithheld(at=120999, rule="A", reason="refractory"),)
    assert arbiter.nudge(121000, nudge("A")) == (NudgeShown(at=121000, rule="A", text="换个说法"),)


def test_mute_and_safety_are_exempt_and_cost_nothing() -> None:
    arbiter = Arbiter(LIMITS)
    arbiter.nudge(1000, nudge("A"))
    assert isinstance(arbiter.nudge(2000, nudge("HOLD-4", Weight.EXEMPT))[0], NudgeShown)
    assert isinstance(arbiter.nudge(61000, nudge("B"))[0], NudgeShown)


def test_a_nudge_is_withheld_while_something_safer_holds_the_screen() -> None:
    assert Arbiter(LIMITS).nudge(1000, nudge("A"), is_covered=True) == (
        NudgeWithheld(at=1000, rule="A", reason="covered"),
    )


def test_a_patient_nudge_waits_for_its_turn() -> None:
    arbiter = Arbiter(LIMITS)
    arbiter.nudge(1000, nudge("A"))
    assert arbiter.nudge(5000, nudge("TIME-1", Weight.PATIENT)) == ()
    assert arbiter.pass_deadline(60999, is_covered=False) == ()
    assert arbiter.deadline() == 61000
    assert arbiter.pass_deadline(61000, is_covered=False) == (NudgeShown(at=61000, rule="TIME-1", text="换个说法"),)


def test_a_patient_nudge_that_stays_covered_looks_again_every_second() -> None:
    arbiter = Arbiter(LIMITS)
    arbiter.nudge(5000, nudge("TIME-1", Weight.PATIENT), is_covered=True)
    assert arbiter.deadline() == 6000
    assert arbiter.pass_deadline(6000, is_covered=True) == ()
    assert arbiter.deadline() == 7000


def test_what_still_waits_when_the_call_ends_is_withheld() -> None:
    arbiter = Arbiter(LIMITS)
    arbiter.nudge(5000, nudge("TIME-1", Weight.PATIENT), is_covered=True)
    assert arbiter.end_of_call(9000) == (NudgeWithheld(at=9000, rule="TIME-1", reason="call_over"),)
    assert arbiter.deadline() is None


def test_a_short_nudge_stays_four_seconds_and_a_long_one_longer() -> None:
    short, long = Arbiter(LIMITS), Arbiter(LIMITS)
    short.nudge(1000, nudge(text="换个说法"))
    long.nudge(1000, nudge(text="我" * 30))
    assert (short.deadline(), long.deadline()) == (5000, 7000)


def test_a_prompt_stays_until_it_is_cleared_and_a_cue_covers_it_only_for_its_time() -> None:
    arbiter = Arbiter(LIMITS)
    prompt, over = nudge_screen("先致歉", ""), nudge_screen("声卡断开", "")
    assert arbiter.prompt(1000, "RING-2", "先致歉", prompt) == (CueShown(at=1000, rule="RING-2", text="先致歉"),)
    arbiter.cue(2000, "FAULT", "声卡断开", over)
    assert arbiter.screen == over
    arbiter.pass_deadline(6000, is_covered=False)
    assert arbiter.screen == prompt
    arbiter.clear("RING-2")
    assert arbiter.screen is None


def test_a_nudge_waits_behind_a_prompt_and_an_exempt_one_does_not() -> None:
    arbiter = Arbiter(LIMITS)
    arbiter.prompt(1000, "RING-2", "先致歉", nudge_screen("先致歉", ""))
    assert arbiter.nudge(2000, nudge("A")) == (NudgeWithheld(at=2000, rule="A", reason="covered"),)
    assert arbiter.nudge(2000, nudge("B", Weight.EXEMPT)) == (NudgeShown(at=2000, rule="B", text="换个说法"),)


def test_a_rule_clears_only_its_own_prompt() -> None:
    arbiter = Arbiter(LIMITS)
    arbiter.prompt(1000, "HOLD-3", "抱歉", nudge_screen("抱歉", ""))
    arbiter.clear("RING-2")
    assert arbiter.screen == nudge_screen("抱歉", "")


def test_a_waiting_nudge_that_is_no_longer_true_is_withdrawn() -> None:
    arbiter = Arbiter(LIMITS)
    arbiter.nudge(1000, nudge("A"))
    arbiter.nudge(5000, nudge("VOICE-1", Weight.PATIENT))
    arbiter.withdraw("VOICE-1")
    assert arbiter.pass_deadline(61000, is_covered=False) == ()
    assert arbiter.end_of_call(70000) == ()
