"""Pull one file over HTTP: conditionally, politely, within bounds, and again when the network stumbles."""

import ipaddress
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit

import httpx

from warehouse.landing.fetched import Fetched, PullError, write_temporary
from warehouse.landing.landed import LandedFile

USER_AGENT = "brassplate (corporate research; pulls public data sets)"
_RETRIED = frozenset({408, 425, 429, 500, 502, 503, 504})
_UNCHANGED = 304


@dataclass(frozen=True)
class PullLimits:
    """How patient and how greedy a pull may be; seconds and bytes."""

    connect_seconds: float = 15.0
    read_seconds: float = 60.0  # between two pieces of the body
    total_seconds: float = 3600.0
    byte_limit: int = 16 * 2**30
    attempts: int = 4
    first_pause: float = 1.0  # doubled with each attempt, jittered
    longest_pause: float = 120.0  # also the bound of a server's Retry-After
    sleep: Callable[[float], None] = field(default=time.sleep, compare=False)


class _Again(Exception):  # noqa: N818
    """Worth another attempt; ``pause`` is what the server asked for."""

    def __init__(self, reason: str, pause: float | None = None) -> None:
        super().__init__(reason)
        self.pause = pause


def download(address: str, folder: Path, previous: LandedFile | None, limits: PullLimits) -> Fetched:
    """Pull ``address`` into a temporary file in ``folder``.

    ``previous``, if it came from the same address, makes the request conditional; the answer then may be that
    nothing changed (``path`` is ``None``). Raises ``PullError`` once retrying is pointless or used up.
    """
    timeout = httpx.Timeout(limits.read_seconds, connect=limits.connect_seconds)
    with httpx.Client(
        timeout=timeout,
        follow_redirects=True,
        headers=_headers(previous),
        event_hooks={"request": [_refuse_plain_http]},
    ) as client:
        for attempt in range(1, limits.attempts + 1):
            try:
                return _attempt(client, address, folder, previous, limits)
            except _Again as error:
                if attempt == limits.attempts:
                    raise PullError(f"{error}; gave up after {attempt} attempts at {address}") from error
                pause = limits.first_pause * 2 ** (attempt - 1) * random.uniform(0.5, 1.5)
                limits.sleep(min(error.pause if error.pause is not None else pause, limits.longest_pause))
    raise AssertionError("unreachable: the last attempt returns or raises")


def _attempt(
    client: httpx.Client, address: str, folder: Path, previous: LandedFile | None, limits: PullLimits
) -> Fetched:
    deadline = time.monotonic() + limits.total_seconds
    try:
        with client.stream("GET", address) as response:
            if response.status_code == _UNCHANGED and previous is not None and _is_conditional(previous):
                return Fetched(previous.path.name, None, previous.sha256, previous.byte_count)
            _check_status(response, address)
            parts = _until(deadline, response, address)
            path, sha256, size, _ = write_temporary(parts, folder, limits.byte_limit, address)
            return Fetched(
                name=_name(response, address),
                path=path,
                sha256=sha256,
                byte_count=size,
                etag=response.headers.get("etag"),
                last_modified=response.headers.get("last-modified"),
            )
    except (httpx.TimeoutException, httpx.TransportError, httpx.DecodingError) as error:
        raise _Again(f"expected an answer from {address}; found {type(error).__name__}: {error}") from error
    except (httpx.TooManyRedirects, httpx.InvalidURL) as error:
        raise PullError(f"expected data at {address}; found {error}") from error


def _is_conditional(previous: LandedFile) -> bool:
    """Was the server told what is here already? Without that, "nothing changed" is no answer."""
    return previous.etag is not None or previous.last_modified is not None


def _check_status(response: httpx.Response, address: str) -> None:
    status = response.status_code
    if status in _RETRIED:
        raise _Again(f"expected data from {address}; the server answered {status}", _retry_after(response))
    if status != httpx.codes.OK:
        advice = {
            401: "it asks for credentials",
            403: "it refuses; check terms of use and credentials",
            404: "the address is gone; look for the new one on the source's homepage",
            410: "the address is gone; look for the new one on the source's homepage",
        }.get(status, "check the address")
        raise PullError(f"expected data from {address}; the server answered {status}: {advice}")


def _until(deadline: float, response: httpx.Response, address: str) -> Iterator[bytes]:
    for part in response.iter_bytes():
        if time.monotonic() > deadline:
            raise PullError(f"expected {address} to be pulled in time; it was still sending at the time limit")
        yield part


def _headers(previous: LandedFile | None) -> dict[str, str]:
    headers = {"User-Agent": USER_AGENT, "Accept": "*/*"}
    if previous is not None and previous.etag:
        headers["If-None-Match"] = previous.etag
    if previous is not None and previous.last_modified:
        headers["If-Modified-Since"] = previous.last_modified
    return headers


def _refuse_plain_http(request: httpx.Request) -> None:
    """Also called for every redirect: nobody on the way may change or read what is pulled."""
    if request.url.scheme != "https" and not (request.url.scheme == "http" and _is_loopback(request.url.host)):
        raise PullError(f"expected an https address; found {request.url}. Plain http is allowed on loopback only")


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _retry_after(response: httpx.Response) -> float | None:
    stated = response.headers.get("retry-after")
    if stated is None:
        return None
    try:
        if stated.strip().isdigit():
            return float(stated)
        return max(0.0, (parsedate_to_datetime(stated) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def _name(response: httpx.Response, address: str) -> str:
    return unquote(Path(urlsplit(str(response.url)).path).name) or urlsplit(address).hostname or "file"
