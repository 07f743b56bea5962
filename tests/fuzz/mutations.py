"""How does a valid file become a wrong one? Structure-aware mutations of tokens, lines and bytes, drawn by Hypothesis.

Every mutation begins with a file that the project accepts, so most of it still makes sense: that reaches further into
a reader than noise does. A failing example shrinks to the one change that matters.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final

from hypothesis import strategies as st

Mutation = Callable[[str], str]

HAN: Final = "您好电脑中心为您服务"
_HUGE: Final = "9" * 5000
_DEEP: Final = 3000

TOML_TOKENS: Final = (
    "0", "-1", "1", "99999999999999999999", _HUGE, "1.5", "1e400", "nan", "inf", "true", "false", "[]", "{}",
    "[[]]", '""', '"x"', '"a\\u0000b"', '"a\\u0000/b"', '"\\ud800"', '"../../../../../etc/passwd"',
    '"/dev/zero"', '"/"', '"."', '"..\\\\x"', f'"{HAN}"', f'"{HAN * 400}"', '"' + "x" * 5000 + '"', '"(好|行)"',
    '"' + "(好|行)" * 12 + '"', '"{agent_name}"', '"{"', '"}"', '"("', '"…"', '"𠮷"', '"\U000f0000"',
    '"\u202e"', '"[red]"', '"\\u001b[31m"', "1979-05-27T07:32:00Z", "2026-11-20T16:42:00+08:00",
    "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59", "1979-05-27", "07:32:00", "[station]", "[[rule]]",
    "[limits.pace]", "[a.b.c]", "a.b.c = 1", "=", "#", '"""', "'''", "[" * _DEEP, "{a=" * _DEEP,
    "a." * _DEEP + "a=1", "x" * 5000, "__class__", "limits", "station_file", "file", "0x3C", "0o17", "0b1", "_",
)  # fmt: skip
JSON_TOKENS: Final = (
    "0", "-1", "1", "2", "1.5", "1e999", "NaN", "Infinity", "99999999999999999999", "86400001", _HUGE, "true",
    "null", '""', '"x"', '"\\u0000"', '"\\ud800"', '"\\ud83d\\ude00"', f'"{HAN}"', f'"{HAN * 400}"', "[]",
    '"' + "x" * 5000 + '"', "{}", "[180,240]", "[240,180]", "[1,2,3]", "[" * 100_000, '{"a":' * 100_000,
    '"ring"', '"hook"', '"seat_mm"', '"button"', '"resume"', '"fault"', '"tap_lost"', '"until"', '"customer"',
    '"agent"', '"tone"', '"busy"', '"began"', '"ended"', '"kind"', '"at"', ",", ":", '"', "\\", "\t",
)  # fmt: skip
ODD_TEXTS: Final = (
    "\x00", "\ufeff", "\r", "\r\n", "\n", "\x1b[31m", "\x7f", "\x85", "\u2028", "\u202e", "\ufffe",
    "\U000e0001", "𠮷", "é", "\t", " ", "“", "’", "，",
)  # fmt: skip
_TOKEN: Final = re.compile(r'"[^"\n]*"|[-+]?\d[\d.]*|\w+|[^\S\n]+|\n|.')


def _token(replacement: str, place: int) -> Mutation:
    def mutate(text: str) -> str:
        tokens = [match for match in _TOKEN.finditer(text) if not match[0].isspace()]
        if not tokens:
            return replacement
        chosen = tokens[place % len(tokens)]
        return text[: chosen.start()] + replacement + text[chosen.end() :]

    return mutate


def _inserted(what: str, place: int) -> Mutation:
    return lambda text: text[: place % (len(text) + 1)] + what + text[place % (len(text) + 1) :]


def _cut(place: int, length: int) -> Mutation:
    return lambda text: text[: place % (len(text) + 1)] + text[place % (len(text) + 1) + length :]


def _truncated(place: int) -> Mutation:
    return lambda text: text[: place % (len(text) + 1)]


def _line(place: int, change: str) -> Mutation:
    def mutate(text: str) -> str:
        lines = text.splitlines(keepends=True)
        if not lines:
            return text
        at = place % len(lines)
        match change:
            case "gone":
                del lines[at]
            case "twice":
                lines.insert(at, lines[at])
            case "last":
                lines.append(lines.pop(at))
            case _:
                lines.insert(0, lines.pop(at))
        return "".join(lines)

    return mutate


def _everywhere(change: str) -> Mutation:
    match change:
        case "crlf":
            return lambda text: text.replace("\n", "\r\n")
        case "cr":
            return lambda text: text.replace("\n", "\r")
        case "twice":
            return lambda text: text + text
        case _:
            return lambda text: "\ufeff" + text


def _encoded(encoding: str) -> Callable[[str], bytes]:
    return lambda text: text.encode(encoding, "replace")


def _flipped(place: int, byte: int) -> Callable[[bytes], bytes]:
    def mutate(data: bytes) -> bytes:
        at = place % (len(data) or 1)
        return data[:at] + bytes([byte]) + data[at + 1 :]

    return mutate


PLACES: Final = st.integers(0, 1 << 20)


def changed(text: str, tokens: Sequence[str]) -> st.SearchStrategy[bytes]:
    """Return files made of `text` by one to three changes, now and then in another encoding or with a wrong byte."""
    mutation = st.one_of(
        st.builds(_token, st.sampled_from(tokens), PLACES),
        st.builds(_token, st.sampled_from(tokens), PLACES),
        st.builds(_inserted, st.sampled_from([*ODD_TEXTS, *tokens]), PLACES),
        st.builds(_cut, PLACES, st.integers(1, 60)),
        st.builds(_truncated, PLACES),
        st.builds(_line, PLACES, st.sampled_from(["gone", "twice", "last", "first"])),
        st.builds(_everywhere, st.sampled_from(["crlf", "cr", "twice", "bom"])),
    )
    encoding = st.sampled_from(["utf-8"] * 17 + ["utf-16", "gbk", "latin-1"])
    flips = st.one_of(
        st.just(()), st.just(()), st.just(()), st.tuples(st.builds(_flipped, PLACES, st.integers(0, 255)))
    )
    return st.builds(_applied, st.just(text), st.lists(mutation, min_size=1, max_size=3), encoding, flips)


def _applied(
    text: str, mutations: Sequence[Mutation], encoding: str, flips: Sequence[Callable[[bytes], bytes]]
) -> bytes:
    for mutate in mutations:
        text = mutate(text)
    data = text.encode(encoding, "replace")
    for flip in flips:
        data = flip(data)
    return data


def damaged(data: bytes) -> st.SearchStrategy[bytes]:
    """Return binary files made of `data`: cut short, with wrong bytes, most near the front, or with more at the end."""
    near = st.integers(0, 255)
    numbers = st.sampled_from([0, 1, 0x7F, 0x80, 0xFF])
    return st.one_of(
        st.builds(lambda place: data[: place % (len(data) + 1)], st.one_of(near, PLACES)),
        st.builds(
            lambda flips: _flips(data, flips),
            st.lists(
                st.tuples(st.one_of(near, PLACES), st.one_of(numbers, st.integers(0, 255))), min_size=1, max_size=6
            ),
        ),
        st.builds(
            lambda place, value, width: _flips(data, [(place + step, value) for step in range(width)]),
            near,
            numbers,
            st.integers(2, 8),
        ),
        st.builds(lambda more: data + more, st.binary(min_size=1, max_size=64)),
        st.builds(lambda place, length: data[: place % len(data)] + data[place % len(data) + length :], PLACES, near),
    )


def _flips(data: bytes, flips: Sequence[tuple[int, int]]) -> bytes:
    found = bytearray(data)
    for place, byte in flips:
        found[place % len(found)] = byte
    return bytes(found)
