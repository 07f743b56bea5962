"""Thousands of hostile sequences against the MUTE key, a fixed share of what `make hostile` lives through."""

from collections import Counter

import pytest

from pi_companion.bench.hostile import broken, piece
from pi_companion.bench.hostile_desk import live
from pi_companion.bench.hostile_sequences import KINDS, sequence


@pytest.mark.parametrize("number", range(8))
def test_no_hostile_sequence_shows_muted_while_live_or_fights_the_agent_or_holds_the_key(number: int) -> None:
    assert broken(piece(number)) == []


def test_a_sequence_is_always_the_same() -> None:
    assert (sequence(7), live(sequence(7))) == (sequence(7), live(sequence(7)))


def test_every_kind_of_phone_has_its_share() -> None:
    assert set(Counter(sequence(seed).kind for seed in range(130)).values()) == {130 // len(KINDS)}
