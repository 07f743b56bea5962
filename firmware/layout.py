"""Where does everything lie on the card? The layout as data, and every file that must agree with it.

The firmware of a Pi up to the 3B+ reads an MBR and nothing newer, so an MBR it is: four entries, all used.
"""

import re
import struct
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

SECTOR: Final = 512
MIB: Final = 1024 * 1024
DISK_ID: Final = 0x70696363
"""The MBR's identity; partitions are found by it (`PARTUUID=`), whichever way the card is connected."""

COMPATIBLE: Final = "pi-companion-arm64"
"""What a bundle must say that it is for."""

STATE_BYTES: Final = SECTOR
"""The boot state is one sector: a card writes it whole or not at all."""

FIRST_STATE: Final = 1 * MIB
SECOND_STATE: Final = 5 * MIB
"""Its two copies, in the gap before the first partition and in different erase blocks of the card."""

TRIES: Final = 3
MOST_STATE: Final = STATE_BYTES - 4

FAT: Final = 0x0C
LINUX: Final = 0x83


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """An entry of the MBR. `start` and `size` in bytes."""

    number: int
    name: str
    start: int
    size: int
    kind: int
    is_in_image: bool

    @property
    def end(self) -> int:
        """The first byte behind it."""
        return self.start + self.size


BOOT: Final = Partition(number=1, name="boot", start=8 * MIB, size=128 * MIB, kind=FAT, is_in_image=True)
SLOT_A: Final = Partition(number=2, name="slot A", start=BOOT.end, size=1280 * MIB, kind=LINUX, is_in_image=True)
SLOT_B: Final = Partition(number=3, name="slot B", start=SLOT_A.end, size=SLOT_A.size, kind=LINUX, is_in_image=False)
DATA: Final = Partition(number=4, name="data", start=SLOT_B.end, size=256 * MIB, kind=LINUX, is_in_image=False)
PARTITIONS: Final = (BOOT, SLOT_A, SLOT_B, DATA)
"""The last two are made at the first start: what is flashed stays small."""

IMAGE_BYTES: Final = SLOT_A.end
LEAST_CARD_BYTES: Final = DATA.end

NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "COMPATIBLE": COMPATIBLE,
        "DISK": f"{DISK_ID:08x}",
        "STATE_BYTES": f"{STATE_BYTES:#x}",
        "FIRST": f"{FIRST_STATE // SECTOR:#x}",
        "SECOND": f"{SECOND_STATE // SECTOR:#x}",
        "FIRST_BYTES": f"{FIRST_STATE:#x}",
        "SECOND_BYTES": f"{SECOND_STATE:#x}",
        "TRIES": str(TRIES),
        "B_START": str(SLOT_B.start // SECTOR),
        "SLOT_SECTORS": str(SLOT_B.size // SECTOR),
        "DATA_START": str(DATA.start // SECTOR),
        "DATA_SECTORS": str(DATA.size // SECTOR),
        "ARGUMENTS": "quiet systemd.getty_auto=no systemd.gpt_auto=no net.ifnames=0 modprobe.blacklist=bluetooth",
    }
)
"""What the files of the image call `@NAME@`: each figure of the layout stands here only."""


def filled_in(text: str) -> str:
    """Return a file of the image with every `@NAME@` replaced. Raises KeyError for a name that nobody knows."""
    return re.sub("@([A-Z_]+)@", lambda match: NAMES[match[1]], text)


def mbr(partitions: tuple[Partition, ...]) -> bytes:
    """Return the first sector of a card with these partitions."""
    entries = b"".join(
        struct.pack(
            "<B3sB3sII",
            0x80 if partition is BOOT else 0,
            b"\xfe\xff\xff",
            partition.kind,
            b"\xfe\xff\xff",
            partition.start // SECTOR,
            partition.size // SECTOR,
        )
        for partition in partitions
    )
    return struct.pack("<440sIH64s2s", b"", DISK_ID, 0, entries, b"\x55\xaa")


def state(variables: Mapping[str, str]) -> bytes:
    """Return a copy of the boot state, as U-Boot and fw_setenv have it: CRC-32, then NAME=value, each ended by 0."""
    text = b"".join(f"{name}={value}".encode() + b"\0" for name, value in sorted(variables.items())) + b"\0"
    if len(text) > MOST_STATE:
        raise ValueError(f"the boot state has {len(text)} bytes; a sector has room for {MOST_STATE}")
    body = text.ljust(MOST_STATE, b"\0")
    return struct.pack("<I", zlib.crc32(body)) + body


def read_state(copy: bytes) -> dict[str, str] | None:
    """Return the variables of a copy of the boot state, or None if its checksum is wrong."""
    (checksum,) = struct.unpack_from("<I", copy)
    body = copy[4:STATE_BYTES]
    if len(body) != MOST_STATE or zlib.crc32(body) != checksum:
        return None
    text = body.partition(b"\0\0")[0]
    pairs = (each.decode(errors="replace").partition("=") for each in text.split(b"\0") if each)
    return {name: value for name, _, value in pairs}


FLASHED_STATE: Final[Mapping[str, str]] = MappingProxyType(
    {"BOOT_ORDER": "A", "BOOT_A_LEFT": str(TRIES), "BOOT_B_LEFT": "0"}
)
"""A card that was just flashed has one slot."""
