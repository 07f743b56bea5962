"""The package for Raspberry Pi OS, really installed: by apt into a 64-bit ARM Debian 13, run, removed, purged.

Debian's packages of the image, without anything of ours, stand in for Raspberry Pi OS: the same Debian, other extras.
Its programs run by qemu-user: this machine's kernel, no board, no running systemd. Needs root.
"""

import os
import re
import shutil
import stat
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from firmware import debian, root
from firmware.tools import BUILD, REPOSITORY, require, run

CALL = "pi_companion/bench/calls/03-hold-with-consent"
PROGRAM = "/opt/pi-companion/bin/pi-companion"
LEARNED = ("var/lib/pi-companion/stations/12.sealed", "var/lib/pi-companion-site/taken.1/secrets/wifi_password")
# What apt, dpkg, the dynamic linker and systemd write at any installation, and users, which Debian keeps.
OTHERS = (
    "etc/.pwd.lock", "etc/group", "etc/gshadow", "etc/ld.so.cache", "etc/passwd", "etc/shadow", "etc/subgid",
    "etc/subuid", "var/cache/", "var/lib/apt/", "var/lib/dpkg/", "var/log/", "tmp/", "root/.cache", "run/",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class System:
    """A root file system of ARM, `folder`; the package, as a path in it; every path `before` that is installed."""

    folder: Path
    package: str
    before: frozenset[str] = frozenset()

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command in it, with /proc, as root; nothing outlives it."""
        script = 'mount -t proc proc "$0"/proc && exec chroot "$0" "$@"'
        environment = {
            "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
            "LC_ALL": "C.UTF-8",
            "DEBIAN_FRONTEND": "noninteractive",
        }
        return subprocess.run(
            ["unshare", "--mount", "--pid", "--fork", "sh", "-c", script, self.folder, *command],
            capture_output=True, text=True, check=False, env=environment, stdin=subprocess.DEVNULL, timeout=3600,
        )  # fmt: skip

    def must(self, *command: str) -> str:
        """Run a command that has to succeed; return what it printed."""
        done = self.run(*command)
        assert done.returncode == 0, (
            f"{' '.join(command)}: {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
        )
        return done.stdout

    def files(self) -> set[str]:
        """Every path in it."""
        return {
            str((Path(folder) / name).relative_to(self.folder))
            for folder, folders, names in os.walk(self.folder)
            for name in (*folders, *names)
        }

    def owned(self) -> set[str]:
        """Every path that a package brought."""
        lists = (self.folder / "var/lib/dpkg/info").glob("*.list")
        lines = {line.lstrip("/") for path in lists for line in path.read_text(encoding="utf-8").splitlines()}
        # /bin and the like are links by now.
        return lines | {f"usr/{line}" for line in lines}

    def strange(self) -> list[str]:
        """What is there that was not there at first and that no package brought."""
        new = self.files() - self.before - self.owned()
        return sorted(path for path in new if not path.startswith(OTHERS) and "__pycache__" not in path)


@pytest.fixture(scope="module")
def system() -> Iterator[System]:
    require(tests=True)
    packages = sorted((BUILD / "out").glob("pi-companion_*_arm64.deb"))
    if not packages:
        pytest.fail(f"there is no package in {BUILD / 'out'}: make image")
    folder = BUILD / "tests" / "package"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    base = debian.base(debian.epoch_of(debian.LOCK.read_text(encoding="utf-8")), pinned=True)
    run(["tar", "-C", folder, "--numeric-owner", "--xattrs", "-xf", base])
    shutil.copyfile(packages[-1], folder / "tmp/pi-companion.deb")
    fresh = System(folder=folder, package="/tmp/pi-companion.deb")  # noqa: S108 - in that root
    yield replace(fresh, before=frozenset(fresh.files()))
    shutil.rmtree(folder)


def test_what_it_needs_is_what_debian_has() -> None:
    (package,) = (BUILD / "out").glob("pi-companion_*_arm64.deb")
    apt = ["apt-get", *debian.asked("arm64"), "--simulate", "--no-install-recommends", "install", str(package)]
    installed = re.findall(r"^Inst (\S+)", run(apt), re.MULTILINE)

    assert {"pi-companion", "python3.13", "libportaudio2", "libatomic1", "systemd"} <= set(installed)


def test_apt_installs_it_and_it_starts_with_the_machine(system: System) -> None:
    began = time.monotonic()
    system.must("apt-get", "-qq", "install", "-y", "--no-install-recommends", system.package)
    print(f"installed in {time.monotonic() - began:.0f} s")

    enabled = {path.name for path in (system.folder / "etc/systemd/system").rglob("*.wants/pi-companion*")}
    assert system.must("dpkg-query", "-W", "-f", "${Status}", "pi-companion") == "install ok installed"
    assert enabled == set(root.installable())
    assert system.must("id", "-nG", "pi-companion").split() == ["pi-companion"]
    assert {"gpio", "i2c", "audio"} <= set(system.must("getent", "group").replace(":", " ").split())
    assert (system.folder / "etc/pi-companion").is_dir()


def test_what_it_brought_is_root_s_and_nobody_else_can_write_it(system: System) -> None:
    brought = system.must("dpkg-query", "-L", "pi-companion").splitlines()
    # The image's base takes no documentation.
    there = [path for path in brought if path != "/." and not path.startswith("/usr/share/doc/")]
    found = [(path, (system.folder / path.lstrip("/")).lstat()) for path in there]

    assert len(found) > 1000
    assert [path for path, each in found if (each.st_uid, each.st_gid) != (0, 0)] == []
    assert [path for path, each in found if not stat.S_ISLNK(each.st_mode) and each.st_mode & 0o022] == []
    assert [path for path, each in found if each.st_mode & (stat.S_ISUID | stat.S_ISGID)] == []


def test_its_units_are_as_systemd_of_that_debian_wants_them(system: System) -> None:
    units = [f"/usr/lib/systemd/system/{path.name}" for path in sorted((REPOSITORY / "systemd").glob("*.*"))]
    said = system.run("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *[
        unit for unit in units if unit.rpartition(".")[2] in {"service", "timer", "path"} and "wifi" not in unit
    ])  # fmt: skip

    assert (said.stdout, said.stderr, said.returncode) == ("", "", 0)


def test_the_program_runs_there_and_replays_a_call_as_it_does_here(system: System) -> None:
    helped = system.must(PROGRAM, "doctor", "--help")
    began = time.monotonic()
    (installed,) = (system.folder / "opt/pi-companion/lib").glob("python3.*/site-packages")
    there = system.must(PROGRAM, "replay", f"/{installed.relative_to(system.folder)}/{CALL}")
    print(f"a call replayed in {time.monotonic() - began:.0f} s")
    here = run([REPOSITORY / ".venv/bin/pi-companion", "replay", REPOSITORY / CALL])

    assert "what is present, what is missing" in helped
    assert there.splitlines() == here.splitlines()


def test_removed_it_leaves_what_was_learned_and_purged_nothing(system: System) -> None:
    for name in LEARNED:
        path = system.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x", encoding="utf-8")
    system.must("dpkg", "-i", system.package)  # once more, as an update does
    after_update = [(system.folder / name).exists() for name in LEARNED]
    system.must("apt-get", "-qq", "remove", "-y", "pi-companion")
    after_removal = [(system.folder / name).exists() for name in LEARNED]
    units = sorted(str(path) for path in (system.folder / "etc/systemd/system").rglob("*pi-companion*"))
    program = (system.folder / "opt/pi-companion").exists()
    system.must("apt-get", "-qq", "purge", "-y", "pi-companion")

    assert (after_update, after_removal, units, program) == ([True, True], [True, True], [], False)
    left = [path for path in system.files() if "pi-companion" in path and not path.startswith(OTHERS)]
    assert (left, system.strange()) == ([], [])
