"""Who may talk to the reviewers' page: this machine's browser, opened from the link that was printed.

The page binds the loopback address, yet any web page the reviewer visits can send requests there, and a
hostile name server can make its own host name point there. Hence: a list of host names, one session cookie,
an origin and a token on every write, and a content policy under which no injected markup could run or call
home.
"""

import secrets
from dataclasses import dataclass, field

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@dataclass
class Access:
    """The secrets of one serving. ``port`` is the one served; cookies ignore ports, so it is in their name."""

    port: int
    start_token: str | None = field(default_factory=lambda: secrets.token_urlsafe(32))
    session: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    csrf_token: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    @property
    def link(self) -> str:
        """The start-up link; its token works once."""
        return f"http://127.0.0.1:{self.port}/start?token={self.start_token}"

    @property
    def cookie(self) -> str:
        """Name of the session cookie."""
        return f"brassplate_review_{self.port}"

    @property
    def hosts(self) -> tuple[str, ...]:
        """What a Host header may say."""
        return f"127.0.0.1:{self.port}", f"localhost:{self.port}"

    def redeem(self, token: str) -> bool:
        """Use up the start-up token; False when it is wrong or was used."""
        if self.start_token is None or not _equal(token, self.start_token):
            return False
        self.start_token = None
        return True

    def knows(self, request: Request) -> bool:
        """The request carries this serving's session."""
        return _equal(request.cookies.get(self.cookie, ""), self.session)

    def refusal(self, request: Request) -> str | None:
        """Why a writing request is refused, or None when it may go on."""
        origin = request.headers.get("origin")
        if origin not in {f"http://{host}" for host in self.hosts}:
            return "the request does not come from this page (Origin)"
        if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return "the request does not come from this page (Sec-Fetch-Site)"
        if not _equal(request.headers.get("x-csrf-token", ""), self.csrf_token):
            return "the page is out of date: load it again (X-CSRF-Token)"
        return None


class Guard:
    """ASGI middleware: refuses unknown Host headers and puts HEADERS on every answer, errors included."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app = app
        self.access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers[name] = value
            await send(message)

        if Headers(scope=scope).get("host", "") not in self.access.hosts:
            refused = PlainTextResponse(f"expected a Host header of {self.access.hosts[0]}\n", status_code=400)
            await refused(scope, receive, send_guarded)
            return
        await self.app(scope, receive, send_guarded)


def _equal(given: str, expected: str) -> bool:
    return secrets.compare_digest(given.encode(), expected.encode())
