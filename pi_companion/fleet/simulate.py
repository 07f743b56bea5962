"""How many units does a broker hold? Simulated ones, in one process, by the same courier as a real one's.

Half of them may vanish in the middle, as without power, and come back; the broker may be restarted meanwhile by whoever
runs it. At the end every unit's last state must be the one that the broker has retained.
"""

import json
import resource
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from paho.mqtt.client import Client, ConnectFlags, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from pi_companion.fleet.courier import OFFLINE, ONLINE, Broker, Loop, Unit
from pi_companion.fleet.report import RULES, Report, report

SETTLE_S: Final = 180
"""What all of them are given to be back and to have said their last state."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was measured. `lost`: units whose last state the broker does not have at the end."""

    units: int
    seconds: float
    births: int
    wills: int
    reports: int
    dropped: int
    most_online: int
    lost: int
    cpu_s: float
    rss_kib: int
    broker_cpu_s: float
    broker_rss_kib: int

    def rows(self) -> list[tuple[str, str]]:
        """Return the figures for people."""
        each = self.units or 1
        minutes = self.seconds / 60 or 1.0
        return [
            ("units", f"{self.units}, at most {self.most_online} online at once"),
            ("time", f"{self.seconds:.0f} s"),
            ("births seen, last wills seen", f"{self.births}, {self.wills}"),
            ("reports acknowledged", f"{self.reports} ({self.reports / self.seconds:.1f} a second)"),
            ("reports that fell out of a full queue", str(self.dropped)),
            ("units whose last state is not at the broker", str(self.lost)),
            ("units' processor", f"{1000 * self.cpu_s / each / minutes:.1f} ms a unit and minute"),
            ("units' memory", f"{self.rss_kib / each:.0f} KiB a unit ({self.rss_kib / 1024:.0f} MiB in one process)"),
            ("broker's processor", f"{1000 * self.broker_cpu_s / each / minutes:.1f} ms a unit and minute"),
            ("broker's memory", f"{self.broker_rss_kib / each:.0f} KiB a unit ({self.broker_rss_kib / 1024:.0f} MiB)"),
        ]


@dataclass(slots=True)
class Observer:
    """Sees what the broker passes on: a client of its own, on a thread of its own."""

    broker: Broker
    births: int = 0
    wills: int = 0
    states: dict[str, bytes] = field(default_factory=dict)

    def begin(self) -> Client:
        """Return a client that observes until it is stopped."""
        client = Client(CallbackAPIVersion.VERSION2, client_id="pi-companion-observer", clean_session=True)
        if self.broker.user:
            client.username_pw_set(self.broker.user, self.broker.password)
        client.tls_set_context(self.broker.tls)
        client.reconnect_delay_set(1, 2)
        client.on_connect = self._subscribe
        client.on_message = self._see
        client.connect_async(self.broker.host, self.broker.port)
        client.loop_start()
        return client

    def _subscribe(
        self, client: Client, _data: object, _flags: ConnectFlags, _reason: ReasonCode, _properties: Properties | None
    ) -> None:
        client.subscribe(f"{self.broker.prefix}/#", qos=1)

    def _see(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        _, unit, what = message.topic.rsplit("/", 2)
        if what == "state":
            self.states[unit] = bytes(message.payload)
        elif not message.retain:
            self.births += message.payload == ONLINE
            self.wills += message.payload == OFFLINE


def simulate(
    broker: Broker,
    units: int,
    seconds: float,
    every_s: float,
    *,
    restart_half_at: float | None = 0.5,
    away_s: float = 5.0,
    broker_pid: Callable[[], int | None] = lambda: None,
    meanwhile: Callable[[float], None] = lambda _passed: None,
    say: Callable[[str], None] = lambda _told: None,
) -> Figures:
    """Run units for so long, each with a report every `every_s`; `meanwhile` is called with the seconds passed.

    `restart_half_at`: when half of them vanish for `away_s`, as a part of the time.
    """
    fleet = [Unit(broker, f"sim{number:04}", "simulated") for number in range(units)]
    loop, observer = Loop(fleet), Observer(broker)
    watching = observer.begin()
    began, cpu = time.monotonic(), _cpu_s()
    usage = _Broker(broker_pid)
    last: dict[str, Report] = {}
    next_at = {unit: every_s * number / max(1, units) for number, unit in enumerate(fleet)}
    gone: list[Unit] = []
    back_at = float("inf")
    most, said = 0, 0
    half_at = seconds * restart_half_at if restart_half_at is not None else float("inf")
    while (passed := time.monotonic() - began) < seconds + SETTLE_S:
        meanwhile(passed)
        usage.look()
        if passed >= half_at:
            half_at, gone, back_at = float("inf"), fleet[::2], passed + away_s
            loop.units = fleet[1::2]
            for unit in gone:
                unit.vanish()
            say(f"{passed:.0f} s: {len(gone)} units vanished")
        if passed >= back_at:
            back_at, loop.units = float("inf"), fleet
        is_over = passed >= seconds
        for unit in loop.units:
            if not is_over and passed >= next_at[unit]:
                next_at[unit] += every_s
                last[unit.name] = report(_document(unit, passed), RULES, "simulated")
                unit.put(last[unit.name])
        loop.turn(time.monotonic(), 0.05)
        online = sum(unit.is_online for unit in fleet)
        most = max(most, online)
        if passed >= said:
            waiting = sum(unit.waiting for unit in fleet)
            say(f"{passed:.0f} s: {online} online, {len(observer.states)} states, {waiting} waiting")
            said += 30
        if is_over and online == units and not any(unit.waiting for unit in fleet) and not _lost(last, observer):
            break
    figures = Figures(
        units=units,
        seconds=time.monotonic() - began,
        births=observer.births,
        wills=observer.wills,
        reports=sum(unit.acknowledged for unit in fleet),
        dropped=sum(unit.dropped for unit in fleet),
        most_online=most,
        lost=len(_lost(last, observer)),
        cpu_s=_cpu_s() - cpu,
        rss_kib=_rss_kib("self"),
        broker_cpu_s=usage.cpu_s,
        broker_rss_kib=usage.rss_kib,
    )
    for unit in fleet:
        unit.leave()
    watching.loop_stop()
    watching.disconnect()
    loop.close()
    return figures


def _lost(last: dict[str, Report], observer: Observer) -> list[str]:
    states = {unit: json.loads(content) for unit, content in dict(observer.states).items()}
    return [unit for unit, report in last.items() if states.get(unit) != report]


def _document(unit: Unit, passed: float) -> dict[str, Any]:
    """Return what a unit at work would say of itself."""
    calls = int(passed // 30) + unit.sent
    return {
        "uptime_s": int(passed),
        "line": "on_hook",
        "mute": "live",
        "lost": {},
        "harness": {"state": "read", "code": 12},
        "waiting": {"facts": 0, "audio": 1, "facts_dropped": 0, "audio_dropped": 0},
        "turn_ms": {"last": 0.4, "longest": 21.5},
        "drift_ms": 3,
        "nudges": {"RING-2": calls, "VOICE-1": calls // 2},
        "withheld": {"VOICE-1 budget": calls // 3},
        "events": {"answered": calls, "missed": 1, "call_card": calls},
    }


class _Broker:
    """The broker's processor and memory, over its restarts; nothing if its process is not known."""

    def __init__(self, pid: Callable[[], int | None]) -> None:
        self._pid = pid
        self._last: tuple[int, float] | None = None
        self.cpu_s, self.rss_kib = 0.0, 0

    def look(self) -> None:
        pid = self._pid()
        if pid is None:
            return
        try:
            fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
            now = (int(fields[11]) + int(fields[12])) / 100
            self.rss_kib = max(self.rss_kib, _rss_kib(str(pid)))
        except (OSError, IndexError, ValueError):
            return
        before = self._last[1] if self._last is not None and self._last[0] == pid else 0.0
        self.cpu_s += now - before
        self._last = (pid, now)


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _rss_kib(process: str) -> int:
    for line in Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1])
    return 0
