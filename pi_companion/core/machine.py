"""What is a state machine here: a table of cells, every (state, input) decided, drawable.

Keeps law 4: transitions are data; the README's diagrams come from `mermaid` and a test keeps them equal.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

State = TypeVar("State", bound=StrEnum)
Input = TypeVar("Input", bound=StrEnum)
Act = TypeVar("Act", bound=StrEnum)


class Cell(NamedTuple, Generic[State, Act]):
    """Where to go and what to do on the way; `acts` in order."""

    next: State
    acts: tuple[Act, ...] = ()


Table = Mapping[State, Mapping[Input, Cell[State, Act]]]


def undecided(table: Table[State, Input, Act], states: Iterable[State], inputs: Iterable[Input]) -> list[str]:
    """Return "state, input" for every cell that the table leaves open; empty when it is complete."""
    wanted = list(inputs)
    return [
        f"{state}, {happening}" for state in states for happening in wanted if happening not in table.get(state, {})
    ]


def mermaid(table: Table[State, Input, Act], start: State) -> str:
    """Return the table as a Mermaid state diagram; cells that stay and do nothing are left out."""
    lines = ["stateDiagram-v2", f"    [*] --> {start}"]
    for state, row in table.items():
        arrows: dict[tuple[State, tuple[Act, ...]], list[str]] = {}
        for happening, cell in row.items():
            if cell.next is not state or cell.acts:
                arrows.setdefault((cell.next, cell.acts), []).append(str(happening))
        for (target, acts), happenings in arrows.items():
            does = f" / {', '.join(acts)}" if acts else ""
            lines.append(f"    {state} --> {target}: {' or '.join(happenings)}{does}")
    return "\n".join(lines)
