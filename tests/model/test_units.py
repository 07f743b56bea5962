import pytest

from firmware.model import units
from pi_companion.speech.syllables import SYLLABLES


@pytest.mark.parametrize(
    ("syllable", "initial", "final"),
    [
        ("zhuang", "zh", "uang"), ("shi", "sh", "ih"), ("si", "s", "iz"), ("ji", "j", "i"), ("xue", "x", "ve"),
        ("nüe", "n", "ve"), ("lv", "l", "v"), ("yuan", "y", "van"), ("you", "y", "iu"), ("wei", "w", "ui"),
        ("weng", "w", "ueng"), ("an", "'", "an"), ("er", "'", "er"), ("ng", "'", "en"), ("fo", "f", "o"),
    ],
)  # fmt: skip
def test_a_syllable_is_an_initial_and_a_final(syllable: str, initial: str, final: str) -> None:
    assert units.split(syllable) == (initial, final)


def test_every_syllable_that_is_ever_expected_can_be_told_and_no_two_sound_the_same() -> None:
    parts = {sound: units.split(sound) for sound in SYLLABLES}
    assert len(set(parts.values())) == len({units.canonical(sound) for sound in SYLLABLES})


def test_a_row_of_syllables_is_a_row_of_outputs_without_blanks() -> None:
    encoded = units.encode(["ni", "hao"])
    assert [units.UNITS[each] for each in encoded] == ["n", "i", "h", "ao"]
    assert len(units.UNITS) == 63
    assert units.UNITS[0] == units.BLANK


@pytest.mark.parametrize("text", ["", "b", "hello", "yiu", "wi", "zhih", "ni3", "你"])
def test_what_is_no_syllable_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no toneless Mandarin syllable"):
        units.split(text)
