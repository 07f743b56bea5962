"""What was measured? One short hash of everything that decides what the device hears, so a page cannot go stale unseen.

In it: the rules' phrases, polite forms and scopes, the spotting limits, the model's files, and the source of the
modules that recognise and spot. Not in it: titles and advice, which may change without measuring again.
"""

import hashlib
import json
from pathlib import Path
from typing import Final

import pi_companion
from pi_companion.core.settings import Pack, Token
from pi_companion.speech.model_files import sha256

SOURCES: Final = (
    "core/alignment.py",
    "core/answers.py",
    "core/begun.py",
    "core/phrases.py",
    "core/spurts.py",
    "speech/ear.py",
    "speech/grammar.py",
    "speech/phonetics.py",
    "speech/short_answers.py",
    "speech/syllables.py",
    "speech/tones.py",
    "speech/vocabulary.py",
    "speech/vosk_recogniser.py",
)
"""Modules of the package that decide what is heard."""

_MODEL_PARTS: Final = ("am", "conf", "graph", "ivector")


def model_sha256(model: Path) -> str:
    """Return the checksum of a model folder: of its files' names and checksums."""
    files = sorted(
        (file.relative_to(model).as_posix(), sha256(file))
        for part in _MODEL_PARTS
        for file in (model / part).rglob("*")
        if file.is_file()
    )
    return hashlib.sha256(json.dumps(files).encode()).hexdigest()


def fingerprint(pack: Pack, model: Path) -> str:
    """Return 16 hex digits that change when anything does that decides what is heard."""
    rules = [
        [
            rule.id,
            rule.family,
            rule.side,
            rule.scope,
            [[phrase.text, phrase.literal, _tokens(phrase.tokens)] for phrase in rule.phrases],
            [[phrase.text, phrase.literal, _tokens(phrase.tokens)] for phrase in rule.excused_by],
        ]
        for rule in pack.rules
    ]
    package = Path(pi_companion.__file__).parent
    parts = {
        "rules": rules,
        "spotting": repr(pack.limits.spotting),
        "model": model_sha256(model),
        # The text, not the bytes: a checkout may have other line ends.
        "source": {name: (package / name).read_text(encoding="utf-8") for name in SOURCES},
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()[:16]


def _tokens(tokens: tuple[Token, ...]) -> list[tuple[dict[str, int], bool, bool]]:
    return [(dict(token.costs_pm), token.is_optional, token.is_any) for token in tokens]
