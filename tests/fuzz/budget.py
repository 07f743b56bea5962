"""How many examples does a fuzz test get? A few, always the same, in `make test`; new ones for long in `make fuzz`."""

import os
from typing import Final

from hypothesis import HealthCheck, settings

VARIABLE: Final = "PI_COMPANION_FUZZ_TIMES"
"""So many times the usual number of examples, drawn anew; `tests/fuzz/long.py` sets it."""


def budget(examples: int) -> settings:
    """Return the settings of a fuzz test with so many examples in `make test`."""
    times = int(os.environ.get(VARIABLE, "0"))
    return settings(
        max_examples=examples * max(1, times),
        derandomize=not times,
        database=None,
        deadline=None,  # `oracle.no_hang` is the limit; a busy machine is no defect
        suppress_health_check=list(HealthCheck),
        print_blob=bool(times),
    )
