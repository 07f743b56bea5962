"""What a unit takes from its boot partition: all of it or nothing, whatever is wrong and whenever it is cut."""

import json
from pathlib import Path

import pytest

from firmware import boot_files
from pi_companion import config
from pi_companion.site.places import Complaint
from pi_companion.site.sealing import key_at
from pi_companion.site.stations import Profile, read_sealed
from pi_companion.site.taking import Taken, check, complaints_in, take

SITE = """\
[station]
unit = "电脑中心"

[wifi]
ssid = "desks"
password = "hunter22"

[limits.pace]
fast_above_per_min = 300
"""
STATIONS = """\
[station.12]
agent_name = "小李"
extension = "8012"

[station.11]
number = "A11"
agent_name = "王晓明"
"""


class PowerCut(Exception):
    pass


class Unit:
    def __init__(self, folder: Path) -> None:
        self.boot, self.data, self.run = folder / "companion", folder / "data", folder / "run"
        for each in (self.boot, self.run):
            each.mkdir(parents=True)
        self.write(SITE, STATIONS)

    def write(self, site: str, stations: str = STATIONS) -> None:
        (self.boot / "site.toml").write_text(site)
        (self.boot / "stations.toml").write_text(stations)

    def take(self, cut_after: str = "") -> Taken:
        def step(done: str) -> None:
            if done == cut_after:
                raise PowerCut

        return take(self.boot, self.data, self.run, step)

    @property
    def kept(self) -> Path:
        return self.data / "current"

    @property
    def wifi(self) -> tuple[str, str]:
        """The network that is in effect, and its password."""
        password = (self.kept / "secrets/wifi_password").read_text()
        return config.load(self.kept / "site.toml").wifi.ssid, password

    @property
    def on_boot(self) -> str:
        return (self.boot / "site.toml").read_text()


@pytest.fixture
def unit(tmp_path: Path) -> Unit:
    return Unit(tmp_path)


OTHER = SITE.replace("desks", "desks5").replace("hunter22", "hunter33")
"""Another network with another password."""

MASKED = OTHER.replace("hunter33", "********")
MISTAKE = "fast_abov = 3\n"


def test_a_good_site_is_in_effect_with_each_station_sealed_by_itself(unit: Unit) -> None:
    taken = unit.take()

    assert taken == Taken(complaints=(), moved=("wifi_password",), is_new=True, is_kept=True)
    assert config.load(unit.kept / "site.toml").overrides is not None
    key = key_at(unit.data / "key")
    assert read_sealed(unit.kept, 11, key) == Profile(code=11, number="A11", settings={"agent_name": "王晓明"})
    assert read_sealed(unit.kept, 7, key) is None


def test_no_name_and_no_password_can_be_read_on_the_data_partition_but_by_its_owner(unit: Unit) -> None:
    unit.take()

    files = (path for path in unit.data.rglob("*") if path.is_file() and path.parent.name != "secrets")
    readable = b"".join(path.read_bytes() for path in files)
    assert [word for word in ("小李", "王晓明", "8012", "hunter22") if word.encode() in readable] == []


def test_the_same_site_is_not_written_again(unit: Unit) -> None:
    unit.take()
    before = unit.kept.readlink()

    assert unit.take() == Taken(complaints=(), moved=(), is_new=False, is_kept=True)
    assert unit.kept.readlink() == before


def test_another_site_takes_its_place_and_nothing_of_the_old_one_stays(unit: Unit) -> None:
    unit.take()
    unit.write(SITE.replace("电脑中心", "财务科"))
    unit.take()

    assert config.load(unit.kept / "site.toml").station.unit == "财务科"
    assert sorted(path.name for path in unit.data.iterdir()) == ["current", "key", "taken.2"]


def test_mistakes_are_told_all_at_once_with_file_and_line_and_the_last_good_site_stays(unit: Unit) -> None:
    unit.take()
    unit.write(
        SITE.replace("desks", "desks5") + "fast_abov = 3\n[station2]\n", STATIONS.replace("agent_name = ", "agent = ")
    )
    taken = unit.take()

    assert [(each.file, each.line, each.key) for each in taken.complaints] == [
        ("site.toml", 10, "fast_abov"),
        ("site.toml", 11, "station2"),
    ]
    assert (taken.is_new, config.load(unit.kept / "site.toml").wifi.ssid) == (False, "desks")
    assert complaints_in(unit.run) == list(taken.complaints)


def test_each_station_s_mistakes_are_told_in_its_own_file(unit: Unit) -> None:
    unit.write(
        SITE,
        STATIONS.replace("[station.11]", "[station.15]").replace("小李", "小李" * 20)
        + '\n\n[station.21]\nnumber = "12"\nmute_lamp = "yes"\n\n[station.22]\nnumber = "12"\nagnt_name = "x"\n',
    )

    assert [(each.file, each.line, each.key) for each in unit.take().complaints] == [
        ("stations.toml", 5, "15"),
        ("stations.toml", 12, "mute_lamp"),
        ("stations.toml", 16, "agnt_name"),
        ("stations.toml", 1, "12"),
    ]


def test_what_is_not_toml_is_told_with_its_line(unit: Unit) -> None:
    unit.write(SITE.replace('"desks"', "desks"))

    (complaint,) = unit.take().complaints
    assert (complaint.file, complaint.line) == ("site.toml", 5)
    # Its password is off the boot partition all the same, and need not be written again.
    assert "hunter22" not in unit.on_boot
    unit.write(SITE.replace("hunter22", "********"))
    assert (unit.take().complaints, unit.wifi) == ((), ("desks", "hunter22"))


def test_a_password_of_a_wrong_length_is_told_without_it_and_moved_all_the_same(unit: Unit) -> None:
    unit.write(SITE.replace("hunter22", "hunter2"))
    told = [unit.take().complaints for _ in range(2)]

    assert [(each.line, each.key, "hunter2" in each.told) for (each,) in told] == [(6, "password", False)] * 2
    assert ("hunter2" in unit.on_boot, unit.kept.exists()) == (False, False)


def test_a_rule_pack_comes_along_and_its_mistakes_have_its_lines(unit: Unit) -> None:
    bundled = Path(config.__file__).parent / "packs" / "it-helpdesk-zh.toml"
    text = bundled.read_text()
    (unit.boot / "ours.toml").write_text(text.replace("[texts]", "[texts]\nidle.titl = 'x'", 1))
    unit.write(f'{SITE}\n[pack]\nfile = "ours.toml"\n')
    (complaint,) = unit.take().complaints
    (unit.boot / "ours.toml").write_text(text)
    unit.take()

    line = text.splitlines().index("[texts]") + 2
    assert (complaint.file, complaint.line) == ("ours.toml", line)
    assert config.load(unit.kept / "site.toml").pack_path == (unit.kept / "ours.toml").resolve()


def test_files_from_elsewhere_are_refused(unit: Unit) -> None:
    unit.write('station_file = "x.toml"\n[pack]\nfile = "../pack.toml"\n[mqtt]\nca_file = "ca.pem"\n')
    (unit.boot / "x.toml").touch()
    (unit.boot.parent / "pack.toml").touch()

    assert {(each.line, each.key) for each in check(unit.boot)} >= {(1, "station_file"), (3, "file"), (5, "ca_file")}


STEPS = ("stored wifi_password", "overwritten", "written", "in effect")


@pytest.mark.parametrize("cut_after", STEPS)
@pytest.mark.parametrize("is_first", [True, False])
def test_cut_short_anywhere_the_unit_has_the_old_site_or_the_new_one_each_with_its_password(
    unit: Unit, cut_after: str, is_first: bool
) -> None:
    old, new = ("desks", "hunter22"), ("desks5", "hunter33")
    if not is_first:
        unit.take()
    unit.write(OTHER)
    with pytest.raises(PowerCut):
        unit.take(cut_after)
    assert not unit.kept.exists() if is_first and cut_after != "in effect" else unit.wifi in {old, new}

    assert unit.take().complaints == ()
    assert unit.wifi == new
    assert "hunter33" not in unit.on_boot
    assert sorted(path.name for path in unit.data.iterdir() if path.name.startswith(("taken", "pend"))) == [
        unit.kept.readlink().name
    ]


def test_a_new_password_alone_is_in_effect_whenever_the_power_is_cut(unit: Unit) -> None:
    unit.take()
    for number, cut_after in enumerate(STEPS):
        unit.write(SITE.replace("hunter22", f"another{number}"))
        with pytest.raises(PowerCut):
            unit.take(cut_after)
        unit.take()

        assert (unit.wifi, f"another{number}" in unit.on_boot) == (("desks", f"another{number}"), False)


def test_the_password_of_a_site_with_a_mistake_waits_for_the_site_without_it(unit: Unit) -> None:
    unit.take()
    unit.write(OTHER + MISTAKE)
    wrong = [unit.take() for _ in range(2)]
    with_mistake, on_boot = unit.wifi, unit.on_boot
    unit.write(MASKED)  # IT corrects the mistake alone
    corrected = unit.take()

    assert [(len(each.complaints), each.is_new, each.moved) for each in wrong] == [
        (1, False, ("wifi_password",)),
        (1, False, ()),
    ]
    assert (with_mistake, "hunter33" in on_boot) == (("desks", "hunter22"), False)
    assert (corrected.complaints, corrected.is_new, unit.wifi) == ((), True, ("desks5", "hunter33"))


@pytest.mark.parametrize("cut_after", ["stored wifi_password", "overwritten"])
def test_who_puts_the_old_file_back_has_the_old_password_back(unit: Unit, cut_after: str) -> None:
    unit.take()
    old = unit.on_boot
    unit.write(OTHER + MISTAKE)
    with pytest.raises(PowerCut):
        unit.take(cut_after)
    unit.write(old)

    assert unit.take().complaints == ()
    assert unit.wifi == ("desks", "hunter22")
    unit.write(SITE.replace("电脑中心", "财务科").replace("hunter22", ""))
    unit.take()
    assert unit.wifi == ("desks", "hunter22")


def test_passwords_that_wait_are_root_s_alone(unit: Unit) -> None:
    unit.write(OTHER + MISTAKE)
    unit.take()
    waiting = unit.data / "pending"

    assert {path.stat().st_mode & 0o077 for path in (waiting, *waiting.iterdir())} == {0}
    assert (waiting / "wifi_password").read_text() == "hunter33"


def test_a_password_that_cannot_be_taken_out_is_a_mistake_as_any_other(unit: Unit) -> None:
    unit.take()
    unit.write(OTHER.replace("hunter33", "hunter\\u0033\\u0033"))

    assert ["write it plainly" in each.told for each in unit.take().complaints] == [True]
    assert unit.wifi == ("desks", "hunter22")


def test_without_a_site_file_nothing_is_wrong_and_what_was_taken_stays(unit: Unit) -> None:
    unit.take()
    for path in unit.boot.iterdir():
        path.unlink()

    assert unit.take() == Taken(complaints=(), moved=(), is_new=False, is_kept=True)


def test_complaints_that_were_damaged_are_none(unit: Unit) -> None:
    (unit.run / "complaints.json").write_text(json.dumps([{"file": "site.toml"}]))

    assert complaints_in(unit.run) == []
    assert str(Complaint(file="site.toml", line=0, key="", told="x")) == "site.toml: x"


def test_the_networks_that_the_site_names_are_told_to_those_who_make_them(unit: Unit) -> None:
    unit.write(SITE + '[mqtt]\nhost = "broker.example"\n')
    unit.take()

    wifi = unit.run / "wifi.conf"
    assert wifi.read_text() == f'country=CN\nnetwork={{\n  ssid={b"desks".hex()}\n  psk="hunter22"\n}}\n'
    assert wifi.stat().st_mode & 0o777 == 0o600
    assert (unit.run / "fleet").exists()
    assert (unit.kept / "secrets/mqtt_password").read_text() == ""


def test_the_key_of_calibrations_is_moved_and_one_that_is_too_short_is_told_at_each_start(unit: Unit) -> None:
    key = "0123456789abcdef" * 2
    mqtt = '[mqtt]\nhost = "broker.example"\ncalibration_key = "{}"\n'
    unit.write(SITE + mqtt.format(key))
    moved = unit.take().moved
    unit.write(SITE + mqtt.format("too short"))
    told = [unit.take().complaints for _ in range(2)]
    kept = (unit.kept / "secrets/mqtt_calibration_key").read_text()

    assert (moved, kept) == (("wifi_password", "mqtt_calibration_key"), key)
    assert "too short" not in (unit.boot / "site.toml").read_text()
    assert [[each.key for each in complaints] for complaints in told] == [["calibration_key"]] * 2


def test_the_update_server_is_told_of_and_its_ca_comes_along(unit: Unit) -> None:
    unit.write('[update]\nurl = "https://updates.example/pi"\nca_file = "ca.pem"\n')
    without = unit.take().complaints
    (unit.boot / "ca.pem").write_text("a CA")
    unit.take()

    assert [(each.line, each.key) for each in without] == [(3, "ca_file")]
    assert (unit.run / "update").exists()
    assert (unit.kept / "ca.pem").read_text() == "a CA"


def test_without_networks_nobody_is_told_of_any(unit: Unit) -> None:
    unit.write('[station]\nunit = "电脑中心"\n')
    unit.take()

    assert sorted(path.name for path in unit.run.iterdir()) == ["complaints.json"]


def test_the_file_of_a_fresh_card_is_taken_as_it_is_and_as_somebody_edits_it(unit: Unit) -> None:
    template = boot_files.site_template().replace("\n", "\r\n")
    (unit.boot / "stations.toml").unlink()
    (unit.boot / "site.toml").write_bytes(template.encode())
    plain = unit.take()
    edited = template.replace('#ssid = ""', 'ssid = "desks"', 1).replace('#password = ""', 'password = "hunter22"', 1)
    (unit.boot / "site.toml").write_bytes(edited.encode())
    taken = unit.take()

    assert (plain, taken.complaints, taken.moved) == (
        Taken(complaints=(), moved=(), is_new=True, is_kept=True), (), ("wifi_password",)
    )  # fmt: skip
    assert (unit.boot / "site.toml").read_bytes() == edited.replace("hunter22", "********").encode()
