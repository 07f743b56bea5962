"""What does an agent meet who calibrates a desk? Told as stories; each threshold from both sides."""

from collections.abc import Iterable

import pytest

from pi_companion.core.calibration import Calibration, Measured, Phase
from pi_companion.core.effects import ShowScreen
from pi_companion.core.facts import (
    Button,
    ButtonPressed,
    Fact,
    FactOutOfOrder,
    Part,
    PartFound,
    PartLost,
    RingLineChanged,
    SeatMeasured,
    Side,
    TalkSpurtBegan,
    TalkSpurtEnded,
    Tick,
    WordsHeard,
)
from pi_companion.core.limits import Pace
from pi_companion.core.measuring import ReadAloud, Refusal, spoken_characters
from pi_companion.core.settings import Station
from tests.core.desk import HANGOVER_MS, bundled_pack, words

TEXTS = bundled_pack().texts
READ = TEXTS["calibrate.read"]
CHARS = spoken_characters(READ)
NAMES = {text: name.removeprefix("calibrate.") for name, text in TEXTS.items() if name.startswith("calibrate.")}
SEATED, DESK = Station(seat_sensor=True), Station()


class Trial:
    """An agent calibrates. `shown`: what was read, each with when, as ids of the pack; countdowns left out."""

    def __init__(self, station: Station = DESK) -> None:
        self.machine = Calibration(bundled_pack(), station)
        self.shown: list[tuple[int, str]] = []
        self.countdown: list[str] = []
        self.tell(Tick(at=0))

    def tell(self, *facts: Fact) -> None:
        for fact in facts:
            self.wait_until(fact.at)
            self._handle(fact)

    def wait_until(self, at: int) -> None:
        while (due := self.machine.deadline()) is not None and due <= at:
            self._handle(Tick(at=due))
            after = self.machine.deadline()
            assert after is None or after > due, "a deadline that does not move on would hang the device"

    def _handle(self, fact: Fact) -> None:
        for effect in self.machine.handle(fact):
            assert isinstance(effect, ShowScreen)
            _, text, progress = effect.screen.lines
            name = NAMES.get(text, text)
            if not self.shown or self.shown[-1][1] != name:
                self.shown.append((effect.at, name))
            self.countdown.append(progress)

    def presses(self, at: int, button: Button = Button.RESUME) -> None:
        self.tell(ButtonPressed(at=at, button=button))

    def sits(self, began: int, ended: int, *distances: int | None, step_ms: int = 1000) -> None:
        """The sensor's readings, one a step, over and over."""
        for place, at in enumerate(range(began, ended, step_ms)):
            self.tell(SeatMeasured(at=at, distance_mm=distances[place % len(distances)]))

    def says(
        self, began: int, ended: int, text: str = READ, *, level: int = -31, nuclei: int = 0, side: Side = Side.AGENT
    ) -> None:
        known = ended + HANGOVER_MS
        self.tell(TalkSpurtBegan(at=began + 80, side=side, began=began))
        self.tell(WordsHeard(at=known - 10, side=side, words=words(text[:4], began, ended), is_final=False))
        self.tell(WordsHeard(at=known, side=side, words=words(text, began, ended) if text else (), is_final=True))
        self.tell(TalkSpurtEnded(at=known, side=side, began=began, ended=ended, level_dbfs=level, nuclei=nuclei))

    def reads(self, began: int = 1500, text: str = READ, *, levels: Iterable[int] = (-31,), nuclei: int = 0) -> int:
        """Press, read in as many breaths as there are levels, 10 s in all, press; return when that was."""
        self.presses(began - 500)
        breaths = list(levels)
        long = 10000 // len(breaths)
        for place, level in enumerate(breaths):
            part = text[len(text) * place // len(breaths) : len(text) * (place + 1) // len(breaths)]
            self.says(began + place * long, began + (place + 1) * long - 600, part, level=level, nuclei=nuclei)
        self.presses(began + 11000)
        return began + 11000

    @property
    def found(self) -> Measured:
        return self.machine.measured

    def texts(self) -> list[str]:
        return [name for _, name in self.shown]


# The whole of it


@pytest.mark.rule("POSTURE-1", "VOICE-1", "VOICE-2")
def test_an_agent_who_sits_and_reads_is_done_in_half_a_minute() -> None:
    trial = Trial(SEATED)
    trial.sits(0, 2000, 640)
    trial.presses(2000)
    trial.sits(2500, 8000, 652, 640)
    done = trial.reads(12000)
    trial.wait_until(60000)

    assert trial.shown == [
        (0, "seat_say"),
        (2000, "seat_hold"),
        (7000, "seat_taken"),
        (10000, "voice_say"),
        (11500, "read"),
        (done, "voice_taken"),
        (done + 3000, "done"),
    ]
    assert trial.found == Measured(seat_upright_mm=640, speaking_dbfs=-31, pace_pct=100)


def test_what_is_to_be_pressed_next_stands_above_and_sitting_still_is_counted_down() -> None:
    trial = Trial(SEATED)
    trial.sits(0, 2000, 640)
    trial.presses(2000)
    trial.sits(2500, 8000, 640)

    assert trial.countdown == ["按恢复键开始", "5秒", "4秒", "3秒", "2秒", "1秒", "按恢复键继续"]


@pytest.mark.rule("POSTURE-1")
def test_without_a_sensor_nothing_is_asked_about_the_seat() -> None:
    trial = Trial(DESK)
    trial.reads()
    trial.wait_until(60000)

    assert trial.texts() == ["voice_say", "read", "voice_taken", "done"]
    assert trial.found == Measured(speaking_dbfs=-31, pace_pct=100)


def test_an_agent_who_walked_away_finds_nothing_changed() -> None:
    trial = Trial(SEATED)
    trial.wait_until(200000)

    assert trial.shown == [(0, "seat_say"), (13000, "voice_say"), (26000, "nothing")]
    assert (trial.found, trial.machine.is_over, trial.machine.deadline()) == (Measured(), True, None)


def test_at_its_slowest_it_is_over_in_under_two_minutes() -> None:
    trial = Trial(SEATED)
    for at in (12999, 12999 + 8000 + 7999):
        trial.presses(at)
    trial.wait_until(at + 8000 + 3000)
    for prompted in (at + 11000 + 12999, at + 11000 + 12999 + 25000 + 7999):
        trial.presses(prompted)
    trial.wait_until(prompted + 25000 + 3000 + 3999)
    before = trial.machine.is_over
    trial.wait_until(prompted + 25000 + 3000 + 4000)

    assert trial.texts() == [
        *("seat_say", "seat_hold", "absent", "seat_hold", "absent"),
        *("voice_say", "read", "short", "read", "short", "nothing"),
    ]
    assert (before, trial.machine.is_over) == (False, True)
    assert prompted + 32000 < 120000


# Buttons


def test_the_page_button_skips_a_step() -> None:
    trial = Trial(SEATED)
    trial.presses(1000, Button.PAGE)
    trial.reads()
    trial.wait_until(60000)

    assert trial.texts() == ["seat_say", "voice_say", "read", "voice_taken", "done"]
    assert trial.found == Measured(speaking_dbfs=-31, pace_pct=100)


def test_the_snooze_button_stops_it_and_nothing_is_kept() -> None:
    trial = Trial(SEATED)
    trial.presses(1000)
    trial.sits(1000, 7000, 640)
    before = trial.found
    trial.presses(7000, Button.SNOOZE)

    assert (before.seat_upright_mm, trial.found) == (640, Measured())
    assert trial.texts()[-1] == "stopped"


@pytest.mark.parametrize("button", Button)
def test_any_button_puts_the_last_screen_away_and_then_none_does_anything(button: Button) -> None:
    trial = Trial()
    trial.presses(1000, Button.PAGE)
    trial.presses(1500, button)
    before = trial.machine.is_over
    trial.presses(1600, button)

    assert (before, trial.machine.is_over, trial.texts()) == (True, True, ["voice_say", "nothing"])


def at_phase(phase: Phase) -> Trial:
    """A trial in which its first step has come so far, the prompt's in which its last one has."""
    trial = Trial(SEATED)
    if phase is Phase.PROMPT:
        trial.wait_until(14000)
        return trial
    trial.presses(1000)
    if phase is Phase.SHOWN:
        trial.sits(1000, 7000, 640)
    elif phase is Phase.REFUSED:
        trial.wait_until(9500)
    return trial


@pytest.mark.parametrize(
    ("phase", "button", "leads_to"),
    [
        (Phase.PROMPT, Button.RESUME, "read"),
        (Phase.PROMPT, Button.PAGE, "nothing"),
        (Phase.PROMPT, Button.SNOOZE, "stopped"),
        (Phase.MEASURING, Button.RESUME, "seat_hold"),
        (Phase.MEASURING, Button.PAGE, "voice_say"),
        (Phase.MEASURING, Button.SNOOZE, "stopped"),
        (Phase.REFUSED, Button.RESUME, "seat_hold"),
        (Phase.REFUSED, Button.PAGE, "voice_say"),
        (Phase.REFUSED, Button.SNOOZE, "stopped"),
        (Phase.SHOWN, Button.RESUME, "voice_say"),
        (Phase.SHOWN, Button.PAGE, "voice_say"),
        (Phase.SHOWN, Button.SNOOZE, "stopped"),
    ],
)
def test_every_button_does_in_every_place_what_it_says(phase: Phase, button: Button, leads_to: str) -> None:
    trial = at_phase(phase)
    trial.presses(trial.shown[-1][0] + 1500, button)

    assert trial.texts()[-1] == leads_to


# The seat


def sat(*distances: int | None, until: int = 9000) -> Trial:
    """An agent who pressed at 1 s, seen by the sensor each half second from then on."""
    trial = Trial(SEATED)
    trial.presses(1000)
    trial.sits(1000, until, *distances, step_ms=500)
    return trial


@pytest.mark.rule("POSTURE-1")
def test_the_middle_reading_counts() -> None:
    assert sat(640, 650, 660, 670, 640).found.seat_upright_mm == 650


@pytest.mark.parametrize(("last", "is_known"), [(5999, False), (6000, True)])
def test_sitting_still_is_known_after_exactly_five_seconds(last: int, is_known: bool) -> None:
    trial = sat(640, until=5600)
    trial.wait_until(last)

    assert (trial.found.seat_upright_mm is not None) is is_known


@pytest.mark.parametrize(
    ("other", "told"), [(680, "seat_taken"), (681, "unsteady"), (600, "seat_taken"), (599, "unsteady")]
)
def test_an_agent_who_rocks_by_more_than_four_centimetres_is_asked_to_sit_still(other: int, told: str) -> None:
    trial = sat(640, other)
    trial.wait_until(9000)

    assert trial.texts()[2] == told


def test_an_agent_who_settles_down_in_time_need_not_begin_again() -> None:
    trial = Trial(SEATED)
    trial.presses(1000)
    trial.sits(1000, 4000, 700, 500)
    trial.sits(4000, 9000, 640)
    trial.wait_until(9000)

    assert (trial.texts()[-1], trial.found.seat_upright_mm) == ("seat_taken", 640)


@pytest.mark.parametrize(
    ("distance", "told"),
    [(None, "absent"), (1201, "absent"), (1200, "seat_taken"), (100, "seat_taken"), (99, "absent")],
)
def test_an_empty_seat_or_a_thing_before_the_sensor_is_no_agent(distance: int | None, told: str) -> None:
    trial = sat(distance)
    trial.wait_until(9000)

    assert trial.texts()[2] == told


@pytest.mark.parametrize(("age_ms", "told"), [(9999, "seat_taken"), (10000, "absent")])
def test_a_reading_from_before_counts_unless_it_is_stale(age_ms: int, told: str) -> None:
    trial = Trial(SEATED)
    trial.tell(SeatMeasured(at=1000, distance_mm=640))
    trial.presses(1000 + age_ms)
    trial.wait_until(1000 + age_ms + 8000)

    assert trial.texts()[2] == told


def test_a_second_try_is_offered_and_no_third_one() -> None:
    trial = sat(None)
    trial.presses(10000)
    trial.wait_until(18000)
    hint = trial.countdown[-1]
    trial.presses(18500)

    assert trial.texts() == ["seat_say", "seat_hold", "absent", "seat_hold", "absent", "voice_say"]
    assert hint == TEXTS["calibrate.kept"]


def test_an_agent_who_does_not_try_again_is_led_on_after_eight_seconds() -> None:
    trial = sat(None)
    trial.wait_until(30000)

    assert trial.shown[2:4] == [(9000, "absent"), (17000, "voice_say")]


def test_a_sensor_that_fails_is_named() -> None:
    trial = Trial(SEATED)
    trial.presses(1000)
    trial.tell(PartLost(at=2000, part=Part.SEAT, detail=""))
    trial.presses(3000)
    trial.wait_until(3000)

    assert trial.shown[2:] == [(2000, TEXTS["fault.seat.title"])]
    assert trial.countdown[-2:] == [TEXTS["calibrate.again"], TEXTS["calibrate.kept"]]


# The reading


@pytest.mark.rule("VOICE-2")
def test_the_level_is_the_middle_one_of_the_breaths() -> None:
    trial = Trial()
    trial.reads(levels=(-20, -40, -33))

    assert trial.found.speaking_dbfs == -33


@pytest.mark.parametrize(("long_ms", "told"), [(2999, "short"), (3000, "voice_taken")])
def test_less_than_three_seconds_of_voice_say_nothing(long_ms: int, told: str) -> None:
    trial = Trial()
    trial.presses(1000)
    trial.says(2000, 2000 + long_ms)
    trial.presses(8000)

    assert trial.texts()[-1] == told


@pytest.mark.parametrize(
    ("level", "told"), [(-61, "quiet"), (-60, "voice_taken"), (-4, "voice_taken"), (-3, "loud"), (0, "loud")]
)
def test_a_voice_that_hardly_arrives_or_is_cut_off_is_not_taken(level: int, told: str) -> None:
    trial = Trial()
    trial.reads(levels=(level,))

    assert (trial.texts()[-1], trial.found.speaking_dbfs) == (told, level if told == "voice_taken" else None)


@pytest.mark.rule("VOICE-1")
@pytest.mark.parametrize(
    ("counted", "told", "pct"),
    [
        (20, "count", None),  # 155
        (21, "voice_taken", 148),
        (31, "voice_taken", 100),
        (44, "voice_taken", 70),
        (45, "count", None),  # 69
    ],
)
def test_what_was_counted_is_compared_with_what_was_to_be_read(counted: int, told: str, pct: int | None) -> None:
    trial = Trial()
    trial.reads(text="天" * counted)

    assert (CHARS, trial.texts()[-1], trial.found.pace_pct) == (31, told, pct)


@pytest.mark.parametrize(("chars", "pct"), [(69, Refusal.COUNT), (70, 70), (150, 150), (151, Refusal.COUNT)])
def test_only_a_count_that_can_be_meant_is_taken(chars: int, pct: int | Refusal) -> None:
    reading = ReadAloud(Pace(), chars)
    reading.spurt(0, 5000, level_dbfs=-31, recognised=100, nuclei=0)

    assert reading.pace_pct() == pct


def test_syllables_that_the_sound_shows_count_as_they_do_in_a_call() -> None:
    trial = Trial()
    trial.reads(text="天" * 20, nuclei=30)

    assert trial.found.pace_pct == 103


def test_a_reading_that_nobody_understood_leaves_the_pace_and_keeps_the_level() -> None:
    trial = Trial()
    trial.reads(text="")
    offered = trial.shown[-1][1], trial.countdown[-1]
    trial.reads(15000, text="")

    assert offered == ("count", TEXTS["calibrate.again"])
    assert (trial.texts()[-1], trial.countdown[-1]) == ("count", TEXTS["calibrate.level_only"])
    assert trial.found == Measured(speaking_dbfs=-31)


def test_the_second_try_replaces_what_the_first_one_found() -> None:
    trial = Trial()
    trial.reads(text="", levels=(-50,))
    trial.reads(15000, levels=(-30,))

    assert trial.found == Measured(speaking_dbfs=-30, pace_pct=100)


def test_without_speech_recognition_the_level_is_taken_and_the_pace_is_said_to_be_as_before() -> None:
    trial = Trial()
    trial.tell(PartLost(at=0, part=Part.SPEECH, detail=""))
    trial.reads(text="")

    assert (trial.texts()[-1], trial.found) == ("level_taken", Measured(speaking_dbfs=-31))


def test_an_agent_who_forgets_to_press_after_reading_is_not_kept_waiting() -> None:
    trial = Trial()
    trial.presses(1000)
    trial.says(2000, 9000)
    trial.wait_until(12999)
    before = trial.texts()[-1]
    trial.wait_until(13000)

    assert (before, trial.texts()[-1]) == ("read", "voice_taken")


def test_a_pause_for_breath_does_not_end_the_reading() -> None:
    trial = Trial()
    trial.presses(1000)
    trial.says(2000, 5000, READ[:18])
    trial.says(8900, 12000, READ[18:])
    trial.presses(12500)

    assert trial.found == Measured(speaking_dbfs=-31, pace_pct=100)


def test_a_press_with_the_last_word_still_in_the_mouth_waits_for_it() -> None:
    trial = Trial()
    trial.presses(1000)
    trial.tell(TalkSpurtBegan(at=2080, side=Side.AGENT, began=2000))
    trial.presses(9900)
    before = trial.texts()[-1]
    trial.tell(
        WordsHeard(at=10400, side=Side.AGENT, words=words(READ, 2000, 10000), is_final=True),
        TalkSpurtEnded(at=10400, side=Side.AGENT, began=2000, ended=10000, level_dbfs=-31),
    )

    assert (before, trial.shown[-1]) == ("read", (10400, "voice_taken"))


def test_who_goes_on_talking_for_25_seconds_is_judged_by_what_came_before() -> None:
    trial = Trial()
    trial.presses(1000)
    trial.says(2000, 9000)
    trial.tell(TalkSpurtBegan(at=10000, side=Side.AGENT, began=9920))
    trial.wait_until(25999)
    before = trial.texts()[-1]
    trial.wait_until(26000)

    assert (before, trial.texts()[-1]) == ("read", "voice_taken")


def test_talk_that_was_going_on_when_it_began_is_not_of_the_reading() -> None:
    trial = Trial()
    trial.tell(TalkSpurtBegan(at=580, side=Side.AGENT, began=500))
    trial.presses(1000)
    trial.tell(
        WordsHeard(at=4000, side=Side.AGENT, words=words("那我开始了", 500, 3600), is_final=True),
        TalkSpurtEnded(at=4000, side=Side.AGENT, began=500, ended=3600, level_dbfs=-10),
    )
    trial.says(4500, 9000)
    trial.presses(10000)

    assert trial.found == Measured(speaking_dbfs=-31, pace_pct=100)


def test_the_other_sides_voice_is_nothing_to_it() -> None:
    trial = Trial()
    trial.presses(1000)
    trial.says(2000, 9000, side=Side.CUSTOMER)
    trial.presses(10000)

    assert trial.texts()[-1] == "short"


def test_a_sound_card_that_goes_is_named_and_one_that_is_back_can_be_tried() -> None:
    trial = Trial()
    trial.presses(1000)
    trial.tell(PartLost(at=2000, part=Part.TAP, detail=""), PartFound(at=3000, part=Part.TAP))
    trial.reads(4000)

    assert trial.texts() == ["voice_say", "read", TEXTS["fault.tap.title"], "read", "voice_taken"]


# A call comes first


@pytest.mark.parametrize(("long_ms", "told"), [(39, "voice_say"), (40, "called")])
def test_when_the_phone_rings_it_makes_way_and_keeps_what_it_has(long_ms: int, told: str) -> None:
    trial = Trial(SEATED)
    trial.presses(1000)
    trial.sits(1000, 7000, 640)
    trial.presses(7000)
    trial.tell(RingLineChanged(at=8000, is_active=True), RingLineChanged(at=8000 + long_ms, is_active=False))

    assert (trial.texts()[-1], trial.found) == (told, Measured(seat_upright_mm=640))


def test_ringing_does_not_disturb_what_is_over() -> None:
    trial = Trial()
    trial.presses(1000, Button.SNOOZE)
    trial.tell(RingLineChanged(at=2000, is_active=True))
    trial.wait_until(10000)

    assert trial.texts() == ["voice_say", "stopped"]


def test_an_older_fact_is_refused_and_changes_nothing() -> None:
    trial = Trial()
    trial.presses(1000)

    with pytest.raises(FactOutOfOrder):
        trial.machine.handle(ButtonPressed(at=999, button=Button.SNOOZE))
    trial.wait_until(1500)
    assert trial.texts() == ["voice_say", "read"]
