"""What was promised, and was it kept? Each target with its figure; a missed one says so by itself."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pi_companion.evaluation.answers import Confusion, Did, Meant
from pi_companion.evaluation.conditions import CLEAN, NARROW, TELEPHONE
from pi_companion.evaluation.figures import Rate, Recall
from pi_companion.evaluation.report import SYNTHETIC, Report
from pi_companion.evaluation.work import BEST_FORMS, Method
from pi_companion.session.score import Score

RECALL: Final = 0.95
P50_MS: Final = 500
P95_MS: Final = 800
PER_HOUR: Final = 0.1
PACE_PERCENT: Final = 5.0
PACE_R: Final = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """`what` is asked, the `figure` measured, whether it `is_met`; None: not measured in this run."""

    what: str
    figure: str
    is_met: bool | None

    @property
    def verdict(self) -> str:
        """The word in the table."""
        match self.is_met:
            case None:
                return "not measured in this run"
            case True:
                return "met"
            case _:
                return "**missed**"


def targets(report: Report) -> Iterator[Target]:
    """Yield every target of the evaluation, in the order of the page."""
    drill = report.recall(Method.DEVICE)
    everything = drill + call_phrases(report.calls)
    yield Target(
        what=f"phrases of drills and calls found: at least {100 * RECALL:.0f} %",
        figure=f"{everything.hits} of {everything.truths} ({100 * everything.share:.1f} %)",
        is_met=everything.share >= RECALL,
    )
    yield Target(
        what="near misses of the drill that fire: none",
        figure=f"{drill.near_misses_fired} of {drill.near_misses}",
        is_met=not drill.near_misses_fired,
    )
    alarms = sum((found.rates[Method.DEVICE] for found in report.negative.values()), start=Rate())
    yield Target(
        what=f"false alarms on all speech without phrases: none (goal: at most {PER_HOUR} an hour)",
        figure=rate_text(alarms),
        is_met=alarms.events == 0 if report.negative else None,
    )
    if report.folds:
        folded = sum((fold.recall for fold in report.folds), start=Recall())
        false = sum((fold.alarms for fold in report.folds), start=Rate())
        yield Target(
            what=f"thresholds chosen on one voice, reported on the other: {100 * RECALL:.0f} %, no false alarm",
            figure=f"{100 * folded.share:.1f} %, {false.events} false alarm(s), "
            f"{folded.near_misses_fired} near miss(es) fired",
            is_met=folded.share >= RECALL and not false.events and not folded.near_misses_fired,
        )
    yield from _beaten(report)
    for percent, most in ((50, P50_MS), (95, P95_MS)):
        latency = drill.latency_ms(percent)
        yield Target(
            what=f"phrase end to event, p{percent}: at most {most} ms of audio",
            figure="–" if latency is None else f"{latency} ms",
            is_met=None if latency is None else latency <= most,
        )
    presses = [(name, damaged.calls) for name, damaged in report.conditions.items() if damaged.calls]
    wrong = [f"{name}: {wrong_consents(score)}" for name, score in presses if wrong_consents(score)]
    if report.answers:
        wrong_by_way = {name: wrong_presses(counts) for name, counts in report.answers.items()}
        mistaken = [f"{name}: {pressed}" for name, pressed in wrong_by_way.items() if pressed]
        yield Target(
            what="MUTE pressed on a short answer that is a refusal or neither, or on silence: never",
            figure="; ".join(mistaken) or f"never in {len(report.answers)} way(s)",
            is_met=not mistaken,
        )
    yield Target(
        what="MUTE pressed on a refusal, on silence or without consent, in any call in any condition: never",
        figure="; ".join(wrong) or f"never in {len(presses)} condition(s)",
        is_met=not wrong if presses else None,
    )
    yield from _pace(report)


def call_phrases(score: Score | None) -> Recall:
    """Return the phrases of the calls as a recall; false alarms as wrong rules."""
    rows = [row for row in score.rows if row.kind == "phrase"] if score else []
    return Recall(
        hits=sum(row.hits for row in rows),
        truths=sum(row.truths for row in rows),
        others=sum(row.false_alarms for row in rows),
        latencies_ms=tuple(sorted(latency for row in rows for latency in row.latencies_ms)),
    )


def wrong_consents(score: Score) -> int:
    """Return how often consent was taken where the truth has none, or the key pressed without it."""
    false = sum(row.false_alarms for row in score.rows if row.kind == "hold" and row.name == "consented")
    return max(false, score.mute.presses_without_consent)


def wrong_presses(counts: Confusion) -> int:
    """Return how often something else than a consent pressed."""
    return sum(times for (meant, did), times in counts.items() if did is Did.PRESSED and meant is not Meant.CONSENT)


def rate_text(rate: Rate) -> str:
    """Return a rate as the tables have it: events, hours, an hour, bound."""
    if not rate.length_ms:
        return "–"
    return f"{rate.events} in {rate.hours:.2f} h: {rate.per_hour:.2f}/h (95 %: < {rate.most_per_hour:.2f}/h)"


def _beaten(report: Report) -> Iterator[Target]:
    """Yield for each simple way whether the device finds no less with fewer false alarms, or more with no more."""
    own, own_false = report.recall(Method.DEVICE), _wrong(report, Method.DEVICE)
    for method in BEST_FORMS[1:]:
        if not report.recall(method).truths:
            continue  # the model takes no grammar
        other, other_false = report.recall(method), _wrong(report, method)
        is_better = (own.hits > other.hits and own_false <= other_false) or (
            own.hits >= other.hits and own_false < other_false
        )
        yield Target(
            what=f"better than {method}",
            figure=f"{own.hits} found and {own_false} false, against {other.hits} and {other_false}",
            is_met=is_better,
        )


def _wrong(report: Report, method: Method) -> int:
    """Near misses fired and false alarms on speech without phrases, one number."""
    alarms = report.negative.get(SYNTHETIC)
    return report.recall(method).near_misses_fired + (alarms.rates[method].events if alarms else 0)


def _pace(report: Report) -> Iterator[Target]:
    for name, label in ((CLEAN.name, "16 kHz"), (NARROW.name, "8 kHz"), (TELEPHONE.name, "8 kHz A-law")):
        damaged = report.conditions.get(name)
        pace = damaged.calls.pace if damaged and damaged.calls else None
        error = pace.mean_card_error_percent if pace else None
        yield Target(
            what=f"pace on call cards at {label}: at most {PACE_PERCENT:.0f} % off on average",
            figure="–" if error is None else f"{error:.1f} %",
            is_met=None if error is None else error <= PACE_PERCENT,
        )
        readings = pace.mean_reading_error_percent if pace else None
        yield Target(
            what=f"pace while speaking at {label}: at most {PACE_PERCENT:.0f} % off on average",
            figure="–" if readings is None else f"{readings:.1f} %",
            is_met=None if readings is None else readings <= PACE_PERCENT,
        )
        correlation = pace.correlation if pace else None
        yield Target(
            what=f"pace at {label}: correlation with the truth at least {PACE_R}",
            figure="–" if correlation is None else f"{correlation:.3f}",
            is_met=None if correlation is None else correlation >= PACE_R,
        )
