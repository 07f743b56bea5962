"""The drawing of the MUTE contact."""

from hardware.circuits.mute_contact import CIRCUIT, PIN
from hardware.circuits.sheet import Sheet


def draw() -> Sheet:
    """Return the sheet."""
    sheet = Sheet(CIRCUIT)
    _request(sheet)
    _clock(sheet)
    _contact(sheet)
    return sheet


def _request(sheet: Sheet) -> None:
    sheet.text("1  Is a press wanted? Blips and fast toggling are levelled out.", (0, 15.2), size=12)
    sheet.net(PIN, (0, 12))
    sheet.wire((0, 12), (2, 12))
    sheet.two("R102", (1, 12), (1, 9))
    sheet.ground((1, 9))
    sheet.two("R101", (2, 12), (4.5, 12))
    sheet.two("D101", (7, 12), (4.5, 12))
    sheet.wire((7, 12), (11, 12))
    sheet.two("C101", (7.6, 12), (7.6, 9))
    sheet.ground((7.6, 9))
    sheet.two("R103", (9.6, 12), (9.6, 9))
    sheet.ground((9.6, 9))
    sheet.two("R109", (11, 12), (13.5, 12))
    sheet.wire((13.5, 12), (15, 12))
    out = sheet.comparator("U101", (15, 12), ("3", "2", "1"), is_plus_above=True)
    sheet.wire((15, 10.75), (14.4, 10.75))
    sheet.net("REF", (14.4, 10.75))
    sheet.wire((14, 12), (14, 13.8))
    sheet.two("R110", (14, 13.8), (17.7, 13.8))
    sheet.wire((17.7, 13.8), (17.7, out[1]))
    sheet.wire(out, (18.6, out[1]))
    sheet.net("WANTED", (18.6, out[1]), "right")


def _clock(sheet: Sheet) -> None:
    sheet.text("2  For how long? C102 charges while it is wanted; past the threshold it is over.", (0, 7.2), size=12)
    sheet.net("WANTED", (0, 5))
    sheet.wire((0, 5), (1.5, 5))
    sheet.two("R106", (1.5, 5), (4, 5))
    sheet.two("D102", (6.5, 5), (4, 5))
    sheet.wire((1, 5), (1, 3), (1.5, 3))
    sheet.two("D103", (1.5, 3), (4, 3), "bottom")
    sheet.two("R108", (6.5, 3), (4, 3), "bottom")
    sheet.wire((6.5, 3), (6.5, 5), (11, 5))
    sheet.two("C102", (7.6, 5), (7.6, 2))
    sheet.ground((7.6, 2))
    sheet.two("R107", (9.6, 5), (9.6, 2))
    sheet.ground((9.6, 2))
    sheet.two("R111", (11, 5), (13.5, 5))
    sheet.wire((13.5, 5), (15, 5))
    out = sheet.comparator("U101", (15, 5), ("5", "6", "7"), is_plus_above=True)
    sheet.wire((15, 3.75), (14.4, 3.75))
    sheet.net("REF", (14.4, 3.75))
    sheet.wire((14, 5), (14, 6.6))
    sheet.two("R112", (14, 6.6), (17.7, 6.6))
    sheet.wire((17.7, 6.6), (17.7, out[1]))
    sheet.wire(out, (18.6, out[1]))
    sheet.net("OVER", (18.6, out[1]), "right")


def _contact(sheet: Sheet) -> None:
    sheet.text("3  The contact: closed only while wanted and not over.", (0, 0.2), size=12)
    sheet.net("WANTED", (0, -2))
    sheet.two("R113", (0, -2), (2.5, -2))
    sheet.wire((2.5, -2), (5.5, -2))
    sheet.net("OVER", (0, -4.5))
    sheet.wire((0, -4.5), (5.5, -4.5))
    sheet.two("D104", (3.4, -2), (3.4, -4.5))
    sheet.box(
        "K101",
        (6, -5.25),
        (3.4, 4),
        {
            "1": ((0, 3.25), "LED +"),
            "2": ((0, 0.75), "LED -"),
            "4": ((3.4, 3.25), "contact"),
            "3": ((3.4, 0.75), "contact"),
        },
    )
    sheet.net("KEY_B", (10.6, -2), "right")
    sheet.wire((9.9, -2), (10.6, -2))
    sheet.two("R114", (9.9, -4.5), (12.4, -4.5))
    sheet.net("KEY_A", (12.4, -4.5), "right")
    sheet.text("to the phone's MUTE key, isolated", (10.6, -5.9), size=10)
    sheet.net("5V", (16.5, -1), "top")
    sheet.two("R104", (16.5, -1), (16.5, -3.5))
    sheet.two("R105", (16.5, -3.5), (16.5, -6))
    sheet.ground((16.5, -6))
    sheet.wire((16.5, -3.5), (15.6, -3.5))
    sheet.net("REF", (15.6, -3.5))
    sheet.net("5V", (19, -1), "top")
    sheet.box("U101", (19.5, -5.5), (1.7, 3.5), {"8": ((0, 3), "+"), "4": ((0, 0.5), "-")})
    sheet.wire((19, -1), (19, -2.5))
    sheet.two("C103", (19, -2.5), (19, -5), "left")
    sheet.ground((19, -5))
