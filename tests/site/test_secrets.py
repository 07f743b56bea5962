"""A password on the boot partition, and the power cut at every step of getting it off: not lost, not left."""

import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pi_companion.errors import ConfigError
from pi_companion.site.secrets import held, move

WIFI, MQTT = "correct horse battery", "rose'bud"
SITE = f"""\
# 三楼的电话   # nobody edits my comments
[station]
unit = "电脑中心"

[wifi]
ssid = "desks"
password = "{WIFI}"   # until May

[mqtt]
host = "broker.example"
password = "{MQTT}"
"""
WIPED = SITE.replace(WIFI, "*" * len(WIFI)).replace(MQTT, "*" * len(MQTT))
KEPT = {"wifi_password": WIFI, "mqtt_password": MQTT}


class PowerCut(Exception):
    pass


class Card:
    """The boot partition, and the data partition beside it."""

    def __init__(self, folder: Path, text: str = SITE) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        self.boot, self.store = folder / "boot", folder / "secrets"
        self.boot.mkdir(parents=True)
        self.site = self.boot / "site.toml"
        self.site.write_bytes(text.encode())

    def start(self, cut_after: int | None = None) -> list[str]:
        """Start the unit, and take its power away after so many steps; return the steps it took."""
        steps: list[str] = []

        def step(done: str) -> None:
            steps.append(done)
            if len(steps) == cut_after:
                raise PowerCut

        try:
            move(self.site, self.store, step)
        except PowerCut:
            assert cut_after is not None
        return steps

    @property
    def kept(self) -> dict[str, str]:
        return {path.name: path.read_text() for path in self.store.iterdir()} if self.store.exists() else {}

    @property
    def on_boot(self) -> dict[str, str]:
        return {path.name: path.read_bytes().decode() for path in self.boot.iterdir()}


@pytest.fixture
def card(tmp_path: Path) -> Card:
    return Card(tmp_path / "card")


def test_passwords_move_into_the_device_and_no_other_line_changes(card: Card) -> None:
    steps = card.start()

    assert steps == ["stored wifi_password", "stored mqtt_password", "overwritten"]
    assert (card.kept, card.on_boot) == (KEPT, {"site.toml": WIPED})


def test_only_their_owner_may_read_them(card: Card) -> None:
    card.start()

    modes = {path.name: path.stat().st_mode & 0o777 for path in (card.store, *card.store.iterdir())}
    assert modes == {"secrets": 0o700, "wifi_password": 0o600, "mqtt_password": 0o600}


@pytest.mark.parametrize("first", range(1, 4))
@pytest.mark.parametrize("second", [*range(1, 4), None])
def test_the_power_may_be_cut_after_any_step_twice(tmp_path: Path, first: int, second: int | None) -> None:
    card = Card(tmp_path / "card")
    card.start(cut_after=first)
    card.start(cut_after=second)
    card.start()

    assert (card.kept, card.on_boot) == (KEPT, {"site.toml": WIPED})


@given(masked=st.sets(st.integers(0, len(WIFI) - 1)))
@settings(max_examples=30, deadline=None)
def test_a_password_that_is_half_overwritten_is_never_taken_for_one(
    tmp_path_factory: pytest.TempPathFactory, masked: set[int]
) -> None:
    card = Card(tmp_path_factory.mktemp("half"))
    card.start(cut_after=2)
    at = SITE.encode().index(WIFI.encode())
    with card.site.open("r+b") as file:
        for place in masked:
            file.seek(at + place)
            file.write(b"*")
    card.start()

    assert (card.kept, card.on_boot) == (KEPT, {"site.toml": WIPED})


def test_nothing_of_the_file_but_the_passwords_bytes_is_written(card: Card) -> None:
    before = card.site.stat()
    card.start()

    assert (card.site.stat().st_ino, card.site.stat().st_size) == (before.st_ino, before.st_size)


def test_what_it_edited_after_a_cut_is_taken_and_not_undone(card: Card) -> None:
    card.start(cut_after=2)
    card.site.write_text(SITE.replace(WIFI, "a new one, longer").replace('"desks"', '"desks5"'))
    card.start()

    assert card.kept == KEPT | {"wifi_password": "a new one, longer"}
    assert card.on_boot == {
        "site.toml": WIPED.replace("*" * len(WIFI), "*" * len("a new one, longer")).replace('"desks"', '"desks5"')
    }


def test_a_file_without_a_password_is_left_alone_and_the_old_one_is_kept(card: Card) -> None:
    card.start()
    before = card.site.stat()

    assert card.start() == []
    assert (card.site.stat().st_mtime_ns, card.kept) == (before.st_mtime_ns, KEPT)


def test_a_new_password_replaces_the_old_one(card: Card) -> None:
    card.start()
    card.site.write_text(SITE.replace(WIFI, "another one").replace(MQTT, "*" * len(MQTT)))
    card.start()

    assert card.kept == KEPT | {"wifi_password": "another one"}
    assert card.on_boot == {"site.toml": WIPED.replace("*" * len(WIFI), "*" * len("another one"))}


def test_one_of_the_old_one_s_length_is_a_new_one(card: Card) -> None:
    card.start()
    card.site.write_text(SITE.replace(WIFI, WIFI.upper()))
    card.start()

    assert (card.kept, card.on_boot) == (KEPT | {"wifi_password": WIFI.upper()}, {"site.toml": WIPED})


@pytest.mark.parametrize(
    "written",
    [
        '[wifi]\r\npassword = "hunter22"\r\n',
        "wifi.password = 'hunter22'\n",
        'wifi = {ssid = "x", password = "hunter22"}\n',
        # No TOML, yet in no doubt.
        '[wifi]\nssid = desks\npassword = "hunter22"  # of May\n',
        "[station]\nunit = \"\n# \"\n [ wifi ] # x\npassword = 'hunter22'\n",
    ],
)
def test_however_it_is_written_it_is_found(tmp_path: Path, written: str) -> None:
    card = Card(tmp_path / "card", written)
    card.start()

    assert (card.kept, "hunter22" in card.on_boot["site.toml"]) == ({"wifi_password": "hunter22"}, False)


@pytest.mark.parametrize(
    "written",
    [
        '[wifi]\nssid = x\n[mqtt\npassword = "hunter22"\n',
        '[wifi]\nssid = x\nmqtt]\npassword = "hunter22"\n',
        '[wifi]\nssid = x\nmqtt\npassword = "hunter22"\n',
        '[wifi]\nssid = """x\n[mqtt]\npassword = "hunter22"\n',
        '[wifi]\nssid = x\npassword = "hunter22\n',
    ],
)
def test_of_a_file_that_is_no_toml_none_is_taken_for_another_table_s(tmp_path: Path, written: str) -> None:
    assert held(Card(tmp_path / "card", written).site) == []


@pytest.mark.parametrize("value", ["hunter\\u0032\\u0032", "电池电池电池"])
def test_one_that_cannot_be_overwritten_is_told_and_nothing_is_touched(tmp_path: Path, value: str) -> None:
    card = Card(tmp_path / "card", f'[wifi]\npassword = "{value}"\n')
    before = card.on_boot

    with pytest.raises(ConfigError, match=r"wifi\.password: write it plainly"):
        card.start()

    assert (card.kept, card.on_boot) == ({}, before)
