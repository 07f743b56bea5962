"""The plain files of the image: what they promise, checked without starting it. `make test-image` starts it."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from firmware.layout import filled_in
from firmware.root import ENABLED, MASKED, OVERLAY
from firmware.tools import HERE
from tests.firmware import exposure

UNITS = sorted((OVERLAY / "etc/systemd/system").glob("*.service"))
SCRIPTS = sorted(path for path in OVERLAY.rglob("*") if path.is_file() and os.access(path, os.X_OK))


def text_of(name: str) -> str:
    return (OVERLAY / name).read_text(encoding="utf-8")


def test_systemd_has_nothing_to_say_about_any_unit_of_the_image(tmp_path: Path) -> None:
    for unit in UNITS:
        text = re.sub(r"/usr/lib/pi-companion/\w+", "/bin/true", filled_in(unit.read_text(encoding="utf-8")))
        (tmp_path / unit.name).write_text(text.replace("Wants=pi-companion.service\n", ""), encoding="utf-8")

    said = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(tmp_path / unit.name for unit in UNITS)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"SYSTEMD_UNIT_PATH": f"{tmp_path}:", "LC_ALL": "C"},
    )

    assert (said.stdout, said.stderr, said.returncode) == ("", "", 0)


@pytest.mark.parametrize("unit", [path for path in UNITS if path.name not in exposure.RESTARTING], ids=lambda p: p.name)
def test_a_service_of_the_image_is_hardly_exposed(unit: Path, tmp_path: Path) -> None:
    file = tmp_path / unit.name
    file.write_text(filled_in(unit.read_text(encoding="utf-8")), encoding="utf-8")
    threshold = f"--threshold={exposure.most(unit.name)}"

    said = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", "--no-pager", threshold, file],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"LC_ALL": "C"},
    )

    assert said.returncode == 0, said.stdout


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_is_a_shell_script_that_the_shell_can_read(script: Path) -> None:
    text = filled_in(script.read_text(encoding="utf-8"))
    read = subprocess.run(["sh", "-n"], input=text, text=True, capture_output=True, check=False)

    assert text.startswith("#!/bin/sh\n# ")
    assert (read.returncode, read.stderr) == (0, "")


def test_what_is_enabled_or_masked_by_us_and_lies_here_exists() -> None:
    assert {unit.name for unit in UNITS} - {"emergency.service", "rescue.service"} <= set(ENABLED)
    assert set(ENABLED).isdisjoint(MASKED)


def test_nobody_can_log_in_and_nothing_waits_at_a_prompt() -> None:
    assert {
        "getty.target",
        "getty@.service",
        "serial-getty@.service",
        "console-getty.service",
        "debug-shell.service",
    } <= set(MASKED)
    for name in ("emergency", "rescue"):
        assert "ExecStart=/usr/bin/systemctl reboot --force" in text_of(f"etc/systemd/system/{name}.service")


def test_only_memory_and_the_data_partition_can_be_written() -> None:
    mounts = [line.split() for line in text_of("etc/fstab").splitlines() if line and not line.startswith("#")]

    assert {kind for _, _, kind, options, *_ in mounts if "ro," not in f"{options},"} == {"tmpfs"}
    assert all({"nodev", "nosuid", "noexec"} <= set(options.split(",")) for _, _, _, options, *_ in mounts)
    assert "Storage=volatile" in text_of("etc/systemd/journald.conf.d/companion.conf")


def test_the_network_is_only_ever_asked() -> None:
    network, resolved = (
        text_of("etc/systemd/network/80-companion.network"),
        text_of("etc/systemd/resolved.conf.d/companion.conf"),
    )

    assert {"LLMNR=no", "MulticastDNS=no", "LLDP=no", "LinkLocalAddressing=no"} <= set(network.splitlines())
    assert {"LLMNR=no", "MulticastDNS=no", "DNSStubListener=no"} <= set(resolved.splitlines())
    packages = (HERE / "packages.txt").read_text(encoding="utf-8")
    assert re.search("^(openssh|dropbear|avahi|telnet)", packages, re.MULTILINE) is None


def test_the_first_copy_of_the_boot_state_is_safe_before_the_second_is_touched(tmp_path: Path) -> None:
    steps = tmp_path / "steps"
    for name in ("fw_setenv", "sync"):
        (tmp_path / name).write_text(f'#!/bin/sh\necho {name} "$@" >>{steps}\n', encoding="utf-8")
        (tmp_path / name).chmod(0o755)
    script = text_of("usr/lib/pi-companion/boot/fw_setenv").replace("/usr/bin/fw_setenv", "fw_setenv")

    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    subprocess.run(["sh", "-c", script, "fw_setenv", "BOOT_ORDER", "B A"], check=True, env=path)

    here = "/usr/lib/pi-companion/boot"
    assert steps.read_text().splitlines() == [
        f"fw_setenv -c {here}/first.config BOOT_ORDER B A",
        "sync /dev/companion-card",
        f"fw_setenv -c {here}/second.config BOOT_ORDER B A",
        "sync /dev/companion-card",
    ]


@pytest.mark.parametrize(("version", "build", "code"), [("0.2.0", "B", 0), ("0.1.0", "B", 1), ("0.2.0", "A", 1)])
def test_an_update_by_network_is_the_one_that_the_index_spoke_of(
    tmp_path: Path, version: str, build: str, code: int
) -> None:
    bundle, data = tmp_path / "bundle", tmp_path / "data"
    for each in (bundle, data):
        each.mkdir()
    for slot in "AB":
        (data / f"proven-{slot}").touch()
    (tmp_path / "cmdline").write_text("ro rauc.slot=A quiet\n")
    (tmp_path / "expected").write_text("0.2.0 B\n")
    # As RAUC leaves it in a bundle.
    (bundle / "manifest.raucm").write_text(
        f"[update]\ncompatible=x\nversion={version}\nbuild={build}\n\n[bundle]\nformat=verity\n\n"
        "[image.rootfs]\nsha256=0\nsize=1\nfilename=rootfs.ext4\n"
    )
    handler = text_of("usr/lib/pi-companion/before-install")
    for place, here in (
        ("/run/pi-companion-update", tmp_path),
        ("/data/boot", data),
        ("/proc/cmdline", tmp_path / "cmdline"),
    ):
        handler = handler.replace(place, str(here))
    done = subprocess.run(
        ["sh", "-c", handler],
        env=os.environ | {"RAUC_BUNDLE_MOUNT_POINT": str(bundle)},
        capture_output=True,
        text=True,
        check=False,
    )

    told = f"the bundle is {version} of {build}; expected was 0.2.0 B\n" if code else ""
    assert (done.returncode, done.stderr) == (code, told)
    assert sorted(path.name for path in data.iterdir()) == ["proven-A", "proven-B"][: 1 + code]
