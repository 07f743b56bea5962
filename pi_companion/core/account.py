"""What became of every nudge? Numbers only: what was asked, and when, is not kept, least of all while snoozed."""

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """How many nudges were offered, and what became of them; `repeated`: the same again while it waited."""

    offered: int = 0
    shown: int = 0
    withheld: int = 0
    waiting: int = 0
    repeated: int = 0
    dropped: int = 0
    snoozed: int = 0

    @property
    def lost(self) -> int:
        """How many nobody can account for."""
        return self.offered - sum((self.shown, self.withheld, self.waiting, self.repeated, self.dropped, self.snoozed))

    def with_more(self, **more: int) -> "Account":
        """Return the account with so many more under each name."""
        return replace(self, **{name: getattr(self, name) + number for name, number in more.items()})
