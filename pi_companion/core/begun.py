"""What of many phrases has begun, syllable by syllable? Only what may begin now, or has begun, is looked at.

The columns of `core/alignment.py`, kept for every syllable heard, so that a hypothesis revised at its end costs only
what is new. Law 9: kept in memory until they are cut off or forgotten.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from pi_companion.core.alignment import Column, Entry, Fit, Syllable, fit_at, step


class Begun:
    """Follows phrases through what is heard; `go_on` for each syllable, `cut` for those that were none."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self._entries = tuple(entries)
        self._began_by = _began_by(self._entries)
        self._columns: list[dict[int, Column]] = []
        self._fits_at: list[list[Fit]] = []

    def cut(self, keep: int) -> None:
        """Forget all but the first `keep` syllables."""
        del self._columns[keep:], self._fits_at[keep:]

    def go_on(self, syllable: Syllable) -> None:
        """Take the next syllable."""
        index = len(self._columns)
        before: dict[int, Column] = self._columns[-1] if self._columns else {}
        columns: dict[int, Column] = {}
        ending = []
        for number in sorted(before.keys() | self._began_by[syllable.sound]):
            each = self._entries[number]
            column = step(each, before.get(number), syllable, index)
            if column is None:
                continue
            columns[number] = column
            fit = fit_at(each, column, syllable, index)
            if fit is not None:
                ending.append(fit)
        self._columns.append(columns)
        self._fits_at.append(ending)

    def found(self, since: int) -> list[Fit]:
        """Return every fit that ends at syllable `since` or later, in order."""
        return [fit for ending in self._fits_at[since:] for fit in ending]


class Courtesy:
    """A polite form in what was heard: where it is, and how much of it has come by the end."""

    def __init__(self, excuse: Entry, heard: Sequence[Syllable]) -> None:
        self.column: Column | None = None
        self.fits: list[Fit] = []
        for index, syllable in enumerate(heard):
            self.column = step(excuse, self.column, syllable, index)
            fit = fit_at(excuse, self.column, syllable, index)
            if fit is not None:
                self.fits.append(fit)


def _began_by(entries: Sequence[Entry]) -> Mapping[str, frozenset[int]]:
    """Return the numbers of the entries that a syllable may begin."""
    always = frozenset(number for number, each in enumerate(entries) if each.related is None)
    begun: defaultdict[str, set[int]] = defaultdict(set)
    for number, each in enumerate(entries):
        for sound in each.related or ():
            begun[sound].add(number)
    return defaultdict(lambda: always, {sound: always | numbers for sound, numbers in begun.items()})
