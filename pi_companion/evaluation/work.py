"""Who does the measuring? Jobs for one process or several; the answer to a job depends on the job alone.

Each process loads the model once. A job makes its own ears and recognisers, and noise is seeded by the file's name,
so the number of processes changes nothing but the time. What was heard passes between processes in memory (law 9).
"""

import multiprocessing
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

import numpy as np

from pi_companion import config
from pi_companion.core.facts import Fact, Side
from pi_companion.core.settings import NOTED, Pack, Rule
from pi_companion.evaluation import baselines, hearing
from pi_companion.evaluation.answering import Taken, answers
from pi_companion.evaluation.answers import WAYS, Confusion, confusion, load, silences
from pi_companion.evaluation.conditions import CONDITIONS, Condition, seed
from pi_companion.evaluation.hearing import Detection, Facts
from pi_companion.evaluation.labels import Span
from pi_companion.evaluation.material import Samples, read_samples
from pi_companion.packs import load_pack
from pi_companion.session import folder as call_folder
from pi_companion.session.codec import Event
from pi_companion.session.replay import Device, replay
from pi_companion.session.score import Score, score
from pi_companion.speech import grammar, models, vosk_recogniser
from pi_companion.speech import vocabulary as vocabularies
from pi_companion.speech.ear import Recogniser


class Method(StrEnum):
    """Ways of spotting, as the tables call them. `LIVE`: partial results are read as they come."""

    DEVICE = "the device"
    TEXT = "exact text, final results"
    TEXT_LIVE = "exact text, partial results too"
    GRAMMAR = "grammar, final results"
    GRAMMAR_LIVE = "grammar, partial results too"
    FILLERS = "grammar with fillers, final results"
    FILLERS_LIVE = "grammar with fillers, partial results too"


BEST_FORMS: Final = (Method.DEVICE, Method.TEXT_LIVE, Method.FILLERS_LIVE)
"""The device, and of each simple way the form that does best; others are shown once."""

_LIVE: Final = frozenset({Method.TEXT_LIVE, Method.GRAMMAR_LIVE, Method.FILLERS_LIVE})
_WITHOUT_GRAMMAR: Final = frozenset({Method.DEVICE, Method.TEXT, Method.TEXT_LIVE})


def possible(methods: Iterable[Method], model: models.Model) -> tuple[Method, ...]:
    """Return those of the methods that a model allows: with a graph made beforehand Vosk takes no grammar."""
    return tuple(way for way in methods if way in _WITHOUT_GRAMMAR or grammar.is_taken_by(model.path))


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """What a process needs. `pack`: None is the bundled one. `babble`: files whose talk is mixed into babble."""

    pack: Path | None
    names: Mapping[str, str]
    model: models.Model
    babble: tuple[Path, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Listen:
    """Hear a file in a condition. `is_first`: it is the agent's first utterance. `side`: whose rules are spotted."""

    file: Path
    condition: str
    is_first: bool = False
    side: Side = Side.AGENT
    methods: tuple[Method, ...] = (Method.DEVICE,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a file gave. `found`: by method. `facts`: what was heard, to be judged again."""

    length_ms: int
    speech_ms: int
    found: Mapping[Method, tuple[Detection, ...]]
    facts: Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Respot:
    """Judge again what was heard, by other thresholds (None: the pack's)."""

    facts: Facts
    is_first: bool = False
    least_score_pm: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AskAll:
    """Hear a file as a customer, and judge every utterance as an answer."""

    file: Path
    condition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Replay a call folder in a condition, and score it."""

    path: Path
    condition: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Confuse:
    """Hear every short answer of a folder, and silence, in one of `answers.WAYS`."""

    folder: Path
    way: str


Job = Confuse | Listen | Respot | AskAll | Call


class Workplace:
    """A loaded model and pack, and what they make of a job."""

    def __init__(self, setup: Setup) -> None:
        self._setup = setup
        self.pack: Pack = load_pack(setup.pack, names=setup.names)
        self._loaded = vosk_recogniser.load(setup.model.path)
        self._rules: dict[Side, list[Rule]] = {
            side: [rule for rule in self.pack.rules if rule.side is side and rule.family not in NOTED] for side in Side
        }
        self._grammars: dict[Side, str] = {}
        self._talk: Samples | None = None

    def do(self, job: Job) -> Any:  # noqa: ANN401 - one answer type for each kind of job, see the functions below
        """Return the answer to a job: `Heard`, detections, answers or a `Score`."""
        match job:
            case Listen():
                return self.listen(job)
            case Respot():
                return self.respot(job)
            case AskAll():
                return tuple(self.ask_all(job))
            case Call():
                return self.call(job)
            case Confuse():
                return self.confuse(job)

    def listen(self, job: Listen) -> Heard:
        """Hear a file with every recogniser that the methods need."""
        recording = read_samples(job.file)
        samples = self._damaged(hearing.surrounded(recording), CONDITIONS[job.condition], job.file.name)
        rules, counts = self._rules[job.side], hearing.counts_in(is_first=job.is_first)
        facts = hearing.listen(samples, self._recogniser(job.side), job.side)
        bare: Facts | None = None
        found: dict[Method, tuple[Detection, ...]] = {}
        for method in job.methods:
            read: Iterable[Fact]
            match method:
                case Method.DEVICE:
                    found[method] = hearing.spot(facts, rules, self.pack.limits.spotting, counts)
                    continue
                case Method.TEXT | Method.TEXT_LIVE:
                    read = facts
                case Method.FILLERS | Method.FILLERS_LIVE:
                    read = baselines.second_opinion(facts)
                case _:
                    if bare is None:
                        recogniser = baselines.GrammarRecogniser(self._loaded, self._grammar(job.side))
                        bare = hearing.listen(samples, recogniser, job.side)
                    read = bare
            found[method] = baselines.read_text(read, rules, counts, are_partials_read=method in _LIVE)
        return Heard(
            length_ms=len(recording) // 16,
            speech_ms=hearing.speech_ms(facts),
            found=found,
            facts=facts,
        )

    def respot(self, job: Respot) -> tuple[Detection, ...]:
        """Spot the agent's rules again."""
        limits = self.pack.limits.spotting
        if job.least_score_pm is not None:
            limits = replace(limits, least_score_pm=job.least_score_pm)
        return hearing.spot(job.facts, self._rules[Side.AGENT], limits, hearing.counts_in(is_first=job.is_first))

    def ask_all(self, job: AskAll) -> Iterator[tuple[Taken, Span]]:
        """Take every utterance for the customer's answer."""
        samples = self._damaged(hearing.surrounded(read_samples(job.file)), CONDITIONS[job.condition], job.file.name)
        return answers(hearing.listen(samples, self._recogniser(Side.CUSTOMER), Side.CUSTOMER), self.pack)

    def call(self, job: Call) -> Score:
        """Replay a call and score it against its truth."""
        folder = call_folder.load(job.path)
        both = np.frombuffer(call_folder.read_audio(folder), "<i2").reshape(-1, 2)
        condition = CONDITIONS[job.condition]
        sides = [
            self._damaged(both[:, place], condition, f"{folder.path.name} {place}") for place in range(both.shape[1])
        ]
        site = config.Site(pack=config.PackChoice(file=str(self._setup.pack or "")))
        device = Device(site=site, model=self._setup.model, loaded=self._loaded)
        events: list[Event] = []
        replay(folder, device, events.append, chunks=[np.stack(sides, axis=1).tobytes()])
        return score(events, folder.truth or ())

    def confuse(self, job: Confuse) -> Confusion:
        """Count what the device does on short answers."""
        (way,) = (way for way in WAYS if way.name == job.way)
        clips = (*load(job.folder), *silences())
        return confusion(clips, way, lambda: self._recogniser(Side.CUSTOMER), self.pack, self._babble())

    def _damaged(self, samples: Samples, condition: Condition, name: str) -> Samples:
        return condition.damage(samples, seed(f"{name} {condition.name}"), self._babble())

    def _babble(self) -> Samples:
        if self._talk is None:
            files = [read_samples(file) for file in self._setup.babble]
            self._talk = np.concatenate(files) if files else np.zeros(1, np.int16)
        return self._talk

    def _recogniser(self, side: Side) -> Recogniser:
        """Return the device's own recogniser of one side."""
        return grammar.recogniser(self._loaded, self._setup.model.path, self.pack, side)

    def _grammar(self, side: Side) -> str:
        if side not in self._grammars:
            vocabulary = vocabularies.of_model(self._loaded, self._setup.model.name)
            self._grammars[side] = baselines.grammar(self._rules[side], vocabulary)
        return self._grammars[side]


_here: list[Workplace] = []  # one in each worker process


def _open(setup: Setup) -> None:
    _here.append(Workplace(setup))


def _do(job: Job) -> Any:  # noqa: ANN401 - as `Workplace.do`
    return _here[-1].do(job)


class Crew:
    """Does jobs in order; with one worker in this process, with more in as many others. Close it when done."""

    def __init__(self, setup: Setup, workers: int) -> None:
        self._place = Workplace(setup) if workers == 1 else None
        # Spawned, not forked: a copy of a process in which Vosk has threads may hang.
        context = multiprocessing.get_context("spawn")
        self._pool = None if workers == 1 else context.Pool(workers, _open, (setup,))

    def work(self, jobs: Sequence[Job]) -> Iterator[Any]:
        """Yield the answers in the order of the jobs, each as soon as it and those before it are there."""
        if self._place is not None:
            return map(self._place.do, jobs)
        if self._pool is None:
            raise RuntimeError("this crew was closed")
        return self._pool.imap(_do, jobs)

    def close(self) -> None:
        """Let the processes go."""
        if self._pool is not None:
            self._pool.terminate()
            self._pool.join()
            self._pool = None
