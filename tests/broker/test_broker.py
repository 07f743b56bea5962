"""A unit at a real Mosquitto, over TLS: birth, last will, retained state, a broker that goes and comes back."""

import os
import ssl
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pi_companion.fleet.courier import Broker, Loop, Unit
from pi_companion.fleet.simulate import Observer, simulate
from tests.broker.mosquitto import Mosquitto, running

PATIENCE_S = 30
"""Far more than any of it takes."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    with running(tmp_path_factory.mktemp("mosquitto")) as server:
        yield server


@pytest.fixture
def watching(server: Mosquitto) -> Iterator[Observer]:
    observer = Observer(server.broker())
    client = observer.begin()
    turn(client.is_connected)
    yield observer
    client.disconnect()
    client.loop_stop()


def turn(is_so: Callable[[], bool], *units: Unit) -> bool:
    """Drive units until something is so; return whether it is."""
    loop, until = Loop(units), time.monotonic() + PATIENCE_S
    while time.monotonic() < until and not is_so():
        loop.turn(time.monotonic(), 0.02)
        time.sleep(0.005)
    loop.close()
    return is_so()


def test_a_unit_is_born_says_its_state_and_its_last_will_is_kept(server: Mosquitto, watching: Observer) -> None:
    unit = Unit(server.broker(), "one", "0.1.0")
    unit.put({"uptime_s": 1})
    is_said = turn(lambda: watching.states.get("one") == b'{"uptime_s":1}' and watching.births == 1, unit)
    unit.vanish()

    assert is_said
    assert turn(lambda: watching.wills == 1)


def test_what_is_reported_while_the_broker_is_away_comes_when_it_is_back(server: Mosquitto, watching: Observer) -> None:
    unit = Unit(server.broker(), "two", "0.1.0", chance=lambda: 0.5)
    assert turn(lambda: unit.is_online, unit)
    server.stop()
    assert turn(lambda: not unit.is_online, unit)
    for number in range(3):
        unit.put({"uptime_s": number})
    server.start()

    assert turn(lambda: watching.states.get("two") == b'{"uptime_s":2}' and unit.waiting == 0, unit)
    assert unit.acknowledged == 3


# paho lets go of a socket whose handshake failed only when it is collected.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("wrong", ["another CA", "another name"])
def test_a_broker_that_cannot_prove_who_it_is_hears_nothing(server: Mosquitto, wrong: str) -> None:
    good = server.broker()
    tls = ssl.create_default_context() if wrong == "another CA" else good.tls
    host = "localhost" if wrong == "another CA" else "127.0.0.2"
    unit = Unit(Broker(host=host, port=good.port, tls=tls), "three", "0.1.0", chance=lambda: 0.0)
    unit.put({"uptime_s": 1})
    turn(lambda: unit._failures >= 2, unit)

    assert (unit.is_online, unit.sent) == (False, 0)


def test_a_few_simulated_units_lose_no_last_state_when_half_of_them_vanish(tmp_path: Path) -> None:
    with running(tmp_path) as other:
        figures = simulate(other.broker(), 10, 8, 2, away_s=2, broker_pid=lambda: other.pid)

    assert (figures.units, figures.lost, figures.dropped, figures.wills >= 5) == (10, 0, 0, True)
    assert figures.reports >= 20
    assert figures.broker_rss_kib > 0


def test_the_program_of_a_real_unit_tells_the_broker_of_its_site_file(
    server: Mosquitto, watching: Observer, tmp_path: Path
) -> None:
    broker = server.broker()
    (tmp_path / "ca.pem").write_bytes((server.folder / "ca.pem").read_bytes())
    (tmp_path / "site.toml").write_text(
        f'[mqtt]\nhost = "{broker.host}"\nport = {broker.port}\nca_file = "ca.pem"\nevery_s = 10\n'
    )
    command = [sys.executable, "-m", "pi_companion", "fleet", "run", "--site", str(tmp_path / "site.toml")]
    environ = os.environ | {"RUNTIME_DIRECTORY": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)}
    with subprocess.Popen(command, env=environ) as running_unit:  # noqa: S603 - this program
        is_heard = turn(lambda: any(b'"version"' in state for state in watching.states.values()))
        running_unit.terminate()

    assert is_heard
