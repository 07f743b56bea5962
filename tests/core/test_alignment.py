"""What is too dear is forgotten early: nothing that could still count is lost by it."""

from itertools import accumulate

from hypothesis import given, settings
from hypothesis import strategies as st

from pi_companion.core.alignment import EXTRA_PM, MISSING_PM, Entry, Syllable, entry, fits, step
from pi_companion.core.limits import Spotting
from tests.core.desk import bundled_pack

Cell = tuple[int, int, int]
"""A place of a phrase, what it costs to have come so far, and the syllable with which that began."""

ENTRIES = [
    entry(rule, phrase, Spotting(), is_excuse=is_excuse)
    for rule in bundled_pack().rules
    for is_excuse, phrases in ((False, rule.phrases), (True, rule.excused_by))
    for phrase in phrases
]
SOUNDS = sorted({sound for each in ENTRIES for token in each.phrase.tokens for sound in token.costs_pm})


@st.composite
def mostly_said(draw: st.DrawFn) -> tuple[Entry, list[Syllable]]:
    """A phrase of the pack, and speech in which most of its syllables come, in order, among others."""
    wanted = draw(st.sampled_from(ENTRIES))
    sounds: list[str] = []
    for token in wanted.phrase.tokens:
        sounds += draw(st.lists(st.sampled_from(SOUNDS), max_size=1))
        likely = sorted(token.costs_pm, key=token.costs_pm.__getitem__)[:3] or SOUNDS[:3]
        sounds += draw(st.lists(st.sampled_from(likely), max_size=2))
    return wanted, [Syllable(sound, sound, True, True, 0, 0) for sound in sounds]


def every_column(wanted: Entry, heard: list[Syllable]) -> list[set[Cell]]:
    """The alignment as the book has it, nothing left out: what is worth it and has begun, after each syllable."""
    tokens = wanted.phrase.tokens
    missing = [0 if token.is_optional else MISSING_PM for token in tokens]
    column = [(cost, 0) for cost in accumulate(missing, initial=0)]
    found = []
    for index, syllable in enumerate(heard):
        new = [(0, index + 1)]
        for place, token in enumerate(tokens, 1):
            cost, first = column[place - 1]
            ways = [(cost + (0 if token.is_any else token.costs_pm.get(syllable.sound, 1000)), first)]
            if place < len(tokens):
                ways += [(new[-1][0] + missing[place - 1], new[-1][1]), (column[place][0] + EXTRA_PM, column[place][1])]
            new.append(min(ways, key=lambda way: way[0]))
        column = new
        found.append(
            {(place, cost, first) for place, (cost, first) in enumerate(new) if cost <= wanted.worth and first <= index}
        )
    return found


@settings(max_examples=400)
@given(mostly_said())
def test_all_that_may_still_count_is_kept(said: tuple[Entry, list[Syllable]]) -> None:
    wanted, heard = said
    kept, column = [], None
    for index, syllable in enumerate(heard):
        column = step(wanted, column, syllable, index)
        cells = enumerate(zip(*column, strict=True)) if column else ()
        kept.append({(place, cost, first) for place, (cost, first) in cells if cost <= wanted.worth and first <= index})
    assert kept == every_column(wanted, heard)


@settings(max_examples=400)
@given(mostly_said())
def test_every_fit_is_found(said: tuple[Entry, list[Syllable]]) -> None:
    wanted, heard = said
    last = len(wanted.phrase.tokens)
    expected = [
        (first, index, wanted.score_pm(cost))
        for index, cells in enumerate(every_column(wanted, heard))
        for place, cost, first in cells
        if place == last and cost <= wanted.allowed and wanted.is_literal(heard[index])
    ]
    assert [(fit.first, fit.last, fit.score_pm) for fit in fits(wanted, heard)] == expected
