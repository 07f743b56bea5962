"""What happens at a desk in a week? Calls from morning to evening, nobody at night, and faults all along.

The calls are the scripted ones of the repository, in a seeded order, and waits with consent that are made up here: so
the MUTE key is pressed often. What is drawn follows from the seed alone.
"""

from dataclasses import dataclass
from pathlib import Path
from random import Random

from pi_companion.bench.day import day_station, shifted
from pi_companion.core.facts import Button, Fact, Side, WordsHeard
from pi_companion.session import folder as call
from pi_companion.session.folder import CallFolder, HookEdge, LineEvent, RingEdge
from pi_companion.session.scripted import Speech, hearing
from tests.soak.desk import DAY_MS, WORK_MS, Desk
from tests.soak.faults import faults

CALLS = Path(__file__).parents[1] / "calls"
PAUSES_MS = (15_000, 560_000)
PARTIALS_KEPT = 4
"""One unfinished hypothesis of so many is handed in."""

CONSENTS = 0.3
"""Such a part of the calls are waits with consent, made up here; in each the words are understood."""

NOT_UNDERSTOOD = 0.9
"""In so many of the repository's calls voices are heard and no words: matching words is most of what a day costs."""

FAULT_EVERY_MS = (10_000, 150_000)
NIGHT_FAULT_EVERY_MS = (10 * 60_000, 60 * 60_000)
UPRIGHT_MM = 600
DAY_BLOCK_MS = 400
NIGHT_BLOCK_MS = 800
"""Silence comes in blocks much longer than a card's, and still short enough that none of them is a stall."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What happens on the wires and what is heard, from 0 on."""

    lines: tuple[LineEvent, ...]
    heard: tuple[Fact, ...]
    length_ms: int


def scripted() -> tuple[CallFolder, ...]:
    """Return the calls of the repository that are not recorded."""
    found = [call.load(path.parent) for path in sorted(CALLS.glob("*/call.toml"))]
    return tuple(folder for folder in found if folder.audio is None)


def station_of(folders: tuple[CallFolder, ...]) -> dict[str, object]:
    """Return a desk that has everything any of the calls needs."""
    return day_station(folders) | {"seat_sensor": True, "seat_upright_mm": UPRIGHT_MM, "busy_lamp": True}


def of_folder(folder: CallFolder, *, is_understood: bool) -> Call:
    heard = _thinned(hearing(folder.script, is_understood=is_understood))
    ends = [line.at for line in folder.lines] + [fact.at for fact in heard]
    return Call(lines=folder.lines, heard=heard, length_ms=max(ends) + 1000)


def _thinned(facts: tuple[Fact, ...]) -> tuple[Fact, ...]:
    return tuple(
        fact
        for number, fact in enumerate(facts)
        if not (isinstance(fact, WordsHeard) and not fact.is_final) or number % PARTIALS_KEPT == 0
    )


def wait_with_consent(chance: Random) -> Call:
    """Return a call in which the customer agrees to wait, once or several times, or does not."""
    lines: list[LineEvent] = []
    script: list[Speech] = []
    at = 1000
    for _ in range(chance.randint(1, 6)):
        lines += [RingEdge(at=at, is_active=True), RingEdge(at=at + 1000, is_active=False)]
        at += 5000
    lines.append(HookEdge(at=at, is_off_hook=True))

    def say(side: Side, text: str, pause_ms: int = 600) -> None:
        nonlocal at
        began = at + pause_ms
        at = began + 200 * len(text)
        script.append(Speech(side=side, began=began, ended=at, text=text))

    say(Side.AGENT, "您好电脑中心小李为您服务")
    say(Side.CUSTOMER, "我的邮箱打不开了")
    for _ in range(chance.randint(1, 2)):
        say(Side.AGENT, "请您稍等不要挂机帮您咨询一下好吗")
        say(Side.CUSTOMER, chance.choice(("好的", "好的", "好的", "可以", "不行")))
        at += chance.choice((2000, 8000, 20_000, 45_000, 100_000))
        if chance.random() < 0.3:
            lines.append(call.ButtonPress(at=at, button=Button.RESUME))
        say(Side.AGENT, "抱歉让您久等了请您重新登录一次", 2500)
        say(Side.CUSTOMER, "可以了")
    say(Side.AGENT, "谢谢您的来电再见")
    at += chance.choice((0, 500, 2000))
    lines.append(HookEdge(at=at, is_off_hook=False))
    return Call(lines=tuple(lines), heard=_thinned(hearing(tuple(script))), length_ms=at + 1000)


class Director:
    """Has everything happen at a desk: each thing arranges the next."""

    def __init__(self, desk: Desk, folders: tuple[CallFolder, ...]) -> None:
        self._desk, self._chance = desk, desk.chance
        self._folders = folders
        self._in_turn: list[CallFolder] = []
        self.is_in_call_until = 0
        self._faults = faults(desk)
        self._fault_names = sorted(self._faults)

    def begin(self) -> None:
        desk = self._desk
        desk.seat.distance_mm = UPRIGHT_MM
        desk.block_ms = DAY_BLOCK_MS
        desk.at(3000, self._next_call)
        desk.at(20_000, self._next_fault)
        desk.at(WORK_MS, self._evening)

    def _evening(self) -> None:
        desk = self._desk
        desk.seat.distance_mm = None
        desk.block_ms = NIGHT_BLOCK_MS
        morning = desk.now - WORK_MS + DAY_MS
        desk.at(morning, self._morning)

    def _morning(self) -> None:
        desk = self._desk
        desk.seat.distance_mm = UPRIGHT_MM
        desk.block_ms = DAY_BLOCK_MS
        desk.after(WORK_MS, self._evening)
        desk.after(3000, self._next_call)

    # Calls

    def _next_call(self) -> None:
        desk, chance = self._desk, self._chance
        one = self._draw()
        if desk.now % DAY_MS + one.length_ms > WORK_MS:
            return  # the next morning begins anew
        desk.judge.tally.counts["calls"] += sum(isinstance(line, HookEdge) and line.is_off_hook for line in one.lines)
        began = desk.now
        for line in one.lines:
            desk.at(began + line.at, lambda line=line: self._do(line))  # type: ignore[misc]  # bound now
        desk.say(shifted(fact, began) for fact in one.heard)
        self.is_in_call_until = began + one.length_ms
        desk.at(self.is_in_call_until, self._tidy)
        pause_ms = 1000 * chance.randrange(PAUSES_MS[0] // 1000, PAUSES_MS[1] // 1000 + 1)
        desk.at(self.is_in_call_until + pause_ms, self._next_call)

    def _draw(self) -> Call:
        chance = self._chance
        if chance.random() < CONSENTS:
            return wait_with_consent(chance)
        if not self._in_turn:
            self._in_turn = chance.sample(self._folders, len(self._folders))
        return of_folder(self._in_turn.pop(), is_understood=chance.random() > NOT_UNDERSTOOD)

    def _tidy(self) -> None:
        """A call is over, whatever a fault made of it."""
        desk = self._desk
        if desk.phone.is_ringing:
            desk.phone.ring(desk.now, on=False)
        if desk.phone.is_off_hook:
            desk.phone.hook(desk.now, off_hook=False)
        if desk.phone.is_busy_lamp_lit:
            desk.phone.busy_lamp(desk.now, is_lit=False)
        desk.seat.distance_mm = UPRIGHT_MM

    def _do(self, line: LineEvent) -> None:
        desk = self._desk
        match line:
            case RingEdge():
                desk.phone.ring(desk.now, on=line.is_active)
            case HookEdge():
                desk.phone.hook(desk.now, off_hook=line.is_off_hook)
            case call.PhoneMuteKey(is_pressed=True):
                desk.phone.own_mute_key(desk.now)
            case call.ButtonPress():
                desk.board.press(line.button)
            case call.BusyLampEdge():
                desk.phone.busy_lamp(desk.now, is_lit=line.is_lit)
            case call.SeatReading():
                desk.seat.distance_mm = line.distance_mm
            case _:
                pass

    # Faults

    def _next_fault(self) -> None:
        desk, chance = self._desk, self._chance
        least, most = FAULT_EVERY_MS if desk.is_at_work else NIGHT_FAULT_EVERY_MS
        desk.after(chance.randint(least, most), self._next_fault)
        name = chance.choice(self._fault_names)
        desk.judge.tally.counts[f"fault: {name}"] += 1
        self._faults[name]()
