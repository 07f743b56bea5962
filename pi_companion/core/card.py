"""What is known about the present call? The record that the coach fills and the call card is made from."""

from dataclasses import dataclass, field, replace

from pi_companion.core.effects import CallCard
from pi_companion.core.limits import Limits
from pi_companion.core.opening import OpeningCheck
from pi_companion.core.pace import PaceMeter
from pi_companion.core.states import PaceRate


@dataclass(slots=True, kw_only=True)
class CallRecord:
    """One call from pick-up on. `opening` None: outbound, or the device started during the call.

    `is_heard`: whether the agent was listened to with speech recognition all along; if not, nothing is claimed
    about words. `is_two_sided`: the customer is tapped, too; if not, nobody knows all that was due. `is_joined`: the
    device started during the call; nobody knows what was kept all along.
    """

    connected_at: int
    rings: int
    opening: OpeningCheck | None
    pace: PaceMeter
    is_heard: bool
    is_joined: bool = False
    is_two_sided: bool = True
    faults: int = 0
    closed_at: int | None = None
    hold_apologies: list[bool] = field(default_factory=list)
    wish: bool | None = None
    customer_hung_up_first: bool | None = None
    steps_missed: tuple[str, ...] = ()
    notes: dict[str, bool] = field(default_factory=dict)

    def note(self, rule: str, *, is_good: bool) -> None:
        """Keep for the card that a rule was kept or not; once not kept stays not kept."""
        if not (is_good and self.is_joined):
            self.notes[rule] = self.notes.get(rule, True) and is_good

    @property
    def is_clean(self) -> bool:
        """Whether all that was heard and due was done; known once the card is made."""
        is_whole = self.is_heard and self.is_two_sided and self.opening is not None and not self.steps_missed
        return is_whole and all(self.notes.values())

    def card(self, at: int, ended_at: int, waited_ms: int, limits: Limits) -> CallCard:
        """Return the call card, known at `at`, of a call that ended at `ended_at`."""
        opening = self.opening
        pace = self.pace.whole_call(PaceRate.SPEAKING)
        is_late = opening is not None and opening.is_late
        is_closed = self.closed_at is not None and ended_at - self.closed_at <= limits.closing.window_ms
        card = CallCard(
            at=at,
            rings=self.rings,
            talk_ms=ended_at - self.connected_at - waited_ms,
            hold_ms=waited_ms,
            chars_per_min=pace.chars_per_min if pace and self.is_heard else None,
            taboo=self.faults if self.is_heard and not self.is_joined else None,
            opening=opening.is_greeted and not opening.is_fault if opening and self.is_heard else None,
            closing=is_closed if self.is_heard else None,
            apology_due=is_late,
            apology_given=opening.is_apologised if opening and is_late and self.is_heard else None,
            hold_apology_due=bool(self.hold_apologies),
            hold_apology_given=all(self.hold_apologies) if self.hold_apologies and self.is_heard else None,
            wish=self.wish,
            customer_hung_up_first=self.customer_hung_up_first,
            steps_missed=self.steps_missed,
        )
        kept = {
            "RING-1": self.rings <= limits.ringing.green_to if opening else None,
            "RING-2": card.apology_given,
            "OPEN-1": card.opening,
            "HOLD-3": card.hold_apology_given,
            "CLOSE-1": card.closing,
        }
        for rule, is_kept in kept.items():
            if is_kept is not None:
                self.note(rule, is_good=is_kept)
        if self.is_heard and not self.faults:
            self.note("WORDING", is_good=True)
        well = tuple(rule for rule, is_good in self.notes.items() if is_good)
        improve = tuple(rule for rule, is_good in self.notes.items() if not is_good)
        return replace(card, well=well, improve=improve)
