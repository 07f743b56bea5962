"""What does the second recogniser listen for? The pack's phrases in the model's own words, and every syllable.

Vosk's grammar mode drops a phrase with a word that the model lacks, without a complaint that anyone sees, and
forces whatever is said into the phrases it has. So phrases are cut into words of the model's vocabulary, and each
syllable of Mandarin stands beside them as a word of its own: what is no phrase has somewhere else to go.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

from pi_companion.core.facts import Side
from pi_companion.core.settings import Family, Pack, Rule
from pi_companion.speech import vocabulary as vocabularies
from pi_companion.speech.ear import Recogniser
from pi_companion.speech.short_answers import ShortAnswerRecogniser
from pi_companion.speech.vocabulary import Vocabulary, segment
from pi_companion.speech.vosk_recogniser import VoskRecogniser

_ANSWERS: Final = frozenset({Family.CONSENT, Family.REFUSAL})
_GAP: Final = re.compile("…|几")


def of_rules(rules: Iterable[Rule], vocabulary: Vocabulary) -> tuple[str, ...]:
    """Return the grammar: phrases and polite forms, cut at their gaps, then a word for each syllable; in order.

    A part that the model has no words for is left out: `pack check` is where a person is told.
    """
    phrases = set()
    for rule in rules:
        for phrase in (*rule.phrases, *rule.excused_by):
            for stretch in _GAP.split(phrase.text):
                parts = segment(vocabulary, stretch)
                if parts and all(part.is_word for part in parts):
                    phrases.add(" ".join(part.text for part in parts))
    return (*sorted(phrases), *sorted(set(vocabulary.sounds.values()) - phrases))


def is_taken_by(path: Path) -> bool:
    """Whether the model in a folder can be given a grammar: its graph is put together as it runs."""
    return (path / "graph" / "HCLr.fst").is_file()


def recogniser(model: Any, path: Path, pack: Pack, side: Side) -> Recogniser:  # noqa: ANN401 - vosk publishes no types
    """Return a recogniser for one side, with a second one for the pack's phrases, if the model can.

    The agent's listens all the time; the customer talks more and says less: theirs hears short answers again.

    Only the agent's gets the faint noise of `vosk_recogniser.over_floor`: on a telephone line a third more phrases are
    found with it. Tried on the customer's side, it made one answer that was no consent press the key: a wrong press
    weighs more than some consents that have to be asked about. And only answers are in the customer's grammar: that is
    what it is asked for, and what was measured; their complaints and farewells are for the first recogniser.
    """
    is_agent = side is Side.AGENT
    if not is_taken_by(path):
        return VoskRecogniser(model, has_floor=is_agent)
    own = (rule for rule in pack.rules if rule.side is side and (is_agent or rule.family in _ANSWERS))
    phrases = of_rules(own, vocabularies.of_model(model, str(path)))
    return VoskRecogniser(model, phrases, has_floor=True) if is_agent else ShortAnswerRecogniser(model, phrases)
