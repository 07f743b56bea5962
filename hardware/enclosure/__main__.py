"""`make enclosure`: builds every part, asks whether it can be printed and fits, writes files to print, and pictures.

Parts go to build/enclosure as STL (as they lie on the bed) and STEP (in their place); pictures and the table of parts
go beside this file, with the fingerprint of their sources, which `make test` compares.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from time import monotonic
from typing import Any

from build123d import Part, export_step
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from hardware.enclosure import checks, clearances, model, scenes
from hardware.enclosure.sources import HERE, PARTS, PICTURES, STAMP, fingerprint

OUT = HERE.parents[1] / "build" / "enclosure"
PETG_G_PER_CM3 = 1.27


def _facts(name: str, part: Part, path: Path) -> dict[str, Any]:
    printed = model.as_printed(name, part)
    mesh = checks.mesh_of(printed)
    if found := checks.printable(name, mesh) + checks.thin_places(name, mesh):
        raise SystemExit("\n".join(found))
    path.write_bytes(mesh.export(file_type="stl"))
    export_step(part, path.with_suffix(".step"))
    return {
        "size_mm": [round(float(each), 1) for each in mesh.extents],
        "volume_cm3": round(part.volume / 1000, 2),
        "solid_g": round(part.volume / 1000 * PETG_G_PER_CM3, 1),
        "triangles": len(mesh.faces),
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }


def _save(image: Image.Image, path: Path) -> None:
    stamp = PngInfo()
    stamp.add_text(STAMP, fingerprint())
    image.save(path, pnginfo=stamp, optimize=True)
    print(f"  {path.relative_to(HERE.parents[1])}")


def _pictures(parts: Mapping[str, Part]) -> None:
    meshes = {name: checks.mesh_of(part) for name, part in parts.items()}
    PICTURES.mkdir(exist_ok=True)
    for name, scene in scenes.SCENES.items():
        _save(scene(meshes), PICTURES / f"{name}.png")
    _save(scenes.hood(parts), PICTURES / "hood.png")


def main() -> None:
    """Build, check, write. Exits with the complaints, if there are any, before anything is written beside this file."""
    started = monotonic()
    if found := clearances.complaints():
        raise SystemExit("\n".join(found))
    print("clearances: every rule holds (bounding boxes)")
    OUT.mkdir(parents=True, exist_ok=True)
    parts = model.parts()
    facts = {name: _facts(name, part, OUT / f"{name}.stl") for name, part in parts.items()}
    print(f"parts: {len(facts)} closed meshes, no overhang beyond 45 degrees, nothing thinner than two lines; in {OUT}")
    if found := checks.collisions(parts):
        raise SystemExit("\n".join(found))
    print("solids: no part is in the place of another, for every Pi and panel")
    PARTS.write_text(json.dumps({STAMP: fingerprint(), "parts": facts}, indent=1) + "\n", encoding="utf-8")
    print("pictures:")
    _pictures(parts)
    print(f"done in {monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()
