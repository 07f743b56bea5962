"""Does the live device last? Days at a simulated desk in accelerated time, with faults; prints the figures.

    python -m tests.soak 168 [--seed 1] [--write]

Exit 1 if anything was broken. `--write` keeps the figures in tests/live/SOAK.md.
"""

import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from pi_companion import config
from pi_companion.core.settings import Station
from tests.soak.days import Director, scripted, station_of
from tests.soak.desk import Desk
from tests.soak.faults import phone_faults
from tests.soak.figures import Sample, judge_samples, page, sample
from tests.soak.judge import Tally

HOUR_MS = 3_600_000
PAGE = Path(__file__).parents[1] / "live" / "SOAK.md"


@dataclass(frozen=True, slots=True, kw_only=True)
class Soaked:
    """What came of a run; `cpu_s`: what the processor did for it."""

    tally: Tally
    samples: tuple[Sample, ...]
    cpu_s: float


def soak(hours: float, seed: int, *, every_ms: int = HOUR_MS, told: TextIO | None = None) -> Soaked:
    """Live through so many hours."""
    began, folders, samples = time.process_time(), scripted(), list[Sample]()
    station: dict[str, Any] = dict(station_of(folders))
    with tempfile.TemporaryDirectory(prefix="soak-") as folder:
        (Path(folder) / "state").mkdir()
        desk = Desk(config.Site(station=Station(**station)), Path(folder), seed, phone_faults(seed))
        Director(desk, folders).begin()

        def look() -> None:
            if None in desk.judge.works_since.values() or desk.live._journal.lost:
                desk.after(5000, look)  # what is lost has no file open
                return
            desk.live.document()  # as `pi-companion status` asks for it
            samples.append(sample(desk.now // HOUR_MS))
            desk.at((desk.now // every_ms + 1) * every_ms, look)
            if told is not None:
                print(
                    f"{time.process_time() - began:.0f} s, {samples[-1]}, broken {desk.judge.tally.broken.total()}",
                    file=told,
                    flush=True,
                )

        desk.at(every_ms, look)
        desk.run(round(hours * HOUR_MS))
        if desk.now < hours * HOUR_MS:
            raise KeyboardInterrupt  # the device heeded a signal that was meant for all of this
    judge_samples(samples, desk.judge.tally, desk.now)
    return Soaked(tally=desk.judge.tally, samples=tuple(samples), cpu_s=time.process_time() - began)


def main(
    hours: Annotated[float, typer.Argument(help="So many hours of session time.", min=0.1)] = 24.0,
    seed: Annotated[int, typer.Option(help="Another seed, other days and other faults.")] = 1,
    write: Annotated[bool, typer.Option("--write", help=f"Keep the figures in {PAGE.name}.")] = False,
) -> None:
    """Live through hours at a simulated desk, print the figures, and fail if anything was broken."""
    soaked = soak(hours, seed, told=sys.stderr)
    text = page(soaked.tally, soaked.samples, hours=hours, origin=_origin(hours, seed, soaked.cpu_s))
    print(text)
    if write:
        PAGE.write_text(text, encoding="utf-8")
    if soaked.tally.broken:
        raise typer.Exit(1)


def _origin(hours: float, seed: int, cpu_s: float) -> list[str]:
    git = ["git", "rev-parse", "--short=12", "HEAD"]
    ran = subprocess.run(git, capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    text = f"""
Written by `make soak HOURS={hours:g} ARGS='--seed {seed} --write'`, never by hand. What is lived through: the real live
shell with its loop, inbox, deadlines, screen and seat threads, tap and hearing, on its own adapters. **Simulated**: the
phone, the pins, the panel, the seat sensor and the card; the words are scripted, nothing is recognised; time moves on
only while every thread waits. What only a Pi can show is not here.

On {datetime.now(UTC).date().isoformat()}, after commit {ran.stdout.strip() or "unknown"}, Python
{platform.python_version()}, {os.cpu_count()} cores of {platform.machine()}, {platform.system()}; it took {cpu_s:.0f} s
of one core.
"""
    return text.strip().splitlines()


if __name__ == "__main__":
    typer.run(main)
