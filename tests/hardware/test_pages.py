"""The workshop's pages keep up with the device: every command on them is run on the simulated unit and compared."""

import json
import re
import shlex
import sys
from contextlib import suppress
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from hardware.circuits import sim_faults
from hardware.circuits.everything import CIRCUITS
from hardware.circuits.model import GROUND
from hardware.circuits.station import STATION_PINS
from pi_companion import cli
from pi_companion.adapters.panel import MAX_PULSE_MS
from pi_companion.core.settings import Pack
from pi_companion.packs import load_pack
from pi_companion.pinout import HEADER, Pinout
from pi_companion.workshop.outputs import panel_picture
from pi_companion.workshop.steps import STEPS

HARDWARE = Path(__file__).parents[2] / "hardware"
PAGES = ("bring-up.md", "calibration.md")
COMMAND = re.compile(r"^```\n(pi-companion .*)\n```$", re.MULTILINE)
PROMISE = re.compile(r"^```text\n(.*?)\n```$", re.MULTILINE | re.DOTALL)
LIMIT = re.compile(r"`limits\.(\w+)\.(\w+) = (\d+)`")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A command of a page, and the reading promised below it."""

    page: str
    command: str
    promise: str | None


def shown(page: str) -> list[Shown]:
    text = (HARDWARE / page).read_text(encoding="utf-8")
    found = []
    for command, part in zip(COMMAND.findall(text), COMMAND.split(text)[2::2], strict=True):
        promise = PROMISE.search(part)
        found.append(Shown(page=page, command=command, promise=promise[1] if promise else None))
    return found


ALL = [each for page in PAGES for each in shown(page)]
BOARD = [each for each in ALL if each.command.startswith("pi-companion board")]


@pytest.fixture(autouse=True)
def desk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("PI_COMPANION_SITE", raising=False)
    monkeypatch.setenv("STATE_DIRECTORY", str(tmp_path / "state"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))


def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    monkeypatch.setattr(sys, "argv", list(words))
    with suppress(SystemExit):  # with 5, where a part is not there
        cli.main()
    return capsys.readouterr().out.splitlines()


@pytest.mark.parametrize("each", BOARD, ids=lambda each: f"{each.page} {each.command}")
def test_a_command_of_a_page_gives_exactly_the_reading_that_it_promises(
    each: Shown, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = shlex.split(each.command)
    is_list = "--list" in words
    found = said(monkeypatch, capsys, *words, *([] if is_list else ["--simulated"]))

    assert each.promise is not None
    assert found == ([] if is_list else ["on simulated hardware"]) + each.promise.splitlines()


def test_the_doctor_looks_at_every_part_that_bring_up_names_in_that_order(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (doctor,) = [each for each in ALL if each.command == "pi-companion doctor"]
    found = [line[2:16].strip() for line in said(monkeypatch, capsys, "pi-companion", "doctor") if line[0] in "✓✗"]

    assert doctor.promise is not None
    assert [part for part in found if part in doctor.promise.splitlines()] == doctor.promise.splitlines()


def test_bring_up_goes_through_every_step_in_its_order_and_calibration_through_what_is_taught() -> None:
    names = [re.findall(r"--step (\w+)", each.command) for each in shown("bring-up.md")]
    taught = " ".join(each.command for each in shown("calibration.md"))

    assert [name for found in names for name in found] == [step.name for step in STEPS if not step.is_taught]
    assert [step.name for step in STEPS if step.is_taught and f"--step {step.name}" not in taught] == []


def test_every_step_says_what_to_do_if_it_is_otherwise() -> None:
    text = (HARDWARE / "bring-up.md").read_text(encoding="utf-8")
    steps = re.split(r"^## \d+\. ", text, flags=re.MULTILINE)[1:]

    assert [step.splitlines()[0] for step in steps if "if not" not in step.lower()] == ["At work"]


def test_no_other_command_is_promised_a_reading() -> None:
    assert {each.command for each in ALL if each not in BOARD} == {"pi-companion doctor", "pi-companion calibrate"}


def test_limits_on_a_page_are_those_of_the_rule_pack() -> None:
    pack: Pack = load_pack(None, names={"agent_name": ""})
    named = [found for page in PAGES for found in LIMIT.findall((HARDWARE / page).read_text(encoding="utf-8"))]
    wrong = [each for each in named if getattr(getattr(pack.limits, each[0]), each[1]) != int(each[2])]

    assert (len(named) >= 4, wrong) == (True, [])


def test_the_test_picture_on_the_page_is_the_one_that_is_shown() -> None:
    drawn = Image.open(BytesIO((HARDWARE / "test-picture.png").read_bytes()))

    assert drawn.tobytes() == panel_picture().tobytes()


@pytest.mark.parametrize("page", [*PAGES, "SAFETY.md"])
def test_links_lead_somewhere(page: str) -> None:
    text = (HARDWARE / page).read_text(encoding="utf-8")
    links = [link for link in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in link]

    assert [link for link in links if not (HARDWARE / link).exists()] == []


@pytest.mark.parametrize("page", [*PAGES, "SAFETY.md"])
def test_parts_that_a_page_names_are_in_the_circuits(page: str) -> None:
    text = (HARDWARE / page).read_text(encoding="utf-8")
    known = {part.ref for circuit in CIRCUITS for part in circuit.parts}

    assert {ref for ref in re.findall(r"\b(?:RV|R|C|D|K|U|T|Q)\d{3}\b", text) if ref not in known} == set()


def test_contacts_and_pins_on_the_pages_are_those_of_the_circuits() -> None:
    bring_up, calibration = ((HARDWARE / page).read_text(encoding="utf-8") for page in PAGES)
    hoods = dict(re.findall(r"^\| (\S+) \| (1[1-4]) \| RV\d+ ", calibration, re.MULTILINE))

    assert f"header pin {HEADER[Pinout().mute_contact.bcm]} (MUTE contact)" in bring_up
    assert {STATION_PINS["8"], STATION_PINS["15"], STATION_PINS["9"]} == {"KEY_A", "KEY_B", GROUND}
    assert {lamp: STATION_PINS[contact] for lamp, contact in hoods.items()} == {
        "MUTE": "MUTE_LIGHT",
        "ring": "RING_LIGHT",
        "小休": "BUSY_LIGHT",
        "hook": "HOOK_LIGHT",
    }


def test_what_safety_says_of_the_circuits_are_the_limits_that_their_simulations_hold() -> None:
    safety = (HARDWARE / "SAFETY.md").read_text(encoding="utf-8")
    figures = json.loads((HARDWARE / "circuits" / "figures.json").read_text())

    def most(circuit: str, what: str) -> float:
        (figure,) = [each for each in figures[circuit] if each["what"] == what]
        return float(figure["most"])

    stuck = [each for each in figures["mute-contact-faults"] if each["what"].endswith("pin stuck high: closed")]
    pressed = [each for each in figures["mute-contact-faults"] if "pin low" in each["what"] and each["value"] > 0]
    unbounded = [each for each in stuck if each["most"] is None]
    share = most("mute-contact", "the same, share of the time closed once the first press is over")
    bridged = most("mute-contact", "the same, gaps of up to 20 ms counted as closed")
    plug = max(most("headset-tap", f"{pair} with a shorted plug: loss, most") for pair in ("microphone", "earpiece"))
    fault = most("headset-tap", "any one part of a side shorted, and the plug too: loss, most")

    assert {each["what"].partition(",")[0] for each in pressed} == sim_faults.PRESSING
    assert all(
        f"{each['what'].partition(',')[0]} presses once, for at most {each['most']:g} ms" in safety for each in pressed
    )
    assert f"{len(unbounded)} of {len(stuck)} such faults" in safety
    assert f"up to {share:g} % of the time" in safety
    assert f"one press of up to {bridged:g} ms" in safety
    assert f"less than {plug:g} dB, with one part of it shorted as well less\nthan {fault:g} dB" in safety
    assert most("mute-contact", "pin stuck high, the longest of all corners") == MAX_PULSE_MS == 300
