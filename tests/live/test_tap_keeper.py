"""The tap is kept alive: cards that are missing, pulled out, stalled, too fast, plugged in again. Turned by hand."""

import threading
from collections.abc import Callable

import pytest

from pi_companion import config
from pi_companion.adapters.tap import Block, Form
from pi_companion.core.facts import Part, PartFound, PartLost
from pi_companion.errors import HardwareError
from pi_companion.live.tap_keeper import Audio, TapKeeper

STEREO = Form(rate_hz=16000, channels=2)
PCM = bytes(range(256)) * 5  # 20 ms of both sides


class Cards:
    """What is plugged in: opened by the keeper, and pulled out by the test."""

    def __init__(self, *forms: Form) -> None:
        self.forms = forms or (STEREO,)
        self.names = tuple(f"card {number}" for number, _ in enumerate(self.forms))
        self.is_plugged, self.is_running, self.is_stuck = True, False, False
        self.opened = self.closed = 0

    def __call__(
        self, device: str, second_device: str, deliver: Callable[[int, Block], None], *, has_customer_side: bool
    ) -> "Cards":
        self.asked = device, second_device, has_customer_side
        if not self.is_plugged:
            message = "no stereo input (there: none)"
            raise HardwareError(message)
        self.opened, self.is_running, self.deliver = self.opened + 1, True, deliver
        return self

    def close(self) -> None:
        self.closed += 1
        if self.is_stuck:
            message = "does not close"
            raise HardwareError(message)

    def pull(self) -> None:
        self.is_plugged = self.is_running = False


class Desk:
    """A keeper, its cards and a clock that goes only when told to."""

    def __init__(self, *forms: Form, has_customer_side: bool = True, second: str = "", is_plugged: bool = True) -> None:
        self.ms = 0
        self.cards = Cards(*forms)
        self.cards.is_plugged = is_plugged
        self.came: list[Audio | PartLost | PartFound] = []
        audio = config.Audio(device="codec", second_device=second)
        self.keeper = TapKeeper(
            audio, self.came.append, lambda: self.ms, has_customer_side=has_customer_side, open_tap=self.cards
        )
        self.keeper.turn()

    def passes(self, ms: int) -> None:
        """Time, without audio."""
        for _ in range(ms // 20):
            self.ms += 20
            self.keeper.turn()

    def hears(self, ms: int, pcm: bytes = PCM, *, blocks: int = 1) -> None:
        """Blocks of 20 ms from every card, in time, `blocks` in each."""
        for _ in range(ms // 20):
            self.ms += 20
            for number in range(len(self.cards.forms)):
                for _ in range(blocks):
                    self.cards.deliver(number, Block(pcm=pcm, is_after_loss=False))
                    self.keeper.turn()

    @property
    def facts(self) -> list[tuple[int, str]]:
        """What was lost and found, and when."""
        return [
            (one.at, one.detail if isinstance(one, PartLost) else "found")
            for one in self.came
            if not isinstance(one, Audio)
        ]

    @property
    def heard_ms(self) -> int:
        return sum(len(one.pcm) // 64 for one in self.came if isinstance(one, Audio))


def test_stereo_at_16_khz_comes_through_as_it_is_with_the_time_it_came() -> None:
    desk = Desk()

    desk.hears(40)

    assert desk.came == [
        Audio(at=20, pcm=PCM, is_after_loss=False),
        Audio(at=40, pcm=PCM, is_after_loss=False),
    ]


def test_a_card_that_is_missing_at_the_start_is_lost_and_looked_for_again_and_again() -> None:
    desk = Desk(is_plugged=False)
    desk.passes(20000)
    desk.cards.is_plugged = True
    while not desk.cards.is_running:
        desk.passes(20)
    desk.hears(20)

    assert desk.facts == [(0, "no stereo input (there: none)"), (23520, "found")]


def test_a_card_that_is_pulled_out_is_lost_at_once_and_found_when_it_is_plugged_in_again() -> None:
    desk = Desk()
    desk.hears(30000)
    desk.cards.pull()
    desk.passes(100)
    desk.cards.is_plugged = True
    desk.passes(1000)
    desk.hears(100)

    assert desk.facts == [(30020, "the sound card is gone: unplugged, or its sound server ended"), (31120, "found")]
    assert (desk.cards.opened, desk.cards.closed, desk.heard_ms) == (2, 1, 30100)


@pytest.mark.parametrize("pcm", [None, b""])
def test_a_card_from_which_nothing_comes_for_a_second_is_lost(pcm: bytes | None) -> None:
    desk = Desk()
    desk.hears(30000)

    if pcm is None:
        desk.passes(1200)
    else:
        desk.hears(1200, pcm)

    assert desk.facts == [(31020, "no audio comes from the sound card")]


def test_a_card_that_does_not_let_go_is_looked_for_all_the_same() -> None:
    desk = Desk()
    desk.cards.is_stuck = True
    desk.hears(30000)
    desk.passes(1600)
    desk.hears(40)

    assert [what for _, what in desk.facts] == ["no audio comes from the sound card", "found"]


def test_a_card_that_fails_again_and_again_is_believed_only_after_a_trial() -> None:
    desk = Desk()
    desk.hears(1000)
    desk.cards.is_running = False
    desk.passes(600)
    again_at = desk.ms
    desk.hears(2000)
    heard_on_trial_ms = desk.heard_ms - 1000
    desk.hears(2000)

    lost, found = desk.facts
    assert (lost[0], found[1], 2900 < found[0] - again_at + 100 < 3200, heard_on_trial_ms) == (1020, "found", True, 0)


def test_an_overflow_is_said_with_the_audio_after_it_and_counted() -> None:
    desk = Desk()
    desk.cards.deliver(0, Block(pcm=PCM, is_after_loss=True))
    desk.keeper.turn()
    desk.hears(20)

    assert [one.is_after_loss for one in desk.came if isinstance(one, Audio)] == [True, False]
    assert (desk.facts, desk.keeper.state.overflows) == ([], 1)


def test_a_card_that_floods_is_lost_and_said_so() -> None:
    desk = Desk()
    desk.hears(1000, blocks=8)

    assert [what for _, what in desk.facts] == ["the sound card records at another rate than it says"]


def test_a_card_of_48_khz_is_brought_to_16() -> None:
    desk = Desk(Form(rate_hz=48000, channels=2))
    desk.hears(1000, bytes(960 * 4))

    assert (900 < desk.heard_ms <= 1000, desk.keeper.state.rates_hz) == (True, (48000,))


@pytest.mark.parametrize("channels", [1, 2])
def test_only_the_agents_side_is_left_and_right_is_silence(channels: int) -> None:
    desk = Desk(Form(rate_hz=16000, channels=channels), has_customer_side=False)
    desk.hears(20, b"\x01\x00" * 320 * channels)

    assert (desk.cards.asked, desk.came) == (
        ("codec", "", False),
        [Audio(at=20, pcm=b"\x01\x00\x00\x00" * 320, is_after_loss=False)],
    )


def test_two_mono_cards_are_one_tap() -> None:
    desk = Desk(Form(rate_hz=16000, channels=1), Form(rate_hz=16000, channels=1), second="other")
    desk.hears(1000, b"\x07\x00" * 320)

    audio = [one for one in desk.came if isinstance(one, Audio)]
    assert (desk.cards.asked[:2], desk.heard_ms >= 900) == (("codec", "other"), True)
    assert b"".join(one.pcm for one in audio) == b"\x07\x00\x07\x00" * (desk.heard_ms * 16)


def test_of_two_cards_one_that_stalls_is_enough() -> None:
    desk = Desk(Form(rate_hz=16000, channels=1), Form(rate_hz=16000, channels=1), second="other")
    desk.hears(5000, bytes(640))
    for _ in range(60):
        desk.ms += 20
        desk.cards.deliver(0, Block(pcm=bytes(640), is_after_loss=False))
        desk.keeper.turn()

    assert desk.facts == [(6020, "no audio comes from the sound card")]


def test_a_card_may_take_a_while_to_start_and_not_for_ever() -> None:
    slow, silent = Desk(), Desk()
    slow.passes(3000)
    slow.hears(100)
    silent.passes(4100)

    assert (slow.facts, silent.facts) == ([], [(4020, "no audio comes from the sound card")])


def test_what_is_known_about_the_tap_can_be_asked() -> None:
    desk = Desk()
    desk.hears(70000)
    state = desk.keeper.state

    assert (state.is_lost, state.cards, state.rates_hz, state.drift_ppm) == (False, ("card 0",), (16000,), (0,))


def test_a_side_from_which_only_zeros_come_can_be_asked_for() -> None:
    desk = Desk()
    desk.hears(5000, bytes(4) * 320)
    desk.hears(20000, b"\x01\x00\x00\x00" * 320)
    desk.hears(20)

    agent_ms, customer_ms = desk.keeper.state.zeros_ms
    assert (agent_ms, customer_ms >= 24000) == (0, True)


def test_it_runs_in_a_thread_of_its_own_and_lets_the_card_go() -> None:
    cards, has_heard = Cards(), threading.Event()

    def take(came: Audio | PartLost | PartFound) -> None:
        if isinstance(came, Audio):
            has_heard.set()

    is_open = threading.Event()

    def open_tap(
        device: str, second_device: str, deliver: Callable[[int, Block], None], *, has_customer_side: bool
    ) -> Cards:
        opened = cards(device, second_device, deliver, has_customer_side=has_customer_side)
        is_open.set()
        return opened

    with TapKeeper(config.Audio(), take, lambda: 0, open_tap=open_tap):
        assert is_open.wait(30)
        while not has_heard.wait(0.01):
            cards.deliver(0, Block(pcm=PCM, is_after_loss=False))

    assert (has_heard.is_set(), cards.closed) == (True, 1)


def test_a_lost_part_is_the_tap() -> None:
    desk = Desk()
    desk.hears(30000)
    desk.passes(1200)

    assert desk.came[-1] == PartLost(at=31020, part=Part.TAP, detail="no audio comes from the sound card")
