"""Half an hour with faults at a simulated desk, lived through by the real live shell. A week: `make soak HOURS=168`.

Each check is seen to fail where its guard is taken away.
"""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pi_companion import config
from pi_companion.adapters.line import Line
from pi_companion.adapters.panel import Panel
from pi_companion.core.cadence import RingCounter
from pi_companion.core.effects import PressMute, ReleaseMute, SetLeds
from pi_companion.core.facts import Part, Side
from pi_companion.core.settings import Station
from pi_companion.live import inbox, service, tap_keeper
from pi_companion.live.screen_thread import ScreenThread
from pi_companion.session.scripted import Speech, hearing
from pi_companion.shell import Shell
from tests.soak.__main__ import PAGE, Soaked, soak
from tests.soak.desk import Desk
from tests.soak.figures import CHECKS, Sample, judge_samples, page, slope
from tests.soak.judge import Tally


@cache
def short() -> Soaked:
    return soak(0.6, seed=4, every_ms=720_000)


def test_in_half_an_hour_with_faults_nothing_is_broken() -> None:
    assert (short().tally.told, dict(short().tally.broken)) == ([], {})


def test_in_that_time_there_is_something_to_break() -> None:
    counts = short().tally.counts

    assert sum(number for name, number in counts.items() if name.startswith("fault: ")) > 10
    assert min(counts[name] for name in ("calls", "presses", "lost: tap")) > 0
    assert min(counts[name] for name in ("deadlines", "screens", "looks at the panel")) > 100


# A scene in which every guard is needed


def needy(desk: Desk) -> None:
    """A call with a wait in which the turn hangs as the key is pressed, one hung up at that moment, a ring unseen."""
    phone, asks = desk.phone, [(5000, 2000), (50_000, 0)]
    desk.seat.distance_mm = 600
    for at, hangs_ms in asks:
        desk.at(at, lambda: phone.hook(desk.now, off_hook=True))
        said = (
            Speech(side=Side.AGENT, began=at + 1000, ended=at + 4400, text="请您稍等不要挂机帮您咨询一下好吗"),
            Speech(side=Side.CUSTOMER, began=at + 5000, ended=at + 5400, text="好的"),
        )
        desk.say(iter(hearing(said)))
        desk.at(at + 5500, lambda hangs_ms=hangs_ms: pressed(hangs_ms))  # type: ignore[misc]  # bound now

    def pressed(hangs_ms: int) -> None:
        if not desk.board.is_contact_closed:
            desk.after(5, lambda: pressed(hangs_ms))
        elif hangs_ms:
            desk.hang_ms = hangs_ms
        else:
            desk.after(5, lambda: phone.hook(desk.now, off_hook=False))

    desk.at(20_000, lambda: phone.own_mute_key(desk.now))
    desk.at(30_000, lambda: phone.hook(desk.now, off_hook=False))
    desk.at(70_000, lambda: phone.ring(desk.now, on=True))
    desk.at(70_500, lambda: setattr(desk, "hang_ms", 14_000))
    desk.at(71_000, lambda: phone.ring(desk.now, on=False))
    desk.at(90_000, lambda: unplug(desk))
    desk.at(100_000, lambda: setattr(desk, "recogniser_busy_until", 230_000))


def unplug(desk: Desk) -> None:
    works_since = desk.judge.works_since
    desk.card.trouble, works_since[Part.TAP] = "gone", None

    def plug() -> None:
        desk.card.trouble, works_since[Part.TAP] = "", desk.now

    desk.after(3000, plug)


def lived_through(folder: Path) -> Tally:
    (folder / "state").mkdir()
    desk = Desk(config.Site(station=Station(seat_sensor=True, seat_upright_mm=600)), folder, seed=1)
    needy(desk)
    desk.run(240_000)
    return desk.judge.tally


def test_the_scene_needs_every_guard_and_has_them(tmp_path: Path) -> None:
    tally = lived_through(tmp_path)

    assert (tally.told, tally.counts["presses"], tally.counts["lost: tap"]) == ([], 2, 3)


NOTHING: Callable[..., None] = lambda *_: None  # noqa: E731 - a guard that does nothing
NEVER: Callable[..., None] = lambda *_: None  # noqa: E731 - no time

HEAR_LEVEL = Line._hear_level


def deaf_to_the_lamp(line: Line, name: str, ticks: int, *, is_active: bool) -> None:
    """Hear it being lit, and not that it is dark."""
    if name != "mute_lamp" or is_active:
        HEAR_LEVEL(line, name, ticks, is_active=is_active)


PERFORM = Panel.perform


def never_released(panel: Panel, effect: SetLeds | PressMute | ReleaseMute) -> None:
    """Leave the contact to the end of its pulse."""
    if not isinstance(effect, ReleaseMute):
        PERFORM(panel, effect)


GUARDS: dict[str, tuple[tuple[object, str, Any], ...]] = {
    "deadline": ((Shell, "deadline", NEVER),),
    "lease": ((Panel, "_expire", NOTHING),),
    "ring lights": ((Panel, "_leased", lambda panel: panel._shown), (RingCounter, "deadline", NEVER)),
    "mute": ((Line, "_hear_level", deaf_to_the_lamp), (service, "REREAD_MS", 100_000)),
    "press": ((Desk, "_guard", lambda *_: NOTHING),),
    "on-hook": ((Panel, "perform", never_released),),
    "queues": ((inbox, "AUDIO_BLOCKS", 10**6),),
    "screen": ((ScreenThread, "set_panel", NOTHING), (ScreenThread, "show", NOTHING)),
    "parts": ((tap_keeper, "AGAIN_MS", (100_000,)),),
}


@pytest.mark.parametrize("check", GUARDS)
def test_a_guard_that_is_taken_away_is_missed(check: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for owner, name, broken in GUARDS[check]:
        monkeypatch.setattr(owner, name, broken)

    assert check in lived_through(tmp_path).broken


# Figures


def samples(
    *, kib_per_h: float = 0.0, kib_once: int = 0, blocks_per_h: float = 0.0, threads: int = 0, hours: int = 72
) -> list[Sample]:
    return [
        Sample(
            hour=hour,
            kib=100_000
            + round(kib_per_h * hour)
            + (kib_once if hour > 36 else 0)
            + 64 * (hour % 24 < 8)
            + hour * 7919 % 50,
            blocks=1_000_000 + round(blocks_per_h * hour) + hour * 7919 % 300,
            threads=7 + (threads if hour > 40 else 0),
            files=12,
        )
        for hour in range(1, hours + 1)
    ]


@pytest.mark.parametrize(
    ("seen", "broken"),
    [
        (samples(), set()),
        (samples(kib_per_h=20), {"memory"}),
        (samples(kib_per_h=8), {"memory"}),
        (samples(kib_once=1000, hours=168), set()),  # the heap took one more piece
        (samples(kib_once=3000, hours=168), {"memory"}),
        (samples(blocks_per_h=200), {"memory"}),
        (samples(kib_per_h=1000, hours=30), set()),  # too short to tell
        (samples(threads=1), {"threads"}),
    ],
)
def test_what_grows_is_found(seen: list[Sample], broken: set[str]) -> None:
    tally = Tally()
    judge_samples(seen, tally, 0)

    assert set(tally.broken) == broken


def test_a_slope_comes_with_its_bound() -> None:
    grows = slope([(hour, 3 * hour + hour * 7919 % 11) for hour in range(48)])

    assert grows.low < 3 < grows.high
    assert grows.high - grows.low < 1


def test_the_week_that_is_committed_is_a_clean_one() -> None:
    text = PAGE.read_text(encoding="utf-8")

    assert "**168 hours** of session time" in text
    assert [f"| {what} | 0 |" for what in CHECKS.values() if f"| {what} | 0 |" not in text] == []


def test_every_check_is_on_the_page_and_what_was_broken_is_told() -> None:
    tally = Tally()
    tally.fail(3_600_000, "lease", "lit without a lease: red")
    text = page(tally, samples(), hours=72, origin=["Made up."])

    assert all(what in text for what in CHECKS.values())
    assert "| **1** |" in text
    assert "- lease: 1:00:00.000: lit without a lease: red" in text
