"""Does the packaged service do its work on real parts? One recorded call, from the first ring to the goodbye.

Real: systemd and its sandbox, the kernel's pins, I2C and sound. What is asserted is what the kernel has: levels of
lines, and what arrived in the panel's memory. Simulated: what is soldered to the lines, and the panel's glass.
"""

from collections.abc import Callable

from PIL import Image, ImageChops

from pi_companion.adapters.draw import draw
from pi_companion.adapters.panel import MAX_PULSE_MS
from pi_companion.bench.calls import bundled_call
from pi_companion.core.states import Screen, ScreenName
from pi_companion.session import folder
from tests.guest.desk import OUTPUTS, Desk
from tests.guest.parts import Oled, Service, spans, wait_until

Note = Callable[[str, object], None]
"""pytest's record_property: what a test measured, for the table."""

BUTTON_MS = 42716
"""When the agent presses 恢复 in the call."""


def muted(seconds: int) -> Screen:
    return Screen(
        name=ScreenName.MUTED, lines=("已静音", f"00:{seconds:02}", "恢复后先说抱歉"), is_microphone_muted=True
    )


def is_shown(screen: Screen, pictures: list[Image.Image]) -> bool:
    """Whether a screen is among pictures of the panel, moved by a pixel or two against burn-in or not."""
    wanted = draw(screen)
    return any(is_same(wanted, picture) for picture in pictures)


def is_same(wanted: Image.Image, picture: Image.Image) -> bool:
    def moved(right: int, down: int) -> Image.Image:
        image = Image.new("1", wanted.size)
        image.paste(wanted, (right, down))
        return image

    shifts = [(right, down) for right in range(-2, 3) for down in range(-2, 3)]
    return any(ImageChops.logical_xor(moved(*shift), picture).getbbox() is None for shift in shifts)


def test_a_call_goes_through_the_whole_device(service: Service, desk: Desk, oled: Oled, record_property: Note) -> None:
    """Rings light the LED, one pulse mutes, the lamp is believed, 恢复 un-mutes: as the kernel sees it."""
    service.start()
    wait_until(oled.is_on, "the panel is lit")
    desk.watch(2000)

    record = desk.play(folder.load(bundled_call("03-hold-with-consent")))

    pulses = spans(record.lines, "mute_contact")
    widths = [end - begin for begin, end in pulses]
    (muted_at, is_muted), (live_at, is_live_again) = record.phone
    ringing = [(begin, end) for begin, end in spans(record.lines, "green") if begin < 2700]
    record_property("ring to green LED", f"{ringing[0][0] - 1000} ms")
    record_property("MUTE pulses", ", ".join(f"at {begin} ms, {end - begin} ms wide" for begin, end in pulses))
    assert len(ringing) == 1
    assert ringing[0][0] in range(1000, 1200)
    assert ringing[0][1] in range(2700, 2900)
    assert [begin < BUTTON_MS for begin, _ in pulses] == [True, False]
    assert all(0 < width <= MAX_PULSE_MS for width in widths)
    assert (is_muted, is_live_again) == (True, False)
    # It blinks while the key is being pressed, and blinking begins lit: the steady light is the span around both lamps.
    steady = [(begin, end) for begin, end in spans(record.lines, "mute") if begin <= muted_at + 200 and end >= live_at]
    assert len(steady) == 1
    pictures = record.pictures_between(muted_at, live_at)
    record_property("pictures seen", f"{len(record.pictures)}, {len(pictures)} of them muted")
    assert [second for second in range(1, 20) if not is_shown(muted(second), pictures)] == []


def test_killed_while_it_presses_the_contact_opens_and_it_comes_back(
    service: Service, desk: Desk, record_property: Note
) -> None:
    """SIGKILL while the contact is closed: the kernel opens it, systemd's release says so, the service is back."""
    service.start()
    desk.play(folder.load(bundled_call("03-hold-with-consent")), until=lambda: desk.board.is_on("mute_contact"))
    assert desk.board.is_on("mute_contact")
    killed, noted, began = service.pid(), service.lines(), desk.now

    service.kill("SIGKILL")

    desk.watch(200, until=lambda: not desk.board.is_on("mute_contact"))
    record_property("contact open after SIGKILL", f"{desk.now - began} ms")
    assert not desk.board.is_on("mute_contact")
    assert not desk.board.is_on("mute")
    wait_until(lambda: service.is_ready() and service.pid() != killed, "the service is back")
    record_property("ready again", f"{desk.now - began} ms after SIGKILL")
    assert service.show("NRestarts") == {"NRestarts": "1"}
    assert "mute_contact: open" in service.journal(since=noted)


def test_stopped_it_leaves_every_line_at_rest(service: Service, desk: Desk) -> None:
    service.start()
    desk.watch(1000)
    desk.phone.ring(desk.now, True)
    desk.watch(1000, until=lambda: desk.board.is_on("green"))
    assert desk.board.is_on("green")

    service.stop()

    assert {line: desk.board.is_on(line) for line in OUTPUTS} == dict.fromkeys(OUTPUTS, False)
