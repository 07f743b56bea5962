"""What does a pack listen for, in plain words? The tables of `pack check`, for a reader who writes no programs."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from typing import Final

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from pi_companion.core.facts import Side
from pi_companion.core.limits import Spotting
from pi_companion.core.settings import CompiledPhrase, Family, Rule, Scope, Token
from pi_companion.packs.soundalikes import Alike, Verdict
from pi_companion.packs.written import PackEntry, needed_pm
from pi_companion.speech.vocabulary import Vocabulary, segment

_FAMILIES: Final[Mapping[Family, str]] = {
    Family.TABOO: "not to be said",
    Family.PROMISE: "a time is not to be promised",
    Family.OPENING_TABOO: "not to be said in the greeting",
    Family.GREETING: "the greeting",
    Family.APOLOGY: "the apology that is owed",
    Family.HOLD_REQUEST: "asks leave to consult; the customer's consent then presses MUTE",
    Family.CONSENT: "agrees to wait: presses MUTE",
    Family.REFUSAL: "does not agree to wait",
    Family.CLOSING: "the proper goodbye",
    Family.WISH: "the wish before a holiday",
    Family.STEP: "a step of the checklist",
    Family.OUTBOUND: "a line of the script for calling out",
    Family.WRONG_PERSON: "is not who was called",
    Family.FAREWELL: "takes leave: the line to close with is due",
    Family.COMPLAINT: "complains: with another sign the customer is angry",
    Family.LINE: "has a line to be answered with",
}
_SCOPES: Final[Mapping[Scope, str]] = {
    Scope.CALL: "anywhere in the call",
    Scope.FIRST_UTTERANCE: "in the first words after picking up",
    Scope.AFTER_OPENING: "anywhere after the first words",
    Scope.WHOLE_UTTERANCE: "only if nothing else is said",
}
_SIDES: Final[Mapping[Side, str]] = {Side.AGENT: "the agent", Side.CUSTOMER: "the customer"}
_MOST_SOUNDS: Final = 3
"""A place where more syllables are right than this is shown as {number}."""


def listing(entries: Iterable[PackEntry], limits: Spotting, vocabulary: Vocabulary | None) -> Group:
    """Return every rule with its phrases: the wordings in the words of the model, their sounds, the likeness needed."""
    parts: list[RenderableType] = []
    for (_, rule), group in groupby(entries, key=lambda entry: (entry.place.partition(".")[0], entry.rule)):
        rows = list(group)
        phrases = [entry for entry in rows if not entry.is_polite]
        polite = [entry.text for entry in rows if entry.is_polite]
        parts.append(_heading(rows[0].place.partition(".")[0], rule))
        parts.append(Padding(_phrases(phrases, limits, vocabulary), (0, 0, 0, 2)))
        if polite:
            parts.append(Padding(Text(f"no fault inside: {' · '.join(polite)}", style="green"), (0, 0, 0, 3)))
        parts.append(Text())
    return Group(*parts)


def excused(found: Iterable[Alike]) -> Table | None:
    """Return what sounds like a fault and is excused by a polite form; None if there is nothing."""
    rows = [each for each in found if each.verdict is Verdict.EXCUSED]
    if not rows:
        return None
    table = Table("said", "sounds like", "likeness", "", box=None, padding=(0, 2, 0, 0), header_style="dim")
    for each in rows:
        table.add_row(each.said, f"{each.heard}  ({each.heard_by.id})", f"{each.score_pm / 1000:.2f}", "excused")
    return table


def legend(entries: Iterable[PackEntry], vocabulary: Vocabulary | None, model: str) -> str:
    """Return how to read the tables, and how many wordings are more than one word of the model."""
    told = (
        "by sound: (what may be left out), …3 up to three syllables of anything; needs: likeness from which it counts"
    )
    if vocabulary is None:
        return told
    wordings = [wording.text for entry in entries for wording in entry.wordings if not entry.is_polite]
    several = sum(len(segment(vocabulary, text)) > 1 for text in wordings)
    return (
        f"heard as: in words of {model}, ‹ › where it has none. {several} of {len(wordings)} wordings are not one word "
        f"of it; in a Vosk grammar they must stand as shown here, or Vosk drops them in silence.\n{told}"
    )


def sounds(phrase: CompiledPhrase) -> str:
    """Return a wording as syllables: what may be left out in brackets, `…3` up to three of anything."""
    return " ".join(_runs(phrase.tokens))


def in_words(text: str, vocabulary: Vocabulary | None) -> str:
    """Return a wording cut into the words of the model, what no word can write in ‹›; as it is if there is no model."""
    if vocabulary is None:
        return text
    cut = (
        " ".join(part.text if part.is_word else f"‹{part.text}›" for part in segment(vocabulary, piece))
        for piece in text.split("…")
    )
    return " … ".join(cut)


def _heading(place: str, rule: Rule) -> Text:
    told = f"{_FAMILIES.get(rule.family, rule.family)}; said by {_SIDES[rule.side]}, {_SCOPES[rule.scope]}"
    return Text.assemble((place, "bold"), f"  {told}")


def _phrases(entries: Iterable[PackEntry], limits: Spotting, vocabulary: Vocabulary | None) -> Table:
    table = Table("phrase", "heard as", "by sound", "needs", box=None, padding=(0, 2, 0, 1), header_style="dim")
    table.columns[3].justify = "right"
    for entry in entries:
        for number, wording in enumerate(entry.wordings):
            table.add_row(
                Text("" if number else entry.text),
                Text(in_words(wording.text, vocabulary)),
                Text("that very word" if wording.literal else sounds(wording)),
                f"{needed_pm(entry.rule, wording, limits) / 1000:.2f}",
            )
    return table


def _runs(places: Iterable[Token]) -> Iterator[str]:
    for (is_any, is_optional), run in groupby(places, key=lambda place: (place.is_any, place.is_optional)):
        shown = list(run)
        if is_any:
            yield f"…{len(shown)}"
        else:
            text = " ".join(map(_shown, shown))
            yield f"({text})" if is_optional else text


def _shown(place: Token) -> str:
    right = sorted(sound for sound, cost in place.costs_pm.items() if cost == 0)
    return "/".join(right) if len(right) <= _MOST_SOUNDS else "{number}"
