"""One device at a desk: where it runs, and what a second one does."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pi_companion.errors import HardwareError
from pi_companion.live import instance

NO_SYSTEM = Path("/nowhere/pi-companion")


def test_it_runs_where_systemd_says(tmp_path: Path) -> None:
    environ = {"RUNTIME_DIRECTORY": f"{tmp_path}:/run/other", "XDG_RUNTIME_DIR": "/run/user/7"}

    assert instance.folder(environ, NO_SYSTEM) == tmp_path
    assert instance.folders(environ, NO_SYSTEM) == [tmp_path, NO_SYSTEM, Path("/run/user/7/pi-companion")]


def test_started_by_hand_it_shares_the_services_folder_if_it_may_so_that_they_meet(tmp_path: Path) -> None:
    assert instance.folder({"XDG_RUNTIME_DIR": "/run/user/7"}, tmp_path) == tmp_path


def test_without_systemd_it_has_a_folder_of_the_users_own(tmp_path: Path) -> None:
    place = instance.folder({"XDG_RUNTIME_DIR": str(tmp_path)}, NO_SYSTEM)

    assert (place, place.stat().st_mode & 0o777) == (tmp_path / "pi-companion", 0o700)


def test_a_desk_trial_is_beside_the_service_and_not_in_its_place(tmp_path: Path) -> None:
    environ = {"RUNTIME_DIRECTORY": str(tmp_path / "service"), "XDG_RUNTIME_DIR": str(tmp_path)}

    assert instance.folder(environ, tmp_path, is_trial=True) == tmp_path / "pi-companion" / "trial"


def test_a_folder_that_somebody_else_has_laid_out_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "pi-companion").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(HardwareError, match="is not this user's"):
        instance.folder({"XDG_RUNTIME_DIR": str(tmp_path)}, NO_SYSTEM)


def test_a_second_one_is_told_who_runs_and_how_to_stop_it(tmp_path: Path) -> None:
    with instance.alone(tmp_path), pytest.raises(HardwareError) as error, instance.alone(tmp_path):
        pass

    assert f"runs here already (process {os.getpid()})" in str(error.value)


def test_whoever_was_killed_is_in_nobodys_way(tmp_path: Path) -> None:
    hold = "import sys, os, signal; from pathlib import Path; from pi_companion.live import instance\n"
    hold += "with instance.alone(Path(sys.argv[1])): os.kill(os.getpid(), signal.SIGKILL)"
    ended = subprocess.run([sys.executable, "-c", hold, str(tmp_path)], check=False)  # noqa: S603 - our own words
    with instance.alone(tmp_path):
        owner = (tmp_path / "lock").read_text()

    assert (ended.returncode, owner) == (-9, f"{os.getpid()}\n")
