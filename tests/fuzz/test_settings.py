"""Site file, station file and rule pack: whatever is in them, one clear message, or settings that work."""

from functools import cache
from pathlib import Path

from hypothesis import given

from pi_companion import config, station_file
from pi_companion.core.settings import Pack
from pi_companion.packs import BUNDLED, load_pack
from tests.fuzz.budget import budget
from tests.fuzz.mutations import TOML_TOKENS, changed
from tests.fuzz.oracle import files, read_or_told

PACK = BUNDLED.read_text("utf-8")
STATION = """# this desk
[station]
agent_name = "小李"
ring_period_ms = 5000
seat_upright_mm = 600

[limits.pace]
fast_above_per_min = 300
"""
LEARNED = """# What pi-companion learned at this desk.
[station]
ring_period_ms = 5000
seat_upright_mm = 600
speaking_dbfs = -22
pace_pct = 100
"""


@cache
def site() -> str:
    text = config.document(config.Site())
    return text.replace('station_file = ""', 'station_file = "station.toml"')


@budget(15)
@given(changed(site(), TOML_TOKENS))
def test_a_site_file(data: bytes) -> None:
    with files(site_toml=data, station_toml=STATION.encode()) as folder:
        settings = read_or_told(lambda: config.load(folder / "site.toml"), folder)
        if settings is not None:
            read_or_told(lambda: config.load(_written(folder, config.document(settings))), folder)


def _written(folder: Path, text: str) -> Path:
    (folder / "site.toml").write_text(text, "utf-8")
    return folder / "site.toml"


@budget(12)
@given(changed(STATION, TOML_TOKENS))
def test_a_station_file_that_the_site_names(data: bytes) -> None:
    with files(site_toml=b'station_file = "station.toml"\n', station_toml=data) as folder:
        settings = read_or_told(lambda: config.load(folder / "site.toml"), folder)
        if settings is not None:
            read_or_told(lambda: config.pack_of(settings), folder)


@budget(12)
@given(changed(LEARNED, TOML_TOKENS))
def test_what_was_learned_here_is_read_and_changed_or_left_as_it_was(data: bytes) -> None:
    with files(station_toml=data) as folder:
        here, nowhere = {"STATE_DIRECTORY": str(folder)}, folder / "none.toml"
        read_or_told(lambda: config.load(None, environ=here, system=nowhere, is_live=True), folder)
        stored = read_or_told(lambda: station_file.store(folder / "station.toml", {"pace_pct": 90}), folder)
        if stored is None:
            assert (folder / "station.toml").read_bytes() == data


@budget(12)
@given(changed(PACK, TOML_TOKENS))
def test_a_rule_pack(data: bytes) -> None:
    with files(pack_toml=data) as folder:
        pack: Pack | None = read_or_told(lambda: load_pack(folder / "pack.toml", names={"agent_name": "小李"}), folder)
        assert pack is None or pack.rules
