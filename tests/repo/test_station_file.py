"""Does a desk keep what was measured at it, with every line that a person wrote, whole or not at all?"""

import os
import stat
from pathlib import Path

import pytest

from pi_companion import station_file
from pi_companion.errors import ConfigError
from pi_companion.station_file import store

OURS = """\
# 3号台
[limits.pace]            # quiet room
fast_above_per_min = 300

[station]
agent_name = "小李"      # until May
pace_pct = 100           # measured
"""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    path = tmp_path / "desk3.toml"
    path.write_text(OURS, encoding="utf-8")
    return path


def test_what_is_learned_changes_its_own_values_and_not_a_word_of_what_a_person_wrote(desk: Path) -> None:
    is_changed = store(desk, {"pace_pct": 112, "ring_period_ms": 5000})

    wanted = OURS.replace("pace_pct = 100 ", "pace_pct = 112 ") + "ring_period_ms = 5000\n"
    assert (is_changed, desk.read_text("utf-8")) == (True, wanted)


def test_a_file_that_says_so_already_is_left_alone(desk: Path) -> None:
    before = desk.stat()

    assert store(desk, {"pace_pct": 100}) is False
    assert desk.stat() == before


def test_the_first_thing_learned_makes_file_and_folder(tmp_path: Path) -> None:
    path = tmp_path / "state" / "pi-companion" / "station.toml"
    store(path, {"seat_upright_mm": 640})
    store(path, {"speaking_dbfs": -31})

    heading, *lines = path.read_text().splitlines()
    assert (heading[:2], lines) == ("# ", ["", "[station]", "seat_upright_mm = 640", "speaking_dbfs = -31"])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('station = {unit = "电脑中心"}\n', 'station = {unit = "电脑中心",pace_pct = 112}\n'),
        ("station.pace_pct = 90 # here\n", "station.pace_pct = 112 # here\n"),
        ('[station]\r\nunit = "电脑中心"\r\n', '[station]\r\nunit = "电脑中心"\r\npace_pct = 112\n'),
        ("[limits.pace]\nleast_chars = 9", "[limits.pace]\nleast_chars = 9\n[station]\npace_pct = 112\n"),
    ],
)
def test_the_file_may_be_written_in_any_way_that_toml_has(desk: Path, before: str, after: str) -> None:
    desk.write_bytes(before.encode())
    store(desk, {"pace_pct": 112})

    assert desk.read_bytes().decode() == after


def test_a_link_stays_a_link_and_a_files_mode_stays_its_mode(desk: Path, tmp_path: Path) -> None:
    desk.chmod(0o640)
    link = tmp_path / "link.toml"
    link.symlink_to(desk)
    store(link, {"pace_pct": 112})

    assert (link.is_symlink(), "pace_pct = 112" in desk.read_text("utf-8")) == (True, True)
    assert stat.S_IMODE(desk.stat().st_mode) == 0o640


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[station]\npace_pct = \n", "at line 2, column 12: not TOML: Invalid value"),
        ("station = 3\n", "station: found 3; allowed: a table"),
    ],
)
def test_a_file_with_mistakes_is_not_written_over(desk: Path, text: str, complaint: str) -> None:
    desk.write_text(text)

    with pytest.raises(ConfigError) as raised:
        store(desk, {"pace_pct": 112})
    assert (str(raised.value), desk.read_text()) == (f"{desk}: {complaint}", text)


def test_a_place_that_cannot_be_written_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    place = tmp_path / "file" / "station.toml"

    with pytest.raises(ConfigError) as raised:
        store(place, {"pace_pct": 112})
    assert str(raised.value) == (f"{place}: cannot be written: File exists; what was learned at this desk is not kept")


def test_a_write_that_fails_leaves_the_file_as_it_was_and_nothing_beside_it(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(ConfigError, match="cannot be written: No space left on device"):
        store(desk, {"pace_pct": 112})
    assert (desk.read_text("utf-8"), [file.name for file in desk.parent.iterdir()]) == (OURS, ["desk3.toml"])


def test_a_persons_name_is_never_learned(desk: Path) -> None:
    with pytest.raises(ValueError, match="not learned: agent_name"):
        store(desk, {"agent_name": 8012})
    assert set(station_file.LEARNED) == {
        "ring_period_ms",
        "mute_pulse_ms",
        "seat_upright_mm",
        "speaking_dbfs",
        "pace_pct",
    }
