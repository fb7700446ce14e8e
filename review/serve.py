"""Serve the reviewers' page on the loopback address until told to stop."""

import getpass
import socket
import webbrowser
from collections.abc import Callable
from pathlib import Path
from types import FrameType

import uvicorn

from review.app import Desk, create_app
from review.judgements import JudgementStore
from review.queue import PairQueue
from review.security import Access

JUDGEMENTS = "judgements.sqlite"
ADDRESS = "127.0.0.1"  # never another: the link's token is the only key, and there is no TLS


class PortTakenError(OSError):
    """The port asked for is in use."""


class _Server(uvicorn.Server):
    """Tells when it answers, so that the link is not handed out too early, and ends without a traceback."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # uvicorn would raise the signal again after its own shutdown, before the store is closed.
        self.should_exit = True


def serve(
    data_dir: Path,
    *,
    port: int = 0,
    reviewer: str | None = None,
    open_browser: bool = False,
    on_ready: Callable[[str], None] | None = None,
) -> str:
    """Serve until SIGINT or SIGTERM; requests under way are finished and the judgement store is closed.

    ``port`` 0 takes a free one. ``reviewer`` names whose judgements these are; by default the user of the
    operating system. ``on_ready`` is given the start-up link, which works once, as soon as it answers.
    Returns that link when the serving has ended. Raises PortTakenError, or JudgementError when
    ``data_dir/judgements.sqlite`` is something else.
    """
    name = (reviewer or getpass.getuser()).strip()
    if not name:
        raise ValueError("reviewer: expected a name, found an empty one")
    listener = _listen(port)
    with listener, JudgementStore(data_dir / JUDGEMENTS) as store:
        access = Access(port=listener.getsockname()[1])
        link = access.link
        desk = Desk(name, store, PairQueue(data_dir, store), access)

        def ready() -> None:
            if on_ready:
                on_ready(link)
            if open_browser:
                webbrowser.open(link)

        config = uvicorn.Config(
            create_app(desk), access_log=False, log_level="warning", server_header=False, lifespan="off",
            timeout_graceful_shutdown=5,
        )  # fmt: skip
        try:
            _Server(config, ready).run(sockets=[listener])
        finally:
            desk.queue.close()
    return link


def _listen(port: int) -> socket.socket:
    # asyncio sends small answers without a 40 ms delay only on sockets that state their protocol.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((ADDRESS, port))
    except OSError as error:
        listener.close()
        raise PortTakenError(
            f"port {port} on {ADDRESS} cannot be used ({error.strerror}); choose another or 0"
        ) from error
    return listener
