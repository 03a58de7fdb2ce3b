"""A port is reserved for the server, and the first page is waited for."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from synapse.foundation.processes.web_address import HOST, reserve_port, wait_for_answer


class _Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/fine" else 500)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


def test_busy_port_gives_the_next_free_one() -> None:
    with reserve_port(28_431) as first, reserve_port(first.getsockname()[1]) as second:
        assert second.getsockname()[1] > first.getsockname()[1]
        assert second.getsockname()[0] == HOST


@pytest.mark.parametrize(("path", "expected"), [("/fine", True), ("/broken", False)])
def test_page_is_asked_for(path: str, *, expected: bool) -> None:
    with HTTPServer((HOST, 0), _Page) as server:
        threading.Thread(target=server.handle_request, daemon=True).start()
        assert wait_for_answer(f"http://{HOST}:{server.server_port}{path}", timeout_seconds=5) is expected


def test_silent_port_is_given_up() -> None:
    with reserve_port(28_431) as reserved:
        port = reserved.getsockname()[1]
    assert not wait_for_answer(f"http://{HOST}:{port}/", timeout_seconds=0.3)
