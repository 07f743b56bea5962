"""A download arrives whole, goes on where it stopped, or says what to do. Served on 127.0.0.1."""

import contextlib
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from pi_companion.errors import ModelError
from pi_companion.speech.model_archives import KnownModel, verify
from pi_companion.speech.model_download import download
from tests.speech.small_models import Steps, known

PAYLOAD = bytes(range(256)) * 1000
MODEL = known("small", PAYLOAD)


@dataclass
class Mirror:
    """What the server does next, and what it was asked: (path, Range) of each request."""

    address: str = ""
    payload: bytes = PAYLOAD
    status: int = 0
    honours_range: bool = True
    range_is_off_by: int = 0
    says_length: bool = True
    breaks_off_after: int | None = None
    asked: list[tuple[str, str | None]] = field(default_factory=list)


@pytest.fixture
def mirror(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mirror]:
    mirror = Mirror()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked = self.headers.get("Range")
            mirror.asked.append((self.path, asked))
            start = int(re.sub(r"\D", "", asked)) if asked and mirror.honours_range else 0
            is_past_end = start > 0 and start >= len(mirror.payload)
            self.send_response(mirror.status or (416 if is_past_end else 206 if start else 200))
            body = mirror.payload[start:]
            if start:
                self.send_header(
                    "Content-Range",
                    f"bytes {start + mirror.range_is_off_by}-{len(mirror.payload) - 1}/{len(mirror.payload)}",
                )
            if mirror.says_length:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with contextlib.suppress(ConnectionError):  # the client may have had enough
                self.wfile.write(body[: mirror.breaks_off_after])

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    mirror.address = f"http://127.0.0.1:{server.server_address[1]}/models"
    monkeypatch.setenv("PI_COMPANION_MODEL_URL", mirror.address)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    yield mirror
    server.shutdown()
    thread.join()
    server.server_close()


def fetch(part: Path, model: KnownModel = MODEL) -> Steps:
    steps = Steps()
    download(model, part, steps)
    return steps


def refusal(part: Path, model: KnownModel = MODEL) -> str:
    with pytest.raises(ModelError) as caught:
        download(model, part, Steps())
    return str(caught.value).splitlines()[0]


def test_a_download_arrives_whole_and_reports_its_progress(mirror: Mirror, tmp_path: Path) -> None:
    steps = fetch(tmp_path / "part")

    assert (tmp_path / "part").read_bytes() == PAYLOAD
    assert steps.seen[0] == (0, len(PAYLOAD))
    assert steps.seen[-1] == (len(PAYLOAD), len(PAYLOAD))
    assert mirror.asked == [("/models/small.zip", None)]


def test_without_a_mirror_the_models_own_address_is_asked(
    mirror: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PI_COMPANION_MODEL_URL")

    fetch(tmp_path / "part", known("small", PAYLOAD, url=f"{mirror.address}/elsewhere.zip"))

    assert mirror.asked == [("/models/elsewhere.zip", None)]


def test_a_download_goes_on_where_it_stopped(mirror: Mirror, tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(PAYLOAD[:100_000])

    steps = fetch(tmp_path / "part")

    assert (tmp_path / "part").read_bytes() == PAYLOAD
    assert steps.seen[0] == (100_000, len(PAYLOAD))
    assert mirror.asked == [("/models/small.zip", "bytes=100000-")]


def test_a_server_that_ignores_ranges_is_read_from_the_start(mirror: Mirror, tmp_path: Path) -> None:
    mirror.honours_range = False
    (tmp_path / "part").write_bytes(PAYLOAD[:100_000])

    steps = fetch(tmp_path / "part")

    assert (tmp_path / "part").read_bytes() == PAYLOAD
    assert steps.seen[0] == (0, len(PAYLOAD))


def test_another_range_than_asked_for_is_refused_and_the_part_kept(mirror: Mirror, tmp_path: Path) -> None:
    mirror.range_is_off_by = 1
    (tmp_path / "part").write_bytes(PAYLOAD[:1000])

    assert refusal(tmp_path / "part").endswith("the server sent another range than it was asked for")
    assert (tmp_path / "part").read_bytes() == PAYLOAD[:1000]


def test_what_was_fetched_whole_before_is_not_asked_for_again(mirror: Mirror, tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(PAYLOAD)

    fetch(tmp_path / "part")

    assert mirror.asked == []


@pytest.mark.parametrize("says_length", [True, False])
def test_a_download_that_breaks_off_is_kept_to_go_on_from(says_length: bool, mirror: Mirror, tmp_path: Path) -> None:
    mirror.says_length, mirror.breaks_off_after = says_length, 131_072

    said = refusal(tmp_path / "part")

    assert "broke off after 131,072 of 256,000 bytes" in said
    assert "install again to go on from there" in said
    mirror.breaks_off_after = None
    fetch(tmp_path / "part")
    assert mirror.asked[-1] == ("/models/small.zip", "bytes=131072-")
    assert (tmp_path / "part").read_bytes() == PAYLOAD


def test_wrong_bytes_are_refused_with_both_sums_and_deleted(mirror: Mirror, tmp_path: Path) -> None:
    mirror.payload = bytes(len(PAYLOAD))

    said = refusal(tmp_path / "part")

    wrong = known("small", mirror.payload)
    assert said == (
        f"{tmp_path / 'part'}: is not small: SHA-256 found {wrong.sha256}, expected {MODEL.sha256}; "
        "it was deleted; install again"
    )
    assert not (tmp_path / "part").exists()


def test_a_part_that_never_belonged_is_found_after_resuming_and_deleted(mirror: Mirror, tmp_path: Path) -> None:
    (tmp_path / "part").write_bytes(bytes(1000))

    said = refusal(tmp_path / "part")

    assert "SHA-256 found" in said
    assert mirror.asked == [("/models/small.zip", "bytes=1000-")]
    assert not (tmp_path / "part").exists()


def test_another_size_is_refused_before_it_is_fetched_and_the_part_kept(mirror: Mirror, tmp_path: Path) -> None:
    mirror.payload, mirror.honours_range = b"<html>please log in</html>", False
    (tmp_path / "part").write_bytes(PAYLOAD[:1000])

    said = refusal(tmp_path / "part")

    assert said == f"{mirror.address}/small.zip: is not small: size found 26 bytes, expected 256,000 bytes"
    assert (tmp_path / "part").read_bytes() == PAYLOAD[:1000]


def test_a_server_that_never_stops_is_cut_off_just_past_the_size(mirror: Mirror, tmp_path: Path) -> None:
    mirror.payload, mirror.says_length = PAYLOAD * 20, False
    steps = Steps()

    with pytest.raises(ModelError, match=r"size found [\d,]+ bytes, expected 256,000 bytes; it was deleted"):
        download(MODEL, tmp_path / "part", steps)

    assert steps.seen[-1][0] <= len(PAYLOAD) + (1 << 16)


def test_a_server_that_has_less_than_was_fetched_drops_the_part(mirror: Mirror, tmp_path: Path) -> None:
    mirror.payload = PAYLOAD[:500]
    (tmp_path / "part").write_bytes(PAYLOAD[:1000])

    assert refusal(tmp_path / "part").endswith(
        "holds no more than the 1,000 bytes fetched before; deleted, install again"
    )
    assert not (tmp_path / "part").exists()


@pytest.mark.parametrize(("status", "said"), [(404, "HTTP 404 Not Found"), (500, "HTTP 500 Internal Server Error")])
def test_an_error_of_the_server_is_one_error_with_the_next_step(
    status: int, said: str, mirror: Mirror, tmp_path: Path
) -> None:
    mirror.status = status

    with pytest.raises(ModelError) as caught:
        download(MODEL, tmp_path / "part", Steps())

    assert str(caught.value) == (
        f"{mirror.address}/small.zip: {said}\n"
        "without a connection: download small.zip on another machine, then `pi-companion model install small.zip`"
    )


def test_no_connection_is_one_error_with_the_next_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PI_COMPANION_MODEL_URL", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    # A port that was free a moment ago and is closed again.
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as closed:
        address = f"http://127.0.0.1:{closed.server_address[1]}/small.zip"

    with pytest.raises(ModelError) as caught:
        download(known("small", PAYLOAD, url=address), tmp_path / "part", Steps())

    assert str(caught.value) == (
        f"{address}: cannot be reached (ConnectionError)\n"
        "without a connection: download small.zip on another machine, then `pi-companion model install small.zip`"
    )


def test_a_download_that_will_not_fit_is_not_begun(mirror: Mirror, tmp_path: Path) -> None:
    huge = KnownModel(name="huge", url="", size_bytes=1 << 60, sha256="")

    assert re.search(r"not enough room: [\d,]+ bytes needed, [\d,]+ free", refusal(tmp_path / "part", huge))
    assert mirror.asked == []


def test_a_persons_own_file_is_never_deleted(tmp_path: Path) -> None:
    own = tmp_path / "small.zip"
    own.write_bytes(b"PK something else")

    with pytest.raises(ModelError, match="size found 17 bytes, expected 256,000 bytes; get it again"):
        verify(own, MODEL, keep=True)

    assert own.exists()
