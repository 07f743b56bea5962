"""What truly happened in a call? The objects of expected.jsonl, checked; `session/score.py` judges a stream by them.

Law 2: every time is an integer of milliseconds since the session began.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from pi_companion.core.facts import Side
from pi_companion.core.states import HoldState, MuteState
from pi_companion.session import shapes
from pi_companion.session.shapes import MS, TEXT, WHOLE, Record, Shape

_SIDE: Final = shapes.one_of(tuple(Side))
_SPAN: Final = {"side": _SIDE, "began": MS, "ended": MS}
_TRUTHS: Final[Mapping[str, Shape]] = {
    kind: Shape(required={"at": MS, "kind": TEXT, **required}, optional=optional)
    for kind, required, optional in (
        ("ring", {"count": WHOLE}, {}),
        ("answered", {"rings": WHOLE}, {"after_ms": WHOLE}),
        ("missed", {"rings": WHOLE}, {}),
        ("outbound", {}, {}),
        ("phrase", {"rule": TEXT, **_SPAN}, {"phrase": TEXT}),
        ("barge_in", {"by": _SIDE}, {"overlap_ms": WHOLE, "began": MS, "ended": MS}),
        ("hold", {"state": shapes.one_of(tuple(HoldState))}, {"for_ms": WHOLE}),
        ("mute", {"state": shapes.one_of(tuple(MuteState))}, {"shown": TEXT}),
        ("nudge", {"rule": TEXT}, {"text": TEXT, "began": MS, "ended": MS}),
        ("turn", {**_SPAN, "chars": WHOLE}, {"text": TEXT}),
    )
}


def read_truth(text: str | None, complaints: list[str]) -> tuple[Record, ...]:
    """Return the objects of an expected.jsonl in their order; what is wrong with one goes to `complaints`."""

    def complain(number: int, what: str) -> None:
        complaints.append(f"expected.jsonl line {number}: {what}")

    truth: list[Record] = []
    for number, record in shapes.objects(text or "", complain):
        if len(complaints) > shapes.MOST_COMPLAINTS:
            break
        kind = record.get("kind")
        if not isinstance(kind, str) or kind not in _TRUTHS:
            found = f"unknown kind {shapes.shown(kind)}" if "kind" in record else 'no "kind"'
            complain(number, f"{found}{shapes.suggestion(kind, _TRUTHS)}")
            continue
        wrong = list(shapes.differences(record, _TRUTHS[kind]))
        began, ended = record.get("began"), record.get("ended")
        if shapes.is_whole(began) and shapes.is_whole(ended) and ended < began:
            wrong.append(f'"ended" is {ended}, before "began" {began}; allowed: {began} or later')
        for what in wrong:
            complain(number, what)
        truth.append(MappingProxyType(dict(record)))
    return tuple(truth)
