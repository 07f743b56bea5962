"""Which phrases of a pack sound so alike that one would be heard for the other? Told in the spotter's own measure.

Everything the pack has people say (phrases, polite forms, the lines that the agent is told to say) is said to a spotter
that listens for one wording, loosened by `NEAR_PM`. What it makes of that is the likeness that would count in a call.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from pi_companion.core import alignment
from pi_companion.core.facts import Side, Word
from pi_companion.core.limits import Spotting
from pi_companion.core.settings import CompiledPhrase, Family, Pack, Rule, Scope
from pi_companion.packs.written import Finding, PackEntry, needed_pm, spoken, spotted
from pi_companion.speech.syllables import WRONG_PM
from pi_companion.speech.vocabulary import Vocabulary

NEAR_PM: Final = 100
"""A likeness this little under what fires is worth a warning, in per mille."""

FAULTS: Final = frozenset({Family.TABOO, Family.PROMISE, Family.OPENING_TABOO})

SAID_LINES: Final = (
    "apologise.say",
    "nudge.greeting.say",
    "hold.ask_again_say",
    "hold.apologise",
    "outbound.ask",
    "outbound.self",
    "outbound.sorry",
    "silent.help",
    "silent.sorry",
    "closing.line",
    "closing.wish_line",
    "nudge.dead_air.say",
    "nudge.number.say",
    "nudge.time.say",
)
"""The texts that the agent is told to say; the others are only read."""

_NEVER_TOGETHER: Final = frozenset({Scope.FIRST_UTTERANCE, Scope.AFTER_OPENING})


class Verdict(StrEnum):
    """What comes of a likeness: it fires, it nearly does, or it would but a polite form excuses it."""

    FIRES = "fires"
    NEAR = "near"
    EXCUSED = "excused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """Something said, and a wording of another rule that it sounds like.

    `said_as`: the place of what was said; `said_by`: its rule, None for a line of `[texts]`; `is_line`: the agent
    is told to say it. `score_pm`, `needed_pm`: likeness, and the one at which it fires, in per mille.
    """

    said: str
    said_as: str
    said_by: Rule | None
    is_line: bool
    heard: str
    heard_at: str
    heard_by: Rule
    score_pm: int
    needed_pm: int
    verdict: Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class _Saying:
    text: str
    place: str
    rule: Rule | None
    side: Side
    is_line: bool
    is_polite: bool
    words: tuple[Word, ...]
    heard: tuple[alignment.Syllable, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Listener:
    """Listens for one wording, loosely. `place`: where its phrase stands; `needed_pm`: likeness at which it fires."""

    place: str
    loose: alignment.Entry
    needed_pm: int

    @property
    def rule(self) -> Rule:
        return self.loose.rule

    @property
    def wording(self) -> CompiledPhrase:
        return self.loose.phrase


def alikes(entries: Iterable[PackEntry], pack: Pack, vocabulary: Vocabulary | None) -> tuple[Alike, ...]:
    """Return what sounds alike in a pack, once for each two of its places, in the order of what is said.

    No news: likeness within one row of the manual, between scopes that never meet, and a phrase that is written out in
    a longer one of its family. `vocabulary`: the model's, which cuts a text into the words that it would write; None:
    a word a character.
    """
    written = tuple(entries)
    limits = pack.limits.spotting
    listeners = [
        _Listener(
            place=entry.place,
            loose=alignment.entry(entry.rule, wording, _loosened(limits), is_excuse=False),
            needed_pm=needed_pm(entry.rule, wording, limits),
        )
        for entry in written
        if not entry.is_polite
        for wording in entry.wordings
    ]
    best: dict[frozenset[str], Alike] = {}
    for saying in _sayings(written, pack, vocabulary):
        for listener in listeners:
            if _is_news(saying, listener) and (found := _alike(saying, listener, limits)):
                pair = frozenset({saying.place, listener.place})
                best[pair] = max(best.get(pair, found), found, key=_weight)
    return tuple(best.values())


def findings(found: Iterable[Alike]) -> list[Finding]:
    """Return what must be changed, and as warnings what fires elsewhere or nearly does.

    Errors are a line that the agent is told to say and that is heard as a fault, and a refusal that is heard as
    consent: it would press the MUTE key.
    """
    return [_finding(each) for each in found if each.verdict is not Verdict.EXCUSED]


def _finding(found: Alike) -> Finding:
    heard = f"“{found.heard}” ({found.heard_at})"
    if found.verdict is Verdict.NEAR:
        told = (
            f"“{found.said}” sounds like {heard}: likeness {found.score_pm / 1000:.2f}, and from "
            f"{found.needed_pm / 1000:.2f} on it is taken for it; if both are needed, try them in a replay"
        )
        return Finding(place=found.said_as, told=told, is_error=False)
    if found.is_line and found.heard_by.family in FAULTS:
        told = (
            f"“{found.said}” is what the agent is told to say, and it is heard as the fault {heard}, likeness "
            f"{found.score_pm / 1000:.2f}; change the line, or list its wording under excused_by of {found.heard_by.id}"
        )
        return Finding(place=found.said_as, told=told, is_error=True)
    heard += f", likeness {found.score_pm / 1000:.2f}"
    if found.said_by is not None and found.said_by.family is found.heard_by.family:
        told = (
            f"“{found.said}” is also heard as {heard}; of one family only the longer counts, see that its advice fits"
        )
        return Finding(place=found.said_as, told=told, is_error=False)
    is_press = found.heard_by.family is Family.CONSENT
    is_refusal = found.said_by is not None and found.said_by.family is Family.REFUSAL
    told = (
        f"“{found.said}” is also heard as {heard}{', which presses the MUTE key' if is_press else ''}; if that is not "
        f"meant, list it under excused_by of {found.heard_by.id}"
    )
    return Finding(place=found.said_as, told=told, is_error=is_press and is_refusal)


def _sayings(entries: Iterable[PackEntry], pack: Pack, vocabulary: Vocabulary | None) -> Iterator[_Saying]:
    """Yield every text that the pack has somebody say, each once for its rule."""
    lines_told: set[str] = set()
    for entry in entries:
        where = entry.place.partition(".")[0]
        if entry.rule.say and where not in lines_told:
            lines_told.add(where)
            yield _saying(entry.rule.say, f"{where}.say", entry.rule, vocabulary, is_line=True)
        for text in dict.fromkeys(wording.text for wording in entry.wordings):
            yield _saying(text, entry.place, entry.rule, vocabulary, is_polite=entry.is_polite)
    for key in SAID_LINES:
        yield _saying(pack.texts[key], f"texts.{key}", None, vocabulary, is_line=True)
    for number, answer in enumerate(pack.answers, 1):
        for place, page in enumerate(answer.pages, 1):
            yield _saying(page, f"answer[{number}].pages[{place}]", None, vocabulary, is_line=True)
    for occasion, wish in pack.wishes.items():
        yield _saying(wish, f"wishes.{occasion}", None, vocabulary, is_line=True)


def _saying(
    text: str,
    place: str,
    rule: Rule | None,
    vocabulary: Vocabulary | None,
    *,
    is_line: bool = False,
    is_polite: bool = False,
) -> _Saying:
    words = spoken(text, vocabulary)
    return _Saying(
        text=text,
        place=place,
        rule=rule,
        side=rule.side if rule and not is_line else Side.AGENT,
        is_line=is_line,
        is_polite=is_polite,
        words=words,
        heard=tuple(alignment.spelled(words)),
    )


def _is_news(saying: _Saying, listener: _Listener) -> bool:
    """Whether it would matter if this were heard as that."""
    rule = listener.rule
    if saying.side is not rule.side:
        return False
    if saying.is_line:
        is_own = saying.place.startswith("texts.hold.")
        return rule.family in FAULTS or (rule.family is Family.HOLD_REQUEST and not is_own)
    if saying.rule is None:
        return False
    is_one_row = (saying.rule.id, saying.rule.family) == (rule.id, rule.family)
    if saying.is_polite:  # one with a gap is no whole sentence: it only has to excuse its own rule
        return is_one_row or (rule.family in FAULTS and "…" not in saying.text)
    if is_one_row or {saying.rule.scope, rule.scope} == _NEVER_TOGETHER:
        return False
    texts = listener.wording.text, saying.text
    is_part = _is_written_in(*texts) or _is_written_in(*reversed(texts))
    return not (saying.rule.family is rule.family and is_part)


def _is_written_in(text: str, longer: str) -> bool:
    """Whether a wording stands in another one, gaps apart."""
    pieces = (re.sub(r"\W", "", piece) for piece in text.split("…"))
    return re.search(".*".join(map(re.escape, pieces)), re.sub(r"\W", "", longer)) is not None


def _alike(saying: _Saying, listener: _Listener, limits: Spotting) -> Alike | None:
    score_pm = _likeness_pm(saying, listener)
    if score_pm < listener.needed_pm - NEAR_PM:
        return None
    unexcused = replace(listener.rule, phrases=(listener.wording,), excused_by=())
    excused = replace(unexcused, excused_by=listener.rule.excused_by)
    is_heard = bool(spotted(unexcused, limits, saying.words))
    is_excused = not spotted(excused, limits if is_heard else _loosened(limits), saying.words)
    if is_excused and not is_heard:
        return None
    return Alike(
        said=saying.text,
        said_as=saying.place,
        said_by=saying.rule,
        is_line=saying.is_line,
        heard=listener.wording.text,
        heard_at=listener.place,
        heard_by=listener.rule,
        score_pm=score_pm,
        needed_pm=listener.needed_pm,
        verdict=Verdict.EXCUSED if is_excused else Verdict.FIRES if is_heard else Verdict.NEAR,
    )


def _likeness_pm(saying: _Saying, listener: _Listener) -> int:
    """Return how well a wording fits somewhere in what is said; 0 if not near enough to be of interest."""
    entry = listener.loose
    sounds = frozenset(each.sound for each in saying.heard)
    least = [
        min(alignment.MISSING_PM, *(place.costs_pm.get(sound, WRONG_PM) for sound in sounds))
        for place in entry.phrase.tokens
        if not place.is_optional
    ]
    if sum(least) > entry.allowed:  # quick, and true of nearly all: the sounds are not even there
        return 0
    if entry.rule.scope is Scope.WHOLE_UTTERANCE:
        whole = alignment.whole_fit(entry, saying.heard)
        return whole.score_pm if whole else 0
    return max((fit.score_pm for fit in alignment.fits(entry, saying.heard)), default=0)


def _weight(found: Alike) -> tuple[bool, bool, int]:
    return found.verdict is Verdict.FIRES, found.verdict is Verdict.NEAR, found.score_pm


def _loosened(limits: Spotting) -> Spotting:
    return replace(limits, least_score_pm=tuple(max(0, least - NEAR_PM) for least in limits.least_score_pm))
