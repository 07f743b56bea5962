"""From the network's best units to errors in syllables."""

import pytest

from firmware.model import scoring, units


@pytest.mark.parametrize(
    ("said", "heard", "edits"),
    [("", "", 0), ("abc", "abc", 0), ("abc", "", 3), ("", "ab", 2), ("abcd", "axcde", 2), ("ab", "ba", 2)],
)
def test_edits(said: str, heard: str, edits: int) -> None:
    assert scoring.edits(said, heard) == edits


def test_repeats_are_one_and_blanks_are_none() -> None:
    assert scoring.greedy([0, 3, 3, 0, 3, 30, 30, 0, 0]) == [3, 3, 30]
    assert scoring.greedy([]) == []


def test_units_pair_to_syllables_and_strays_stand_alone() -> None:
    ni, hao = units.encode(["ni"]), units.encode(["hao"])
    assert scoring.syllables([*ni, *hao]) == [tuple(ni), tuple(hao)]
    assert scoring.syllables([ni[1], hao[0], *ni]) == [(ni[1],), (hao[0],), tuple(ni)]
