"""What is read before there is time to check: whatever is in it, the start goes on."""

from pathlib import Path

from hypothesis import given

from pi_companion.live import starts
from pi_companion.site_file import Display, glance_at_display
from tests.fuzz.budget import budget
from tests.fuzz.mutations import JSON_TOKENS, TOML_TOKENS, changed
from tests.fuzz.oracle import files, no_hang

DISPLAY = '[display]\nkind = "sh1106"\ni2c_address = 0x3D\ni2c_port = 1\n'
COUNTED = '{"failed": 2, "reason": "model", "is_under_way": true}'


@budget(40)
@given(changed(DISPLAY, TOML_TOKENS))
def test_the_panel_in_a_site_file(data: bytes) -> None:
    with files(site_toml=data) as folder, no_hang():
        assert isinstance(glance_at_display(folder / "site.toml"), Display)


@budget(40)
@given(changed(COUNTED, JSON_TOKENS))
def test_the_count_of_failed_starts(data: bytes) -> None:
    with files(starts_json=data) as folder, no_hang():
        found = starts._read({"RUNTIME_DIRECTORY": str(folder)})
        assert 0 <= found.failed <= starts.MOST


def test_no_file_at_all() -> None:
    assert glance_at_display(Path("/dev/zero")) == Display()
