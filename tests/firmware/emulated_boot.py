"""The image, started from a card that was just flashed: does it come up by itself, closed to everybody, and work?

One start; every test looks at what it said over the serial line.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from firmware import papers
from firmware.tools import BUILD
from tests.firmware import exposure
from tests.firmware.machine import Machine, card_of, machine, state_of

START_S = 3600
"""The longest that a start may take on a busy machine; it is told, not judged."""

SCRIPT = r"""
look() { echo "<<$1"; sh -c "$2" 2>&1; echo; echo "$1>>"; }
bin=/opt/pi-companion/bin/pi-companion
look running 'systemctl is-system-running --wait'
look failed 'systemctl --failed --no-legend --plain'
look errors 'journalctl -q -b -p err --no-pager -o short-monotonic'
look service 'systemctl show pi-companion --property=ActiveState,NRestarts,User'
look health 'journalctl -q --no-pager -o cat -u companion-health -u companion-data'
look rauc 'rauc status --output-format=json'
look sockets 'ss -H -l -n -t -u -w -p'
look root 'findmnt -n -o OPTIONS,FSTYPE /'
look write 'touch /usr/written /etc/written /boot/written /opt/written'
look mounts 'findmnt -r -n -o TARGET,FSTYPE,OPTIONS'
look swap 'cat /proc/swaps'
look journal 'ls -d /var/log/journal /run/log/journal'
look watchdog 'systemctl show --property=RuntimeWatchdogUSec; ls /dev/watchdog*'
look logins 'cut -d: -f1,2 /etc/shadow; systemctl list-units --no-legend --plain "*getty*" "*ssh*"'
look writable 'find / -xdev \( -type f -o -type d \) -perm -0002 ! -perm -1000'
look setuid 'find / -xdev -type f -perm /6000'
look time 'systemctl is-active systemd-timesyncd; readlink /etc/localtime'
look packages 'dpkg-query -W -f "\${Package}=\${Version}\n"'
look sbom 'cat /usr/share/pi-companion/sbom.spdx.json'
look exposure 'for unit in @UNITS@; do
    systemd-analyze security --no-pager $unit >/tmp/said; echo $unit $(tail -n 1 /tmp/said)
done'
look status "RUNTIME_DIRECTORY=/run/pi-companion/pi-companion/trial $bin status --json"
look doctor "$bin doctor; echo rc=\$?; $bin doctor --simulated-board; echo rc=\$?"
look blame 'systemd-analyze; systemd-analyze blame | head -n 15'
calls=$(echo /opt/pi-companion/lib/python3*/site-packages/pi_companion/bench/calls)
look radio 'modprobe mac80211_hwsim radios=1; udevadm settle; ls /sys/class/net
    systemctl show pi-companion-wifi --property=ActiveState,ConditionResult; systemctl --failed --no-legend --plain'
look call "$bin replay $calls/03-hold-with-consent"
"""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A start of the image. `said`: what the probe printed, by section."""

    said: dict[str, str]
    console: str
    up_s: float
    copies: tuple[dict[str, str] | None, dict[str, str] | None]


def sections(console: str) -> dict[str, str]:
    return {
        match[1]: match[2].strip("\n")
        for match in re.finditer(r"^<<(\w+)\n(.*?)^\1>>", console, re.DOTALL | re.MULTILINE)
    }


@pytest.fixture(scope="module")
def seen(image: Path) -> Iterator[Seen]:
    folder = BUILD / "tests" / "boot"
    folder.mkdir(parents=True, exist_ok=True)
    card = card_of(image, folder / "card.qcow2")
    units = [exposure.started(unit.name) for unit in exposure.services()]
    script = SCRIPT.replace("@UNITS@", " ".join(units))
    with machine(card, folder / "console.log", script=script) as running:
        up_s, _ = running.wait_for("^<<running", START_S)
        print(f"up after {up_s:.0f} s of emulation")
        running.wait_for("^call>>", START_S)
        yield _seen(running, up_s, card, folder)


def _seen(running: Machine, up_s: float, card: Path, folder: Path) -> Seen:
    console = running.console
    running.end()
    return Seen(said=sections(console), console=console, up_s=up_s, copies=state_of(card, folder))


def test_it_comes_up_whole(seen: Seen) -> None:
    assert (seen.said["running"].splitlines()[-1], seen.said["failed"]) == ("running", "")


def test_the_companion_is_at_work_on_a_simulated_board(seen: Seen) -> None:
    assert set(seen.said["service"].splitlines()) == {"NRestarts=0", "ActiveState=active", "User=pi-companion"}
    assert json.loads(seen.said["status"])


def test_a_call_is_played_from_the_first_ring_to_the_mute_key(seen: Seen) -> None:
    said = [line.strip().partition("  ")[2] for line in seen.said["call"].splitlines()]

    moments = [
        "ring 1",
        "hold consented",
        "MUTE contact closes",
        "mute is muted, shown as 已静音",
        "MUTE contact opens",
    ]
    assert [moment for moment in moments if moment not in said] == []


def test_the_self_test_is_green_on_the_simulated_board_and_says_of_each_part_that_it_is_simulated(seen: Seen) -> None:
    real, _, simulated = seen.said["doctor"].partition("rc=5\n")
    marks = {line[2:16].strip(): line[0] for line in real.splitlines() if line[:1] in "✓✗"}
    found = {line[2:16].strip(): line for line in simulated.splitlines() if line[:1] in "✓✗"}
    ours = {"python", "settings", "learned here", "rule pack", "speech model"}
    parts = {"sound card", "GPIO", "harness", "OLED"}

    # Without being asked for it nothing is simulated: this machine has none of a Pi's parts.
    assert {name for name, mark in marks.items() if mark == "✓"} == {*ours, "seat sensor"}
    assert {name for name, mark in marks.items() if mark == "✗"} == parts
    assert simulated.splitlines()[-1] == "rc=0"
    assert {name for name, line in found.items() if line[0] == "✓"} == {*ours, *parts, "seat sensor"}
    assert {name for name, line in found.items() if line[16:26] == "simulated:"} == parts


def test_the_slot_is_proven_and_has_its_tries_back_in_both_copies(seen: Seen) -> None:
    status = json.loads(seen.said["rauc"])

    fit = re.search(r"is fit, \d+ s after the kernel's start", seen.said["health"])
    assert fit
    print("by the emulated clock:", fit[0])
    assert (status["booted"], status["boot_primary"]) == ("A", "rootfs.0")
    assert seen.copies[0] == seen.copies[1]
    assert seen.copies[0] is not None
    assert seen.copies[0]["BOOT_A_LEFT"] == "3"


def test_nothing_listens(seen: Seen) -> None:
    # The DHCP client's socket receives answers on its own address; everything else would be somebody who serves.
    others = [line for line in seen.said["sockets"].splitlines() if not re.search(r':68\s.*"systemd-network"', line)]

    assert [line for line in others if "icmp6" not in line.split()[0]] == []


def test_the_root_is_read_only(seen: Seen) -> None:
    options, kind = seen.said["root"].split()

    assert ("ro" in options.split(","), kind) == (True, "ext4")
    assert seen.said["write"].count("Read-only file system") == 4


def test_what_can_be_written_is_memory_or_the_data_partition_and_runs_nothing(seen: Seen) -> None:
    rows = [line.split(" ") for line in seen.said["mounts"].splitlines()]
    written = {target: (kind, options) for target, kind, options in rows if options.split(",")[0] == "rw"}
    on_disk = {target for target, (kind, _) in written.items() if kind in {"ext4", "vfat"}}

    assert on_disk == {"/data", "/var/lib/pi-companion", "/var/lib/pi-companion-site"}
    assert {target for target in on_disk if "noexec" not in written[target][1]} == set()


def test_nothing_of_memory_reaches_the_card(seen: Seen) -> None:
    assert {line.split()[0] for line in seen.said["swap"].splitlines()[1:]} == {"/dev/zram0"}
    assert "/run/log/journal" in seen.said["journal"].splitlines()
    assert "\n/var/log/journal" not in f"\n{seen.said['journal']}"


def test_a_hang_ends_by_the_watchdog(seen: Seen) -> None:
    assert "RuntimeWatchdogUSec=15s" in seen.said["watchdog"]


def test_nobody_can_log_in(seen: Seen) -> None:
    words = dict(line.split(":") for line in seen.said["logins"].splitlines() if ":" in line)
    units = [line for line in seen.said["logins"].splitlines() if ":" not in line]

    assert {name: word for name, word in words.items() if not word.startswith(("!", "*"))} == {}
    assert units == []
    assert "login:" not in seen.console


def test_no_file_can_be_changed_by_everybody(seen: Seen) -> None:
    assert seen.said["writable"] == ""


def test_an_adapter_that_no_setting_has_a_network_for_is_left_alone(seen: Seen) -> None:
    # A radio of the kernel's own simulation.
    words = seen.said["radio"].split()

    assert {"wlan0", "ConditionResult=no", "ActiveState=inactive"} <= set(words)
    assert "failed" not in words


def test_the_only_programs_that_gain_rights_are_debians_own(seen: Seen) -> None:
    assert {Path(line).name for line in seen.said["setuid"].splitlines()} <= {
        "chage", "chfn", "chsh", "dbus-daemon-launch-helper", "expiry", "gpasswd", "mount", "newgrp", "passwd", "su",
        "umount", "unix_chkpwd",
    }  # fmt: skip


def test_every_service_of_ours_is_hardly_exposed(seen: Seen) -> None:
    said = {
        match[1]: round(10 * float(match[2]))
        for match in re.finditer(r"^(\S+) .*?: ([0-9.]+) ", seen.said["exposure"], re.MULTILINE)
    }
    print("exposure in tenths:", ", ".join(f"{unit} {tenths}" for unit, tenths in said.items()))

    assert {unit: tenths <= exposure.most(unit.replace("@sda1.", "@.")) for unit, tenths in said.items()} == {
        exposure.started(unit.name): True for unit in exposure.services()
    }


def test_the_sbom_is_what_is_installed(seen: Seen) -> None:
    debs, _ = papers.packages_of(json.loads(seen.said["sbom"]))

    assert debs == dict(line.split("=", 1) for line in seen.said["packages"].splitlines() if line)


def test_the_time_is_asked_for(seen: Seen) -> None:
    assert seen.said["time"].splitlines() == ["active", "/usr/share/zoneinfo/Asia/Shanghai"]
