"""The call builder: a recipe becomes a folder that loads, and the same recipe the same folder."""

import math
from pathlib import Path

import numpy as np
import pytest
import soundfile

from pi_companion.bench.builder import build, main
from pi_companion.core.facts import Side
from pi_companion.errors import CallFolderError
from pi_companion.session.folder import HookEdge, RingEdge, SeatReading, load, read_audio
from pi_companion.session.scripted import BusyTone, Speech

CALLS = Path(__file__).parents[1] / "calls"
RECIPES = sorted(CALLS.glob("*/recipe.toml"))
HEAD = 'title = "A call"\nbegan = 2026-11-20T16:42:00+08:00\n'
SCRIPT = (
    HEAD
    + """
rings = [1000, 6000]
lines = [{at = 500, line = "seat_mm"}]
say = [
  {at = 7700, line = "hook", value = 1},
  {side = "agent", at = 8300, text = "您好，再见", spots = [["CLOSE-1", "再见"]]},
  {side = "customer", after = 500, text = "", for = 900, level_dbfs = -30},
  {after = 1500, tone = "busy", for = 3000},
  {after = 0, line = "hook", value = 0},
]
truth = [{at = 9000, kind = "nudge", rule = "OPEN-1"}]

[station]
agent_name = "小李"
"""
)


def recipe(folder: Path, text: str) -> Path:
    file = folder / "recipe.toml"
    file.write_text(text, encoding="utf-8")
    return file


def complaints(file: Path) -> str:
    with pytest.raises(CallFolderError) as caught:
        build(file, file.parent / "built")
    return "\n".join(caught.value.complaints)


def sine(file: Path, channels: int, seconds: int = 1) -> None:
    """440 Hz, half of full scale."""
    wave = 16384 * np.sin(2 * np.pi * 440 * np.arange(16000 * seconds) / 16000)
    soundfile.write(file, np.stack([wave] * channels, axis=1).astype(np.int16), 16000)


def dbfs(samples: np.ndarray[tuple[int], np.dtype[np.int16]]) -> int:
    return round(20 * math.log10(np.sqrt(np.mean((samples / 32768.0) ** 2))))


def test_a_script_becomes_lines_voices_and_truth(tmp_path: Path) -> None:
    built = build(recipe(tmp_path, SCRIPT), tmp_path / "built")

    assert built.station == {"agent_name": "小李"}
    assert built.lines == (
        SeatReading(at=500, distance_mm=None),
        RingEdge(at=1000, is_active=True),
        RingEdge(at=2000, is_active=False),
        RingEdge(at=6000, is_active=True),
        RingEdge(at=7000, is_active=False),
        HookEdge(at=7700, is_off_hook=True),
        HookEdge(at=15080, is_off_hook=False),
    )
    assert built.script == (
        Speech(side=Side.AGENT, began=8300, ended=9180, text="您好，再见"),
        Speech(side=Side.CUSTOMER, began=9680, ended=10580, level_dbfs=-30),
        BusyTone(at=12080),
    )
    assert [dict(row) for row in built.truth or ()] == [
        {"at": 1000, "kind": "ring", "count": 1},
        {"at": 6000, "kind": "ring", "count": 2},
        {"at": 7700, "kind": "answered", "rings": 2},
        {"at": 8300, "kind": "turn", "side": "agent", "began": 8300, "ended": 9180, "text": "您好，再见", "chars": 4},
        {"at": 9000, "kind": "nudge", "rule": "OPEN-1"},
        {
            "at": 9180,
            "kind": "phrase",
            "rule": "CLOSE-1",
            "side": "agent",
            "phrase": "再见",
            "began": 8740,
            "ended": 9180,
        },
    ]


def test_ringing_that_nobody_answers_is_missed_and_a_call_without_a_ring_is_outbound(tmp_path: Path) -> None:
    text = HEAD + 'rings = [1000, 6000]\nsay = [{at = 30000, line = "hook", value = 1}]\n'

    truth = build(recipe(tmp_path, text), tmp_path / "built").truth or ()

    assert [(row["at"], row["kind"]) for row in truth] == [
        (1000, "ring"),
        (6000, "ring"),
        (7600, "missed"),
        (30000, "outbound"),
    ]


def test_two_talk_in_turn_for_as_long_as_they_are_told(tmp_path: Path) -> None:
    text = HEAD + 'chat = [{at = 1000, until = 4000, agent = "您好", customer = "好的"}]\n'

    assert [
        (said.side, said.began, said.ended)
        for said in build(recipe(tmp_path, text), tmp_path / "built").script
        if isinstance(said, Speech)
    ] == [(Side.AGENT, 1000, 1440), (Side.CUSTOMER, 2040, 2480), (Side.AGENT, 3080, 3520)]


@pytest.mark.parametrize(("side", "place", "level"), [("agent", 0, -20), ("customer", 1, -24)])
def test_a_clip_is_on_its_own_side_at_the_usual_level(tmp_path: Path, side: str, place: int, level: int) -> None:
    sine(tmp_path / "clip.flac", 1)
    text = HEAD + f'say = [{{side = "{side}", at = 1000, clip = "clip.flac", to = 800, text = "喂"}}]\n'

    built = build(recipe(tmp_path, text), tmp_path / "built")

    samples = np.frombuffer(read_audio(built), "<i2").reshape(-1, 2)
    said = samples[1100 * 16 : 1700 * 16]
    assert (len(samples), dbfs(said[:, place])) == (2800 * 16, level)
    assert int(np.abs(said[:, 1 - place]).max()) <= 3
    assert int(np.abs(samples[: 1000 * 16]).max()) <= 3


def test_the_busy_tone_is_heard_on_the_customers_side(tmp_path: Path) -> None:
    sine(tmp_path / "clip.flac", 1)
    text = HEAD + (
        'say = [{side = "agent", at = 0, clip = "clip.flac", text = "喂"}, {at = 2000, tone = "busy", for = 700}]\n'
    )

    samples = np.frombuffer(read_audio(build(recipe(tmp_path, text), tmp_path / "built")), "<i2").reshape(-1, 2)

    on, off = samples[2000 * 16 : 2350 * 16, 1], samples[2350 * 16 : 2700 * 16, 1]
    assert (dbfs(on), int(np.abs(off).max()) <= 2) == (-24, True)


def test_a_call_is_heard_or_scripted_but_not_both(tmp_path: Path) -> None:
    text = HEAD + 'say = [{side = "agent", clip = "a.flac", text = "喂"}, {side = "agent", text = "喂"}]\n'

    assert complaints(recipe(tmp_path, text)) == (
        "say: some with a clip and some without; allowed: a call is heard or scripted"
    )


def test_every_mistake_of_a_recipe_is_named_at_once(tmp_path: Path) -> None:
    text = 'title = 1\nbegan = 2026-11-20T16:42:00+08:00\nsays = []\nsay = [{side = "agent"}]\n'

    assert complaints(recipe(tmp_path, text)) == (
        '"title" is 1; allowed: text\nunknown key "says"; did you mean "say"?\nsay 1: "text" is missing; allowed: text'
    )


def test_a_phrase_that_was_not_said_cannot_be_truth(tmp_path: Path) -> None:
    text = HEAD + 'say = [{side = "agent", text = "您好", spots = [["CLOSE-1", "再见"]]}]\n'

    assert complaints(recipe(tmp_path, text)) == "spots: 再见 is not in 您好"


@pytest.mark.parametrize("channels", [0, 3])
def test_a_clip_that_cannot_be_used_is_said_so(tmp_path: Path, channels: int) -> None:
    if channels:
        sine(tmp_path / "clip.flac", channels)
    text = HEAD + 'say = [{side = "agent", clip = "clip.flac", text = "喂"}]\n'

    found = complaints(recipe(tmp_path, text))

    assert found.startswith("found 3 channels at 16000 Hz" if channels else "cannot be read")


def test_a_mistake_is_one_line_and_an_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = main([str(recipe(tmp_path, "title = 1\n")), str(tmp_path / "built")])

    assert (code, capsys.readouterr().err.count("\n")) == (3, 2)
    assert main([]) == 2


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.parent.name)
def test_every_call_of_the_tests_is_what_its_recipe_gives(path: Path, tmp_path: Path) -> None:
    """Built beside the others, since recipes name each other's clips; only what changed would differ."""
    built = build(path, tmp_path)
    there = load(path.parent)

    names = {file.name for file in path.parent.iterdir()} - {"recipe.toml"}
    assert {file.name for file in tmp_path.iterdir()} == names
    for name in sorted(names - {"audio.flac"}):
        assert (tmp_path / name).read_text(encoding="utf-8") == (path.parent / name).read_text(encoding="utf-8"), name
    # The bytes of a FLAC file may differ between versions of its library; its samples may not.
    assert read_audio(built) == read_audio(there)
