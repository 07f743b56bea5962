"""What does the device hear in a recording, and what does its spotter make of it? Facts first, then detections.

Hearing is the device's own: an `Ear` with webrtcvad and Vosk, frame by frame. What was heard stays in memory (law 9)
and may be judged again with other thresholds. `spot` is the one place here that calls the spotter, as `core/coach.py`
calls it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from pi_companion.adapters.voice import WebRtcVoice
from pi_companion.core.facts import Fact, Side, TalkSpurtBegan, TalkSpurtEnded, WordsHeard
from pi_companion.core.framer import FRAME_MS, FRAME_SAMPLES, SAMPLE_RATE_HZ
from pi_companion.core.limits import Spotting
from pi_companion.core.phrases import Match, Spotter
from pi_companion.core.settings import Rule, Scope
from pi_companion.core.spurts import SpurtLimits
from pi_companion.evaluation.material import Samples
from pi_companion.speech.ear import Ear, Recogniser

Facts = tuple[Fact, ...]

LEAD_MS: Final = 1000
"""Silence (or noise, where there is any) that the device hears before and after a recording: it listens all day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """A rule fired at `at` on what was said from `began` to `ended`; milliseconds of the recording.

    `places`: syllables of the phrase that was matched, gaps apart. `score_pm`: its likeness; 1000 for a baseline.
    """

    rule: str
    phrase: str
    places: int
    at: int
    began: int
    ended: int
    score_pm: int = 1000


Counts = Callable[[Rule], bool]


def in_first_utterance(rule: Rule) -> bool:
    """Whether a rule counts in the agent's first words."""
    return rule.scope is not Scope.AFTER_OPENING


def in_later_utterance(rule: Rule) -> bool:
    """Whether a rule counts in any words after the first."""
    return rule.scope is not Scope.FIRST_UTTERANCE


def counts_in(*, is_first: bool) -> Counts:
    """Return which rules count in this utterance."""
    return in_first_utterance if is_first else in_later_utterance


def surrounded(samples: Samples) -> Samples:
    """Return a recording with the silence before and after it in which the device hears it."""
    silence = np.zeros(LEAD_MS * SAMPLE_RATE_HZ // 1000, np.int16)
    return np.concatenate([silence, samples, silence])


def listen(samples: Samples, recogniser: Recogniser, side: Side = Side.AGENT) -> Facts:
    """Return what an ear makes of a `surrounded` recording; its times are those of the recording itself."""
    ear = Ear(side, WebRtcVoice(), recogniser, SpurtLimits())
    heard: list[Fact] = []
    at = -LEAD_MS
    for start in range(0, len(samples) - FRAME_SAMPLES + 1, FRAME_SAMPLES):
        at += FRAME_MS
        heard += ear.hear(at, samples[start : start + FRAME_SAMPLES].tobytes())
    return (*heard, *ear.stop(at))


def speech_ms(facts: Facts) -> int:
    """Return how much of it the voice detector took for speech."""
    return sum(fact.ended - fact.began for fact in facts if isinstance(fact, TalkSpurtEnded))


def spot(facts: Facts, rules: Sequence[Rule], limits: Spotting, counts: Counts) -> tuple[Detection, ...]:
    """Return what the device's spotter finds, in order of time."""
    spotter = Spotter(rules, limits)
    found: list[Detection] = []

    def take(at: int, matches: tuple[Match, ...]) -> None:
        found.extend(
            Detection(
                rule=match.rule.id,
                phrase=match.phrase,
                places=_places(match),
                at=at,
                began=match.began,
                ended=match.ended,
                score_pm=match.score_pm,
            )
            for match in matches
        )

    for fact in facts:
        match fact:
            case TalkSpurtBegan():
                spotter.begin(fact.began)
            case WordsHeard():
                take(fact.at, spotter.hear(fact.words, is_final=fact.is_final, second=fact.second, counts=counts))
            case TalkSpurtEnded():
                take(fact.at, spotter.end(counts=counts))
            case _:
                pass
    return tuple(found)


def _places(match: Match) -> int:
    for phrase in match.rule.phrases:
        if phrase.text == match.phrase:
            return sum(not (token.is_optional or token.is_any) for token in phrase.tokens)
    return 0
