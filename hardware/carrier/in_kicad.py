"""Makes the board in KiCad: footprints, outline, nets, rules and, once routed, tracks and areas of copper.

Runs inside the tree that `make carrier` unpacks KiCad into, with KiCad's own Python and nothing else; what to build
comes in as JSON (job.py), so that no value stands here. KiCad's module publishes no types.
"""

import json
import sys
from itertools import pairwise
from pathlib import Path

import pcbnew

LIBRARY = "/usr/share/kicad/footprints"
TOP, BOTTOM = pcbnew.F_Cu, pcbnew.B_Cu

BESIDE = {"Resistor_THT": (2.9, -1.35), "LED_THT": (1.27, -2.55)}
"""Where the placement drawing names a standing resistor or an LED, from pad 1: clear of its own pads and others."""


def mm(x: float, y: float) -> pcbnew.VECTOR2I:
    """Return a point."""
    return pcbnew.VECTOR2I(pcbnew.FromMM(x), pcbnew.FromMM(y))


def footprint(board, name, ref, value, place):
    """Load a footprint, put it in its place and return it."""
    library, _, part = name.partition(":")
    found = pcbnew.FootprintLoad(f"{LIBRARY}/{library}.pretty", part)
    if found is None:
        raise SystemExit(f"{ref}: KiCad has no footprint {name}")
    found.SetFPIDAsString(name)
    found.SetReference(ref)
    found.SetValue(value)
    board.Add(found)
    found.SetPosition(mm(*place["at"]))
    if place["is_below"]:
        found.Flip(mm(*place["at"]), pcbnew.FLIP_DIRECTION_LEFT_RIGHT)
    found.SetOrientationDegrees(place["turn_deg"])
    is_standing = name.endswith("_Vertical")
    label = found.Reference()
    label.SetTextSize(mm(0.8, 0.8))
    label.SetTextThickness(pcbnew.FromMM(0.12))
    box = found.GetBoundingBox(False)
    label.SetPosition(box.GetCenter())
    label.SetTextAngleDegrees(90 if place["turn_deg"] == 90 and box.GetHeight() > box.GetWidth() else 0)
    # Where a name has no room beside pads and outlines, the placement drawing has it.
    has_room = not name.startswith(("LED", "Diode")) and "CP_" not in name
    label.SetVisible(has_room and (not is_standing or ref.startswith("RV")))
    found.Value().SetVisible(False)
    is_named_beside = library in BESIDE and (is_standing or library == "LED_THT")
    for item in list(found.GraphicalItems()):
        if isinstance(item, pcbnew.PCB_TEXT) and item.IsOnLayer(pcbnew.F_SilkS):
            found.Remove(item)  # a cathode's K would be printed on a pad; the bar says it
        elif isinstance(item, pcbnew.PCB_TEXT) and item.GetText() == "${REFERENCE}" and is_named_beside:
            (x, y), (dx, dy) = place["at"], BESIDE[library]
            item.SetTextSize(mm(0.8, 0.8))
            item.SetTextThickness(pcbnew.FromMM(0.12))
            item.SetPosition(mm(x + dx, y + dy))
    return found


def outline(board, points):
    """Draw the board's edge."""
    for one, other in zip(points, points[1:] + points[:1], strict=True):
        line = pcbnew.PCB_SHAPE(board, pcbnew.SHAPE_T_SEGMENT)
        line.SetLayer(pcbnew.Edge_Cuts)
        line.SetWidth(pcbnew.FromMM(0.1))
        line.SetStart(mm(*one))
        line.SetEnd(mm(*other))
        board.Add(line)


def area(board, points, layers, net=None, name="", keepout=False):
    """Add an area: copper of a net, a place without any, or (with neither) a name that a rule can refer to."""
    zone = pcbnew.ZONE(board)
    shape = pcbnew.SHAPE_LINE_CHAIN()
    for point in points:
        shape.Append(mm(*point))
    shape.SetClosed(True)
    zone.Outline().AddOutline(shape)
    zone.SetLayerSet(pcbnew.LSET(layers) if not isinstance(layers, pcbnew.LSET) else layers)
    zone.SetZoneName(name)
    if net is None:
        zone.SetIsRuleArea(True)
        zone.SetDoNotAllowTracks(False)
        zone.SetDoNotAllowVias(False)
        zone.SetDoNotAllowCopperPour(keepout)
        zone.SetDoNotAllowPads(False)
        zone.SetDoNotAllowFootprints(False)
    else:
        zone.SetNet(net)
        zone.SetLocalClearance(pcbnew.FromMM(0.35))
        zone.SetMinThickness(pcbnew.FromMM(0.25))
        zone.SetThermalReliefGap(pcbnew.FromMM(0.35))
        zone.SetThermalReliefSpokeWidth(pcbnew.FromMM(0.5))
        zone.SetIslandRemovalMode(pcbnew.ISLAND_REMOVAL_MODE_ALWAYS)
    board.Add(zone)
    return zone


def layers(*names):
    """Return a set of layers."""
    found = pcbnew.LSET()
    for name in names:
        found.AddLayer(name)
    return found


def track(board, points, net, layer, width):
    """Lay a track through some points."""
    for one, other in pairwise(points):
        piece = pcbnew.PCB_TRACK(board)
        piece.SetStart(mm(*one))
        piece.SetEnd(mm(*other))
        piece.SetWidth(pcbnew.FromMM(width))
        piece.SetLayer(layer)
        piece.SetNet(net)
        board.Add(piece)


def text(board, words, at, size=1.2, layer=pcbnew.F_SilkS):
    """Write on the board."""
    words_ = pcbnew.PCB_TEXT(board)
    words_.SetText(words)
    words_.SetPosition(mm(*at))
    words_.SetTextSize(mm(size, size))
    words_.SetTextThickness(pcbnew.FromMM(size * 0.14))
    words_.SetLayer(layer)
    board.Add(words_)


def made(job):
    """Return the board as the job says, without copper but for the phone's side."""
    board = pcbnew.NewBoard(str(job["board"]))
    board.SetCopperLayerCount(2)
    settings = board.GetDesignSettings()
    settings.m_TrackMinWidth = pcbnew.FromMM(0.25)
    settings.m_MinClearance = pcbnew.FromMM(0.2)
    settings.m_CopperEdgeClearance = pcbnew.FromMM(0.5)
    nets = {}
    for name in job["nets"]:
        nets[name] = pcbnew.NETINFO_ITEM(board, name)
        board.Add(nets[name])
    outline(board, job["outline"])
    for ref, part in job["parts"].items():
        body = footprint(board, part["footprint"], ref, part["value"], part["place"])
        for pad in body.Pads():
            if pad.GetNumber() in part["pads"]:
                pad.SetNet(nets[part["pads"][pad.GetNumber()]])
    for number, at in enumerate(job["holes"], 1):
        hole = footprint(
            board,
            "MountingHole:MountingHole_2.7mm_M2.5",
            f"H{number}",
            "M2.5",
            {"at": at, "turn_deg": 0, "is_below": False},
        )
        hole.Reference().SetVisible(False)
        hole.SetBoardOnly(True)
        hole.SetExcludedFromBOM(True)
        hole.SetExcludedFromPosFiles(True)
    for each in job["keepouts"]:
        area(board, each["points"], layers(TOP, BOTTOM), name=each["name"], keepout=not each["has_pour"])
    for each in job["tracks"]:
        track(board, each["points"], nets[each["net"]], TOP if each["layer"] == "F.Cu" else BOTTOM, each["width"])
    for each in job["texts"]:
        text(board, each["words"], each["at"], each["size"])
    return board


def place(job):
    """Write the board with its parts, and what the router needs."""
    board = made(job)
    pcbnew.SaveBoard(str(job["board"]), board)
    every = [
        {
            "ref": body.GetReference(),
            "number": pad.GetNumber(),
            "net": pad.GetNetname(),
            "at": [pcbnew.ToMM(pad.GetPosition().x), pcbnew.ToMM(pad.GetPosition().y)],
            "size": [pcbnew.ToMM(pad.GetBoundingBox().GetWidth()), pcbnew.ToMM(pad.GetBoundingBox().GetHeight())],
            "is_round": pad.GetShape() == pcbnew.PAD_SHAPE_CIRCLE,
            "hole": pcbnew.ToMM(pad.GetDrillSize().x),
            "plated": pad.GetAttribute() == pcbnew.PAD_ATTRIB_PTH,
        }
        for body in board.GetFootprints()
        for pad in body.Pads()
    ]
    Path(job["pads_file"]).write_text(json.dumps(every, indent=0))


def route(job):
    """Write the board with the router's tracks, vias and the areas of ground."""
    board = made(job)
    nets = {name: board.FindNet(name) for name in job["nets"]}
    routes = json.loads(Path(job["routes_file"]).read_text())
    for each in routes["tracks"]:
        track(board, each["points"], nets[each["net"]], TOP if each["layer"] == "F.Cu" else BOTTOM, each["width"])
    for each in routes["vias"]:
        via = pcbnew.PCB_VIA(board)
        via.SetPosition(mm(*each["at"]))
        for layer in (TOP, BOTTOM):
            via.SetWidth(layer, pcbnew.FromMM(job["via"][0]))
        via.SetDrill(pcbnew.FromMM(job["via"][1]))
        via.SetNet(nets[each["net"]])
        board.Add(via)
    for layer in (TOP, BOTTOM):
        area(board, job["ground"], layers(layer), nets[job["ground_net"]], name="ground")
    pcbnew.ZONE_FILLER(board).Fill(board.Zones())
    pcbnew.SaveBoard(str(job["board"]), board)


if __name__ == "__main__":
    pcbnew.KIID.SeedGenerator(1)  # the same board gives the same file
    what = json.loads(Path(sys.argv[2]).read_text())
    {"place": place, "route": route}[sys.argv[1]](what)
