"""Can everything be ordered, and does every board get enough current?"""

import csv
from collections import Counter

import pytest

from hardware import power
from hardware.__main__ import HERE
from hardware.bom import bill
from hardware.circuits.everything import CIRCUITS
from hardware.circuits.model import Assembly
from hardware.circuits.parts import ITEMS
from hardware.wiring import harnesses

BILLS = {assembly: bill.lines(assembly) for assembly in Assembly}


def test_no_line_lacks_a_reference_a_maker_a_number_or_a_reason() -> None:
    assert bill.complaints(BILLS) == []


def test_a_line_without_a_reference_is_told() -> None:
    broken = {Assembly.TAP: [("resistor", "1 kΩ", []), ("nothing", "", ["X9"])]}

    assert bill.complaints(broken) == ["tap: resistor 1 kΩ has no reference", "tap: nothing is not in parts.toml"]


def test_the_bill_has_every_part_of_every_circuit_once() -> None:
    with (HERE / "bom" / "bom.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    refs = Counter(ref for row in rows for ref in row["references"].split())

    assert refs == Counter(part.ref for circuit in CIRCUITS for part in circuit.parts)
    assert all(int(row["quantity"]) == len(row["references"].split()) for row in rows)


def test_every_item_says_where_its_figures_come_from_and_what_it_costs() -> None:
    lacking = [key for key, item in ITEMS.items() if not (item.datasheet and item.seen and item.price_cny)]

    assert lacking == []


@pytest.mark.parametrize("board", power.BOARDS, ids=lambda board: board.name)
def test_every_board_s_supply_has_some_left(board: power.Board) -> None:
    assert power.reserve(board) >= power.LEAST_RESERVE
    assert board.usb >= power.SOUND_CARD_MA


def test_the_harness_uses_the_parts_that_the_bill_has() -> None:
    drawn = harnesses.harness()

    assert {
        drawn["cables"]["W1"]["mpn"],
        drawn["connectors"]["X1"]["mpn"],
        drawn["connectors"]["MUTE hood"]["mpn"],
    } <= {item.number for item in ITEMS.values()}
