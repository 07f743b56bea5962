"""Do LEDs and OLED show what they are told? A person looks; the unit only knows that its pins and its bus obey."""

from collections.abc import Iterator
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from pi_companion.adapters.inking import HEIGHT, WIDTH
from pi_companion.adapters.typesetting import FONTS
from pi_companion.core.effects import SetLeds
from pi_companion.core.states import Light
from pi_companion.errors import HardwareError
from pi_companion.workshop.bench import Bench
from pi_companion.workshop.reading import Reading, Verdict, seen
from pi_companion.workshop.rig import Look
from pi_companion.workshop.wired import Wired

LIT_MS: Final = 3000
"""How long an LED and the picture are there to be looked at."""

_LEDS: Final = {"green": Look.GREEN, "amber": Look.AMBER, "red": Look.RED, "mute": Look.MUTE}


def leds(bench: Bench) -> Iterator[Reading]:
    """Light the four LEDs one after the other, from the left."""
    with Wired(bench.rig) as wired:
        for name, look in _LEDS.items():
            lights = {each: Light.ON if each == name else Light.OFF for each in _LEDS}
            now = bench.rig.now()
            wired.panel.perform(SetLeds(at=now, **lights, lease_until=now + 10 * LIT_MS))
            wired.wait(LIT_MS)
            on = [each for each in _LEDS if wired.panel.is_driven(each)]
            verdict = seen(bench.rig.confirms(look)) if on == [name] else Verdict.WRONG
            yield Reading(
                part=f"{'MUTE' if name == 'mute' else name} LED",
                expected=str(look),
                found=f"driven: {', '.join(on) or 'none'}",
                verdict=verdict,
                advice="another place: swap the wires at the header; dark: turn the LED round, then its resistor and "
                "solder joints; two lit: look for a bridge between neighbouring pads",
            )


def oled(bench: Bench) -> Iterator[Reading]:
    """Show the test picture."""
    picture = panel_picture()
    with Wired(bench.rig):  # the panel belongs to whoever has the lines
        try:
            verdict = _show(bench, picture)
            found = f"the panel took {picture.width} x {picture.height} pixels and answers"
        except HardwareError as error:
            verdict, found = Verdict.WRONG, str(error)
    yield Reading(
        part="OLED",
        expected=str(Look.PICTURE),
        found=found,
        verdict=verdict,
        advice="pi-companion doctor says what the bus says; a cut edge or noise: display.kind is sh1106 or ssd1306",
    )


def _show(bench: Bench, picture: Image.Image) -> Verdict:
    panel = bench.rig.open_panel()
    try:
        panel.show_picture(picture)
        bench.rig.wait(LIT_MS)
        verdict = seen(bench.rig.confirms(Look.PICTURE))
        panel.probe()
    finally:
        panel.close()
    return verdict


def panel_picture() -> Image.Image:
    """Return what shows a panel whole: a frame at its very edges, a cross, and which way up it is."""
    picture = Image.new("1", (WIDTH, HEIGHT))
    pen = ImageDraw.Draw(picture)
    pen.fontmode = "1"
    right, bottom = WIDTH - 1, HEIGHT - 1
    pen.rectangle((0, 0, right, bottom), outline=1)
    pen.line((0, 0, right, bottom), fill=1)
    pen.line((0, bottom, right, 0), fill=1)
    font = ImageFont.truetype(FONTS / "companion-12.otf", 12)
    pen.text((WIDTH // 2, 4), "TOP", fill=1, font=font, anchor="mt")
    return picture
