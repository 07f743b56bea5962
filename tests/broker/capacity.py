"""A thousand simulated units at one Mosquitto, which is restarted, and half of the units, too: `make fleet`.

`python -m tests.broker.capacity [UNITS [MINUTES]]` prints the figures; exit code 1 if a last state was lost.
"""

import sys
import tempfile
import threading
from pathlib import Path

from pi_companion.fleet.simulate import simulate
from tests.broker.mosquitto import running

DOWN_S = 20


def main() -> int:
    units = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    minutes = float(sys.argv[2]) if len(sys.argv) > 2 else 10
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as server:
        times = [(minutes * 60 * part, is_up) for part in (0.25, 0.75) for is_up in (False, True)]
        times = [(at + (DOWN_S if is_up else 0), is_up) for at, is_up in times]

        def meanwhile(passed: float) -> None:
            while times and passed >= times[0][0]:
                _, is_up = times.pop(0)
                print(f"{passed:.0f} s: broker {'up' if is_up else 'down'}", flush=True)
                # It saves on its way down; the units go on meanwhile.
                threading.Thread(target=server.start if is_up else server.stop).start()

        figures = simulate(
            server.broker(), units, minutes * 60, 60, broker_pid=lambda: server.pid, meanwhile=meanwhile,
            say=lambda told: print(told, flush=True),
        )  # fmt: skip
    for what, how in figures.rows():
        print(f"{what:<46}{how}")
    return int(figures.lost > 0)


if __name__ == "__main__":
    sys.exit(main())
