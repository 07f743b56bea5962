"""How does a model's archive get here whole? Download with resume; nothing the server says is believed.

Apart from what unpacks it: the running device never downloads, and `requests` is six megabytes of memory. Every failure
is one `ModelError` that says what to do next (law 10).
"""

import os
import re
from http import HTTPStatus
from pathlib import Path

import requests

from pi_companion.errors import ModelError
from pi_companion.speech.model_archives import KnownModel, Progress, require_space, verify
from pi_companion.speech.model_files import sync

URL_VARIABLE = "PI_COMPANION_MODEL_URL"

_CHUNK = 1 << 16
_TIMEOUT_S = (10, 60)  # to connect, and between two pieces


def download(known: KnownModel, part: Path, progress: Progress) -> None:
    """Fetch the known model's zip into `part` and verify size and SHA-256; go on where an earlier try stopped.

    `$PI_COMPANION_MODEL_URL`, a mirror's folder, replaces the address up to the file name. A part that broke off
    stays for the next try; one with wrong bytes is deleted. `ModelError` on any failure.
    """
    mirror = os.environ.get(URL_VARIABLE)
    url = f"{mirror.rstrip('/')}/{known.name}.zip" if mirror else known.url
    part.parent.mkdir(parents=True, exist_ok=True)
    have = part.stat().st_size if part.exists() else 0
    # Unpacked, an official small model was 3.1 times its zip (Korean); unpacking checks the exact figure.
    require_space(part.parent, known.size_bytes - min(have, known.size_bytes) + 4 * known.size_bytes)
    if have < known.size_bytes:
        try:
            _fetch(url, part, known, progress)
        except requests.RequestException as error:
            raise ModelError(_cannot(url, known, f"cannot be reached ({type(error).__name__})")) from error
    verify(part, known)


def _fetch(url: str, part: Path, known: KnownModel, progress: Progress) -> None:
    have = part.stat().st_size if part.exists() else 0
    # identity: a compressed transfer would make lengths and ranges mean something else.
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    with requests.get(url, headers=headers, stream=True, timeout=_TIMEOUT_S) as answer:
        if answer.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and have:
            part.unlink()
            raise ModelError(f"{url}: holds no more than the {have:,} bytes fetched before; deleted, install again")
        is_resumed = answer.status_code == HTTPStatus.PARTIAL_CONTENT
        if not is_resumed and answer.status_code != HTTPStatus.OK:
            raise ModelError(_cannot(url, known, f"HTTP {answer.status_code} {answer.reason}"))
        if is_resumed and not re.match(rf"bytes {have}-", answer.headers.get("Content-Range", "")):
            raise ModelError(_cannot(url, known, "the server sent another range than it was asked for"))
        done = have if is_resumed else 0
        promised = answer.headers.get("Content-Length", "")
        if promised.isdecimal() and done + int(promised) != known.size_bytes:
            size = f"size found {done + int(promised):,} bytes, expected {known.size_bytes:,} bytes"
            # What was fetched before stays: this may be a login page answering in the server's place.
            raise ModelError(_cannot(url, known, f"is not {known.name}: {size}"))
        try:
            with part.open("ab" if is_resumed else "wb") as file:
                progress(done, known.size_bytes)
                for piece in answer.iter_content(_CHUNK):
                    file.write(piece)
                    done += len(piece)
                    progress(done, known.size_bytes)
                    if done > known.size_bytes:
                        return  # never more than promised; `verify` refuses and deletes it
        except requests.RequestException as error:
            fetched = f"{part.stat().st_size:,} of {known.size_bytes:,} bytes"
            again = f"broke off after {fetched} ({type(error).__name__}); install again to go on from there"
            raise ModelError(_cannot(url, known, again)) from error
    sync(part)
    if done < known.size_bytes:
        short = f"broke off after {done:,} of {known.size_bytes:,} bytes; install again to go on from there"
        raise ModelError(_cannot(url, known, short))


def _cannot(url: str, known: KnownModel, why: str) -> str:
    return (
        f"{url}: {why}\n"
        f"without a connection: download {known.name}.zip on another machine, "
        f"then `pi-companion model install {known.name}.zip`"
    )
