"""`make carrier`: schematic, board, checks, gerbers and drawings, all anew; stops at the first complaint of KiCad.

KiCad runs in the tree that fetch-kicad.sh unpacked; the checkout is mounted into it. What is written beside this file
is the same on every run, so that git shows what a change changes.
"""

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import zipfile
from pathlib import Path
from time import monotonic
from typing import Any, Final

from hardware.carrier import job, project, router, schematic

ROOT: Final = project.HERE.parents[1]
TREE: Final = ROOT / "build" / "kicad"
WORK: Final = ROOT / "build" / "carrier"
INSIDE: Final = Path("/src")
ROUNDS: Final = 80
DATES: Final = (
    re.compile(r"^.*TF\.CreationDate.*\n", re.MULTILINE),
    re.compile(r"^G04 Created by KiCad.*\n", re.MULTILINE),
    re.compile(r"^; DRILL file .*\n", re.MULTILINE),
    re.compile(r"(?<=<title>SVG Image created as )(.*?) date .*?(?= *</title>)"),
)
"""What KiCad writes of the day; without it the same board gives the same files."""


def kicad(*command: str) -> None:
    """Run a command in KiCad's tree with the checkout at /src. Raises SystemExit with its output if it fails."""
    mounts = f'mount --bind "{ROOT}" "{TREE}/src" && mount --rbind /dev "{TREE}/dev"'
    home = "HOME=/tmp/kicad PATH=/usr/bin:/bin"
    call = f'exec chroot "{TREE}" /usr/bin/env {home} sh -c "cd /src && exec \\"\\$@\\"" sh "$@"'
    as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
    words = ["unshare", "--mount", *as_root, "sh", "-c", f"{mounts} && {call}", "sh", *command]
    done = subprocess.run(words, capture_output=True, text=True, check=False)  # noqa: S603 (our own words)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")


def inside(path: Path) -> str:
    """Return a path of the checkout as KiCad sees it."""
    return str(INSIDE / path.relative_to(ROOT))


def _write_project() -> None:
    project.PROJECT.mkdir(exist_ok=True)
    project.SYMBOLS.write_text(schematic.library(), encoding="utf-8")
    project.SCHEMATIC.write_text(schematic.schematic(TREE / "usr/share/kicad/symbols"), encoding="utf-8")
    project.RULES.write_text(project.rules(), encoding="utf-8")
    (project.PROJECT / "sym-lib-table").write_text(project.symbol_table(), encoding="utf-8")
    (project.PROJECT / "fp-lib-table").write_text(project.footprint_table(), encoding="utf-8")


def _build_board() -> None:
    """Place, route, pour."""
    document, pads, order = job.document(), WORK / "pads.json", WORK / "job.json"
    files = {"board": inside(project.BOARD), "pads_file": inside(pads)}
    order.write_text(json.dumps(document | files), encoding="utf-8")
    program = inside(project.HERE / "in_kicad.py")
    kicad("python3", program, "place", inside(order))
    print(f"board: {len(document['parts'])} parts placed; laying tracks", flush=True)
    found = json.loads(pads.read_text(encoding="utf-8"))
    # The same pads give the same tracks: they are laid once.
    seen = json.dumps([found, *(document[part] for part in ("outline", "keepouts", "tracks"))])
    key = hashlib.sha256(seen.encode() + Path(router.__file__).read_bytes()).hexdigest()
    routes = WORK / f"routes-{key[:16]}.json"
    order.write_text(json.dumps(document | files | {"routes_file": inside(routes)}), encoding="utf-8")
    if not routes.exists():
        routes.write_text(json.dumps(router.routed(document, found, frozenset(job.PHONE), ROUNDS)), encoding="utf-8")
    kicad("python3", program, "route", inside(order))
    settings = json.loads(project.SETTINGS.read_text(encoding="utf-8"))
    default = settings["net_settings"]["classes"][0]
    settings["net_settings"]["classes"] = [default, default | {"name": "Phone", "priority": 0}]
    settings["net_settings"]["netclass_patterns"] = [{"netclass": "Phone", "pattern": "KEY_?"}]
    design = settings["board"]["design_settings"]
    design["rules"]["min_resolved_spokes"] = 1  # between tracks one spoke may be all that fits; solder needs no two
    design["rule_severities"]["silk_over_copper"] = "ignore"  # makers clip ink at the mask's edge
    project.SETTINGS.write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")
    (project.PROJECT / "carrier.kicad_prl").unlink(missing_ok=True)


def _report() -> dict[str, Any]:
    """Return what KiCad's two checks found. Raises SystemExit if they found anything."""
    rules, design = WORK / "erc.json", WORK / "drc.json"
    kicad(
        "kicad-cli", "sch", "erc", "--format", "json", "--severity-all", "-o", inside(rules), inside(project.SCHEMATIC)
    )
    kicad(
        "kicad-cli", "pcb", "drc", "--format", "json", "--severity-all", "--schematic-parity",
        "-o", inside(design), inside(project.BOARD),
    )  # fmt: skip
    (project.PROJECT / "carrier.kicad_prl").unlink(missing_ok=True)
    erc, drc = (json.loads(path.read_text(encoding="utf-8")) for path in (rules, design))
    found = {
        "kicad": drc["kicad_version"],
        "erc": [violation for sheet in erc["sheets"] for violation in sheet["violations"]],
        "drc": [each for each in drc["violations"] if not each.get("excluded")],
        "unconnected": drc["unconnected_items"],
        "schematic_parity": drc["schematic_parity"],
    }
    if any(found[key] for key in ("erc", "drc", "unconnected", "schematic_parity")):
        raise SystemExit(json.dumps(found, indent=1))
    return found


def _undated(text: str) -> str:
    for date in DATES:
        text = date.sub(r"\1" if date.groups else "", text)
    return text


def _gerbers() -> None:
    folder = WORK / "gerbers"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    kicad(
        "kicad-cli", "pcb", "export", "gerbers", "--no-netlist", "-o", inside(folder) + "/",
        "--layers", "F.Cu,B.Cu,F.Mask,B.Mask,F.SilkS,B.SilkS,Edge.Cuts", inside(project.BOARD),
    )  # fmt: skip
    kicad(
        "kicad-cli",
        "pcb",
        "export",
        "drill",
        "--excellon-separate-th",
        "-o",
        inside(folder) + "/",
        inside(project.BOARD),
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.iterdir()):
            if path.suffix != ".gbrjob":
                entry = zipfile.ZipInfo(path.name)
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, _undated(path.read_text(encoding="utf-8")))
    project.GERBERS.write_bytes(packed.getvalue())


PALE, INK = "#AFAFAF", "#202020"
"""KiCad's grey of the placement is hard to read on white paper."""

SHEETS: Final = {
    "top": ("F.Cu,F.SilkS,F.Mask,Edge.Cuts", False),
    "bottom": ("B.Cu,B.Mask,Edge.Cuts", True),
    "placement": ("F.Fab,Edge.Cuts", False),
}


def _drawings() -> None:
    project.DRAWINGS.mkdir(exist_ok=True)
    for name, (layers, is_mirrored) in SHEETS.items():
        path = project.DRAWINGS / f"{name}.svg"
        mirror = ["--mirror"] if is_mirrored else []
        kicad(
            "kicad-cli", "pcb", "export", "svg", "--mode-single", "--page-size-mode", "2", "--exclude-drawing-sheet",
            *mirror, "--layers", layers, "-o", inside(path), inside(project.BOARD),
        )  # fmt: skip
    for path in project.DRAWINGS.glob("*.svg"):
        drawn = _undated(path.read_text(encoding="utf-8"))
        path.write_text(drawn.replace(PALE, INK), encoding="utf-8")
    (project.PROJECT / "carrier.kicad_prl").unlink(missing_ok=True)


def main() -> None:
    """Build everything; the report is written last, with the fingerprints of what it is about."""
    started = monotonic()
    WORK.mkdir(parents=True, exist_ok=True)
    _write_project()
    _build_board()
    report = _report()
    print("KiCad: no violation of electrical or design rules, nothing unconnected, schematic and board agree")
    _gerbers()
    _drawings()
    report["made-from"] = {
        str(path.relative_to(project.HERE)): project.digest(path) for path in project.checked_files()
    }
    project.REPORT.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(
        f"done in {monotonic() - started:.0f} s: gerbers for the maker of boards in {project.GERBERS.relative_to(ROOT)}"
    )


if __name__ == "__main__":
    main()
