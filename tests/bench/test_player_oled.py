"""Does a replayed call really go through the OLED adapter, also while the panel is lost?"""

import json
from pathlib import Path

import pytest
from PIL import Image

from pi_companion.adapters.draw import draw
from pi_companion.bench.player import CallPlayer
from pi_companion.config import Site
from pi_companion.core import screens
from pi_companion.core.companion import Companion
from pi_companion.core.settings import Station
from pi_companion.errors import PackError
from pi_companion.packs import load_pack
from pi_companion.session.folder import load
from pi_companion.session.replay import Device, replay
from pi_companion.speech.models import Model, Source

PACK = load_pack(names={"agent_name": "小李"})
STATION = Station(agent_name="小李")
IDLE = draw(screens.idle(PACK.texts, STATION))


def ringing(count: int) -> Image.Image:
    return draw(screens.ringing(PACK.texts, count, PACK.limits.ringing))


def shown(folder: Path, *lines: dict[str, object], at: tuple[int, ...]) -> list[Image.Image | None]:
    """Play wire events; return what the panel shows just before each of the times."""
    call = 'title = "Lines"\nbegan = 2026-11-20T16:42:00+08:00\n'
    (folder / "call.toml").write_text(call, encoding="utf-8")
    (folder / "lines.jsonl").write_text("".join(f"{json.dumps(each)}\n" for each in lines), encoding="utf-8")
    found: list[Image.Image | None] = []
    with CallPlayer(load(folder), Companion(PACK, STATION), {}, []) as player:

        def look(now: int) -> None:
            if len(found) < len(at) and now >= at[len(found)]:
                found.append(player.oled.picture)

        player.play(wait=look)
    return found


RINGS = (
    {"at": 1000, "line": "ring", "value": 1},
    {"at": 2000, "line": "ring", "value": 0},
    {"at": 6000, "line": "ring", "value": 1},
)


def test_the_panel_shows_what_was_asked_for(tmp_path: Path) -> None:
    assert shown(tmp_path, *RINGS, at=(1000, 2000, 7000)) == [IDLE, ringing(1), ringing(2)]


def test_a_lost_panel_keeps_its_picture_and_gets_the_present_one_when_it_is_found(tmp_path: Path) -> None:
    lost = {"at": 1500, "fault": "oled_lost", "until": 7000}
    first, second = RINGS[:1], RINGS[1:]
    assert shown(tmp_path, *first, lost, *second, at=(1500, 7000, 7001)) == [ringing(1), ringing(1), ringing(2)]


def test_a_picture_that_stands_for_a_minute_moves_on_by_a_pixel(tmp_path: Path) -> None:
    found: list[Image.Image] = []
    call = 'title = "Quiet"\nbegan = 2026-11-20T16:42:00+08:00\n'
    (tmp_path / "call.toml").write_text(call, encoding="utf-8")
    (tmp_path / "lines.jsonl").write_text('{"at": 100000, "line": "ring", "value": 1}\n', encoding="utf-8")
    with CallPlayer(load(tmp_path), Companion(PACK, STATION), {}, []) as player:

        def look(now: int) -> None:
            picture = player.oled.picture
            if picture == IDLE and now > 0:
                found.append(player.oled.device.image)  # type: ignore[attr-defined]  # the simulated panel keeps it

        player.play(wait=look)

    moved = Image.new("1", IDLE.size)
    moved.paste(IDLE, (1, 0))
    assert (IDLE in found, moved in found) == (True, True)


def test_a_name_that_does_not_fit_the_panel_is_one_error_of_the_pack(tmp_path: Path) -> None:
    (tmp_path / "call.toml").write_text(
        f'title = "x"\nbegan = 2026-11-20T16:42:00+08:00\n[station]\nagent_name = "{"长" * 60}"\n', encoding="utf-8"
    )
    (tmp_path / "lines.jsonl").touch()
    device = Device(site=Site(), model=Model(name="none", path=tmp_path, source=Source.EXPLICIT), loaded=None)

    with pytest.raises(PackError, match=r"bundled pack: does not fit the OLED: .* shorten it"):
        replay(load(tmp_path), device, lambda _event: None)
