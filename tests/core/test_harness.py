"""Which station is it? One wire wrong, a plug half in or bouncing: never taken for another station."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pi_companion.core.harness import (
    CODES,
    LINES,
    SETTLE_MS,
    SETTLE_READINGS,
    Harness,
    HarnessChanged,
    HarnessState,
    judge,
    told,
    word_of,
)

WORDS = range(1 << len(LINES))
codes = st.sampled_from(CODES)
words = st.sampled_from(WORDS)
STEP_MS = SETTLE_MS // (SETTLE_READINGS - 1)


def held(harness: Harness, word: int, at: int = 0, *, readings: int = SETTLE_READINGS) -> list[HarnessChanged]:
    found = (harness.read(at + STEP_MS * turn, word) for turn in range(readings))
    return [changed for changed in found if changed is not None]


def test_a_harness_that_holds_still_names_its_station_and_says_so_once() -> None:
    harness = Harness()
    word = word_of(12)

    assert held(harness, word, readings=20) == [
        HarnessChanged(at=0, state=HarnessState.CHANGING, word=word),
        HarnessChanged(at=SETTLE_MS, state=HarnessState.READ, word=word, code=12),
    ]


def test_no_harness_and_no_wire_left_open_are_no_stations() -> None:
    assert (judge(0b000000), judge(0b111111)) == ((HarnessState.MISSING, None), (HarnessState.BAD_PARITY, None))


def test_every_code_straps_three_lines_and_says_its_own_number() -> None:
    assert [(judge(word_of(code)), word_of(code).bit_count()) for code in CODES] == [
        ((HarnessState.READ, code), 3) for code in CODES
    ]


def test_the_codes_are_all_words_that_are_read() -> None:
    assert {judge(word)[1] for word in WORDS} - {None} == {*CODES}
    assert (len(CODES), sum(judge(word)[0] is HarnessState.READ for word in WORDS)) == (20, 20)


@pytest.mark.parametrize("code", [code for code in range(-1, 33) if code not in CODES])
def test_a_code_that_does_not_strap_three_lines_is_refused(code: int) -> None:
    with pytest.raises(ValueError, match=f"^{code} is no station's code; those are 3, 5, 6, 7, 9"):
        word_of(code)


@given(codes, st.integers(0, len(LINES) - 1))
def test_any_single_wrong_line_is_detected(code: int, line: int) -> None:
    assert judge(word_of(code) ^ 1 << line) == (HarnessState.BAD_PARITY, None)


@given(st.sampled_from([0, 0b111111]), st.integers(0, len(LINES) - 1))
def test_one_wrong_line_without_a_harness_makes_no_station(word: int, line: int) -> None:
    assert judge(word ^ 1 << line) == (HarnessState.UNUSED, None)


@given(codes, words)
def test_wires_that_broke_or_lie_at_ground_however_many_make_no_other_station(code: int, lines: int) -> None:
    word = word_of(code)

    assert {judge(word & lines)[1], judge(word | lines)[1]} <= {code, None}


@given(codes, st.lists(st.tuples(st.integers(0, 5000), words), max_size=40))
def test_a_plug_that_goes_in_or_bounces_however_slowly_never_names_another_station(
    code: int, contacts: list[tuple[int, int]]
) -> None:
    harness, at, named = Harness(), 0, set()
    for after_ms, touching in contacts:
        at += after_ms
        if (changed := harness.read(at, word_of(code) & touching)) is not None:
            named.add(changed.code)

    assert named <= {code, None}


@given(st.lists(words, min_size=1, max_size=60))
def test_what_does_not_hold_still_names_no_station_at_all(seen: list[int]) -> None:
    harness = Harness()
    bounces = [word for word, last in zip(seen, [None, *seen], strict=False) if word != last]

    states = {changed.state for turn, word in enumerate(bounces) if (changed := harness.read(turn * SETTLE_MS, word))}

    assert states == {HarnessState.CHANGING}


def test_a_loop_that_stood_still_proves_nothing_about_what_was_between_two_readings() -> None:
    harness = Harness()
    harness.read(0, word_of(12))

    assert harness.read(60_000, word_of(12)) is None


def test_pulling_the_plug_takes_the_code_back_at_once() -> None:
    harness = Harness()
    held(harness, word_of(12))

    assert [(fact.state, fact.code) for fact in held(harness, 0, at=1000)] == [
        (HarnessState.CHANGING, None),
        (HarnessState.MISSING, None),
    ]
    assert [fact.code for fact in held(harness, word_of(13), at=9000)] == [None, 13]


def test_people_are_told_which_lines_are_at_ground() -> None:
    def said(word: int) -> str:
        state, code = judge(word)
        return told(HarnessChanged(at=0, state=state, word=word, code=code))

    assert [said(word_of(12)), said(0), said(0b001100), said(0b000100)] == [
        "station code 12 (at ground: 4, 8, parity)",
        "none plugged in: no line is at ground",
        "bad parity (at ground: 4, 8): a wire is open or at ground that should not be; try another harness",
        "no station's code (at ground: 4): it must be three; the plug is not home or wires are broken",
    ]
