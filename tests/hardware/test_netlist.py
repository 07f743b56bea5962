"""Can it be built? The netlists against pinout and parts list, and the rules that keep a boot from pressing a key."""

import json
from collections import Counter
from dataclasses import replace

import pytest

from hardware.circuits import mute_contact, station
from hardware.circuits.everything import CIRCUITS, NETLIST, netlist
from hardware.circuits.model import Circuit, complaints, gpio, header_pin, number
from hardware.circuits.parts import ITEMS
from pi_companion.core.harness import CODES, HarnessState, judge
from pi_companion.pinout import HEADER, I2C, Output, Pinout

BOOT_RISK = {f"GPIO{bcm}" for bcm in (*range(9), 14, 15)}


def nets_of(ref: str) -> set[str]:
    return {net for circuit in CIRCUITS for part in circuit.parts if part.ref == ref for net in part.nets}


def pull_downs(circuits: tuple[Circuit, ...]) -> dict[str, str]:
    """Net to the reference of the resistor that holds it at ground."""
    return {
        next(iter(set(part.nets) - {"GND"})): part.ref
        for circuit in circuits
        for part in circuit.parts
        if part.ref[0] == "R" and part.item == "resistor" and "GND" in part.nets
    }


def test_no_reference_is_used_twice_and_no_pin_is_left_alone() -> None:
    assert complaints(CIRCUITS) == []


def test_a_reference_used_twice_and_a_pin_alone_are_told() -> None:
    first, second = mute_contact.CIRCUIT.parts[:2]
    broken = replace(
        mute_contact.CIRCUIT, parts=(first, replace(second, ref=first.ref, pins={"1": first.pins["1"], "2": "NOWHERE"}))
    )

    assert complaints([broken]) == [
        "mute-contact: R102 is used twice",
        "mute-contact: pin 2 of R102 is alone on net NOWHERE",
    ]


def test_every_line_of_the_pinout_is_wired_where_the_pinout_says() -> None:
    pins = station.header().pins

    assert {name: pins[str(header_pin(line))] for name, line in Pinout().lines().items()} == {
        name: gpio(line) for name, line in Pinout().lines().items()
    }
    assert {pins[str(HEADER[bcm])] for bcm in I2C.values()} == {f"GPIO{bcm}" for bcm in I2C.values()}


def test_every_line_of_the_pinout_reaches_a_part_beside_the_header() -> None:
    alone = [
        name
        for name, line in Pinout().lines().items()
        if not any(gpio(line) in part.nets and part.ref != "J1" for circuit in CIRCUITS for part in circuit.parts)
    ]

    assert alone == []


def test_supplies_and_grounds_are_where_the_header_has_them() -> None:
    assert Counter(station.header().nets)["GND"] == 8
    assert {station.header().pins[pin] for pin in ("1", "17")} == {"3V3"}
    assert {station.header().pins[pin] for pin in ("2", "4")} == {"5V"}


def test_nothing_that_presses_a_key_is_on_a_pin_that_moves_at_boot() -> None:
    pressing = {gpio(line) for line in Pinout().lines().values() if isinstance(line, Output) and line.presses_key}

    assert pressing == {mute_contact.PIN}
    assert pressing & BOOT_RISK == set()


def test_every_pin_that_presses_a_key_has_its_external_pull_down() -> None:
    assert pull_downs(CIRCUITS)[mute_contact.PIN] == "R102"
    assert number(mute_contact.CIRCUIT.part("R102").value) <= 10_000


def test_a_missing_pull_down_is_seen() -> None:
    without = replace(
        mute_contact.CIRCUIT, parts=tuple(part for part in mute_contact.CIRCUIT.parts if part.ref != "R102")
    )

    assert mute_contact.PIN not in pull_downs((without,))


def test_the_phone_s_key_touches_nothing_of_the_unit() -> None:
    on_key = {
        (part.ref, frozenset(part.nets))
        for circuit in CIRCUITS
        for part in circuit.parts
        if {"KEY_A", "KEY_B", "KEY_1"} & set(part.nets)
    }

    assert {ref for ref, _ in on_key} == {"K101", "R114", "J2", "P2"}
    assert nets_of("R114") == {"KEY_1", "KEY_A"}


def test_the_line_of_the_exchange_touches_nothing_of_the_unit() -> None:
    (box,) = (circuit for circuit in CIRCUITS if circuit.name == "ring-box")
    line_side, unit_side = {"LINE_A", "LINE_B", "LED_A", "LED_B"}, {"FEED", "LIGHT", "COLLECTOR"}

    assert [part.ref for part in box.parts if line_side & set(part.nets) and unit_side & set(part.nets)] == ["U301"]


def test_the_call_goes_through_the_tap_pin_by_pin() -> None:
    (tap,) = (circuit for circuit in CIRCUITS if circuit.name == "headset-tap")

    assert tap.part("J401").pins == tap.part("J402").pins


@pytest.mark.parametrize("code", CODES)
def test_the_plug_of_every_station_reads_as_its_code(code: int) -> None:
    strapped = station.strapped(code)
    word = sum(1 << place for place in range(6) if strapped.get(str(place + 1)) == "GND")

    assert judge(word) == (HarnessState.READ, code)


def test_every_part_is_in_the_parts_list_and_every_item_is_used() -> None:
    assert {part.item for circuit in CIRCUITS for part in circuit.parts} == set(ITEMS)


def test_the_netlist_for_the_board_is_up_to_date() -> None:
    assert json.loads(NETLIST.read_text(encoding="utf-8")) == json.loads(netlist()), "run: make circuits"


@pytest.mark.parametrize(
    ("value", "expected"), [("4k7", 4700.0), ("330", 330.0), ("1M5", 1.5e6), ("100n", 1e-7), ("4u7", 4.7e-6)]
)
def test_a_value_is_read(value: str, expected: float) -> None:
    assert number(value) == pytest.approx(expected)
