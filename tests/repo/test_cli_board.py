"""`pi-companion board`: alone at the lines, one message if it cannot be, and what was learned kept where it belongs."""

import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from pi_companion import cli
from pi_companion.bench.workshop import SimulatedRig
from pi_companion.live import instance, parts
from pi_companion.site.stations import Record
from pi_companion.workshop import rig as workshop_rig
from pi_companion.workshop.rig import Look
from pi_companion.workshop.steps import STEPS


@pytest.fixture(autouse=True)
def desk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PI_COMPANION_SITE", raising=False)
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))


def run(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    monkeypatch.setattr(sys, "argv", ["pi-companion", "board", *words])
    try:
        cli.main()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else 0
    return 0


def forbidden() -> object:
    raise AssertionError("the pins were opened")


def test_the_list_names_every_step_and_touches_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(workshop_rig, "open_chip", forbidden)

    assert run(monkeypatch, "--list") == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [step.name for step in STEPS]


def test_while_the_device_runs_it_touches_nothing_and_says_how_to_stop_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(workshop_rig, "open_chip", forbidden)
    with instance.alone(instance.folder()):
        code = run(monkeypatch, "--step", "mute", "--test-call")

    told = " ".join(capsys.readouterr().err.split())
    assert (code, "pi-companion runs here already" in told) == (5, True)
    assert "stop it first: sudo systemctl stop pi-companion" in told


def test_without_pins_it_says_so_and_never_simulates(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "gpiozero.pins.lgpio", None)

    assert run(monkeypatch, "--step", "leds") == 5
    assert "the pins need the lgpio library" in capsys.readouterr().err


def test_a_simulated_phone_teaches_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(monkeypatch, "--simulated", "--step", "ring", "--learn") == 2
    assert "a simulated one teaches nothing" in " ".join(capsys.readouterr().err.split())
    assert not (tmp_path / "state").exists()


@pytest.fixture
def unit(monkeypatch: pytest.MonkeyPatch) -> SimulatedRig:
    """A unit in the place of the one on this machine; what is around it is as on a Pi."""
    rig = SimulatedRig(lambda _line: None)
    monkeypatch.setattr(parts, "open_chip", lambda: rig.factory)
    monkeypatch.setattr(rig.factory, "close", lambda: None)

    class Unit(AbstractContextManager[SimulatedRig]):
        def __init__(self, *_: object) -> None:
            pass

        def __enter__(self) -> SimulatedRig:
            return rig

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(workshop_rig, "DeskRig", Unit)
    return rig


@pytest.mark.usefixtures("unit")
def test_what_was_learned_of_a_phone_is_kept_in_the_station_file_if_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "state" / "station.toml"
    run(monkeypatch, "--step", "ring")
    assert (path.exists(), "--learn keeps it" in capsys.readouterr().out) == (False, True)

    run(monkeypatch, "--step", "ring", "--learn")
    run(monkeypatch, "--step", "pulse", "--learn")
    assert path.read_text().splitlines()[1:] == ["", "[station]", "ring_period_ms = 5000", "mute_pulse_ms = 80"]


@pytest.mark.usefixtures("unit")
def test_at_a_terminal_each_step_waits_for_enter_and_may_be_skipped(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = iter(["s", "", "q"])
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _question: next(answers))

    assert run(monkeypatch) == 0
    told = capsys.readouterr().out
    assert ("green LED" in told, "OLED" in told, "buttons         expected" in told) == (False, True, False)


@pytest.mark.usefixtures("unit")
def test_a_reading_that_is_not_right_is_exit_5(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(SimulatedRig, "confirms", lambda *_: False)

    assert run(monkeypatch, "--step", "leds") == 5
    assert capsys.readouterr().out.count("if not") == 4


STATIONS = """[station.12]
agent_name = "小李"
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A site that knows one station, 12."""
    folder = tmp_path / "companion"
    folder.mkdir()
    (folder / "site.toml").write_text("")
    (folder / "stations.toml").write_text(STATIONS)
    monkeypatch.setenv("PI_COMPANION_SITE", str(folder / "site.toml"))
    return folder


@pytest.mark.usefixtures("site")
def test_at_a_site_with_stations_it_is_kept_for_the_one_that_the_harness_names(
    unit: SimulatedRig, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert run(monkeypatch, "--step", "pulse", "--learn") == 0
    assert "kept for this station: mute_pulse_ms = 80" in capsys.readouterr().out
    record = Record(tmp_path / "state", 12)
    assert (record.learned(), (tmp_path / "state" / "station.toml").exists()) == ({"mute_pulse_ms": 80}, False)

    unit.board.strap(0)
    unit.phone.hook(unit.now(), off_hook=False)
    assert run(monkeypatch, "--step", "pulse", "--learn") == 5
    assert "names no station of this site" in " ".join(capsys.readouterr().err.split())


@pytest.mark.usefixtures("site")
def test_the_stations_own_pulse_is_pressed(
    unit: SimulatedRig, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    Record(tmp_path / "state", 12).store({"mute_pulse_ms": 90})

    assert run(monkeypatch, "--step", "mute") == 0
    assert ("pulse 90 ms" in capsys.readouterr().out, unit.phone.presses) == (True, 1)


@pytest.mark.usefixtures("unit")
@pytest.mark.parametrize(("is_terminal", "presses", "asked"), [(True, 0, 1), (False, 1, 0)])
def test_at_a_terminal_the_option_alone_presses_nothing_somebody_is_asked(
    is_terminal: bool, presses: int, asked: int, unit: SimulatedRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    questions: list[str] = []

    class Unit(workshop_rig.DeskRig):
        def __init__(self, _site: object, _say: object, asks: Callable[[Look], bool | None]) -> None:
            monkeypatch.setattr(unit, "confirms", asks)

        def __enter__(self) -> SimulatedRig:  # type: ignore[override]  # the simulated unit in its place
            return unit

        def __exit__(self, *_: object) -> None:
            pass

    def answer(question: str) -> str:
        questions.append(question)
        return "n"

    monkeypatch.setattr(workshop_rig, "DeskRig", Unit)
    monkeypatch.setattr("sys.stdin.isatty", lambda: is_terminal, raising=False)
    monkeypatch.setattr("builtins.input", answer)
    run(monkeypatch, "--step", "mute", "--test-call")

    assert (unit.phone.presses, len(questions)) == (presses, asked)
