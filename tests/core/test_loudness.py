"""How loudly the agent speaks: against the calibrated voice, and following the customer."""

from dataclasses import replace

import pytest

from pi_companion.core.effects import CallCard, CueShown, NudgeShown
from pi_companion.core.facts import BusyLampChanged, Part, PartFound, Side
from pi_companion.session.scripted import Speech, hearing
from tests.core.desk import STATION, Desk, bundled_pack
from tests.core.test_holds import asked

AGENT, CUSTOMER = Side.AGENT, Side.CUSTOMER
CALIBRATED = replace(STATION, speaking_dbfs=-26)
NOW = 10000
"""When the stories begin: well after the greeting."""

PACK = bundled_pack()
HUSHING = replace(PACK, limits=replace(PACK.limits, loudness=replace(PACK.limits.loudness, hush_on_hook=True)))


def talks(desk: Desk, began: int, side: Side, level_dbfs: int, for_ms: int = 5000) -> int:
    """Let a side talk at this level without a word being understood; return when it was over."""
    desk.deliver(
        *hearing((Speech(side=side, began=began, ended=began + for_ms, level_dbfs=level_dbfs),), is_understood=False)
    )
    return began + for_ms + 1000


def call(desk: Desk | None = None) -> Desk:
    """An outbound call of a calibrated desk."""
    desk = desk or Desk(CALIBRATED)
    desk.hook(NOW - 3000, off=True)
    return desk


def nudges(desk: Desk, rule: str = "VOICE-2") -> list[str]:
    return [nudge.text for nudge in desk.all(NudgeShown) if nudge.rule == rule]


def card(desk: Desk, at: int) -> tuple[bool, bool]:
    """Whether the call card counts the volume as done well, and as to be improved."""
    desk.hook(at, off=False)
    last = desk.all(CallCard)[-1]
    return "VOICE-2" in last.well, "VOICE-2" in last.improve


@pytest.mark.rule("VOICE-2")
@pytest.mark.parametrize(
    ("level_dbfs", "nudged"),
    [(-18, []), (-17, ["音量偏大"]), (-36, []), (-37, ["音量偏小"])],
)
def test_a_voice_far_from_the_calibrated_one_is_nudged(level_dbfs: int, nudged: list[str]) -> None:
    desk = call()
    at = talks(desk, NOW, AGENT, level_dbfs, 10000)
    desk.wait_until(at + 1000)
    assert (nudges(desk), card(desk, at + 2000)) == (nudged, (not nudged, bool(nudged)))


@pytest.mark.rule("VOICE-2")
@pytest.mark.parametrize(
    ("for_ms", "nudged", "counted"), [(9999, [], (False, False)), (10000, ["音量偏大"], (False, True))]
)
def test_loud_talk_is_nudged_only_if_it_lasts(for_ms: int, nudged: list[str], counted: tuple[bool, bool]) -> None:
    desk = call()
    at = talks(desk, talks(desk, NOW, AGENT, -10, 5000), AGENT, -10, for_ms - 5000)
    assert (nudges(desk), card(desk, at)) == (nudged, counted)


@pytest.mark.rule("VOICE-2")
def test_without_calibration_nothing_is_claimed_about_volume() -> None:
    desk = call(Desk(replace(CALIBRATED, speaking_dbfs=0)))
    at = talks(desk, NOW, AGENT, -3, 20000)
    assert (nudges(desk), card(desk, at)) == ([], (False, False))


@pytest.mark.rule("VOICE-2")
def test_one_loud_laugh_does_not_make_a_loud_voice() -> None:
    desk = call()
    at = talks(desk, talks(desk, NOW, AGENT, -26, 6000), AGENT, -3, 4500)
    assert (nudges(desk), card(desk, at)) == ([], (True, False))


@pytest.mark.rule("VOICE-2")
def test_a_voice_that_is_right_again_is_not_reminded_of_having_been_loud() -> None:
    desk = call()
    at = talks(desk, NOW, AGENT, -17, 10000)
    for _ in range(6):
        at = talks(desk, at, AGENT, -26, 10000)
    assert (nudges(desk), card(desk, at)) == (["音量偏大"], (False, True))


@pytest.mark.rule("VOICE-2")
def test_only_the_latest_speech_counts() -> None:
    desk = call()
    at = talks(desk, NOW, AGENT, -26, 30000)
    for _ in range(2):
        at = talks(desk, at, AGENT, -17, 5000)
    assert nudges(desk) == ["音量偏大"]


@pytest.mark.rule("VOICE-2")
@pytest.mark.parametrize(("then_dbfs", "nudged"), [(-26, []), (-17, ["音量偏大"])])
def test_a_nudge_that_has_to_wait_is_forgotten_once_the_voice_is_right(then_dbfs: int, nudged: list[str]) -> None:
    desk = call()
    at = talks(desk, desk.says(AGENT, NOW, "你等一下") + 1000, AGENT, -17, 10000)
    at = talks(desk, at, AGENT, then_dbfs, 10000)
    desk.wait_until(at + 60000)
    assert (nudges(desk, "SAY-WAIT") != [], nudges(desk)) == (True, nudged)


@pytest.mark.rule("VOICE-2")
def test_muted_talk_to_a_colleague_is_not_measured() -> None:
    desk = call()
    desk.lamp(NOW, lit=True)
    at = talks(desk, NOW + 1000, AGENT, -3, 10000)
    desk.lamp(at, lit=False)
    assert (nudges(desk), card(desk, at + 5000)) == ([], (False, False))


@pytest.mark.rule("VOICE-2")
@pytest.mark.parametrize("is_lit_first", [True, False])
def test_talk_that_is_muted_in_part_is_not_measured(*, is_lit_first: bool) -> None:
    desk = call()
    desk.lamp(NOW, lit=is_lit_first)
    began, ended = hearing(
        (Speech(side=AGENT, began=NOW + 500, ended=NOW + 12000, level_dbfs=-3),), is_understood=False
    )
    desk.deliver(began)
    desk.lamp(NOW + 5000, lit=not is_lit_first)
    desk.deliver(ended)
    assert nudges(desk) == []


@pytest.mark.rule("VOICE-2")
def test_what_was_heard_before_the_sound_card_was_unplugged_is_not_counted_with_what_came_after() -> None:
    desk = call()
    at = talks(desk, NOW, AGENT, -17, 9000)
    desk.loses(at, Part.TAP)
    desk.deliver(PartFound(at=at + 1000, part=Part.TAP))
    talks(desk, at + 2000, AGENT, -17, 9000)
    assert nudges(desk) == []


def after_calls(count: int, *, usual_dbfs: int = -30, desk: Desk | None = None, at: int = NOW) -> tuple[Desk, int]:
    """A desk at which customers of so many calls have been as loud as this."""
    desk = desk or Desk(CALIBRATED)
    for _ in range(count):
        desk.hook(at, off=True)
        ended = talks(desk, talks(desk, at + 1000, CUSTOMER, usual_dbfs), CUSTOMER, usual_dbfs + 12)
        desk.hook(ended, off=False)
        at = ended + 20000
    return desk, at


@pytest.mark.rule("VOICE-2")
@pytest.mark.parametrize(
    ("customer_dbfs", "agent_dbfs", "nudged"),
    [
        (-27, -15, []),
        (-27, -14, ["音量偏大"]),
        (-10, -12, []),
        (-10, -11, ["音量偏大"]),
        (-32, -38, []),
        (-32, -39, ["音量偏小"]),
        (-60, -42, []),
        (-60, -43, ["音量偏小"]),
    ],
)
def test_the_volume_may_follow_the_customers_but_not_all_the_way(
    customer_dbfs: int, agent_dbfs: int, nudged: list[str]
) -> None:
    desk, at = after_calls(3)
    desk.hook(at, off=True)
    talks(desk, talks(desk, at + 1000, CUSTOMER, customer_dbfs), AGENT, agent_dbfs, 10000)
    assert nudges(desk) == nudged


@pytest.mark.rule("VOICE-2")
def test_what_is_usual_follows_the_latest_fifty_calls() -> None:
    desk, at = after_calls(26, usual_dbfs=-20)
    desk, at = after_calls(25, usual_dbfs=-30, desk=desk, at=at)
    desk.hook(at, off=True)
    talks(desk, talks(desk, at + 1000, CUSTOMER, -20), AGENT, -13, 10000)
    assert nudges(desk) == []


@pytest.mark.rule("VOICE-2")
@pytest.mark.parametrize(("calls", "nudged"), [(3, []), (2, ["音量偏大"])])
def test_a_customer_is_followed_only_once_three_calls_have_shown_what_is_usual(calls: int, nudged: list[str]) -> None:
    desk, at = after_calls(calls)
    desk.hook(at, off=True)
    talks(desk, talks(desk, at + 1000, CUSTOMER, -20), AGENT, -13, 10000)
    assert nudges(desk) == nudged


def hushes(desk: Desk) -> list[int]:
    return [cue.at for cue in desk.all(CueShown) if (cue.rule, cue.text) == ("VOICE-5", "请轻声 （同事通话中）")]


@pytest.mark.rule("VOICE-5")
@pytest.mark.parametrize(("level_dbfs", "for_ms", "count"), [(-22, 1000, 1), (-23, 1000, 0), (-22, 999, 0)])
def test_loud_talk_on_hook_is_hushed(level_dbfs: int, for_ms: int, count: int) -> None:
    desk = Desk(CALIBRATED, HUSHING)
    talks(desk, NOW, AGENT, level_dbfs, for_ms)
    assert len(hushes(desk)) == count


@pytest.mark.rule("VOICE-5")
def test_loud_talk_in_a_break_is_hushed_too() -> None:
    desk = Desk(replace(CALIBRATED, busy_lamp=True), HUSHING)
    desk.deliver(BusyLampChanged(at=NOW - 5000, is_lit=True))
    talks(desk, NOW, AGENT, -20)
    assert len(hushes(desk)) == 1


@pytest.mark.rule("VOICE-5")
@pytest.mark.parametrize(("again_after_ms", "count"), [(60000, 2), (59999, 1)])
def test_the_agent_is_hushed_at_most_once_a_minute(again_after_ms: int, count: int) -> None:
    desk = Desk(CALIBRATED, HUSHING)
    talks(desk, NOW, AGENT, -20)
    talks(desk, NOW + again_after_ms, AGENT, -20)
    assert len(hushes(desk)) == count


@pytest.mark.rule("VOICE-5")
@pytest.mark.parametrize(
    ("desk", "side"),
    [
        (Desk(CALIBRATED), AGENT),
        (Desk(replace(CALIBRATED, speaking_dbfs=0), HUSHING), AGENT),
        (Desk(CALIBRATED, HUSHING), CUSTOMER),
    ],
    ids=["not asked for", "not calibrated", "not the agent"],
)
def test_nobody_is_hushed_unless_it_is_asked_for_and_known(desk: Desk, side: Side) -> None:
    talks(desk, NOW, side, -3)
    assert hushes(desk) == []


@pytest.mark.rule("VOICE-5")
def test_the_last_words_of_a_call_are_not_hushed_nor_are_those_of_the_call() -> None:
    desk = call(Desk(CALIBRATED, HUSHING))
    at = talks(desk, NOW, AGENT, -20)
    began, ended = hearing((Speech(side=AGENT, began=at, ended=at + 3000, level_dbfs=-3),), is_understood=False)
    desk.deliver(began)
    desk.hook(at + 1000, off=False)
    desk.deliver(ended)
    assert hushes(desk) == []


@pytest.mark.rule("VOICE-5")
def test_nobody_is_hushed_while_the_phone_rings() -> None:
    desk = Desk(CALIBRATED, HUSHING)
    desk.rings(3, NOW)
    talks(desk, NOW + 11500, AGENT, -3, 1000)
    assert hushes(desk) == []


def test_what_is_said_to_a_colleague_while_the_customer_waits_without_a_lamp_is_not_judged() -> None:
    desk = Desk(replace(CALIBRATED, mute_lamp=False, mute_key=False))
    at = desk.says(CUSTOMER, asked(desk) + 600, "好的") + 2000
    at = talks(desk, at, AGENT, -10, 12000)
    assert card(desk, at + 5000) == (False, False)


def test_what_began_before_the_call_was_picked_up_is_not_judged() -> None:
    desk = Desk(CALIBRATED)
    began, ended = hearing((Speech(side=AGENT, began=NOW, ended=NOW + 15000, level_dbfs=-10),), is_understood=False)
    desk.deliver(began)
    desk.hook(NOW + 14000, off=True)
    desk.deliver(ended)
    assert card(desk, NOW + 20000) == (False, False)
