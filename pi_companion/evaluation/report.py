"""What was measured in one run? Plain data: `runs` fills it, `page` and `plot` show it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pi_companion.core.settings import Family
from pi_companion.evaluation.answering import Taken
from pi_companion.evaluation.answers import Confusion
from pi_companion.evaluation.figures import Rate, Recall
from pi_companion.evaluation.work import Method
from pi_companion.session.score import Score

Drilled = dict[tuple[Method, Family, str], Recall]
"""A drill's results by method, family and voice."""

SYNTHETIC = "synthetic voices"
SENTENCES = "people, sentences"
SINGLE_WORDS = "people, single words"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """What was measured, on what, when. Everything as it is printed."""

    date: str
    commit: str
    fingerprint: str
    pack: str
    model: str
    model_sha256: str
    vosk: str
    python: str
    machine: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseAlarms:
    """What fired on speech without phrases.

    `rates`: by method, as later utterances of a call; `first`: the device, if every utterance were the first of a
    call. `rules`: the device's false alarms by rule. `left_out`, `left_out_ms`: what fired on labels that hold a
    phrase, by the device, and how long those labels are. `taken`: utterances taken for the answer of a customer who
    is always being asked, in `taken_of` hours. `utterances`: talk spurts.
    """

    rates: Mapping[Method, Rate]
    first: Rate
    rules: Mapping[str, int]
    left_out: int
    left_out_ms: int
    taken: Mapping[Taken, Rate]


@dataclass(frozen=True, slots=True, kw_only=True)
class Damaged:
    """One condition: the drill and the synthetic negative speech by method, and the calls."""

    recall: Mapping[Method, Recall]
    alarms: Mapping[Method, Rate]
    calls: Score | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """Thresholds chosen on some voices, reported on the others."""

    chosen_on: str
    reported_on: str
    least_score_pm: tuple[int, ...]
    recall: Recall
    recall_of_chosen: Recall
    alarms: Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One place on the curve: every threshold moved by `shift_pm`. `people` is empty where there were none."""

    shift_pm: int
    recall: Recall
    synthetic: Rate
    people: Rate


@dataclass(slots=True, kw_only=True)
class Report:
    """All of it. What was not measured stays empty."""

    origin: Origin
    drill: Drilled = field(default_factory=dict)
    negative: dict[str, FalseAlarms] = field(default_factory=dict)
    calls: Score | None = None
    conditions: dict[str, Damaged] = field(default_factory=dict)
    answers: dict[str, Confusion] = field(default_factory=dict)
    folds: list[Fold] = field(default_factory=list)
    curve: list[Point] = field(default_factory=list)
    seconds: int = 0

    def recall(self, method: Method, *, family: Family | None = None, voice: str | None = None) -> Recall:
        """Return the drill's recall as recorded, of everything or of one family or voice."""
        return sum(
            (
                recall
                for (by, of, said_by), recall in self.drill.items()
                if by is method and family in {None, of} and voice in {None, said_by}
            ),
            start=Recall(),
        )

    @property
    def voices(self) -> list[str]:
        """The drill's voices."""
        return sorted({voice for _, _, voice in self.drill})
