"""Which slot does U-Boot start, from whatever it finds on the card? Debian's U-Boot, our script, no Linux.

The card has no slots here: U-Boot says which one it wants to start, and that it cannot.
"""

import re
import subprocess
from pathlib import Path

import pytest

from firmware import layout
from tests.firmware.machine import u_boot

GARBAGE = b"\xff" * layout.STATE_BYTES
LIMIT_S = 120


def state(order: str, a: int, b: int) -> bytes:
    return layout.state({"BOOT_ORDER": order, "BOOT_A_LEFT": str(a), "BOOT_B_LEFT": str(b)})


@pytest.fixture(scope="module")
def boot_area(image: Path) -> bytes:
    with image.open("rb") as file:
        return file.read(layout.BOOT.end)


def start(card: Path) -> str:
    """Start once, and return what the serial line said up to the decision."""
    command = ["qemu-system-aarch64", "-M", "virt", "-cpu", "cortex-a72", "-m", "512", "-bios", str(u_boot())]
    command += ["-nographic", "-nic", "none", "-no-reboot", "-drive", f"file={card},if=none,id=card,format=raw"]
    command += ["-device", "virtio-blk-device,drive=card"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT_S, check=False)
    return done.stdout.decode(errors="replace")


@pytest.mark.parametrize(
    ("copies", "slot", "after"),
    [
        pytest.param((state("A", 3, 0), state("A", 3, 0)), "A", ("A", "2", "0"), id="freshly flashed"),
        pytest.param((state("B A", 3, 2), state("B A", 3, 2)), "B", ("B A", "3", "1"), id="an update was activated"),
        pytest.param(
            (state("B A", 3, 0), state("B A", 3, 0)), "A", ("B A", "2", "0"), id="the new slot has no tries left"
        ),
        pytest.param((state("A", 3, 0), state("A", 3, 0)), "A", ("A", "2", "0"), id="the new slot was marked bad"),
        pytest.param((GARBAGE, state("B A", 3, 2)), "B", ("B A", "3", "1"), id="the first copy is torn"),
        pytest.param((state("A B", 3, 2), GARBAGE), "A", ("A B", "2", "2"), id="the second copy is torn"),
        pytest.param((state("B A", 3, 2), state("A", 3, 0)), "B", ("B A", "3", "1"), id="cut between the copies"),
        pytest.param((GARBAGE, GARBAGE), "A", ("A B", "2", "0"), id="no copy is whole"),
        pytest.param((state("B A", 0, 0), state("B A", 0, 0)), "B", ("B A", "3", "2"), id="no tries left at all"),
        pytest.param((layout.state({"OTHER": "x"}), GARBAGE), "A", ("A B", "2", "0"), id="a state that says nothing"),
    ],
)
def test_the_slot_that_is_started(
    boot_area: bytes, tmp_path: Path, copies: tuple[bytes, bytes], slot: str, after: tuple[str, str, str]
) -> None:
    card = tmp_path / "card.img"
    card.write_bytes(boot_area)
    with card.open("r+b") as file:
        for place, copy in zip((layout.FIRST_STATE, layout.SECOND_STATE), copies, strict=True):
            file.seek(place)
            file.write(copy)
        file.truncate(256 * layout.MIB)

    said = start(card)

    content = card.read_bytes()
    left = [layout.read_state(content[place:][:512]) for place in (layout.FIRST_STATE, layout.SECOND_STATE)]
    assert re.search(r"companion: slot (\w),", said), said[-2000:]
    assert re.findall(r"companion: slot (\w),", said) == [slot]
    assert left[0] == left[1] == dict(zip(("BOOT_ORDER", "BOOT_A_LEFT", "BOOT_B_LEFT"), after, strict=True))
