"""A stick at the desk: what is offered, that a button decides, and what RAUC's own words become.

RAUC is a script here, named as the backend; the real one is installed from by `make test-image`.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from pi_companion.adapters.draw import draw
from pi_companion.core import notices
from pi_companion.core.attended import OfferAnswered, OfferMade, OfferWithdrawn, Seat, WorkEnded, WorkProgressed
from pi_companion.core.facts import Fact
from pi_companion.core.notices import Offer
from pi_companion.core.states import Screen
from pi_companion.errors import ConfigError, HardwareError
from pi_companion.live.offer_watch import STEP_MS, OfferWatch, Source
from pi_companion.site import stick, talk, updating
from pi_companion.site.talk import Answer, Found
from pi_companion.site.updating import Meant, Rauc

AT_12 = Seat(has_stations=True, code=12, number="12")
RAUC = """#!/bin/sh
# A scripted RAUC: `info` and `install` in its words.
case $1 in
info)
    case $3 in *wrong*) echo "signature verification failed" >&2; exit 1 ;; esac
    echo '{"compatible":"pi-companion-arm64","version":"0.2.0"}' ;;
install)
    echo "installing"
    for pct in 0 20 40 99; do echo " $pct% Copying image to rootfs.1"; done
    case $2 in *broken*) echo "LastError: no space left"; exit 1 ;; esac
    echo "100% Installing done."
    echo "Installing \\`$2\\` succeeded" ;;
esac
"""


class Stick:
    """A stick, its unit and the companion's half of the talk, turned by hand."""

    def __init__(self, folder: Path, learned: dict[str, int] | None = None, seat: Seat = AT_12) -> None:
        self.media, self.run, self.state = (folder / name for name in ("media", "run", "state"))
        for each in (self.media, self.run, self.state):
            each.mkdir()
        self.learned = dict(learned or {})
        program = folder / "rauc"
        program.write_text(RAUC)
        program.chmod(0o755)
        self.rauc = Rauc(str(program))
        self.answers = self.run / stick.ANSWER
        sources = [Source(run=self.run, answers=self.answers)]
        self.watch = OfferWatch(seat, lambda: self.learned, self._keep, version="0.1.0", sources=sources)
        self.facts: list[Fact] = []
        self.at = 0
        self.meant: list[str] = []

    def _keep(self, learned: object) -> None:
        assert isinstance(learned, dict)
        self.learned |= learned

    def put(self, name: str, content: str = "") -> None:
        path = self.media / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)

    def look(self) -> list[Fact]:
        self.at += STEP_MS
        seen = list(self.watch.look(self.at))
        self.facts += seen
        return seen

    def serve(self, press: Callable[[Offer], OfferAnswered | None] = lambda _offer: None) -> Offer | None:
        """Put it in; `press` answers what is asked. What is told is looked at after each step."""

        def wait(_s: float) -> None:
            asked = [fact for fact in self.look() if isinstance(fact, OfferMade)]
            answer = press(asked[0].offer) if asked else None
            if answer is None:
                raise TimeoutError
            self.watch.perform(answer)

        try:
            return stick.serve(self.media, self.rauc, self.run, self.answers, mean=self.meant.append, wait=wait)
        finally:
            self.look()


def yes(offer: Offer) -> OfferAnswered:
    return OfferAnswered(at=0, offer=str(offer), is_accepted=True)


def no(offer: Offer) -> OfferAnswered:
    return OfferAnswered(at=0, offer=str(offer), is_accepted=False)


def test_an_update_is_offered_installed_after_yes_and_meant_for_the_next_start(tmp_path: Path) -> None:
    desk = Stick(tmp_path)
    desk.put("companion/pi-companion-0.2.0.raucb")
    done = desk.serve(yes)

    assert (done, desk.meant) == (Offer.UPDATE, ["0.2.0"])
    assert desk.facts == [OfferMade(at=200, offer=Offer.UPDATE, what="0.2.0"), WorkEnded(at=400, is_done=True)]


def test_how_far_it_is_comes_from_rauc_s_own_words(tmp_path: Path) -> None:
    desk = Stick(tmp_path)

    assert list(desk.rauc.install(Path("x.raucb"))) == [0, 20, 40, 99, 100]


def test_the_bar_moves_while_it_is_being_installed(tmp_path: Path) -> None:
    desk = Stick(tmp_path)
    for found in (
        Found(id="a", update="0.2.0"),
        *(Found(id="a", update="0.2.0", offer="update", pct=n) for n in (0, 40)),
    ):
        talk.tell(desk.run, found)
        desk.look()

    assert desk.facts == [OfferMade(at=200, offer=Offer.UPDATE, what="0.2.0"), WorkProgressed(at=600, pct=40)]


@pytest.mark.parametrize("version", ["0.2.0", "0.2.0+2852234abcde.changed", "W" * 64])
def test_a_bundle_of_any_version_that_is_built_here_can_be_asked_about(tmp_path: Path, version: str) -> None:
    desk = Stick(tmp_path)
    desk.put("rauc", RAUC.replace("0.2.0", version))
    (desk.media / "rauc").chmod(0o755)

    found = Rauc(str(desk.media / "rauc")).version_of(Path("x.raucb"))

    assert found == version
    draw(notices.offer(Offer.UPDATE, found))


def test_no_installs_nothing(tmp_path: Path) -> None:
    desk = Stick(tmp_path)
    desk.put("pi-companion-0.2.0.raucb")

    assert (desk.serve(no), desk.meant) == (None, [])
    assert desk.facts[-1] == OfferWithdrawn(at=400)


def test_a_bundle_that_is_not_for_here_is_said_and_never_asked_about(tmp_path: Path) -> None:
    desk = Stick(tmp_path)
    desk.put("wrong.raucb")

    assert desk.serve(yes) is None
    assert desk.facts == [OfferMade(at=200, offer=Offer.UPDATE, what=""), WorkEnded(at=200, is_done=False)]


def test_an_update_that_fails_is_said_and_nothing_is_meant(tmp_path: Path) -> None:
    desk = Stick(tmp_path)
    desk.put("broken-0.2.0.raucb")
    with pytest.raises(HardwareError, match="no space left"):
        desk.serve(yes)

    assert (desk.facts[-1], desk.meant) == (WorkEnded(at=400, is_done=False), [])


def test_the_version_that_runs_is_not_offered(tmp_path: Path) -> None:
    desk = Stick(tmp_path)
    desk.watch._version = "0.2.0"
    desk.put("pi-companion-0.2.0.raucb")
    with pytest.raises(TimeoutError):
        desk.serve(yes)

    assert desk.facts == []


def test_a_private_stick_is_nobody_s_business_here(tmp_path: Path) -> None:
    desk = Stick(tmp_path, {"pace_pct": 112})
    desk.put("holiday/photo.jpg")

    assert (desk.serve(yes), desk.facts, list(desk.run.iterdir())) == (None, [], [])


def test_a_calibration_goes_from_unit_to_unit_by_stick(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
    here, there = Stick(tmp_path / "a", {"pace_pct": 112, "seat_upright_mm": 640}), Stick(tmp_path / "b")
    (here.media / "companion").mkdir()
    saved = here.serve(yes)
    there.media = here.media
    loaded = there.serve(yes)

    assert (saved, loaded, there.learned) == (Offer.SAVE, Offer.LOAD, here.learned)
    assert sorted(path.name for path in here.media.rglob("*")) == ["12.toml", "companion", "stations"]


def test_what_is_saved_names_nobody(tmp_path: Path) -> None:
    desk = Stick(tmp_path, {"pace_pct": 112})
    (desk.media / "companion").mkdir()
    desk.serve(yes)

    assert (desk.media / "companion/stations/12.toml").read_text() == "[station]\npace_pct = 112\n"


@pytest.mark.parametrize(
    "content",
    [
        "[station]\nagent_name = 'x'\n",
        "[station]\npace_pct = 5\n",
        "station = 3\n",
        "\x00",
        "[limits]\n",
        "[[station]]\n",
    ],
)
def test_a_calibration_that_is_none_is_as_if_it_were_not_there(tmp_path: Path, content: str) -> None:
    desk = Stick(tmp_path)
    desk.put("companion/stations/12.toml", content)

    assert stick._look(desk.media, None, desk.rauc) == Found(can_save=True)


def test_another_station_s_calibration_is_not_offered(tmp_path: Path) -> None:
    desk = Stick(tmp_path)
    desk.put("companion/stations/11.toml", "[station]\npace_pct = 112\n")
    with pytest.raises(TimeoutError):
        desk.serve(yes)

    assert (desk.facts, desk.learned) == ([], {})


def test_an_answer_for_another_stick_is_not_taken(tmp_path: Path) -> None:
    desk = Stick(tmp_path)
    desk.put("pi-companion-0.2.0.raucb")
    talk.write_answer(Answer(id="an older one", offer="update", is_accepted=True), desk.answers)
    with pytest.raises(TimeoutError):
        desk.serve()

    assert desk.meant == []


@pytest.mark.parametrize(
    "said", ["", "{}", '{"id": 1, "offer": "sell", "is_accepted": true, "code": 1, "learned": {}}']
)
def test_an_answer_that_is_none_is_not_taken(tmp_path: Path, said: str) -> None:
    (tmp_path / "answer.json").write_text(said)

    assert talk.read_answer(tmp_path / "answer.json") is None


def test_a_code_that_is_none_is_not_written_to_a_stick(tmp_path: Path) -> None:
    answer = Answer(id="", offer="save", is_accepted=True, code=15, learned={"pace_pct": 112})

    with pytest.raises(ConfigError, match="15 is no station's code"):
        list(stick._do(answer, tmp_path, None, Rauc()))


@pytest.mark.parametrize(("running", "is_back"), [("0.2.0", False), ("0.1.0", True)])
def test_the_first_start_after_an_update_says_how_it_ended_once(tmp_path: Path, running: str, is_back: bool) -> None:
    updating.mean(tmp_path, Meant(before="0.1.0", after="0.2.0"))

    assert [start(tmp_path, running) for _ in "ab"] == [notices.updated(running, is_back=is_back), None]


def test_a_version_that_is_given_back_after_it_was_started_is_said_too_and_remembered(tmp_path: Path) -> None:
    updating.mean(tmp_path, Meant(before="0.1.0", after="0.2.0"))
    shown = [start(tmp_path, version) for version in ("0.2.0", "0.2.0", "0.1.0", "0.1.0")]

    assert shown == [
        notices.updated("0.2.0", is_back=False),
        None,
        notices.updated("0.1.0", is_back=True),
        None,
    ]
    assert updating.given_back(tmp_path) == "0.2.0"


def test_a_card_that_was_flashed_anew_has_given_nothing_back(tmp_path: Path) -> None:
    updating.mean(tmp_path, Meant(before="0.1.0", after="0.2.0"))

    assert (start(tmp_path, "0.3.0"), updating.given_back(tmp_path), updating.meant(tmp_path)) == (None, "", None)


def start(data: Path, running: str) -> Screen | None:
    """Start a machine that runs this version; return what it says of the update before."""
    run = data / "run"
    shutil.rmtree(run, ignore_errors=True)
    run.mkdir()
    updating.judge(data, run, running)
    return updating.result(run)


def test_the_version_is_the_image_s_or_the_program_s(tmp_path: Path) -> None:
    release = tmp_path / "os-release"
    release.write_text('NAME="Debian"\nIMAGE_VERSION=0.1.0+abc\n')

    assert updating.version(release) == "0.1.0+abc"
    assert updating.version(tmp_path / "none", program="0.1.0") == "0.1.0"


def test_without_rauc_an_update_is_refused(tmp_path: Path) -> None:
    with pytest.raises(HardwareError, match="rauc info"):
        Rauc(str(tmp_path / "none")).version_of(tmp_path / "x.raucb")


def told_of(run: Path, watch: OfferWatch, found: Found | None, at: int) -> list[Fact]:
    """Have a program say what it has, None: it is gone; return what the companion is told."""
    if found is None:
        (run / talk.FOUND).unlink()
    else:
        talk.tell(run, found)
    return list(watch.look(at))


def test_a_stick_comes_before_the_network_and_neither_disturbs_what_is_being_done(tmp_path: Path) -> None:
    runs = [tmp_path / name for name in ("stick", "network")]
    for each in runs:
        each.mkdir()
    sources = [Source(run=run, answers=run / "answer.json") for run in runs]
    watch = OfferWatch(AT_12, dict, lambda _learned: None, version="0.1.0", sources=sources)
    by_network, by_stick = Found(id="n", update="0.2.0", is_by_itself=True), Found(id="s", update="0.3.0")
    facts = [
        told_of(runs[1], watch, by_network, 200),
        told_of(runs[0], watch, by_stick, 400),
        told_of(runs[0], watch, None, 600),
        told_of(runs[1], watch, Found(id="n", update="0.2.0", is_by_itself=True, offer="update"), 800),
        told_of(runs[0], watch, by_stick, 1000),
        told_of(runs[1], watch, Found(), 1200),
    ]
    watch.perform(yes(Offer.UPDATE))

    assert facts == [
        [OfferMade(at=200, offer=Offer.UPDATE, what="0.2.0", is_by_itself=True)],
        [OfferMade(at=400, offer=Offer.UPDATE, what="0.3.0")],
        [OfferMade(at=600, offer=Offer.UPDATE, what="0.2.0", is_by_itself=True)],
        [],
        [],
        [OfferMade(at=1200, offer=Offer.UPDATE, what="0.3.0")],
    ]
    answered = [talk.read_answer(source.answers) for source in sources]
    assert [answer.id if answer else None for answer in answered] == ["s", None]


def test_a_restart_is_told_of_with_its_version(tmp_path: Path) -> None:
    watch = OfferWatch(
        AT_12, dict, lambda _learned: None, version="0.1.0", sources=[Source(run=tmp_path, answers=tmp_path / "a")]
    )

    assert told_of(tmp_path, watch, Found(id="n", restart="0.2.0", is_by_itself=True), 200) == [
        OfferMade(at=200, offer=Offer.RESTART, what="0.2.0", is_by_itself=True)
    ]
