"""What can go wrong at a desk, the phone apart? Each fault ends by itself, and says when its part works again.

What is drawn follows from the desk's seed alone.
"""

from collections.abc import Callable
from datetime import timedelta
from random import Random

from pi_companion.core.facts import Button, Part
from tests.soak.desk import Desk


def faults(desk: Desk) -> dict[str, Callable[[], None]]:  # noqa: PLR0915 - one short function for each
    """Return what can go wrong, by its name on the page; what lasts ends by itself."""
    chance, judge, phone = desk.chance, desk.judge, desk.phone

    def lasting(part: Part, begin: Callable[[], None], end: Callable[[], None], ms: tuple[int, int]) -> None:
        """Spoil a part for a while, unless it is spoilt already."""
        if judge.works_since[part] is None:
            return
        judge.works_since[part] = None
        begin()

        def over() -> None:
            end()
            judge.works_since[part] = desk.now

        desk.after(chance.randint(*ms), over)

    def trouble(part: Part, of: object, kind: str, ms: tuple[int, int]) -> Callable[[], None]:
        return lambda: lasting(part, lambda: setattr(of, "trouble", kind), lambda: setattr(of, "trouble", ""), ms)

    def overflow() -> None:
        desk.card.has_overflown = True
        if judge.works_since[Part.TAP] is not None:
            judge.works_since[Part.TAP] = desk.now

    def lie(lit: bool | None, ms: tuple[int, int]) -> Callable[[], None]:
        return lambda: lasting(Part.MUTE_LAMP, lambda: phone.lie(desk.now, lit), lambda: phone.lie(desk.now, None), ms)

    def flicker() -> None:
        left = chance.randint(20, 100)

        def turn() -> None:
            nonlocal left
            left -= 1
            if left > 0:
                phone.lie(desk.now, not phone.is_lamp_lit)
                desk.after(90, turn)

        lasting(Part.MUTE_LAMP, turn, lambda: phone.lie(desk.now, None), (90 * left, 90 * left))

    def burst() -> None:
        """A wire that crackles: more edges than anybody can keep, and then as it was."""
        is_on_bell = chance.random() < 0.5
        for _ in range(2 * chance.choice((20, 300, 3000))):
            if is_on_bell:
                phone.ring(desk.now, on=not phone.is_ringing)
            else:
                phone.hook(desk.now, off_hook=not phone.is_off_hook)

    def mash() -> None:
        for number in range(chance.randint(20, 60)):
            desk.after(number * chance.randint(20, 90), lambda: desk.board.press(chance.choice(list(Button))))

    def slow_turn() -> None:
        desk.hang_ms = chance.choice((50, 150, 400, 1000, 2500, 12_000))

    def late() -> None:
        desk.recogniser_busy_until = desk.now + chance.choice((500, 2000, 5000, 12_000))

    def clock_set() -> None:
        minutes = chance.choice((-10, 10, 60, 24 * 60, -24 * 60, 400 * 24 * 60))
        desk.wall_shift += timedelta(minutes=minutes)
        desk.after(chance.randint(60_000, 600_000), lambda: _set_back(desk, minutes))

    def suspend() -> None:
        def meanwhile() -> None:
            if phone.is_off_hook and chance.random() < 0.5:
                phone.own_mute_key(desk.now)

        desk.sleep(chance.choice((5000, 60_000, 3_600_000)), meanwhile)
        for part in (Part.TAP, Part.MUTE_LAMP):
            if judge.works_since[part] is not None:
                judge.works_since[part] = desk.now

    def unwritable() -> None:
        """The folder of the station file is a file for a while."""
        state = desk.station_path.parent
        away = state.with_name("away")
        if away.exists() or not state.is_dir():
            return
        state.rename(away)
        state.touch()

        def over() -> None:
            state.unlink()
            away.rename(state)

        desk.after(chance.randint(60_000, 1_800_000), over)

    return {
        "card unplugged": trouble(Part.TAP, desk.card, "gone", (2000, 60_000)),
        "card gives no audio": trouble(Part.TAP, desk.card, "stalled", (2000, 20_000)),
        "audio overflow": overflow,
        "OLED bus: no answer (NACK)": trouble(Part.OLED, desk.panel, "nack", (1000, 10_000)),
        "OLED bus stuck": trouble(Part.OLED, desk.panel, "stuck", (500, 30_000)),
        "OLED gone": trouble(Part.OLED, desk.panel, "gone", (5000, 60_000)),
        "MUTE lamp stuck lit": lie(True, (1000, 40_000)),
        "MUTE lamp stuck dark": lie(False, (1000, 40_000)),
        "MUTE lamp flickers": flicker,
        "MUTE lamp's wire off": lambda: lasting(
            Part.MUTE_LAMP, desk.board.lose_lamp, desk.board.find_lamp, (1000, 40_000)
        ),
        "phone mutes or un-mutes by itself": lambda: phone.own_mute_key(desk.now),
        "seat sensor gone": trouble(Part.SEAT, desk.seat, "gone", (5000, 90_000)),
        "seat sensor blind": trouble(Part.SEAT, desk.seat, "blind", (5000, 90_000)),
        "burst of edges": burst,
        "buttons mashed": mash,
        "slow turn": slow_turn,
        "recogniser late": late,
        "clock set": clock_set,
        "machine suspended": suspend,
        "process stopped": lambda: desk.stop(chance.choice((200, 800, 2000, 4000, 9000))),
        "station file cannot be written": unwritable,
    }


def _set_back(desk: Desk, minutes: int) -> None:
    desk.wall_shift -= timedelta(minutes=minutes)


def phone_faults(seed: int) -> tuple[str, ...]:
    """Return which of the device's presses a phone ignores and which it takes twice."""
    chance = Random(seed + 1)  # noqa: S311 - an order, not a secret
    numbers = chance.sample(range(1, 20_000), 2000)
    return (*(f"ignores_press@{number}" for number in numbers[:1000]), *(f"double_toggle@{n}" for n in numbers[1000:]))
