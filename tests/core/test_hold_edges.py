"""Letting a customer wait, at the edges: lost lamps, hang-ups, second thoughts, races. Nothing is pressed in doubt."""

from dataclasses import replace

from pi_companion.core.effects import (
    CallCard,
    CueShown,
    HoldChanged,
    NudgeShown,
    NudgeWithheld,
    PaceMeasured,
    PressMute,
)
from pi_companion.core.facts import (
    BusyToneHeard,
    MuteLampChanged,
    Part,
    Side,
    TalkSpurtBegan,
    TalkSpurtEnded,
    WordsHeard,
)
from pi_companion.core.settings import Station
from pi_companion.core.states import ScreenName
from tests.core.desk import Desk, bundled_pack, times, words
from tests.core.test_holds import REQUEST, asked, consented, holds, key, muted, mutes


def test_a_question_about_mute_does_not_outlive_the_call() -> None:
    desk = Desk()
    desk.loses(500, Part.MUTE_LAMP)
    ended = desk.says(Side.CUSTOMER, asked(desk) + 600, "好的")
    assert desk.screen().lines == ("静音？", "请手动静音")
    desk.hook(ended + 5000, off=False)
    desk.hook(desk.rings(1, began=ended + 30000) + 500, off=True)
    assert desk.screens()[-1] is ScreenName.IN_CALL


def test_a_return_to_a_live_microphone_takes_the_question_about_mute_back() -> None:
    desk = Desk(Station(agent_name="小李", mute_key=False))
    ended = desk.says(Side.CUSTOMER, asked(desk) + 600, "好的")
    assert desk.screen().lines == ("静音？", "请手动静音")
    desk.presses(ended + 10000)
    assert desk.screen().lines == ("请说", "抱歉，让您久等了")


def test_a_lamp_that_lights_while_its_sense_is_lost_is_not_believed() -> None:
    desk = Desk()
    at = consented(desk)
    desk.deliver(MuteLampChanged(at=at + 60, is_lit=True))
    desk.loses(at + 70, Part.MUTE_LAMP)
    desk.wait_until(at + 5000)
    assert (ScreenName.MUTED in desk.screens(), mutes(desk)[-1]) == (False, "unknown")


def test_the_resume_button_presses_nothing_on_hook() -> None:
    desk = Desk()
    at = muted(desk)
    desk.hook(at + 5000, off=False)
    desk.presses(at + 20000)
    desk.wait_until(at + 30000)
    assert [what for what, _ in key(desk)] == ["press", "release", "release"]


def test_a_press_cut_off_by_the_hang_up_is_followed_when_the_lamp_shows_that_it_counted() -> None:
    desk = Desk()
    at = consented(desk)
    desk.hook(at + 5, off=False)
    desk.lamp(at + 60, lit=True)
    assert mutes(desk)[-1] == "muted"


def test_no_apology_is_prompted_once_the_call_is_over() -> None:
    desk = Desk()
    at = muted(desk)
    desk.presses(at + 20000)
    desk.hook(at + 20010, off=False)
    desk.lamp(at + 20070, lit=False)
    desk.wait_until(at + 40000)
    assert desk.screens()[-1] is ScreenName.IDLE


def test_an_apology_over_before_the_microphone_is_live_was_not_heard_and_is_prompted() -> None:
    desk = Desk()
    at = muted(desk)
    desk.presses(at + 20000)
    said = words("抱歉让您久等了", at + 20010, at + 20020)
    desk.deliver(
        TalkSpurtBegan(at=at + 20030, side=Side.AGENT, began=at + 20010),
        WordsHeard(at=at + 20030, side=Side.AGENT, words=said, is_final=True),
    )
    desk.lamp(at + 20060, lit=False)
    assert desk.screen().lines == ("请说", "抱歉，让您久等了")


def test_consent_while_the_last_mute_is_still_being_undone_is_not_forgotten() -> None:
    desk = Desk()
    at = consented(desk)
    desk.presses(at + 10)
    agreed_again(desk, at + 20)
    desk.wait_until(at + 2000)
    assert times(desk.all(PressMute)) == [at, at + 600, at + 1200]


def test_consent_that_had_to_wait_is_dropped_when_the_agent_comes_back_first() -> None:
    desk = Desk()
    at = consented(desk)
    desk.presses(at + 10)
    agreed_again(desk, at + 20)
    desk.presses(at + 70)
    desk.wait_until(at + 5000)
    assert (times(desk.all(PressMute)), mutes(desk)[-1]) == ([at], "live")


def test_consent_while_a_blind_unmute_is_under_way_is_not_forgotten() -> None:
    desk = Desk(Station(agent_name="小李", mute_lamp=False))
    at = consented(desk)
    desk.wait_until(at + 5000)
    desk.presses(at + 5000)
    agreed_again(desk, at + 5010)
    desk.wait_until(at + 9000)
    assert times(desk.all(PressMute)) == [at, at + 5000, at + 5600]
    assert desk.screens()[-1] is ScreenName.MUTE_UNCONFIRMED


def agreed_again(desk: Desk, at: int) -> None:
    """The agent has asked and the customer agreed once more, all of it known only now."""
    heard = words(REQUEST, at - 9, at - 8)
    answer = words("好的", at - 7, at - 6)
    desk.deliver(
        TalkSpurtBegan(at=at, side=Side.AGENT, began=at - 9),
        WordsHeard(at=at, side=Side.AGENT, words=heard, is_final=True),
        TalkSpurtEnded(at=at, side=Side.AGENT, began=at - 9, ended=at - 8, level_dbfs=-20),
        TalkSpurtBegan(at=at, side=Side.CUSTOMER, began=at - 7),
        WordsHeard(at=at, side=Side.CUSTOMER, words=answer, is_final=True),
        TalkSpurtEnded(at=at, side=Side.CUSTOMER, began=at - 7, ended=at - 6, level_dbfs=-20),
    )


def test_agreeing_to_something_said_before_the_question_does_not_press() -> None:
    desk = Desk()
    at = desk.answered_call()
    desk.deliver(
        TalkSpurtBegan(at=at + 80, side=Side.CUSTOMER, began=at),
    )
    ended = desk.says(Side.AGENT, at + 500, REQUEST)
    said = words("好的我这边电脑开不了机你帮我看看", at, ended + 800)
    desk.deliver(
        WordsHeard(at=ended + 1200, side=Side.CUSTOMER, words=said, is_final=True),
        TalkSpurtEnded(at=ended + 1200, side=Side.CUSTOMER, began=at, ended=ended + 800, level_dbfs=-20),
    )
    assert (holds(desk), key(desk)) == (["requested"], [])


def test_consent_is_spent_with_its_utterance() -> None:
    desk = Desk()
    at = asked(desk)
    desk.deliver(TalkSpurtBegan(at=at + 580, side=Side.AGENT, began=at + 500))
    ended = desk.says(Side.CUSTOMER, at + 700, "好的")
    known = ended + 1000
    desk.deliver(TalkSpurtEnded(at=known, side=Side.AGENT, began=at + 500, ended=ended - 400, level_dbfs=-20))
    desk.deliver(TalkSpurtEnded(at=known, side=Side.CUSTOMER, began=ended + 100, ended=ended + 600, level_dbfs=-20))
    assert (key(desk), desk.screens()[-1]) == ([], ScreenName.CONFIRM)


def short_confirm() -> Desk:
    """A desk whose lamp must follow sooner than the phone can tell two presses apart: allowed, and unwise."""
    pack = bundled_pack()
    limits = replace(pack.limits, mute=replace(pack.limits.mute, confirm_ms=100))
    return Desk(pack=replace(pack, limits=limits))


def test_a_retry_that_is_no_longer_wanted_is_not_pressed() -> None:
    desk = short_confirm()
    at = consented(desk)
    desk.presses(at + 150)
    desk.wait_until(at + 5000)
    assert (times(desk.all(PressMute)), mutes(desk)[-1]) == ([at], "live")


def test_a_retry_waits_for_a_lamp_that_has_just_lit_and_does_not_undo_the_agents_own_press() -> None:
    desk = Desk()
    at = consented(desk)
    desk.deliver(MuteLampChanged(at=at + 590, is_lit=True))
    desk.wait_until(at + 5000)
    assert (times(desk.all(PressMute)), mutes(desk)[-1]) == ([at], "muted")


def test_a_press_waits_for_a_lamp_that_has_just_lit() -> None:
    desk = Desk()
    desk.says(Side.CUSTOMER, asked(desk) + 600, "快的")
    at = desk.done[-1].at + 1000
    desk.deliver(MuteLampChanged(at=at, is_lit=True))
    desk.presses(at + 10)
    desk.wait_until(at + 5000)
    assert (times(desk.all(PressMute)), mutes(desk)[-1]) == ([], "muted")


def test_a_lamp_that_only_flickers_delays_the_press_and_no_more() -> None:
    desk = Desk()
    desk.says(Side.CUSTOMER, asked(desk) + 600, "快的")
    at = desk.done[-1].at + 1000
    desk.deliver(MuteLampChanged(at=at, is_lit=True))
    desk.presses(at + 5)
    desk.deliver(MuteLampChanged(at=at + 10, is_lit=False))
    desk.wait_until(at + 500)
    assert times(desk.all(PressMute)) == [at + 10]


def test_what_was_said_to_a_colleague_is_not_counted_as_pace_even_if_mute_ends_before_the_sentence() -> None:
    desk = Desk()
    at = muted(desk) + 5000
    desk.deliver(TalkSpurtBegan(at=at + 80, side=Side.AGENT, began=at))
    desk.lamp(at + 3000, lit=False)
    said = words("这个报错你那边见过没有他说今天早上就有了", at, at + 4000)
    desk.deliver(
        WordsHeard(at=at + 4400, side=Side.AGENT, words=said, is_final=True),
        TalkSpurtEnded(at=at + 4400, side=Side.AGENT, began=at, ended=at + 4000, level_dbfs=-20),
    )
    assert [effect for effect in desk.all(PaceMeasured) if effect.at >= at] == []


def test_without_a_wired_key_nothing_promises_to_mute_by_itself() -> None:
    desk = Desk(Station(agent_name="小李", mute_key=False))
    asked(desk)
    assert desk.screen().lines == ("等客户同意…", "")


def test_the_agents_own_mute_outside_a_wait_owes_no_apology() -> None:
    desk = Desk()
    desk.lamp(desk.answered_call(), lit=True)
    assert desk.screen().lines == ("已静音", "00:00", "")


def test_an_apology_that_the_customer_could_hear_is_not_asked_for_again() -> None:
    desk = Desk()
    at = consented(desk)
    desk.wait_until(at + 2000)  # two presses ignored: the customer waits at a live microphone
    ended = desk.says(Side.AGENT, at + 9000, "抱歉让您久等了")
    assert holds(desk)[-1] == "ended"
    assert "抱歉，让您久等了" not in [cue.text for cue in desk.all(CueShown)]
    desk.hook(ended + 5000, off=False)
    assert desk.all(CallCard)[0].hold_apology_given is True


def test_an_apology_into_a_microphone_that_is_muted_again_is_not_counted() -> None:
    desk = Desk()
    at = muted(desk)
    desk.presses(at + 5000)
    desk.lamp(at + 5060, lit=False)
    desk.lamp(at + 7000, lit=True)
    ended = desk.says(Side.AGENT, at + 8000, "抱歉让您久等了")
    desk.hook(ended + 5000, off=False)
    assert desk.all(CallCard)[0].hold_apology_given is False


def test_a_taboo_while_the_customer_is_asked_is_counted_and_not_claimed_to_be_shown() -> None:
    desk = Desk()
    ended = desk.says(Side.AGENT, asked(desk) + 500, "你等一下")
    assert desk.screens()[-1] is ScreenName.CONSENT
    assert [(effect.rule, effect.reason) for effect in desk.all(NudgeWithheld)] == [("SAY-WAIT", "covered")]
    desk.hook(ended + 5000, off=False)
    assert desk.all(CallCard)[0].taboo == 1


def test_the_five_minutes_are_said_when_the_wait_no_longer_holds_the_screen() -> None:
    desk = Desk()
    at = muted(desk)
    desk.wait_until(at + 310_000)
    assert "TIME-1" not in [effect.rule for effect in desk.all(NudgeShown)]
    desk.lamp(at + 310_000, lit=False)
    desk.says(Side.AGENT, at + 311_000, "抱歉让您久等了")
    desk.wait_until(at + 320_000)
    assert [effect.rule for effect in desk.all(NudgeShown)][-1] == "TIME-1"


def test_hanging_up_without_the_apology_is_noted_and_no_nudge_is_claimed() -> None:
    desk = Desk()
    at = muted(desk)
    desk.presses(at + 5000)
    desk.lamp(at + 5060, lit=False)
    desk.hook(at + 6000, off=False)
    assert desk.all(NudgeShown) == []
    assert desk.all(CallCard)[0].hold_apology_given is False


def test_a_reminder_is_on_the_screen_whatever_is_known_about_the_microphone() -> None:
    doubts: dict[str, Desk] = {}
    doubts["two presses ignored"] = desk = Desk()
    consented(desk)
    doubts["lamp lost"] = desk = Desk()
    desk.loses(muted(desk) + 1000, Part.MUTE_LAMP)
    doubts["no lamp"] = desk = Desk(Station(agent_name="小李", mute_lamp=False))
    consented(desk)
    doubts["no key"] = desk = Desk(Station(agent_name="小李", mute_key=False))
    desk.says(Side.CUSTOMER, asked(desk) + 600, "好的")
    for doubt, desk in doubts.items():
        desk.wait_until(60_000)
        assert desk.screen().lines == ("静音？", "客户已等30秒，回去说一声"), doubt


def test_a_customer_who_has_hung_up_is_said_to_wait_no_longer_and_is_owed_no_apology() -> None:
    desk = Desk()
    at = muted(desk)
    desk.deliver(BusyToneHeard(at=at + 5000, began=at + 4000))
    desk.wait_until(at + 40000)
    desk.presses(at + 41000)
    desk.lamp(at + 41100, lit=False)
    desk.hook(desk.says(Side.AGENT, at + 42000, "请问您还在吗") + 2000, off=False)
    card = desk.all(CallCard)[0]
    assert (desk.all(NudgeShown), "HOLD-3" in [cue.rule for cue in desk.all(CueShown)]) == ([], False)
    assert (
        desk.all(HoldChanged)[-1].for_ms,
        card.hold_apology_due,
        card.hold_ms,
        {"HOLD-3", "HOLD-4"} & {*card.improve},
    ) == (5000, False, 5000, set())


def test_a_tone_before_the_wait_stops_no_reminder_of_it() -> None:
    desk = Desk()
    ended = desk.says(Side.CUSTOMER, asked(desk) + 600, "好的")
    desk.deliver(BusyToneHeard(at=ended + 410, began=ended))  # misheard: nobody waits yet
    desk.lamp(ended + 470, lit=True)
    desk.wait_until(ended + 32000)
    assert [effect.rule for effect in desk.all(NudgeShown)] == ["HOLD-4"]
