"""Call folders: what a good one becomes, and what is said about a bad one."""

from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from pi_companion import config
from pi_companion.bench.phone_faults import FAULTS
from pi_companion.core.facts import Button, Part, Side
from pi_companion.errors import CallFolderError, ConfigError
from pi_companion.session.folder import (
    BusyLampEdge,
    ButtonPress,
    CallFolder,
    FaultWindow,
    HookEdge,
    PhoneMuteKey,
    PhoneSettings,
    RingEdge,
    SeatReading,
    load,
    read_audio,
)
from pi_companion.session.scripted import BusyTone, Speech

CALLS = Path(__file__).parents[1] / "calls"
SHIPPED = Path(__file__).parents[2] / "pi_companion" / "bench" / "calls"
ALL = sorted((*CALLS.glob("[0-9]*"), *SHIPPED.glob("[0-9]*")), key=lambda path: path.name)
CALL = 'title = "A call"\nbegan = 2026-11-20T16:42:00+08:00\n'
Samples = npt.NDArray[np.int16]


def written(folder: Path, call: str = CALL, lines: str = "", truth: str | None = None) -> Path:
    (folder / "call.toml").write_text(call, encoding="utf-8")
    (folder / "lines.jsonl").write_text(lines, encoding="utf-8")
    if truth is not None:
        (folder / "expected.jsonl").write_text(truth, encoding="utf-8")
    return folder


def complaints(folder: Path) -> list[str]:
    with pytest.raises(CallFolderError) as caught:
        load(folder)
    return list(caught.value.complaints)


def tones(rate_hz: int, seconds: int = 1) -> Samples:
    """Left 440 Hz, right 1000 Hz, half of full scale."""
    time = np.arange(rate_hz * seconds) / rate_hz
    waves = np.stack([np.sin(2 * np.pi * 440 * time), np.sin(2 * np.pi * 1000 * time)], axis=1)
    return (waves * 16384).astype(np.int16)


def heard(folder: Path) -> Samples:
    return np.frombuffer(read_audio(load(folder)), dtype="<i2").reshape(-1, 2)


def sound_complaint(folder: Path) -> str:
    with pytest.raises(CallFolderError) as caught:
        read_audio(load(written(folder)))
    return str(caught.value).removeprefix(f"{folder}/")


# Good folders


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.name)
def test_every_call_in_this_repository_loads_and_its_lines_lie_within_its_audio(path: Path) -> None:
    folder = load(path)

    audio_ms = len(read_audio(folder)) // 64
    assert folder.truth
    assert 0 <= folder.lines[0].at <= folder.lines[-1].at
    assert folder.audio is None or folder.lines[-1].at <= audio_ms


@pytest.mark.parametrize("path", ALL, ids=lambda path: path.name)
def test_a_scripted_call_says_so_in_its_title(path: Path) -> None:
    folder = load(path)

    assert ("scripted: lines and spurts, nothing is recognised" in folder.title) == bool(folder.script)


def test_the_calls_of_this_repository_are_numbered_without_a_gap() -> None:
    numbers = sorted(int(path.name[:2]) for path in ALL)

    assert numbers == list(range(1, len(ALL) + 1))
    assert len(ALL) >= 24


def test_every_line_and_fault_becomes_its_event(tmp_path: Path) -> None:
    call = (
        CALL + 'licence = "CC0"\n[station]\nagent_name = "小李"\n[phone]\nkey_delay_ms = 90\nfaults = ["lamp_dead@9"]\n'
    )
    lines = """
{"at": 0, "line": "seat_mm", "value": 620}
{"at": 0, "line": "seat_mm", "value": null}
{"at": 1000, "line": "ring", "value": 1}

{"at": 2000, "line": "hook", "value": 0}
{"at": 3000, "line": "button", "value": "resume"}
{"at": 4000, "line": "phone_mute_key", "value": 1}
{"at": 5000, "fault": "tap_lost", "until": 6000}
{"at": 5000, "fault": "lamp_lost"}
{"at": 6000, "line": "busy_lamp", "value": 1}
"""

    folder = load(written(tmp_path, call, lines, '{"at": 1000, "kind": "ring", "count": 1}\n'))

    assert folder == CallFolder(
        path=tmp_path,
        title="A call",
        began=datetime(2026, 11, 20, 16, 42, tzinfo=timezone(timedelta(hours=8))),
        licence="CC0",
        station={"agent_name": "小李"},
        limits={},
        phone=PhoneSettings(mute_lamp=True, key_delay_ms=90, faults=("lamp_dead@9",)),
        lines=(
            SeatReading(at=0, distance_mm=620),
            SeatReading(at=0, distance_mm=None),
            RingEdge(at=1000, is_active=True),
            HookEdge(at=2000, is_off_hook=False),
            ButtonPress(at=3000, button=Button.RESUME),
            PhoneMuteKey(at=4000, is_pressed=True),
            BusyLampEdge(at=6000, is_lit=True),
        ),
        faults=(
            FaultWindow(at=5000, part=Part.TAP, until=6000),
            FaultWindow(at=5000, part=Part.MUTE_LAMP, until=None),
        ),
        audio=None,
        truth=({"at": 1000, "kind": "ring", "count": 1},),
    )


def test_a_folder_without_audio_is_lines_only(tmp_path: Path) -> None:
    folder = load(written(tmp_path))

    assert (folder.audio, folder.truth, read_audio(folder)) == (None, None, b"")


# Every complaint at once


def test_every_mistake_of_every_file_is_named_at_once_with_its_line(tmp_path: Path) -> None:
    call = 'titel = "A call"\nbegan = 2026-11-20T16:42:00\n[phone]\nmute_lamp = 1\nkey_delay = 60\nfaults = [1]\n'
    lines = """{"at": 2000, "line": "ring", "value": 1}
{"at": 1000, "line": "ring", "value": 2}
{"at": -1, "line": "hook", "value": 1}
{"at": 3000.5, "line": "hook", "value": true}
{"at": 3000, "line": "rings", "value": 1}
{"at": 3000, "line": "button", "value": "Resume"}
{"at": 3000, "line": "seat_mm", "value": "620"}
{"at": 3000, "fault": "mic_lost"}
{"at": 3000, "fault": "tap_lost", "until": 2999}
{"at": 3000, "fault": "tap_lost", "till": 4000}
{"at": 3000, "line": "ring"}
{"at": 3000}
{"at": 3000, "line": "ring", "value": 1
[3000]
"""
    truth = """{"at": 1, "kind": "phrases"}
{"at": 1, "kind": "phrase", "rule": "OPEN-1", "side": "agnet", "began": 5, "ended": 4}
{"at": 1}
"""
    aware = "a date and time with its offset, like 2026-11-20T16:42:00+08:00"
    cut = '{"at": 3000, "line": "ring", "value": 1'
    kinds = "ring | answered | missed | outbound | phrase | barge_in | hold | mute | nudge | turn"

    found = complaints(written(tmp_path, call, lines, truth))

    assert found == [
        'call.toml: unknown key "titel"; did you mean "title"?',
        f'call.toml: "began" is "2026-11-20 16:42:00"; allowed: {aware}',
        'call.toml: "title" is missing; allowed: text',
        'call.toml [phone]: "mute_lamp" is 1; allowed: true or false',
        'call.toml [phone]: unknown key "key_delay"; did you mean "key_delay_ms"?',
        'call.toml [phone]: "faults" is [1]; allowed: a list of texts',
        'lines.jsonl line 2: "value" is 2; allowed: 0 or 1',
        'lines.jsonl line 2: "at" is 1000 after 2000; allowed: lines in order of "at"',
        'lines.jsonl line 3: "at" is -1; allowed: whole milliseconds since the session began, 0 to 86400000, a day',
        'lines.jsonl line 4: "at" is 3000.5; allowed: whole milliseconds since the session began, 0 to 86400000, a day',
        'lines.jsonl line 4: "value" is true; allowed: 0 or 1',
        'lines.jsonl line 5: unknown line "rings"; did you mean "ring"?',
        'lines.jsonl line 6: "value" is "Resume"; allowed: resume | page | snooze',
        'lines.jsonl line 7: "value" is "620"; allowed: whole millimetres or null',
        'lines.jsonl line 8: "fault" is "mic_lost"; allowed: tap_lost | seat_lost | oled_lost | lamp_lost',
        'lines.jsonl line 9: "until" is 2999, before "at" 3000; allowed: 3000 or later, or no "until" at all',
        'lines.jsonl line 10: unknown key "till"; did you mean "until"?',
        'lines.jsonl line 11: "value" is missing; allowed: 0 or 1',
        'lines.jsonl line 12: neither "line" nor "fault" in {"at": 3000}; allowed: one of them',
        f"lines.jsonl line 13: no JSON (Expecting ',' delimiter, column 40): {cut}",
        "lines.jsonl line 14: found [3000]; allowed: one JSON object a line",
        'expected.jsonl line 1: unknown kind "phrases"; did you mean "phrase"?',
        'expected.jsonl line 2: "side" is "agnet"; allowed: agent | customer',
        'expected.jsonl line 2: "ended" is 4, before "began" 5; allowed: 5 or later',
        f'expected.jsonl line 3: no "kind"; allowed: {kinds}',
    ]


def test_a_mistaken_station_and_an_unknown_fault_of_the_phone_are_told_with_the_rest(tmp_path: Path) -> None:
    call = CALL + '[station]\nagent_nam = "x"\nmute_key = 1\n[phone]\nfaults = ["ignores_press@1", "sulks"]\n'

    found = complaints(written(tmp_path, call, "{}\n"))

    assert found == [
        "call.toml [phone]: 'sulks' is no fault of the simulated phone; there are " + ", ".join(FAULTS),
        "call.toml: station.mute_key: found 1; allowed: true or false",
        "call.toml: station.agent_nam: unknown; did you mean agent_name?",
        'lines.jsonl line 1: neither "line" nor "fault" in {}; allowed: one of them',
    ]


def test_the_error_names_the_folder_in_every_line(tmp_path: Path) -> None:
    with pytest.raises(CallFolderError) as caught:
        load(written(tmp_path, call="title = 1\nbegan = 2\n"))

    assert [line.split(": ")[0] for line in str(caught.value).splitlines()] == [str(tmp_path)] * 2


def test_an_empty_folder_lacks_two_files(tmp_path: Path) -> None:
    assert complaints(tmp_path) == [
        "call.toml is missing; a call folder has call.toml and lines.jsonl",
        "lines.jsonl is missing; a call folder has call.toml and lines.jsonl",
    ]


def test_a_path_that_is_no_folder_is_said_so(tmp_path: Path) -> None:
    file = written(tmp_path) / "call.toml"

    assert (complaints(file), complaints(tmp_path / "none")) == (
        ["a file; give the folder it is in"],
        ["nothing there; a call folder has a call.toml"],
    )


def test_broken_toml_is_named_with_its_line(tmp_path: Path) -> None:
    [found] = complaints(written(tmp_path, call='title = "A call"\nbegan =\n'))

    assert found.startswith("call.toml at line 2, column 8: not TOML: ")


def test_bytes_that_are_no_text_are_said_so(tmp_path: Path) -> None:
    (written(tmp_path) / "lines.jsonl").write_bytes(b"\xff\xfe")

    assert complaints(tmp_path) == ["lines.jsonl at line 1: not UTF-8; save the file as UTF-8"]


@pytest.mark.parametrize("line", ["1" * 5000, "[" * 200_000], ids=["a number too long", "nested too deeply"])
def test_json_that_would_trip_the_parser_is_a_complaint(tmp_path: Path, line: str) -> None:
    [found] = complaints(written(tmp_path, lines=line))

    assert found == "lines.jsonl line 1: no JSON we would read: a number too long or nested too deeply"


def test_two_sounds_are_one_too_many(tmp_path: Path) -> None:
    for name in ("audio.flac", "audio.wav"):
        soundfile.write(tmp_path / name, tones(16000), 16000)

    assert complaints(written(tmp_path)) == ["found both audio.flac and audio.wav; allowed: one of them"]


SPEECH = """{"side": "agent", "began": 1000, "ended": 2000, "text": "您好", "level_dbfs": -22, "pitch_hz": [180, 240]}
{"side": "customer", "began": 1500, "ended": 2000}

{"at": 3000, "tone": "busy"}
"""


def test_a_script_is_who_talks_when(tmp_path: Path) -> None:
    (written(tmp_path) / "speech.jsonl").write_text(SPEECH, encoding="utf-8")

    assert load(tmp_path).script == (
        Speech(side=Side.AGENT, began=1000, ended=2000, text="您好", level_dbfs=-22, pitch_hz=(180, 240)),
        Speech(side=Side.CUSTOMER, began=1500, ended=2000),
        BusyTone(at=3000),
    )


def test_a_call_is_heard_or_scripted_but_not_both(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "audio.wav", tones(16000), 16000)
    (written(tmp_path) / "speech.jsonl").write_text(SPEECH, encoding="utf-8")

    assert complaints(tmp_path) == ["found both audio.wav and speech.jsonl; allowed: one of them, heard or scripted"]


def test_every_mistake_of_a_script_is_named_at_once_with_its_line(tmp_path: Path) -> None:
    speech = """{"side": "agent", "began": 1000, "ended": 1079}
{"side": "agent", "began": 2000, "ended": 3000}
{"side": "agent", "began": 3399, "ended": 4000}
{"side": "customer", "began": 3000, "ended": 4000}
{"side": "agnet", "began": 5000, "ended": 6000, "txt": ""}
{"side": "agent", "began": 6000, "ended": 7000, "text": "OK"}
{"side": "agent", "began": 8000, "ended": 9000, "level_dbfs": 1, "pitch_hz": [240, 180]}
{"at": 9000, "tone": "dial"}
{"side": "customer", "began": 9000, "ended": 9500, "pitch_hz": [180, 240]}
[]
"""
    (written(tmp_path) / "speech.jsonl").write_text(speech, encoding="utf-8")

    assert complaints(tmp_path) == [
        'speech.jsonl line 1: "ended" is 1079, "began" 1000; allowed: 80 ms or more, less is heard as no voice',
        (
            "speech.jsonl line 3: begins 399 ms after the agent's last voice ended; allowed: 400 ms or more, "
            "or one line for both"
        ),
        'speech.jsonl line 4: "began" is 3000 after 3399; allowed: lines in order of time',
        'speech.jsonl line 5: "side" is "agnet"; allowed: agent | customer',
        'speech.jsonl line 5: unknown key "txt"; did you mean "text"?',
        'speech.jsonl line 6: "text" is "OK"; allowed: words in Chinese characters, or nothing',
        'speech.jsonl line 7: "level_dbfs" is 1; allowed: whole decibels from -96 to 0',
        (
            'speech.jsonl line 7: "pitch_hz" is [240, 180]; allowed: the lowest and the highest pitch in Hz, '
            "like [180, 240], between 60 and 500"
        ),
        'speech.jsonl line 8: "tone" is "dial"; allowed: busy',
        "speech.jsonl line 9: \"pitch_hz\" on the customer's side; allowed: on the agent's, an ear looks at no other",
        "speech.jsonl line 10: found []; allowed: one JSON object a line",
    ]


# Audio


@pytest.mark.parametrize("name", ["audio.flac", "audio.wav"])
def test_sixteen_bits_at_16_khz_come_through_exactly(tmp_path: Path, name: str) -> None:
    samples = np.random.default_rng(1).integers(-32768, 32768, (16000, 2), dtype=np.int16)
    soundfile.write(tmp_path / name, samples, 16000, subtype="PCM_16")

    assert np.array_equal(heard(written(tmp_path)), samples)


@pytest.mark.parametrize("subtype", ["PCM_24", "PCM_32", "FLOAT", "DOUBLE"])
def test_wider_samples_are_rounded_to_the_same_sound(tmp_path: Path, subtype: str) -> None:
    soundfile.write(tmp_path / "audio.wav", tones(16000) / 32768.0, 16000, subtype=subtype)

    assert np.array_equal(heard(written(tmp_path)), tones(16000))


def test_float_samples_beyond_full_scale_are_clipped(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "audio.wav", np.array([[1.5, -1.5]] * 8), 16000, subtype="FLOAT")

    assert heard(written(tmp_path)).tolist() == [[32767, -32768]] * 8


@pytest.mark.parametrize("rate_hz", [8000, 44100, 48000])
def test_other_rates_become_the_same_tones_at_16_khz(tmp_path: Path, rate_hz: int) -> None:
    soundfile.write(tmp_path / "audio.flac", tones(rate_hz), rate_hz, subtype="PCM_16")

    inner = slice(800, -800)  # the filter rings at the very ends
    error = heard(written(tmp_path))[inner].astype(int) - tones(16000)[inner]
    assert np.abs(error).max() < 16


def test_resampling_gives_the_same_bytes_twice(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "audio.flac", tones(44100), 44100)
    folder = load(written(tmp_path))

    assert read_audio(folder) == read_audio(folder)


@pytest.mark.parametrize("channels", [1, 3])
def test_anything_but_two_channels_is_refused(tmp_path: Path, channels: int) -> None:
    soundfile.write(tmp_path / "audio.wav", np.zeros((16, channels), dtype=np.int16), 16000)

    assert sound_complaint(tmp_path) == (
        f"audio.wav: found {channels} channel(s); allowed: 2, left the agent, right the customer"
    )


def test_an_unusual_rate_is_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "audio.wav", tones(11025), 11025)

    assert sound_complaint(tmp_path) == ("audio.wav: found 11025 samples a second; allowed: 8000, 16000, 44100, 48000")


@pytest.mark.parametrize("name", ["audio.flac", "audio.wav"])
@pytest.mark.parametrize("kept", [0, 30, 60, 20_000])
def test_a_truncated_file_is_refused(tmp_path: Path, name: str, kept: int) -> None:
    file = tmp_path / name
    soundfile.write(file, np.random.default_rng(1).integers(-9999, 9999, (16000, 2), dtype=np.int16), 16000)
    file.write_bytes(file.read_bytes()[:kept])

    assert sound_complaint(tmp_path).startswith((f"{name}: no readable sound", f"{name}: truncated"))


def test_a_wav_file_cut_short_says_how_much_is_missing(tmp_path: Path) -> None:
    file = tmp_path / "audio.wav"
    soundfile.write(file, tones(16000), 16000)
    file.write_bytes(file.read_bytes()[:-100])

    assert sound_complaint(tmp_path) == "audio.wav: truncated: 100 bytes are missing at the end; copy it again"


def test_a_file_that_is_no_sound_is_refused(tmp_path: Path) -> None:
    (tmp_path / "audio.flac").write_text("not a sound", encoding="utf-8")

    assert sound_complaint(tmp_path).startswith("audio.flac: no readable sound")


def test_a_sound_in_another_format_is_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "audio.flac", tones(16000), 16000, format="OGG")

    assert sound_complaint(tmp_path) == "audio.flac: found OGG; allowed: FLAC or WAV"


def test_samples_that_are_no_number_are_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "audio.wav", np.full((16, 2), np.nan), 16000, subtype="FLOAT")

    assert sound_complaint(tmp_path) == "audio.wav: holds samples that are no number (NaN or infinite); export it again"


def test_a_call_may_set_limits_of_its_own_and_a_mistake_in_them_is_told() -> None:
    site = config.with_limits(config.Site(), {"ringing": {"green_to": 3}}, source="call.toml")
    assert config.pack_of(site).limits.ringing.green_to == 3
    wrong = config.with_limits(site, {"ringing": {"gren_to": 3}}, source="call.toml")
    with pytest.raises(ConfigError, match=r"gren_to.*green_to"):
        config.pack_of(wrong)
