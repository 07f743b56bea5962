"""Letting a customer wait: asked, agreed, muted as the lamp proves, back with an apology. Doubt never presses."""

import pytest

from pi_companion.core.effects import (
    CallCard,
    CueShown,
    Effect,
    HoldChanged,
    MuteChanged,
    NudgeShown,
    PhraseSpotted,
    PressMute,
    ReleaseMute,
    ShowScreen,
)
from pi_companion.core.facts import (
    MuteLampChanged,
    Part,
    PartFound,
    Side,
    TalkSpurtBegan,
)
from pi_companion.core.settings import Station
from pi_companion.core.states import Screen, ScreenName
from tests.core.desk import Desk, times

REQUEST = "请您稍等不要挂机帮您咨询一下好吗"


def asked(desk: Desk) -> int:
    """A call in which the agent has just asked; return when the question ended."""
    return desk.says(Side.AGENT, desk.answered_call(), REQUEST)


def consented(desk: Desk) -> int:
    """The customer has agreed; return when MUTE was pressed."""
    desk.says(Side.CUSTOMER, asked(desk) + 600, "好的")
    return desk.all(PressMute)[-1].at


def muted(desk: Desk) -> int:
    """The lamp has followed the press; return when it was believed."""
    at = consented(desk)
    desk.lamp(at + 60, lit=True)
    return at + 80


def holds(desk: Desk) -> list[str]:
    return [str(effect.state) for effect in desk.all(HoldChanged)]


def key(desk: Desk) -> list[tuple[str, int]]:
    """Presses and releases with their times."""
    named: dict[type[Effect], str] = {PressMute: "press", ReleaseMute: "release"}
    return [(named[type(effect)], effect.at) for effect in desk.done if type(effect) in named]


def mutes(desk: Desk) -> list[str]:
    return [str(effect.state) for effect in desk.all(MuteChanged)]


@pytest.mark.rule("HOLD-1")
def test_asking_shows_that_the_device_waits_for_consent() -> None:
    desk = Desk()
    asked(desk)
    assert holds(desk) == ["requested"]
    assert desk.screen().lines == ("等客户同意…", "同意后自动静音")
    assert key(desk) == []


@pytest.mark.rule("HOLD-2")
def test_consent_presses_once_and_the_contact_opens_by_itself() -> None:
    desk = Desk()
    at = consented(desk)
    desk.wait_until(at + 599)
    assert key(desk) == [("press", at), ("release", at + 120)]
    assert desk.screen().lines[0] == "正在按静音键…"


def test_muted_is_shown_only_once_the_lamp_says_so() -> None:
    desk = Desk()
    at = consented(desk)
    desk.deliver(MuteLampChanged(at=at + 60, is_lit=True))
    desk.wait_until(at + 79)
    assert ScreenName.MUTED not in desk.screens()
    desk.wait_until(at + 80)
    assert desk.screen().lines == ("已静音", "00:00", "恢复后先说抱歉")
    assert holds(desk) == ["requested", "consented", "began"]


def test_a_lamp_that_goes_dark_takes_muted_off_the_screen_at_once() -> None:
    desk = Desk()
    at = muted(desk)
    desk.deliver(MuteLampChanged(at=at + 9000, is_lit=False))
    assert desk.screens()[-1] is not ScreenName.MUTED
    assert desk.all(ShowScreen)[-1].at == at + 9000


def test_every_word_of_consent_is_understood() -> None:
    for word in ("好的", "可以", "没问题", "好吧", "好的谢谢", "嗯好的", "行你去吧", "好的好的"):
        desk = Desk()
        desk.says(Side.CUSTOMER, asked(desk) + 600, word)
        assert holds(desk) == ["requested", "consented"], word


def test_a_single_syllable_is_asked_about_because_it_is_too_easily_heard_for_another() -> None:
    for word in ("好", "行", "嗯", "嗯好", "啊行"):
        desk = Desk()
        desk.says(Side.CUSTOMER, asked(desk) + 600, word)
        assert (holds(desk), key(desk), desk.screens()[-1]) == (["requested"], [], ScreenName.CONFIRM), word


@pytest.mark.rule("HOLD-2")
def test_every_word_of_refusal_cancels_and_nothing_is_pressed() -> None:
    for word in (
        "不行",
        "不要",
        "等不了",
        "不行我等不了",
        "好像不行",
        "不可以",
        "不好",
        "好的不行",
        "我等不了了你快点",
    ):
        desk = Desk()
        desk.says(Side.CUSTOMER, asked(desk) + 600, word)
        desk.wait_until(60000)
        assert (holds(desk), key(desk)) == (["requested", "refused"], []), word


def test_a_sentence_that_only_begins_like_consent_does_not_press() -> None:
    for sentence in ("好像不太清楚这个事情", "行李还在门口放着呢", "你好"):
        desk = Desk()
        desk.says(Side.CUSTOMER, asked(desk) + 600, sentence)
        desk.wait_until(60000)
        assert key(desk) == [], sentence


def test_a_short_answer_that_is_unclear_is_asked_about_and_the_button_decides() -> None:
    desk = Desk()
    ended = desk.says(Side.CUSTOMER, asked(desk) + 600, "快的")
    assert (key(desk), desk.screen().lines) == ([], ("客户同意了吗？", "同意：按恢复键"))
    desk.presses(ended + 3000)
    assert (key(desk), holds(desk)) == ([("press", ended + 3000)], ["requested", "consented"])


def test_an_answer_without_any_words_is_unclear_too() -> None:
    desk = Desk()
    desk.says(Side.CUSTOMER, asked(desk) + 600, "")
    assert desk.screens()[-1] is ScreenName.CONFIRM


def test_an_unclear_answer_that_nobody_confirms_presses_nothing() -> None:
    desk = Desk()
    desk.says(Side.CUSTOMER, asked(desk) + 600, "快的")
    desk.wait_until(90000)
    assert key(desk) == []
    assert [cue.text for cue in desk.all(CueShown)][-1] == "请再问一次"


def test_a_long_answer_without_consent_keeps_waiting() -> None:
    desk = Desk()
    desk.says(Side.CUSTOMER, asked(desk) + 600, "我这边现在领导在催我交报告")
    assert desk.screens()[-1] is ScreenName.CONSENT
    assert key(desk) == []


@pytest.mark.rule("HOLD-2")
def test_no_answer_asks_again_and_presses_nothing() -> None:
    desk = Desk()
    ended = asked(desk)
    desk.wait_until(ended + 7999)
    assert desk.screens()[-1] is ScreenName.CONSENT
    desk.wait_until(ended + 8000)
    assert desk.screen().lines == ("请再问一次", "请您稍等，不要挂机，帮您咨询一下，好吗？")
    desk.says(Side.CUSTOMER, ended + 9000, "好的")
    assert key(desk) == []


def test_a_hm_during_the_question_is_no_consent() -> None:
    desk = Desk()
    at = desk.answered_call()
    desk.says(Side.CUSTOMER, at + 500, "嗯")
    desk.says(Side.AGENT, at + 1200, REQUEST)
    desk.wait_until(at + 6000)
    assert key(desk) == []


def test_consent_over_the_agents_voice_does_not_press() -> None:
    desk = Desk()
    at = asked(desk)
    desk.deliver(TalkSpurtBegan(at=at + 580, side=Side.AGENT, began=at + 500))
    desk.says(Side.CUSTOMER, at + 700, "好的")
    assert key(desk) == []


def test_an_ignored_press_is_retried_once_and_then_confirmed() -> None:
    desk = Desk()
    at = consented(desk)
    desk.wait_until(at + 600)
    assert [what for what, _ in key(desk)] == ["press", "release", "press"]
    desk.lamp(at + 660, lit=True)
    desk.wait_until(at + 5000)
    assert [what for what, _ in key(desk)] == ["press", "release", "press", "release"]
    assert desk.screens()[-1] is ScreenName.MUTED


@pytest.mark.rule("HOLD-5")
def test_two_ignored_presses_ask_the_agent_and_nothing_more_is_pressed() -> None:
    desk = Desk()
    at = consented(desk)
    desk.wait_until(at + 1199)
    assert desk.screens()[-1] is ScreenName.CONSENT
    desk.wait_until(at + 30000)
    assert [what for what, _ in key(desk)].count("press") == 2
    assert desk.screen().lines == ("静音？", "请手动静音")
    assert mutes(desk)[-1] == "disputed"


def test_after_a_dispute_the_agents_own_press_settles_it() -> None:
    desk = Desk()
    at = consented(desk)
    desk.wait_until(at + 2000)
    desk.lamp(at + 4000, lit=True)
    assert desk.screens()[-1] is ScreenName.MUTED


def test_a_lamp_that_turns_back_at_once_is_disputed_and_not_fought() -> None:
    desk = Desk()
    at = consented(desk)
    desk.lamp(at + 60, lit=True)
    desk.lamp(at + 120, lit=False)
    desk.wait_until(at + 20000)
    assert [what for what, _ in key(desk)].count("press") == 1
    assert (mutes(desk)[-1], desk.screen().lines) == ("disputed", ("静音？", "请手动静音"))


@pytest.mark.rule("HOLD-5")
def test_a_lamp_that_turns_back_later_is_the_agents_own_press_and_followed() -> None:
    desk = Desk()
    at = consented(desk)
    desk.lamp(at + 60, lit=True)
    desk.lamp(at + 801, lit=False)
    assert mutes(desk)[-1] == "live"
    assert holds(desk)[-1] == "ended"
    assert [what for what, _ in key(desk)].count("press") == 1


@pytest.mark.rule("HOLD-3")
def test_the_resume_button_unmutes_and_then_prompts_the_apology() -> None:
    desk = Desk()
    at = muted(desk)
    desk.presses(at + 20000)
    assert desk.screen().lines[0] == "正在取消静音…"
    desk.lamp(at + 20060, lit=False)
    assert (mutes(desk)[-1], desk.screen().lines) == ("live", ("请说", "抱歉，让您久等了"))
    assert [effect.for_ms for effect in desk.all(HoldChanged)][-1] == 20000


def test_the_apology_said_while_muted_calls_back_and_is_prompted_again() -> None:
    desk = Desk()
    at = muted(desk)
    desk.says(Side.AGENT, at + 20000, "抱歉让您久等了")
    assert [what for what, _ in key(desk)].count("press") == 2
    desk.lamp(desk.all(PressMute)[-1].at + 60, lit=False)
    assert desk.screen().lines == ("请说", "抱歉，让您久等了")


def test_the_phones_own_key_ends_the_wait_without_a_press_of_ours() -> None:
    desk = Desk()
    at = muted(desk)
    desk.lamp(at + 20000, lit=False)
    assert holds(desk)[-1] == "ended"
    assert [what for what, _ in key(desk)].count("press") == 1
    assert desk.screen().lines == ("请说", "抱歉，让您久等了")


def returned(desk: Desk) -> int:
    at = muted(desk)
    desk.presses(at + 20000)
    desk.lamp(at + 20060, lit=False)
    return at + 20500


def test_the_apology_after_the_return_ends_the_prompt_and_is_on_the_card() -> None:
    desk = Desk()
    ended = desk.says(Side.AGENT, returned(desk), "抱歉让您久等了请您检查一下网线")
    assert desk.screen() == Screen(name=ScreenName.PRAISE, lines=("致歉到位，等候很短",))
    desk.wait_until(ended + 2500)
    assert desk.screens()[-1] is ScreenName.IN_CALL
    desk.hook(ended + 5000, off=False)
    card = desk.all(CallCard)[0]
    assert (card.hold_apology_due, card.hold_apology_given, card.hold_ms) == (True, True, 20000)


@pytest.mark.rule("HOLD-3")
def test_a_missing_apology_is_nudged_after_the_first_sentence() -> None:
    desk = Desk()
    ended = desk.says(Side.AGENT, returned(desk), "工程师会尽快联系您")
    assert [effect.rule for effect in desk.all(NudgeShown)] == ["HOLD-3"]
    desk.hook(ended + 5000, off=False)
    assert desk.all(CallCard)[0].hold_apology_given is False


def test_a_missing_apology_is_nudged_even_within_the_minute_of_another_nudge() -> None:
    desk = Desk()
    at = desk.says(Side.AGENT, desk.answered_call(), "工程师十分钟之内一定到") + 1000
    desk.says(Side.CUSTOMER, desk.says(Side.AGENT, at, REQUEST) + 600, "好的")
    pressed = desk.all(PressMute)[-1].at
    desk.lamp(pressed + 60, lit=True)
    desk.presses(pressed + 5000)
    desk.lamp(pressed + 5060, lit=False)
    desk.says(Side.AGENT, pressed + 6000, "工程师会尽快联系您")
    assert [effect.rule for effect in desk.all(NudgeShown)] == ["PROMISE", "HOLD-3"]


def test_the_words_of_consent_are_reported_before_what_follows_from_them() -> None:
    desk = Desk()
    consented(desk)
    kinds = [type(effect) for effect in desk.done if isinstance(effect, (PhraseSpotted, HoldChanged, PressMute))]
    assert kinds[-3:] == [PhraseSpotted, HoldChanged, PressMute]


@pytest.mark.rule("HOLD-4")
def test_the_agent_is_reminded_after_thirty_and_sixty_seconds_and_then_each_minute() -> None:
    desk = Desk()
    at = muted(desk)
    desk.wait_until(at + 240000)
    assert [(effect.at - at, effect.text) for effect in desk.all(NudgeShown)] == [
        (30000, "客户已等30秒，回去说一声"),
        (60000, "客户已等60秒，回去说一声"),
        (120000, "客户已等120秒，回去说一声"),
        (180000, "客户已等180秒，回去说一声"),
    ]
    assert desk.screen().lines == ("已静音", "04:00", "客户已等180秒，回去说一声")


@pytest.mark.rule("HOLD-4")
@pytest.mark.parametrize(
    ("waited_ms", "praise", "kept"), [(29999, "致歉到位，等候很短", "well"), (30000, "致歉到位", "improve")]
)
def test_a_wait_without_a_reminder_is_praised_with_the_apology(waited_ms: int, praise: str, kept: str) -> None:
    desk = Desk()
    at = muted(desk)
    desk.presses(at + waited_ms)
    desk.lamp(at + waited_ms + 60, lit=False)
    ended = desk.says(Side.AGENT, at + waited_ms + 1000, "抱歉让您久等了")
    assert desk.screen() == Screen(name=ScreenName.PRAISE, lines=(praise,))
    desk.hook(ended + 5000, off=False)
    assert "HOLD-4" in getattr(desk.all(CallCard)[0], kept)


def test_what_is_said_to_a_colleague_while_muted_is_not_coached() -> None:
    desk = Desk()
    at = muted(desk)
    desk.says(Side.AGENT, at + 5000, "你等一下我不知道")
    assert desk.rules() == ["OPEN-1", "HOLD-1", "HOLD-2"]


def test_hanging_up_while_muted_opens_the_contact_and_presses_nothing() -> None:
    desk = Desk()
    at = muted(desk)
    desk.hook(at + 5000, off=False)
    desk.wait_until(at + 60000)
    assert [what for what, _ in key(desk)] == ["press", "release", "release"]
    assert (mutes(desk)[-1], holds(desk)[-1]) == ("muted", "ended")


def test_hanging_up_during_the_pulse_opens_the_contact_at_once() -> None:
    desk = Desk()
    at = consented(desk)
    desk.hook(at + 10, off=False)
    assert key(desk) == [("press", at), ("release", at + 60)]


def test_a_refusal_after_consent_takes_it_back() -> None:
    desk = Desk()
    at = consented(desk)
    desk.says(Side.CUSTOMER, at + 10, "不行")
    assert holds(desk) == ["requested", "consented", "refused"]
    desk.wait_until(at + 5000)
    assert mutes(desk)[-1] == "live"


def test_the_agents_own_mute_while_waiting_for_consent_is_followed() -> None:
    desk = Desk()
    at = asked(desk)
    desk.lamp(at + 1000, lit=True)
    assert (holds(desk), key(desk)) == (["requested", "began"], [])
    assert desk.screens()[-1] is ScreenName.MUTED


def test_the_agents_own_mute_outside_a_wait_is_shown_and_not_a_wait() -> None:
    desk = Desk()
    at = desk.answered_call()
    desk.lamp(at, lit=True)
    assert (holds(desk), desk.screens()[-1]) == ([], ScreenName.MUTED)


def test_without_a_lamp_mute_is_only_ever_assumed() -> None:
    desk = Desk(Station(agent_name="小李", mute_lamp=False))
    at = consented(desk)
    desk.wait_until(at + 10000)
    assert [(str(effect.state), effect.shown) for effect in desk.all(MuteChanged)][-1] == ("unknown", "静音？")
    assert desk.screens()[-1] is ScreenName.MUTE_UNCONFIRMED
    assert ScreenName.MUTED not in desk.screens()
    assert [what for what, _ in key(desk)].count("press") == 1
    desk.presses(at + 10000)
    desk.wait_until(at + 12000)
    assert [what for what, _ in key(desk)].count("press") == 2
    assert desk.all(MuteChanged)[-1].shown == ""


def test_without_a_lamp_an_apology_presses_nothing_but_asks_for_the_button() -> None:
    desk = Desk(Station(agent_name="小李", mute_lamp=False))
    at = consented(desk)
    desk.wait_until(at + 10000)
    ended = desk.says(Side.AGENT, at + 10000, "抱歉让您久等了")
    desk.wait_until(ended + 3000)
    assert [what for what, _ in key(desk)].count("press") == 1  # the agent may have used the phone's own key
    assert desk.screen().lines == ("静音？", "若仍静音，请按恢复键")
    desk.presses(ended + 3000)
    desk.wait_until(ended + 6000)
    assert [what for what, _ in key(desk)].count("press") == 2


def test_without_a_wired_key_the_agent_is_asked_and_the_lamp_followed() -> None:
    desk = Desk(Station(agent_name="小李", mute_key=False))
    ended = desk.says(Side.CUSTOMER, asked(desk) + 600, "好的")
    assert (key(desk), desk.screen().lines) == ([], ("静音？", "请手动静音"))
    desk.lamp(ended + 3000, lit=True)
    assert desk.screens()[-1] is ScreenName.MUTED
    desk.presses(ended + 20000)
    assert (key(desk), desk.screens()[-1]) == ([], ScreenName.MUTED)
    desk.lamp(ended + 21000, lit=False)
    assert (key(desk), holds(desk)[-1]) == ([], "ended")


def test_a_lost_lamp_makes_the_microphone_unknown_and_nothing_is_pressed_blindly() -> None:
    desk = Desk()
    at = muted(desk)
    desk.loses(at + 5000, Part.MUTE_LAMP)
    assert mutes(desk)[-1] == "unknown"
    assert desk.screens()[-1] is ScreenName.MUTE_UNCONFIRMED
    desk.presses(at + 9000)
    desk.wait_until(at + 20000)
    assert [what for what, _ in key(desk)].count("press") == 1
    assert desk.screen().lines == ("静音？", "请手动取消静音")


def test_a_lamp_found_again_is_believed_from_its_level_on() -> None:
    desk = Desk()
    at = muted(desk)
    desk.loses(at + 5000, Part.MUTE_LAMP)
    desk.deliver(PartFound(at=at + 6000, part=Part.MUTE_LAMP), MuteLampChanged(at=at + 6000, is_lit=True))
    desk.wait_until(at + 6020)
    assert desk.screens()[-1] is ScreenName.MUTED


def test_a_disputed_microphone_stays_unknown_into_the_next_call_until_the_lamp_moves() -> None:
    desk = Desk()
    at = consented(desk)
    desk.wait_until(at + 3000)
    desk.hook(at + 3000, off=False)
    assert mutes(desk)[-1] == "unknown"
    presses = len(desk.all(PressMute))
    ended = desk.rings(1, began=at + 30000)
    desk.hook(ended + 500, off=True)
    question = desk.says(Side.AGENT, ended + 1000, REQUEST)
    desk.says(Side.CUSTOMER, question + 600, "好的")
    assert len(desk.all(PressMute)) == presses
    assert desk.screen().lines == ("静音？", "请手动静音")


def test_two_presses_are_never_closer_than_the_phone_can_tell() -> None:
    desk = Desk()
    at = consented(desk)
    desk.presses(at + 10)
    desk.lamp(at + 60, lit=True)
    desk.wait_until(at + 380)
    desk.lamp(at + 380, lit=False)
    desk.wait_until(at + 5000)
    assert times(desk.all(PressMute)) == [at, at + 320]
    assert mutes(desk)[-1] == "live"


def test_a_button_before_the_lamp_answers_undoes_only_what_happened() -> None:
    desk = Desk()
    at = consented(desk)
    desk.presses(at + 10)
    desk.wait_until(at + 5000)
    assert times(desk.all(PressMute)) == [at]
    assert mutes(desk)[-1] == "live"
