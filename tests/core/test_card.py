"""The card after a call: what went well before what did not, each rule once, nothing claimed that was not heard."""

import pytest

from pi_companion.core.card import CallRecord
from pi_companion.core.companion import Companion
from pi_companion.core.effects import BargedIn, CallCard, CueShown, MuteChanged
from pi_companion.core.facts import BusyToneHeard, HookChanged, MuteLampChanged, Part, PartFound, Side
from pi_companion.core.limits import Limits
from pi_companion.core.opening import OpeningCheck
from pi_companion.core.pace import PaceMeter
from pi_companion.core.states import MuteState, ScreenName
from tests.core.desk import STATION, Desk, bundled_pack
from tests.core.test_holds import muted

LIMITS = Limits()
CLOSING = "感谢您的来电再见"


def record(*, is_heard: bool = True, is_greeted: bool = True, rings: int = 1, is_outbound: bool = False) -> CallRecord:
    """A call that was picked up at 0 and closed properly at 50 s."""
    opening = OpeningCheck(LIMITS.opening, 0, is_late=rings > LIMITS.ringing.amber_to)
    opening.is_greeted = is_greeted
    return CallRecord(
        connected_at=0,
        rings=rings,
        opening=None if is_outbound else opening,
        pace=PaceMeter(LIMITS.pace, 0, 100),
        is_heard=is_heard,
        closed_at=50000,
    )


def card(call: CallRecord) -> CallCard:
    return call.card(60050, 60000, 10000, LIMITS)


def good_call(desk: Desk) -> CallCard:
    """Answered at the first ring, greeted, every step, closed; the customer hangs up first."""
    at = desk.says(Side.CUSTOMER, desk.answered_call(), "打印机连不上") + 800
    for words in ("请问您怎么称呼", "您的意思是打印机连不上", "我帮您记录下来请工程师联系您"):
        at = desk.says(Side.AGENT, at, words) + 800
    ended = desk.says(Side.AGENT, desk.says(Side.CUSTOMER, at, "好的谢谢") + 800, CLOSING)
    desk.deliver(BusyToneHeard(at=ended + 2000, began=ended + 250))
    desk.hook(ended + 2500, off=False)
    return desk.all(CallCard)[0]


def test_a_good_call_has_all_that_was_done_well_each_rule_once_and_nothing_to_improve() -> None:
    done = good_call(Desk())
    kept = {"CLOSE-1", "CLOSE-3", "FLOW-1", "LISTEN-5", "OPEN-1", "RING-1", "TIME-1", "WORDING"}
    assert (kept - {*done.well}, len(done.well) - len({*done.well}), done.improve) == (set(), 0, ())


def test_a_clean_call_is_praised_and_its_good_things_are_counted_first() -> None:
    desk = Desk()
    well = len(good_call(desk).well)
    assert "做得很好" in [cue.text for cue in desk.all(CueShown)]
    desk.wait_until(desk.all(CallCard)[0].at + 3000)
    screen = desk.screen()
    assert (screen.name, screen.lines[0]) == (ScreenName.CALL_CARD, f"做到{well}项")


def test_one_thing_to_improve_is_counted_after_the_good_ones_and_nothing_is_praised() -> None:
    desk = Desk()
    at = desk.says(Side.CUSTOMER, desk.answered_call(), "打印机连不上") + 800
    ended = desk.says(Side.AGENT, desk.says(Side.AGENT, at, "这个我不知道") + 800, CLOSING)
    desk.hook(ended + 4000, off=False)
    done = desk.all(CallCard)[0]
    assert (done.taboo, done.improve, "WORDING" in done.well) == (1, ("SAY-UNKNOWN",), False)
    desk.wait_until(done.at + 1000)
    assert "做得很好" not in [cue.text for cue in desk.all(CueShown)]


@pytest.mark.parametrize("order", [(True, False), (False, True), (False, False)])
def test_a_rule_not_kept_once_is_not_kept_whatever_else_was_noted(order: tuple[bool, ...]) -> None:
    call = record()
    for is_good in order:
        call.note("LISTEN-1", is_good=is_good)
    done = card(call)
    assert ("LISTEN-1" in done.well, done.improve) == (False, ("LISTEN-1",))


def test_a_rule_kept_several_times_is_counted_once() -> None:
    call = record()
    for _ in range(3):
        call.note("LISTEN-1", is_good=True)
    assert card(call).well.count("LISTEN-1") == 1


@pytest.mark.rule("RING-1")
def test_two_rings_are_well_answered_and_three_are_not() -> None:
    assert ["RING-1" in card(record(rings=rings)).well for rings in (1, 2, 3)] == [True, True, False]
    assert "RING-1" in card(record(rings=3)).improve


@pytest.mark.rule("RING-2")
def test_an_apology_owed_and_not_given_is_to_improve_and_one_not_owed_is_nothing() -> None:
    assert "RING-2" in card(record(rings=5)).improve
    punctual = card(record())
    assert "RING-2" not in {*punctual.well, *punctual.improve}


def test_a_call_is_clean_only_if_everything_was_heard_and_due_and_done() -> None:
    unheard, outbound, ungreeted, slow = (
        record(is_heard=False),
        record(is_outbound=True),
        record(is_greeted=False),
        record(rings=3),
    )
    calls = (record(), unheard, outbound, ungreeted, slow)
    for call in calls:
        card(call)
    assert [call.is_clean for call in calls] == [True, False, False, False, False]


def test_of_a_call_that_was_not_understood_nothing_is_claimed_about_words() -> None:
    done = card(record(is_heard=False))
    words = (done.taboo, done.opening, done.closing, done.chars_per_min, done.apology_given, done.wish)
    assert (words, done.well, done.improve) == ((None,) * 6, ("RING-1",), ())


def test_the_time_a_customer_waited_is_no_talk() -> None:
    done = card(record())
    assert (done.talk_ms, done.hold_ms) == (50000, 10000)


@pytest.mark.parametrize("part", [Part.TAP, Part.SPEECH])
def test_a_moment_of_deafness_leaves_no_claim_about_words_for_the_whole_call(part: Part) -> None:
    desk = Desk()
    at = desk.answered_call()
    desk.loses(at, part)
    desk.deliver(PartFound(at=at + 1000, part=part))
    desk.hook(desk.says(Side.AGENT, at + 2000, "这个我不知道") + 2000, off=False)
    done = desk.all(CallCard)[0]
    assert (done.taboo, done.closing, "WORDING" in done.well) == (None, None, False)


def test_of_a_call_that_was_on_when_the_device_started_nothing_is_said_to_have_been_kept() -> None:
    desk = Desk()
    desk.companion, desk.done = Companion(bundled_pack(), STATION), []
    desk.deliver(HookChanged(at=0, is_off_hook=True), MuteLampChanged(at=0, is_lit=False))
    ended = desk.says(Side.AGENT, desk.says(Side.CUSTOMER, 2000, "好的谢谢") + 500, CLOSING)
    desk.hook(ended + 4000, off=False)
    done = desk.all(CallCard)[0]
    assert (done.taboo, done.closing, done.well, done.improve) == (None, True, (), ())


def test_a_call_that_was_on_when_the_device_started_is_still_told_what_was_not_kept() -> None:
    joined = record(is_outbound=True)
    joined.is_joined = True
    joined.note("LISTEN-1", is_good=False)
    assert (card(joined).well, joined.notes) == ((), {"LISTEN-1": False})


def test_where_the_microphone_is_in_doubt_nobody_is_said_to_have_interrupted() -> None:
    desk = Desk()
    at = muted(desk)
    desk.presses(at + 5000)
    desk.wait_until(at + 14000)  # the lamp did not follow two presses
    assert desk.all(MuteChanged)[-1].state is MuteState.DISPUTED
    desk.draws(at + 14000, agent="..##########....", customer="############....")
    desk.hook(at + 25000, off=False)
    assert (desk.all(BargedIn), "LISTEN-1" in desk.all(CallCard)[0].improve) == ([], False)
