"""How does the core meet the world? Facts in time order in, deadlines as ticks, effects to whoever performs them.

The imperative half of law 1 and the one place that keeps law 2: replay and the live device run this same loop.
"""

from collections.abc import Callable, Iterable, Sequence

from pi_companion.core.effects import Effect
from pi_companion.core.facts import Fact, Tick
from pi_companion.core.mind import Mind
from pi_companion.core.settings import Pack, Station

Perform = Callable[[Effect], None]
Watch = Callable[[Fact], None]
Look = Callable[[int], Iterable[Fact]]
"""Looks at something once a turn, at so many milliseconds, and returns at once what has changed."""


NewMind = Callable[[Pack, Station], Mind]


class Shell:
    """Delivers facts to a mind and its effects to every performer, in order.

    `watchers` see each fact before it is handled (the demo's talk bars, `--show-text`).
    """

    def __init__(self, mind: Mind, performers: Sequence[Perform], watchers: Sequence[Watch] = ()) -> None:
        self._mind = mind
        self._performers = tuple(performers)
        self._watchers = tuple(watchers)
        self._waiting: list[Fact] = []
        self._is_busy = False

    def deliver(self, fact: Fact) -> None:
        """Hand in a fact; deadlines up to its time are passed first.

        What is handed in by whoever performs an effect waits for its turn: facts are handled whole, in order.
        """
        self._waiting.append(fact)
        if not self._is_busy:
            self._work(fact.at)

    def pass_time(self, now: int) -> None:
        """Tick every deadline up to `now`, each at its own time."""
        if not self._is_busy:
            self._work(now)

    def deadline(self) -> int | None:
        """Return when `pass_time` has something to do."""
        return self._mind.deadline()

    def _work(self, until: int) -> None:
        self._is_busy = True
        try:
            while (fact := self._next(until)) is not None:
                if not isinstance(fact, Tick):
                    for watch in self._watchers:
                        watch(fact)
                for effect in self._mind.handle(fact):
                    for perform in self._performers:
                        perform(effect)
        finally:
            self._is_busy = False

    def _next(self, until: int) -> Fact | None:
        """Return what is handled next: a deadline that is due, else the fact that waits with the earliest time."""
        fact = min(self._waiting, key=lambda waiting: waiting.at, default=None)
        due = self._mind.deadline()
        if due is not None and due <= (until if fact is None else fact.at):
            return Tick(at=due)
        if fact is not None:
            self._waiting.remove(fact)
        return fact
