"""What the desk shows while the device starts, and that nothing heavy, missing or stuck keeps it waiting."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from pi_companion import config
from pi_companion.adapters.draw import draw
from pi_companion.adapters.oled import Oled, open_oled
from pi_companion.bench.board import Board
from pi_companion.bench.phone import DeskPhone
from pi_companion.core import out_of_service
from pi_companion.core.out_of_service import Reason
from pi_companion.errors import GivenUp, HardwareError
from pi_companion.live import starts
from pi_companion.live.startup import Splash, starting
from pi_companion.pinout import Pinout
from pi_companion.site_file import Display, DisplayKind, glance_at_display

HEAVY = {"numpy", "vosk", "sounddevice", "webrtcvad", "soxr", "pypinyin", "pydantic", "typer", "rich", "requests"}
LIT = {"green": True, "amber": True, "red": True, "mute": False}
DARK = dict.fromkeys(LIT, False)


@pytest.fixture
def board() -> Iterator[Board]:
    board = Board(Pinout(), DeskPhone())
    yield board
    board.close()


def lights(board: Board) -> dict[str, bool]:
    return {name: board.light(name) for name in ("green", "amber", "red", "mute")}


def missing() -> Oled:
    raise HardwareError("there is none")


def test_while_it_starts_the_panel_says_so_and_three_leds_are_lit(board: Board) -> None:
    oled = open_oled("capture")
    with Splash(out_of_service.starting(1), lambda: oled, {}, lambda: board.factory):
        shown = oled.device.image.tobytes()  # type: ignore[attr-defined]  # luma's dummy

        assert (lights(board), board.is_contact_closed) == (LIT, False)
        assert shown == draw(out_of_service.starting(1)).tobytes()


def test_once_it_goes_on_the_leds_are_dark(board: Board) -> None:
    with Splash(out_of_service.starting(1), lambda: open_oled("capture"), {}, lambda: board.factory) as splash:
        splash.close()

        assert lights(board) == DARK


def test_no_call_lights_the_leds_of_the_splash() -> None:
    # README: green alone, amber alone, red alone, each for a number of rings.
    assert sum(LIT[name] for name in ("green", "amber", "red")) == 3


def test_without_pins_and_panel_it_starts_all_the_same() -> None:
    with Splash(out_of_service.starting(1), missing, {}, missing) as splash:
        splash.close()


def test_a_bus_that_hangs_keeps_nothing_from_starting(board: Board) -> None:
    over = Event()

    def hang() -> Oled:
        over.wait()
        return missing()

    with Splash(out_of_service.starting(1), hang, {}, lambda: board.factory):
        assert lights(board) == LIT
    over.set()


def test_nothing_heavy_is_imported_before_the_splash() -> None:
    program = (
        "import sys; import pi_companion.live.startup; print(*sorted({name.split('.')[0] for name in sys.modules}))"
    )
    # The program is written above.
    imported = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)  # noqa: S603

    assert HEAVY & set(imported.stdout.split()) == set()


@pytest.fixture
def run(tmp_path: Path) -> dict[str, str]:
    return {"RUNTIME_DIRECTORY": str(tmp_path)}


def test_each_try_waits_longer_and_the_fourth_touches_nothing(run: dict[str, str]) -> None:
    waits: list[float] = []
    told: list[str] = []
    opened: list[str] = []

    def note() -> Oled:
        opened.append("panel")
        return missing()

    def attempt() -> None:
        with starting(None, environ=run, open_chip=missing, open_panel=note, tell=told.append, wait=waits.append):
            raise HardwareError("no chip")

    for _ in range(3):
        with pytest.raises(HardwareError):
            attempt()
        starts.after_exit(run | {"SERVICE_RESULT": "exit-code"})
    with pytest.raises(GivenUp):
        attempt()

    assert (waits, told) == ([0, 2, 8], [f"starting, try {number} of 3" for number in (1, 2, 3)])
    assert (opened, starts.safe_mode(run)) == (["panel"] * 3, out_of_service.cannot_start(Reason.PINS, 6))


def test_what_goes_wrong_once_it_is_ready_is_no_failed_start(run: dict[str, str]) -> None:
    def work() -> None:
        with starting(None, environ=run, open_chip=missing, open_panel=missing) as splash:
            splash.ready()
            raise HardwareError("later")

    with pytest.raises(HardwareError):
        work()
    starts.after_exit(run | {"SERVICE_RESULT": "exit-code"})

    assert starts.begin(run) == 1


@pytest.mark.parametrize(
    ("text", "display"),
    [
        ("", Display()),
        ("[display]\nkind = 'sh1106'\ni2c_address = 0x3D\n", Display(kind=DisplayKind.SH1106, i2c_address=0x3D)),
        ("[display]\ni2c_port = 3\n", Display(i2c_port=3)),
    ],
)
def test_a_glance_at_the_site_file_finds_the_panel_that_settings_find(
    tmp_path: Path, text: str, display: Display
) -> None:
    file = tmp_path / "site.toml"
    file.write_text(text, encoding="utf-8")

    assert (glance_at_display(file), config.load(file).display) == (display, display)


@pytest.mark.parametrize(
    "text", ["[display", "display = 3", "[display]\nkind = 'none'", "[display]\ni2c_port = []", "\udcff"]
)
def test_a_mistake_in_the_site_file_does_not_keep_the_splash_from_the_usual_panel(tmp_path: Path, text: str) -> None:
    file = tmp_path / "site.toml"
    file.write_bytes(text.encode(errors="surrogateescape"))

    assert glance_at_display(file) == Display()


def test_without_a_site_file_the_splash_is_on_the_usual_panel(tmp_path: Path) -> None:
    assert (glance_at_display(None), glance_at_display(tmp_path / "none")) == (Display(), Display())
