"""A spare unit at station 12: its name, its calibration, and no byte of the station before outside its own record."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pi_companion import config
from pi_companion.adapters.draw import draw
from pi_companion.core import notices, screens
from pi_companion.core.attended import LEAST_MS, Seat
from pi_companion.core.facts import Part, PartFound
from pi_companion.core.harness import HarnessChanged, HarnessState, judge, word_of
from pi_companion.core.states import Screen
from pi_companion.errors import ConfigError
from pi_companion.live import starts
from pi_companion.site.identity import Identity, settle
from pi_companion.site.places import Complaint
from pi_companion.site.stations import Record
from pi_companion.site.taking import take
from pi_companion.site_file import place
from tests.live.live_bench import Bench

SITE = '[station]\nunit = "电脑中心"\nextension = "8000"\n'
STATIONS = """\
[station.11]
agent_name = "王晓明"
extension = "8011"

[station.12]
number = "A12"
agent_name = "小李"
mute_lamp = false
"""
NAMES = ("王晓明", "小李", "8011", "A12")


def harness(code: int | None) -> HarnessChanged:
    word = word_of(code) if code is not None else 0
    state, read = judge(word)
    return HarnessChanged(at=0, state=state, word=word, code=read)


class Unit:
    """A unit whose boot partition was taken; `begin` starts it at a harness."""

    def __init__(self, folder: Path) -> None:
        self.boot, self.data, self.run = (folder / name for name in ("companion", "kept", "run"))
        self.state = folder / "state"
        for each in (self.boot, self.run, self.state):
            each.mkdir()
        self.write(SITE, STATIONS)
        self.environ = {"STATE_DIRECTORY": str(self.state), "RUNTIME_DIRECTORY": str(self.run)}
        take(self.boot, self.data, self.run)

    def write(self, site: str, stations: str) -> None:
        (self.boot / "site.toml").write_text(site)
        (self.boot / "stations.toml").write_text(stations)

    def begin(self, code: int | None) -> Identity:
        file = self.data / "current" / "site.toml"
        return settle(file if file.exists() else None, lambda: harness(code), run=self.run, environ=self.environ)

    def readable(self) -> dict[str, bytes]:
        """Everything on the data partition and in the runtime folder."""
        places = (self.data, self.state, self.run)
        return {str(path): path.read_bytes() for each in places for path in each.rglob("*") if path.is_file()}


@pytest.fixture
def unit(tmp_path: Path) -> Unit:
    return Unit(tmp_path)


def test_it_is_the_station_of_its_harness_over_what_the_site_says_of_all(unit: Unit) -> None:
    who = unit.begin(12)

    assert who.seat == Seat(has_stations=True, code=12, number="A12")
    station = who.site.station
    assert (station.agent_name, station.unit, station.extension, station.mute_lamp) == (
        "小李",
        "电脑中心",
        "8000",
        False,
    )


def test_what_is_learned_at_a_station_is_found_again_there_and_nowhere_else(unit: Unit) -> None:
    unit.begin(11).keep({"seat_upright_mm": 640})
    unit.begin(12).keep({"ring_period_ms": 5000})
    unit.begin(11).keep({"pace_pct": 112})

    found = {code: unit.begin(code).site.station for code in (11, 12)}
    learned = {code: (each.seat_upright_mm, each.ring_period_ms, each.pace_pct) for code, each in found.items()}
    assert learned == {11: (640, 0, 112), 12: (0, 5000, 100)}


@pytest.mark.parametrize("code", [None, 7])
def test_a_harness_that_names_no_station_works_with_safe_defaults_and_learns_nothing(
    unit: Unit, code: int | None
) -> None:
    before = unit.readable()
    who = unit.begin(code)
    who.keep({"pace_pct": 140})

    assert who.seat == Seat(has_stations=True, code=code)
    assert (who.site.station.agent_name, who.site.station.extension, who.site.station.pace_pct) == ("", "", 100)
    assert unit.readable() == before


def test_no_byte_of_a_profile_is_outside_its_own_sealed_record(unit: Unit) -> None:
    for code in (11, 12, 11):
        unit.begin(code).keep({"seat_upright_mm": 600 + code})

    everything = unit.readable()
    told = [(path, name) for path, content in everything.items() for name in NAMES if name.encode() in content]
    learned = [path for path, content in everything.items() if b"611" in content or b"seat_upright" in content]
    assert (told, learned) == ([], [])
    assert {Path(path).name for path in everything if path.startswith(str(unit.state))} == {
        "key", "11.sealed", "12.sealed",
    }  # fmt: skip


def test_a_record_is_opened_by_its_own_unit_alone(unit: Unit, tmp_path: Path) -> None:
    unit.begin(12).keep({"pace_pct": 140})
    other = tmp_path / "other"
    (other / "stations").mkdir(parents=True)
    (other / "stations" / "12.sealed").write_bytes((unit.state / "stations" / "12.sealed").read_bytes())

    assert Record(other, 12).learned() == {}


def test_a_damaged_record_costs_the_calibration_and_not_the_start(unit: Unit) -> None:
    unit.begin(12).keep({"pace_pct": 140})
    (unit.state / "stations" / "12.sealed").write_bytes(b"gAAAAA")

    assert unit.begin(12).site.station.pace_pct == 100


def test_a_profile_that_was_tampered_with_is_refused(unit: Unit) -> None:
    (unit.data / "current" / "stations" / "12.sealed").write_bytes(b"gAAAAA")

    with pytest.raises(ConfigError, match="was not sealed here"):
        unit.begin(12)


def test_mistakes_of_the_boot_partition_are_on_the_screen_and_the_last_good_site_is_in_effect(unit: Unit) -> None:
    unit.write(SITE + "extention = 1\n", STATIONS)
    taken = take(unit.boot, unit.data, unit.run)
    who = unit.begin(12)

    assert [(each.file, each.line) for each in taken.complaints] == [("site.toml", 4)]
    assert who.seat.notices == (notices.wrong_settings("site.toml", 4, "extention", 1, 1, is_kept=True),)
    assert who.site.station.agent_name == "小李"


def test_without_a_last_good_site_it_says_so_and_works_with_defaults(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    unit = Unit(tmp_path / "x")
    (unit.data / "current").unlink()
    (unit.run / "complaints.json").write_text('[{"file": "site.toml", "line": 4, "key": "", "told": "not TOML"}]')
    who = settle(None, lambda: harness(12), run=unit.run, environ=unit.environ)

    assert who.seat == Seat(notices=(notices.wrong_settings("site.toml", 4, "", 1, 1, is_kept=False),))
    assert who.site == config.Site()
    assert Complaint(file="site.toml", line=4, key="", told="not TOML").line == 4


@pytest.mark.parametrize(("told", "is_system"), [("[]", True), ('[{"file": "site.toml"}]', False)])
def test_a_boot_partition_with_mistakes_is_not_in_effect_by_another_way(
    tmp_path: Path, told: str, is_system: bool
) -> None:
    system = tmp_path / "system.toml"
    system.touch()
    (tmp_path / "complaints.json").write_text(told)

    found = place(environ={}, system=system, kept=tmp_path / "none", run=tmp_path)
    assert found == (system if is_system else None)


# The running device, on a simulated board.


@pytest.fixture
def bench(unit: Unit) -> Iterator[Bench]:
    who = unit.begin(11)
    bench = Bench(site=who.site, seat=who.seat)
    bench.board.strap(word_of(11))
    with bench.opened():
        bench.live._deliver(PartFound(at=bench.now, part=Part.SPEECH))  # the bench has no model, and says so
        yield bench


def is_shown(bench: Bench, screen: Screen) -> bool:
    assert bench.oled.picture is not None
    return bench.oled.picture.tobytes() == draw(screen).tobytes()


def idle(who: Identity) -> Screen:
    shown = screens.idle(config.pack_of(who.site).texts, who.site.station)
    return notices.numbered(shown, who.seat.number)


def test_the_plug_of_another_station_ends_the_device_and_it_begins_as_that_one(bench: Bench, unit: Unit) -> None:
    bench.hears(1000)
    was_11 = is_shown(bench, idle(unit.begin(11)))
    bench.board.strap(word_of(12))
    bench.hears(2000)
    is_gone = is_shown(bench, notices.changing_station())
    for _ in range(LEAST_MS // 1000):
        bench.passes(1000)

    assert (was_11, is_gone, bench.live.is_leaving) == (True, True, True)


def test_between_two_stations_the_panel_says_so_and_a_stop_by_hand_does_not(unit: Unit) -> None:
    starts.leave(unit.environ)
    shown = starts.after_exit(unit.environ | {"SERVICE_RESULT": "success"})
    starts.begin(unit.environ)
    starts.ready(unit.environ)
    again = starts.after_exit(unit.environ | {"SERVICE_RESULT": "success"})

    assert (shown, again == shown) == (notices.changing_station(), False)


def test_a_plug_that_bounces_is_no_other_station(bench: Bench) -> None:
    bench.passes(40_000)
    for word in (0, 5, word_of(11)):
        bench.board.strap(word)
        bench.hears(200)
    bench.hears(2000)

    assert (bench.live.is_leaving, bench.live.document()["harness"]["state"]) == (False, str(HarnessState.READ))
