"""What the stream tells about the MUTE key: presses, consents, and claims that nothing proved."""

from typing import Any

import pytest

from pi_companion.session.mutescore import MuteScore, score_mute

Event = dict[str, Any]


def event(at: int, kind: str, **fields: object) -> Event:
    return {"at": at, "kind": kind, **fields}


def hold(at: int, state: str) -> Event:
    return event(at, "hold", state=state)


def mute(at: int, state: str, shown: str = "") -> Event:
    return event(at, "mute", state=state, shown=shown)


def press(at: int) -> Event:
    return event(at, "mute_key", action="press")


def test_a_consultation_by_the_book_presses_twice_with_consent() -> None:
    stream = [
        mute(0, "live"),
        hold(1000, "consented"),
        press(1000),
        mute(1000, "pressing"),
        mute(1060, "muted", "已静音"),
        hold(1060, "began"),
        press(9000),
        mute(9000, "pressing"),
        hold(9000, "ended"),
        mute(9060, "live"),
    ]

    assert score_mute(stream) == MuteScore(presses=2)


def test_a_press_before_consent_is_counted() -> None:
    stream = [mute(0, "live"), press(900), mute(900, "pressing"), hold(1000, "consented"), mute(1060, "muted")]

    assert score_mute(stream) == MuteScore(presses=1, presses_without_consent=1)


@pytest.mark.parametrize(
    "closing",
    [hold(5000, "refused"), hold(5000, "ended"), event(5000, "line_state", state="wrap_up")],
    ids=lambda closing: closing.get("state"),
)
def test_a_consent_does_not_outlive_its_hold(closing: Event) -> None:
    stream = [hold(1000, "consented"), mute(1060, "muted"), mute(4000, "live"), closing, press(6000)]

    assert score_mute(stream) == MuteScore(presses=1, presses_without_consent=1)


@pytest.mark.parametrize(("state", "shown"), [("muted", "已静音"), ("unknown", "静音?")])
def test_giving_the_voice_back_needs_no_consent(state: str, shown: str) -> None:
    stream = [mute(0, state, shown), press(1000)]

    assert score_mute(stream) == MuteScore(presses=1)


def test_a_second_press_for_the_same_wish_is_a_retry() -> None:
    stream = [
        mute(0, "live"),
        hold(1000, "consented"),
        press(1000),
        mute(1000, "pressing"),
        press(1600),
        mute(1660, "muted"),
    ]

    assert score_mute(stream) == MuteScore(presses=2, retries=1)


def test_a_first_press_that_had_to_wait_is_no_retry() -> None:
    stream = [mute(0, "muted"), mute(1000, "pressing"), press(1100), mute(1160, "live")]

    assert score_mute(stream) == MuteScore(presses=1)


@pytest.mark.parametrize(
    "claim",
    [
        event(2000, "screen", name="muted", lines=[]),
        event(2000, "leds", green="off", amber="off", red="off", mute="on"),
        mute(2000, "disputed", "已静音"),
    ],
    ids=["screen", "light", "text"],
)
def test_a_claim_of_muted_without_proof_is_timed(claim: Event) -> None:
    stream = [
        mute(0, "muted", "已静音"),
        mute(1000, "live"),
        claim,
        event(2750, "level"),
        mute(3000, "muted", "已静音"),
    ]

    assert score_mute(stream) == MuteScore(falsely_shown_ms=1000)


def test_a_claim_put_right_in_the_same_millisecond_was_never_shown() -> None:
    stream = [
        event(1000, "screen", name="muted", lines=[]),
        mute(1000, "muted", "已静音"),
        event(5000, "leds", mute="blink_fast"),
        mute(9000, "live"),
        event(9000, "screen", name="in_call", lines=[]),
        event(9999, "level"),
    ]

    assert score_mute(stream) == MuteScore()


@pytest.mark.parametrize(
    "after", [hold(9000, "ended"), hold(9000, "consented"), event(9000, "line_state", state="wrap_up")]
)
def test_a_consent_that_never_led_to_mute_is_counted(after: Event) -> None:
    stream = [mute(0, "live"), hold(1000, "consented"), mute(2000, "disputed", "静音?"), after, mute(9500, "muted")]

    assert score_mute(stream) == MuteScore(holds_not_muted=1)


def test_a_consent_at_the_end_of_the_stream_is_counted_too() -> None:
    assert score_mute([hold(1000, "consented")]) == MuteScore(holds_not_muted=1)


def test_a_consent_taken_back_owes_no_mute() -> None:
    assert score_mute([hold(1000, "consented"), hold(1200, "refused")]) == MuteScore()


def test_a_phone_that_was_muted_already_is_muted() -> None:
    assert score_mute([mute(0, "muted"), hold(1000, "consented"), hold(9000, "ended")]) == MuteScore()
