"""How far is what was heard from what was said? Edit distances, and syllables from rows of units."""

from collections.abc import Hashable, Sequence

from firmware.model import units

_INITIALS = len(units.INITIALS)


def edits(said: Sequence[Hashable], heard: Sequence[Hashable]) -> int:
    """The fewest insertions, deletions and substitutions that make one of the other (Levenshtein)."""
    row = list(range(len(heard) + 1))
    for index, one in enumerate(said, 1):
        now = [index]
        for other, diagonal, above in zip(heard, row, row[1:], strict=False):
            now.append(min(above + 1, now[-1] + 1, diagonal + (one != other)))
        row = now
    return row[-1]


def greedy(best: Sequence[int]) -> list[int]:
    """The units of the best output of every frame: repeats are one, blanks (0) are dropped."""
    return [unit for before, unit in zip((0, *best), best, strict=False) if unit and unit != before]


def syllables(row: Sequence[int]) -> list[tuple[int, ...]]:
    """Units by syllables: an initial with the final after it; one without the other stands alone."""
    found: list[tuple[int, ...]] = []
    for unit in row:
        is_final = unit > _INITIALS
        if is_final and found and len(found[-1]) == 1 and found[-1][0] <= _INITIALS:
            found[-1] = (found[-1][0], unit)
        else:
            found.append((unit,))
    return found
