"""Which faults were lived through, and how? `make faults` is this program: it runs them and prints one table.

What needs no kernel runs on a simulated board in a process here, everything else in the guest: one boot, and one more
in real time. Each row is written down as soon as its test has ended, so that a guest that is cut off leaves what was
seen until then.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from rich.console import Console

from tests.guest import building, guest
from tests.guest.building import REPOSITORY, Unbuildable, say
from tests.guest.rows import FILE, FILE_VARIABLE, Told, page, read, table_of

PAGE: Final = REPOSITORY / "tests" / "guest" / "FAULTS.md"
IN_GUEST: Final = "tests/guest/bad_days.py"
SIMULATED: Final = "tests/live/test_faults.py"
KEPT: Final = REPOSITORY / "build" / "faults"
KEPT_REAL_TIME: Final = REPOSITORY / "build" / "faults-real-time"
SIMULATED_ROWS: Final = "simulated.jsonl"

ELSEWHERE: Final = (
    "killed while the device presses for a consent that it heard: `tests/guest/live_end_to_end.py`, in the guest",
    "a sound server that dies and comes back: `tests/audio/test_real_tap.py`, `make test-audio`",
    "a card that is missing at first, overflows, fails again and again: `tests/live/test_tap_keeper.py`, simulated",
    "two channels swapped, one lead out: `tests/core/`, simulated",
    "a phone that ignores, doubles, delays, forgets or toggles by itself, a lamp that lies: `make hostile`, simulated",
    "a machine that slept: `tests/live/test_suspend.py`, simulated",
    "a thread of the device that dies, an ear that hangs: `tests/live/test_threads.py`, simulated",
    "a line busy or a part hung while systemd releases the pins: `tests/systemd/test_release.py`, simulated",
    "damaged settings, packs, models, sounds, call folders: `make fuzz`",
)
NEVER: Final = (
    "anything on a Raspberry Pi: see README.md, *What only a Pi can show*",
    "a seat sensor that fails at work: the guest has none (`tests/live/test_seat_thread.py` has it simulated)",
)


def simulated(rows: Path) -> int:
    """Run the faults that need no kernel; return pytest's exit status."""
    say(f"the faults on a simulated board: {SIMULATED}")
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "tests.guest.rows", SIMULATED]
    return subprocess.run(words, check=False, cwd=REPOSITORY, env={**os.environ, FILE_VARIABLE: str(rows)}).returncode


def in_guest(arguments: Sequence[str], limit_s: int) -> int:
    """Run the others in the guest, out of memory in a second boot, in real time; return 0 if all held."""
    words = [IN_GUEST, "-o", f"python_files={Path(IN_GUEST).name}", "-p", "tests.guest.rows"]
    built = building.build()
    ended = guest.boot(built, [*words, *arguments], is_real_time=False, limit_s=limit_s, kept=KEPT)
    if arguments:
        return ended
    memory = [*words, "-k", "out_of_memory"]
    return guest.boot(built, memory, is_real_time=True, limit_s=limit_s, kept=KEPT_REAL_TIME) or ended


def not_seen(found: Sequence[Told], asked: Sequence[str]) -> list[str]:
    """Return the tests among `asked` that left no row."""
    seen = {each.test for each in found if each.row is not None}
    return [test for test in asked if test not in seen]


def all_tests() -> list[str]:
    """Return every test of the matrix, as pytest names it."""
    words = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:cacheprovider",
             "-o", "python_files=bad_days.py test_faults.py", IN_GUEST, SIMULATED]  # fmt: skip
    listed = subprocess.run(words, check=True, cwd=REPOSITORY, capture_output=True, text=True).stdout
    return [line.rpartition("/")[2] for line in listed.splitlines() if "::" in line]


def seen_on() -> str:
    """Return when, of what and on what it was seen, for the page."""
    commit = subprocess.run(
        ["git", "log", "-1", "--format=%h of %cs"], check=True, capture_output=True, text=True, cwd=REPOSITORY
    ).stdout.strip()
    return (
        f"Seen with commit {commit}. *guest*: the packaged service under systemd in a user-mode Linux guest, on the "
        "kernel's pins, I2C and sound card, with `--model none` but for the rows about the model; its clock stands "
        "still while it computes, so a restart here lacks the seconds that Python and the model take "
        "(`pi-companion doctor --timing` has them); out of memory is lived through in real time. "
        "*simulated*: the live shell on a simulated board. "
        "No Raspberry Pi was used."
    )


def run(arguments: Sequence[str], limit_s: int) -> int:
    """Run both; their rows are in `KEPT` then. Return 0 if all held."""
    with tempfile.TemporaryDirectory() as folder:
        rows = Path(folder) / SIMULATED_ROWS
        ended = simulated(rows)
        try:
            ended = in_guest(arguments, limit_s) or ended
        except Unbuildable as error:
            print(f"make faults: {error}", file=sys.stderr)
            ended = 2
        KEPT.mkdir(parents=True, exist_ok=True)
        if rows.exists():
            shutil.copy2(rows, KEPT)  # the guest's are there already
    return ended


def main() -> int:
    """Run both, print the table, write the page if asked to."""
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.relative_to(REPOSITORY)}")
    parser.add_argument("--limit", type=int, default=2400, metavar="SECONDS", help="end the guest after so long")
    parser.add_argument(
        "--rows",
        type=Path,
        action="append",
        default=[],
        metavar="FILE",
        help="run nothing: tell what earlier runs kept",
    )
    parser.epilog = "Everything else is for pytest in the guest: -k, -x."
    wanted, arguments = parser.parse_known_args()
    ended = 0
    if not wanted.rows:
        ended = run(arguments, wanted.limit)
    found = [
        each
        for place in wanted.rows or [KEPT / SIMULATED_ROWS, KEPT / FILE, KEPT_REAL_TIME / FILE]
        for each in read(place)
    ]
    Console(width=None if sys.stdout.isatty() else 160).print(table_of(found))
    missing = not_seen(found, all_tests())
    for test in missing:
        print(f"not seen: {test}")
    if wanted.write:
        PAGE.write_text(page(found, seen=seen_on(), elsewhere=ELSEWHERE, missing=[*missing, *NEVER]), encoding="utf-8")
        say(f"written: {PAGE}")
    return ended


if __name__ == "__main__":
    sys.exit(main())
