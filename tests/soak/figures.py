"""What came of it, and is memory flat? The figures of a run as a page, and the checks that hang on them.

Memory is what the process alone holds (RssAnon and what of it was swapped), and the blocks that Python's own allocator
has given out. Flat means: of both, the slope after the first day is small, with the upper end of its 95 % bound.
Neighbouring samples are alike, so the bound is from the slopes of four-hour blocks of samples taken anew many times.
"""

import gc
import os
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.soak.judge import FALSE_MS, LATE_MS, LONGEST_PRESS_MS, Tally

WARM_UP_H = 24
FLAT_KIB_PER_H = 5.0
FLAT_BLOCKS_PER_H = 20.0
LEAST_SAMPLES = 24
CHECKS = {
    "deadline": f"a deadline is acted on within {LATE_MS} ms of session time",
    "lease": "no LED is lit beyond its lease",
    "ring lights": "no light of rings without a ring",
    "mute": f"never shown muted for more than {FALSE_MS} ms while live and the lamp honest",
    "press": f"the MUTE contact is closed for {LONGEST_PRESS_MS} ms at most",
    "on-hook": "the contact is open on-hook",
    "queues": "the queues are bounded",
    "screen": "a working panel shows what was asked for last",
    "parts": "a part that is back is found, and none is lost that works",
    "memory": f"memory grows by less than {FLAT_KIB_PER_H:.0f} KiB and {FLAT_BLOCKS_PER_H:.0f} blocks an hour",
    "threads": "the number of threads is constant",
    "files": "the number of open files is constant",
}

_BLOCK = 4
_RESAMPLES = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What the process holds, at a session hour."""

    hour: int
    kib: int
    blocks: int
    threads: int
    files: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Slope:
    """Growth an hour, with its 95 % bound."""

    per_hour: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.per_hour:+.2f} (95 %: {self.low:+.2f} to {self.high:+.2f})"


def sample(hour: int) -> Sample:
    """Return what the process holds now."""
    gc.collect()
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text(encoding="utf-8").splitlines())
    kib = sum(int(status[name].split()[0]) for name in ("RssAnon", "VmSwap"))
    return Sample(
        hour=hour,
        kib=kib,
        blocks=sys.getallocatedblocks(),
        threads=threading.active_count(),
        files=len(os.listdir("/proc/self/fd")),  # noqa: PTH208 - names are enough
    )


def slope(points: Sequence[tuple[float, float]]) -> Slope:
    """Return the least-squares slope; its bound from residuals that are drawn again in blocks, the same each time."""
    per_hour, start = _line(points)
    rest = [y - start - per_hour * x for x, y in points]
    chance = Random(1)  # noqa: S311 - to draw again
    drawn: list[float] = []
    for _ in range(_RESAMPLES):
        again: list[float] = []
        while len(again) < len(points):
            begin = chance.randrange(max(1, len(rest) - _BLOCK + 1))
            again += rest[begin : begin + _BLOCK]
        drawn.append(_line([(x, start + per_hour * x + e) for (x, _), e in zip(points, again, strict=False)])[0])
    drawn.sort()
    return Slope(per_hour=per_hour, low=drawn[_RESAMPLES // 40], high=drawn[-_RESAMPLES // 40 - 1])


def _line(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    middle_x = sum(x for x, _ in points) / len(points)
    middle_y = sum(y for _, y in points) / len(points)
    spread = sum((x - middle_x) ** 2 for x, _ in points)
    per_x = sum((x - middle_x) * (y - middle_y) for x, y in points) / spread
    return per_x, middle_y - per_x * middle_x


def warm(samples: Sequence[Sample]) -> list[Sample]:
    """Return those after the first day; none if there are too few for a slope."""
    late = [each for each in samples if each.hour >= WARM_UP_H]
    return late if len(late) >= LEAST_SAMPLES else []


def judge_samples(samples: Sequence[Sample], tally: Tally, at: int) -> None:
    """Put into the tally what the samples show."""
    settled = samples[1:]  # the first hour opens what stays open
    for name in ("threads", "files"):
        seen = sorted({getattr(each, name) for each in settled})
        if len(seen) > 1:
            tally.fail(at, name, f"between {seen[0]} and {seen[-1]}")
    late = warm(samples)
    if late:
        for name, flat in (("kib", FLAT_KIB_PER_H), ("blocks", FLAT_BLOCKS_PER_H)):
            grows = slope([(each.hour, getattr(each, name)) for each in late])
            if grows.high >= flat:
                tally.fail(at, "memory", f"{name}: {grows} an hour")


def page(tally: Tally, samples: Sequence[Sample], *, hours: float, origin: Sequence[str]) -> str:
    """Return the figures, as Markdown."""
    late, counts, longest = warm(samples), tally.counts, tally.longest_ms
    faults = sorted((name.removeprefix("fault: "), number) for name, number in counts.items() if name[:7] == "fault: ")
    lines = [
        "# Soak",
        "",
        *origin,
        "",
        f"**{hours:g} hours** of session time, {counts['calls']} calls, {sum(number for _, number in faults)} faults.",
        "",
        "| what must hold | broken |",
        "|---|---|",
        *(f"| {what} | {_broken(tally, check, late)} |" for check, what in CHECKS.items()),
        "",
        "| figure | |",
        "|---|---|",
        f"| deadlines acted on | {counts['deadlines']} |",
        f"| the latest of them, beyond what a fault excuses | {longest['late']} ms |",
        f"| presses of the MUTE key; the longest | {counts['presses']}; {longest['press']} ms |",
        f"| times muted | {counts['times muted']} |",
        f"| longest shown muted while live, the lamp honest | {max(0, longest['muted while live'])} ms |",
        f"| lights set; screens | {counts['lights set']}; {counts['screens']} |",
        f"| looks at the panel, one in twenty compared pixel by pixel | {counts['looks at the panel']} |",
        f"| most facts waiting | {longest['facts waiting']} |",
        f"| most blocks of audio waiting | {longest['audio waiting']} |",
        *(
            f"| {part}: times lost; longest until found, after it worked again | {counts[f'lost: {part}']}; "
            f"{longest[f'found: {part}'] / 1000:.1f} s |"
            for part in ("tap", "oled", "seat", "lamp")
        ),
    ]
    if late:
        first, last = late[0], late[-1]
        lines += [
            f"| memory at hour {first.hour} and {last.hour} | {first.kib / 1024:.1f} and {last.kib / 1024:.1f} MiB |",
            f"| slope of memory, KiB an hour | {slope([(each.hour, each.kib) for each in late])} |",
            f"| slope of Python's blocks, blocks an hour | {slope([(each.hour, each.blocks) for each in late])} |",
        ]
    if samples:
        lines.append(f"| threads; open files | {samples[-1].threads}; {samples[-1].files} |")
    lines += ["", "| fault | times |", "|---|---|", *(f"| {name} | {number} |" for name, number in faults)]
    if tally.told:
        lines += ["", "Broken:", "", *(f"- {what}" for what in tally.told)]
    return "\n".join(lines) + "\n"


def _broken(tally: Tally, check: str, late: Sequence[Sample]) -> str:
    if check == "memory" and not late:
        return f"not judged: needs {WARM_UP_H + LEAST_SAMPLES} hours"
    return f"**{tally.broken[check]}**" if tally.broken[check] else "0"
