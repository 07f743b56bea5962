"""Does everything that must agree about the card agree? The layout as data, and the files of the image made from it."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from firmware import boot_files, layout
from firmware.layout import BOOT, DATA, PARTITIONS, SECTOR, SLOT_A, SLOT_B
from firmware.tools import HERE
from pi_companion.pinout import Pinout

FILES = sorted(path for folder in ("overlay", "boot") for path in (HERE / folder).rglob("*") if path.is_file())


def test_partitions_follow_one_another_on_erase_blocks_and_the_slots_are_alike() -> None:
    assert [each.start for each in PARTITIONS[1:]] == [each.end for each in PARTITIONS[:-1]]
    assert {each.start % (4 * layout.MIB) for each in PARTITIONS} == {0}
    assert SLOT_A.size == SLOT_B.size
    assert layout.LEAST_CARD_BYTES < 4_000_000_000  # a card sold as 4 GB


def test_the_copies_of_the_state_lie_in_no_partition_and_in_different_erase_blocks() -> None:
    places = (layout.FIRST_STATE, layout.SECOND_STATE)

    assert [SECTOR <= place <= BOOT.start - layout.STATE_BYTES for place in places] == [True, True]
    assert abs(places[0] - places[1]) >= 4 * layout.MIB


def test_the_mbr_is_what_a_reader_of_mbrs_expects() -> None:
    sector = layout.mbr(PARTITIONS)
    entries = [sector[446 + 16 * number :][:16] for number in range(4)]

    assert (len(sector), sector[510:], sector[440:444]) == (512, b"\x55\xaa", layout.DISK_ID.to_bytes(4, "little"))
    assert [entry[0] for entry in entries] == [0x80, 0, 0, 0]
    assert [entry[4] for entry in entries] == [0x0C, 0x83, 0x83, 0x83]
    assert [int.from_bytes(entry[8:12], "little") * SECTOR for entry in entries] == [each.start for each in PARTITIONS]
    assert [int.from_bytes(entry[12:], "little") * SECTOR for entry in entries] == [each.size for each in PARTITIONS]


@settings(deadline=None)  # a busy machine is no defect
@given(
    st.dictionaries(
        st.from_regex("[A-Z_]{1,12}", fullmatch=True), st.from_regex("[A-B0-9 ]{1,8}", fullmatch=True), max_size=8
    )
)
def test_a_state_is_read_as_it_was_written(variables: dict[str, str]) -> None:
    assert layout.read_state(layout.state(variables)) == variables


@settings(deadline=None)  # a busy machine is no defect
@given(place=st.integers(0, 511), bit=st.integers(0, 7))
def test_a_state_with_one_wrong_bit_is_none(place: int, bit: int) -> None:
    copy = bytearray(layout.state(layout.FLASHED_STATE))
    copy[place] ^= 1 << bit

    assert layout.read_state(bytes(copy)) is None


def test_a_state_longer_than_a_sector_is_refused() -> None:
    with pytest.raises(ValueError, match="room for 508"):
        layout.state({"A": "x" * 600})


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HERE)))
def test_every_name_in_a_file_of_the_image_is_known(path: Path) -> None:
    filled = layout.filled_in(path.read_text(encoding="utf-8"))

    assert re.findall("@[A-Z_]+@", filled) == []


def test_a_name_that_nobody_knows_is_an_error() -> None:
    with pytest.raises(KeyError, match="NOBODY"):
        layout.filled_in("a @NOBODY@ b")


def test_an_at_sign_that_is_no_name_stays() -> None:
    assert layout.filled_in("getty@.service user@host @DISK@") == "getty@.service user@host 70696363"


def test_no_line_of_the_device_is_driven_by_the_firmware_and_the_mute_contact_is_pulled_to_open() -> None:
    lines = [line for line in boot_files.config_txt(Pinout()).splitlines() if line.startswith("gpio=")]

    assert f"gpio={Pinout().mute_contact.bcm}=ip,pd # mute_contact" in lines
    assert len(lines) == len(Pinout().lines())
    assert all(re.match(r"gpio=\d+=ip,p[ud] # \w+$", line) for line in lines)


def test_a_fresh_card_has_every_setting_and_makes_none() -> None:
    template = boot_files.site_template()

    assert "#agent_name = " in template
    assert [line for line in template.splitlines() if line and line[0] not in "#["] == []


def test_slots_of_rauc_and_of_the_boot_script_are_the_partitions() -> None:
    rauc = layout.filled_in((HERE / "overlay/etc/rauc/system.conf").read_text(encoding="utf-8"))
    script = layout.filled_in((HERE / "boot/boot.cmd").read_text(encoding="utf-8"))

    by_rauc = re.findall(r"by-partuuid/70696363-0(\d)\ntype=ext4\nbootname=(\w)", rauc)
    by_script = re.findall(r"setenv slot (\w)\n\s+setenv partition (\d)", script)
    assert (
        by_rauc
        == [(number, name) for name, number in by_script]
        == [(str(SLOT_A.number), "A"), (str(SLOT_B.number), "B")]
    )
    assert DATA.number == 4
