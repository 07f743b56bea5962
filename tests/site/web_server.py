"""A web server as IT would have one: a directory over HTTPS, ranges of bytes, with a CA made on the spot."""

import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from tests.broker.mosquitto import write_certificates


@dataclass
class Directory:
    """What is served, from where, and what was asked for."""

    folder: Path
    ca: Path
    port: int = 0
    asked: list[str] = field(default_factory=list)
    before: Callable[[str], None] = lambda _path: None
    """Called with each path before it is answered."""

    @property
    def url(self) -> str:
        """Return the directory's address."""
        return f"https://localhost:{self.port}/pi"


@contextmanager
def serving(folder: Path, certificates: Path) -> Iterator[Directory]:
    """Serve a folder as `/pi` until the block ends. `certificates`: where CA and keys are made."""
    certificates.mkdir(exist_ok=True)
    write_certificates(certificates)
    directory = Directory(folder=folder, ca=certificates / "ca.pem")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._answer(with_content=False)

        def do_GET(self) -> None:
            self._answer(with_content=True)

        def _answer(self, *, with_content: bool) -> None:
            directory.asked.append(self.path)
            directory.before(self.path)
            found = re.fullmatch(r"/pi/([\w.+-]+)", self.path)
            path = folder / found[1] if found else folder / "none"
            if not path.is_file():
                self.send_error(HTTPStatus.NOT_FOUND)
                return
            size = path.stat().st_size
            first, last, status = 0, size - 1, HTTPStatus.OK
            if wanted := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", "")):
                first, last = int(wanted[1]), min(int(wanted[2] or last), last)
                status = HTTPStatus.PARTIAL_CONTENT
            self.send_response(status)
            self.send_header("Accept-Ranges", "bytes")
            self.send_header("Content-Length", str(last - first + 1))
            if status is HTTPStatus.PARTIAL_CONTENT:
                self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
            self.end_headers()
            if with_content:
                with path.open("rb") as file:
                    file.seek(first)
                    left = last - first + 1
                    while left and (part := file.read(min(left, 1 << 20))):
                        self.wfile.write(part)
                        left -= len(part)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificates / "server.pem", certificates / "server.key")
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    directory.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield directory
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
