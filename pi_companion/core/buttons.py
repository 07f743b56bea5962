"""Was a button pressed once? Its contact bounces, going down and coming up: what follows at once is no other press."""

from pi_companion.core.facts import Button, ButtonPressed, ButtonReleased


class Buttons:
    """Remembers when each button moved last; `settle_ms`: so long it must have been at rest before a press."""

    def __init__(self, settle_ms: int) -> None:
        self._settle_ms = settle_ms
        self._moved_at: dict[Button, int] = {}

    def is_press(self, fact: ButtonPressed | ButtonReleased) -> bool:
        """Take an edge; return whether somebody has pressed."""
        moved_at = self._moved_at.get(fact.button)
        self._moved_at[fact.button] = fact.at
        is_at_rest = moved_at is None or fact.at - moved_at > self._settle_ms
        return is_at_rest and isinstance(fact, ButtonPressed)
