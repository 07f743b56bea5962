"""Can the model in use ever write what a pack listens for? Law 10: what can never be heard is told, not lost.

Going by sound, a place of a phrase is heard if any word of the model sounds like it, homophone or not. So each wording
is said to the spotter as well as the model could ever write it: if even that does not fire, nothing will.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from pi_companion.core.alignment import FILLERS, MISSING_PM
from pi_companion.core.facts import Word
from pi_companion.core.limits import Spotting
from pi_companion.core.settings import CompiledPhrase, Scope
from pi_companion.core.settings import Token as Place
from pi_companion.packs.written import Finding, PackEntry, needed_pm, spotted, timed
from pi_companion.speech.phonetics import syllables
from pi_companion.speech.syllables import WRONG_PM
from pi_companion.speech.vocabulary import Vocabulary, segment


@dataclass(frozen=True, slots=True, kw_only=True)
class Hearing:
    """How a wording comes out at best: `score_pm` in per mille, None if it can never be heard.

    `lacking`: its sounds that no word of the model has. `stand_in`: the sounds that come out instead, all of them.
    """

    wording: CompiledPhrase
    score_pm: int | None
    lacking: tuple[str, ...]
    stand_in: tuple[str, ...]


def best_hearing(entry: PackEntry, wording: CompiledPhrase, limits: Spotting, vocabulary: Vocabulary) -> Hearing:
    """Return how well a wording is heard when the model writes the nearest words that it has."""
    sounds = vocabulary.sounds.keys() | {
        sound for part in segment(vocabulary, wording.text) if part.is_word for sound in syllables(part.text)
    }
    needed = [place for place in wording.tokens if not place.is_optional]
    nearest = [_nearest(place, sounds) for place in needed]
    kept = [
        sound
        for sound, place in zip(nearest, needed, strict=True)
        if place is needed[-1] or place.costs_pm.get(sound, WRONG_PM) <= MISSING_PM
    ]
    alone = replace(entry.rule, phrases=(wording,), excused_by=())
    matches = spotted(alone, limits, _written(wording, kept, vocabulary))
    return Hearing(
        wording=wording,
        score_pm=matches[0].score_pm if matches else None,
        lacking=tuple(
            _own_sound(place) for sound, place in zip(nearest, needed, strict=True) if place.costs_pm.get(sound, 1)
        ),
        stand_in=tuple(kept),
    )


def findings(entries: Iterable[PackEntry], limits: Spotting, vocabulary: Vocabulary, model: str) -> list[Finding]:
    """Return what can never be heard, or only badly, by the model of that name; in the order written.

    A phrase of which no wording can be heard is an error; one wording of several, or a polite form, is not.
    """
    found: list[Finding] = []
    for entry in entries:
        heard = [best_hearing(entry, wording, limits, vocabulary) for wording in entry.wordings]
        deaf = [each for each in heard if each.score_pm is None]
        if len(deaf) == len(heard):
            reason = _reason(entry, deaf[0], limits, vocabulary, model)
            effect = "so it excuses nothing" if entry.is_polite else "so the device would keep silent"
            found.append(
                Finding(
                    place=entry.place,
                    told=f"“{entry.text}” can never be heard: {reason}, {effect}; {_way_out(vocabulary, deaf[0])}",
                    is_error=not entry.is_polite,
                )
            )
            continue
        for each in deaf:
            reason = _reason(entry, each, limits, vocabulary, model)
            told = f"“{each.wording.text}” of “{entry.text}” can never be heard: {reason}; the other wordings can"
            found.append(Finding(place=entry.place, told=told, is_error=False))
        found += _weak(entry, heard, limits, model)
    return found


def _weak(entry: PackEntry, heard: Iterable[Hearing], limits: Spotting, model: str) -> Iterator[Finding]:
    for each in heard:
        if each.score_pm is not None and each.lacking:
            told = (
                f"“{each.wording.text}” is heard only badly: {model} has no word with the sound "
                f"{_listed(each.lacking)}; at its best likeness {each.score_pm / 1000:.2f} where "
                f"{needed_pm(entry.rule, each.wording, limits) / 1000:.2f} is needed; prefer other words"
            )
            yield Finding(place=entry.place, told=told, is_error=False)


def _nearest(place: Place, sounds: Iterable[str]) -> str:
    return min(sorted(sounds), key=lambda sound: place.costs_pm.get(sound, WRONG_PM), default="")


def _own_sound(place: Place) -> str:
    return "/".join(sorted(sound for sound, cost in place.costs_pm.items() if cost == 0))


def _written(wording: CompiledPhrase, sounds: Iterable[str], vocabulary: Vocabulary) -> tuple[Word, ...]:
    """Return the sounds as words of the model: a single syllable as its very word, where there is one."""
    texts: list[tuple[str, tuple[str, ...]]] = [(vocabulary.sounds.get(sound, sound), (sound,)) for sound in sounds]
    if wording.literal and vocabulary.has(wording.literal):
        texts = [(wording.literal, syllables(wording.literal))]
    return timed(texts)


def _reason(entry: PackEntry, heard: Hearing, limits: Spotting, vocabulary: Vocabulary, model: str) -> str:
    wording = heard.wording
    least = needed_pm(entry.rule, wording, limits) / 1000
    if wording.literal and vocabulary.is_syllabic:
        return f"{model} writes syllables, and one syllable counts only as the character {wording.literal} itself"
    if wording.literal and not vocabulary.has(wording.literal):
        return f"{model} has no word {wording.literal}, and one syllable counts only as that very word"
    if heard.lacking:
        return f"{model} has no word with the sound {_listed(heard.lacking)}, and a likeness of {least:.2f} is needed"
    if entry.rule.scope is Scope.WHOLE_UTTERANCE and set(heard.stand_in) <= FILLERS:
        return "fillers like 嗯 and 啊 do not count where a phrase must be the whole utterance"
    return f"even said perfectly it stays under the likeness of {least:.2f} that is needed"


def _way_out(vocabulary: Vocabulary, heard: Hearing) -> str:
    parts = segment(vocabulary, heard.wording.text)
    words = " ".join(part.text for part in parts if part.is_word)
    known = f"of it the model knows: {words}; " if words and not vocabulary.is_syllabic and len(parts) > 1 else ""
    return f"{known}say it in other words, take it out, or use a model that has them (pi-companion model list)"


def _listed(sounds: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(sounds))
