"""A translation server on loopback that speaks LibreTranslate's two routes and remembers what it was sent."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@contextmanager
def translation_server(asked: list[dict[str, Any]]) -> Iterator[str]:
    """Serve ja → en; yields the address. A text is "translated" by turning its words around."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer([{"code": "ja", "name": "Japanese", "targets": ["en", "ja"]}])

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append(body)
            self._answer({"translatedText": [" ".join(reversed(text.split())) for text in body["q"]]})

        def _answer(self, value: object) -> None:
            content = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
