"""The shell hands in facts whole and in order, whatever happens while their effects are performed."""

from pi_companion.core.effects import Effect, ReleaseMute
from pi_companion.core.facts import Fact, MuteLampChanged, Tick
from pi_companion.shell import Shell


class Notes:
    """A mind that writes down what it is told, and asks for the key to be let go at `due`."""

    def __init__(self, due: int | None = None) -> None:
        self.told: list[Fact] = []
        self._due = due

    def handle(self, fact: Fact) -> tuple[Effect, ...]:
        self.told.append(fact)
        if self._due is None or fact.at < self._due:
            return ()
        self._due = None
        return (ReleaseMute(at=fact.at),)

    def deadline(self) -> int | None:
        return self._due


def test_an_edge_that_an_effect_brings_about_does_not_overtake_the_one_that_is_being_handed_in() -> None:
    notes = Notes(due=100)
    lit, dark = MuteLampChanged(at=100, is_lit=True), MuteLampChanged(at=100, is_lit=False)
    shell = Shell(notes, [lambda _effect: shell.deliver(dark)])

    shell.deliver(lit)

    assert notes.told == [Tick(at=100), lit, dark]


def test_an_edge_that_a_deadline_brings_about_comes_before_what_is_later() -> None:
    notes = Notes(due=50)
    early, late = MuteLampChanged(at=50, is_lit=True), MuteLampChanged(at=100, is_lit=False)
    shell = Shell(notes, [lambda _effect: shell.deliver(early)])

    shell.deliver(late)

    assert notes.told == [Tick(at=50), early, late]
