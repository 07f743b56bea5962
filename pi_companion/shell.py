"""How does the core meet the world? Facts in time order in, deadlines as ticks, effects to whoever performs them.

The imperative half of law 1 and the one place that keeps law 2: replay and the live device run this same loop.
"""

from collections.abc import Callable, Sequence

from pi_companion.core.companion import Companion
from pi_companion.core.effects import Effect
from pi_companion.core.facts import Fact, Tick

Perform = Callable[[Effect], None]
Watch = Callable[[Fact], None]


class Shell:
    """Delivers facts to the companion and its effects to every performer, in order.

    `watchers` see each fact before it is handled (the demo's talk bars, `--show-text`).
    """

    def __init__(self, companion: Companion, performers: Sequence[Perform], watchers: Sequence[Watch] = ()) -> None:
        self._companion = companion
        self._performers = tuple(performers)
        self._watchers = tuple(watchers)

    def deliver(self, fact: Fact) -> None:
        """Hand in a fact; deadlines up to its time are passed first."""
        self.pass_time(fact.at)
        for watch in self._watchers:
            watch(fact)
        self._handle(fact)

    def pass_time(self, now: int) -> None:
        """Tick every deadline up to `now`, each at its own time."""
        while (due := self._companion.deadline()) is not None and due <= now:
            self._handle(Tick(at=due))

    def deadline(self) -> int | None:
        """Return when `pass_time` has something to do."""
        return self._companion.deadline()

    def _handle(self, fact: Fact) -> None:
        for effect in self._companion.handle(fact):
            for perform in self._performers:
                perform(effect)
