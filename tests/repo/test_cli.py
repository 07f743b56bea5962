"""What a person meets at the terminal: help that teaches, one message for every mistake, exit codes, pipes."""

import io
import json
import re
import shutil
import sys
import tomllib
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from PIL import Image
from typer.core import TyperGroup
from typer.main import get_command

from pi_companion import cli
from pi_companion.adapters import cards
from pi_companion.adapters.draw import draw
from pi_companion.adapters.oled import open_oled
from pi_companion.bench.board import Board
from pi_companion.bench.demo import braille
from pi_companion.bench.phone import DeskPhone
from pi_companion.core.states import Screen, ScreenName
from pi_companion.live import parts, service
from pi_companion.packs import BUNDLED, load_pack
from pi_companion.pinout import Pinout
from pi_companion.site.stations import Record


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a command ended. `told`: standard error without the line breaks of the terminal's width."""

    code: int
    out: str
    told: str


class Terminal:
    """Runs commands as `pi-companion` does, in this process; `pipes` are not terminals."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, pipes: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._pipes = pipes

    def run(self, *words: object) -> Ended:
        self._monkeypatch.setattr(sys, "argv", ["pi-companion", *map(str, words)])
        code = 0
        try:
            cli.main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 0
        said = self._pipes.readouterr()
        return Ended(code=code, out=said.out, told=" ".join(said.err.split()))


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Terminal:
    monkeypatch.delenv("PI_COMPANION_SITE", raising=False)
    monkeypatch.delenv("STATE_DIRECTORY", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    return Terminal(monkeypatch, capsys)


@pytest.fixture
def short_call(tmp_path: Path) -> Path:
    """Lines only: two rings, a call of five seconds, no audio."""
    folder = tmp_path / "short-call"
    folder.mkdir()
    (folder / "call.toml").write_text('title = "Short"\nbegan = 2026-11-20T16:42:00+08:00\n')
    edges = [(1000, "ring", 1), (2000, "ring", 0), (6000, "ring", 1), (7000, "ring", 0), (8000, "hook", 1)]
    rows = [{"at": at, "line": line, "value": value} for at, line, value in [*edges, (13000, "hook", 0)]]
    (folder / "lines.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    return folder


# Help


def commands(command: object, words: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    if isinstance(command, TyperGroup):
        for word, below in command.commands.items():
            yield from commands(below, (*words, word))
    else:
        yield words


def parameters(words: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Each option or argument of a command as it is typed, and what is said of it."""
    command = get_command(cli.app)
    for word in words:
        assert isinstance(command, TyperGroup)
        command = command.commands[word]
    for parameter in command.params:
        if parameter.name != "help":
            is_option = parameter.param_type_name == "option"
            yield (parameter.opts[0] if is_option else str(parameter.metavar)), str(getattr(parameter, "help", ""))


@pytest.mark.parametrize("words", [*commands(get_command(cli.app))], ids=" ".join)
def test_help_says_what_a_command_does_and_what_each_of_its_options_is_for(
    words: tuple[str, ...], terminal: Terminal
) -> None:
    ended = terminal.run(*words, "--help")

    said = " ".join(ended.out.replace("│", " ").split())
    wanted = {name for name, _ in parameters(words)} | {
        re.sub(r"\[/?bold\]", "", text).split()[0] for _, text in parameters(words)
    }
    assert ended.code == 0
    assert {text for text in wanted if text not in said} == set()
    assert all(text for _, text in parameters(words))


def test_help_names_the_exit_codes_and_where_to_begin(terminal: Terminal) -> None:
    said = " ".join(terminal.run("--help").out.split())

    assert "2 wrong usage, 3 a mistake in a file, 4 speech model, 5 hardware" in said
    assert "Start with: pi-companion demo" in said


# One message for every mistake


@pytest.mark.parametrize(
    "mistake",
    [
        (2, "demo nosuch", "error: no bundled call and no folder nosuch; bundled: 03-hold-with-consent, 06-talks-over"),
        (2, "bench --model none", "error: bench compares with Vosk and needs a model"),
        (2, "bench short-call", "error: bench measures speech; no audio in: short-call"),
        (2, "score short-call", "error: nothing to compare with, expected.jsonl is missing in: short-call"),
        (2, "replay short-call --model none --events no/e", "error: no/e: cannot be written: No such file"),
        (2, "screens short-call/call.toml/x", "error: short-call/call.toml/x: cannot be written: Not a directory"),
        (3, "replay nosuch", "error: nosuch: nothing there; a call folder has a call.toml"),
        (3, "replay short-call/call.toml", "error: short-call/call.toml: a file; give the folder it is in"),
        (3, "config check no.toml", "error: no.toml: cannot be read: No such file"),
        (4, "replay short-call --model nosuch", "error: nosuch: this explicit model is not installed"),
        (4, "model verify ./short-call", "error: short-call: graph/ has neither HCLG.fst"),
        (4, "model install nosuch", "error: nosuch: is neither a file, a folder nor the name of a known model"),
    ],
    ids=lambda mistake: mistake[1],
)  # fmt: skip
def test_a_mistake_is_one_message_with_its_place_and_its_exit_code(
    mistake: tuple[int, str, str], terminal: Terminal, short_call: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, typed, told = mistake
    monkeypatch.chdir(short_call.parent)

    ended = terminal.run(*typed.split())

    assert (ended.code, ended.told[: len(told)]) == (code, told)
    assert ended.told.count("error:") == 1


@pytest.mark.parametrize("typed", ["", "nosuch", "replay", "replay --nosuch", "demo a b", "replay x --pace never"])
def test_wrong_usage_is_told_with_where_to_read_on(typed: str, terminal: Terminal) -> None:
    ended = terminal.run(*typed.split())

    assert (ended.code, "Usage: pi-companion" in ended.told + ended.out) == (2, True)


def test_a_broken_call_folder_tells_every_mistake_at_once(terminal: Terminal, short_call: Path) -> None:
    (short_call / "call.toml").write_text('title = 3\nbegan = "today"\n')
    with (short_call / "lines.jsonl").open("a") as lines:
        lines.write('{"at": 5, "line": "rign", "value": 1}\n')

    ended = terminal.run("replay", short_call, "--model", "none")

    assert ended.code == 3
    assert re.findall(r"(call\.toml|lines\.jsonl line \d)", ended.told) == [
        "call.toml",
        "call.toml",
        "lines.jsonl line 7",
        "lines.jsonl line 7",
    ]
    assert 'did you mean "ring"?' in ended.told


def test_audio_that_is_none_is_told(terminal: Terminal, short_call: Path) -> None:
    (short_call / "audio.wav").write_text("hello")

    ended = terminal.run("replay", short_call, "--model", "none")

    assert (ended.code, "no readable sound" in ended.told, "audio.wav" in ended.told) == (3, True, True)


# Settings


def test_a_site_file_with_three_mistakes_tells_all_three(terminal: Terminal, tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text('[station]\nagent_nam = "小李"\nmute_lamp = "yes"\n[display]\nkind = "ssd1309"\n')

    ended = terminal.run("config", "check", site)

    assert ended.code == 3
    assert {
        f'{site}: station.mute_lamp: found "yes"; allowed: true or false',
        f"{site}: station.agent_nam: unknown; did you mean agent_name?",
        f'{site}: display.kind: found "ssd1309"; allowed: one of "ssd1306", "sh1106"',
    } == set(re.split(r" (?=/)", ended.told.removeprefix("error: ")))


def test_a_pack_whose_words_do_not_fit_the_oled_is_refused_with_the_screen(terminal: Terminal, tmp_path: Path) -> None:
    text = BUNDLED.read_text("utf-8")
    pack = tmp_path / "our.toml"
    pack.write_text(re.sub(r'(?m)^ringing\.answer = ".*"$', f'ringing.answer = "{"请接听" * 12}"', text), "utf-8")
    site = tmp_path / "site.toml"
    site.write_text('[pack]\nfile = "our.toml"\n')

    ended = terminal.run("config", "check", site)

    assert ended.code == 3
    assert ended.told.startswith(f"error: {pack}: ")
    assert "ringing" in ended.told


def test_settings_shown_are_a_site_file_that_is_in_order(terminal: Terminal, tmp_path: Path) -> None:
    site = tmp_path / "site.toml"
    site.write_text(terminal.run("config", "show").out)

    ended = terminal.run("config", "check", site)

    assert (ended.code, ended.out.startswith("settings are in order; rule pack it-helpdesk-zh")) == (0, True)


def learned(tmp_path: Path, text: str) -> Path:
    """What the device has learned at the desk of this user."""
    path = tmp_path / "state" / "pi-companion" / "station.toml"
    path.parent.mkdir(parents=True)
    path.write_text(text)
    return path


def test_settings_shown_have_what_was_learned_at_this_desk(terminal: Terminal, tmp_path: Path) -> None:
    learned(tmp_path, "[station]\nring_period_ms = 4980\n")

    assert "ring_period_ms = 4980" in terminal.run("config", "show").out.splitlines()


def test_a_mistake_in_what_was_learned_is_told_by_the_check_and_by_the_doctor(
    terminal: Terminal, tmp_path: Path
) -> None:
    path = learned(tmp_path, "[station]\npace_pct = 200\n")
    wanted = f"{path}: station.pace_pct: found 200; allowed: per cent, 70 to 150"

    ended = terminal.run("config", "check")

    assert (ended.code, wanted in ended.told) == (3, True)
    assert wanted in terminal.run("doctor").out


def test_the_doctor_says_where_the_desk_keeps_what_it_learned(terminal: Terminal, tmp_path: Path) -> None:
    path = tmp_path / "state" / "pi-companion" / "station.toml"
    before = terminal.run("doctor").out.splitlines()
    learned(tmp_path, "[station]\npace_pct = 112\n")
    after = terminal.run("doctor").out.splitlines()

    assert f"✓ learned here  {path}: nothing yet; pi-companion calibrate" in before
    assert f"✓ learned here  {path}" in after


def test_the_doctor_says_at_which_stations_a_unit_of_many_has_learned(terminal: Terminal, tmp_path: Path) -> None:
    site, place = tmp_path / "site.toml", tmp_path / "state" / "pi-companion" / "stations"
    site.touch()
    (tmp_path / "stations.toml").write_text("[station.12]\n")
    before = terminal.run("doctor", "--site", site).out.splitlines()
    Record(place.parent, 12).store({"pace_pct": 112})
    after = terminal.run("doctor", "--site", site).out.splitlines()

    assert f"✓ learned here  {place}: for station code none so far" in before
    assert f"✓ learned here  {place}: for station code 12" in after


def test_a_replay_is_the_same_on_every_desk(terminal: Terminal, short_call: Path, tmp_path: Path) -> None:
    before = terminal.run("replay", short_call, "--model", "none", "--events", "-").out
    learned(tmp_path, "[station]\nring_period_ms = 4980\n")

    assert terminal.run("replay", short_call, "--model", "none", "--events", "-").out == before


# Calibration


@pytest.fixture
def reading(tmp_path: Path) -> Path:
    """An agent sits upright, presses, reads the text aloud, presses."""
    text = load_pack(names={}).texts["calibrate.read"]
    folder = tmp_path / "reading"
    folder.mkdir()
    (folder / "call.toml").write_text(
        'title = "Calibrating"\nbegan = 2026-11-20T09:00:00+08:00\n[station]\nseat_sensor = true\n'
    )
    rows: list[tuple[int, str, object]] = [(0, "seat_mm", 640)]
    rows += [(at, "button", "resume") for at in (2000, 8000, 9000, 20000)]
    (folder / "lines.jsonl").write_text(
        "".join(f"{json.dumps({'at': at, 'line': line, 'value': value})}\n" for at, line, value in rows)
    )
    said = {"side": "agent", "began": 10000, "ended": 19000, "text": text, "level_dbfs": -31}
    (folder / "speech.jsonl").write_text(f"{json.dumps(said)}\n")
    return folder


def test_a_calibration_is_told_step_by_step_and_then_what_it_found(terminal: Terminal, reading: Path) -> None:
    ended = terminal.run("calibrate", "--call", reading)

    assert ended.code == 0
    assert ended.out.splitlines() == [
        "reading: Calibrating; on simulated hardware",
        "坐姿  请坐直，目视前方。翻页键跳过，勿扰键停止  [按恢复键开始]",
        "坐姿  请保持坐直…  [5秒]",
        "坐姿  坐姿已记好  [按恢复键继续]",
        "朗读  请像接电话一样，读出下一屏。翻页键跳过，勿扰键停止  [按恢复键开始]",
        "朗读  您好，很高兴为您服务，请问有什么可以帮您？请您稍等，我正在为您查询，谢谢  [读完按恢复键]",
        "朗读  音量和语速已记好  [按恢复键继续]",
        "校准  校准完成，谢谢",
        "  seat_upright_mm = 640 (was 0)",
        "  speaking_dbfs = -31 (was 0)",
        "  pace_pct = 100 (was 100)",
        "nothing is stored: this was a call folder; --write FILE stores it",
    ]


def test_without_a_speech_model_the_pace_stays_and_that_is_said(
    terminal: Terminal, reading: Path, tmp_path: Path
) -> None:
    ended = terminal.run("calibrate", "--call", reading, "--model", "none", "--write", tmp_path / "desk.toml")

    assert ended.out.splitlines()[-4:] == [
        "  seat_upright_mm = 640 (was 0)",
        "  speaking_dbfs = -31 (was 0)",
        "  pace_pct: not measured, stays 100",
        f"stored in {tmp_path / 'desk.toml'}; the device reads it when it starts",
    ]
    assert tomllib.loads((tmp_path / "desk.toml").read_text()) == {
        "station": {"seat_upright_mm": 640, "speaking_dbfs": -31}
    }


def test_an_agent_who_stops_leaves_no_file(terminal: Terminal, short_call: Path, tmp_path: Path) -> None:
    with (short_call / "lines.jsonl").open("w") as lines:
        lines.write('{"at": 2000, "line": "button", "value": "snooze"}\n')

    ended = terminal.run("calibrate", "--call", short_call, "--model", "none", "--write", tmp_path / "desk.toml")

    assert ended.out.splitlines()[-1] == "nothing was measured, nothing is stored"
    assert not (tmp_path / "desk.toml").exists()


def test_a_station_file_that_cannot_be_written_is_told_before_anybody_reads_aloud(
    terminal: Terminal, reading: Path
) -> None:
    place = reading / "call.toml" / "desk.toml"

    ended = terminal.run("calibrate", "--call", reading, "--write", place)

    assert (ended.code, ended.out) == (3, "")
    assert ended.told.startswith(f"error: {place}: cannot be written: ")


# Replay, score, screens, demo


def test_the_event_stream_is_json_lines_with_a_header_first(terminal: Terminal, short_call: Path) -> None:
    ended = terminal.run("replay", short_call, "--model", "none", "--events", "-")

    events = [json.loads(line) for line in ended.out.splitlines()]
    times = [event["at"] for event in events]
    assert (ended.code, ended.told) == (0, "")
    assert list(events[0]) == ["at", "kind", "format", "version", "model", "pack", "settings_sha256"]
    assert (times == sorted(times), {"ring", "answered", "call_card"} <= {event["kind"] for event in events}) == (
        True,
        True,
    )


def test_events_in_a_file_are_those_of_the_pipe(terminal: Terminal, short_call: Path, tmp_path: Path) -> None:
    piped = terminal.run("replay", short_call, "--model", "none", "--events", "-").out
    ended = terminal.run("replay", short_call, "--model", "none", "--events", tmp_path / "events.jsonl")

    assert ((tmp_path / "events.jsonl").read_text(), ended.out) == (piped, "short-call: Short\n")


def test_without_events_a_replay_reads_as_lines_for_people(terminal: Terminal, short_call: Path) -> None:
    ended = terminal.run("replay", short_call, "--model", "none")

    lines = ended.out.splitlines()
    assert lines[0] == "short-call: Short"
    assert [line.split(maxsplit=1) for line in lines if "ring " in line] == [["1040", "ring 1"], ["6040", "ring 2"]]
    assert lines[-1].split(maxsplit=1)[1].startswith("call card: rings 2, talk_ms 5")


def test_frames_are_pictures_named_by_time_and_screen(terminal: Terminal, short_call: Path, tmp_path: Path) -> None:
    ended = terminal.run("replay", short_call, "--model", "none", "--events", "-", "--frames", tmp_path / "frames")

    shown = [json.loads(line) for line in ended.out.splitlines()]
    wanted = {f"{each['at']:07}-{each['name']}.png" for each in shown if each["kind"] == "screen"}
    files = list((tmp_path / "frames" / "short-call").iterdir())
    assert {file.name for file in files} == wanted
    with Image.open(files[0]) as picture:
        assert (picture.size, picture.mode) == ((128, 64), "1")


def test_a_score_is_one_json_object(terminal: Terminal, short_call: Path) -> None:
    truths = [{"at": at, "kind": "ring", "count": count} for count, at in enumerate((1000, 6000, 11000), 1)]
    (short_call / "expected.jsonl").write_text("".join(f"{json.dumps(truth)}\n" for truth in truths))

    ended = terminal.run("score", short_call, "--model", "none", "--json")

    (row,) = [row for row in json.loads(ended.out)["rows"] if row["kind"] == "ring"]
    assert (ended.code, row["hits"], row["misses"], row["false_alarms"]) == (0, 2, 1, 0)


def test_every_screen_is_drawn_and_where_is_said(terminal: Terminal, tmp_path: Path) -> None:
    ended = terminal.run("screens", tmp_path / "out")

    written = {file.name for file in (tmp_path / "out").rglob("*.png")}
    assert "all.png" in written
    assert f"{len(written)} pictures in" in ended.out


def test_a_demo_in_a_pipe_has_no_escape_codes_and_ends_with_the_call_card(terminal: Terminal, short_call: Path) -> None:
    events = terminal.run("replay", short_call, "--model", "none", "--events", "-").out
    (card,) = [event for line in events.splitlines() if (event := json.loads(line)).get("name") == "call_card"]

    ended = terminal.run("demo", short_call, "--fast", "--model", "none")

    picture = braille(draw(Screen(name=ScreenName.CALL_CARD, lines=tuple(card["lines"]))))
    assert (ended.code, "\x1b" in ended.out) == (0, False)
    assert ended.out.splitlines()[-16:] == picture.splitlines()


# Models


def test_models_are_listed_with_the_one_in_use_and_how_to_get_another(terminal: Terminal) -> None:
    lines = terminal.run("model", "list").out.splitlines()

    assert lines[0].startswith("* companion-zh")
    assert lines[1].split()[-4:] == ["pi-companion", "model", "install", lines[1].split()[0]]


def test_a_model_from_a_zip_is_installed_used_and_whole(terminal: Terminal, tmp_path: Path) -> None:
    bundled = Path(cli.__file__).parent / "speech" / "companion-zh"
    shutil.copytree(bundled, tmp_path / "zipped" / "our-model")
    archive = shutil.make_archive(str(tmp_path / "our"), "zip", tmp_path / "zipped")

    installed = terminal.run("model", "install", archive)
    verified = terminal.run("model", "verify")

    assert (installed.code, installed.out.split(":")[0]) == (0, "installed our-model")
    assert (verified.code, verified.out.split(":")[0]) == (0, "our-model is whole (installed)")


# The live device


@pytest.fixture
def no_parts(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine with PortAudio, no sound card, no GPIO library and a site file that names an OLED bus of no machine."""

    class PortAudio:
        @staticmethod
        def query_devices() -> list[dict[str, object]]:
            return []

    monkeypatch.setattr(cards, "portaudio", PortAudio)
    monkeypatch.setitem(sys.modules, "gpiozero.pins.lgpio", None)
    site = tmp_path / "site.toml"
    site.write_text("[display]\ni2c_port = 19\n")
    return site


MISSING = ("no stereo input (there: none)", "the pins need the lgpio library", "cannot open /dev/i2c-19")


def test_the_doctor_lists_the_card_in_use_and_the_others_with_their_usb_ids(
    terminal: Terminal, no_parts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    codec = cards.Card(index=0, name="CODEC (hw:1,0)", channels=2, usb="08bb:2902@1-1.2")
    webcam = cards.Card(index=1, name="Webcam (hw:2,0)", channels=1, usb="046d:0825@1-1.3")
    monkeypatch.setattr(cards, "cards", lambda: (codec, webcam))
    ended = terminal.run("doctor", "--site", no_parts)

    (told,) = [line for line in ended.out.splitlines() if "sound card" in line]
    there = "CODEC (hw:1,0) [08bb:2902@1-1.2]; also there: Webcam (hw:2,0) [046d:0825@1-1.3]"
    assert " ".join(told.split()).endswith(f"sound card {there}")


def test_the_doctor_names_each_missing_part_and_what_to_do_and_exits_with_5(terminal: Terminal, no_parts: Path) -> None:
    ended = terminal.run("doctor", "--site", no_parts)

    marks = {line[2:16].strip(): line[0] for line in ended.out.splitlines() if line[0] in "✓✗"}
    assert ended.code == 5
    assert marks == {
        "python": "✓",
        "settings": "✓",
        "learned here": "✓",
        "rule pack": "✓",
        "speech model": "✓",
        "sound card": "✗",
        "GPIO": "✗",
        "harness": "✗",
        "OLED": "✗",
        "seat sensor": "✓",
    }
    assert "seat sensor   none fitted, the settings say: nothing is claimed about the seat" in ended.out
    assert [text for text in (*MISSING, "plug the USB sound card in", "raspi-config") if text not in ended.out] == []


def test_on_a_simulated_board_the_doctor_tests_the_program_and_says_of_each_part_that_it_is_simulated(
    terminal: Terminal, no_parts: Path
) -> None:
    ended = terminal.run("doctor", "--simulated-board", "--site", no_parts)

    told = {line[2:16].strip(): (line[0], line[16:26]) for line in ended.out.splitlines() if line[0] in "✓✗"}
    simulated = {part for part, (_, found) in told.items() if found == "simulated:"}
    assert (ended.code, {mark for mark, _ in told.values()}, len(told)) == (0, {"✓"}, 10)
    assert simulated == {"sound card", "GPIO", "harness", "OLED"}
    assert "nothing is said about those of this machine" in " ".join(ended.out.split())


def test_on_a_simulated_board_a_part_that_was_not_tested_is_not_fine(terminal: Terminal, no_parts: Path) -> None:
    no_parts.write_text("[station]\nseat_sensor = true\n")
    ended = terminal.run("doctor", "--simulated-board", "--site", no_parts)

    assert (ended.code, [line[2:13] for line in ended.out.splitlines() if line[0] == "✗"]) == (5, ["seat sensor"])


def test_the_doctor_on_a_simulated_board_finds_a_contact_that_stays_closed(
    terminal: Terminal, no_parts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pi_companion.bench.self_test.Panel.pass_time", lambda _panel, _now: None)
    ended = terminal.run("doctor", "--simulated-board", "--site", no_parts)

    assert ended.code == 5
    assert "✗ GPIO          simulated: the MUTE contact did not do what was asked of it" in ended.out


def test_parts_of_the_simulated_board_are_refused_without_it(terminal: Terminal) -> None:
    ended = terminal.run("run", "--harness", "4,8,parity")

    assert (ended.code, "add --simulated-board" in ended.told) == (2, True)


@pytest.mark.parametrize("command", ["run", "calibrate"])
def test_without_pins_there_is_no_device_and_what_is_missing_is_said_with_5(
    command: str, terminal: Terminal, no_parts: Path, tmp_path: Path
) -> None:
    ended = terminal.run(command, "--site", no_parts, "--model", "none")

    assert (ended.code, MISSING[1] in ended.told) == (5, True)
    assert not (tmp_path / "state").exists()


@pytest.fixture
def live_parts(monkeypatch: pytest.MonkeyPatch) -> Board:
    """A machine with all its parts, simulated: nobody speaks, and the sound card gives no sound."""
    board = Board(Pinout(), DeskPhone())
    opened = parts.Parts(factory=board.factory, open_panel=lambda: open_oled("capture"), is_simulated=True)
    monkeypatch.setattr(parts, "open_parts", lambda _site: opened)
    silent = partial(service.Live, new_tap=lambda *_, **__: nullcontext())
    monkeypatch.setattr(service, "Live", silent)
    return board


@pytest.mark.usefixtures("live_parts")
@pytest.mark.parametrize(("typed", "said"), [("s\n\n", "没有测到新的结果"), ("q\n\n", "已停止，未保存")])
def test_calibrate_on_the_live_parts_is_led_from_the_terminal_as_well(
    typed: str, said: str, terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed))

    ended = terminal.run("calibrate", "--model", "none")

    assert ended.code == 0
    assert ended.out.splitlines()[0].startswith("Enter 恢复键: go on")
    assert ended.out.splitlines()[2] == f"校准  {said}"
    assert ended.out.splitlines()[-1] == "nothing was measured, nothing is stored"
