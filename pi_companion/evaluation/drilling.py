"""How does the device do on a drill? The short answer for the terminal; `make eval` has the long one."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from rich.console import Console, Group
from rich.progress import Progress
from rich.table import Table

from pi_companion.core.settings import Family
from pi_companion.errors import UsageError
from pi_companion.evaluation.figures import Recall
from pi_companion.evaluation.material import read_drill
from pi_companion.evaluation.report import Drilled
from pi_companion.evaluation.runs import Runs
from pi_companion.evaluation.work import BEST_FORMS, Crew, Method, Setup, possible
from pi_companion.packs import load_pack
from pi_companion.session.replay import Device

AGENT_NAME = "小李"
"""Who speaks in the drill and in the calls, unless the site says so."""


def run_drill(folder: Path, device: Device, console: Console, workers: int = 1) -> Drilled:
    """Return recall by method, family and voice of the device and of the two simple ways, on one drill folder.

    Raises `UsageError` without a model or a drill.tsv.
    """
    site, model = device.site, device.model
    if model is None:
        message = "a drill is speech: it needs a model"
        raise UsageError(message)
    names = replace(site.station, agent_name=site.station.agent_name or AGENT_NAME).names
    drill = read_drill(folder)
    crew = Crew(Setup(pack=site.pack_path, names=names, model=model, babble=()), workers)
    try:
        with Progress(console=console, transient=True) as progress:
            runs = Runs(crew, load_pack(site.pack_path, names=names), progress)
            return runs.drill_recall(drill, runs.hear_drill(drill, possible(BEST_FORMS, model)))
    finally:
        crew.close()


def drill_tables(drilled: Drilled) -> Group:
    """Return the result for a terminal: the device by family and voice, then beside the simple ways."""
    voices = sorted({voice for _, _, voice in drilled})
    families = [family for family in Family if any(of is family for _, of, _ in drilled)]
    own = Table(title="drill: phrases found by the device")
    own.add_column("family")
    for voice in voices:
        own.add_column(voice, justify="right")
    for family in families:
        cells = (_sum(drilled, Method.DEVICE, family=family, voice=voice) for voice in voices)
        own.add_row(str(family), *(f"{cell.hits} of {cell.truths}" for cell in cells))
    beside = Table(title="beside two simple ways, same audio")
    for heading in ("", "found", "near misses fired", "p50 ms", "p95 ms", "max ms"):
        beside.add_column(heading, justify="right" if heading else "left")
    for method in (way for way in BEST_FORMS if any(by is way for by, _, _ in drilled)):
        all_of_it = _sum(drilled, method)
        latencies = ("–" if (ms := all_of_it.latency_ms(percent)) is None else str(ms) for percent in (50, 95, 100))
        beside.add_row(
            str(method),
            f"{all_of_it.hits} of {all_of_it.truths} ({100 * all_of_it.share:.1f} %)",
            f"{all_of_it.near_misses_fired} of {all_of_it.near_misses}",
            *latencies,
        )
    return Group(own, beside)


def drill_json(drilled: Drilled) -> dict[str, Any]:
    """Return the result for `json.dumps`: `{"drill": [...]}`, a row for each method, family and voice."""
    return {
        "drill": [
            {
                "method": str(method),
                "family": str(family),
                "voice": voice,
                "truths": recall.truths,
                "hits": recall.hits,
                "near_misses": recall.near_misses,
                "near_misses_fired": recall.near_misses_fired,
                "latency_p50_ms": recall.latency_ms(50),
                "latency_p95_ms": recall.latency_ms(95),
            }
            for (method, family, voice), recall in drilled.items()
        ]
    }


def _sum(drilled: Drilled, method: Method, *, family: Family | None = None, voice: str | None = None) -> Recall:
    chosen: Iterable[Recall] = (
        recall
        for (by, of, said_by), recall in drilled.items()
        if by is method and family in {None, of} and voice in {None, said_by}
    )
    return sum(chosen, start=Recall())
