"""Has a bouncing line settled? Debounce by time, the same for every line (gpiozero's mock pins have none)."""


class Steady:
    """A line that believes a new value once it has held for `rise_ms` (True) or `fall_ms` (False).

    `value` is None until the first one has.
    """

    def __init__(self, rise_ms: int, fall_ms: int | None = None) -> None:
        self.value: bool | None = None
        self.changed_at = 0
        self._settle_ms = {True: rise_ms, False: rise_ms if fall_ms is None else fall_ms}
        self._candidate: bool | None = None
        self._since = 0

    def change(self, at: int, value: bool) -> None:
        """Take an edge. The believed value changes in `settle`, never here."""
        if value == self.value:
            self._candidate = None
        elif value != self._candidate:
            self._candidate, self._since = value, at

    def deadline(self) -> int | None:
        """Return when the present candidate will have held long enough."""
        return None if self._candidate is None else self._since + self._settle_ms[self._candidate]

    def settle(self, at: int) -> bool:
        """Return True when the value has just changed; `changed_at` is then the edge's own time."""
        due = self.deadline()
        if due is None or at < due:
            return False
        self.value, self.changed_at, self._candidate = self._candidate, self._since, None
        return True
