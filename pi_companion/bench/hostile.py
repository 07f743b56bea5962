"""What do thousands of hostile sequences do to the MUTE key? Lives through them and prints the figures by phone.

    python -m pi_companion.bench.hostile --sequences 10000

`bench.hostile_sequences` makes the sequences, `bench.hostile_judge` says what may not happen. Exit 1 if something did.
"""

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from pi_companion.bench.hostile_desk import live
from pi_companion.bench.hostile_judge import Verdict
from pi_companion.bench.hostile_sequences import KINDS, LYING, sequence

PIECE: Final = 125
"""So many sequences are lived through at a go; `make test` takes eight pieces, `make hostile` eighty."""


def piece(number: int) -> tuple[Verdict, ...]:
    """Live through one piece of the sequences, from 0 on."""
    return tuple(live(sequence(seed)) for seed in range(number * PIECE, (number + 1) * PIECE))


def report(verdicts: Sequence[Verdict]) -> Table:
    """Return the figures, one row for each kind of phone, and one for all."""
    table = Table(
        title=f"{len(verdicts)} hostile sequences, simulated phones; times in ms",
        caption=(
            "muted, live: shown muted while live, in all / at most at once; live, muted: the reverse.\n"
            "crossed: undid the agent's own press that no honest lamp had shown yet. * its lamp lies."
        ),
    )
    table.add_column("phone", no_wrap=True)
    for name in ("number", "presses", "longest", "muted, live", "live, muted", "crossed", "disputes", "broken"):
        table.add_column(name, justify="right", no_wrap=True)
    for kind in KINDS:
        of_kind = [verdict for verdict in verdicts if verdict.kind == kind]
        if of_kind:
            table.add_row(f"{kind} *" if kind in LYING else kind, *_row(of_kind))
    table.add_section()
    honest = [verdict for verdict in verdicts if verdict.kind not in LYING]
    table.add_row("all that do not lie", *_row(honest))
    table.add_row("all", *_row(verdicts))
    return table


def _row(verdicts: Sequence[Verdict]) -> Iterator[str]:
    yield str(len(verdicts))
    yield str(sum(each.presses for each in verdicts))
    yield str(max((each.longest_press_ms for each in verdicts), default=0))
    for whole, longest in (("false_muted_ms", "false_muted_longest_ms"), ("false_live_ms", "false_live_longest_ms")):
        most = max((getattr(each, longest) for each in verdicts), default=0)
        yield f"{sum(getattr(each, whole) for each in verdicts)} / {most}"
    yield str(sum(each.crossed for each in verdicts))
    yield str(sum(each.disputes for each in verdicts))
    yield str(sum(len(each.broken) for each in verdicts))


def broken(verdicts: Iterable[Verdict]) -> list[str]:
    """Return every law that did not hold, with the seed that shows it."""
    return [f"seed {verdict.seed}, {verdict.kind}, {what}" for verdict in verdicts for what in verdict.broken]


def main(
    sequences: Annotated[int, typer.Option(help=f"So many, in pieces of {PIECE}.", min=1)] = 10000,
    jobs: Annotated[int, typer.Option(help="Processes at once.", min=1)] = os.cpu_count() or 1,
) -> None:
    """Live through hostile sequences, print the figures, and every law that did not hold."""
    pieces = -(-sequences // PIECE)
    with ProcessPoolExecutor(jobs) as pool, Progress(console=Console(stderr=True), transient=True) as progress:
        done = progress.track(pool.map(piece, range(pieces)), total=pieces, description="living through them")
        verdicts = [verdict for of_piece in done for verdict in of_piece]
    console = Console(width=120)
    console.print(report(verdicts))
    for what in broken(verdicts):
        console.print(what, markup=False, highlight=False)
    if broken(verdicts):
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
