r"""What does the companion run on where there is no Raspberry Pi? A simulated desk, asked for by name (law 10).

Simulated: a desk phone (bell, hook, a MUTE key that toggles, its lamp, and ways in which they fail: `bench.phone`) and
the board between it and the Pi's pins (`bench.board`), on gpiozero's own mock pins. Time is an argument, so an hour
passes in a moment and the same calls give the same edges. The adapters are the real ones: they cannot tell.

Not simulated: voltages, contact bounce, the kernel's queue of 16 edges, its latency, the OLED's bus, and whatever your
phone does that `bench.phone_faults` does not list. What passes here is tried on hardware next; it is not proven by it.

A press of MUTE, from the request to the lamp that proves it:

    >>> from pi_companion.adapters.line import Line
    >>> from pi_companion.adapters.panel import Panel
    >>> from pi_companion.bench.board import Board
    >>> from pi_companion.bench.phone import DeskPhone
    >>> from pi_companion.core.effects import PressMute
    >>> from pi_companion.pinout import Pinout

    >>> phone = DeskPhone(key_delay_ms=60)
    >>> board = Board(Pinout(), phone)
    >>> line = Line(Pinout(), board.factory, print, board.milliseconds_of)
    >>> panel = Panel(Pinout(), board.factory)
    >>> phone.hook(1000, off_hook=True)
    HookChanged(at=1000, is_off_hook=True)
    >>> board.set_time(2000)
    >>> panel.perform(PressMute(at=2000, pulse_ms=120))
    >>> phone.advance(2060)
    MuteLampChanged(at=2060, is_lit=True)
    >>> panel.pass_time(2120)
    >>> panel.close(), line.close(), board.close()
    (None, None, None)

Whoever drives the desk goes from one due time to the next: the least of `phone.next_at()`, `panel.deadline()` and what
they have themselves, `board.set_time` first. `bench.player` does so for call folders.
"""
