"""Can each part be printed as it is, and do the true shapes fit? Asked of the meshes and the solids themselves.

Where `clearances` works with bounding boxes and runs everywhere, this needs the CAD kernel and runs in
`make enclosure`, which stops at the first complaint.
"""

from collections.abc import Mapping
from math import cos, radians
from typing import Final

import numpy as np
import trimesh
from build123d import Part, Pos, Rot

from hardware.enclosure import dimensions as d
from hardware.enclosure import model

OVERHANG_DEG: Final = 45.0
"""How far a surface may lean out over nothing, from upright."""

TOLERANCE_DEG: Final = 1.0
"""By which a facet of a cone of 45 degrees differs from the cone."""

THINNEST: Final = 2 * d.NOZZLE
"""Two lines: the stop of a light pipe. Walls that carry something are checked by `clearances.screws`."""

DEFLECTION: Final = 0.02
"""How far a mesh's facets may be from the true curve, in millimetres."""


def mesh_of(part: Part) -> trimesh.Trimesh:
    """Return a part as triangles, with shared corners."""
    vertices, faces = part.tessellate(DEFLECTION, 0.2)
    mesh = trimesh.Trimesh([tuple(v) for v in vertices], faces, process=False)
    mesh.merge_vertices(digits_vertex=5)
    return mesh


def printable(name: str, mesh: trimesh.Trimesh) -> list[str]:
    """Return what keeps a mesh, standing on z = 0 as it is printed, from being printed without supports."""
    found = []
    if not (mesh.is_watertight and mesh.is_winding_consistent and mesh.is_volume):
        found.append(f"{name}: the mesh is not closed")
    if len(mesh.split(only_watertight=False)) != 1:
        found.append(f"{name}: it is in {len(mesh.split(only_watertight=False))} pieces")
    if max(mesh.extents[:2]) > d.BED or mesh.extents[2] > d.BED:
        found.append(f"{name}: {mesh.extents.round(1)} mm do not fit on a bed of {d.BED:g} mm")
    steepest = -np.sin(radians(OVERHANG_DEG + TOLERANCE_DEG))
    lies = mesh.triangles[:, :, 2].max(axis=1) < 1e-3
    leaning = (mesh.face_normals[:, 2] < steepest) & ~lies & (mesh.area_faces > 1e-6)
    if leaning.any():
        worst = mesh.triangles_center[leaning][np.argmax(mesh.area_faces[leaning])].round(1)
        found.append(
            f"{name}: {mesh.area_faces[leaning].sum():.2f} square mm lean out by more than {OVERHANG_DEG:g} degrees, "
            f"the largest at {worst.tolist()}"
        )
    return found


def thin_places(name: str, mesh: trimesh.Trimesh, thinnest: float = THINNEST) -> list[str]:
    """Return where two surfaces that face away from each other are nearer than two lines."""
    points, faces = trimesh.sample.sample_surface_even(mesh, 3000, seed=1)
    normals = mesh.face_normals[faces]
    inside = points - normals * 1e-4
    where, ray, triangle = mesh.ray.intersects_location(inside, -normals, multiple_hits=False)
    opposite = np.einsum("ij,ij->i", mesh.face_normals[triangle], normals[ray]) < -cos(radians(20))
    depth = np.linalg.norm(where - inside[ray], axis=1)
    thin = opposite & (depth < thinnest - 0.02)
    if not thin.any():
        return []
    at = points[ray[thin][np.argmin(depth[thin])]].round(1).tolist()
    return [f"{name}: {depth[thin].min():.2f} mm thin at {at}; {thinnest:g} mm are needed"]


def solid(box: d.Box) -> Part:
    """Return a bought part as a solid: its bounding box, or for an LED the upright cylinder in it."""
    if not box.name.startswith("LED"):
        return model.block(box.low, box.high)
    middle = ((box.low[0] + box.high[0]) / 2, (box.low[1] + box.high[1]) / 2)
    return model.rod(middle, box.high[0] - box.low[0], (box.low[2], box.high[2]))


def sensor_solids() -> dict[str, Part]:
    """Return the sensor's board and sockets, tilted as they are."""
    place = Pos(*d.sensor_point(0, 0, 0)) * Rot(d.SENSOR_TILT_DEG, 0, 0)
    (width, depth), (deep, high) = d.SENSOR_BOARD, d.SENSOR_PLUG
    bodies = {"sensor board": model.block((-width / 2, -depth / 2, -1.6), (width / 2, depth / 2, -0.01))}
    for side in (-1, 1):
        low, up = sorted((side * width / 2, side * (width / 2 - 4.5)))
        bodies[f"sensor socket {side:+d}"] = model.block((low, -deep / 2, 0), (up, deep / 2, high))
    return {name: place * body for name, body in bodies.items()}


def collisions(parts: Mapping[str, Part]) -> list[str]:
    """Return every bought body that is in the same place as a printed one."""
    found = []
    for panel in d.Panel:
        printed = {name: part for name, part in parts.items() if name in {"base", f"lid-{panel}"}}
        for board in d.Board:
            boxes = (*d.pi_parts(board), *d.carrier_parts(), *d.face_parts(panel))
            bodies = {box.name: solid(box) for box in boxes if not box.name.startswith("sensor")} | sensor_solids()
            found += [f"{board}, {panel}: {each}" for each in _common(bodies, printed)]
    return found + _common({"base": parts["base"]}, {"lid": parts[f"lid-{d.Panel.LARGE}"]})


def _common(bodies: Mapping[str, Part], printed: Mapping[str, Part]) -> list[str]:
    return [
        f"{name} and the {other} share {volume:.2f} cubic mm"
        for name, body in bodies.items()
        for other, part in printed.items()
        if (volume := sum(each.volume for each in (body & part).solids())) > 1e-3
    ]
