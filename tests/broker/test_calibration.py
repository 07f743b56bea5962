"""A station's calibration from one unit to the next, through a real Mosquitto over TLS: the swap, without a stick.

A unit here is its sealed record with a key of its own, the companion's watch, and the courier of a real one; two of
them share nothing but the broker and the site's key.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from paho.mqtt import publish
from paho.mqtt.client import Client
from paho.mqtt.enums import CallbackAPIVersion

from pi_companion.core.attended import CalibrationCame, Seat
from pi_companion.core.facts import Fact
from pi_companion.fleet.courier import Loop
from pi_companion.fleet.courier import Unit as Courier
from pi_companion.fleet.profile import Exchange, Seal
from pi_companion.live import status
from pi_companion.live.profile_watch import STEP_MS, ProfileWatch
from pi_companion.site import handing
from pi_companion.site.handing import Profile
from pi_companion.site.stations import Known, Record
from tests.broker.mosquitto import Mosquitto, running

PATIENCE_S = 30
SECRET = "a key of the site, drawn at random"  # noqa: S105 - of a test


class Unit:
    """One unit at the harness of a station; `has_come`: what its companion was told."""

    def __init__(self, server: Mosquitto, folder: Path, code: int, secret: str = SECRET) -> None:
        self.code, self.run = code, folder / "run"
        self.run.mkdir(parents=True, exist_ok=True)
        self.record = Record(folder, code)
        self.watch = ProfileWatch(Seat(has_stations=True, code=code, number=str(code)), self.record, self.run)
        self.exchange = Exchange("pi-companion", Seal(secret), lambda profile: handing.hand_over(profile, self.run))
        self.courier = Courier(server.broker(), folder.name, "0.1.0", chance=lambda: 0.0, exchange=self.exchange)
        self.loop = Loop([self.courier])
        self.at = 0
        self.has_come: list[Fact] = []

    def turn(self) -> None:
        self.exchange.tell({"station": self.record.document()})
        self.loop.turn(time.monotonic(), 0.02)
        self.at += STEP_MS
        self.has_come += self.watch.look(self.at)

    def until(self, is_so: Callable[[], bool]) -> bool:
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until and not is_so():
            self.turn()
        return is_so()

    def leave(self) -> None:
        """Unplug it."""
        self.courier.vanish()
        self.loop.close()


@pytest.fixture
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    with running(tmp_path_factory.mktemp("mosquitto")) as server:
        yield server


def topic(code: int) -> str:
    return f"pi-companion/station/{code}/profile"


def stranger_says(server: Mosquitto, code: int, content: bytes) -> None:
    """Somebody who may write at the broker puts something there."""
    tls: publish.TLSParameter = {"ca_certs": str(server.folder / "ca.pem")}
    publish.single(topic(code), content, qos=1, retain=True, hostname="localhost", port=server.port, tls=tls)


def retained(server: Mosquitto, code: int) -> Profile | None:
    """Return what the broker has of a station, as a unit of this site reads it."""
    heard: list[bytes] = []
    client = Client(CallbackAPIVersion.VERSION2)
    client.tls_set_context(server.broker().tls)
    client.on_connect = lambda client, *_: client.subscribe(topic(code), qos=1)
    client.on_message = lambda _client, _data, message: heard.append(bytes(message.payload))
    client.connect("localhost", server.port)
    until = time.monotonic() + 3
    while time.monotonic() < until and not heard:
        client.loop(0.05)
    client.disconnect()
    return Seal(SECRET).open(heard[-1]) if heard else None


def has_said(server: Mosquitto, unit: Unit, known: Known) -> bool:
    """Turn a unit until the broker has what it knows."""
    code = unit.code
    return unit.until(lambda: unit.exchange._theirs == Profile(code=code, known=known)) and retained(
        server, code
    ) == Profile(code=code, known=known)


def test_a_spare_unit_has_the_calibration_of_its_station_and_of_no_other(server: Mosquitto, tmp_path: Path) -> None:
    old = Unit(server, tmp_path / "old", 12)
    old.record.store({"pace_pct": 112, "seat_upright_mm": 640})
    known = old.record.known()
    assert has_said(server, old, known)
    old.leave()
    spare, other = Unit(server, tmp_path / "spare", 12), Unit(server, tmp_path / "other", 11)
    has_come = spare.until(lambda: bool(spare.has_come))
    other.until(lambda: other.courier.is_online)
    for _ in range(50):
        other.turn()

    assert has_come
    assert [type(fact) for fact in spare.has_come] == [CalibrationCame]
    assert (spare.record.known(), other.record.known()) == (known, Known())
    assert spare.until(lambda: not (spare.run / handing.HANDED_OVER).exists())
    spare.leave()
    other.leave()


def test_a_unit_that_comes_back_takes_what_was_learned_meanwhile(server: Mosquitto, tmp_path: Path) -> None:
    first = Unit(server, tmp_path / "first", 12)
    first.record.store({"pace_pct": 112})
    assert has_said(server, first, first.record.known())
    first.leave()
    second = Unit(server, tmp_path / "second", 12)
    assert second.until(lambda: bool(second.has_come))
    second.record.store({"pace_pct": 120, "speaking_dbfs": -30})
    assert has_said(server, second, second.record.known())
    second.leave()
    back = Unit(server, tmp_path / "first", 12)

    assert back.until(lambda: bool(back.has_come))
    assert back.record.known() == Known(revision=2, learned={"pace_pct": 120, "speaking_dbfs": -30})
    back.leave()


def test_without_the_broker_each_works_with_its_own_and_it_is_said_when_the_broker_is_back(
    server: Mosquitto, tmp_path: Path
) -> None:
    server.stop()
    unit = Unit(server, tmp_path / "unit", 12)
    unit.record.store({"pace_pct": 112})
    for _ in range(100):
        unit.turn()
    alone = (unit.record.learned(), unit.has_come)
    server.start()

    assert alone == ({"pace_pct": 112}, [])
    assert has_said(server, unit, unit.record.known())
    unit.leave()


@pytest.mark.parametrize("kind", ["foreign", "broken", "another station's", "plain"])
def test_what_a_stranger_puts_there_is_not_taken_and_what_is_known_is_said_over_it(
    server: Mosquitto, tmp_path: Path, kind: str
) -> None:
    forged = Profile(code=12, known=Known(revision=99, learned={"pace_pct": 70}))
    content = {
        "foreign": Seal("another key, of another site, as long").close(forged),
        "broken": Seal(SECRET).close(forged)[:-7],
        "another station's": Seal(SECRET).close(Profile(code=11, known=forged.known)),
        "plain": json.dumps(handing.document_of(forged)).encode(),
    }[kind]
    stranger_says(server, 12, content)
    fresh, unit = Unit(server, tmp_path / "fresh", 12), Unit(server, tmp_path / "unit", 12)
    fresh.until(lambda: fresh.courier.is_online)
    for _ in range(100):
        fresh.turn()
    alone = (fresh.record.known(), fresh.has_come)
    fresh.leave()
    unit.record.store({"pace_pct": 112})

    assert alone == (Known(), [])
    assert has_said(server, unit, unit.record.known())
    assert unit.has_come == []
    unit.leave()


def test_an_older_record_put_back_by_a_stranger_does_not_undo_what_is_known(server: Mosquitto, tmp_path: Path) -> None:
    unit = Unit(server, tmp_path / "unit", 12)
    unit.record.store({"pace_pct": 112})
    old = Seal(SECRET).close(Profile(code=12, known=unit.record.known()))
    unit.record.store({"pace_pct": 118})
    assert has_said(server, unit, unit.record.known())
    stranger_says(server, 12, old)
    unit.until(lambda: unit.exchange._theirs == Profile(code=12, known=Known(revision=1, learned={"pace_pct": 112})))
    for _ in range(100):
        unit.turn()

    assert unit.record.known() == Known(revision=2, learned={"pace_pct": 118})
    assert unit.has_come == []
    unit.leave()


def test_the_program_of_a_real_unit_says_and_hands_over_with_the_key_that_systemd_gives_it(
    server: Mosquitto, tmp_path: Path
) -> None:
    (tmp_path / "ca.pem").write_bytes((server.folder / "ca.pem").read_bytes())
    (tmp_path / "site.toml").write_text(
        f'[mqtt]\nhost = "localhost"\nport = {server.port}\nca_file = "ca.pem"\nevery_s = 10\n'
    )
    (tmp_path / "mqtt_calibration_key").write_text(SECRET)
    newer = Profile(code=12, known=Known(revision=5, learned={"pace_pct": 118}))
    stranger_says(server, 12, Seal(SECRET).close(newer))
    record = Record(tmp_path, 12)
    record.store({"pace_pct": 112})
    environ = os.environ | {
        "RUNTIME_DIRECTORY": str(tmp_path),
        "XDG_RUNTIME_DIR": str(tmp_path),
        "CREDENTIALS_DIRECTORY": str(tmp_path),
    }
    command = [sys.executable, "-m", "pi_companion", "fleet", "run", "--site", str(tmp_path / "site.toml")]
    with (
        status.answering(tmp_path / status.SOCKET, lambda: {"station": record.document()}),
        subprocess.Popen(command, env=environ) as program,  # noqa: S603 - this program
    ):
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until and handing.handed_over(tmp_path) != newer:
            time.sleep(0.1)
        came = handing.handed_over(tmp_path)
        program.terminate()

    assert came == newer
