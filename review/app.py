"""The reviewers' web application: one uncertain pair at a time, one key per answer, saved at once."""

import json
import secrets
import sqlite3
import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp

from review.highlight import plain
from review.judgements import ANSWERS, Answer, AnswerConflictError, JudgementStore
from review.pairs import PairIds, ShownPair
from review.queue import NoReleaseError, PairQueue, Turn, UnreadableReleaseError
from review.security import Access, Guard
from review.side_by_side import field_rows, reasons

HERE = Path(__file__).parent
BODY_LIMIT = 16_384  # bytes of a request body
NOTE_LIMIT = 2_000  # characters
SHOWN_LIMIT = 200  # showings that can still be answered; older ones ask for a reload
WORDS = {"same": "Same", "different": "Different", "unsure": "Unsure"}


@dataclass
class Desk:
    """One reviewer at work: what was shown to them, and what they put off in this sitting."""

    reviewer: str
    store: JudgementStore
    queue: PairQueue
    access: Access
    shown: OrderedDict[str, ShownPair] = field(default_factory=OrderedDict)
    skipped: set[PairIds] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def show(self, pair: ShownPair) -> str:
        """Remember a pair as shown; the key it is answered under. One showing takes one answer."""
        key = secrets.token_urlsafe(16)
        with self.lock:
            self.shown[key] = pair
            while len(self.shown) > SHOWN_LIMIT:
                self.shown.popitem(last=False)
        return key

    def seen(self, key: str) -> ShownPair:
        """The pair shown under the key. Raises 409 when it was shown too long ago or by another serving."""
        with self.lock:
            pair = self.shown.get(key)
        if pair is None:
            raise HTTPException(409, "this pair was shown too long ago to be answered; load the page again")
        return pair

    def turn(self) -> Turn:
        """The next pair for this reviewer."""
        with self.lock:
            skipped = frozenset(self.skipped)
        return self.queue.next(self.reviewer, skipped)


def create_app(desk: Desk) -> ASGIApp:
    """The application for one reviewer's desk; writes judgements into the desk's store and nothing else."""
    app = Starlette(
        routes=[
            Route("/", home),
            Route("/start", start),
            Route("/favicon.ico", favicon),
            Route("/judgement", judge, methods=["POST"]),
            Route("/skip", skip, methods=["POST"]),
            Route("/unskip", unskip, methods=["POST"]),
            Route("/undo", undo, methods=["POST"]),
            Mount("/static", StaticFiles(directory=HERE / "static")),
        ],
        exception_handlers={
            HTTPException: refuse,
            NoReleaseError: no_release,
            UnreadableReleaseError: unreadable,
            sqlite3.Error: unsaved,
        },
    )
    app.state.desk = desk
    return Guard(app, desk.access)  # outermost: no answer leaves without its headers, not even a failure's


async def start(request: Request) -> Response:
    """Trade the link's token for the session cookie."""
    access = _desk(request).access
    if not access.knows(request) and not access.redeem(request.query_params.get("token", "")):
        raise HTTPException(403, "this link was used already or is wrong; run “brassplate review” for a new one")
    # A page that leads on, not a redirect: a SameSite=Strict cookie is not sent along a redirect
    # when the link was clicked in another web page, such as a terminal in the browser.
    response = _page("start.html", {})
    response.set_cookie(access.cookie, access.session, httponly=True, samesite="strict", path="/")
    return response


async def home(request: Request) -> Response:
    """The page with the next pair."""
    desk = _known(request)
    return await run_in_threadpool(lambda: _page("page.html", {"desk": desk, **_work(desk, desk.turn())}))


async def favicon(request: Request) -> Response:
    """The icon under the name browsers ask for unasked."""
    return FileResponse(HERE / "static" / "icon.svg", media_type="image/svg+xml")


async def judge(request: Request) -> Response:
    """Store one answer, give the next pair. Body: shown, judgement, note, ms_on_screen."""
    desk = _known(request, writing=True)
    body = await _body(request)
    judgement = body.get("judgement")
    if judgement not in ANSWERS:
        raise HTTPException(400, f"judgement: expected one of {', '.join(ANSWERS)}")
    key = _text(body, "shown", 100)
    pair = desk.seen(key)
    answer = Answer(
        idempotency_key=key,
        left_record_id=pair.left.record_id,
        right_record_id=pair.right.record_id,
        judgement=judgement,
        reviewer=desk.reviewer,
        run_id=pair.run_id,
        evidence_hash=pair.evidence_hash,
        left_shown=pair.left.fields,
        right_shown=pair.right.fields,
        match_probability=pair.match_probability,
        note=_text(body, "note", NOTE_LIMIT) or None,
        ms_on_screen=_milliseconds(body),
    )
    try:
        await run_in_threadpool(desk.store.record, answer)
    except AnswerConflictError as conflict:
        raise HTTPException(409, str(conflict)) from conflict
    return await _next(desk, f"{WORDS[judgement]} – saved.")


async def skip(request: Request) -> Response:
    """Put the pair off to the end of this sitting. Body: shown."""
    desk = _known(request, writing=True)
    pair = desk.seen(_text(await _body(request), "shown", 100))
    with desk.lock:
        desk.skipped.add(pair.ids)
    return await _next(desk, "Skipped – nothing saved.")


async def unskip(request: Request) -> Response:
    """Bring the skipped pairs back."""
    desk = _known(request, writing=True)
    with desk.lock:
        desk.skipped.clear()
    return await _next(desk, "The skipped pairs are back.")


async def undo(request: Request) -> Response:
    """Withdraw this reviewer's last standing answer and show its pair again. Body: key, chosen by the page."""
    desk = _known(request, writing=True)
    key = _text(await _body(request), "key", 100)
    if not key:
        raise HTTPException(400, "key: expected a text that names this undoing")
    withdrawn = await run_in_threadpool(desk.store.withdraw, desk.reviewer, f"undo:{key}")
    if withdrawn is None:
        return await _next(desk, "Nothing to undo.")
    ids = (withdrawn.left_record_id, withdrawn.right_record_id)
    with desk.lock:
        desk.skipped.discard(ids)
    pair = await run_in_threadpool(desk.queue.find, ids)
    message = "Undone – here it is again." if pair else "Undone. The pair is not in the current release any more."
    return await _next(desk, message, pair)


async def refuse(request: Request, error: Exception) -> Response:
    """Expected refusals, as JSON to the script and as a page to a person."""
    assert isinstance(error, HTTPException)
    if request.method == "POST":
        return JSONResponse({"message": error.detail}, status_code=error.status_code)
    return _page("notice.html", {"title": "Not this way", "message": error.detail}, error.status_code)


async def no_release(request: Request, error: Exception) -> Response:
    """Before the first refresh there is nothing to review."""
    message = "No release has been published yet. Run “brassplate refresh”, then load this page again."
    return _outage(request, "Nothing to review yet", message)


async def unreadable(request: Request, error: Exception) -> Response:
    """The release is not what this version expects."""
    return _outage(request, "The release cannot be read", str(error))


async def unsaved(request: Request, error: Exception) -> Response:
    """The judgement store cannot write: a full disk, say. The reviewer must know that nothing was kept."""
    return _outage(request, "Judgements cannot be kept", f"nothing was saved: {error}. Free the disk, then try again.")


def _outage(request: Request, title: str, message: str) -> Response:
    if request.method == "POST":
        return JSONResponse({"message": message}, status_code=503)
    return _page("notice.html", {"title": title, "message": message}, 503)


async def _next(desk: Desk, message: str, again: ShownPair | None = None) -> Response:
    def answer() -> Response:
        work = _work(desk, desk.turn(), again)
        html = _templates.get_template("work.html").render(work)
        return JSONResponse({"message": message, "html": html})

    return await run_in_threadpool(answer)


def _work(desk: Desk, turn: Turn, again: ShownPair | None = None) -> dict[str, object]:
    """What the template ``work.html`` needs."""
    pair = again or turn.pair
    return {
        "turn": turn,
        "pair": pair,
        "rows": field_rows(pair) if pair else [],
        "reasons": reasons(pair.why) if pair else [],
        "shown": desk.show(pair) if pair else "",
    }


def _known(request: Request, *, writing: bool = False) -> Desk:
    desk = _desk(request)
    if not desk.access.knows(request):
        raise HTTPException(401, "open the page from the link that “brassplate review” printed")
    if writing and (reason := desk.access.refusal(request)):
        raise HTTPException(403, reason)
    return desk


def _desk(request: Request) -> Desk:
    desk = request.app.state.desk
    assert isinstance(desk, Desk)
    return desk


async def _body(request: Request) -> dict[str, object]:
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        raise HTTPException(415, "expected a body of type application/json")
    read = bytearray()
    async for part in request.stream():
        read += part
        if len(read) > BODY_LIMIT:
            raise HTTPException(413, f"expected a body of at most {BODY_LIMIT} bytes")
    try:
        body = json.loads(read)
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, "expected a body of JSON") from error
    if not isinstance(body, dict):
        raise HTTPException(400, "expected a JSON object")
    return body


def _text(body: dict[str, object], name: str, limit: int) -> str:
    """A text field; absent is empty. Lone surrogates cannot be stored and are refused."""
    text = body.get(name, "")
    if not isinstance(text, str) or len(text) > limit or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise HTTPException(400, f"{name}: expected a text of at most {limit} characters")
    return text.strip()


def _milliseconds(body: dict[str, object]) -> int | None:
    value = body.get("ms_on_screen")
    is_count = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53
    return value if isinstance(value, int) and is_count else None


def _page(template: str, values: dict[str, object], status: int = 200) -> HTMLResponse:
    return HTMLResponse(_templates.get_template(template).render(values), status_code=status)


_templates = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters["visible"] = plain
