"""`make eval`: measures everything there is material for, writes the page and the picture. Run it in a checkout."""

import os
import platform
import subprocess
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.markdown import Markdown
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from pi_companion.bench.calls import bundled_calls
from pi_companion.cli_upkeep import writing
from pi_companion.core.settings import Pack, Station
from pi_companion.evaluation.conditions import CLEAN, CONDITIONS
from pi_companion.evaluation.drilling import AGENT_NAME
from pi_companion.evaluation.fingerprint import fingerprint, model_sha256
from pi_companion.evaluation.material import read_drill, read_negative, read_recordings
from pi_companion.evaluation.page import page
from pi_companion.evaluation.plot import draw
from pi_companion.evaluation.report import Origin, Report
from pi_companion.evaluation.runs import Runs
from pi_companion.evaluation.work import BEST_FORMS, Crew, Method, Setup, possible
from pi_companion.packs import load_pack
from pi_companion.speech import models

_HUMAN: Final = Path("../shared/training/human")
_PAGE: Final = "EVALUATION.md"
_PICTURE: Final = "evaluation.png"

err = Console(stderr=True)


def main(  # noqa: PLR0917 - typer makes options of them
    drill: Annotated[Path, typer.Option(help="Folder with drill.tsv.")] = Path("tests/drill"),
    negative: Annotated[Path, typer.Option(help="Folder with negative.tsv.")] = Path("tests/negative"),
    human: Annotated[
        Path | None, typer.Option(help="Folder with manifest.tsv of recorded people; default: one beside the checkout.")
    ] = None,
    calls: Annotated[Path, typer.Option(help="Folder of call folders, beside the bundled ones.")] = Path("tests/calls"),
    answers: Annotated[Path, typer.Option(help="Folder with answers.tsv.")] = Path("tests/answers"),
    out: Annotated[Path, typer.Option(help="Folder for the page and the picture.")] = Path(),
    model: Annotated[str, typer.Option(help="Speech model: a name or a path.")] = "",
    workers: Annotated[int, typer.Option(help="Processes; 0: one a processor.", min=0)] = 0,
    date: Annotated[str, typer.Option(help="Date for the page; default: today.")] = "",
    no_human: Annotated[bool, typer.Option("--no-human", help="Leave recordings of people out.")] = False,
    quick: Annotated[bool, typer.Option("--quick", help="Drill and negative speech only; writes no page.")] = False,
) -> None:
    """Measure, and write EVALUATION.md and evaluation.png."""
    began = time.monotonic()
    chosen = models.resolve(model or None, None) if model else models.bundled()
    models.check(chosen.path)
    names = Station(agent_name=AGENT_NAME).names
    pack = load_pack(None, names=names)
    drilled, streams = read_drill(drill), read_negative(negative)
    babble = tuple(stream.file for stream in streams)
    with writing(out):
        out.mkdir(parents=True, exist_ok=True)  # now, not after an hour of measuring
    folder = human or _HUMAN
    has_people = not (quick or no_human) and (human is not None or folder.is_dir())
    people = read_recordings(folder) if has_people else ()
    paths = [] if quick else sorted([*bundled_calls(), *(path.parent for path in calls.glob("*/audio.*"))])
    report = Report(origin=_origin(pack, chosen, date))
    ways, best = possible(Method, chosen), possible(BEST_FORMS, chosen)
    crew = Crew(Setup(pack=None, names=names, model=chosen, babble=babble), workers or os.cpu_count() or 1)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns, console=err) as progress:
            runs = Runs(crew, pack, progress)
            ran = runs.hear_drill(drilled, ways)
            report.drill = runs.drill_recall(drilled, ran)
            every = (*streams, *people)
            heard = runs.hear_streams(every, ways)
            report.negative = runs.false_alarms(every, heard)
            synthetic = heard[: len(streams)]
            report.folds = runs.cross_validated(drilled, ran, streams, synthetic)
            if not quick:
                report.calls = runs.calls(paths)
                report.conditions[CLEAN.name] = runs.condition(drilled, ran, streams, synthetic, report.calls)
                for name in list(CONDITIONS)[1:]:
                    worse = runs.hear_drill(drilled, best, name), runs.hear_streams(streams, best, name)
                    score = runs.calls(paths, name)
                    report.conditions[name] = runs.condition(drilled, worse[0], streams, worse[1], score)
                report.answers = runs.answers(answers) if answers.is_dir() else {}
                report.curve = list(runs.curve(drilled, ran, every, heard))
    finally:
        crew.close()
    report.seconds = round(time.monotonic() - began)
    text = page(report, _PICTURE)
    if quick:
        Console().print(Markdown(text))
        return
    (out / _PAGE).write_text(text, encoding="utf-8")
    draw(report, out / _PICTURE)
    Console().print(f"{out / _PAGE} and {out / _PICTURE} written after {report.seconds} s", markup=False)


def _origin(pack: Pack, model: models.Model, date: str) -> Origin:
    def git(*words: str) -> str:
        # S603, S607: our own words, and git from the PATH as everywhere in the set-up.
        ran = subprocess.run(["git", *words], capture_output=True, text=True, check=False)  # noqa: S603, S607 (see above)
        return ran.stdout.strip()

    commit = git("rev-parse", "--short=12", "HEAD") or "unknown"
    is_changed = bool(git("status", "--porcelain", "--untracked-files=no", "--", "pi_companion", "tests"))
    return Origin(
        date=date or datetime.now(UTC).date().isoformat(),
        commit=f"{commit} with uncommitted changes" if is_changed else commit,
        fingerprint=fingerprint(pack, model.path),
        pack=f"{pack.name} {pack.version}",
        model=model.name,
        model_sha256=model_sha256(model.path),
        vosk=version("vosk"),
        python=platform.python_version(),
        machine=f"{os.cpu_count()} cores of {platform.machine()}, {platform.system()}",
    )


if __name__ == "__main__":
    typer.run(main)
