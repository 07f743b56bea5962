"""Short answers on the real ear and the real companion: nobody who has not agreed presses; slow, so a part of them."""

from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from pi_companion.core.facts import Side
from pi_companion.core.settings import Pack
from pi_companion.evaluation.answers import WAYS, Clip, Confusion, Did, Meant, Way, confusion, load, silences
from pi_companion.packs import load_pack
from pi_companion.speech import grammar, models
from pi_companion.speech.ear import Recogniser
from pi_companion.speech.vosk_recogniser import load as load_model

ANSWERS: Final = Path(__file__).parents[1] / "answers"
VOICES: Final = {"zf_xiaoxiao", "zm_yunxia", "zm_yunyang"}
LEAST_PRESSED: Final = 13  # of 36; nine of them are single syllables, which are always asked about


@pytest.fixture(scope="module")
def model() -> Any:  # noqa: ANN401 - vosk publishes no types
    return load_model(models.bundled().path or Path())


@cache
def pack() -> Pack:
    return load_pack(None, names={"agent_name": "小李"})


@cache
def clips() -> tuple[Clip, ...]:
    return load(ANSWERS)


def measured(model: Any, some: tuple[Clip, ...], way: Way) -> Confusion:  # noqa: ANN401 - vosk publishes no types
    def recogniser() -> Recogniser:
        return grammar.recogniser(model, models.bundled().path or Path(), pack(), Side.CUSTOMER)

    return confusion(some, way, recogniser, pack())


@pytest.fixture(scope="module")
def as_recorded(model: Any) -> Confusion:  # noqa: ANN401 - vosk publishes no types
    return measured(model, (*(clip for clip in clips() if clip.voice in VOICES), *silences()), WAYS[0])


def test_nobody_who_has_not_agreed_presses(as_recorded: Confusion) -> None:
    assert {meant: as_recorded.get((meant, Did.PRESSED), 0) for meant in Meant if meant is not Meant.CONSENT} == {
        Meant.REFUSAL: 0,
        Meant.NEITHER: 0,
        Meant.SILENCE: 0,
    }


def test_every_consent_presses_or_is_asked_about(as_recorded: Confusion) -> None:
    pressed, asked = (as_recorded.get((Meant.CONSENT, did), 0) for did in (Did.PRESSED, Did.ASKED))
    assert (pressed + asked, pressed >= LEAST_PRESSED) == (36, True)


def test_a_refusal_that_lost_its_start_to_the_agents_voice_does_not_press(model: Any) -> None:  # noqa: ANN401 - as above
    cut = next(way for way in WAYS if way.after_ms == 200 and way.lost_ms == 200)
    refusals = tuple(clip for clip in clips() if clip.text in {"不可以", "不行", "不好"})
    assert measured(model, refusals, cut).get((Meant.REFUSAL, Did.PRESSED), 0) == 0


def test_the_clips_are_what_their_table_says() -> None:
    counts = {meant: sum(clip.meant is meant for clip in clips()) for meant in Meant}
    assert counts == {Meant.CONSENT: 72, Meant.REFUSAL: 72, Meant.NEITHER: 60, Meant.SILENCE: 0}
    assert all(0 < clip.began < clip.ended <= len(clip.samples) // 16 for clip in clips())
