"""The page refuses whoever it should, and stores exactly what was answered."""

import asyncio
import json
import re
import sqlite3
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest

from review.app import BODY_LIMIT, Desk, create_app
from review.judgements import JudgementStore
from review.queue import PairQueue
from review.security import HEADERS, Access

PORT = 8123
HERE = f"http://127.0.0.1:{PORT}"


class Browser:
    """What the page's script does, without a browser: start, load, answer."""

    def __init__(self, data_dir: Path, store: JudgementStore, reviewer: str = "ann") -> None:
        self.access = Access(port=PORT)
        self.store = store
        self.desk = Desk(reviewer, store, PairQueue(data_dir, store), self.access)
        self.cookies = httpx.Cookies()
        self.app = create_app(self.desk)

    def request(self, method: str, address: str, **sent: Any) -> httpx.Response:
        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url=HERE, cookies=self.cookies) as client:
                response = await client.request(method, address, **sent)
                self.cookies = client.cookies
                return response

        return asyncio.run(send())

    def get(self, address: str, **headers: str) -> httpx.Response:
        return self.request("GET", address, headers=headers)

    def begin(self) -> "Browser":
        assert self.get(self.access.link).status_code == 200
        return self

    def load(self) -> str:
        return self.get("/").text

    def shown(self, html: str | None = None) -> str:
        found = re.search(r'data-shown="([^"]*)"', html if html is not None else self.load())
        assert found
        return found[1]

    def headers(self, **changes: str | None) -> dict[str, str]:
        headers = {"origin": HERE, "x_csrf_token": self.access.csrf_token, **changes}
        return {name.replace("_", "-"): value for name, value in headers.items() if value is not None}

    def post(self, address: str, body: object, **changes: str | None) -> httpx.Response:
        return self.request("POST", address, json=body, headers=self.headers(**changes))

    def answer(self, judgement: str, **fields: object) -> httpx.Response:
        return self.post("/judgement", {"shown": self.shown(), "judgement": judgement, **fields})


@pytest.fixture
def browser(data_dir: Path, store: JudgementStore) -> Iterator[Browser]:
    opened = Browser(data_dir, store)
    queue = opened.desk.queue
    yield opened
    queue.close()


def events(store: JudgementStore) -> list[sqlite3.Row]:
    con = sqlite3.connect(store.path)
    con.row_factory = sqlite3.Row
    rows = con.execute("select * from judgement_event order by event_id").fetchall()
    con.close()
    return rows


def test_the_start_link_gives_a_strict_cookie_once(browser: Browser) -> None:
    link = browser.access.link
    cookie = browser.get(link).headers["set-cookie"]
    assert {"HttpOnly", "SameSite=strict", "Path=/"} <= {part.strip() for part in cookie.split(";")}
    assert browser.get("/").status_code == 200
    assert browser.get(link).status_code == 200  # the same browser may click again
    browser.cookies.clear()
    assert browser.get(link).status_code == 403
    assert browser.get("/").status_code == 401


@pytest.mark.parametrize("address", ["/start", "/start?token=", "/start?token=guess", "/start?token=None"])
def test_a_wrong_token_gives_no_session(browser: Browser, address: str) -> None:
    answer = browser.get(address)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("address", ["/judgement", "/skip", "/unskip", "/undo"])
@pytest.mark.parametrize(
    "changes",
    [
        {"origin": None},
        {"origin": "null"},
        {"origin": "https://evil.example"},
        {"origin": f"https://127.0.0.1:{PORT}"},
        {"origin": "http://127.0.0.1:1"},
        {"x_csrf_token": None},
        {"x_csrf_token": "guess"},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
    ],
)
def test_a_write_that_does_not_come_from_the_page_is_refused(
    browser: Browser, address: str, changes: dict[str, str | None]
) -> None:
    shown = browser.begin().shown()
    answer = browser.post(address, {"shown": shown, "judgement": "same", "key": "z"}, **changes)
    assert answer.status_code == 403
    assert events(browser.store) == []


def test_a_write_without_a_session_is_refused(browser: Browser) -> None:
    shown = browser.begin().shown()
    browser.cookies.clear()
    assert browser.post("/judgement", {"shown": shown, "judgement": "same"}).status_code == 401
    browser.cookies.set(browser.access.cookie, "guess")
    assert browser.post("/judgement", {"shown": shown, "judgement": "same"}).status_code == 401
    assert events(browser.store) == []


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "127.0.0.1:80", f"evil.example:{PORT}", ""])
@pytest.mark.parametrize("address", ["/", "/static/review.js", "/start"])
def test_a_foreign_host_name_is_refused_everywhere(browser: Browser, host: str, address: str) -> None:
    assert browser.begin().get(address, host=host).status_code == 400


def test_localhost_is_this_host_too(browser: Browser) -> None:
    assert browser.begin().get("/", host=f"localhost:{PORT}").status_code == 200


@pytest.mark.parametrize("address", ["/", "/start", "/static/review.js", "/static/none", "/none", "/favicon.ico"])
def test_every_answer_carries_the_protective_headers(browser: Browser, address: str) -> None:
    answer = browser.get(address)
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    assert "unsafe" not in answer.headers["content-security-policy"]


def test_an_unforeseen_failure_still_carries_the_headers(browser: Browser) -> None:
    shown = browser.begin().shown()
    browser.desk.queue = None  # type: ignore[assignment]  # a fault of ours
    answer = browser.post("/judgement", {"shown": shown, "judgement": "same"})
    assert answer.status_code == 500
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "Traceback" not in answer.text


def test_a_store_that_cannot_write_is_said_to_have_kept_nothing(browser: Browser) -> None:
    shown = browser.begin().shown()
    browser.store.close()
    answer = browser.post("/judgement", {"shown": shown, "judgement": "same"})
    assert answer.status_code == 503
    assert answer.json()["message"].startswith("nothing was saved")


def test_files_outside_the_static_folder_are_not_served(browser: Browser) -> None:
    for path in ("../app.py", "%2e%2e/app.py", "..%2fapp.py", "/etc/passwd"):
        assert browser.begin().get(f"/static/{path}").status_code == 404


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"shown=x&judgement=same", "application/x-www-form-urlencoded", 415),
        (b'{"shown": "x", "judgement": "same"}', "text/plain", 415),
        (b"{", "application/json", 400),
        (b"[" * 9000, "application/json", 400),
        (b"[]", "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b'{"judgement": "maybe"}', "application/json", 400),
        (b'{"judgement": ["same"]}', "application/json", 400),
        (b'{"judgement": "same", "shown": 7}', "application/json", 400),
        (b'{"judgement": "same", "shown": "unknown"}', "application/json", 409),
        (b'{"pad": "' + b"x" * BODY_LIMIT + b'"}', "application/json", 413),
    ],
)
def test_a_malformed_body_is_refused_with_words(browser: Browser, content: bytes, kind: str, status: int) -> None:
    headers = {**browser.begin().headers(), "content-type": kind}
    answer = browser.request("POST", "/judgement", content=content, headers=headers)
    assert answer.status_code == status
    assert answer.json()["message"]
    assert events(browser.store) == []


@pytest.mark.parametrize("note", ["x" * 2001, "\ud800", 7])
def test_a_note_that_cannot_be_kept_is_refused(browser: Browser, note: object) -> None:
    body = json.dumps({"shown": browser.begin().shown(), "judgement": "same", "note": note})
    headers = {**browser.headers(), "content-type": "application/json"}
    assert browser.request("POST", "/judgement", content=body, headers=headers).status_code == 400
    assert events(browser.store) == []


def test_an_answer_is_stored_with_what_was_shown(browser: Browser) -> None:
    reply = browser.begin().answer("different", note=" formed later ", ms_on_screen=1234).json()
    (event,) = events(browser.store)
    assert (event["left_record_id"], event["right_record_id"]) == ("bis_entity_list:vw-1", "hk_register:1447829")
    assert (event["judgement"], event["reviewer"], event["note"]) == ("different", "ann", "formed later")
    assert (event["run_id"], event["ms_on_screen"]) == ("run-1", 1234)
    assert event["match_probability"] == pytest.approx(0.48)
    assert len(event["evidence_hash"]) == 64
    left, right = json.loads(event["left_shown"]), json.loads(event["right_shown"])
    assert (left["name"], left["known_since"]) == ("Victory Wave Holdings Limited", "2010-01-13")
    assert (right["registration_number"], right["is_register"]) == ("1447829", True)
    assert reply["message"] == "Different – saved."
    assert "SHEN ZHEN SHI" in reply["html"]


@pytest.mark.parametrize("milliseconds", [-1, True, "9", 1.5, 2**60, None])
def test_a_senseless_time_on_screen_is_left_out(browser: Browser, milliseconds: object) -> None:
    assert browser.begin().answer("same", ms_on_screen=milliseconds).status_code == 200
    assert events(browser.store)[0]["ms_on_screen"] is None


def test_an_answer_sent_twice_is_stored_once_and_another_answer_to_the_same_showing_is_refused(
    browser: Browser,
) -> None:
    shown = browser.begin().shown()
    for _ in range(2):
        assert browser.post("/judgement", {"shown": shown, "judgement": "same"}).status_code == 200
    conflict = browser.post("/judgement", {"shown": shown, "judgement": "different"})
    assert conflict.status_code == 409
    assert "already stored as 'same'" in conflict.json()["message"]
    assert len(events(browser.store)) == 1


def test_undo_shows_the_pair_again_and_adds_an_event(browser: Browser) -> None:
    browser.begin().answer("same")
    for _ in range(2):  # sent twice, undone once
        reply = browser.post("/undo", {"key": "z1"}).json()
    assert reply["message"].startswith("Undone")
    assert "VICTORY WAVE LIMITED" in re.sub(r"<[^>]+>", "", reply["html"])
    assert [event["judgement"] for event in events(browser.store)] == ["same", "withdrawn"]
    assert browser.post("/undo", {"key": "z2"}).json()["message"] == "Nothing to undo."
    assert browser.post("/undo", {"key": ""}).status_code == 400


def test_skipped_pairs_come_last_and_can_be_brought_back(browser: Browser) -> None:
    browser.begin()
    for _ in range(4):
        reply = browser.post("/skip", {"shown": browser.shown()})
    assert "Only skipped pairs are left" in reply.json()["html"]
    assert events(browser.store) == []
    assert browser.shown(browser.post("/unskip", {}).json()["html"]) != ""


def test_when_all_is_judged_the_page_says_so(browser: Browser) -> None:
    browser.begin()
    for _ in range(4):
        reply = browser.answer("unsure")
    assert "Nothing left to judge" in reply.json()["html"]
    assert "Nothing left to judge" in browser.load()
    assert browser.shown() == ""


def test_an_answer_given_after_a_new_release_keeps_the_release_it_was_shown_from(
    browser: Browser, data_dir: Path, make_release: object
) -> None:
    shown = browser.begin().shown()
    make_release(data_dir, "run-2")  # type: ignore[operator]
    reply = browser.post("/judgement", {"shown": shown, "judgement": "same"})
    assert "run-2" in reply.json()["html"]
    assert events(browser.store)[0]["run_id"] == "run-1"


def test_without_a_release_the_page_says_what_to_run(tmp_path: Path) -> None:
    with JudgementStore(tmp_path / "judgements.sqlite") as store:
        browser = Browser(tmp_path, store).begin()
        answer = browser.get("/")
        assert answer.status_code == 503
        assert "brassplate refresh" in answer.text
        assert browser.post("/unskip", {}).status_code == 503


def test_hostile_names_are_text(browser: Browser) -> None:
    browser.begin().post("/skip", {"shown": browser.shown()})
    page = browser.load()
    assert "<img" not in page
    assert page.count("<script") == 1  # our own
    shown = unescape(re.sub(r"<[^>]+>", "", page))
    assert "<img src=x onerror=alert(1)>" in shown
    assert "</script><script>alert(1)</script>" in shown
    assert "U+202E" in shown
    assert "\u202e" not in shown
    assert page.count("synthetic – invented data") == 2


def test_a_reviewers_name_is_text(data_dir: Path, store: JudgementStore) -> None:
    browser = Browser(data_dir, store, reviewer="<b>ann</b>").begin()
    assert "&lt;b&gt;ann&lt;/b&gt;" in browser.load()


def test_nothing_on_the_page_comes_from_elsewhere() -> None:
    folder = Path(create_app.__code__.co_filename).parent
    for path in [*folder.glob("templates/*"), *folder.glob("static/*")]:
        found = re.findall(r"(?:https?:)?//[\w.-]+\.\w+", path.read_text(encoding="utf-8"))
        assert set(found) <= {"http://www.w3.org"}, path  # the name space of SVG
        assert "|safe" not in path.read_text(encoding="utf-8").replace(" ", "")
