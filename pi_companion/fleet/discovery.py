"""How does Home Assistant, or whoever knows its documents, find a unit and its figures? A document for each."""

import json
from typing import Final

from pi_companion.core.facts import Part

FIGURES: Final = {
    "uptime_s": ("s", "measurement"),
    "facts_dropped": ("", "total_increasing"),
    "audio_dropped": ("", "total_increasing"),
    "longest_turn_ms": ("ms", "measurement"),
    "events_answered": ("", "total_increasing"),
    "events_missed": ("", "total_increasing"),
    "events_fault": ("", "total_increasing"),
    "nudges": ("", "total_increasing"),
    "withheld": ("", "total_increasing"),
}
"""Figures by name: unit and kind."""

ROOT: Final = "homeassistant"


def documents(prefix: str, unit: str, version: str) -> dict[str, bytes]:
    """Return the documents by topic; each names the unit's state and availability."""
    device = {"identifiers": [f"pi-companion-{unit}"], "name": f"pi-companion {unit}", "sw_version": version}
    common = {
        "state_topic": f"{prefix}/{unit}/state",
        "availability_topic": f"{prefix}/{unit}/availability",
        "device": device,
    }
    sensors = {
        name: {"unit_of_measurement": measure, "state_class": kind} if measure else {"state_class": kind}
        for name, (measure, kind) in FIGURES.items()
    }
    lost = {f"lost_{part}": {"device_class": "problem", "payload_on": "1", "payload_off": "0"} for part in Part}
    found = {f"{ROOT}/sensor/{unit}/{name}/config": (name, extra) for name, extra in sensors.items()}
    found |= {f"{ROOT}/binary_sensor/{unit}/{name}/config": (name, extra) for name, extra in lost.items()}
    return {
        topic: json.dumps(
            {
                "name": name,
                "unique_id": f"pi_companion_{unit}_{name}",
                "value_template": f"{{{{ value_json.{name} }}}}",
                **extra,
                **common,
            }
        ).encode()
        for topic, (name, extra) in found.items()
    }
