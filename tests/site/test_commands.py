"""The commands that systemd calls: what they say, and what they leave."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from pi_companion.cli import app
from pi_companion.errors import UsageError


@pytest.fixture
def unit(tmp_path: Path) -> Path:
    for name in ("companion", "run", "state"):
        (tmp_path / name).mkdir()
    (tmp_path / "companion/site.toml").write_text('[wifi]\nssid = "desks"\npassword = "hunter22"\n')
    return tmp_path


def site(unit: Path, *arguments: str) -> Result:
    places = {"--data": "kept", "--state": "state"}
    return CliRunner().invoke(
        app, ["site", *arguments, *(word for name, place in places.items() for word in (name, str(unit / place)))]
    )


def take(unit: Path) -> Result:
    return site(unit, "take", "--boot", str(unit / "companion"), "--run", str(unit / "run"))


def test_a_site_is_taken_and_then_left_alone(unit: Path) -> None:
    told = [take(unit).stdout for _ in range(2)]

    assert told == [
        "a new site is in effect; moved into the device: wifi_password; mistakes: 0\n",
        "the last good site is in effect; mistakes: 0\n",
    ]


def test_a_mistake_is_no_failure_and_is_told_with_its_line(unit: Path) -> None:
    (unit / "companion/site.toml").write_text("[station]\nmute_lamp = 3\n")
    ended = take(unit)

    assert (ended.exit_code, ended.stdout) == (0, "no site is in effect; mistakes: 1\n")
    assert "site.toml, line 2: station.mute_lamp: found 3; allowed: true or false" in ended.stderr


def test_a_wipe_leaves_nothing_and_is_never_begun_by_mistake(unit: Path) -> None:
    take(unit)
    refused = site(unit, "wipe")
    before = sorted(path.name for path in (unit / "kept").iterdir())
    done = site(unit, "wipe", "--yes")

    assert (type(refused.exception), before) == (UsageError, ["current", "taken.1"])
    assert (done.exit_code, list((unit / "kept").iterdir()), list((unit / "state").iterdir())) == (0, [], [])


def test_a_wipe_that_was_cut_short_is_ended_before_a_site_is_taken(unit: Path) -> None:
    (unit / "kept").mkdir()
    (unit / "kept/.wiping").touch()
    (unit / "state/station.toml").touch()
    take(unit)

    assert (list((unit / "state").iterdir()), (unit / "kept/.wiping").exists()) == ([], False)
    assert (unit / "kept/current/site.toml").exists()
