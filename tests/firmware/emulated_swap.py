"""A unit goes from one station to another, as facilities do it: power off, other harness, power on.

One card that IT has prepared (site.toml and stations.toml on its FAT partition) is started at station 12, where a
calibration is made; then at station 11, at 12 again, and at a code that the site does not know. The harness is the
simulated board's: only its six lines differ from start to start. What the OLED shows is the picture that its simulated
panel got. No Raspberry Pi: the times are those of the emulated machine, by its own clock and by the one on the wall.
"""

import base64
import io
import json
import mmap
import re
import shlex
import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest
from PIL import Image

from firmware import layout
from firmware.tools import BUILD, run
from pi_companion import config
from pi_companion.adapters.draw import draw
from pi_companion.core import notices, screens
from pi_companion.core.harness import LINES, HarnessChanged, HarnessState, judge, word_of
from pi_companion.core.states import Screen
from pi_companion.site.identity import Identity, settle
from pi_companion.site.stations import Record
from pi_companion.site.taking import take
from tests.firmware.machine import CARD_BYTES, ON_SIMULATED_BOARD, Machine, machine

LIMIT_S = 3600
"""For whatever is waited for; it is told, not judged."""

PASSWORD: Final = "correct-horse-1977"  # noqa: S105 - of a Wi-Fi that is nowhere
SITE: Final = f"""\
[station]
unit = "电脑中心"

[wifi]
ssid = "desk-net"
password = "{PASSWORD}"
"""
STATIONS: Final = """\
[station.11]
agent_name = "王晓明"
extension = "801166"

[station.12]
agent_name = "小李"
extension = "801277"
"""
MEASURED: Final = {"seat_upright_mm": 1643, "speaking_dbfs": -37, "pace_pct": 117}
"""What `pi-companion calibrate` would have measured at station 12; the ring's period is learned by the service."""

TRACES: Final = {
    11: ("王晓明", "801166"),
    12: ("小李", "801277", "seat_upright_mm = 1643", "seat_upright_mm", "speaking_dbfs"),
}
"""What would tell of a station outside its sealed record: names, extension, calibration as records have it."""

UNKNOWN: Final = 7
"""A code that a harness may have, and this site has not."""

BAD: Final = word_of(12) & ~(1 << LINES.index("parity"))
"""The harness of station 12 with a broken wire."""

PICTURE: Final = "/run/pi-companion/oled.png"
KEYS: Final = "/run/desk"
WATCH: Final = f"""\
look() {{ echo "<<$1"; sh -c "$2" 2>&1; echo; echo "$1>>"; }}
echo kernel-began $(($(cat /sys/class/rtc/rtc0/since_epoch) - $(cut -d. -f1 /proc/uptime)))
while :; do
    now=$(md5sum {PICTURE} 2>/dev/null)
    if [ "$now" != "$last" ]; then
        last=$now
        echo "picture $(cut -d' ' -f1 /proc/uptime) $(base64 -w0 {PICTURE})"
    fi
    sleep 0.2
done &
"""
STATUS: Final = (
    "RUNTIME_DIRECTORY=/run/pi-companion/pi-companion/trial /opt/pi-companion/bin/pi-companion status --json"
)
TAKEN: Final = "look taken 'journalctl -q -b --no-pager -o cat -u pi-companion-site'\n"
RECORDS: Final = "/var/lib/pi-companion"
AS_SERVICE: Final = "setpriv --reuid=pi-companion --regid=pi-companion --clear-groups /opt/pi-companion/bin/python -c"
LEARNED: Final = (
    f"{AS_SERVICE} 'import json; from pathlib import Path; from pi_companion.site.stations import Record; "
    f'print(json.dumps(Record(Path("{RECORDS}"), 12).learned()))\''
)
CALIBRATE: Final = (
    f"{AS_SERVICE} 'import json, sys; from pathlib import Path; from pi_companion.site.stations import Record; "
    f'print(Record(Path("{RECORDS}"), 12).store(json.loads("""{json.dumps(MEASURED)}""")))\''
)
# Three rings, and the phone's period is known and kept.
RING: Final = f"""\
printf r >{KEYS}
until [ -s {RECORDS}/stations/12.sealed ]; do sleep 1; done
printf r >{KEYS}
"""
# Asked once it answers.
READY: Final = "until systemctl is-active --quiet pi-companion; do sleep 1; done\n"
PROVEN: Final = "systemctl start companion-health; sync; echo proven\n"


@dataclass(frozen=True, kw_only=True)
class Stay:
    """A start at a station. `said`: by section; `raw_hits`: what the raw card told of anybody when the plug was out."""

    said: Mapping[str, str]
    raw_hits: list[str]

    @property
    def settings(self) -> str:
        """The fingerprint of the settings that the service works with."""
        return str(json.loads(self.said["status"])["settings_sha256"])

    def traces(self) -> list[str]:
        """Return the files in which the searched stations were found."""
        return [line for line in self.said["search"].splitlines() if line.startswith("/")]


def lines_of(word: int) -> str:
    """Return a harness by the names of its lines at ground."""
    return ",".join(name for place, name in enumerate(LINES) if word >> place & 1)


def at_harness(word: int) -> dict[str, str]:
    """Return the drop-in of a simulated board with a harness, whose keys and picture the test has."""
    options = f"--simulated-board --deaf --harness {lines_of(word)} --picture {PICTURE}"
    command = ON_SIMULATED_BOARD.replace(
        "ExecStart=/opt/pi-companion/bin/pi-companion run --simulated-board",
        f"ExecStart=/bin/sh -c 'exec /opt/pi-companion/bin/pi-companion run {options} <>{KEYS}'",
    )
    assert command != ON_SIMULATED_BOARD
    return {"pi-companion.service": command}


def searching(*codes: int) -> str:
    """Return the probe's search of everything that can be written for traces of stations; it has none itself.

    The unit's name, which stands in the site's kept copy, shows that the search finds.
    """
    patterns = "\n".join(each for code in codes for each in TRACES[code])
    places = "/run /tmp /var/tmp /var/log /data /etc/pi-companion"
    return "".join(
        f"look {name} 'echo {base64.b64encode(each.encode()).decode()} | base64 -d | "
        f"grep -r -l -s -a -F -D skip -f - {places}'\n"
        for name, each in (("search", patterns), ("control", "电脑中心"))
    )


class Unit:
    """The card, the site on it, and what the same program makes of that site outside."""

    def __init__(self, image: Path, folder: Path) -> None:
        self.folder, self.card = folder, folder / "card.img"
        run(["cp", "--sparse=always", image, self.card])
        with self.card.open("r+b") as file:
            file.truncate(CARD_BYTES)
        self.image = image
        boot = folder / "companion"
        boot.mkdir()
        (boot / "site.toml").write_text(SITE, encoding="utf-8")
        (boot / "stations.toml").write_text(STATIONS, encoding="utf-8")
        fat = f"{self.card}@@{layout.BOOT.start}"
        run(["mcopy", "-o", "-i", fat, boot / "site.toml", boot / "stations.toml", "::/companion/"])
        for name in ("run", "state"):
            (folder / name).mkdir()
        take(boot, folder / "kept", folder / "run")

    def becomes(self, code: int, learned: Mapping[str, int]) -> Identity:
        """Return what the program makes of the same site and this code, with this calibration in the record."""
        state = self.folder / "state"
        shutil.rmtree(state)
        state.mkdir()
        if learned:
            Record(state, code).store(learned)
        word = word_of(code)
        return settle(
            self.folder / "kept/current/site.toml",
            lambda: HarnessChanged(at=0, state=HarnessState.READ, word=word, code=judge(word)[1]),
            run=self.folder / "run",
            environ={"STATE_DIRECTORY": str(state)},
        )

    def raw_hits(self) -> list[str]:
        """Return where on the raw card, slots apart, bytes tell of a station or the Wi-Fi's password."""
        wanted = [each for traces in TRACES.values() for each in traces]
        places = [("FAT", layout.BOOT.start, layout.BOOT.end), ("rest", layout.SLOT_B.end, CARD_BYTES)]
        hits = []
        with self.card.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as card:
            # The search finds: the password is where it was moved to.
            assert card.find(PASSWORD.encode(), layout.SLOT_B.end) >= 0
            for name, begin, end in places:
                # stations.toml itself stays on the FAT partition, and the site's template names every setting.
                own = [PASSWORD] if name == "FAT" else wanted
                hits += [f"{name}: {each} at {at}" for each in own if (at := card.find(each.encode(), begin, end)) >= 0]
            head = [each for each in wanted if card.find(each.encode(), 0, layout.BOOT.start) >= 0]
        return hits + [f"before the partitions: {each}" for each in head]

    def slots_are_untouched(self) -> bool:
        """Return whether the first slot is what was flashed, byte for byte, and the second one empty."""
        size = layout.MIB
        with self.card.open("rb") as card, self.image.open("rb") as image:
            for place in (card, image):
                place.seek(layout.SLOT_A.start)
            if any(card.read(size) != image.read(size) for _ in range(layout.SLOT_A.size // size)):
                return False
            card.seek(layout.SLOT_B.start)
            return not any(any(card.read(size)) for _ in range(layout.SLOT_B.size // size))

    def idle(self, who: Identity) -> Screen:
        station = who.site.station
        shown = screens.idle(config.pack_of(who.site, station).texts, station)
        return notices.numbered(shown, who.seat.number) if who.seat.number else shown


def is_picture_of(encoded: str, screen: Screen) -> bool:
    """Return whether a PNG, in base64, is a screen; an idle one may be moved by a pixel, against wear."""
    try:
        found = Image.open(io.BytesIO(base64.b64decode(encoded))).convert("1")
    except (ValueError, OSError):
        return False  # a line that something else was printed into
    drawn = draw(screen)
    for shift in ((x, y) for x in (0, 1, -1) for y in (0, 1, -1)):
        moved = Image.new("1", drawn.size)
        moved.paste(drawn, shift)
        if moved.tobytes() == found.tobytes():
            return True
    return False


def until_shown(running: Machine, screen: Screen) -> tuple[float, float]:
    """Wait for a picture; return when it came, in seconds by the wall and since the kernel's start."""
    seen = 0
    while True:
        at, match = running.wait_for(r"^picture ([0-9.]+) (\S+)$|^proven$", LIMIT_S, after=seen)
        assert match[2], f"never shown: {screen.lines} ({running.log})"
        seen = running.lines.index((at, match[0]), seen) + 1
        if is_picture_of(match[2], screen):
            return at, float(match[1])


def stay(unit: Unit, name: str, word: int, wanted: Sequence[Screen], script: str) -> Stay:
    """Plug the unit in, wait for pictures, let the script end, pull the plug, and search the card."""
    options = ["-drive", f"file={unit.card},if=none,id=card,format=raw,cache=unsafe,discard=unmap"]
    with machine(
        unit.card,
        unit.folder / f"{name}.log",
        script=f"{WATCH}{script}{PROVEN}",
        after="pi-companion-site.service",
        drop_ins=at_harness(word),
        card_options=options,
    ) as running:
        began, kernel_wall = time.time(), running.wait_for("Starting kernel", LIMIT_S)[0]
        times = [until_shown(running, screen) for screen in wanted]
        running.wait_for("^proven", LIMIT_S)
        # Pictures are printed whenever one comes, inside sections as well.
        console = "\n".join(line for _, line in running.lines if not line.startswith("picture "))
        kernel_clock = int(running.wait_for(r"^kernel-began (\d+)", 1)[1][1]) - began
    wall, uptime = times[0]
    print(
        f"{name}: shown {kernel_clock + uptime:.0f} s after power on by the emulated clock, {kernel_clock:.0f} s of it "
        f"U-Boot; {wall:.0f} s by the wall, {kernel_wall:.0f} s of it U-Boot"
    )
    said = {m[1]: m[2].strip("\n") for m in re.finditer(r"^<<(\w+)\n(.*?)^\1>>", console, re.DOTALL | re.MULTILINE)}
    return Stay(said=said, raw_hits=unit.raw_hits())


FIRST: Final = f"""\
{READY}{TAKEN}{searching(11)}
look before '{STATUS}'
{RING}
look calibrate {shlex.quote(CALIBRATE)}
look learned {shlex.quote(LEARNED)}
systemctl restart pi-companion
look status '{STATUS}'
"""
OTHER: Final = f"{READY}{searching(12)}look status '{STATUS}'\nlook records 'ls {RECORDS}/stations'\n"
# Two radios of the kernel's own simulation: the unit's adapter, and on the other one somebody's access point.
RADIO: Final = f"""\
cat >/run/point.conf <<END
network={{
  ssid="desk-net"
  mode=2
  frequency=2412
  key_mgmt=WPA-PSK
  psk="{PASSWORD}"
}}
END
modprobe mac80211_hwsim radios=2
udevadm settle
wpa_supplicant -B -i wlan1 -D nl80211 -c /run/point.conf >/dev/null
tries=60
until [ "$(cat /sys/class/net/wlan0/operstate)" = up ] || [ $tries = 0 ]; do sleep 1; tries=$((tries - 1)); done
look radio 'cat /sys/class/net/wlan0/operstate; systemctl show pi-companion-wifi --property=ActiveState,NRestarts'
look heard 'journalctl -q -b --no-pager -o cat -u pi-companion-wifi'
"""
BACK: Final = f"{READY}{searching(11)}look status '{STATUS}'\nlook learned {shlex.quote(LEARNED)}\n{RADIO}"
NOBODYS: Final = f"""\
{READY}{searching(11, 12)}
look status '{STATUS}'
drop_in=/run/systemd/system/pi-companion.service.d/50-test.conf
sed -i 's/--harness {lines_of(word_of(UNKNOWN))}/--harness {lines_of(BAD)}/' $drop_in
systemctl daemon-reload
systemctl restart pi-companion
sleep 10
look records 'ls {RECORDS}/stations'
"""


@pytest.fixture(scope="module")
def unit(image: Path) -> Unit:
    folder = BUILD / "tests" / "swap"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return Unit(image, folder)


@pytest.fixture(scope="module")
def stays(unit: Unit) -> dict[str, Stay]:
    at_12, at_11 = (unit.idle(unit.becomes(code, {})) for code in (12, 11))
    unknown = notices.no_station(HarnessState.READ, UNKNOWN)
    bad = notices.no_station(HarnessState.BAD_PARITY, None)
    assert unknown is not None
    assert bad is not None
    nobody = unit.idle(unit.becomes(UNKNOWN, {}))
    return {
        "first": stay(unit, "first", word_of(12), [at_12], FIRST),
        "other": stay(unit, "other", word_of(11), [at_11], OTHER),
        "back": stay(unit, "back", word_of(12), [at_12], BACK),
        "unknown": stay(unit, "unknown", word_of(UNKNOWN), [unknown, nobody, bad], NOBODYS),
    }


def test_a_swapped_unit_shows_the_station_that_it_is_plugged_into(stays: dict[str, Stay]) -> None:
    # The pictures themselves were waited for: 工位 12 · 小李, 工位 11 · 王晓明, 工位 12 · 小李, 未知工位 7, 线束读不出.
    codes = {name: json.loads(each.said["status"])["harness"]["code"] for name, each in stays.items()}

    assert codes == {"first": 12, "other": 11, "back": 12, "unknown": UNKNOWN}


def test_the_calibration_of_a_station_is_there_again_after_the_unit_was_elsewhere(
    stays: dict[str, Stay], unit: Unit
) -> None:
    learned = json.loads(stays["first"].said["learned"])

    assert learned == {"ring_period_ms": learned["ring_period_ms"], **MEASURED}
    assert abs(learned["ring_period_ms"] - 5000) < 500
    assert json.loads(stays["back"].said["learned"]) == learned
    # Not only kept, but what the service works with: by the fingerprint of its settings.
    with_it, without = fingerprint(unit.becomes(12, learned)), fingerprint(unit.becomes(12, {}))
    assert (stays["first"].settings, stays["back"].settings) == (with_it, with_it)
    assert json.loads(stays["first"].said["before"])["settings_sha256"] == without


def test_a_station_that_was_never_calibrated_here_begins_with_defaults(stays: dict[str, Stay], unit: Unit) -> None:
    assert stays["other"].settings == fingerprint(unit.becomes(11, {}))
    assert stays["other"].said["records"].split() == ["12.sealed"]


def test_at_a_code_that_the_site_does_not_know_it_works_with_safe_defaults(stays: dict[str, Stay], unit: Unit) -> None:
    assert stays["unknown"].settings == fingerprint(unit.becomes(UNKNOWN, {}))
    assert stays["unknown"].said["records"].split() == ["12.sealed"]


@pytest.mark.parametrize("name", ["first", "other", "back", "unknown"])
def test_no_byte_of_another_stations_profile_is_outside_its_sealed_record(stays: dict[str, Stay], name: str) -> None:
    assert "/data/pi-companion-site/" in stays[name].said["control"]
    assert (stays[name].traces(), stays[name].raw_hits) == ([], [])


def test_the_password_of_the_wifi_left_the_fat_partition_at_the_first_start_and_is_used_when_there_is_an_adapter(
    stays: dict[str, Stay],
) -> None:
    assert "moved into the device: wifi_password; mistakes: 0" in stays["first"].said["taken"]
    # It is among the traces that the FAT partition is searched for, from the first start on.
    assert stays["first"].raw_hits == []
    assert set(stays["back"].said["radio"].splitlines()) == {"up", "ActiveState=active", "NRestarts=0"}
    assert "CTRL-EVENT-CONNECTED" in stays["back"].said["heard"]


def test_nothing_was_written_into_the_slots(stays: dict[str, Stay], unit: Unit) -> None:
    assert stays
    assert unit.slots_are_untouched()


def fingerprint(who: Identity) -> str:
    return config.sha256(who.site, config.pack_of(who.site))
