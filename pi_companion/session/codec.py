"""How is an effect written down? One JSON object a line; names and order of fields are a contract.

Contract: the event stream of `README.md`. Every effect has one kind, or none: requests that repeat what is
reported elsewhere (a renewed lease) are not written. Law 9: recognised words are not effects and cannot be.
"""

import json
from typing import Any

from pi_companion.core import effects as e
from pi_companion.core.leds import DARK, Lights

FORMAT = 1

Event = dict[str, Any]


def line(event: Event) -> str:
    """Return the event as its line, without the line feed; the same event always gives the same bytes."""
    return json.dumps(event, ensure_ascii=False, separators=(",", ":"))


class Encoder:
    """Turns effects into events; remembers the LEDs so that a renewed lease is not reported again."""

    def __init__(self) -> None:
        self._lights = DARK

    def encode(self, effect: e.Effect) -> Event | None:
        """Return the event of an effect, or None if it has nothing new to report."""
        if isinstance(effect, e.SetLeds):
            lights = Lights(effect.green, effect.amber, effect.red, effect.mute)
            if lights == self._lights:
                return None
            self._lights = lights
        kind, fields = _describe(effect)
        return {"at": effect.at, "kind": kind, **fields}


def _describe(effect: e.Effect) -> tuple[str, Event]:
    match effect:
        case e.SetLeds():
            return "leds", {name: str(getattr(effect, name)) for name in Lights._fields}
        case e.ShowScreen():
            return "screen", {"name": str(effect.screen.name), "lines": list(effect.screen.lines)}
        case e.PressMute():
            return "mute_key", {"action": "press"}
        case e.ReleaseMute():
            return "mute_key", {"action": "release"}
        case e.RingCounted():
            return "ring", {"count": effect.count}
        case e.CallAnswered():
            return "answered", {"rings": effect.rings, "after_ms": effect.after_ms}
        case e.CallMissed():
            return "missed", {"rings": effect.rings}
        case e.CadenceLearned():
            return "cadence", {"period_ms": effect.period_ms}
        case e.EmptySeatRang():
            return "empty_seat_rang", {"count": effect.count}
        case e.SetPanel():
            return "panel", {"brightness_pct": effect.brightness_pct, "shift": list(effect.shift)}
        case e.BargedIn():
            return "barge_in", {"by": str(effect.by), "overlap_ms": effect.overlap_ms}
        case e.DeadAirReached():
            return "dead_air", {"for_ms": effect.for_ms}
        case e.MonologueReached():
            return "monologue", {"for_ms": effect.for_ms}
        case e.IntonationMeasured():
            return "intonation", {"span_semitones": effect.span_tenths / 10, "over_ms": effect.over_ms}
        case e.PostureChanged():
            return "posture", {"state": str(effect.state)}
        case e.OutboundBegan():
            return "outbound", {}
        case e.LineStateChanged():
            return "line_state", {"state": str(effect.state)}
        case e.SpurtReported():
            return "spurt", {"side": str(effect.side), "began": effect.began, "ended": effect.ended}
        case e.PhraseSpotted():
            return "phrase", {
                "rule": effect.rule,
                "side": str(effect.side),
                "phrase": effect.phrase,
                "began": effect.began,
                "ended": effect.ended,
                "score": effect.score_pm / 1000,
            }
        case e.PhraseNoted():
            return "noted", {
                "rule": effect.rule,
                "side": str(effect.side),
                "phrase": effect.phrase,
                "began": effect.began,
                "ended": effect.ended,
            }
        case e.PaceMeasured():
            return "pace", {
                "chars_per_min": effect.chars_per_min,
                "over_ms": effect.over_ms,
                "rate": str(effect.rate),
            }
        case e.LevelMeasured():
            return "level", {"agent_dbfs": effect.agent_dbfs, "customer_dbfs": effect.customer_dbfs}
        case e.NudgeShown():
            return "nudge", {"rule": effect.rule, "text": effect.text}
        case e.NudgeWithheld():
            return "withheld", {"rule": effect.rule, "reason": effect.reason}
        case e.CueShown():
            return "cue", {"rule": effect.rule, "text": effect.text}
        case e.MuteChanged():
            return "mute", {"state": str(effect.state), "shown": effect.shown}
        case e.HoldChanged():
            waited = {} if effect.for_ms is None else {"for_ms": effect.for_ms}
            return "hold", {"state": str(effect.state), **waited}
        case e.FaultRaised():
            return "fault", {"part": str(effect.part), "detail": effect.detail}
        case e.FaultCleared():
            return "recovered", {"part": str(effect.part), "detail": effect.detail}
        case e.CallCard():
            return "call_card", {
                name: getattr(effect, name)
                for name in (
                    "rings",
                    "talk_ms",
                    "hold_ms",
                    "chars_per_min",
                    "taboo",
                    "opening",
                    "closing",
                    "apology_due",
                    "apology_given",
                    "hold_apology_due",
                    "hold_apology_given",
                    "wish",
                    "customer_hung_up_first",
                    "steps_missed",
                    "well",
                    "improve",
                )
            }
        case _:
            message = f"no event for {type(effect).__name__}"
            raise TypeError(message)
