"""How does a report reach the broker? Over TLS or not at all; late rather than lost, and never more than fits.

A unit has a birth and a last will, so that one that vanished is known; its newest state is retained by the broker and
sent again after every reconnection. What waits is bounded: the newest reports are kept, older ones fall out. After a
failure it waits twice as long as before, and a little more or less than the others: a thousand units do not come back
at once.

One loop drives any number of units, by the sockets that are ready: the device's own is one of one.
"""

import json
import random
import selectors
import ssl
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from paho.mqtt.client import Client, ConnectFlags, MQTTMessageInfo
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from pi_companion.fleet import discovery
from pi_companion.fleet.profile import Exchange
from pi_companion.fleet.report import Report

MOST_WAITING: Final = 60
"""Reports: an hour of them, one a minute."""

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 120.0
KEEPALIVE_S: Final = 60
STEP_S: Final = 0.2
ONLINE, OFFLINE = b"online", b"offline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Broker:
    """Where reports go. `tls` has the CA; there is no way without it."""

    host: str
    port: int
    tls: ssl.SSLContext
    user: str = ""
    password: str = ""
    prefix: str = "pi-companion"


def wait_s(failures: int, chance: float) -> float:
    """Return how long to wait after so many failures in a row; `chance`: 0 to 1, spreads units apart."""
    return min(FIRST_WAIT_S * (1 << min(failures, 20)), LONGEST_WAIT_S) * (0.5 + chance)


class Unit:
    """One unit at a broker. `now`: seconds that only go forward. Call `step` often, and the rest as it is told to.

    `sent`, `acknowledged`: reports so far; `dropped`: those that fell out of what waits. `exchange`: of calibrations.
    """

    def __init__(
        self,
        broker: Broker,
        name: str,
        version: str,
        chance: Callable[[], float] = random.random,
        *,
        exchange: Exchange | None = None,
    ) -> None:
        self._exchange = exchange
        self.name, self._broker, self._version, self._chance = name, broker, version, chance
        self._topic = f"{broker.prefix}/{name}"
        self._waiting: deque[bytes] = deque(maxlen=MOST_WAITING)
        self._flying: dict[int, bytes] = {}
        self._newest: bytes | None = None
        self._failures = 0
        self._next_try = 0.0
        self._is_online = False
        self.sent = self.acknowledged = self.dropped = 0
        self.client = self._new_client()

    def _new_client(self) -> Client:
        client = Client(CallbackAPIVersion.VERSION2, client_id=f"pi-companion-{self.name}", clean_session=True)
        if self._broker.user:
            client.username_pw_set(self._broker.user, self._broker.password)
        client.tls_set_context(self._broker.tls)
        client.will_set(f"{self._topic}/availability", OFFLINE, qos=1, retain=True)
        client.on_connect = self._connected
        client.on_disconnect = self._disconnected
        client.on_publish = self._published
        if self._exchange is not None:
            client.on_message = self._exchange.heard
        return client

    @property
    def is_online(self) -> bool:
        """Whether the broker has taken it in."""
        return self._is_online

    @property
    def waiting(self) -> int:
        """How many reports wait, or are on their way."""
        return len(self._waiting) + len(self._flying)

    def put(self, report: Report) -> None:
        """Have a report sent, now or as soon as there is a broker."""
        self._newest = json.dumps(report, separators=(",", ":")).encode()
        self.dropped += len(self._waiting) == MOST_WAITING
        self._waiting.append(self._newest)
        self._send()

    def step(self, now: float) -> None:
        """Connect if it is time to, and keep the connection."""
        if self.client.socket() is None:
            if now >= self._next_try:
                self._try(now)
        else:
            self.client.loop_misc()
            if self._is_online and self._exchange is not None:
                self._exchange.step(self.client, now)

    def read(self) -> None:
        """Its socket can be read; a lost connection is noticed here."""
        self.client.loop_read()
        while (line := self.client.socket()) is not None and isinstance(line, ssl.SSLSocket) and line.pending():
            self.client.loop_read()

    def vanish(self) -> None:
        """Be gone without a word, as without power."""
        if (line := self.client.socket()) is not None:
            line.close()
        self.client = self._new_client()
        self._is_online = False
        self._land()

    def leave(self) -> None:
        """Say goodbye: offline on purpose."""
        if self._is_online:
            self.client.publish(f"{self._topic}/availability", OFFLINE, qos=1, retain=True)
            self.client.disconnect()

    def _try(self, now: float) -> None:
        self._next_try = now + wait_s(self._failures, self._chance())
        self._failures += 1
        self.client = self._new_client()  # what the old one had half sent is ours to send again, in its order
        try:
            self.client.connect(self._broker.host, self._broker.port, keepalive=KEEPALIVE_S)
        except OSError:
            self._is_online = False

    def _connected(
        self, client: Client, _data: object, _flags: ConnectFlags, reason: ReasonCode, _properties: Properties | None
    ) -> None:
        if reason.is_failure:
            return
        self._failures, self._is_online = 0, True
        if self._exchange is not None:
            self._exchange.begin()
        for topic, content in discovery.documents(self._broker.prefix, self.name, self._version).items():
            client.publish(topic, content, qos=0, retain=True)
        client.publish(f"{self._topic}/availability", ONLINE, qos=1, retain=True)
        if not self._waiting and self._newest is not None:
            self._waiting.append(self._newest)  # the broker may have lost it
        self._send()

    def _disconnected(self, *_: object) -> None:
        self._is_online = False
        self._land()

    def _land(self) -> None:
        """What was on its way and not acknowledged waits again, in its order."""
        self._waiting.extendleft(reversed(list(self._flying.values())[-MOST_WAITING:]))
        self._flying.clear()

    def _send(self) -> None:
        while self._is_online and self._waiting:
            content = self._waiting.popleft()
            told: MQTTMessageInfo = self.client.publish(f"{self._topic}/state", content, qos=1, retain=True)
            self._flying[told.mid] = content
            self.sent += 1

    def _published(
        self, _client: Client, _data: object, mid: int, _reason: ReasonCode, _properties: Properties
    ) -> None:
        if self._flying.pop(mid, None) is not None:
            self.acknowledged += 1


class Loop:
    """Drives units by what their sockets are ready for."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self.units = list(units)
        self._selector = selectors.DefaultSelector()
        self._watched: dict[Unit, int] = {}
        self._stepped_at = float("-inf")

    def turn(self, now: float, longest_s: float) -> None:
        """Wait for sockets, `longest_s` at most, and do what is due at `now`."""
        if now - self._stepped_at >= STEP_S:
            self._stepped_at = now
            for unit in list(self._watched):  # a number that was given back may be another's by now
                self._forget(unit)
            for unit in self.units:
                unit.step(now)
                self._watch(unit)
        for key, _ in self._selector.select(longest_s):
            key.data.read()

    def close(self) -> None:
        """Let go of what is watched."""
        self._selector.close()

    def _forget(self, unit: Unit) -> None:
        line = unit.client.socket()
        if (line.fileno() if line is not None else -1) != self._watched[unit]:
            self._selector.unregister(self._watched.pop(unit))

    def _watch(self, unit: Unit) -> None:
        line = unit.client.socket()
        if unit not in self._watched and line is not None:
            self._watched[unit] = line.fileno()
            self._selector.register(line.fileno(), selectors.EVENT_READ, unit)
