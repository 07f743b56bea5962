"""How are programs run and progress shown? Which programs does the build need? The tables are here."""

import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
REPOSITORY: Final = HERE.parent
BUILD: Final = REPOSITORY / "build" / "image"
CACHE_VARIABLE: Final = "PI_COMPANION_IMAGE_CACHE"

_BEGAN: Final = time.monotonic()

# Each program, or a file by its whole path, and the Debian package that brings it.
_NEEDED: Final = {
    "mmdebstrap": "mmdebstrap",
    "qemu-aarch64-static": "qemu-user-static",
    "arch-test": "arch-test",
    "mcopy": "mtools",
    "mkfs.vfat": "dosfstools",
    "mke2fs": "e2fsprogs",
    "mkimage": "u-boot-tools",
    "rauc": "rauc",
    "mksquashfs": "squashfs-tools",
    "bmaptool": "bmap-tools",
    "xz": "xz-utils",
    "aarch64-linux-gnu-gcc": "gcc-aarch64-linux-gnu",
    "/usr/aarch64-linux-gnu/include/stdio.h": "libc6-dev-arm64-cross",  # which the compiler only recommends
    "swig": "swig",
    "depmod": "kmod",
    "systemctl": "systemd",
    "openssl": "openssl",
    "git": "git",
}
_TESTS_NEED: Final = {
    "qemu-system-aarch64": "qemu-system-arm",
    "qemu-img": "qemu-utils",
    "dtc": "device-tree-compiler",
    "fw_setenv": "libubootenv-tool",
    "dbus-run-session": "dbus-daemon",
}


class Unbuildable(Exception):
    """The image cannot be built; the message says what to do."""


def say(text: str) -> None:
    """Print a line of progress, with the seconds since this program began."""
    print(f"image [{time.monotonic() - _BEGAN:4.0f} s] {text}", flush=True)


def cache_folder() -> Path:
    """Return where downloads and finished parts are kept; made if it is not there. It may be deleted at any time."""
    named = os.environ.get(CACHE_VARIABLE)
    usual = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "pi-companion" / "image"
    folder = Path(named).resolve() if named else usual
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def run(command: Sequence[str | Path], *, into: Path | None = None, env: dict[str, str] | None = None) -> str:
    """Run a program, `into`: in which folder; return what it printed. Raises `Unbuildable` with its last words."""
    done = subprocess.run(
        [str(each) for each in command],
        cwd=into,
        env=os.environ | {"LC_ALL": "C.UTF-8"} | (env or {}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode:
        last = "\n".join(done.stdout.splitlines()[-25:])
        raise Unbuildable(
            f"{last}\n\n`{' '.join(map(str, command))[:300]}` failed with {done.returncode}; above is why"
        )
    return done.stdout


def require(*, tests: bool = False) -> None:
    """Install what is missing where that is allowed, else name it. Raises `Unbuildable`."""
    needed = _NEEDED | (_TESTS_NEED if tests else {})
    path = f"{os.environ['PATH']}:/usr/sbin:/sbin"
    os.environ["PATH"] = path
    missing = [
        package
        for program, package in needed.items()
        if shutil.which(program) is None and not Path("/", program).is_file()
    ]
    if missing:
        install = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
        if os.geteuid() or shutil.which("apt-get") is None:
            raise Unbuildable(f"this machine lacks {', '.join(missing)}. Install with\n\n    sudo {' '.join(install)}")
        say(f"installing with apt-get: {' '.join(missing)}")
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        run(["apt-get", "-qq", "-o", "DPkg::Lock::Timeout=120", "update"], env=quiet)
        run([*install, "-qq", "-o", "DPkg::Lock::Timeout=120"], env=quiet)
    if subprocess.run(["arch-test", "arm64"], capture_output=True, check=False).returncode:
        _run_arm_programs()


def _run_arm_programs() -> None:
    by_hand = (
        "this kernel does not run ARM programs yet. As root:\n\n"
        "    mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc\n    /usr/lib/systemd/systemd-binfmt"
    )
    if os.geteuid():
        raise Unbuildable(by_hand)
    if not Path("/proc/sys/fs/binfmt_misc/register").exists():
        run(["mount", "-t", "binfmt_misc", "binfmt_misc", "/proc/sys/fs/binfmt_misc"])
    run(["/usr/lib/systemd/systemd-binfmt"])
    if subprocess.run(["arch-test", "arm64"], capture_output=True, check=False).returncode:
        raise Unbuildable(by_hand)


def commit_time_s() -> int:
    """Return the time of the commit that is built, in seconds since 1970: every file of the image has it."""
    return int(run(["git", "log", "-1", "--format=%ct"], into=REPOSITORY))
