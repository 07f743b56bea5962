"""What waits for a broker is bounded, and a failure makes for patience. With a real broker: `make test-fleet`."""

import json
import ssl

from hypothesis import given
from hypothesis import strategies as st

from pi_companion.fleet.courier import FIRST_WAIT_S, LONGEST_WAIT_S, MOST_WAITING, Broker, Unit, wait_s

NOWHERE = Broker(host="localhost", port=9, tls=ssl.create_default_context())


def test_of_what_waits_the_newest_is_kept() -> None:
    unit = Unit(NOWHERE, "u1", "0.1.0")
    for number in range(MOST_WAITING + 5):
        unit.put({"uptime_s": number})

    assert (unit.waiting, unit.dropped, unit.sent) == (MOST_WAITING, 5, 0)
    assert json.loads(unit._waiting[-1]) == {"uptime_s": MOST_WAITING + 4}


@given(st.integers(0, 10_000), st.floats(0, 1))
def test_the_wait_grows_to_a_bound_and_units_are_spread(failures: int, chance: float) -> None:
    waited = wait_s(failures, chance)

    assert FIRST_WAIT_S / 2 <= waited <= LONGEST_WAIT_S * 1.5
    assert wait_s(failures + 1, chance) >= waited


def test_where_nobody_listens_it_is_tried_again_later_and_later() -> None:
    unit = Unit(NOWHERE, "u1", "0.1.0", chance=lambda: 0.5)
    tried = []
    for now in range(40):
        before = unit._failures
        unit.step(float(now))
        if unit._failures != before:
            tried.append(now)

    assert tried == [0, 1, 3, 7, 15, 31]
