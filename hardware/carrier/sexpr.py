"""Reads KiCad's files, which are brackets, words and quoted texts, so that tests need no KiCad."""

import re
from collections.abc import Iterator
from typing import Final

Node = list["Node | str"]

_TOKEN: Final = re.compile(r'"((?:[^"\\]|\\.)*)"|([()])|([^\s()"]+)')


def read(text: str) -> Node:
    """Return the outermost bracket. Raises ValueError if the brackets do not pair."""
    open_: list[Node] = [[]]
    for quoted, bracket, word in _TOKEN.findall(text):
        if bracket == "(":
            open_.append([])
        elif bracket == ")":
            if len(open_) < 2:
                raise ValueError("a bracket closes that was never opened")
            done = open_.pop()
            open_[-1].append(done)
        else:
            open_[-1].append(word or quoted)
    if len(open_) != 1 or len(open_[0]) != 1 or isinstance(open_[0][0], str):
        raise ValueError("brackets do not pair")
    return open_[0][0]


def every(node: Node, name: str) -> Iterator[Node]:
    """Yield the direct children that begin with a name."""
    for child in node:
        if isinstance(child, list) and child and child[0] == name:
            yield child


def one(node: Node, name: str) -> Node:
    """Return the only child of a name. Raises ValueError if there is none or more."""
    (found,) = every(node, name)
    return found


def words(node: Node) -> list[str]:
    """Return the words after the name."""
    return [word for word in node[1:] if isinstance(word, str)]


def numbers(node: Node) -> list[float]:
    """Return the words after the name as numbers; what is none is left out."""
    return [float(word) for word in words(node) if re.fullmatch(r"-?[\d.]+(e-?\d+)?", word)]


def field(node: Node, key: str) -> str:
    """Return a property's text. Raises StopIteration if there is none."""
    return next(words(each)[1] for each in every(node, "property") if words(each)[0] == key)
