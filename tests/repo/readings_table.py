"""Writes `pi_companion/speech/readings.txt` from the package pypinyin: run by `make docs`."""

import re
from importlib.metadata import version
from typing import Final

from pypinyin import Style, lazy_pinyin
from pypinyin.constants import PINYIN_DICT
from pypinyin.phrases_dict import phrases_dict

HANZI: Final = re.compile(r"[〇㐀-鿿]+\Z")
"""What `phonetics` asks for the reading of."""


def page() -> str:
    """The table: what `readings` says of itself."""
    single = {char: toneless(char)[0] for char in map(chr, PINYIN_DICT) if HANZI.match(char)}
    lines = {char: f"{char}\t{reading}" for char, reading in single.items()}
    for phrase in phrases_dict:
        readings = toneless(phrase)
        is_own = readings != [single.get(char, char) for char in phrase]
        lines[phrase] = f"{phrase}\t{' '.join(readings)}" if is_own else phrase
    origin = f"# From pypinyin {version('pypinyin')} (MIT-pypinyin.txt) by `make docs`"
    return "\n".join([origin, *(line for _, line in sorted(lines.items())), ""])


def toneless(run: str) -> list[str]:
    """One reading per hanzi, as pypinyin gives it."""
    return lazy_pinyin(run, style=Style.NORMAL, errors=list)  # type: ignore[arg-type]  # a list is spread: stubs omit it
