"""The panel while nothing happens: quiet reminders in turn, dimmed, moved by a pixel, as bright as the day asks."""

from dataclasses import replace

import pytest

from pi_companion.core.effects import CueShown, NudgeShown, SetPanel, ShowScreen
from pi_companion.core.facts import BusyLampChanged, Button, Part, PartFound, RingLineChanged, Side, WallClockRead
from pi_companion.core.idle import Idle
from pi_companion.core.limits import Limits
from pi_companion.core.states import ScreenName
from tests.core.desk import Desk, bundled_pack

PACK = bundled_pack()
REMINDERS = [text for _, text in PACK.reminders]
DAY, NIGHT, DIM = 100, 40, 15


def reminders(desk: Desk) -> list[tuple[int, str]]:
    """When which reminder came up."""
    shown = [(effect.at, effect.screen) for effect in desk.all(ShowScreen)]
    return [(at, screen.lines[0]) for at, screen in shown if screen.name is ScreenName.REMINDER]


def panel(desk: Desk) -> SetPanel:
    return desk.all(SetPanel)[-1]


def clock(desk: Desk, at: int, minute_of_day: int) -> None:
    desk.deliver(WallClockRead(at=at, minute_of_day=minute_of_day, occasion=""))


# Reminders


@pytest.mark.rule("OPEN-4", "VOICE-4", "VOICE-6", "POSTURE-2", "RING-4")
def test_an_idle_agent_reads_each_reminder_in_turn_with_the_idle_screen_between() -> None:
    desk = Desk()
    desk.wait_until(30_000 * 2 * len(REMINDERS) + 30_000)
    wanted = [(30_000 + 60_000 * place, text) for place, text in enumerate(REMINDERS)]
    assert reminders(desk) == [*wanted, (30_000 + 60_000 * len(REMINDERS), REMINDERS[0])]
    assert set(desk.screens()) == {ScreenName.IDLE, ScreenName.REMINDER}


@pytest.mark.rule("OPEN-4", "VOICE-4", "VOICE-6", "POSTURE-2")
def test_a_reminder_is_neither_a_nudge_nor_a_cue() -> None:
    desk = Desk()
    desk.wait_until(600_000)
    assert (desk.all(NudgeShown), desk.all(CueShown)) == ([], [])


@pytest.mark.rule("OPEN-4", "VOICE-4", "VOICE-6", "POSTURE-2")
def test_reminders_are_shown_nowhere_but_idle() -> None:
    desk = Desk()
    at = desk.rings(12, 1000)
    desk.hook(at, off=True)
    at = desk.says(Side.CUSTOMER, at + 500, "电脑开不了机")
    desk.wait_until(at + 200_000)
    desk.hook(at + 200_000, off=False)
    desk.wait_until(at + 207_000)
    desk.deliver(BusyLampChanged(at=at + 207_000, is_lit=True))
    desk.wait_until(at + 600_000)
    assert reminders(desk) == []


def test_busy_days_still_see_every_reminder() -> None:
    desk, at = Desk(), 0
    for _ in range(3):
        desk.wait_until(at + 50_000)
        desk.deliver(RingLineChanged(at=at + 50_000, is_active=True), RingLineChanged(at=at + 51_000, is_active=False))
        desk.wait_until(at + 60_000)
        at += 60_000
    assert [text for _, text in reminders(desk)] == REMINDERS[:3]


def test_a_lost_part_is_worth_more_than_a_reminder() -> None:
    desk = Desk()
    desk.loses(1000, Part.TAP)
    desk.wait_until(200_000)
    assert reminders(desk) == []


def test_a_pack_without_reminders_has_none() -> None:
    desk = Desk(pack=replace(PACK, reminders=()))
    desk.wait_until(200_000)
    assert desk.screens() == [ScreenName.IDLE]


# Dimming and pixels


def test_after_two_minutes_on_hook_the_panel_is_dimmed_and_a_ring_lights_it() -> None:
    desk = Desk()
    desk.wait_until(119_999)
    assert panel(desk).brightness_pct == DAY
    desk.wait_until(120_000)
    assert panel(desk).brightness_pct == DIM
    desk.rings(1, 130_000)
    assert panel(desk) == SetPanel(at=130_040, brightness_pct=DAY, shift=(0, 0))


@pytest.mark.parametrize("button", [Button.PAGE, Button.SNOOZE])
def test_a_press_of_a_button_lights_the_panel_for_two_minutes(button: Button) -> None:
    desk = Desk()
    desk.wait_until(150_000)
    desk.presses(150_000, button)
    assert panel(desk).brightness_pct == DAY
    quiet = 150_000 if button is Button.SNOOZE else 162_000  # a page is put away after twelve seconds
    desk.wait_until(quiet + 119_999)
    assert panel(desk).brightness_pct == DAY
    desk.wait_until(quiet + 120_000)
    assert panel(desk).brightness_pct == DIM


def test_the_picture_moves_by_a_pixel_a_minute_and_comes_back() -> None:
    desk = Desk()
    desk.wait_until(59_999)
    assert [effect.shift for effect in desk.all(SetPanel)] == [(0, 0)]
    desk.wait_until(9 * 60_000)
    shifts = list(dict.fromkeys((effect.at, effect.shift) for effect in desk.all(SetPanel)))
    moves = [shift for at, shift in shifts if at % 60_000 == 0]
    assert len(set(moves)) == 9
    assert all(abs(x) <= 1 and abs(y) <= 1 for x, y in moves)
    assert moves[0] == moves[-1] == (0, 0)


def test_a_call_is_never_dimmed_or_moved() -> None:
    desk = Desk()
    desk.hook(1000, off=True)
    desk.wait_until(600_000)
    assert panel(desk) == SetPanel(at=0, brightness_pct=DAY, shift=(0, 0))


def test_a_panel_that_is_back_is_told_again() -> None:
    desk = Desk()
    desk.loses(1000, Part.OLED)
    desk.deliver(PartFound(at=5000, part=Part.OLED))
    assert panel(desk) == SetPanel(at=5000, brightness_pct=DAY, shift=(0, 0))


# The time of day


@pytest.mark.parametrize(
    ("minute_of_day", "pct"), [(419, NIGHT), (420, DAY), (1139, DAY), (1140, NIGHT), (0, NIGHT), (1439, NIGHT)]
)
def test_from_seven_to_nineteen_the_panel_is_bright(minute_of_day: int, pct: int) -> None:
    desk = Desk()
    clock(desk, 1000, minute_of_day)
    assert panel(desk).brightness_pct == pct


def test_while_nobody_knows_the_time_it_is_as_bright_as_by_day() -> None:
    assert panel(Desk()).brightness_pct == DAY


def test_evening_and_morning_come_by_themselves_in_the_middle_of_a_call() -> None:
    desk = Desk()
    desk.hook(500, off=True)
    clock(desk, 1000, 18 * 60 + 59)
    desk.wait_until(60_999)
    assert panel(desk).brightness_pct == DAY
    desk.wait_until(61_000)
    assert panel(desk) == SetPanel(at=61_000, brightness_pct=NIGHT, shift=(0, 0))
    clock(desk, 62_000, 6 * 60 + 59)
    desk.wait_until(122_000)
    assert panel(desk) == SetPanel(at=122_000, brightness_pct=DAY, shift=(0, 0))


def test_each_evening_has_its_time_though_the_clock_was_read_but_once() -> None:
    idle, day_ms = Idle(PACK), 24 * 60 * 60_000
    idle.wall(0, 18 * 60)
    assert [idle.deadline(at) for at in (0, 3_600_000, 3_600_000 + day_ms)] == [
        3_600_000,
        13 * 3_600_000,
        13 * 3_600_000 + day_ms,
    ]


def test_dimmed_is_never_brighter_than_the_night() -> None:
    limits = replace(PACK.limits, idle=replace(PACK.limits.idle, dim_pct=60))
    desk = Desk(pack=replace(PACK, limits=limits))
    clock(desk, 1000, 0)
    desk.wait_until(200_000)
    assert panel(desk).brightness_pct == NIGHT


@pytest.mark.parametrize(("minute_of_day", "pct"), [(1319, NIGHT), (1320, DAY), (359, DAY), (360, NIGHT)])
def test_a_desk_that_works_at_night_may_have_its_day_then(minute_of_day: int, pct: int) -> None:
    night = replace(PACK.limits.idle, day_from_minute=22 * 60, night_from_minute=6 * 60)
    desk = Desk(pack=replace(PACK, limits=replace(PACK.limits, idle=night)))
    clock(desk, 1000, minute_of_day)
    assert panel(desk).brightness_pct == pct


def test_a_day_that_ends_where_it_begins_has_no_night() -> None:
    always = replace(PACK.limits.idle, day_from_minute=0, night_from_minute=0)
    desk = Desk(pack=replace(PACK, limits=replace(PACK.limits, idle=always)))
    clock(desk, 1000, 0)
    assert panel(desk).brightness_pct == DAY


def test_the_panels_times_are_the_packs() -> None:
    assert PACK.limits.idle == Limits().idle
