"""The page button as the agent uses it: first why, then the standard answers, and nothing but safety in its way."""

import pytest

from pi_companion.core.cues import Shown
from pi_companion.core.effects import CueShown, NudgeShown, NudgeWithheld, ShowScreen
from pi_companion.core.facts import Button, Part, Side
from pi_companion.core.limits import Limits
from pi_companion.core.pages import Pages
from pi_companion.core.screens import answer, why
from pi_companion.core.states import ScreenName
from tests.core.desk import Desk, bundled_pack
from tests.core.test_holds import asked, muted

PACK = bundled_pack()
TABOO = Shown(at=1000, rule="SAY-WAIT", title="不说等一下", heard="等一下")
TITLE = next(rule.title for rule in PACK.rules if rule.id == "SAY-WAIT")
ANSWERS = [
    answer(each.title, page, number, len(each.pages))
    for each in PACK.answers
    for number, page in enumerate(each.pages, 1)
]


# The pages


def test_without_a_nudge_the_first_page_is_the_first_answer() -> None:
    pages = Pages(PACK)
    pages.press(5000, None)
    assert pages.screen == ANSWERS[0]


def test_presses_turn_from_why_through_every_answer_and_then_all_is_put_away() -> None:
    pages, seen = Pages(PACK), []
    for press in range(len(ANSWERS) + 2):
        pages.press(5000 + 100 * press, TABOO)
        seen.append(pages.screen)
    assert seen == [why(PACK.texts, TABOO, 5000), *ANSWERS, None]


def test_a_page_stays_twelve_seconds_after_the_last_press() -> None:
    pages = Pages(PACK)
    pages.press(5000, TABOO)
    pages.press(9000, TABOO)
    pages.pass_deadline(20999)
    assert (pages.screen, pages.deadline()) == (ANSWERS[0], 21000)
    pages.pass_deadline(21000)
    assert (pages.screen, pages.deadline()) == (None, None)


def test_a_press_after_that_begins_with_why_again() -> None:
    pages = Pages(PACK)
    for at in (5000, 6000):
        pages.press(at, TABOO)
    pages.pass_deadline(30000)
    pages.press(31000, TABOO)
    assert pages.screen == why(PACK.texts, TABOO, 31000)


def test_two_pages_of_one_answer_say_which_they_are() -> None:
    assert [screen.lines[2] for screen in ANSWERS[:3]] == ["", "1/2", "2/2"]


@pytest.mark.parametrize(
    ("ago_ms", "ago"),
    [(0, "0秒前"), (59_999, "59秒前"), (60_000, "1分钟前"), (119_999, "1分钟前"), (120_000, "2分钟前")],
)
def test_why_tells_how_long_ago(ago_ms: int, ago: str) -> None:
    assert why(PACK.texts, TABOO, TABOO.at + ago_ms).lines[3] == ago


# On the desk


def test_why_names_the_rule_and_the_packs_phrase_that_was_heard() -> None:
    desk = Desk()
    at = desk.says(Side.AGENT, desk.answered_call(), "你等一下") + 3400
    desk.presses(at, Button.PAGE)
    assert (desk.screen().name, desk.screen().lines) == (
        ScreenName.WHY,
        (TITLE, "SAY-WAIT", "听到：你等一下", "3秒前"),
    )


def test_why_says_when_nothing_was_heard_but_measured() -> None:
    desk = Desk()
    desk.hook(desk.rings(1) + 500, off=True)
    desk.wait_until(6000)
    desk.presses(7000, Button.PAGE)
    assert desk.screen().lines[1:3] == ("OPEN-1", PACK.texts["why.measured"])


def test_another_call_asks_no_more_why_of_the_last_one() -> None:
    desk = Desk()
    at = desk.says(Side.AGENT, desk.answered_call(), "你等一下") + 5000
    desk.hook(at, off=False)
    desk.presses(at + 1000, Button.PAGE)
    assert desk.screens()[-1] is ScreenName.WHY
    desk.hook(at + 20000, off=True)
    desk.presses(at + 21000, Button.PAGE)
    assert desk.screens()[-1] is ScreenName.ANSWER


def test_a_page_can_be_looked_up_on_hook_in_a_call_and_on_the_card() -> None:
    desk = Desk()
    desk.presses(500, Button.PAGE)
    assert desk.screens()[-1] is ScreenName.ANSWER
    at = desk.answered_call()
    assert desk.screens()[-1] is ScreenName.IN_CALL
    desk.presses(at, Button.PAGE)
    assert desk.screens()[-1] is ScreenName.ANSWER
    desk.hook(at + 2000, off=False)
    assert desk.screens()[-1] is ScreenName.CALL_CARD
    desk.presses(at + 3000, Button.PAGE)
    assert desk.screens()[-1] is ScreenName.ANSWER


def test_a_ringing_phone_takes_the_page_away() -> None:
    desk = Desk()
    desk.presses(900, Button.PAGE)
    desk.rings(1)
    assert desk.screens()[-1] is ScreenName.RINGING


def test_what_is_looked_up_is_not_nudged_over() -> None:
    desk = Desk()
    at = desk.answered_call()
    desk.presses(at, Button.PAGE)
    desk.says(Side.AGENT, at + 100, "你等一下")
    assert desk.screens()[-1] is ScreenName.ANSWER
    assert [(effect.rule, effect.reason) for effect in desk.all(NudgeWithheld)] == [("SAY-WAIT", "covered")]
    assert desk.all(NudgeShown) == []


def test_looking_up_a_page_leaves_no_record_but_the_screen() -> None:
    desk, quiet = Desk(), Desk()
    at = max(desk.answered_call(), quiet.answered_call())
    desk.presses(at, Button.PAGE)
    for each in (desk, quiet):
        each.wait_until(at + 4000)
    assert [effect for effect in desk.done if not isinstance(effect, ShowScreen)] == [
        effect for effect in quiet.done if not isinstance(effect, ShowScreen)
    ]


# Safety


@pytest.mark.rule("HOLD-5")
def test_no_page_covers_the_wait_for_consent_or_the_muted_microphone() -> None:
    desk = Desk()
    at = asked(desk)
    desk.presses(at + 500, Button.PAGE)
    assert desk.screens()[-1] is ScreenName.CONSENT
    desk = Desk()
    at = muted(desk)
    desk.presses(at + 100, Button.PAGE)
    desk.wait_until(at + 5000)
    assert desk.screens()[-1] is ScreenName.MUTED


@pytest.mark.rule("HOLD-3")
def test_a_page_pressed_while_muted_does_not_hide_what_to_say_on_the_return() -> None:
    desk = Desk()
    at = muted(desk)
    desk.presses(at + 4000, Button.PAGE)
    desk.presses(at + 5000, Button.RESUME)
    desk.lamp(at + 5100, lit=False)
    assert (desk.screen().name, desk.all(CueShown)[-1].rule) == (ScreenName.SCRIPT, "HOLD-3")


def test_a_request_to_wait_puts_the_page_away() -> None:
    desk = Desk()
    at = desk.answered_call()
    desk.presses(at, Button.PAGE)
    desk.says(Side.AGENT, at + 100, "请您稍等不要挂机帮您咨询一下好吗")
    assert desk.screens()[-1] is ScreenName.CONSENT


def test_a_fault_is_said_over_the_page_and_the_page_comes_back() -> None:
    desk = Desk()
    at = desk.answered_call()
    desk.presses(at, Button.PAGE)
    desk.loses(at + 1000, Part.TAP)
    assert desk.screens()[-1] is ScreenName.FAULT
    desk.wait_until(at + 5000)
    assert desk.screens()[-1] is ScreenName.ANSWER


def test_how_long_a_page_stays_is_the_packs() -> None:
    assert PACK.limits.cueing == Limits().cueing
