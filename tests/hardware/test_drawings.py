"""Does each schematic connect what the netlist connects, and would it be told if it did not?"""

import re

import pytest

from hardware.circuits import draw_mute_contact, mute_contact
from hardware.circuits.drawings import SHEETS
from hardware.circuits.everything import CIRCUITS
from hardware.circuits.sheet import Sheet

DRAWN = {sheet().circuit.name for sheet in SHEETS.values()}


@pytest.mark.parametrize("name", SHEETS)
def test_the_drawing_connects_what_the_netlist_connects(name: str) -> None:
    assert SHEETS[name]().complaints() == []


def test_every_circuit_is_drawn_but_the_harness_which_wireviz_draws() -> None:
    assert {circuit.name for circuit in CIRCUITS} - DRAWN == {"harness"}


@pytest.mark.parametrize("name", SHEETS)
def test_every_value_on_the_drawing_is_the_netlist_s(name: str) -> None:
    sheet = SHEETS[name]()
    words = " ".join(re.findall(r">([^<>]+)<", sheet.svg()))

    missing = [
        f"{part.ref} {part.label}"
        for part in sheet.circuit.parts
        if part.pins and part.ref[0] in "RCD" and (part.ref not in words or part.label not in words)
    ]
    assert missing == []


def test_a_missing_wire_and_a_wrong_one_are_told() -> None:
    sheet = Sheet(mute_contact.CIRCUIT)
    sheet.two("R104", (0, 6), (0, 4))
    sheet.two("R105", (1, 4), (1, 2))
    sheet.wire((1, 2), (1, 0), (0, 0), (0, 6))
    told = sheet.complaints()

    assert "net REF is drawn in 2 pieces" in told
    assert "net 5V is joined with R104 2, R105 2" in told
    assert "R101 pin 1 is not drawn" in told


def test_wires_that_only_cross_are_not_connected() -> None:
    sheet = Sheet(mute_contact.CIRCUIT)
    sheet.two("R104", (0, 2), (2, 2))
    sheet.wire((1.5, 3), (1.5, 1))
    sheet.wire((2, 2), (4, 2))
    sheet.wire((3, 3), (3, 1))
    sheet.net("OTHER", (3, 3))

    assert {
        pins
        for names, pins in ((names, frozenset(pins)) for names, pins in sheet.connections().items())
        if "OTHER" in names
    } == {frozenset()}


def test_a_name_that_lost_its_wire_is_told() -> None:
    sheet = Sheet(mute_contact.CIRCUIT)
    sheet.two("R114", (0, 0), (2, 0))
    sheet.net("KEY_A", (3, 0))
    told = sheet.complaints()

    assert "net KEY_A leaves the drawing without its name" in told
    assert "the name KEY_A touches no pin" in told


def test_a_label_on_the_wrong_net_is_told() -> None:
    sheet = draw_mute_contact.draw()
    sheet.net("GND", sheet.pin("U101", "1"))

    assert any("also called GND" in told for told in sheet.complaints())
