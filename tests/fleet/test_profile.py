"""A station's calibration at the broker: what is said, what is taken, and what a stranger can do there."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from paho.mqtt.client import MQTTMessage

from pi_companion.fleet.profile import AGAIN_S, SETTLE_S, Exchange, Seal
from pi_companion.fleet.report import RULES, report
from pi_companion.site.handing import Profile, document_of, profile_of
from pi_companion.site.stations import Known

SEAL = Seal("a key of the site, drawn at random")
TOPIC = "pi-companion/station/12/profile"
KNOWS = Known(revision=3, learned={"pace_pct": 112, "seat_upright_mm": 640})
LATER = Known(revision=4, learned={"pace_pct": 118})


class Line:
    """A client without a network: what was wanted of it."""

    def __init__(self) -> None:
        self.wanted: list[tuple[str, str]] = []
        self.said: list[tuple[str, bytes, int, bool]] = []

    def subscribe(self, topic: str, *, qos: int) -> None:
        assert qos == 1
        self.wanted.append(("subscribe", topic))

    def unsubscribe(self, topic: str) -> None:
        self.wanted.append(("unsubscribe", topic))

    def publish(self, topic: str, payload: bytes, *, qos: int, retain: bool) -> None:
        self.said.append((topic, payload, qos, retain))


class Unit:
    """A unit's part; `now` goes on by hand."""

    def __init__(self, known: Known | None = None, code: int = 12, *, seal: Seal = SEAL) -> None:
        self.line, self.taken, self.now = Line(), list[Profile | None](), 0.0
        self.exchange = Exchange("pi-companion", seal, self.taken.append)
        self.is_at(code, known or Known())
        self.passes(0)

    def is_at(self, code: int | None, known: Known) -> None:
        station = None if code is None else document_of(Profile(code=code, known=known))
        self.exchange.tell({"station": station})

    def hears(self, content: bytes, topic: str = TOPIC) -> None:
        message = MQTTMessage(topic=topic.encode())
        message.payload = content
        self.exchange.heard(self.line, None, message)

    def passes(self, seconds: float) -> None:
        self.now += seconds
        self.exchange.step(self.line, self.now)


def profile(known: Known = LATER, code: int = 12) -> Profile:
    return Profile(code=code, known=known)


def test_what_a_unit_knows_is_said_sealed_and_retained_when_the_broker_has_nothing() -> None:
    unit = Unit(KNOWS)
    unit.passes(SETTLE_S)

    ((topic, content, qos, is_retained),) = unit.line.said
    assert unit.line.wanted == [("subscribe", TOPIC)]
    assert (topic, qos, is_retained, SEAL.open(content)) == (TOPIC, 1, True, profile(KNOWS))
    assert b"pace" not in content


def test_before_what_is_retained_can_have_come_nothing_is_said() -> None:
    unit = Unit(KNOWS)
    unit.passes(SETTLE_S - 0.1)

    assert unit.line.said == []


@pytest.mark.parametrize("known", [Known(), KNOWS])
def test_what_is_newer_is_taken_by_a_unit_that_was_never_there_and_by_one_that_was(known: Known) -> None:
    unit = Unit(known)
    unit.hears(SEAL.close(profile(LATER)))
    unit.passes(SETTLE_S)
    unit.passes(1)
    taken = list(unit.taken)
    unit.is_at(12, LATER)
    unit.passes(1)

    assert (taken, unit.taken, unit.line.said) == ([profile(LATER)], [profile(LATER), None], [])


def test_what_is_older_is_not_taken_and_what_is_known_better_is_said() -> None:
    unit = Unit(LATER)
    unit.hears(SEAL.close(profile(KNOWS)))
    unit.passes(SETTLE_S)

    assert (unit.taken, [SEAL.open(each[1]) for each in unit.line.said]) == ([], [profile(LATER)])


def test_of_two_that_were_changed_without_each_other_the_unit_at_the_desk_is_right() -> None:
    unit = Unit(KNOWS)
    unit.hears(SEAL.close(profile(Known(revision=3, learned={"pace_pct": 90}))))
    unit.passes(SETTLE_S)

    (said,) = (SEAL.open(each[1]) for each in unit.line.said)
    assert (unit.taken, said) == ([], profile(Known(revision=4, learned=KNOWS.learned)))


def test_a_unit_that_knows_nothing_says_nothing() -> None:
    unit = Unit()
    unit.passes(SETTLE_S + 1)

    assert (unit.line.said, unit.taken) == ([], [])


STRANGE = {
    "another site's": Seal("another key, of another site, as long").close(profile()),
    "another station's": SEAL.close(profile(code=11)),
    "out of range": SEAL._fernet.encrypt(b'{"code": 12, "revision": 9, "learned": {"pace_pct": 5000}}'),
    "a name": SEAL._fernet.encrypt('{"code": 12, "revision": 9, "learned": {"agent_name": "小李"}}'.encode()),
    "a setting": SEAL._fernet.encrypt(b'{"code": 12, "revision": 9, "learned": {"mute_key": false}}'),
    "no revision": SEAL._fernet.encrypt(b'{"code": 12, "learned": {"pace_pct": 112}}'),
    "a huge revision": SEAL._fernet.encrypt(b'{"code": 12, "revision": 1e999, "learned": {"pace_pct": 112}}'),
    "true": SEAL._fernet.encrypt(b'{"code": 12, "revision": true, "learned": {"pace_pct": 112}}'),
    "text": SEAL._fernet.encrypt(b"hello"),
    "deep": SEAL._fernet.encrypt(b"[" * 2500),
    "plain": b'{"code": 12, "revision": 9, "learned": {"pace_pct": 112}}',
    "cut": SEAL.close(profile())[:40],
    "empty": b"",
    "long": SEAL._fernet.encrypt(b" " * 5000 + b'{"code": 12, "revision": 9, "learned": {"pace_pct": 112}}'),
}


@pytest.mark.parametrize("content", STRANGE.values(), ids=STRANGE.keys())
def test_a_record_that_is_foreign_broken_or_no_calibration_is_not_taken_and_ours_is_said(content: bytes) -> None:
    unit = Unit(KNOWS)
    unit.hears(content)
    unit.passes(SETTLE_S)

    assert (unit.taken, [SEAL.open(each[1]) for each in unit.line.said]) == ([], [profile(KNOWS)])


def test_with_a_stranger_at_the_same_topic_it_does_not_quarrel() -> None:
    unit = Unit(KNOWS)
    for _ in range(int(AGAIN_S) - 10):
        unit.hears(STRANGE["another site's"])
        unit.passes(1)
    before = len(unit.line.said)
    unit.passes(20)

    assert (before, len(unit.line.said)) == (1, 2)


def test_at_another_station_it_asks_for_that_one_and_keeps_nothing_of_the_one_before() -> None:
    unit = Unit(Known())
    unit.hears(SEAL.close(profile(LATER)))
    unit.passes(SETTLE_S)
    unit.is_at(11, Known())
    unit.passes(1)
    unit.hears(SEAL.close(profile(LATER)))  # what was on its way
    unit.passes(SETTLE_S)

    other = "pi-companion/station/11/profile"
    assert unit.line.wanted == [("subscribe", TOPIC), ("unsubscribe", TOPIC), ("subscribe", other)]
    assert (unit.taken, unit.line.said) == ([profile(LATER), None], [])


def test_without_a_station_nothing_is_asked_for() -> None:
    unit = Unit()
    unit.is_at(None, Known())
    unit.passes(SETTLE_S)

    assert unit.line.wanted == [("subscribe", TOPIC), ("unsubscribe", TOPIC)]
    assert unit.line.said == []


def test_after_a_new_connection_it_asks_again() -> None:
    unit = Unit(KNOWS)
    unit.passes(SETTLE_S)
    unit.exchange.begin()
    unit.passes(1)
    unit.passes(SETTLE_S)

    assert unit.line.wanted == [("subscribe", TOPIC)] * 2
    assert len(unit.line.said) == 2


KEYS = st.sampled_from(["code", "revision", "learned", "pace_pct", "x"])
VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)


@given(st.dictionaries(KEYS, VALUES | st.dictionaries(KEYS, VALUES)) | VALUES | st.lists(VALUES))
@settings(deadline=None)
def test_whatever_json_says_it_is_a_profile_in_range_or_none(said: object) -> None:
    found = profile_of(said)

    assert found is None or profile_of(json.loads(json.dumps(document_of(found)))) == found


def test_what_is_known_of_a_station_is_in_no_report() -> None:
    document = {"station": document_of(profile(KNOWS))}

    assert report(document, RULES, "0.1.0") == report({}, RULES, "0.1.0")
