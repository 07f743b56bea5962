"""A button whose contact bounces is pressed once: consent is not taken back, nothing is turned twice."""

from pi_companion.core.calibration import Calibration
from pi_companion.core.effects import HoldChanged, PressMute
from pi_companion.core.facts import Button, ButtonPressed, ButtonReleased, Fact, Side
from pi_companion.core.states import ScreenName
from tests.core.desk import STATION, Desk, bundled_pack
from tests.core.test_holds import asked, holds, mutes


def held(button: Button, down: int, up: int) -> tuple[Fact, ...]:
    """A press from `down` to `up` on a contact that bounces at both ends."""
    return (
        *(ButtonPressed(at=down, button=button), ButtonReleased(at=down + 1, button=button)),
        ButtonPressed(at=down + 3, button=button),
        *(ButtonReleased(at=up, button=button), ButtonPressed(at=up + 2, button=button)),
        ButtonReleased(at=up + 4, button=button),
    )


def unclear(desk: Desk) -> int:
    """The customer has said something that is not clear; return a time soon after."""
    desk.says(Side.CUSTOMER, asked(desk) + 600, "快的")
    return desk.done[-1].at + 1000


def test_a_yes_on_a_bouncing_button_is_not_taken_back() -> None:
    for held_ms in (60, 150, 500):
        desk = Desk()
        at = unclear(desk)
        desk.deliver(*held(Button.RESUME, at, at + held_ms))
        desk.lamp(at + 560, lit=True)
        desk.wait_until(at + 3000)
        assert (holds(desk), len(desk.all(PressMute)), mutes(desk)[-1]) == (
            ["requested", "consented", "began"],
            1,
            "muted",
        ), held_ms


def test_a_second_press_after_the_first_has_come_to_rest_counts() -> None:
    desk = Desk()
    at = unclear(desk)
    desk.deliver(*held(Button.RESUME, at, at + 40), *held(Button.RESUME, at + 100, at + 150))
    desk.wait_until(at + 3000)
    assert ([str(effect.state) for effect in desk.all(HoldChanged)], mutes(desk)[-1]) == (
        ["requested", "consented"],
        "live",
    )


def test_the_page_button_turns_one_page_a_press() -> None:
    desk = Desk()
    at = desk.answered_call()
    desk.deliver(*held(Button.PAGE, at, at + 200))
    once = Desk()
    at = once.answered_call()
    once.presses(at, Button.PAGE)
    assert desk.screen() == once.screen()
    assert desk.screens()[-1] is not ScreenName.IN_CALL


def test_snooze_does_not_end_by_the_bouncing_that_began_it() -> None:
    desk = Desk()
    at = desk.answered_call()
    desk.deliver(*held(Button.SNOOZE, at, at + 80))
    assert desk.screens()[-1] is ScreenName.SNOOZED


def test_calibration_goes_on_by_one_step_a_press() -> None:
    shown = []
    for facts in (held(Button.PAGE, 1000, 1200), (ButtonPressed(at=1000, button=Button.PAGE),)):
        calibration = Calibration(bundled_pack(), STATION)
        shown.append(([effect for fact in facts for effect in calibration.handle(fact)], calibration.is_over))
    assert shown[0] == shown[1]
