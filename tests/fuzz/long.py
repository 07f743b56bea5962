"""How is it fuzzed for longer than `make test` does? Every fuzz test again and again with new examples: `make fuzz`."""

import os
import subprocess
import sys
import time

from tests.fuzz.budget import VARIABLE

TIMES = 10
"""So many times the examples of `make test` between two looks at the clock."""


def main(minutes: float) -> int:
    """Fuzz for so long, or until something is found; return pytest's exit status. Prints the seed of each round."""
    ends = time.monotonic() + minutes * 60
    rounds = 0
    while time.monotonic() < ends:
        seed = int.from_bytes(os.urandom(4), "big")
        rounds += 1
        print(f"round {rounds}, --hypothesis-seed={seed}, {VARIABLE}={TIMES}", flush=True)
        command = [sys.executable, "-m", "pytest", "tests/fuzz", "-q", "-x", "-n", "auto", f"--hypothesis-seed={seed}"]
        ended = subprocess.run(command, env={**os.environ, VARIABLE: str(TIMES)}, check=False)  # noqa: S603 - our own
        if ended.returncode != 0:
            return ended.returncode
    print(f"{rounds} rounds, nothing found")
    return 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1])))
