"""A real server on loopback that misbehaves on request, and a source that is pulled from it."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from warehouse.landing.download import PullLimits
from warehouse.loading.declaration import Source

Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Server:
    """Answers each path with the next of its answers, and the last one from then on."""

    address: str = ""
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def on(self, path: str, *answers: Answer) -> str:
        self.answers[path] = list(answers)
        return self.address + path


def body(content: bytes, status: int = 200, **headers: str) -> Answer:
    """An answer with this body; underscores in header names stand for dashes."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        stated = {name.replace("_", "-"): value for name, value in headers.items()}
        stated.setdefault("Content-Length", str(len(content)))
        stated["Connection"] = "close"  # so that a body shorter than announced ends at once
        for name, value in stated.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)

    return answer


@pytest.fixture
def server() -> Iterator[Server]:
    served = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            served.requests.append((self.path, dict(self.headers.items())))
            answers = served.answers[self.path]
            answer = answers.pop(0) if len(answers) > 1 else answers[0]
            answer(self)

        def log_message(self, format: str, *args: object) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    served.address = f"http://127.0.0.1:{http.server_port}"
    yield served
    http.shutdown()
    http.server_close()
    thread.join()


@pytest.fixture
def answer() -> Callable[..., Answer]:
    return body


@pytest.fixture
def pauses() -> list[float]:
    """The pauses the pull asked for; none is waited for."""
    return []


@pytest.fixture
def limits(pauses: list[float]) -> PullLimits:
    return PullLimits(connect_seconds=2, read_seconds=2, byte_limit=100_000, attempts=3, sleep=pauses.append)


@pytest.fixture
def declare() -> Callable[..., Source]:
    """A source with the given tables (name -> keys)."""

    def source(**tables: dict[str, object]) -> Source:
        return Source.model_validate(
            {
                "name": "tiny_source",
                "definition_sha256": "0" * 64,
                "title": "Tiny",
                "publisher": "Nobody",
                "licence": "none",
                "schedule": "by hand",
                "tables": {name: {"format": "csv", **keys} for name, keys in tables.items()},
            }
        )

    return source
