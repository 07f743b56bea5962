"""How does the root file system come about? Debian's packages, the plain files in overlay/, the units, the program.

The same root serves every board and both slots. It is read-only where it runs: what cannot be written cannot be half
written, and an update replaces it whole.
"""

import json
import os
import shutil
from pathlib import Path
from typing import Final

from firmware import debian, initrd, papers, python_packages
from firmware.layout import filled_in
from firmware.tools import BUILD, HERE, REPOSITORY, Unbuildable, run, say

OVERLAY: Final = HERE / "overlay"
KERNELS: Final = {"stable": "6.12.", "pi5": "7."}
"""Folders below /boot that U-Boot loads from, and how the version of their kernel begins."""

ENABLED: Final = (
    "companion-data.service",
    "companion-health.service",
    "systemd-networkd.service",
    "systemd-resolved.service",
    "systemd-timesyncd.service",
    "fstrim.timer",
)
MASKED: Final = (
    # Nobody logs in
    "getty.target",
    "getty@.service",
    "serial-getty@.service",
    "console-getty.service",
    "container-getty@.service",
    "debug-shell.service",
    "systemd-ask-password-console.path",
    "systemd-ask-password-wall.path",
    "ctrl-alt-del.target",
    "systemd-logind.service",
    "systemd-user-sessions.service",
    "systemd-hostnamed.socket",
    # Nothing changes the packages of a read-only root
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "dpkg-db-backup.timer",
    # The root is read-only from the kernel's command line on; its checks are the update's
    "systemd-remount-fs.service",
    "e2scrub_all.timer",
    "e2scrub_reap.service",
    # The journal stays in memory; nothing foreign is run
    "systemd-journal-flush.service",
    "systemd-binfmt.service",
    "proc-sys-fs-binfmt_misc.automount",
    # Sockets and programs that nobody here talks to
    "systemd-sysext.socket",
    "wpa_supplicant.service",
    "systemd-networkd-varlink.socket",
    "systemd-networkd-wait-online.service",
    "rauc-mark-good.service",
)
GONE: Final = (
    "boot/firmware",
    "etc/.pwd.lock",
    "etc/apt/sources.list",
    "etc/apt/sources.list.d",
    "etc/group-",
    "etc/gshadow-",
    "etc/passwd-",
    "etc/shadow-",
    "tmp",
    "var/cache",
    "var/lib/apt/lists",
    "var/lib/systemd",
    "var/log",
    "var/tmp",
)
"""What building leaves behind; folders are made anew, empty."""


def build(version: str, epoch: int) -> Path:
    """Return the folder of the whole root file system, as the card has it. Needs root for owners and the initrd."""
    root = BUILD / "root"
    lock = debian.LOCK.read_text(encoding="utf-8")
    tar = debian.base(debian.epoch_of(lock), pinned=True)
    say("unpacking the root file system")
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir(parents=True)
    run(["tar", "-C", root, "--numeric-owner", "--xattrs", "--xattrs-include=*", "-xf", tar])
    if wrong := debian.differences(debian.locked(lock), debian.installed(root)):
        raise Unbuildable("not what packages.lock says:\n  " + "\n  ".join(wrong) + "\nWrite it anew: make image-pins")
    _lay_over(root)
    run(["make", "-s", "install", f"DESTDIR={root}"], into=REPOSITORY)
    say("the program and its Python packages")
    python_packages.install(root, python_packages.wheels())
    _settle(root, version, epoch)
    _finish(root, epoch)
    sbom = papers.sbom(version, epoch, debian.installed(root), python_packages.names(root))
    place = root / "usr/share/pi-companion"
    place.mkdir(parents=True)
    (place / "sbom.spdx.json").write_text(json.dumps(sbom, indent=1) + "\n", encoding="utf-8")
    _tidy(root, epoch)
    return root


def installable() -> list[str]:
    """Return the units of systemd/ that start with the machine."""
    units = sorted((REPOSITORY / "systemd").glob("*.*"))
    return [unit.name for unit in units if unit.is_file() and "\n[Install]\n" in unit.read_text(encoding="utf-8")]


def _lay_over(root: Path) -> None:
    for path in sorted(OVERLAY.rglob("*")):
        target = root / path.relative_to(OVERLAY)
        if path.is_dir():
            target.mkdir(exist_ok=True)
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.unlink(missing_ok=True)
            target.write_text(filled_in(path.read_text(encoding="utf-8")), encoding="utf-8")
            target.chmod(0o755 if os.access(path, os.X_OK) else 0o644)


def _settle(root: Path, version: str, epoch: int) -> None:
    """Users, units, names: what a first start would otherwise ask or make."""
    run(["systemd-sysusers", f"--root={root}"])
    for folder in ("data", "boot/firmware", "var/lib/pi-companion", "var/lib/pi-companion-site", "etc/pi-companion"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    run(["systemctl", f"--root={root}", "enable", *ENABLED, *installable()])
    run(["systemctl", f"--root={root}", "mask", *MASKED])
    run(["systemctl", f"--root={root}", "set-default", "multi-user.target"])
    (root / "etc/hostname").write_text("pi-companion\n", encoding="utf-8")
    (root / "etc/hosts").write_text("127.0.0.1 localhost pi-companion\n::1 localhost\n", encoding="utf-8")
    (root / "etc/machine-id").write_text("", encoding="utf-8")  # a new one in memory at each start
    _link(root / "etc/resolv.conf", "/run/systemd/resolve/resolv.conf")
    _link(root / "etc/localtime", "/usr/share/zoneinfo/Asia/Shanghai")
    release = root / "usr/lib/os-release"
    with release.open("a", encoding="utf-8") as file:
        file.write(f'IMAGE_ID="pi-companion"\nIMAGE_VERSION={version}\nBUILD_ID={papers.utc(epoch)}\n')
    keyring = BUILD / "keys" / "keyring.pem"
    shutil.copyfile(keyring, root / "etc/rauc/keyring.pem")


def _link(place: Path, target: str) -> None:
    place.unlink(missing_ok=True)
    place.symlink_to(target)


def _finish(root: Path, epoch: int) -> None:
    """What a package manager would run at the end: compiled Python, one initrd for each kernel. Nothing is emulated."""
    python_packages.compile_in(root)
    for folder, begins in KERNELS.items():
        versions = sorted(each.name for each in (root / "usr/lib/modules").glob(f"{begins}*"))
        if len(versions) != 1:
            raise Unbuildable(f"one kernel {begins}* is wanted for {folder}; packages.txt brings {versions or 'none'}")
        say(f"the initrd of kernel {versions[0]}")
        place = root / "boot" / folder
        place.mkdir()
        (place / "vmlinuz").symlink_to(f"../vmlinuz-{versions[0]}")
        run(["depmod", "-b", root, versions[0]])
        (place / "initrd.img").write_bytes(initrd.build(root, versions[0], epoch))


def _tidy(root: Path, epoch: int) -> None:
    for name in GONE:
        path = root / name
        if path.is_dir():
            for each in path.iterdir():
                shutil.rmtree(each) if each.is_dir() and not each.is_symlink() else each.unlink()
        else:
            path.unlink(missing_ok=True)
    for name in ("tmp", "var/tmp"):
        (root / name).chmod(0o1777)
    for path in [root, *root.rglob("*")]:
        if path.lstat().st_mtime > epoch:
            os.utime(path, (epoch, epoch), follow_symlinks=False)
