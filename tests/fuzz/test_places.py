"""Paths that lead to no ordinary file: every command that takes one says so at once, with its exit code, never 1."""

import os
import socket
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pi_companion import cli
from pi_companion.evaluation import material
from tests.fuzz.oracle import no_hang, read_or_told

MODEL_FREE = ("--model", "none")
CALL = 'title = "A call"\nbegan = 2026-11-20T16:42:00+08:00\n'


def pipe(place: Path) -> None:
    os.mkfifo(place)


def loop(place: Path) -> None:
    place.symlink_to(place.name)


def nowhere(place: Path) -> None:
    place.symlink_to("not-there")


def endless(place: Path) -> None:
    place.symlink_to("/dev/zero")


def listener(place: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(place))


def long_file(place: Path) -> None:
    with place.open("wb") as file:
        file.truncate(1 << 40)


ODD: tuple[Callable[[Path], None], ...] = (Path.mkdir, pipe, loop, nowhere, endless, listener, long_file)


@pytest.fixture(params=ODD, ids=lambda make: make.__name__)
def odd(request: pytest.FixtureRequest) -> Callable[[Path], None]:
    make: Callable[[Path], None] = request.param
    return make


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    monkeypatch.setenv("PI_COMPANION_MODELS", str(tmp_path / "models"))
    monkeypatch.delenv("PI_COMPANION_SITE", raising=False)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    def run(*arguments: str) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["pi-companion", *arguments])
        with no_hang():
            try:
                cli.main()
            except SystemExit as end:
                return int(end.code or 0), capsys.readouterr().err
        return 0, ""

    return run


def call_folder(at: Path) -> Path:
    at.mkdir()
    (at / "call.toml").write_text(CALL)
    (at / "lines.jsonl").write_text('{"at": 1000, "line": "ring", "value": 1}\n')
    return at


def test_a_site_file_that_is_none(odd: Callable[[Path], None], run: Callable[..., tuple[int, str]]) -> None:
    odd(Path("site.toml"))

    code, told = run("config", "show", "--site", "site.toml")

    assert (code, told.startswith("error: site.toml: ")) == (3, True)


@pytest.mark.parametrize("key", ["station_file", "pack.file"])
def test_a_file_beside_the_site_file_that_is_none(
    key: str, odd: Callable[[Path], None], run: Callable[..., tuple[int, str]]
) -> None:
    Path("site.toml").write_text(f'{key} = "beside.toml"\n')
    odd(Path("beside.toml"))

    code, told = run("config", "check", "site.toml")

    assert (code, told.startswith("error: ")) == (3, True)


@pytest.mark.parametrize("name", ["a\\u0000b", "x" * 5000, "../../../../../../dev/zero", "/", "~nobody-here/x"])
@pytest.mark.parametrize("key", ["station_file", "pack.file", "speech.model"])
def test_a_name_in_the_site_file_that_is_no_files(key: str, name: str, run: Callable[..., tuple[int, str]]) -> None:
    Path("site.toml").write_text(f'{key} = "{name}"\n')

    code, told = run("pack", "check", "--quiet", "--site", "site.toml")

    assert (code, told.startswith("error: ")) == (4 if key == "speech.model" else 3, True)


def test_what_is_learned_here_is_no_file(odd: Callable[[Path], None], run: Callable[..., tuple[int, str]]) -> None:
    Path("state").mkdir()
    odd(Path("state/station.toml"))

    code, told = run("config", "show")

    # A link to nothing is nothing learned yet.
    assert (code, "station.toml" in told) == ((0, False) if odd is nowhere else (3, True))


@pytest.mark.parametrize(
    "name", ["call.toml", "lines.jsonl", "expected.jsonl", "speech.jsonl", "audio.flac", "audio.wav"]
)
def test_a_part_of_a_call_folder_is_no_file(
    name: str, odd: Callable[[Path], None], run: Callable[..., tuple[int, str]]
) -> None:
    place = call_folder(Path("call")) / name
    place.unlink(missing_ok=True)
    odd(place)

    code, told = run("replay", "call", *MODEL_FREE)

    # A link to nothing in place of what may be absent is absence.
    is_optional = name not in {"call.toml", "lines.jsonl"}
    assert (code, name in told) == ((0, False) if odd is nowhere and is_optional else (3, True))


def test_a_call_folder_that_is_none(odd: Callable[[Path], None], run: Callable[..., tuple[int, str]]) -> None:
    odd(Path("call"))

    code, told = run("replay", "call", *MODEL_FREE)

    assert (code, told.startswith("error: call: " if odd is not Path.mkdir else "error: call")) == (3, True)


def test_a_model_that_is_none(odd: Callable[[Path], None], run: Callable[..., tuple[int, str]]) -> None:
    odd(Path("model"))

    codes = [run("model", "verify", "./model"), run("model", "install", "./model")]

    assert [(code, "model" in told) for code, told in codes] == [(4, True), (4, True)]


def test_a_table_of_a_drill_that_is_none(odd: Callable[[Path], None]) -> None:
    Path("drill").mkdir()
    odd(Path("drill/drill.tsv"))

    assert read_or_told(lambda: material.read_drill(Path("drill")), Path("drill")) is None
