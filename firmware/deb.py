"""How does the program get onto a Raspberry Pi OS that is there already? As a Debian package of the same files.

What the image has below /opt/pi-companion and the units of systemd/; nothing of slots, states and updates.
"""

import shutil
from pathlib import Path

from firmware import python_packages
from firmware.tools import BUILD, REPOSITORY, run

CONTROL = """\
Package: pi-companion
Version: {version}
Architecture: arm64
Maintainer: pi-companion
Section: misc
Priority: optional
Depends: python3 (>= {python}~), python3 (<< {after}~), libportaudio2, libatomic1, systemd
Installed-Size: {size}
Description: Desk-phone companion
 Rings, nudges and one MUTE key beside a call-centre desk phone, offline. For Raspberry Pi OS of Debian 13, 64 bit.
"""
AFTER_INSTALL = """\
#!/bin/sh
set -e
if [ "$1" = configure ]; then
    systemd-sysusers
    systemd-tmpfiles --create /usr/lib/tmpfiles.d/pi-companion.conf
    systemctl enable {units}
    if [ -d /run/systemd/system ]; then
        systemctl daemon-reload
        udevadm control --reload
        udevadm trigger
        modprobe i2c-dev || true
        systemctl restart {units}
    fi
fi
"""
BEFORE_REMOVAL = """\
#!/bin/sh
set -e
if [ "$1" = remove ]; then
    systemctl disable {units}
    test ! -d /run/systemd/system || systemctl stop {units}
fi
"""
# Purged, what was taken and learned goes, passwords among it. The user stays, as Debian has it, and so does a site file
# that somebody wrote.
AFTER_REMOVAL = """\
#!/bin/sh
set -e
test ! -d /run/systemd/system || systemctl daemon-reload
if [ "$1" = purge ]; then
    rm -rf /var/lib/pi-companion /var/lib/pi-companion-site
    rmdir --ignore-fail-on-non-empty /etc/pi-companion 2>/dev/null || true
fi
"""


def build(root: Path, out: Path, version: str, units: list[str], epoch: int) -> Path:
    """Return a package of the program that is in a root file system. `units`: those that start with the machine."""
    tree = BUILD / "deb"
    shutil.rmtree(tree, ignore_errors=True)
    (tree / "DEBIAN").mkdir(parents=True)
    run(["make", "-s", "install", f"DESTDIR={tree}"], into=REPOSITORY)
    home = tree / python_packages.HOME
    home.parent.mkdir(parents=True)
    run(["cp", "-a", root / python_packages.HOME, home])
    size = sum(path.lstat().st_size for path in tree.rglob("*") if path.is_file()) // 1024
    major, minor = python_packages.VERSION
    python, after = f"{major}.{minor}", f"{major}.{minor + 1}"
    control = CONTROL.format(version=version, python=python, after=after, size=size)
    (tree / "DEBIAN/control").write_text(control, encoding="utf-8")
    for name, text in (("postinst", AFTER_INSTALL), ("prerm", BEFORE_REMOVAL), ("postrm", AFTER_REMOVAL)):
        script = tree / "DEBIAN" / name
        script.write_text(text.format(units=" ".join(units)), encoding="utf-8")
        script.chmod(0o755)
    time = {"SOURCE_DATE_EPOCH": str(epoch)}
    run(["dpkg-deb", "--root-owner-group", "-Zxz", "-z1", "--build", tree, out], env=time)
    shutil.rmtree(tree)
    return out
