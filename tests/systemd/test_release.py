"""After any exit: the MUTE contact open, the LEDs dark, the OLED says so; each part on its own, none for long."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event, Timer

import pytest
from gpiozero import Factory, OutputDevice

from pi_companion.adapters.draw import draw
from pi_companion.adapters.oled import Oled, open_oled
from pi_companion.bench.board import Board
from pi_companion.bench.phone import DeskPhone
from pi_companion.core.out_of_service import stopped
from pi_companion.errors import HardwareError
from pi_companion.live import instance
from pi_companion.live.release import OLED_S, PINS_S, release
from pi_companion.pinout import Pinout

PINOUT = Pinout()
LIGHTS = ("green", "amber", "red", "mute")
OFF = {"mute_contact": False, **dict.fromkeys(LIGHTS, False)}
NO_ANSWER_S = PINS_S + OLED_S + 3
"""Far less than for ever, on the busiest machine."""


class Desk:
    """A board whose outputs were left on by a program that is gone, and the panel beside it."""

    def __init__(self) -> None:
        self.board = Board(PINOUT, DeskPhone())
        self.oled = open_oled("capture")
        for name in OFF:
            pin = self.board.factory.pin(getattr(PINOUT, name).bcm)
            pin.function = "output"
            pin.state = True
        # A simulated chip that is let go lets go of its lines; a real one may leave them as they were driven last.
        self.board.factory.close = lambda: None

    def open_chip(self) -> Factory:
        return self.board.factory

    def open_panel(self) -> Oled:
        return self.oled

    @property
    def outputs(self) -> dict[str, bool]:
        return {"mute_contact": self.board.is_contact_closed} | {
            name: bool(self.board.factory.pin(getattr(PINOUT, name).bcm).state) for name in LIGHTS
        }

    @property
    def is_stopped_shown(self) -> bool:
        shown: bytes = self.oled.device.image.tobytes()  # type: ignore[attr-defined]  # luma's dummy
        return shown == draw(stopped()).tobytes()


@pytest.fixture
def desk() -> Iterator[Desk]:
    desk = Desk()
    assert all(desk.outputs.values())
    yield desk
    del desk.board.factory.close
    desk.board.close()


def none_there(what: str) -> Callable[[], Oled]:
    def fail() -> Oled:
        raise HardwareError(f"there is no {what}")

    return fail


def test_what_was_left_on_is_off_and_the_panel_says_that_it_has_stopped(desk: Desk) -> None:
    said = release(PINOUT, desk.open_chip, desk.open_panel, stopped())

    assert (desk.outputs, desk.is_stopped_shown, said) == (
        OFF,
        True,
        (
            "mute_contact: open", "green: dark", "amber: dark", "red: dark", "mute: dark",
            "OLED: 已停止 · 电话照常使用",
        ),
    )  # fmt: skip


def test_without_a_panel_the_contact_is_open_all_the_same(desk: Desk) -> None:
    said = release(PINOUT, desk.open_chip, none_there("panel"), stopped())

    assert (desk.outputs, said[-1]) == (OFF, "there is no panel")


def test_without_pins_the_panel_says_that_it_has_stopped_all_the_same(desk: Desk) -> None:
    said = release(PINOUT, none_there("chip"), desk.open_panel, stopped())

    assert (desk.is_stopped_shown, said[0]) == (True, "pins: there is no chip")


def test_a_line_that_is_just_being_given_back_is_driven_then(desk: Desk) -> None:
    old = OutputDevice(PINOUT.mute_contact.bcm, initial_value=True, pin_factory=desk.board.factory)
    Timer(PINS_S / 5, old.close).start()

    assert release(PINOUT, desk.open_chip, desk.open_panel, stopped())[0] == "mute_contact: open"


def test_a_line_that_somebody_holds_does_not_keep_the_others_from_their_turn(desk: Desk) -> None:
    with OutputDevice(PINOUT.green.bcm, initial_value=True, pin_factory=desk.board.factory):
        said = release(PINOUT, desk.open_chip, desk.open_panel, stopped())

    others = [each for each in said if not each.startswith("green: GPIO 12 (header pin 32) cannot be used")]
    assert others == ["mute_contact: open", "amber: dark", "red: dark", "mute: dark", "OLED: 已停止 · 电话照常使用"]


@pytest.mark.parametrize("part", ["pins", "OLED"])
def test_a_part_that_hangs_is_left_to_itself(desk: Desk, part: str) -> None:
    over = Event()

    def hang() -> Oled:
        over.wait()
        raise HardwareError("too late")

    began = time.monotonic()
    said = release(
        PINOUT, hang if part == "pins" else desk.open_chip, hang if part == "OLED" else desk.open_panel, stopped()
    )
    took_s = time.monotonic() - began
    over.set()

    assert f"{part}: no answer in 1 s, left as it is" in said
    assert desk.is_stopped_shown if part == "pins" else desk.outputs == OFF
    assert took_s < NO_ANSWER_S


def test_a_defect_in_one_part_does_not_keep_the_other_from_its_turn(desk: Desk) -> None:
    def fail() -> Factory:
        raise ZeroDivisionError("a defect")

    said = release(PINOUT, fail, desk.open_panel, stopped())

    assert (said[0], desk.is_stopped_shown) == ("pins: a defect", True)


def by_hand(folder: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    """Call the command where there are no pins and no panel."""
    return subprocess.run(
        [sys.executable, "-m", "pi_companion", "release"],
        env=os.environ | {"RUNTIME_DIRECTORY": str(folder)} | environ,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_by_hand_nothing_is_taken_from_a_device_that_runs(tmp_path: Path) -> None:
    with instance.alone(tmp_path):
        ended = by_hand(tmp_path)

    assert (ended.returncode, ended.stdout) == (5, "")
    assert "pi-companion runs here already" in ended.stderr


def test_what_systemd_calls_never_fails_the_stop(tmp_path: Path) -> None:
    with instance.alone(tmp_path):  # left by a process that has not quite gone
        ended = by_hand(tmp_path, SERVICE_RESULT="watchdog")

    assert (ended.returncode, ended.stderr, [line.split(":")[0] for line in ended.stdout.splitlines()]) == (
        0,
        "",
        ["pins", "OLED"],
    )
