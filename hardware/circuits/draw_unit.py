"""The drawings of buttons and LEDs, the bus, and the header with the station connector."""

from hardware.circuits import panel, station
from hardware.circuits.model import Part, gpio, header_pin
from hardware.circuits.sheet import Sheet
from hardware.header import word
from pi_companion.core.harness import LINES
from pi_companion.pinout import HEADER, I2C, Pinout


def buttons_and_leds() -> Sheet:
    """Return the sheet of buttons and LEDs."""
    sheet = Sheet(panel.BUTTONS_AND_LEDS)
    sheet.text("Buttons: the Pi's own pull-ups hold the lines high.", (-1.5, 4), size=12)
    for place, (tens, line) in enumerate(panel.BUTTONS.values()):
        y = 2 - 2.2 * place
        sheet.net(gpio(line), (0, y))
        sheet.two(f"R{tens}1", (0, y), (2.5, y))
        sheet.two(f"SW{tens}1", (2.5, y), (5.5, y))
        sheet.wire((5.5, y), (6, y), (6, y - 0.4))
        sheet.ground((6, y - 0.4))
    sheet.text("LEDs: high is lit; from the left as on the unit.", (9.5, 4), size=12)
    for place, (tens, led, _, _) in enumerate(panel.LEDS.values()):
        x = 10.5 + 3.4 * place
        sheet.net(gpio(led), (x, 2.6), "top")
        sheet.two(f"R{tens}1", (x, 2.6), (x, 0))
        sheet.two(f"D{tens}1", (x, -2.6), (x, 0))
        sheet.ground((x, -2.6))
    return sheet


def bus() -> Sheet:
    """Return the sheet of OLED and distance sensor."""
    sheet = Sheet(panel.BUS)
    sheet.text(
        "Compare the words on your module with these before plugging it in: some have VCC first.", (-2, 5), size=11
    )
    for ref, x, words in (("J601", 0, ("GND", "VCC", "SCL", "SDA")), ("J602", 8, ("VIN", "GND", "SDA", "SCL"))):
        part = sheet.circuit.part(ref)
        pins = {pin: ((0.0, 3.2 - 0.9 * place), words[place]) for place, pin in enumerate(part.pins)}
        sheet.box(ref, (x, 0), (2.6, 3.8), pins)
        for pin, net in part.pins.items():
            sheet.net(net, sheet.pin(ref, pin))
    sheet.net("3V3", (14, 3.2), "top")
    sheet.wire((14, 3.2), (17, 3.2))
    for ref, x in (("C601", 14), ("C602", 17)):
        sheet.two(ref, (x, 3.2), (x, 0.6))
        sheet.ground((x, 0.6))
    return sheet


def station_lines() -> Sheet:
    """Return the sheet of the header, the station connector and the code lines."""
    sheet = Sheet(station.UNIT)
    _header(sheet, sheet.circuit.part("J1"))
    connector = sheet.circuit.part("J2")
    pins = {}
    for pin in connector.pins:
        number = int(pin)
        pins[pin] = ((0.0 if number <= 8 else 3.0, 7.4 - 0.9 * ((number - 1) % 8)), "")
    sheet.box("J2", (30, -8), (3, 8.2), pins)
    for pin, net in connector.pins.items():
        sheet.net(net, sheet.pin("J2", pin), "left" if int(pin) <= 8 else "right")
    for place, (line, name) in enumerate(zip(Pinout().harness(), LINES, strict=True), 1):
        y = 2.2 - 2.4 * place
        sheet.net(gpio(line), (13, y))
        sheet.two(f"R70{place}", (13, y), (15.5, y))
        sheet.wire((15.5, y), (19, y))
        sheet.two(f"R71{place}", (21.5, y), (19, y))
        sheet.net("3V3", (21.5, y), "right")
        sheet.net(f"CODE_{name.upper()}", (17.2, y), "top")
    sheet.text("Six lines name the station: its harness straps three of them to ground.", (11.5, 2), size=12)
    return sheet


def _header(sheet: Sheet, header: Part) -> None:
    names = {str(header_pin(line)): word(name) for name, line in Pinout().lines().items()}
    names |= {str(HEADER[bcm]): name for name, bcm in I2C.items()}
    pins = {}
    for pin in header.pins:
        row = (int(pin) - 1) // 2
        pins[pin] = ((0.0 if int(pin) % 2 else 6.0, 17.6 - 0.9 * row), names.get(pin, ""))
    sheet.box("J1", (0, -16), (6, 18.2), pins)
    for pin, net in header.pins.items():
        sheet.net(net, sheet.pin("J1", pin), "left" if int(pin) % 2 else "right")
