"""Updates by network: a real server over HTTPS, a scripted RAUC; what is taken, when, and what a server cannot do.

The real RAUC takes a bundle from such a server in `make test-image` (tests/firmware/emulated_network.py).
"""

import json
import ssl
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware import papers
from pi_companion.core.notices import Offer
from pi_companion.errors import CompanionError, ConfigError, HardwareError
from pi_companion.site import polling, talk, updating
from pi_companion.site.network import CHECKS, Update
from pi_companion.site.polling import AWAY_S, INDEX, Desk, Index, Running, Tries, index_of, is_hour, why_not
from pi_companion.site.talk import Answer, Found
from pi_companion.site.updating import Meant, Rauc
from tests.site.web_server import Directory, serving

NOW = Running(version="0.1.0+aaa", time="2026-11-30T20:00:00Z")
NEW = Index(version="0.2.0+bbb", time="2026-12-01T20:00:00Z", bundle="pi-companion-0.2.0-arm64.raucb")
EPOCH = 1796155200
RAUC = """#!/bin/sh
# A scripted RAUC: `install` in its words; says what it was asked, and what was expected of the bundle by then.
echo "$@" >>{folder}/asked
cat {folder}/run/expected >>{folder}/asked
echo installing
for pct in 0 40 99; do echo " $pct% Copying image to rootfs.1"; done
case $3 in *broken*) echo "LastError: signature verification failed"; exit 1 ;; esac
echo "100% Installing done."
"""


@dataclass
class Unit:
    """A unit, its companion (which answers as `says` does, told by told) and the server. `waited`: seconds."""

    folder: Path
    server: Directory
    says: Callable[[Found], bool | None] = lambda _found: True
    is_there: bool = True
    is_over_after_s: float = 10_000
    waited: float = 0
    told: list[Found] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.run, self.data = self.folder / "run", self.folder / "data"
        self.answers = self.folder / updating.ANSWER
        for each in (self.run, self.data):
            each.mkdir()
        program = self.folder / "rauc"
        program.write_text(RAUC.format(folder=self.folder))
        program.chmod(0o755)

    def offer(self, version: str = NEW.version, *, bundle: str = NEW.bundle, epoch: int = EPOCH) -> None:
        document = papers.update_index(version, epoch, bundle)
        (self.server.folder / INDEX).write_text(json.dumps(document))

    def poll(self, running: Running = NOW, *, may_go_back: bool = False) -> bool:
        update = Update(url=self.server.url, ca_file="ca.pem", may_go_back=may_go_back)
        return polling.keep_current(
            update,
            (ssl.create_default_context(cafile=self.server.ca), self.server.ca),
            Rauc(str(self.folder / "rauc")),
            running=running,
            data=self.data,
            desk=Desk(run=self.run, answers=self.answers, is_there=lambda: self.is_there),
            may_go_on=lambda: self.waited < self.is_over_after_s,
            wait=self._wait,
            say=self.said.append,
        )

    def _wait(self, seconds: float) -> None:
        self.waited += seconds
        found = talk.read_found(self.run)
        assert found is not None
        if not self.told or self.told[-1] != found:
            self.told.append(found)
        if (answer := self.says(found)) is not None:
            offer = Offer.RESTART if found.restart else Offer.UPDATE
            talk.write_answer(Answer(id=found.id, offer=str(offer), is_accepted=answer), self.answers)

    @property
    def asked(self) -> list[str]:
        """What RAUC was asked."""
        place = self.folder / "asked"
        return place.read_text().splitlines() if place.exists() else []


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Directory]:
    (tmp_path / "served").mkdir()
    with serving(tmp_path / "served", tmp_path / "certificates") as directory:
        yield directory


@pytest.fixture
def unit(tmp_path: Path, server: Directory) -> Unit:
    unit = Unit(tmp_path, server)
    unit.offer()
    return unit


def test_a_newer_version_is_installed_from_the_server_and_the_restart_is_agreed(unit: Unit) -> None:
    is_to_restart = unit.poll()

    address = f"{unit.server.url}/{NEW.bundle}"
    assert is_to_restart
    assert unit.asked == [f"install --tls-ca={unit.server.ca} {address}", f"{NEW.version} {papers.utc(EPOCH)}"]
    assert [(each.update, each.restart, each.is_by_itself) for each in unit.told] == [
        (NEW.version, "", True),
        ("", NEW.version, True),
    ]
    assert updating.meant(unit.data) == Meant(before=NOW.version, after=NEW.version)
    assert not (unit.run / polling.EXPECTED).exists()


def test_of_a_server_without_anything_new_nothing_but_the_index_is_asked(unit: Unit) -> None:
    is_to_restart = unit.poll(Running(version=NEW.version, time=papers.utc(EPOCH)))

    assert (is_to_restart, unit.asked, unit.server.asked) == (False, [], [f"/pi/{INDEX}"])
    assert unit.said == [f"{NEW.version} runs already"]


@pytest.mark.parametrize("wrong", ["another CA", "another name", "nobody there", "no index", "moved"])
def test_a_server_that_cannot_prove_who_it_is_or_has_nothing_is_told_and_nothing_is_done(
    unit: Unit, wrong: str
) -> None:
    tls = ssl.create_default_context(cafile=unit.server.ca)
    url = unit.server.url
    match wrong:
        case "another CA":
            tls = ssl.create_default_context()
        case "another name":
            url = url.replace("localhost", "127.0.0.2")
        case "nobody there":
            url = "https://localhost:9/pi"
        case "no index":
            (unit.server.folder / INDEX).write_text("<html>sign in</html>")
        case "moved":
            url += "/elsewhere"

    with pytest.raises(CompanionError, match=r"https://[\w.:/]+/pi-companion-arm64.update.json: "):
        polling.fetch(url, tls)


def test_a_bundle_that_is_refused_or_cut_is_told_and_means_nothing(unit: Unit) -> None:
    unit.offer(bundle="broken.raucb")
    with pytest.raises(HardwareError, match="signature verification failed"):
        unit.poll()

    assert updating.meant(unit.data) is None
    assert not (unit.run / polling.EXPECTED).exists()


def test_while_the_desk_is_never_quiet_nothing_is_done_and_at_the_end_of_the_hours_it_ends(unit: Unit) -> None:
    unit.says = lambda _found: None
    unit.is_over_after_s = 3600

    assert (unit.poll(), unit.asked, unit.waited) == (False, [], 3600)


def test_what_is_written_by_the_end_of_the_hours_waits_for_the_next_and_is_not_fetched_again(unit: Unit) -> None:
    unit.says = lambda found: True if found.update else None
    unit.is_over_after_s = 100
    first = unit.poll()
    unit.says, unit.waited = lambda _found: True, 0
    again = unit.poll()

    assert (first, again, len(unit.asked), unit.server.asked) == (False, True, 2, [f"/pi/{INDEX}"])


def test_where_no_companion_runs_it_is_not_waited_for_long(unit: Unit) -> None:
    unit.says, unit.is_there = lambda _found: None, False

    assert unit.poll()
    assert unit.waited == pytest.approx(2 * AWAY_S, abs=4)


def test_an_answer_to_another_question_is_none(unit: Unit) -> None:
    talk.write_answer(Answer(id="yesterday's", offer="update", is_accepted=True), unit.answers)
    unit.says, unit.is_over_after_s = lambda _found: None, 100

    assert (unit.poll(), unit.asked) == (False, [])


@pytest.mark.parametrize(
    ("version", "time", "is_wanted"),
    [
        ("0.1.1", "2026-11-30T19:00:00Z", True),
        ("0.1.0+ccc", "2026-11-30T20:00:01Z", True),
        ("0.1.0+ccc", "2026-11-30T20:00:00Z", False),
        ("0.0.9", "2027-11-30T20:00:00Z", False),
        ("0.10.0", "2026-11-30T19:00:00Z", True),
        ("0.1.0+aaa", "2027-11-30T20:00:00Z", False),
    ],
)
def test_only_a_newer_version_is_wanted_unless_it_allows_an_older_one(version: str, time: str, is_wanted: bool) -> None:
    index = Index(version=version, time=time, bundle="x.raucb")

    assert (why_not(index, NOW, may_go_back=False) == "") is is_wanted
    assert (why_not(index, NOW, may_go_back=True) == "") is (version != NOW.version)


def test_a_version_that_did_not_prove_itself_here_is_not_brought_again(unit: Unit) -> None:
    running = Running(version=NOW.version, time=NOW.time, given_back=NEW.version)

    assert (unit.poll(running), unit.poll(running, may_go_back=True), unit.asked) == (False, False, [])
    unit.offer("0.2.1")
    assert unit.poll(running)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"[]",
        b'{"version": "0.2.0", "time": "2026-12-01T20:00:00Z"}',
        b'{"version": "0.2.0", "time": "2026-12-01T20:00:00Z", "bundle": "../x.raucb"}',
        b'{"version": "0.2.0", "time": "2026-12-01T20:00:00Z", "bundle": "https://x.example/x.raucb"}',
        b'{"version": "0.2.0", "time": "2026-12-01T20:00:00Z", "bundle": "--conf=x.raucb"}',
        b'{"version": "0.2.0\\n", "time": "2026-12-01T20:00:00Z", "bundle": "x.raucb"}',
        b'{"version": "new", "time": "2026-12-01T20:00:00Z", "bundle": "x.raucb"}',
        b'{"version": "0.2.0", "time": "tomorrow", "bundle": "x.raucb"}',
        b'{"version": 2, "time": "2026-12-01T20:00:00Z", "bundle": "x.raucb"}',
        b"[" * 5000,
        b"\xff",
    ],
)
def test_an_index_that_is_none_is_told(content: bytes) -> None:
    with pytest.raises(ConfigError, match="is no index of updates"):
        index_of(content, "x")


@given(st.binary(max_size=200))
@settings(deadline=None)
def test_whatever_a_server_sends_is_an_index_or_told(content: bytes) -> None:
    try:
        index_of(content, "x")
    except ConfigError:
        return
    raise AssertionError(content)


@pytest.mark.parametrize(
    ("first", "end", "hours"),
    [(20, 6, {20, 21, 22, 23, 0, 1, 2, 3, 4, 5}), (9, 11, {9, 10}), (3, 3, set(range(24))), (22, 0, {22, 23})],
)
def test_the_hours_may_go_over_midnight(first: int, end: int, hours: set[int]) -> None:
    assert {hour for hour in range(24) if is_hour(hour, Update(from_hour=first, until_hour=end))} == hours


@given(st.integers(0, 100), st.floats(0, 1))
@settings(deadline=None)
def test_after_failures_it_waits_longer_and_units_are_spread(failures: int, chance: float) -> None:
    kept = Tries(failures=failures).after_failure(1000, chance)
    later = Tries(failures=failures + 1).after_failure(1000, chance)

    assert 3600 <= kept.next_at_s - 1000 <= 36 * 3600
    assert later.next_at_s >= kept.next_at_s
    assert kept.failures == failures + 1


def test_how_often_it_failed_is_kept_and_what_cannot_be_read_is_nothing(tmp_path: Path) -> None:
    kept = Tries(failures=3, next_at_s=7200.5)
    polling.keep_tries(tmp_path, kept)
    before = polling.tries(tmp_path)
    (tmp_path / polling.TRIES).write_text("{")

    assert (before, polling.tries(tmp_path)) == (kept, Tries())


@pytest.mark.parametrize(
    ("url", "is_right"),
    [
        ("https://updates.example/pi", True),
        ("https://updates.example:8443", True),
        ("http://updates.example/pi", False),
        ("https://user:word@updates.example/pi", False),
        ("https://updates.example/pi?x=1", False),
        ("https://updates.example/p i", False),
    ],
)
def test_an_address_is_one_of_https_without_a_password(url: str, is_right: bool) -> None:
    assert (list(CHECKS[Update](Update(url=url))) == []) is is_right
