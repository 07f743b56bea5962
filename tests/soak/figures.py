"""What came of it, and is memory flat? The figures of a run as a page, and the checks that hang on them.

Memory is what the process alone holds (RssAnon and what of it was swapped), and the blocks that Python's own allocator
has given out. Flat means: after the first day the slope of both is small, with the upper end of its 95 % bound, and
what has come in all is little. The slope is the median of those between all pairs of samples (Theil and Sen), its
bound that of Kendall's rank statistic: a heap that takes one more piece once a week has no slope, a leak has.
"""

import gc
import math
import os
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from statistics import median

from tests.soak.judge import FALSE_MS, LATE_MS, LONGEST_PRESS_MS, Tally

WARM_UP_H = 24
FLAT_KIB_PER_H = 5.0
FLAT_BLOCKS_PER_H = 20.0
MOST_KIB = 2048
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
    "memory": f"after the first day memory grows by less than {FLAT_KIB_PER_H:.0f} KiB and {FLAT_BLOCKS_PER_H:.0f} "
    f"blocks an hour, and by less than {MOST_KIB} KiB in all",
    "threads": "the number of threads is constant",
    "files": "the number of open files is constant",
}

_NORMAL_95 = 1.96


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
    """Return the median of the slopes between all pairs of points, and its bound."""
    slopes = sorted((later_y - y) / (later_x - x) for (x, y), (later_x, later_y) in combinations(points, 2))
    count, pairs = len(points), len(slopes)
    spread = _NORMAL_95 * math.sqrt(count * (count - 1) * (2 * count + 5) / 18)
    low, high = math.floor((pairs - spread) / 2), math.ceil((pairs + spread) / 2)
    return Slope(per_hour=median(slopes), low=slopes[max(0, low)], high=slopes[min(pairs - 1, high)])


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
        if (grown := late[-1].kib - late[0].kib) >= MOST_KIB:
            tally.fail(at, "memory", f"{grown} KiB since hour {late[0].hour}")


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
