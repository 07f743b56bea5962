"""The seat as the agent lives it: slouching in a call, leaving it while the phone may ring, and a sensor that fails."""

from dataclasses import replace

import pytest

from pi_companion.core.effects import (
    CallCard,
    CueShown,
    EmptySeatRang,
    NudgeShown,
    NudgeWithheld,
    PostureChanged,
    SetLeds,
)
from pi_companion.core.facts import BusyLampChanged, Button, Part, PartFound, SeatMeasured, Side
from pi_companion.core.limits import Limits
from pi_companion.core.settings import Station
from pi_companion.core.states import ScreenName
from tests.core.desk import Desk, bundled_pack

UPRIGHT, HUNCHED, SLOUCHED, GONE = 600, 450, 800, None
SEATED = Station(agent_name="小李", extension="8012", seat_sensor=True, seat_upright_mm=UPRIGHT)
PACK = bundled_pack()
CALM = replace(PACK, limits=replace(PACK.limits, turns=replace(PACK.limits.turns, dead_air_ms=120000)))
"""The pack for calls in which hardly anybody speaks: nothing is said about that."""
ADVICE = (PACK.texts["nudge.posture.title"], PACK.texts["nudge.posture.say"])


def sits(desk: Desk, began: int, until: int, distance_mm: int | None) -> int:
    """Measure this distance twice a second from `began` on, before `until`; return `until`."""
    for at in range(began, until, 500):
        desk.deliver(SeatMeasured(at=at, distance_mm=distance_mm))
    desk.wait_until(until - 1)
    return until


def postures(desk: Desk) -> list[tuple[int, str]]:
    return [(effect.at, str(effect.state)) for effect in desk.all(PostureChanged)]


def nudged(desk: Desk) -> list[int]:
    return [effect.at for effect in desk.all(NudgeShown) if effect.rule == "POSTURE-1"]


def in_call(distance_mm: int | None = UPRIGHT) -> Desk:
    """The agent sits so, and from 20 s on is in an outbound call that somebody answers."""
    desk = Desk(SEATED, CALM)
    sits(desk, 0, 20000, distance_mm)
    desk.hook(20000, off=True)
    desk.says(Side.CUSTOMER, 20100, "喂")
    return desk


# How the agent sits


@pytest.mark.rule("POSTURE-1")
@pytest.mark.parametrize(
    ("distance_mm", "posture"),
    [
        (UPRIGHT, "upright"),
        (UPRIGHT - 120, "upright"),
        (UPRIGHT - 121, "hunched"),
        (UPRIGHT + 150, "upright"),
        (UPRIGHT + 151, "slouched"),
        (1200, "slouched"),
        (1201, "absent"),
        (None, "absent"),
    ],
)
def test_a_distance_that_holds_for_three_seconds_is_a_posture(distance_mm: int | None, posture: str) -> None:
    desk = Desk(SEATED)
    sits(desk, 1000, 4000, distance_mm)
    assert postures(desk) == []
    sits(desk, 4000, 5000, distance_mm)
    assert postures(desk) == [(4000, posture)]


@pytest.mark.rule("POSTURE-1")
def test_reaching_for_a_pen_is_no_posture() -> None:
    desk = Desk(SEATED)
    at = sits(desk, 0, 10000, UPRIGHT)
    at = sits(desk, at, at + 2999, HUNCHED)
    sits(desk, at, at + 10000, UPRIGHT)
    assert postures(desk) == [(3000, "upright")]


def test_rocking_to_and_fro_settles_nothing() -> None:
    desk = Desk(SEATED)
    at = sits(desk, 0, 10000, UPRIGHT)
    for distance_mm in (HUNCHED, SLOUCHED) * 5:
        at = sits(desk, at, at + 2000, distance_mm)
    assert postures(desk) == [(3000, "upright")]


def test_a_seat_that_was_not_calibrated_is_only_ever_empty_or_unknown() -> None:
    desk = Desk(Station(agent_name="小李", seat_sensor=True))
    at = sits(desk, 0, 10000, HUNCHED)
    at = sits(desk, at, at + 10000, GONE)
    sits(desk, at, at + 10000, SLOUCHED)
    assert postures(desk) == [(13000, "absent"), (23000, "unknown")]


# The caller hears a slouch


@pytest.mark.rule("POSTURE-1")
@pytest.mark.parametrize("distance_mm", [SLOUCHED, HUNCHED])
def test_half_a_minute_of_slouching_in_a_call_is_nudged_once(distance_mm: int) -> None:
    desk = in_call()
    sits(desk, 30000, 60000, distance_mm)
    assert nudged(desk) == []
    sits(desk, 60000, 240000, distance_mm)
    assert nudged(desk) == [60000]


@pytest.mark.rule("POSTURE-1")
def test_the_agent_reads_to_sit_up_and_why() -> None:
    desk = in_call()
    sits(desk, 30000, 61000, SLOUCHED)
    assert (desk.screen().name, desk.screen().lines) == (ScreenName.NUDGE, ADVICE)


@pytest.mark.rule("POSTURE-1")
def test_the_slouch_of_an_idle_agent_is_nobodys_business() -> None:
    desk = Desk(SEATED)
    sits(desk, 0, 120000, SLOUCHED)
    assert nudged(desk) == []


@pytest.mark.rule("POSTURE-1")
def test_a_slouch_brought_into_the_call_has_half_a_minute_from_its_beginning() -> None:
    desk = in_call(SLOUCHED)
    sits(desk, 21000, 50000, SLOUCHED)
    assert nudged(desk) == []
    sits(desk, 50000, 51000, SLOUCHED)
    assert nudged(desk) == [50000]


def test_from_one_slouch_to_the_other_is_still_one() -> None:
    desk = in_call()
    at = sits(desk, 30000, 45000, SLOUCHED)
    sits(desk, at, 61000, HUNCHED)
    assert nudged(desk) == [60000]


@pytest.mark.rule("POSTURE-1")
@pytest.mark.parametrize("distance_mm", [UPRIGHT, GONE])
def test_sitting_up_or_leaving_starts_the_half_minute_anew(distance_mm: int | None) -> None:
    desk = in_call()
    at = sits(desk, 30000, 55000, SLOUCHED)
    at = sits(desk, at, at + 4000, distance_mm)
    sits(desk, at, at + 30000, SLOUCHED)
    assert nudged(desk) == []
    sits(desk, at + 30000, at + 31000, SLOUCHED)
    assert nudged(desk) == [at + 30000]


@pytest.mark.rule("POSTURE-1")
def test_another_slouch_after_sitting_up_is_another_nudge() -> None:
    desk = in_call()
    at = sits(desk, 30000, 61000, SLOUCHED)
    at = sits(desk, at, 180000, UPRIGHT)
    sits(desk, at, 211000, SLOUCHED)
    assert nudged(desk) == [60000, 210000]


@pytest.mark.rule("POSTURE-1")
def test_who_sits_up_before_it_could_be_said_is_not_told() -> None:
    desk = in_call()
    at = desk.says(Side.AGENT, 30000, "你等一下")
    at = sits(desk, at + 500, at + 31000, SLOUCHED)
    sits(desk, at, at + 60000, UPRIGHT)
    assert [effect.rule for effect in desk.all(NudgeShown)] == ["SAY-WAIT"]
    assert desk.all(NudgeWithheld) == []


@pytest.mark.rule("POSTURE-1")
def test_a_call_sat_upright_counts_among_what_went_well_and_a_slouch_among_what_did_not() -> None:
    for distance_mm, is_good in ((UPRIGHT, True), (SLOUCHED, False)):
        desk = in_call(distance_mm)
        sits(desk, 21000, 51000, distance_mm)
        desk.hook(51000, off=False)
        card = desk.all(CallCard)[0]
        assert ("POSTURE-1" in card.well, "POSTURE-1" in card.improve) == (is_good, not is_good)


def test_a_call_too_short_to_tell_or_not_measured_throughout_claims_nothing_about_posture() -> None:
    short, unseen = in_call(), in_call()
    sits(short, 21000, 49999, UPRIGHT)
    short.hook(49999, off=False)
    unseen.loses(30000, Part.SEAT)
    unseen.deliver(PartFound(at=31000, part=Part.SEAT))
    sits(unseen, 31000, 60000, UPRIGHT)
    unseen.hook(60000, off=False)
    for desk in (short, unseen):
        card = desk.all(CallCard)[0]
        assert "POSTURE-1" not in (*card.well, *card.improve)


# No sensor, no claim


def test_without_a_sensor_nothing_is_claimed() -> None:
    desk = Desk(SEATED)
    desk.answered_call()
    desk.wait_until(200000)
    assert (postures(desk), nudged(desk)) == ([], [])


@pytest.mark.rule("POSTURE-1")
def test_a_sensor_that_falls_silent_for_ten_seconds_knows_nothing_any_more() -> None:
    desk = Desk(SEATED)
    sits(desk, 0, 5001, UPRIGHT)
    desk.wait_until(14999)
    assert postures(desk) == [(3000, "upright")]
    desk.wait_until(15000)
    assert postures(desk) == [(3000, "upright"), (15000, "unknown")]


@pytest.mark.rule("POSTURE-1")
def test_a_lost_sensor_knows_nothing_at_once_and_what_waited_is_not_said() -> None:
    desk = in_call()
    at = desk.says(Side.AGENT, 30000, "你等一下")
    at = sits(desk, at + 500, at + 32000, SLOUCHED)
    desk.loses(at, Part.SEAT)
    desk.wait_until(at + 60000)
    assert postures(desk)[-1] == (at, "unknown")
    assert nudged(desk) == []


def test_a_sensor_that_is_back_begins_anew() -> None:
    desk = Desk(SEATED)
    sits(desk, 0, 10000, SLOUCHED)
    desk.loses(10000, Part.SEAT)
    desk.deliver(PartFound(at=12000, part=Part.SEAT))
    sits(desk, 12000, 16000, SLOUCHED)
    assert postures(desk) == [(3000, "slouched"), (10000, "unknown"), (15000, "slouched")]


# The empty seat


def prompts(desk: Desk) -> list[tuple[int, str]]:
    return [(effect.at, effect.text) for effect in desk.all(CueShown) if effect.rule == "RING-3"]


@pytest.mark.rule("RING-3")
def test_a_seat_left_for_a_minute_on_duty_says_to_set_the_phone_away() -> None:
    desk = Desk(SEATED)
    at = sits(desk, 0, 10000, UPRIGHT)
    at = sits(desk, at, 70000, GONE)
    assert prompts(desk) == []
    sits(desk, at, 300000, GONE)
    assert prompts(desk) == [(70000, "离席请设小休")]
    assert desk.screen().lines == ("离席请设小休", "")


@pytest.mark.rule("RING-3")
def test_who_comes_back_reads_it_once_more_and_then_it_goes() -> None:
    desk = Desk(SEATED)
    at = sits(desk, 0, 80000, GONE)
    at = sits(desk, at, at + 3000, UPRIGHT)
    assert desk.screen().lines == ("离席请设小休", "")
    sits(desk, at, at + 1000, UPRIGHT)
    assert desk.screen().name is not ScreenName.NUDGE


@pytest.mark.rule("RING-3")
def test_each_absence_is_said_once() -> None:
    desk = Desk(SEATED)
    at = sits(desk, 0, 100000, GONE)
    at = sits(desk, at, at + 10000, UPRIGHT)
    sits(desk, at, at + 100000, GONE)
    assert [at for at, _ in prompts(desk)] == [60000, 170000]


@pytest.mark.rule("RING-3")
def test_who_has_set_the_phone_away_may_leave() -> None:
    desk = Desk(SEATED)
    desk.deliver(BusyLampChanged(at=1000, is_lit=True))
    sits(desk, 1500, 300000, GONE)
    assert prompts(desk) == []


@pytest.mark.rule("RING-3")
def test_setting_the_phone_away_late_takes_the_prompt_away() -> None:
    desk = Desk(SEATED)
    at = sits(desk, 0, 80000, GONE)
    desk.deliver(BusyLampChanged(at=at, is_lit=True))
    sits(desk, at + 500, at + 5000, GONE)
    assert desk.screens()[-1] is ScreenName.AWAY


@pytest.mark.rule("RING-3")
def test_the_minute_begins_with_the_duty() -> None:
    desk = Desk(SEATED)
    desk.deliver(BusyLampChanged(at=0, is_lit=True))
    at = sits(desk, 500, 50000, GONE)
    desk.deliver(BusyLampChanged(at=at, is_lit=False))
    sits(desk, at + 500, at + 70000, GONE)
    assert [at for at, _ in prompts(desk)] == [50050 + 60000]


@pytest.mark.rule("RING-3")
def test_standing_up_in_a_call_is_not_leaving_the_seat() -> None:
    desk = in_call()
    at = sits(desk, 21000, 200000, GONE)
    assert prompts(desk) == []
    desk.hook(at, off=False)
    sits(desk, at + 500, at + 61000, GONE)
    assert [at for at, _ in prompts(desk)] == [at + 60000]


def test_the_prompt_does_not_follow_the_agent_into_a_call() -> None:
    desk = Desk(SEATED)
    at = sits(desk, 0, 80000, GONE)
    desk.hook(at, off=True)
    desk.says(Side.CUSTOMER, at + 100, "喂")
    assert desk.screen().lines != ("离席请设小休", "")


def test_who_wants_to_be_left_alone_is_not_told_to_set_the_phone_away() -> None:
    desk = Desk(SEATED)
    desk.presses(500, Button.SNOOZE)
    sits(desk, 1000, 100000, GONE)
    assert prompts(desk) == []


def test_a_sensor_that_is_stale_before_a_posture_has_held_says_nothing() -> None:
    hasty = replace(PACK.limits.seat, stale_ms=3000)
    desk = Desk(SEATED, replace(PACK, limits=replace(PACK.limits, seat=hasty)))
    desk.deliver(SeatMeasured(at=1000, distance_mm=UPRIGHT))
    desk.wait_until(10000)
    assert postures(desk) == []


def test_a_lost_sensor_takes_the_prompt_away() -> None:
    desk = Desk(SEATED)
    at = sits(desk, 0, 80000, GONE)
    desk.loses(at, Part.SEAT)
    assert desk.screen().lines == ("测距失灵", "坐姿提醒已停")


def lights(desk: Desk) -> list[str]:
    """The ring LEDs, whenever they changed."""
    shown: list[str] = []
    for effect in desk.all(SetLeds):
        lit = " ".join(f"{name} {getattr(effect, name)}" for name in ("green", "amber", "red"))
        lit = " ".join(part for part in lit.replace(" off", "").split() if part)
        if not shown or shown[-1] != lit:
            shown.append(lit)
    return shown


@pytest.mark.rule("RING-3", "RING-5")
def test_a_phone_that_rings_at_an_empty_seat_is_red_at_once_and_hurries() -> None:
    desk = Desk(SEATED)
    sits(desk, 0, 10000, GONE)
    for ring in range(6):
        desk.rings(1, 10000 + 5000 * ring)
        sits(desk, 11500 + 5000 * ring, 15000 + 5000 * ring, GONE)
    assert [effect for effect in lights(desk) if "red" in effect] == [
        "green amber red on",
        "green amber red blink",
        "green amber red blink_fast",
    ]


@pytest.mark.rule("RING-3")
def test_ringing_at_an_empty_seat_is_counted_once_a_call() -> None:
    desk = Desk(SEATED)
    at = sits(desk, 0, 10000, GONE)
    for _ in range(2):
        for ring in range(3):
            desk.rings(1, at + 5000 * ring)
            sits(desk, at + 5000 * ring + 1500, at + 5000 * ring + 5000, GONE)
        at = sits(desk, at + 15000, at + 30000, GONE)
    assert desk.all(EmptySeatRang) == [EmptySeatRang(at=10040, count=1), EmptySeatRang(at=40040, count=2)]


@pytest.mark.rule("RING-3")
def test_ringing_is_not_counted_while_somebody_sits_there_or_nobody_knows_or_the_phone_is_away() -> None:
    seated, unknown, away = Desk(SEATED), Desk(SEATED), Desk(SEATED)
    sits(seated, 0, 10000, UPRIGHT)
    away.deliver(BusyLampChanged(at=0, is_lit=True))
    sits(away, 500, 10000, GONE)
    for desk in (seated, unknown, away):
        desk.rings(1, 10000)
        assert desk.all(EmptySeatRang) == []


def test_the_sensors_thresholds_are_the_packs() -> None:
    assert PACK.limits.seat == Limits().seat


def test_where_no_sensor_is_fitted_nothing_is_claimed_whatever_is_measured() -> None:
    desk = Desk()
    sits(desk, 0, 100000, GONE)
    assert (postures(desk), prompts(desk)) == ([], [])
