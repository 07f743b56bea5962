"""What the network has of a station: taken when it is newer, told once, and never for another station."""

from pathlib import Path

import pytest

from pi_companion.core.attended import CalibrationCame, Seat
from pi_companion.core.facts import Fact
from pi_companion.live.profile_watch import STEP_MS, ProfileWatch
from pi_companion.site import handing
from pi_companion.site.handing import Profile
from pi_companion.site.stations import Known, Record

AT_12 = Seat(has_stations=True, code=12, number="12")
KNOWS = Known(revision=3, learned={"pace_pct": 112})


class Desk:
    def __init__(self, folder: Path) -> None:
        self.run, self.state = folder / "run", folder / "state"
        self.run.mkdir()
        self.state.mkdir()
        self.record = Record(self.state, 12)
        self.watch = ProfileWatch(AT_12, self.record, self.run)
        self.at = 0

    def look(self) -> list[Fact]:
        self.at += STEP_MS
        return list(self.watch.look(self.at))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_newer_one_is_kept_and_told_once(desk: Desk) -> None:
    handing.hand_over(Profile(code=12, known=KNOWS), desk.run)
    told = [desk.look() for _ in range(3)]

    assert told == [[CalibrationCame(at=STEP_MS)], [], []]
    assert desk.record.known() == KNOWS
    assert desk.record.document() == {"code": 12, "revision": 3, "learned": {"pace_pct": 112}}


def test_the_same_numbers_are_no_reason_to_begin_anew(desk: Desk) -> None:
    desk.record.store(KNOWS.learned)
    handing.hand_over(Profile(code=12, known=KNOWS), desk.run)

    assert (desk.look(), desk.record.known()) == ([], KNOWS)


@pytest.mark.parametrize(
    "other", [Profile(code=12, known=Known(revision=1, learned={"pace_pct": 90})), Profile(code=11, known=KNOWS)]
)
def test_an_older_one_or_another_station_s_is_left_alone(desk: Desk, other: Profile) -> None:
    desk.record.store({"pace_pct": 118})
    handing.hand_over(other, desk.run)

    assert (desk.look(), desk.record.known()) == ([], Known(revision=1, learned={"pace_pct": 118}))


@pytest.mark.parametrize(
    "written",
    [
        "",
        "{",
        "[]",
        '{"code": 12, "revision": 9, "learned": {"pace_pct": 1}}',
        '{"code": 12, "revision": 9}',
        "[" * 4000,
    ],
)
def test_what_is_no_calibration_is_as_if_it_were_not_there(desk: Desk, written: str) -> None:
    (desk.run / handing.HANDED_OVER).write_text(written)

    assert (desk.look(), desk.record.known()) == ([], Known())


def test_what_is_over_is_gone(desk: Desk) -> None:
    handing.hand_over(Profile(code=12, known=KNOWS), desk.run)
    handing.hand_over(None, desk.run)
    handing.hand_over(None, desk.run)

    assert (list(desk.run.iterdir()), desk.look()) == ([], [])


def test_where_there_is_no_station_nothing_is_looked_for(tmp_path: Path) -> None:
    handing.hand_over(Profile(code=12, known=KNOWS), tmp_path)

    assert list(ProfileWatch(Seat(), None, tmp_path).look(STEP_MS)) == []


def test_each_change_is_one_more_and_a_record_of_before_is_the_first(desk: Desk) -> None:
    desk.record.store({"pace_pct": 112})
    desk.record.store({"pace_pct": 112})
    desk.record.store({"seat_upright_mm": 640})

    assert desk.record.known() == Known(revision=2, learned={"pace_pct": 112, "seat_upright_mm": 640})
