"""What comes with the image, and how is it read? Manifest, SBOM, checksum, the entry for Raspberry Pi Imager."""

import hashlib
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from firmware import layout

DEVICES: Final = ("pi3-64bit", "pi4-64bit", "pi5-64bit")
"""Imager's tags: 3A+, 3B+ and Zero 2 W are all `pi3-64bit`."""

NEVER_BOOTED: Final = "Zero 2 W, 3A+, 3B+, 4B, 5"


def utc(epoch: int) -> str:
    """Return a time as these papers write it."""
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def sbom(version: str, epoch: int, debs: dict[str, str], python: dict[str, str]) -> dict[str, Any]:
    """Return an SPDX 2.3 document of what is in the root file system: a package for each of Debian's and Python's."""
    packages = [
        *(
            _package("deb", name, its, f"pkg:deb/debian/{name}@{its}?arch=arm64&distro=debian-13")
            for name, its in sorted(debs.items())
        ),
        *(_package("pypi", name, its, f"pkg:pypi/{name}@{its}") for name, its in sorted(python.items())),
    ]
    return {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"pi-companion-{version}-arm64",
        "documentNamespace": f"urn:pi-companion:sbom:{version}:{epoch}",
        "creationInfo": {"created": utc(epoch), "creators": ["Tool: pi-companion-image"]},
        "packages": packages,
        "relationships": [
            {"spdxElementId": "SPDXRef-DOCUMENT", "relationshipType": "DESCRIBES", "relatedSpdxElement": each["SPDXID"]}
            for each in packages
        ],
    }


def _package(kind: str, name: str, version: str, purl: str) -> dict[str, Any]:
    return {
        "SPDXID": f"SPDXRef-{kind}-{re.sub('[^A-Za-z0-9.-]', '-', name)}",
        "name": name,
        "versionInfo": version,
        "downloadLocation": "NOASSERTION",
        "filesAnalyzed": False,
        "externalRefs": [
            {
                "referenceCategory": "PACKAGE-MANAGER",
                "referenceType": "purl",
                "referenceLocator": purl.replace("+", "%2B"),
            }
        ],
    }


def packages_of(document: dict[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """Return Debian's and Python's packages of an SBOM, name to version each."""
    debs: dict[str, str] = {}
    python: dict[str, str] = {}
    for each in document["packages"]:
        purl = each["externalRefs"][0]["referenceLocator"]
        (debs if purl.startswith("pkg:deb/") else python)[each["name"]] = each["versionInfo"]
    return debs, python


def imager_entry(version: str, epoch: int, image: dict[str, Any], address: str) -> dict[str, Any]:
    """Return a list that Raspberry Pi Imager reads (`--repo FILE`, or Options, custom repository).

    `image`: the manifest's figures. `address`: the folder where the `.img.xz` will be found.
    """
    return {
        "imager": {"latest_version": "1.8.5", "url": "https://www.raspberrypi.com/software/"},
        "os_list": [
            {
                "name": f"pi-companion {version}",
                "description": "Desk-phone companion: flash, edit companion/site.toml, plug in",
                "icon": "",
                "url": f"{address.rstrip('/')}/{image['name']}.xz",
                "extract_size": image["bytes"],
                "extract_sha256": image["sha256"],
                "image_download_size": image["packed_bytes"],
                "image_download_sha256": image["packed_sha256"],
                "release_date": utc(epoch)[:10],
                "init_format": "none",
                "devices": list(DEVICES),
            }
        ],
    }


def manifest(version: str, epoch: int, commit: str, image: dict[str, Any], signer: str) -> dict[str, Any]:
    """Return what was built from what: enough to build it again and to compare."""
    return {
        "name": "pi-companion",
        "version": version,
        "commit": commit,
        "time": utc(epoch),
        "architecture": "arm64",
        "image": image,
        "update": {"compatible": layout.COMPATIBLE, "signed_by_sha256": signer},
        "partitions": [
            {
                "number": each.number,
                "name": each.name,
                "start": each.start,
                "size": each.size,
                "in_image": each.is_in_image,
            }
            for each in layout.PARTITIONS
        ],
        "least_card_bytes": layout.LEAST_CARD_BYTES,
        "boards_never_booted": NEVER_BOOTED,
        "may_differ_between_builds": ["update bundle: the salt of its hashes, they themselves, and the signature"],
    }


def update_index(version: str, epoch: int, bundle: str) -> dict[str, Any]:
    """Return what units ask an update server for (`site/polling.py`): which version, of when, in which file."""
    return {"version": version, "time": utc(epoch), "bundle": bundle}


def write(path: Path, document: dict[str, Any]) -> None:
    """Write a document, whole or not at all."""
    new = path.with_name(path.name + ".new")
    new.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    new.replace(path)
