"""How does what was learned at a station come to the next unit there? By the broker, sealed with the site's own key.

    PREFIX/station/12/profile    retained: {"code", "revision", "learned"}, five numbers at most, no name and no word

A unit says what it knows of its station when that is newer than what the broker has; it takes what is newer than its
own. Newer is what was changed more often: no unit needs a clock for it. Without a broker each works with its own.

The key is the site's (`mqtt.calibration_key`), not the broker's password: whoever else may write at the broker can
neither read a record nor make one, nor put one of another station in its place. He can put back an older one: a unit
that knows better says so again. What is taken is checked like a stick's (`site/stations.py`).
"""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol

from cryptography.fernet import Fernet, InvalidToken
from paho.mqtt.client import MQTTMessage

from pi_companion.site.handing import MOST_BYTES, Profile, document_of, profile_of
from pi_companion.site.stations import Known

SETTLE_S: Final = 5.0
"""What the broker has retained has come by then."""

AGAIN_S: Final = 3600.0
"""The same is not said again sooner: somebody else may be writing there as well."""


class Line(Protocol):
    """What an exchange needs of a client of the broker."""

    def subscribe(self, topic: str, *, qos: int) -> object:
        """Ask for what comes to a topic, and for what is retained there."""

    def unsubscribe(self, topic: str) -> object:
        """Ask for it no more."""

    def publish(self, topic: str, payload: bytes, *, qos: int, retain: bool) -> object:
        """Say something."""


class Seal:
    """Seals profiles with a key made of the site's secret."""

    def __init__(self, secret: str) -> None:
        digest = hashlib.sha256(b"pi-companion station profile\0" + secret.encode()).digest()
        self._fernet = Fernet(base64.urlsafe_b64encode(digest))

    def close(self, profile: Profile) -> bytes:
        """Return a sealed profile."""
        return self._fernet.encrypt(json.dumps(document_of(profile)).encode())

    def open(self, content: bytes) -> Profile | None:
        """Return what was sealed; None: not with this key, or it is no profile."""
        try:
            return profile_of(json.loads(self._fernet.decrypt(content)))
        except (InvalidToken, ValueError, RecursionError):
            return None


class Exchange:
    """One unit's part in it. `take` is handed what is newer than what the unit knows; None: that is over.

    `now`: seconds that only go forward.
    """

    def __init__(self, prefix: str, seal: Seal, take: Callable[[Profile | None], None]) -> None:
        self._prefix, self._seal, self._take = prefix, seal, take
        self._own: Profile | None = None
        self._theirs: Profile | None = None
        self._asked: int | None = None  # the code that is subscribed to
        self._asked_at = 0.0
        self._said: Profile | None = None
        self._said_at = 0.0
        self._handed: Profile | None = None

    def tell(self, document: Mapping[str, Any]) -> None:
        """Take from the companion's status which station it is at, and what it knows of it."""
        own = profile_of(document.get("station"))
        if own is None or self._own is None or own.code != self._own.code:
            self._theirs = None
        self._own = own
        if (handed := self._handed) is not None and (
            own is None or own.code != handed.code or own.known.revision >= handed.known.revision
        ):
            self._handed = None
            self._take(None)

    def begin(self) -> None:
        """A new connection: nothing is subscribed to."""
        self._asked = self._said = None

    def step(self, client: Line, now: float) -> None:
        """Do what is due, on a client that is connected."""
        code = self._own.code if self._own else None
        if code != self._asked:
            if self._asked is not None:
                client.unsubscribe(self._topic(self._asked))
            if code is not None:
                client.subscribe(self._topic(code), qos=1)
            self._asked, self._asked_at, self._said = code, now, None
        if self._own is None or now - self._asked_at < SETTLE_S:
            return
        own, theirs = self._own.known, self._theirs.known if self._theirs else Known()
        if theirs.revision > own.revision:
            if self._theirs != self._handed and self._theirs is not None:
                self._handed = self._theirs
                self._take(self._theirs)
        elif own.learned and own != theirs:
            self._say(client, own, theirs, now)

    def heard(self, _client: object, _data: object, message: MQTTMessage) -> None:
        """Something came: for this station it is kept, if it is sealed by this site and for this station."""
        if self._own is None or message.topic != self._topic(self._own.code) or len(message.payload) > MOST_BYTES:
            return
        found = self._seal.open(bytes(message.payload))
        self._theirs = found if found is not None and found.code == self._own.code else None

    def _say(self, client: Line, own: Known, theirs: Known, now: float) -> None:
        # Two units have each changed it without the other: the one that is there now is right.
        revision = own.revision + (own.revision == theirs.revision)
        profile = Profile(code=self._own.code if self._own else 0, known=Known(revision=revision, learned=own.learned))
        if profile == self._said and now - self._said_at < AGAIN_S:
            return
        self._said, self._said_at = profile, now
        client.publish(self._topic(profile.code), self._seal.close(profile), qos=1, retain=True)

    def _topic(self, code: int) -> str:
        return f"{self._prefix}/station/{code}/profile"
