"""What does a person see of a replayed call? The desk in a terminal: OLED, LEDs, MUTE key and lamp, who talks, why.

On a terminal the picture is redrawn in place; in a pipe only the lines are printed, without colours.
"""

from collections import deque
from types import TracebackType
from typing import Final, Self

from PIL import Image
from rich.columns import Columns
from rich.console import Console, Group
from rich.live import Live
from rich.panel import Panel
from rich.text import Text

from pi_companion.adapters.draw import draw
from pi_companion.core import effects as e
from pi_companion.core.facts import Fact, MuteLampChanged, Side, TalkSpurtBegan, TalkSpurtEnded, WordsHeard
from pi_companion.core.screens import minutes
from pi_companion.core.states import Light, ScreenName
from pi_companion.session.codec import Encoder, Event

_LOG_LINES: Final = 12
_BLANK: Final = Image.new("1", (128, 64))
_LED_STYLES: Final = {"green": "green3", "amber": "orange1", "red": "red1", "mute": "deep_sky_blue1"}
_BRAILLE_BITS: Final = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))


def braille(picture: Image.Image) -> str:
    """Return a 1-bit picture as text, two by four pixels a character: 128x64 become 16 lines of 64."""
    lit = picture.load()
    if lit is None:
        return ""
    rows = []
    for top in range(0, picture.height, 4):
        row = ""
        for left in range(0, picture.width, 2):
            bits = sum(_BRAILLE_BITS[dy][dx] for dy in range(4) for dx in range(2) if lit[left + dx, top + dy])
            row += chr(0x2800 + bits)
        rows.append(row)
    return "\n".join(rows)


def explain(event: Event) -> str | None:
    """Return an event as a line for people, or None if the picture shows it anyway."""
    match event["kind"]:
        case "ring":
            return f"ring {event['count']}"
        case "answered":
            return f"answered after {event['rings']} ring(s), {event['after_ms'] / 1000:.1f} s"
        case "missed":
            return f"missed after {event['rings']} rings"
        case "outbound":
            return "picked up without a ring: an outbound call"
        case "empty_seat_rang":
            return f"it rings at an empty seat, {event['count']} call(s) so far"
        case "cadence":
            every = f"every {event['period_ms'] / 1000:.1f} s" if event["period_ms"] else "without a pause"
            return f"this phone rings {every}"
        case "barge_in":
            return f"the {event['by']} talks over the other, {event['overlap_ms'] / 1000:.1f} s"
        case "dead_air" | "monologue":
            what = "nobody has talked" if event["kind"] == "dead_air" else "the customer has talked on"
            return f"{what} for {event['for_ms'] / 1000:.0f} s"
        case "posture":
            return f"the seat: {event['state']}"
        case "intonation":
            return f"the agent's pitch reaches over {event['span_semitones']} semitones"
        case "noted":
            return f"noted {event['rule']} from the {event['side']}: {event['phrase']}"
        case "phrase":
            who = "agent" if event["side"] == "agent" else "customer"
            after_ms = event["at"] - event["ended"]
            return (
                f"heard {event['rule']} from the {who}: {event['phrase']}  (score {event['score']:.2f}, {after_ms} ms)"
            )
        case "nudge":
            return f"NUDGE {event['rule']}: {event['text']}"
        case "withheld":
            return f"no nudge for {event['rule']}: {_REASONS[event['reason']]}"
        case "cue":
            return f"shown for {event['rule']}: {event['text']}"
        case "mute_key":
            return "MUTE contact closes" if event["action"] == "press" else "MUTE contact opens"
        case "mute":
            return f"mute is {event['state']}, shown as {event['shown'] or 'nothing'}"
        case "hold":
            waited = f" after {event['for_ms'] / 1000:.0f} s" if "for_ms" in event else ""
            return f"hold {event['state']}{waited}"
        case "fault":
            return f"FAULT {event['part']}: {event['detail']}"
        case "recovered":
            return f"{event['part']} is back"
        case "call_card":
            return "call card: " + ", ".join(f"{name} {value}" for name, value in event.items() if name not in _COMMON)
        case _:
            return None


_COMMON: Final = {"at", "kind"}
_REASONS: Final = {
    "budget": "one new nudge a minute",
    "refractory": "the same rule spoke up a short while ago",
    "covered": "something else holds the screen",
    "outranked": "another rule is worth more",
    "superseded": "the same rule has something newer to say",
    "call_began": "a call began first",
    "call_over": "the call ended first",
}


class DemoView:
    """Shows a replay. A performer of effects and a watcher of facts; use it as a context manager."""

    def __init__(self, console: Console, title: str, *, oled_title: str = "OLED 128x64") -> None:
        self._console = console
        self._title, self._oled_title = title, oled_title
        self._encoder = Encoder()
        self._log: deque[Text] = deque(maxlen=_LOG_LINES)
        self._picture = _BLANK
        self._card: Image.Image | None = None
        self._lights = dict.fromkeys(_LED_STYLES, Light.OFF)
        self._mute, self._key, self._lamp = "unknown", "open", "not read yet"
        self._talking: set[Side] = set()
        self._hearing = dict.fromkeys(Side, "")
        self._at = 0
        self._live = Live(console=console, auto_refresh=False, transient=False) if console.is_terminal else None

    def __enter__(self) -> Self:
        if self._live is not None:
            self._live.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live is not None:
            # What stays on the terminal is the call card, not the idle screen after it.
            self._picture = self._card or self._picture
            self._refresh()
            self._live.__exit__(kind, error, trace)

    def perform(self, effect: e.Effect) -> None:
        """Show an effect."""
        self._at = effect.at
        match effect:
            case e.ShowScreen():
                self._picture = draw(effect.screen)
                if effect.screen.name is ScreenName.CALL_CARD:
                    self._card = self._picture
            case e.SetLeds():
                self._lights = {name: getattr(effect, name) for name in _LED_STYLES}
            case e.PressMute():
                self._key = "closed"
            case e.ReleaseMute():
                self._key = "open"
            case e.MuteChanged():
                self._mute = str(effect.state)
            case _:
                pass
        event = self._encoder.encode(effect)
        said = explain(event) if event else None
        if said:
            self._say(said, style="bold yellow" if isinstance(effect, e.NudgeShown) else "")
        self._refresh()

    def watch(self, fact: Fact) -> None:
        """Show who talks, what is recognised of it, and the phone's lamp."""
        match fact:
            case MuteLampChanged():
                self._lamp = "● lit" if fact.is_lit else "○ dark"
            case TalkSpurtBegan():
                self._talking.add(fact.side)
            case TalkSpurtEnded():
                self._talking.discard(fact.side)
            case WordsHeard():
                self._hearing[fact.side] = "".join(word.text for word in fact.words) or self._hearing[fact.side]
                if fact.is_final and fact.words:
                    self._at = fact.at
                    self._say(f"{fact.side}: {self._hearing[fact.side]}", style="dim")
            case _:
                return
        self._refresh()

    def card_picture(self) -> str:
        """Return the last call card as text, for a pipe's last lines; the last picture if there was no call."""
        return braille(self._card or self._picture)

    def _say(self, text: str, style: str) -> None:
        line = Text(
            f"{minutes(self._at)}.{self._at // 100 % 10}  {text}", style=style, no_wrap=True, overflow="ellipsis"
        )
        self._log.append(line)
        if self._live is None:
            self._console.print(line, soft_wrap=True)

    def _refresh(self) -> None:
        if self._live is not None:
            self._live.update(self._draw(), refresh=True)

    def _draw(self) -> Group:
        oled = Panel(Text(braille(self._picture), style="bright_cyan"), title=self._oled_title, expand=False)
        leds = Text("LEDs   ")
        for name, style in _LED_STYLES.items():
            light = self._lights[name]
            mark = {Light.OFF: "○", Light.ON: "●", Light.BLINK: "◐", Light.BLINK_FAST: "◑"}[light]
            leds.append(f"{mark} {name}  ", style=style if light is not Light.OFF else "dim")
        side = Group(
            Text(f"time   {minutes(self._at)}"),
            leds,
            Text(f"MUTE   contact {self._key}, lamp {self._lamp}"),
            Text(f"       so the microphone is {self._mute}"),
            *(self._talk(side) for side in Side),
        )
        return Group(Text(self._title, style="bold"), Columns([oled, Panel(side, title="desk")]), *self._log)

    def _talk(self, side: Side) -> Text:
        is_talking = side in self._talking
        bar = "▮▮▮▮▮▮" if is_talking else "······"
        return Text(f"{side:<9}{bar} {self._hearing[side] if is_talking else ''}", no_wrap=True, overflow="ellipsis")
