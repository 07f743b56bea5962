"""The units, as systemd itself reads them: no complaint, a tight sandbox, every line with its reason.

Needs systemd-analyze, which is part of every systemd; `bootstrap.sh` installs it where there is none.
"""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from pi_companion.errors import GivenUp
from pi_companion.live import starts
from tests.firmware import exposure

SYSTEMD = Path(__file__).parents[2] / "systemd"
SERVICES = sorted(SYSTEMD.glob("*.service"))
UNITS = [*SERVICES, *SYSTEMD.glob("*.timer"), *SYSTEMD.glob("*.path")]

# Root with one capability: to have the boot partition, or a stick, writable for the moment in which it is written.
MOUNTS = {
    "User=/DynamicUser=", "PrivateUsers=", "UMask=", "CapabilityBoundingSet=~CAP_SYS_ADMIN", "SystemCallFilter=~@mount",
    "SystemCallFilter=~@privileged",
}  # fmt: skip
ALSO_NEEDED = {
    "pi-companion.service": {"MemoryDenyWriteExecute="},
    # The one with a network, outwards alone.
    "pi-companion-fleet.service": {"RestrictAddressFamilies=~AF_(INET|INET6)", "PrivateNetwork=", "IPAddressDeny="},
    # Outwards as well; root, to ask RAUC and to restart.
    "pi-companion-update.service": {
        "RestrictAddressFamilies=~AF_(INET|INET6)",
        "PrivateNetwork=",
        "IPAddressDeny=",
        "User=/DynamicUser=",
    },
    # Root, to delete what is the companion's as well.
    "pi-companion-reset.service": {
        "User=/DynamicUser=",
        "PrivateUsers=",
        "UMask=",
        "CapabilityBoundingSet=~CAP_(DAC_*|FOWNER|IPC_OWNER)",
    },
    "pi-companion-wifi.service": {
        "User=/DynamicUser=",
        "PrivateUsers=",
        "PrivateNetwork=",
        "IPAddressDeny=",
        "CapabilityBoundingSet=~CAP_NET_ADMIN",
        "RestrictAddressFamilies=~AF_PACKET",
        "RestrictAddressFamilies=~AF_NETLINK",
        "RestrictAddressFamilies=~AF_(INET|INET6)",
        "CapabilityBoundingSet=~CAP_NET_(BIND_SERVICE|BROADCAST|RAW)",
    },
    "pi-companion-site.service": {*MOUNTS, "CapabilityBoundingSet=~CAP_(DAC_*|FOWNER|IPC_OWNER)"},
    "pi-companion-stick@.service": MOUNTS,
}


def named(path: Path) -> str:
    return path.name


def settings(path: Path) -> dict[str, list[str]]:
    """Return what a unit sets, by key, in the order in which it is set."""
    found: dict[str, list[str]] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(key, []).append(value)
    return found


def analyze(*arguments: str | Path, units: Path | None = None) -> subprocess.CompletedProcess[str]:
    paths = {"SYSTEMD_UNIT_PATH": f"{units}:"} if units else {}
    return subprocess.run(  # noqa: S603 - the units of this repository
        ["systemd-analyze", *arguments],  # noqa: S607 - whichever the machine has
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env=os.environ | paths | {"LC_ALL": "C"},
    )


def test_systemd_has_nothing_to_say_about_any_unit(tmp_path: Path) -> None:
    # systemd only warns of a key that it does not know, and succeeds: any output is a failure.
    program = tmp_path / "pi-companion"
    program.symlink_to("/bin/true")
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace("/opt/pi-companion/bin/pi-companion", str(program))
        text = text.replace("/usr/sbin/wpa_supplicant", str(program))  # of the image, not of this machine
        (tmp_path / unit.name).write_text(text, encoding="utf-8")

    said = analyze("verify", "--man=no", *(tmp_path / unit.name for unit in UNITS), units=tmp_path)

    assert (said.stdout, said.stderr, said.returncode) == ("", "", 0)


@pytest.mark.parametrize("unit", SERVICES, ids=named)
def test_a_service_is_hardly_exposed(unit: Path) -> None:
    said = analyze("security", "--offline=yes", f"--threshold={exposure.most(unit.name)}", "--no-pager", unit)

    assert said.returncode == 0, said.stdout


@pytest.mark.parametrize("unit", SERVICES, ids=named)
def test_every_test_of_exposure_is_passed_but_those_that_the_device_needs(unit: Path) -> None:
    said = analyze("security", "--offline=yes", "--json=short", "--no-pager", unit)
    # Some of what a newer systemd lists has no key in an older one.
    failed = {each["name"] for each in json.loads(said.stdout) if each["set"] is False and each["exposure"]}

    assert failed <= {
        "RootDirectory=/RootImage=",
        "SupplementaryGroups=",
        "PrivateDevices=",
        "DeviceAllow=",
        "RestrictAddressFamilies=~AF_UNIX",
        "ProcSubset=",
        *ALSO_NEEDED.get(unit.name, ()),
    }


def test_safe_mode_is_as_confined_as_the_service_and_hears_nothing() -> None:
    service, safe = settings(SYSTEMD / "pi-companion.service"), settings(SYSTEMD / "pi-companion-safe.service")
    about_the_service = {"Description", "Type", "ExecStart", "TimeoutStartSec"}
    other = {
        "SupplementaryGroups": ["gpio i2c"],
        "DeviceAllow": ["char-gpiochip rw", "char-i2c rw"],
        "NoExecPaths": ["%t/pi-companion /tmp /var/tmp -/dev/shm"],
        "MemoryDenyWriteExecute": ["yes"],
        "Environment": [each for each in service["Environment"] if "MALLOC" not in each],
    }

    confined = {key: value for key, value in safe.items() if key not in about_the_service}
    assert confined == {key: other.get(key) or service[key] for key in confined}
    assert {key for key in service if key not in confined} <= about_the_service | {
        "StartLimitIntervalSec", "StartLimitBurst", "OnFailure", "Wants", "After", "NotifyAccess", "WatchdogSec",
        "ExecStopPost", "TimeoutStopSec", "Restart", "RestartSec", "RestartPreventExitStatus", "StateDirectory",
        "StateDirectoryMode", "OOMPolicy", "OOMScoreAdjust", "Nice", "CPUWeight", "IOWeight", "IOSchedulingClass",
        "IOSchedulingPriority", "WantedBy",
    }  # fmt: skip


@pytest.mark.parametrize("unit", UNITS, ids=named)
def test_every_group_of_settings_has_its_reason_above(unit: Path) -> None:
    groups = [group for group in unit.read_text(encoding="utf-8").split("\n\n") if "=" in group]

    assert [group for group in groups if not re.search("^# [A-Z0-9]", group, re.MULTILINE)] == []


def test_whatever_ends_the_program_the_contact_is_opened() -> None:
    assert settings(SYSTEMD / "pi-companion.service")["ExecStopPost"] == ["/opt/pi-companion/bin/pi-companion release"]


def test_unit_and_program_agree_on_the_ladder() -> None:
    service, timer = settings(SYSTEMD / "pi-companion.service"), settings(SYSTEMD / "pi-companion-retry.timer")

    assert (service["Restart"], service["RestartPreventExitStatus"]) == (["always"], [str(GivenUp.exit_code)])
    assert (service["OnFailure"], service["Wants"]) == (["pi-companion-safe.service"], ["pi-companion-retry.timer"])
    assert timer["OnUnitInactiveSec"] == [f"{starts.RETRY_MIN}min"]
    assert int(service["TimeoutStartSec"][0].removesuffix("s")) >= 60 + max(starts.WAIT_S)


def test_a_start_waits_for_no_network_and_wifi_comes_with_its_adapter() -> None:
    wifi = settings(SYSTEMD / "pi-companion-wifi.service")
    rules = (SYSTEMD / "udev" / "60-pi-companion.rules").read_text(encoding="utf-8")

    assert "WantedBy" not in wifi
    (rule,) = [line for line in rules.splitlines() if "pi-companion-wifi.service" in line]
    assert 'KERNEL=="wlan0", TAG+="systemd", ENV{SYSTEMD_WANTS}+="pi-companion-wifi.service"' in rule
    assert wifi["BindsTo"] == ["sys-subsystem-net-devices-wlan0.device"]
