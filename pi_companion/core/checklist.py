"""Which steps of a call were heard? Those that a device can hear, for the end of the call, without blame (FLOW-1)."""

from collections.abc import Iterable
from typing import Final

from pi_companion.core.facts import Side, TalkSpurtBegan
from pi_companion.core.observing import Advice, CallBegan, CallEnded, Happening, Moment, Note, Spotted
from pi_companion.core.settings import Family, Pack

STEPS: Final = frozenset({Family.GREETING, Family.STEP, Family.CLOSING})
"""Families whose titled rules are steps of a call."""


class Checklist:
    """Ticks the titled rules of these families; rules of one title are one step. `settings.limits.checklist`.

    Nothing is listed of a call that was not understood all along, or too short for every step.
    """

    def __init__(self, pack: Pack) -> None:
        self._limits = pack.limits.checklist
        self._steps = tuple(dict.fromkeys(rule.title for rule in pack.rules if rule.family in STEPS and rule.title))
        self._is_inbound = self._has_customer = False
        self._began_at = 0
        self._heard: set[str] = set()

    def take(self, happening: Happening, moment: Moment) -> Iterable[Advice]:
        """Tick what is heard; at the end of the call tell what was not."""
        match happening:
            case CallBegan():
                self._is_inbound = not happening.is_outbound and not happening.is_joined
                self._began_at, self._has_customer, self._heard = happening.at, False, set()
            case TalkSpurtBegan(side=Side.CUSTOMER):
                self._has_customer = True
            case Spotted() if happening.match.rule.family in STEPS:
                rule = happening.match.rule
                self._heard.add(rule.title)
                if rule.id == "LISTEN-5":
                    yield Note(rule=rule.id, is_good=True)
            case CallEnded() if moment.call is not None and moment.call.is_heard and self._is_inbound:
                missed = tuple(step for step in self._steps if step not in self._heard)
                if not missed and self._steps:
                    yield Note(rule="FLOW-1", is_good=True)
                elif self._has_customer and happening.at - self._began_at >= self._limits.least_ms:
                    moment.call.steps_missed = missed
            case _:
                pass

    def deadline(self) -> int | None:
        """Return None: time alone changes nothing."""
        return None

    def pass_deadline(self, _at: int, _moment: Moment) -> Iterable[Advice]:
        """Return nothing: time alone changes nothing."""
        return ()
