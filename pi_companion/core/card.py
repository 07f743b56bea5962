"""What is known about the present call? The record that the coach fills and the call card is made from."""

from dataclasses import dataclass, field

from pi_companion.core.effects import CallCard, PaceRate
from pi_companion.core.opening import OpeningCheck
from pi_companion.core.pace import PaceMeter
from pi_companion.core.settings import Closing


@dataclass(slots=True, kw_only=True)
class CallRecord:
    """One call from pick-up on. `opening` None: outbound, or the device started during the call.

    `is_heard`: whether the agent was listened to with speech recognition all along; if not, nothing is claimed
    about words.
    """

    connected_at: int
    rings: int
    opening: OpeningCheck | None
    pace: PaceMeter
    is_heard: bool
    faults: int = 0
    closed_at: int | None = None
    hold_apologies: list[bool] = field(default_factory=list)

    def card(self, at: int, ended_at: int, waited_ms: int, limits: Closing) -> CallCard:
        """Return the call card, known at `at`, of a call that ended at `ended_at`."""
        opening = self.opening
        pace = self.pace.whole_call(PaceRate.SPEAKING)
        is_late = opening is not None and opening.is_late
        is_closed = self.closed_at is not None and ended_at - self.closed_at <= limits.window_ms
        return CallCard(
            at=at,
            rings=self.rings,
            talk_ms=ended_at - self.connected_at - waited_ms,
            hold_ms=waited_ms,
            chars_per_min=pace.chars_per_min if pace and self.is_heard else None,
            taboo=self.faults if self.is_heard else None,
            opening=opening.is_greeted and not opening.is_fault if opening and self.is_heard else None,
            closing=is_closed if self.is_heard else None,
            apology_due=is_late,
            apology_given=opening.is_apologised if opening and is_late and self.is_heard else None,
            hold_apology_due=bool(self.hold_apologies),
            hold_apology_given=all(self.hold_apologies) if self.hold_apologies and self.is_heard else None,
        )
