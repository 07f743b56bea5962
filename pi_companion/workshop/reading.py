"""What was expected of a part, and what was found? One reading, and how it is printed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Verdict(StrEnum):
    """`look`: the unit cannot tell, only a person can."""

    FINE = "✓"
    WRONG = "✗"
    LOOK = "?"
    LEFT_OUT = "-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """One reading. `advice`: what to do if it is not as expected."""

    part: str
    expected: str
    found: str
    verdict: Verdict
    advice: str


_WIDTH: Final = 16


def fine_if(is_fine: bool) -> Verdict:
    """Return the verdict on something that was measured."""
    return Verdict.FINE if is_fine else Verdict.WRONG


def seen(is_right: bool | None) -> Verdict:
    """Return the verdict on something that a person was asked to look at; None: nobody said."""
    return Verdict.LOOK if is_right is None else fine_if(is_right)


def told(reading: Reading) -> Iterator[str]:
    """Yield a reading as the lines that are printed; what to do only if it is not fine."""
    yield f"{reading.verdict} {reading.part:<{_WIDTH}}expected  {reading.expected}"
    yield f"{'':<{_WIDTH + 2}}found     {reading.found}"
    if reading.verdict in {Verdict.WRONG, Verdict.LOOK}:
        yield f"{'':<{_WIDTH + 2}}if not    {reading.advice}"


Say = Callable[[str], None]
"""Prints a line to whoever stands at the bench."""
