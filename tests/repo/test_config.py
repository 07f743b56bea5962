"""Is a site file read, merged, documented and fingerprinted as promised, and every mistake told at once?"""

import tomllib
from dataclasses import dataclass, fields, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pi_companion import schema
from pi_companion.config import (
    Audio,
    PackChoice,
    Site,
    Speech,
    document,
    load,
    merged_station,
    pack_of,
    sha256,
    station_path,
)
from pi_companion.core.declared import Field
from pi_companion.core.limits import Limits, Pace
from pi_companion.core.settings import Pack, Station
from pi_companion.core.states import PaceRate
from pi_companion.errors import ConfigError
from pi_companion.packs import load_pack
from pi_companion.packs.checks import LIMIT_CHECKS
from pi_companion.site_file import Display, DisplayKind


def written(folder: Path, text: str, name: str = "site.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def complaints(folder: Path, text: str) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as raised:
        load(written(folder, text))
    return raised.value.complaints


def test_without_a_file_every_setting_is_its_default(tmp_path: Path) -> None:
    assert load(environ={}, system=tmp_path / "absent.toml") == Site()


def test_a_given_file_comes_before_the_variable_and_the_variable_before_the_system(tmp_path: Path) -> None:
    given_, named, system = (
        written(tmp_path, f'[station]\nextension = "{name}"', f"{name}.toml") for name in ("given", "named", "system")
    )
    environ = {"PI_COMPANION_SITE": str(named)}
    found = [
        load(given_, environ=environ, system=system),
        load(environ=environ, system=system),
        load(environ={}, system=system),
    ]
    assert [site.station.extension for site in found] == ["given", "named", "system"]


def test_a_named_file_that_is_missing_is_an_error_not_a_default(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.toml: cannot be read: No such file or directory"):
        load(environ={"PI_COMPANION_SITE": str(tmp_path / "absent.toml")}, system=tmp_path / "system.toml")


def test_a_site_file_sets_what_it_names(tmp_path: Path) -> None:
    text = """
        [station]
        agent_name = "小李"
        mute_lamp = false
        [speech]
        model = "vosk-model-small-cn-0.22"
        [audio]
        device = "USB Audio"
        [display]
        kind = "sh1106"
        i2c_address = 0x3D
    """
    assert load(written(tmp_path, text)) == Site(
        station=Station(agent_name="小李", mute_lamp=False),
        speech=Speech(model="vosk-model-small-cn-0.22"),
        audio=Audio(device="USB Audio"),
        display=Display(kind=DisplayKind.SH1106, i2c_address=0x3D),
    )


def test_every_mistake_is_told_at_once_with_its_place_and_what_is_allowed(tmp_path: Path) -> None:
    text = """
        station_fil = "desk.toml"
        [station]
        agent_nam = "小李"
        mute_lamp = "yes"
        mute_key = 1
        [display]
        kind = "oled"
        i2c_address = 0x99
        i2c_port = true
        [pack]
        file = ["a.toml"]
        [limits.pase]
        [limits.pace]
        fast_above = 300
        slow_below_per_min = 3
        [limit]
    """
    assert complaints(tmp_path, text) == (
        'station.mute_lamp: found "yes"; allowed: true or false',
        "station.mute_key: found 1; allowed: true or false",
        "station.agent_nam: unknown; did you mean agent_name?",
        'display.kind: found "oled"; allowed: one of "ssd1306", "sh1106"',
        "display.i2c_address: found 0x99; allowed: a whole number, 0x08 to 0x77",
        "display.i2c_port: found true; allowed: a whole number, 0 to 20",
        'pack.file: found ["a.toml"]; allowed: a text in quotes',
        "limits.pace.slow_below_per_min: found 3; allowed: characters a minute, 10 to 600",
        "limits.pace.fast_above: unknown; did you mean fast_above_per_min?",
        "limits.pase: unknown; did you mean pace?",
        "station_fil: unknown; did you mean station_file?",
        "limit: unknown; did you mean limits?",
    )


def test_a_value_where_a_table_belongs_is_told(tmp_path: Path) -> None:
    assert complaints(tmp_path, "station = 3") == ("station: found 3; allowed: a table",)


def test_what_is_not_toml_is_told_with_line_and_column(tmp_path: Path) -> None:
    assert complaints(tmp_path, "[station]\nagent_name = \n") == ("at line 2, column 14: not TOML: Invalid value",)


def test_a_file_that_breaks_off_is_told(tmp_path: Path) -> None:
    (complaint,) = complaints(tmp_path, "[station]\nagent_name")
    assert complaint.startswith("at end of document: not TOML: ")


def test_bytes_that_are_not_utf8_are_told_with_their_line(tmp_path: Path) -> None:
    path = tmp_path / "site.toml"
    path.write_bytes("[station]\nagent_name = '小李'\n".encode("gbk"))
    with pytest.raises(ConfigError, match="at line 2: not UTF-8; save the file as UTF-8"):
        load(path)


def test_a_station_file_goes_over_the_sites_own_station(tmp_path: Path) -> None:
    written(tmp_path, '[station]\nagent_name = "小王"', "desk3.toml")
    site = load(written(tmp_path, 'station_file = "desk3.toml"\n[station]\nagent_name = "小李"\nextension = "8012"'))
    assert site == Site(
        station_file=str((tmp_path / "desk3.toml").resolve()), station=Station(agent_name="小王", extension="8012")
    )


def test_mistakes_in_both_files_are_told_together(tmp_path: Path) -> None:
    written(tmp_path, "[station]\nextension = 8012", "desk3.toml")
    assert complaints(tmp_path, 'station_file = "desk3.toml"\n[audio]\ndevice = 1') == (
        "audio.device: found 1; allowed: a text in quotes",
        "station_file desk3.toml: station.extension: found 8012; allowed: a text in quotes",
    )


def test_a_station_file_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"desk3\.toml: cannot be read"):
        load(written(tmp_path, 'station_file = "desk3.toml"'))


# Thresholds of one desk


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A site file with a station file, both of which set limits."""
    written(tmp_path, "[limits.pace]\nfast_above_per_min = 300\n[limits.turns]\ndead_air_ms = 6000", "desk3.toml")
    return written(
        tmp_path, 'station_file = "desk3.toml"\n[limits.pace]\nfast_above_per_min = 280\nslow_below_per_min = 100'
    )


def test_a_desk_may_set_single_limits_otherwise_than_the_pack_and_the_station_file_has_the_last_word(
    desk: Path, pack: Pack
) -> None:
    mine = replace(
        pack.limits,
        pace=replace(pack.limits.pace, slow_below_per_min=100, fast_above_per_min=300),
        turns=replace(pack.limits.turns, dead_air_ms=6000),
    )
    assert pack_of(load(desk)).limits == mine


def test_limits_that_do_not_fit_the_packs_others_are_told_with_the_files_that_set_them(tmp_path: Path) -> None:
    text = "[limits.pace]\nslow_below_per_min = 500\n[limits.turns]\nbarge_in_ms = 1200\n[limits.ringing]\ngreen_to = 9"
    written(tmp_path, text, "desk3.toml")
    site = load(written(tmp_path, 'station_file = "desk3.toml"'))

    with pytest.raises(ConfigError) as raised:
        pack_of(site)
    desk_file = (tmp_path / "desk3.toml").resolve()
    assert str(raised.value).splitlines() == [
        f"{desk_file}: limits.ringing: green_to = 9 is past amber_to = 4; green comes first",
        f"{desk_file}: limits.pace: slow_below_per_min = 500 must be less than fast_above_per_min = 340",
    ]


def test_limits_that_do_not_fit_name_both_files_if_both_set_some(desk: Path) -> None:
    site = load(desk)
    assert site.overrides is not None
    assert site.overrides.source == f"{desk} and {(desk.parent / 'desk3.toml').resolve()}"


def test_mistakes_in_the_limits_of_a_station_file_are_told_with_those_of_the_site_file(tmp_path: Path) -> None:
    written(tmp_path, '[limits.pace]\nrate = "cal"\n[limits.hold]\nremind_ms = [3]', "desk3.toml")
    assert complaints(tmp_path, 'station_file = "desk3.toml"\n[limits.hold]\nanswer_ms = 1') == (
        "limits.hold.answer_ms: found 1; allowed: milliseconds, 1000 to 60000",
        'station_file desk3.toml: limits.pace.rate: found "cal"; allowed: one of "speaking", "articulation", "call"',
        "station_file desk3.toml: limits.hold.remind_ms[1]: found 3; allowed: milliseconds, 1000 to 600000",
    )


def test_the_document_shows_the_limits_of_this_desk_with_their_meaning_and_no_others(desk: Path) -> None:
    site = load(desk)
    shown = document(site)
    again = load(written(desk.parent, shown, "again.toml"))

    assert shown.partition("\n[limits.pace]\n")[2] == (
        "# dragging below this (characters a minute, 10 to 600)\n"
        "slow_below_per_min = 100\n"
        "# too fast above this (characters a minute, 60 to 900)\n"
        "fast_above_per_min = 300\n"
        "\n# LISTEN-1, LISTEN-2, LISTEN-6.\n"
        "[limits.turns]\n"
        "# neither talks for this long: dead air (milliseconds, 2000 to 120000)\n"
        "dead_air_ms = 6000\n"
    )
    assert (again, pack_of(again).limits) == (replace(site, overrides=again.overrides), pack_of(site).limits)


# What the device learned


@pytest.fixture
def state(tmp_path: Path) -> Path:
    (tmp_path / "state").mkdir()
    return tmp_path / "state"


def load_live(state: Path, path: Path | None = None) -> Site:
    environ = {"STATE_DIRECTORY": f"{state}:/other"}
    return load(path, environ=environ, system=state / "absent.toml", is_live=True)


def test_what_the_device_learned_goes_over_the_site_on_the_live_device_only(tmp_path: Path, state: Path) -> None:
    written(state, "[station]\nring_period_ms = 5000\npace_pct = 112", "station.toml")
    path = written(tmp_path, '[station]\nagent_name = "小李"\nring_period_ms = 6000')

    learned = Station(agent_name="小李", ring_period_ms=5000, pace_pct=112)
    assert load_live(state, path) == Site(station=learned)
    assert load(path, environ={"STATE_DIRECTORY": str(state)}) == Site(
        station=Station(agent_name="小李", ring_period_ms=6000)
    )


def test_a_device_that_has_learned_nothing_yet_has_its_settings(state: Path) -> None:
    assert load_live(state) == Site()


def test_a_station_file_that_is_named_is_where_the_device_learns(tmp_path: Path, state: Path) -> None:
    written(state, "[station]\npace_pct = 112", "station.toml")
    written(tmp_path, '[station]\nagent_name = "小王"', "desk3.toml")
    site = load_live(state, written(tmp_path, 'station_file = "desk3.toml"'))

    assert site.station == Station(agent_name="小王")
    assert station_path(site, environ={"STATE_DIRECTORY": str(state)}) == (tmp_path / "desk3.toml").resolve()


def test_the_device_learns_in_the_state_directory_of_systemd_else_in_the_users(
    state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(state))

    assert station_path(Site(), environ={"STATE_DIRECTORY": "/var/lib/a:/var/lib/b"}) == Path("/var/lib/a/station.toml")
    assert station_path(Site(), environ={}) == state / "pi-companion" / "station.toml"


def test_what_is_learned_is_never_a_name_and_every_mistake_there_is_told(tmp_path: Path, state: Path) -> None:
    text = '[station]\nagent_name = "小李"\npace_pc = 1\nspeaking_dbfs = 3\n[limits.pace]\nfast_above_per_min = 300'
    learned = written(state, text, "station.toml")
    path = written(tmp_path, "[audio]\ndevice = 1")

    with pytest.raises(ConfigError) as raised:
        load_live(state, path)
    known = "known here: mute_pulse_ms, pace_pct, ring_period_ms, seat_upright_mm, speaking_dbfs"
    assert raised.value.complaints == (
        "audio.device: found 1; allowed: a text in quotes",
        f"{learned}: limits: unknown; known here: station",
        f"{learned}: station.agent_name: unknown; {known}",
        f"{learned}: station.pace_pc: unknown; did you mean pace_pct?",
        f"{learned}: station.speaking_dbfs: found 3; allowed: dB below full scale, -96 to 0",
    )


def test_a_packs_path_is_taken_from_the_site_files_folder(tmp_path: Path) -> None:
    site = load(written(tmp_path, '[pack]\nfile = "ours.toml"'))
    assert (site.pack_path, Site().pack_path) == ((tmp_path / "ours.toml").resolve(), None)


def test_a_call_may_override_any_station_setting() -> None:
    site = Site(station=Station(agent_name="小李", extension="8012"))
    assert merged_station(site, {"agent_name": "小王", "mute_key": False}) == Station(
        agent_name="小王", extension="8012", mute_key=False
    )


def test_an_override_is_checked_like_the_site_file() -> None:
    with pytest.raises(ConfigError) as raised:
        merged_station(Site(), {"agent_nam": "小王", "mute_lamp": 1}, source="calls/01/call.toml")
    assert str(raised.value).splitlines() == [
        "calls/01/call.toml: station.mute_lamp: found 1; allowed: true or false",
        "calls/01/call.toml: station.agent_nam: unknown; did you mean agent_name?",
    ]


text = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@given(
    st.builds(
        Site,
        station=st.builds(Station, agent_name=text, extension=text, mute_lamp=st.booleans(), mute_key=st.booleans()),
        speech=st.builds(Speech, model=text),
        display=st.builds(
            Display,
            kind=st.sampled_from(DisplayKind),
            i2c_address=st.integers(0x08, 0x77),
            i2c_port=st.integers(0, 20),
        ),
    )
)
def test_the_document_reads_back_to_the_same_site(site: Site) -> None:
    with TemporaryDirectory() as folder:
        assert load(written(Path(folder), document(site)), environ={}) == site


def test_the_document_says_meaning_unit_and_range_of_every_setting() -> None:
    lines = schema.document(Limits(), table="limits").splitlines()
    settings = [place for place, line in enumerate(lines) if " = " in line and not line.startswith("#")]
    assert len(settings) == sum(len(fields(getattr(Limits(), group.name))) for group in fields(Limits))
    assert [lines[place] for place in settings if not lines[place - 1].startswith("# ")] == []
    assert (
        "# ring to ring before one was measured (mainland China: 1 s on, 4 s off) (milliseconds, 1000 to 20000)"
        in lines
    )


def test_limits_are_checked_field_by_field_and_then_together() -> None:
    raw = {
        "ringing": {"green_to": 5, "amber_to": 4},
        "pace": {"slow_below_per_min": 400, "fast_above_per_min": 300},
        "hold": {"remind_ms": [True, 3, 30000]},
        "call_time": {"warn_ms": 600000, "limit_ms": 480000},
        "spotting": {"least_score_pm": []},
    }
    assert schema.build(Limits, raw, checks=LIMIT_CHECKS, table="limits") == (
        None,
        (
            "limits.ringing: green_to = 5 is past amber_to = 4; green comes first",
            "limits.pace: slow_below_per_min = 400 must be less than fast_above_per_min = 300",
            "limits.hold.remind_ms[1]: found true; allowed: milliseconds, 1000 to 600000",
            "limits.hold.remind_ms[2]: found 3; allowed: milliseconds, 1000 to 600000",
            "limits.call_time: warn_ms = 600000 must be less than limit_ms = 480000",
            "limits.spotting: least_score_pm is empty; it needs at least one threshold",
        ),
    )


@pytest.mark.parametrize(
    ("group", "raw", "complaint"),
    [
        (
            "ringing",
            {"burst_gap_ms": 2000, "period_ms": 1500},
            "burst_gap_ms = 2000 must be less than period_ms = 1500",
        ),
        ("pace", {"target_per_min": 60}, "target_per_min = 60 must lie in the band, 90 to 340"),
        ("hold", {"remind_ms": [60000, 30000]}, "remind_ms = [60000, 30000] must rise"),
        ("hold", {"answer_ms": 1000}, "short_answer_ms = 1500 must not be more than answer_ms = 1000"),
        ("mute", {"lit_settle_ms": 200, "confirm_ms": 100}, "lit_settle_ms = 200 must be less than confirm_ms = 100"),
        (
            "spotting",
            {"least_score_pm": [800, 900]},
            "least_score_pm = [800, 900] must not rise: longer phrases are surer",
        ),
    ],
)
def test_limits_that_do_not_fit_together_are_told(group: str, raw: dict[str, object], complaint: str) -> None:
    assert schema.build(Limits, {group: raw}, checks=LIMIT_CHECKS) == (None, (f"{group}: {complaint}",))


def test_the_default_limits_fit_together() -> None:
    raw = tomllib.loads(schema.document(Limits()))
    assert schema.build(Limits, raw, checks=LIMIT_CHECKS) == (Limits(), ())


def test_a_choice_is_read_by_its_name() -> None:
    assert schema.build(Pace, {"rate": "call"}) == (Pace(rate=PaceRate.CALL), ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    id: str
    words: Annotated[tuple[str, ...], Field("what is said")] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    entry: tuple[Entry, ...]


def test_items_of_a_list_are_counted_from_one_and_named() -> None:
    raw = {"entry": [{"id": "A"}, {"id": "B", "words": ["x", 1], "word": []}, {"words": []}]}
    assert schema.build(Book, raw) == (
        None,
        (
            "entry[2 B].words[2]: found 1; allowed: a text in quotes",
            "entry[2 B].word: unknown; did you mean words?",
            "entry[3].id: missing; allowed: a text in quotes",
        ),
    )


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack(names={"agent_name": "小李"})


def test_the_fingerprint_follows_every_setting_that_matters(pack: Pack) -> None:
    site = Site()
    louder = replace(pack, limits=replace(pack.limits, pace=Pace(target_per_min=130)))
    other_words = replace(pack, rules=(replace(pack.rules[0], phrases=pack.rules[1].phrases), *pack.rules[1:]))
    assert (
        len(
            {
                sha256(site, pack),
                sha256(replace(site, station=Station(mute_lamp=False)), pack),
                sha256(site, pack, Station(agent_name="小王")),
                sha256(site, louder),
                sha256(site, other_words),
            }
        )
        == 5
    )


def test_the_fingerprint_follows_the_limits_in_force_wherever_they_are_written(pack: Pack, desk: Path) -> None:
    site = load(desk)
    other_pack = replace(pack, limits=pack_of(site).limits)
    assert sha256(site, pack_of(site)) != sha256(Site(), pack)
    assert sha256(site, replace(pack_of(site), texts=pack.texts, rules=pack.rules)) == sha256(Site(), other_pack)


def test_the_fingerprint_does_not_follow_where_files_lie(pack: Pack) -> None:
    here = Site(station_file="here/desk.toml", pack=PackChoice(file="here/ours.toml"), speech=Speech(model="models/a"))
    assert sha256(here, pack) == sha256(Site(), pack)


def test_the_station_in_effect_is_the_sites_unless_given(pack: Pack) -> None:
    station = Station(agent_name="小王")
    assert sha256(Site(), pack, station) == sha256(Site(station=station), pack)
