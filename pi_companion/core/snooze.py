"""Does the agent want to be left alone? The snooze button: for this call, or for a while; it leaves no record."""

from pi_companion.core.limits import Cueing


class Snooze:
    """A press begins it, another ends it. Mute, safety and what was asked for are shown all the same."""

    def __init__(self, limits: Cueing) -> None:
        self._limits = limits
        self._until: int | None = None
        self._is_for_call = False
        self._announced_until: int | None = None

    @property
    def is_on(self) -> bool:
        """Whether nudges are kept away."""
        return self._is_for_call or self._until is not None

    @property
    def is_announced(self) -> bool:
        """Whether it is still being said that it lasts for this call."""
        return self._announced_until is not None

    def press(self, at: int, *, is_in_call: bool) -> None:
        """Begin or end it; in a call it lasts as long as the call."""
        if self.is_on:
            self._until = self._announced_until = None
            self._is_for_call = False
        elif is_in_call:
            self._is_for_call, self._announced_until = True, at + self._limits.shown_ms
        else:
            self._until = at + self._limits.snooze_ms

    def end_of_call(self) -> None:
        """What was for the call ends with it."""
        self._is_for_call, self._announced_until = False, None

    def deadline(self) -> int | None:
        """Return when it ends by itself, or has been said long enough."""
        dues = (self._until, self._announced_until)
        return min((due for due in dues if due is not None), default=None)

    def pass_deadline(self, at: int) -> None:
        """End what is over."""
        if self._until is not None and at >= self._until:
            self._until = None
        if self._announced_until is not None and at >= self._announced_until:
            self._announced_until = None
