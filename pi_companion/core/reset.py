"""Is everything to be wiped? Two buttons that are both down at the start, and stay down for ten seconds, say so.

Resume and snooze, the two outer ones: nobody holds both by chance. One that comes up, however shortly, takes it back.
"""

from enum import StrEnum
from typing import Final

from pi_companion.core.facts import Button

HOLD_MS: Final = 10_000
BUTTONS: Final = (Button.RESUME, Button.SNOOZE)


class Wish(StrEnum):
    """What the buttons say: nothing of the kind, maybe, or yes."""

    NO = "no"
    MAYBE = "maybe"
    YES = "yes"


class Reset:
    """Follows the two buttons from the start on. Times in milliseconds, from any moment on."""

    def __init__(self) -> None:
        self._since: int | None = None
        self._wish: Wish | None = None

    def look(self, at: int, *, are_down: bool) -> Wish:
        """Take what the buttons are; the first look decides whether there is a question at all. A no or yes stays."""
        if self._wish in {Wish.NO, Wish.YES}:
            return self._wish
        if not are_down:
            self._wish = Wish.NO
        elif self._since is None:
            self._since, self._wish = at, Wish.MAYBE
        elif at - self._since >= HOLD_MS:
            self._wish = Wish.YES
        return self._wish or Wish.NO

    def seconds_left(self, at: int) -> int:
        """Return the seconds to go, rounded up."""
        return -(-(HOLD_MS - (at - (self._since if self._since is not None else at))) // 1000)
