"""Only the agent's side is tapped: what needs both is off and shown as off; a hold asks for the button."""

import pytest

from pi_companion.core.effects import (
    BargedIn,
    CallCard,
    CueShown,
    DeadAirReached,
    Effect,
    HoldChanged,
    MonologueReached,
    NudgeShown,
    PhraseSpotted,
    PressMute,
    SpurtReported,
)
from pi_companion.core.facts import BusyToneHeard, Part, Side
from pi_companion.core.settings import Station
from pi_companion.core.states import ScreenName
from tests.core.desk import STATION, Desk, bundled_pack

REQUEST = "请您稍等不要挂机帮您咨询一下好吗"
ONE_SIDE = Station(agent_name=STATION.agent_name, extension=STATION.extension, customer_side=False)


def desk_of_one_side() -> Desk:
    return Desk(ONE_SIDE)


def seen(desk: Desk, *kinds: type[Effect]) -> list[Effect]:
    return [effect for effect in desk.done if isinstance(effect, kinds)]


def test_the_idle_desk_says_so() -> None:
    assert desk_of_one_side().screen().lines == ("待机·仅听坐席", "小李", "8012")


def test_a_call_says_so_and_that_recognition_is_off_comes_first() -> None:
    desk = desk_of_one_side()
    at = desk.answered_call()
    desk.wait_until(at + 5000)
    one_side = desk.screen().lines[-1]
    desk.loses(at + 6000, Part.SPEECH)
    desk.wait_until(at + 20000)

    assert (one_side, desk.screen().lines[-1]) == ("仅坐席", "识别关")


def test_nothing_is_said_about_whose_turn_it_is() -> None:
    desk = desk_of_one_side()
    at = desk.answered_call()
    desk.draws(at, agent="####....####" + "." * 80, customer="..######" + "#" * 70)

    assert seen(desk, BargedIn, DeadAirReached, MonologueReached, NudgeShown) == []
    assert {spurt.side for spurt in desk.all(SpurtReported)} == {Side.AGENT}


def test_a_caller_whom_nobody_listens_to_is_not_called_silent() -> None:
    desk = desk_of_one_side()
    at = desk.answered_call()
    desk.wait_until(at + 60000)

    assert ScreenName.SILENT_CALL not in desk.screens()
    assert [cue.rule for cue in desk.all(CueShown)] == []


def test_what_an_agent_must_not_say_is_heard_as_ever() -> None:
    desk = desk_of_one_side()
    desk.says(Side.AGENT, desk.answered_call() + 3000, "你到底在说什么")

    assert [phrase.rule for phrase in desk.all(PhraseSpotted)][-1].startswith("TABOO")


@pytest.mark.rule("HOLD-2")
def test_a_request_to_wait_asks_the_agent_for_the_answer_and_the_button_mutes() -> None:
    desk = desk_of_one_side()
    asked = desk.says(Side.AGENT, desk.answered_call(), REQUEST)
    shown, screen = desk.screen().lines, desk.screen().name
    desk.presses(asked + 6000)

    assert (screen, shown) == (ScreenName.CONFIRM, ("客户同意了吗？", "同意：按恢复键"))
    assert [str(hold.state) for hold in desk.all(HoldChanged)] == ["requested", "consented"]
    assert [press.at for press in desk.all(PressMute)] == [asked + 6000]


@pytest.mark.rule("HOLD-2")
def test_whatever_comes_on_the_other_channel_agrees_to_nothing() -> None:
    desk = desk_of_one_side()
    asked = desk.says(Side.AGENT, desk.answered_call(), REQUEST)
    desk.says(Side.CUSTOMER, asked + 600, "好的没问题")
    desk.wait_until(asked + 60000)

    assert desk.all(PressMute) == []


@pytest.mark.rule("HOLD-2")
def test_without_the_button_nothing_is_pressed_and_that_is_said_not_that_the_customer_is_to_be_asked_again() -> None:
    desk = desk_of_one_side()
    asked = desk.says(Side.AGENT, desk.answered_call(), REQUEST)
    desk.wait_until(asked + 60000)

    texts = bundled_pack().texts
    assert desk.all(PressMute) == []
    assert [cue.text for cue in desk.all(CueShown)] == [texts["hold.unclear"], texts["one_side.not_muted"]]


def test_a_repeated_request_asks_for_the_button_again() -> None:
    desk = desk_of_one_side()
    asked = desk.says(Side.AGENT, desk.answered_call(), REQUEST)
    again = desk.says(Side.AGENT, asked + 3000, REQUEST)
    desk.presses(again + 10000)

    assert [press.at for press in desk.all(PressMute)] == [again + 10000]


def test_the_card_leaves_open_what_nobody_can_know_and_praises_no_whole_call() -> None:
    desk = desk_of_one_side()
    at = desk.answered_call()
    at = desk.says(Side.AGENT, at + 1000, "感谢您的来电再见")
    desk.deliver(BusyToneHeard(at=at + 500, began=at + 100))
    desk.says(Side.CUSTOMER, at + 600, "再见")
    desk.hook(at + 3000, off=False)
    desk.wait_until(at + 5000)

    (card,) = desk.all(CallCard)
    assert (card.customer_hung_up_first, card.wish, card.steps_missed) == (None, None, ())
    assert not {"LISTEN-1", "LISTEN-3", "CLOSE-2", "CLOSE-3", "FLOW-1"} & {*card.well, *card.improve}
    assert (card.opening, [cue.rule for cue in desk.all(CueShown)]) == (True, [])


def test_with_both_sides_all_of_that_is_on() -> None:
    desk = Desk()
    at = desk.answered_call()
    desk.draws(at, agent="####....####" + "." * 80, customer="..######" + "#" * 70)

    assert seen(desk, BargedIn, MonologueReached) != []
