"""What happens in one run of the evaluation? Each part asks the crew for what it needs and files the answers.

Parts are told to the terminal as they go on. What was heard is kept until the run is over, in memory only (law 9).
"""

import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from rich.progress import Progress

from pi_companion.core.settings import Family, Pack, Scope
from pi_companion.evaluation.answering import Taken
from pi_companion.evaluation.answers import WAYS, Confusion
from pi_companion.evaluation.conditions import CLEAN
from pi_companion.evaluation.figures import Rate, Recall, recall_of, total
from pi_companion.evaluation.hearing import Detection
from pi_companion.evaluation.labels import Span, holding, is_left_out, length_ms
from pi_companion.evaluation.material import Drill, Stream
from pi_companion.evaluation.report import (
    SENTENCES,
    SINGLE_WORDS,
    SYNTHETIC,
    Damaged,
    Drilled,
    FalseAlarms,
    Fold,
    Point,
)
from pi_companion.evaluation.thresholds import choose, shifted
from pi_companion.evaluation.work import BEST_FORMS, AskAll, Call, Confuse, Crew, Heard, Job, Listen, Method, Respot
from pi_companion.session.score import Score, combine

SHIFTS_PM: Final = (-150, -100, -50, 0, 50, 100)
"""How far the whole table of thresholds is moved for the curve."""

_LONG_S: Final = 2

_LONG_LABEL: Final = 4
"""Recordings whose labels have at least this many syllables on average are sentences; others are single words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A drill or streams as they were heard, in the order of the material."""

    heard: tuple[Heard, ...]


class Runs:
    """The parts of a run. Give it a crew and the pack that the crew works with."""

    def __init__(self, crew: Crew, pack: Pack, progress: Progress) -> None:
        self._crew = crew
        self._progress = progress
        self.pack = pack
        self._agent_rules = [rule for rule in pack.rules if rule.side == "agent"]
        self._customer_rules = [rule for rule in pack.rules if rule.side == "customer"]

    def work(self, jobs: Sequence[Job], what: str) -> Iterator[Any]:
        """Yield the answers to jobs in order, and show how far it is; what took long is told when it is done."""
        began = time.monotonic()
        task = self._progress.add_task(what, total=len(jobs))
        for answer in self._crew.work(jobs):
            self._progress.advance(task)
            yield answer
        self._progress.remove_task(task)
        if (took := time.monotonic() - began) > _LONG_S:
            self._progress.console.print(f"{what}: {len(jobs)} done in {took:.0f} s", markup=False, highlight=False)

    def hear_drill(
        self, drill: Sequence[Drill], methods: tuple[Method, ...], condition: str = CLEAN.name
    ) -> tuple[Heard, ...]:
        """Hear every utterance of a drill."""
        jobs = [
            Listen(file=one.file, condition=condition, is_first=self.is_first(one), methods=methods) for one in drill
        ]
        return tuple(self.work(jobs, f"drill, {condition}"))

    def hear_streams(
        self, streams: Sequence[Stream], methods: tuple[Method, ...], condition: str = CLEAN.name
    ) -> tuple[Heard, ...]:
        """Hear long recordings as the agent's, in a call whose opening is over."""
        # The bare grammar is left out on single words: hours of them, and one word is no fair test of it.
        fewer = tuple(way for way in methods if way not in {Method.GRAMMAR, Method.GRAMMAR_LIVE})
        jobs = [
            Listen(
                file=stream.file,
                condition=condition,
                methods=fewer if kind(stream) == SINGLE_WORDS else methods,
            )
            for stream in streams
        ]
        return tuple(self.work(jobs, f"speech without phrases, {condition}"))

    def is_first(self, drill: Drill) -> bool:
        """Whether an utterance of the drill opens a call: its rule counts nowhere else."""
        scopes = {rule.scope for rule in self.pack.rules if rule.id == drill.rule}
        return scopes == {Scope.FIRST_UTTERANCE}

    def drill_recall(self, drill: Sequence[Drill], heard: Sequence[Heard]) -> Drilled:
        """Return recall by method, family and voice. Near misses stand under the family `taboo`."""
        recalls: Drilled = {}
        for one, ran in zip(drill, heard, strict=True):
            for method, found in ran.found.items():
                key = (method, self._family(one.rule) if one.rule else Family.TABOO, one.voice)
                recalls[key] = recalls.get(key, Recall()) + recall_of(one, found)
        return recalls

    def false_alarms(self, streams: Sequence[Stream], heard: Sequence[Heard]) -> dict[str, FalseAlarms]:
        """Return what fired on speech without phrases, by kind of speech."""
        first = list(self.work([Respot(facts=ran.facts, is_first=True) for ran in heard], "as first utterances"))
        taken = list(
            self.work([AskAll(file=stream.file, condition=CLEAN.name) for stream in streams], "as customers' answers")
        )
        by_kind: defaultdict[str, list[int]] = defaultdict(list)
        for place, stream in enumerate(streams):
            by_kind[kind(stream)].append(place)
        return {
            name: self._alarms([(streams[i], heard[i], first[i], taken[i]) for i in places])
            for name, places in by_kind.items()
        }

    def _alarms(self, ran: Sequence[tuple[Stream, Heard, Any, Any]]) -> FalseAlarms:
        rates: dict[Method, Rate] = {}
        taken_rates = dict.fromkeys(Taken, Rate())
        first = Rate()
        rules: Counter[str] = Counter()
        left_out = left_out_ms = 0
        for stream, heard, found_first, answers in ran:
            spans = holding(stream.labels, self._agent_rules, self.pack.limits.spotting)
            for method, found in heard.found.items():
                rates[method] = rates.get(method, Rate()) + rate(heard, found, spans)
            false = [one for one in heard.found[Method.DEVICE] if not is_left_out(one, spans)]
            rules.update(one.rule for one in false)
            left_out += len(heard.found[Method.DEVICE]) - len(false)
            left_out_ms += length_ms(spans)
            first += rate(heard, found_first, spans)
            answered = holding(stream.labels, self._customer_rules, self.pack.limits.spotting)
            for sort in Taken:
                spoken = [span for one, span in answers if one is sort]
                taken_rates[sort] += rate(heard, [_as_detection(span) for span in spoken], answered)
        return FalseAlarms(
            rates=rates, first=first, rules=rules, left_out=left_out, left_out_ms=left_out_ms, taken=taken_rates
        )

    def condition(
        self,
        drill: Sequence[Drill],
        ran: Sequence[Heard],
        streams: Sequence[Stream],
        heard: Sequence[Heard],
        score: Score | None,
    ) -> Damaged:
        """Return what one condition did to drill, negative speech and calls."""
        held = [holding(stream.labels, self._agent_rules, self.pack.limits.spotting) for stream in streams]
        methods = [way for way in BEST_FORMS if way in ran[0].found]
        return Damaged(
            recall={
                way: total(recall_of(one, each.found[way]) for one, each in zip(drill, ran, strict=True))
                for way in methods
            },
            alarms={
                way: sum(
                    (rate(each, each.found[way], spans) for each, spans in zip(heard, held, strict=True)), start=Rate()
                )
                for way in methods
            },
            calls=score,
        )

    def calls(self, paths: Sequence[Path], condition: str = CLEAN.name) -> Score | None:
        """Return the score of all calls together; None without calls."""
        if not paths:
            return None
        jobs = [Call(path=path, condition=condition) for path in paths]
        return combine(self.work(jobs, f"calls, {condition}"))

    def answers(self, folder: Path) -> dict[str, Confusion]:
        """Return what the device did on every short answer, by the way it came."""
        jobs = [Confuse(folder=folder, way=way.name) for way in WAYS]
        return dict(zip([way.name for way in WAYS], self.work(jobs, "short answers"), strict=True))

    def cross_validated(
        self, drill: Sequence[Drill], ran: Sequence[Heard], streams: Sequence[Stream], heard: Sequence[Heard]
    ) -> list[Fold]:
        """Return thresholds chosen on one voice of the drill, and half of the others, reported on the rest."""
        drilled = sorted({one.voice for one in drill})
        others = sorted({label.voice for stream in streams for label in stream.labels} - set(drilled))
        if len(drilled) != 2:
            return []
        halves = [{drilled[0], *others[::2]}, {drilled[1], *others[1::2]}]
        lengths = len(self.pack.limits.spotting.least_score_pm)
        folds = []
        for train, test in (halves, halves[::-1]):
            what = f"thresholds chosen on {', '.join(sorted(train))}"

            def alarms(table: tuple[int, ...], train: set[str] = train, what: str = what) -> list[Detection]:
                quiet = [pair for pair in zip(drill, ran, strict=True) if not pair[0].rule and pair[0].voice in train]
                jobs = [Respot(facts=each.facts, least_score_pm=table) for _, each in quiet]
                jobs += [Respot(facts=each.facts, least_score_pm=table) for each in heard]
                found = list(self.work(jobs, what))
                near = [one for fired in found[: len(quiet)] for one in fired]
                return near + list(_of_voices(train, streams, found[len(quiet) :]))

            table = choose(lengths, alarms)
            recalls = self._recall_with(table, drill, ran)
            jobs = [Respot(facts=each.facts, least_score_pm=table) for each in heard]
            found = list(_of_voices(test, streams, self.work(jobs, "reported on the others")))
            share = _share_of_voices(test, streams)
            whole = sum((rate(each, (), ()) for each in heard), start=Rate())
            folds.append(
                Fold(
                    chosen_on=", ".join(sorted(train)),
                    reported_on=", ".join(sorted(test)),
                    least_score_pm=table,
                    recall=total(recalls[place] for place, one in enumerate(drill) if one.voice in test),
                    recall_of_chosen=total(recalls[place] for place, one in enumerate(drill) if one.voice in train),
                    alarms=Rate(
                        events=len(found),
                        length_ms=round(whole.length_ms * share),
                        speech_ms=round(whole.speech_ms * share),
                    ),
                )
            )
        return folds

    def curve(
        self,
        drill: Sequence[Drill],
        ran: Sequence[Heard],
        streams: Sequence[Stream],
        heard: Sequence[Heard],
    ) -> Iterator[Point]:
        """Yield recall and false alarms for every shift of the thresholds; people only where they speak sentences."""
        chosen = [(stream, each) for stream, each in zip(streams, heard, strict=True) if kind(stream) != SINGLE_WORDS]
        spans = [holding(stream.labels, self._agent_rules, self.pack.limits.spotting) for stream, _ in chosen]
        for shift in SHIFTS_PM:
            table = shifted(self.pack.limits.spotting.least_score_pm, shift)
            recall = total(self._recall_with(table, drill, ran))
            jobs = [Respot(facts=each.facts, least_score_pm=table) for _, each in chosen]
            rates = {SYNTHETIC: Rate(), SENTENCES: Rate()}
            fired = self.work(jobs, f"curve, thresholds {shift:+} per mille")
            for (stream, each), held, found in zip(chosen, spans, fired, strict=True):
                rates[kind(stream)] += rate(each, found, held)
            yield Point(shift_pm=shift, recall=recall, synthetic=rates[SYNTHETIC], people=rates[SENTENCES])

    def _recall_with(self, table: tuple[int, ...], drill: Sequence[Drill], ran: Sequence[Heard]) -> list[Recall]:
        jobs = [
            Respot(facts=each.facts, is_first=self.is_first(one), least_score_pm=table)
            for one, each in zip(drill, ran, strict=True)
        ]
        found = self.work(jobs, "the drill by other thresholds")
        return [recall_of(one, fired) for one, fired in zip(drill, found, strict=True)]

    def _family(self, rule: str) -> Family:
        return next((each.family for each in self.pack.rules if each.id == rule), Family.TABOO)


def kind(stream: Stream) -> str:
    """Return which kind of speech a stream is, as the tables call it."""
    if not stream.are_people:
        return SYNTHETIC
    syllables = sum(len(label.sounds) for label in stream.labels)
    return SENTENCES if syllables >= _LONG_LABEL * len(stream.labels) else SINGLE_WORDS


def rate(heard: Heard, found: Iterable[Detection], spans: Sequence[Span]) -> Rate:
    """Return the rate of what was found outside of `spans`; they do not count as hours either."""
    out_ms = length_ms(spans)
    return Rate(
        events=sum(not is_left_out(one, spans) for one in found),
        length_ms=max(0, heard.length_ms - out_ms),
        speech_ms=max(0, heard.speech_ms - out_ms),
    )


def _as_detection(span: Span) -> Detection:
    return Detection(rule="", phrase="", places=0, at=span.ended, began=span.began, ended=span.ended)


def _of_voices(
    voices: set[str], streams: Sequence[Stream], found: Iterable[Iterable[Detection]]
) -> Iterator[Detection]:
    """Yield what fired on the labels of some voices."""
    for stream, fired in zip(streams, found, strict=True):
        for one in fired:
            nearest = min(stream.labels, key=lambda label: max(label.began - one.ended, one.began - label.ended, 0))
            if nearest.voice in voices:
                yield one


def _share_of_voices(voices: set[str], streams: Sequence[Stream]) -> float:
    labels = [label for stream in streams for label in stream.labels]
    spoken = sum(label.ended - label.began for label in labels)
    return sum(label.ended - label.began for label in labels if label.voice in voices) / spoken
