"""The drawings of what listens: lamps, hood, ring box, headset tap."""

from hardware.circuits import headset_tap, lamps, ring_box
from hardware.circuits.model import gpio
from hardware.circuits.sheet import Sheet


def lamp_inputs() -> Sheet:
    """Return the sheet of the four channels."""
    sheet = Sheet(lamps.CIRCUIT)
    sheet.text("Four equal channels: a line goes low while its lamp is lit.", (0, 7.4), size=12)
    for place, name in enumerate(lamps.CHANNELS):
        _channel(sheet, name, (0, -8.2 * place))
    top = 2.0
    sheet.net("3V3", (20, top))
    sheet.two("R201", (20, top), (22.5, top))
    sheet.net("FEED", (22.5, top), "right")
    sheet.net("3V3", (21, top - 7), "top")
    sheet.box("U201", (21.5, top - 10.5), (1.7, 3.5), {"3": ((0, 3), "+"), "12": ((0, 0.5), "-")})
    sheet.wire((21, top - 7), (21, top - 7.5))
    sheet.two("C201", (21, top - 7.5), (21, top - 10), "left")
    sheet.ground((21, top - 10))
    return sheet


def _channel(sheet: Sheet, name: str, at: tuple[float, float]) -> None:
    tens, line, (minus, plus, out_pin), _ = lamps.CHANNELS[name]
    x, y = at
    sheet.net(f"{name}_LIGHT", (x, y + 4))
    sheet.wire((x, y + 4), (x + 9.4, y + 4))
    sheet.two(f"RV{tens}1", (x + 1, y + 4), (x + 1, y + 1.7))
    sheet.two(f"R{tens}1", (x + 1, y + 1.7), (x + 1, y - 0.6))
    sheet.ground((x + 1, y - 0.6))
    sheet.two(f"C{tens}1", (x + 3.4, y + 4), (x + 3.4, y + 1.7))
    sheet.ground((x + 3.4, y + 1.7))
    out = sheet.comparator("U201", (x + 9.4, y + 2.75), (plus, minus, out_pin), is_plus_above=False)
    sheet.net("3V3", (x + 5.9, y + 2.75))
    sheet.two(f"R{tens}2", (x + 5.9, y + 2.75), (x + 8, y + 2.75))
    sheet.wire((x + 8, y + 2.75), (x + 9.4, y + 2.75))
    sheet.two(f"R{tens}3", (x + 8, y + 2.75), (x + 8, y - 0.2), "left")
    sheet.ground((x + 8, y - 0.2))
    sheet.wire((x + 8.8, y + 2.75), (x + 8.8, y + 1))
    sheet.two(f"R{tens}4", (x + 8.8, y + 1), (x + 12, y + 1), "bottom")
    sheet.wire((x + 12, y + 1), (x + 12, out[1]))
    sheet.wire(out, (x + 13, out[1]))
    sheet.net("3V3", (x + 12, y + 6), "top")
    sheet.two(f"R{tens}5", (x + 12, y + 6), (x + 12, out[1]))
    sheet.two(f"R{tens}6", (x + 13, out[1]), (x + 15.5, out[1]))
    sheet.net(gpio(line), (x + 15.5, out[1]), "right")


def hood() -> Sheet:
    """Return the sheet of a hood."""
    sheet = Sheet(lamps.HOOD)
    sheet.text("In the black hood on the lamp.", (-1, 2.6), size=10)
    sheet.wire((0, 1.5), (2, 1.5))
    sheet.net("FEED", (0, 1.5))
    sheet.transistor("Q251", (2, 1.5), (2, -0.8))
    sheet.wire((2, -0.8), (0, -0.8))
    sheet.net("LIGHT", (0, -0.8))
    return sheet


def ring_line() -> Sheet:
    """Return the sheet of the ring box."""
    sheet = Sheet(ring_box.CIRCUIT)
    sheet.text(
        "Only for an extension of a private exchange. Never for a public line.", (0, 6.4), size=12, colour="#b00020"
    )
    sheet.net("LINE_A", (0, 4))
    sheet.two("R303", (0, 4), (2.5, 4))
    sheet.wire((2.5, 4), (4, 4))
    sheet.two("RV301", (3.2, 4), (3.2, 0.5), "left")
    sheet.two("R301", (4, 4), (6.5, 4))
    sheet.two("C301", (6.5, 4), (9, 4))
    sheet.two("D301", (9, 4), (11.5, 4))
    sheet.two("D302", (14, 4), (11.5, 4))
    sheet.wire((14, 4), (15.5, 4))
    sheet.net("LINE_B", (0, 0.5))
    sheet.wire((0, 0.5), (4, 0.5))
    sheet.two("R302", (6.5, 0.5), (4, 0.5))
    sheet.wire((6.5, 0.5), (13, 0.5), (13, 2), (15.5, 2))
    sheet.box(
        "U301",
        (16, 1.2),
        (3.2, 3.6),
        {"1": ((0, 2.8), "LED"), "2": ((0, 0.8), "LED"), "4": ((3.2, 2.8), "C"), "3": ((3.2, 0.8), "E")},
    )
    sheet.two("R304", (22.2, 4), (19.7, 4))
    sheet.net("FEED", (22.2, 4), "right")
    sheet.net("LIGHT", (20.5, 2), "right")
    sheet.wire((19.7, 2), (20.5, 2))
    sheet.text("U301 isolates; nothing else crosses,", (17.6, 0.7), ("center", "top"), size=10)
    sheet.text("and 7 mm of board stay free below it.", (17.6, 0.2), ("center", "top"), size=10)
    return sheet


def tap() -> Sheet:
    """Return the sheet of the headset tap."""
    sheet = Sheet(headset_tap.CIRCUIT)
    sheet.text("The four wires of the headset go straight through; the tap only listens.", (-6, 10.4), size=12)
    rows = {"AGENT_A": 3.4, "CUSTOMER_A": 2.5, "CUSTOMER_B": 1.6, "AGENT_B": 0.7}
    for ref, x, left in (("J401", -6, False), ("J402", 2, True)):
        pins = {pin: ((0.0 if left else 2.4, rows[net]), "") for pin, net in sheet.circuit.part(ref).pins.items()}
        sheet.box(ref, (x, 4.5), (2.4, 4.2), pins, f"{ref} {'headset' if left else 'to the phone'}")
    for net, y in rows.items():
        sheet.wire((-3.1, 4.5 + y), (1.5, 4.5 + y))
        sheet.text(net, (-0.8, 4.5 + y + 0.08), ("center", "bottom"), size=9, colour="#1a4f9c")
        sheet.net(net, (-2.6, 4.5 + y), "none")
    for place, name in enumerate(headset_tap.SIDES):
        _tap_side(sheet, name, -5.4 * place)
    sheet.box(
        "J403", (18, -3.9), (2.4, 3.4), {"T": ((0, 2.7), "tip"), "R": ((0, 1.7), "ring"), "S": ((0, 0.7), "sleeve")}
    )
    sheet.net("LINE_IN_L", (16.9, -1.2))
    sheet.wire((16.9, -1.2), (17.5, -1.2))
    sheet.net("LINE_IN_R", (16.9, -2.2))
    sheet.wire((16.9, -2.2), (17.5, -2.2))
    sheet.net("CARD_GND", (16.9, -3.2))
    sheet.wire((16.9, -3.2), (17.5, -3.2))
    return sheet


def _tap_side(sheet: Sheet, name: str, y: float) -> None:
    tens, channel = headset_tap.SIDES[name]
    upper, lower = y + 2, y - 0.4
    sheet.net(f"{name}_A", (-4, upper))
    sheet.two(f"R{tens}1", (-4, upper), (-1, upper))
    sheet.two(f"C{tens}1", (-1, upper), (2, upper))
    sheet.net(f"{name}_B", (-4, lower))
    sheet.two(f"R{tens}2", (-4, lower), (-1, lower), "bottom")
    sheet.two(f"C{tens}2", (-1, lower), (2, lower), "bottom")
    sheet.transformer(f"T{tens}1", (4, y))
    (x1, y1), (x2, y2) = sheet.pin(f"T{tens}1", "1"), sheet.pin(f"T{tens}1", "2")
    sheet.wire((2, upper), (3, upper), (3, y1), (x1, y1))
    sheet.wire((2, lower), (3, lower), (3, y2), (x2, y2))
    (x3, y3), (x4, y4) = sheet.pin(f"T{tens}1", "3"), sheet.pin(f"T{tens}1", "4")
    sheet.wire((x3, y3), (6, y3), (6, upper), (9.8, upper))
    sheet.wire((x4, y4), (6, y4), (6, lower), (9.8, lower))
    sheet.two(f"R{tens}3", (7.6, upper), (7.6, lower))
    sheet.net(f"LINE_IN_{channel}", (9.8, upper), "right")
    sheet.net("CARD_GND", (9.8, lower), "right")
