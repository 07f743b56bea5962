"""How is the guest booted, and what did its tests say? `make test-live` is this program.

One boot of a user-mode Linux kernel, which is an ordinary process: systemd as PID 1 on the machine's own files, pins,
panel and sound card of its own. It runs a test plan (pytest on `live_*.py`), streams what that prints, and powers off.
Whatever happens it is gone after `--limit` seconds.
"""

import argparse
import os
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Timer
from typing import IO, Final

from rich.console import Console
from rich.table import Table

from tests.guest import building
from tests.guest.building import REPOSITORY, Built, Unbuildable, say

SESSION_BEGAN: Final = 1794967200
"""What the guest's clock shows at boot: a Wednesday, 2026-11-18, 10:00 in Shanghai."""


# As systemd/README.md has it; then the one setting that a desk with several sound inputs needs.
_INSTALLATION: Final = """
touch Makefile 2>/dev/null # in memory: the guest's clock is set before it was written, and make would say so
make --no-print-directory install
systemd-sysusers && systemd-tmpfiles --create && udevadm control --reload && udevadm trigger --settle
systemctl daemon-reload
printf '[audio]\\ndevice = "hw:0,1"\\n' >/etc/pi-companion/site.toml
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How one test ended. `took_s`: seconds of the guest's clock. `measured`: what it found out, name and value."""

    name: str
    verdict: str
    took_s: float
    measured: tuple[tuple[str, str], ...]
    message: str


def command_line(built: Built, run: Path, report: int, *, is_real_time: bool, memory: str = "2G") -> list[str]:
    """Return the kernel with its command line. Its serial line, the descriptor `report`, is where the tests print."""
    time_mode = [] if is_real_time else ["time-travel=inf-cpu", f"time-travel-start={SESSION_BEGAN}"]
    # Kernel and program take turns at every system call: on one processor the turn is handed over at once.
    processor = max(os.sched_getaffinity(0))
    return [
        *("taskset", "--cpu-list", str(processor)),
        str(built.kernel),
        f"mem={memory}",
        "rootfstype=hostfs",
        "root=/dev/root",
        "rootflags=/",
        "ro",
        f"init={building.HERE / 'init.sh'}",
        f"dtb={built.device_tree}",
        *time_mode,
        "con=null",
        "con0=null,fd:1",
        f"ssl0=null,fd:{report}",
        "loglevel=4",
        "SYSTEMD_COLORS=0",
        "systemd.show_status=no",
        "systemd.log_target=kmsg",
        f"GUEST={run}",
    ]


def plan(pytest_arguments: Sequence[str], *, python: Path, repository: Path, run: Path) -> str:
    """Return the shell script that systemd runs in the guest: the tests, then the journal, then power off."""
    tests = shlex.join(
        [str(python), "-m", "pytest", "-p", "no:cacheprovider", "-o", "python_files=live_*.py",
         "-o", "junit_family=xunit1", "--tb=short", "-v", "--color=no",
         f"--junit-xml={run}/results.xml", *pytest_arguments]
    )  # fmt: skip
    return f"""exec >/dev/ttyS0 2>&1
export PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 HOME=/root GUEST={run}
cd {shlex.quote(str(repository))}
echo "installing the service"
{_INSTALLATION}
echo "systemd is $(systemctl is-system-running), $(cut -d' ' -f1 /proc/uptime) s after the kernel began by its clock"
{tests}
echo $? >{run}/status
journalctl --no-pager --output=short-monotonic >{run}/journal.txt
sync
systemctl poweroff --force --force
"""


def outcomes(results: Path) -> list[Outcome]:
    """Return how each test ended, from pytest's results file; empty if there is none."""
    if not results.exists() or not results.stat().st_size:
        return []
    # Written by our own pytest a moment ago.
    suite = ET.parse(results).getroot()  # noqa: S314 (see above)
    return [_outcome(case) for case in suite.iter("testcase")]


def _outcome(case: ET.Element) -> Outcome:
    ends = {"failure": "FAILED", "error": "ERROR", "skipped": "skipped"}
    end = next((child for child in case if child.tag in ends), None)
    measured = ((each.get("name", ""), each.get("value", "")) for each in case.iter("property"))
    return Outcome(
        name=case.get("name", "").removeprefix("test_").replace("_", " "),
        verdict="ok" if end is None else ends[end.tag],
        took_s=float(case.get("time", 0)),
        measured=tuple(measured),
        message="" if end is None else end.get("message", ""),
    )


def table_of(found: Sequence[Outcome]) -> Table:
    """Return the results as they are printed."""
    table = Table("what must hold", "", "guest's s", "measured", title="in a user-mode Linux guest")
    for each in found:
        measured = "\n".join(f"{name}: {value}" for name, value in each.measured)
        style = {"ok": "green", "skipped": "yellow"}.get(each.verdict, "bold red")
        table.add_row(each.name, f"[{style}]{each.verdict}[/]", f"{each.took_s:.1f}", measured)
    return table


@contextmanager
def _folder_of_run(kept: Path) -> Iterator[Path]:
    """Lend the run's folder; what it wrote is kept in `kept`, for whoever wants to know why."""
    with tempfile.TemporaryDirectory(prefix="pi-companion-guest-") as name:
        run = Path(name)
        try:
            yield run
        finally:
            shutil.rmtree(kept, ignore_errors=True)
            kept.mkdir(parents=True)
            for written in run.iterdir():
                if written.is_file():
                    shutil.copy2(written, kept)


def boot(built: Built, pytest_arguments: Sequence[str], *, is_real_time: bool, limit_s: int, kept: Path) -> int:
    """Boot once, run the tests, print the table; return 0 if everything held, 1 if not, 2 if there are no results."""
    with _folder_of_run(kept) as run:
        layer = run / "layer"
        building.wheel_layer(layer)
        shown = (REPOSITORY, Path(sys.prefix), Path(sys.base_prefix), building.cache_folder())
        settings = {
            "MODULES": built.modules,
            "PYTHON": built.python,
            "LAYER": layer,
            "SHOWN": " ".join(map(str, shown)),
        }
        (run / "settings").write_text(_shell_variables(settings))
        (run / "plan").write_text(plan(pytest_arguments, python=Path(sys.executable), repository=REPOSITORY, run=run))
        say(
            f"booting ({'real time' if is_real_time else 'simulated time'}; it is gone after {limit_s} s at the latest)"
        )
        began = time.monotonic()
        is_cut_off = run_kernel(
            lambda report: command_line(built, run, report, is_real_time=is_real_time), run / "console.txt", limit_s
        )
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        cpu_s = used.ru_utime + used.ru_stime
        say(f"the guest is gone, after {time.monotonic() - began:.0f} s and {cpu_s:.0f} s of processor time")
        say(f"its console and journal are in {kept}")
        found = outcomes(run / "results.xml")
        status = (run / "status").read_text().strip() if (run / "status").exists() else "none"
        console_end = (run / "console.txt").read_text(errors="replace").splitlines()[-25:]
    if found:
        Console(width=None if sys.stdout.isatty() else 140).print(table_of(found))
    if is_cut_off or not found:
        print("\n".join(console_end), file=sys.stderr)
        reason = f"was not done after {limit_s} s" if is_cut_off else "came to no results; above is the console's end"
        print(f"the guest {reason}", file=sys.stderr)
        return 2
    return 0 if status == "0" else 1


def _shell_variables(values: Mapping[str, object]) -> str:
    return "".join(f"{name}={shlex.quote(str(value))}\n" for name, value in values.items())


def run_kernel(command_of: Callable[[int], Sequence[str]], console: Path, limit_s: int) -> bool:
    """Run the kernel and show what the tests print; return whether it had to be ended.

    `command_of` gets the descriptor that they print to.
    """
    reader, writer = os.pipe()
    is_cut_off = False
    with console.open("wb") as output, os.fdopen(reader, errors="replace") as tests:
        # The kernel's processes are a group of their own: all of them end together.
        process = subprocess.Popen(
            command_of(writer),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            pass_fds=[writer],
            start_new_session=True,
        )
        os.close(writer)

        def cut_off() -> None:
            nonlocal is_cut_off
            is_cut_off = True
            _end(process)

        timer = Timer(limit_s, cut_off)
        timer.start()
        try:
            _show(tests)
            process.wait()
        finally:
            timer.cancel()
            _end(process)
    return is_cut_off


def _show(tests: IO[str]) -> None:
    for line in tests:
        if text := line.rstrip():
            say(text)


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return
    process.wait()


def main() -> int:
    """Build what is missing, boot, test."""
    parser = argparse.ArgumentParser(prog="make test-live", description=__doc__)
    parser.add_argument("--real-time", action="store_true", help="the guest's clock is the machine's, not simulated")
    parser.add_argument("--limit", type=int, default=600, metavar="SECONDS", help="end the guest after so long")
    parser.add_argument("--build-only", action="store_true", help="build what a boot needs, and stop")
    parser.epilog = "Everything else is for pytest: which tests, -k, -x."
    wanted, arguments = parser.parse_known_args()
    if not any((REPOSITORY / each.partition("::")[0]).exists() for each in arguments):
        arguments.append("tests/guest")
    try:
        built = building.build()
        if wanted.build_only:
            return 0
        kept = REPOSITORY / "build" / "guest"
        return boot(built, arguments, is_real_time=wanted.real_time, limit_s=wanted.limit, kept=kept)
    except Unbuildable as error:
        print(f"make test-live: {error}", file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
