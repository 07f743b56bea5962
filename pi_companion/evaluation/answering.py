"""What would this speech do as the customer's answer? The device's own judgement, one question for every utterance.

It is asked here as if an answer were awaited all the time, which is never so in a call: an upper bound.
"""

from collections.abc import Iterator
from enum import StrEnum
from typing import Final

from pi_companion.core.coach import Coach
from pi_companion.core.consultation import Consultation
from pi_companion.core.cues import Arbiter
from pi_companion.core.facts import TalkSpurtBegan, TalkSpurtEnded, WordsHeard
from pi_companion.core.hold import Step, StepInput
from pi_companion.core.settings import Pack
from pi_companion.evaluation.hearing import Facts
from pi_companion.evaluation.labels import Span

_AFTER_MS: Final = 1000
"""From the question to the answer: long enough for its start not to be doubted."""


class Taken(StrEnum):
    """What an utterance was taken for."""

    CONSENT = "consent"
    REFUSAL = "refusal"
    UNCLEAR = "unclear"


def answers(facts: Facts, pack: Pack) -> Iterator[tuple[Taken, Span]]:
    """Yield the utterances that would be taken for an answer, with their bounds."""
    coach = Coach(pack, Arbiter(pack.limits.cueing), lambda _effect: None, lambda _spotted: None)
    for fact in facts:
        match fact:
            case TalkSpurtBegan():
                coach.spurt_began(fact, is_muted=False)
            case WordsHeard():
                coach.customer_words(fact, is_answer=True)
            case TalkSpurtEnded():
                consultation = Consultation(pack.limits.hold)
                consultation.feed(fact.began - _AFTER_MS, StepInput.REQUESTED)
                consultation.asked(fact.began - _AFTER_MS)
                answer = coach.customer_paused(fact, is_cut=False)
                consultation.answer(fact.at, answer, is_agent_talking=False)
                match consultation.step:
                    case Step.MUTING:
                        yield Taken.CONSENT, Span(began=fact.began, ended=fact.ended)
                    case Step.NONE:
                        yield Taken.REFUSAL, Span(began=fact.began, ended=fact.ended)
                    case Step.UNCLEAR:
                        yield Taken.UNCLEAR, Span(began=fact.began, ended=fact.ended)
                    case _:
                        pass
            case _:
                pass
