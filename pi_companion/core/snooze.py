"""Does the agent want to be left alone? The snooze button: for this call, or for a while; it leaves no record."""

from pi_companion.core.limits import Cueing


class Snooze:
    """A press begins it, another ends it. Mute, safety and what was asked for are shown all the same."""

    def __init__(self, limits: Cueing) -> None:
        self._limits = limits
        self._until: int | None = None
        self._is_for_call = False

    @property
    def is_on(self) -> bool:
        """Whether nudges are kept away."""
        return self._is_for_call or self._until is not None

    def press(self, at: int, *, is_in_call: bool) -> None:
        """Begin or end it; in a call it lasts as long as the call."""
        if self.is_on:
            self._until, self._is_for_call = None, False
        elif is_in_call:
            self._is_for_call = True
        else:
            self._until = at + self._limits.snooze_ms

    def end_of_call(self) -> None:
        """What was for the call ends with it."""
        self._is_for_call = False

    def deadline(self) -> int | None:
        """Return when it ends by itself."""
        return self._until

    def pass_deadline(self, at: int) -> None:
        """End it when its time is over."""
        if self._until is not None and at >= self._until:
            self._until = None
