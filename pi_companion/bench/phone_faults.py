"""In which ways does the simulated desk phone fail? Every fault by its name, read from a call folder's `faults`."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from pi_companion.errors import CallFolderError

FAULTS: Final = (
    "ignores_press@N",
    "double_toggle@N",
    "late_press@N+MS",
    "lamp_dead@MS",
    "lamp_stuck_on@MS+MS",
    "lamp_stuck_off@MS+MS",
    "lamp_inverted@MS+MS",
    "lamp_flickers@MS+MS",
    "lamp_late@MS+MS",
    "clears_mute_on_hook",
    "clears_mute_on_lift",
    "forgets_mute@MS",
    "self_toggles@MS",
)
"""Every fault that can be asked for; N counts closings of the device's contact from 1, @MS is session milliseconds.

+MS: how much later than other presses this one counts; for how long the lamp is stuck, inverted (lit while live) or
flickers (turns every `FLICKER_MS`), and shows the truth again; how far it lags behind the truth, from then on.
`clears_mute_on_lift`, `forgets_mute`: the phone is live then, without a toggle if it was.
"""

FLICKER_MS: Final = 90
"""A flickering lamp turns this often: each half is long enough to be believed, were it not for the next."""

_NUMBERS: Final = {"@N": "@([1-9][0-9]{0,8})", "@MS": "@([0-9]{1,9})", "+MS": r"\+([0-9]{1,6})", "": ""}
_SHAPES: Final = {
    name: re.compile(name + _NUMBERS[at + when] + _NUMBERS[plus + lasting])
    for fault in FAULTS
    for name, at, numbers in [fault.partition("@")]
    for when, plus, lasting in [numbers.partition("+")]
}


class Span(NamedTuple):
    """From `at` on, until just before `until`."""

    at: int
    until: int

    def __contains__(self, at: object) -> bool:
        """Whether that time is in it."""
        return isinstance(at, int) and self.at <= at < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """What is wrong with the phone, as asked for by `FAULTS`. Closings by number, times in session milliseconds."""

    ignored_presses: frozenset[int] = frozenset()
    double_presses: frozenset[int] = frozenset()
    late_presses: Mapping[int, int] = field(default_factory=dict)
    lamp_dead_at: int | None = None
    stuck_on: tuple[Span, ...] = ()
    stuck_off: tuple[Span, ...] = ()
    inverted: tuple[Span, ...] = ()
    flickers: tuple[Span, ...] = ()
    lamp_late: tuple[tuple[int, int], ...] = ()
    clears_mute_on_hook: bool = False
    clears_mute_on_lift: bool = False
    forgets_at: tuple[int, ...] = ()
    toggles_at: tuple[int, ...] = ()


def parse_faults(asked_for: Iterable[str]) -> Faults:
    """Return the faults as a call folder asks for them.

    Raises `CallFolderError` that names every one it does not know, and what there is.
    """
    found: dict[str, list[tuple[int, ...]]] = {name: [] for name in _SHAPES}
    complaints = []
    for fault in asked_for:
        name = fault.partition("@")[0]
        match = _SHAPES[name].fullmatch(fault) if name in _SHAPES else None
        if match is None:
            complaints.append(f"{fault!r} is no fault of the simulated phone; there are {', '.join(FAULTS)}")
        else:
            found[name].append(tuple(int(number) for number in match.groups()))
    if complaints:
        raise CallFolderError("[phone] faults", complaints)

    def firsts(name: str) -> list[int]:
        return sorted(numbers[0] for numbers in found[name])

    def spans(name: str) -> tuple[Span, ...]:
        return tuple(Span(at, at + for_ms) for at, for_ms in found[name])

    return Faults(
        ignored_presses=frozenset(firsts("ignores_press")),
        double_presses=frozenset(firsts("double_toggle")),
        late_presses={numbers[0]: numbers[1] for numbers in found["late_press"]},
        lamp_dead_at=min(firsts("lamp_dead"), default=None),
        stuck_on=spans("lamp_stuck_on"),
        stuck_off=spans("lamp_stuck_off"),
        inverted=spans("lamp_inverted"),
        flickers=spans("lamp_flickers"),
        lamp_late=tuple(sorted((at, by_ms) for at, by_ms in found["lamp_late"])),
        clears_mute_on_hook=bool(found["clears_mute_on_hook"]),
        clears_mute_on_lift=bool(found["clears_mute_on_lift"]),
        forgets_at=tuple(firsts("forgets_mute")),
        toggles_at=tuple(firsts("self_toggles")),
    )
