"""An update by network in an emulated machine: the image's own RAUC reads a bundle from a web server over HTTPS.

The server is of this machine, with a CA of its own, which stands on the card as IT would put it there. The companion is
on a simulated board; its desk says when. What is installed is a small file system, not a system: that it is written
whole, and that U-Boot is told to start it, is what is seen here; `emulated_update.py` starts what was installed.
"""

import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from firmware import card as cards
from firmware import layout, papers
from firmware.tools import BUILD, run
from pi_companion.site import polling
from tests.firmware.machine import CARD_BYTES, machine
from tests.site.web_server import Directory, serving

LIMIT_S = 3600
EPOCH = 4_000_000_000
NEWER, OLDER = "9.9.9", "0.0.1"
PASSWORD = "word of the broker"  # noqa: S105 - of a test
STEP = """
rm -f /run/pi-companion-update/tries.json
echo "<<%s"
systemctl start pi-companion-update; echo rc=$?
journalctl -q -b --no-pager -o cat -u pi-companion-update -u rauc
rauc status --output-format=json | grep -o '"boot_primary":"[^"]*"'
echo
echo "%s>>"
journalctl -q --rotate --vacuum-time=1s >/dev/null 2>&1
"""
READY = """
echo "10.0.2.2 updates.example" >/run/hosts
mount --bind /run/hosts /etc/hosts
mkdir -p /run/systemd/timesync && touch /run/systemd/timesync/synchronized
ls /run/pi-companion-site/update
# The broker's password: handed to the one unit that needs it, and hidden from the unit that asks the update server.
echo "<<handed"
until systemctl is-active -q pi-companion-fleet; do sleep 1; done
cat /run/credentials/pi-companion-fleet.service/mqtt_password
echo
echo "handed>>"
hidden=$(systemctl show --value -p InaccessiblePaths pi-companion-update)
kept=/var/lib/pi-companion-site/current
echo "<<hidden"
systemd-run -q --wait --pipe -p "InaccessiblePaths=$hidden" cat $kept/secrets/mqtt_password $kept/site.toml 2>&1
echo "hidden>>"
"""


@dataclass(frozen=True, kw_only=True)
class Desk:
    """A card whose site names the server, and the server."""

    folder: Path
    card: Path
    server: Directory
    new: Path

    def index(self, version: str, bundle: str) -> str:
        return json.dumps(papers.update_index(version, EPOCH, f"{bundle}.raucb"))


@pytest.fixture
def desk(image: Path) -> Iterator[Desk]:
    folder = BUILD / "tests" / "network"
    shutil.rmtree(folder, ignore_errors=True)
    served, boot = folder / "served", folder / "companion"
    for each in (served, boot, folder / "tree"):
        each.mkdir(parents=True)
    (folder / "tree/content").write_bytes(os.urandom(2 * layout.MIB))
    new = folder / "new.ext4"
    run(["mke2fs", "-q", "-t", "ext4", "-O", "^has_journal", "-d", folder / "tree", new, "4096k"])
    ours = (BUILD / "keys/development.key.pem", BUILD / "keys/development.cert.pem")
    other = (folder / "other.key.pem", folder / "other.cert.pem")
    cards.make_key(*other, "somebody else")
    time = papers.utc(EPOCH)
    cards.bundle(new, served / "good.raucb", NEWER, time=time, signer=ours)
    cards.bundle(new, served / "old.raucb", OLDER, time=time, signer=ours)
    cards.bundle(new, served / "stranger.raucb", NEWER, time=time, signer=other)
    card = folder / "card.img"
    run(["cp", "--sparse=always", image, card])
    with card.open("r+b") as file:
        file.truncate(CARD_BYTES)
    with serving(served, folder / "certificates") as server:
        url = server.url.replace("localhost", "updates.example")
        shutil.copyfile(server.ca, boot / "ca.pem")
        (boot / "site.toml").write_text(
            f'[update]\nurl = "{url}"\nca_file = "ca.pem"\nfrom_hour = 0\nuntil_hour = 0\n'
            f'[mqtt]\nhost = "broker.example"\npassword = "{PASSWORD}"\n',
            encoding="utf-8",
        )
        run(["mcopy", "-o", "-i", f"{card}@@{layout.BOOT.start}", boot / "site.toml", boot / "ca.pem", "::/companion/"])
        yield Desk(folder=folder, card=card, server=server, new=new)


def test_only_the_bundle_that_the_index_speaks_of_and_that_is_signed_for_us_is_read_and_written(desk: Desk) -> None:
    # An old bundle of ours that is passed off as a new one; somebody else's; the right one.
    indices = [desk.index(NEWER, "old"), desk.index(NEWER, "stranger"), desk.index(NEWER, "good")]

    def next_index(path: str) -> None:
        if path.endswith(polling.INDEX):
            (desk.server.folder / polling.INDEX).write_text(indices.pop(0))

    desk.server.before = next_index
    script = READY + "".join(STEP.replace("%s", name) for name in ("forged", "stranger", "good"))
    options = ["-drive", f"file={desk.card},if=none,id=card,format=raw,cache=unsafe,discard=unmap"]
    with machine(
        desk.card, desk.folder / "network.log", script=script, card_options=options, reaches_us=True
    ) as running:
        handed, hidden = (running.section(name, LIMIT_S) for name in ("handed", "hidden"))
        forged, stranger = (running.section(name, LIMIT_S) for name in ("forged", "stranger"))
        running.wait_for(r"companion: slot B, tries left", LIMIT_S)

    with desk.card.open("rb") as card:
        card.seek(layout.SLOT_B.start)
        written = card.read(desk.new.stat().st_size)
    assert (handed, PASSWORD in hidden, 'host = "broker.example"' in hidden) == (PASSWORD, False, True), hidden
    assert f"the bundle is {OLDER}" in forged, forged
    assert "signature" in stranger.lower() or "certificate" in stranger.lower(), stranger
    assert ['"boot_primary":"rootfs.0"' in said for said in (forged, stranger)] == [True, True]
    assert (written == desk.new.read_bytes(), indices) == (True, [])
