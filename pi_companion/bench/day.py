"""How does a working day go? Sixty calls and more as one session on one device, and the figures of its arbiter.

    python -m pi_companion.bench.day [--calls 60] [--seed 1]

Each call is heard once by the real recogniser; what was heard is kept in memory only (law 9) and played again, shifted
in time, with its wires and faults, in an order and with pauses that follow from the seed. So the day takes seconds.
"""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Any, Final

import typer
from rich.console import Console
from rich.progress import Progress

import pi_companion
from pi_companion import config
from pi_companion.bench.calls import bundled_calls
from pi_companion.bench.ledger import Ledger, report
from pi_companion.core.account import Account
from pi_companion.core.companion import Companion
from pi_companion.core.effects import Effect, PressMute
from pi_companion.core.facts import (
    BusyToneHeard,
    Fact,
    TalkSpurtBegan,
    TalkSpurtEnded,
    Word,
    WordsHeard,
)
from pi_companion.core.settings import Pack, Station
from pi_companion.session import folder as call
from pi_companion.session.folder import CallFolder, FaultWindow, LineEvent, PhoneSettings, SeatReading
from pi_companion.session.replay import Device, replay
from pi_companion.speech import models, vosk_recogniser

BEGAN: Final = datetime(2026, 11, 20, 8, 30, tzinfo=timezone(timedelta(hours=8)))
"""A Friday morning."""

PAUSES_MS: Final = (15000, 600000)
"""The shortest and the longest time between two calls, as whole seconds are drawn."""

_COUNTED: Final = ("ignores_press", "double_toggle", "late_press")
_RINGING_OVER_MS: Final = 6600


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """A call that was heard: `facts` of both ears, its length, and how often the device pressed MUTE in it."""

    folder: CallFolder
    facts: tuple[Fact, ...]
    length_ms: int
    presses: int
    calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A day to be replayed: one folder without audio, and what is heard in it."""

    folder: CallFolder
    heard: tuple[Fact, ...]


def day_station(folders: Iterable[CallFolder]) -> dict[str, Any]:
    """Return one desk that has everything that any of the calls needs."""
    station: dict[str, Any] = {}
    for folder in folders:
        station |= folder.station
    return station


def hear(folder: CallFolder, device: Device, station: dict[str, Any]) -> Heard:
    """Replay a call once and keep what its ears gave."""
    facts: list[Fact] = []
    presses = 0

    def watch(fact: Fact) -> None:
        if isinstance(fact, TalkSpurtBegan | WordsHeard | TalkSpurtEnded | BusyToneHeard):
            facts.append(_with_second(fact) if folder.script else fact)

    def perform(effect: Effect) -> None:
        nonlocal presses
        presses += isinstance(effect, PressMute)

    here = replace(folder, station=MappingProxyType(station))
    length_ms = replay(here, device, lambda _event: None, performers=[perform], watchers=[watch])
    return Heard(folder=folder, facts=tuple(facts), length_ms=length_ms, presses=presses, calls=_calls(folder.lines))


def _with_second(fact: Fact) -> Fact:
    """Return it as if a second recogniser had heard the same: a device that has one waits for it in every call."""
    if isinstance(fact, WordsHeard) and fact.words:
        return replace(fact, second=(fact.words,))
    return fact


def _calls(lines: Iterable[LineEvent]) -> int:
    """Return how many calls there are: answered, made, or missed."""
    calls, rang_at = 0, None
    for line in lines:
        if rang_at is not None and line.at - rang_at > _RINGING_OVER_MS:
            calls, rang_at = calls + 1, None
        match line:
            case call.RingEdge(is_active=True):
                rang_at = line.at
            case call.HookEdge(is_off_hook=True):
                calls, rang_at = calls + 1, None
            case _:
                pass
    return calls + (rang_at is not None)


def compose(heard: Sequence[Heard], station: dict[str, Any], *, calls: int, seed: int) -> Day:
    """Return a day of at least so many calls, every folder as often as any other, give or take one."""
    chance = random.Random(seed)  # noqa: S311 - an order, not a secret
    lines: list[LineEvent] = []
    faults: list[FaultWindow] = []
    facts: list[Fact] = []
    of_phone: list[str] = []
    upright_mm: int = station.get("seat_upright_mm", 0)
    now = presses = done = 0
    for one in _in_turn(heard, chance):
        if done >= calls:
            break
        over = now + one.length_ms
        seated = [SeatReading(at=at, distance_mm=upright_mm) for at in (now, over) if upright_mm]
        lines += [*seated[:1], *(replace(line, at=line.at + now) for line in one.folder.lines), *seated[1:]]
        faults += [
            replace(window, at=window.at + now, until=over if window.until is None else window.until + now)
            for window in one.folder.faults
        ]
        facts += [shifted(fact, now) for fact in one.facts]
        of_phone += [_shifted_fault(fault, presses, now) for fault in one.folder.phone.faults]
        presses, done = presses + one.presses, done + one.calls
        now = over + 1000 * chance.randrange(PAUSES_MS[0] // 1000, PAUSES_MS[1] // 1000 + 1)
    phones = [one.folder.phone for one in heard]
    folder = CallFolder(
        path=Path("day"),
        title=f"{done} calls in a seeded order",
        began=BEGAN,
        licence="",
        station=MappingProxyType(station),
        limits=MappingProxyType({}),
        phone=PhoneSettings(
            mute_lamp=all(phone.mute_lamp for phone in phones),
            key_delay_ms=max((phone.key_delay_ms for phone in phones), default=60),
            faults=tuple(of_phone),
        ),
        lines=tuple(sorted(lines, key=lambda line: line.at)),
        faults=tuple(faults),
        audio=None,
        truth=None,
    )
    return Day(folder=folder, heard=tuple(facts))


def _in_turn(heard: Sequence[Heard], chance: random.Random) -> Iterator[Heard]:
    while heard:
        yield from chance.sample(heard, len(heard))


def shifted(fact: Fact, by_ms: int) -> Fact:
    """Return what was heard as if it had been heard so much later."""

    def words(before: tuple[Word, ...]) -> tuple[Word, ...]:
        return tuple(replace(word, began=word.began + by_ms, ended=word.ended + by_ms) for word in before)

    match fact:
        case TalkSpurtEnded():
            return replace(fact, at=fact.at + by_ms, began=fact.began + by_ms, ended=fact.ended + by_ms)
        case TalkSpurtBegan() | BusyToneHeard():
            return replace(fact, at=fact.at + by_ms, began=fact.began + by_ms)
        case WordsHeard():
            second = tuple(words(hypothesis) for hypothesis in fact.second)
            return replace(fact, at=fact.at + by_ms, words=words(fact.words), second=second)
        case _:
            return replace(fact, at=fact.at + by_ms)


def _shifted_fault(fault: str, presses: int, by_ms: int) -> str:
    name, mark, when = fault.partition("@")
    number, plus, lasting = when.partition("+")
    return f"{name}@{int(number) + (presses if name in _COUNTED else by_ms)}{plus}{lasting}" if mark else fault


def live(day: Day, device: Device) -> tuple[Ledger, Account]:
    """Live through a day; return its figures, and the arbiter's own account."""
    ledger, companions = Ledger(), list[Companion]()

    def new_companion(pack: Pack, station: Station) -> Companion:
        companions.append(Companion(pack, station))
        return companions[0]

    length_ms = replay(
        day.folder,
        device,
        lambda _event: None,
        heard=day.heard,
        performers=[ledger.take],
        new_mind=new_companion,
    )
    ledger.end(length_ms)
    return ledger, companions[0].account


def repository_calls() -> list[Path]:
    """Return the folders of the bundled calls and, in a checkout, those of the tests."""
    beside = Path(pi_companion.__file__).parents[1] / "tests" / "calls"
    return sorted((*bundled_calls(), *(file.parent for file in beside.glob("*/call.toml"))), key=lambda path: path.name)


def main(
    calls: Annotated[int, typer.Option(help="At least so many calls.", min=1)] = 60,
    seed: Annotated[int, typer.Option(help="Another seed, another order and other pauses.")] = 1,
) -> None:
    """Replay a working day on the simulated phone and print what the arbiter made of it."""
    err = Console(stderr=True)
    chosen = models.resolve(None, None)
    models.check(chosen.path)
    device = Device(site=config.Site(), model=chosen, loaded=vosk_recogniser.load(chosen.path))
    folders = [call.load(path) for path in repository_calls()]
    station = day_station(folders)
    with Progress(console=err, transient=True) as progress:
        heard = [hear(folder, device, station) for folder in progress.track(folders, description="hearing each call")]
        day = compose(heard, station, calls=calls, seed=seed)
        waiting = progress.add_task(f"living through {day.folder.title}", total=None)
        ledger, account = live(day, device)
        progress.remove_task(waiting)
    Console().print(report(ledger, account, day.folder.title))


if __name__ == "__main__":
    typer.run(main)
