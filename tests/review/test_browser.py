"""The page in a real browser: keys, the file on disk, hostile names, and silence towards the outside."""

import os
import shutil
import socket
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from review.app import Desk, create_app
from review.judgements import JudgementStore
from review.queue import PairQueue
from review.security import Access

pytestmark = pytest.mark.slow
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """One headless Chromium of the system for all tests here."""
    if not shutil.which(CHROMIUM):
        message = f"no browser at {CHROMIUM}: install Debian's package chromium to run the tests of the page"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=ARGUMENTS)
        yield browser
        browser.close()


class Sitting:
    """A served page open in a browser, with everything it asked for and complained about."""

    def __init__(self, browser: Any, link: str, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.requests: list[str] = []
        self.problems: list[str] = []
        self.page = browser.new_context(viewport={"width": 1366, "height": 820}).new_page()
        self.page.set_default_timeout(10_000)
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("response", lambda answer: answer.status >= 400 and self.problems.append(answer.url))
        self.page.on("console", lambda line: self.problems.append(line.text))
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.problems.append(dialog.message), dialog.dismiss()))
        self.home = link.split("/start")[0] + "/"
        self.page.goto(link)
        self.page.wait_for_url(self.home)
        self.page.wait_for_selector("[data-shown]", state="attached")

    def press(self, key: str) -> None:
        """Press a key that sends something, and wait until the page has been told."""
        before = self.page.locator("[data-shown]").element_handle()
        self.page.keyboard.press(key)
        self.page.wait_for_function("before => !before.isConnected", arg=before)

    def text(self, selector: str) -> str:
        return str(self.page.inner_text(selector))

    def stored(self) -> list[tuple[str, str, str | None]]:
        con = sqlite3.connect(self.data_dir / "judgements.sqlite")
        rows = con.execute("select judgement, right_record_id, note from judgement_event order by event_id").fetchall()
        con.close()
        return rows


@pytest.fixture
def sitting(data_dir: Path, store: JudgementStore, chromium: Any) -> Iterator[Sitting]:
    """A reviewer's sitting over the tiny release."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        access = Access(port=listener.getsockname()[1])
        desk = Desk("ann", store, PairQueue(data_dir, store), access)
        server = uvicorn.Server(uvicorn.Config(create_app(desk), lifespan="off", log_level="error"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        listener.listen()
        thread.start()
        try:
            opened = Sitting(chromium, access.link, data_dir)
            yield opened
            opened.page.context.close()
        finally:
            server.should_exit = True
            thread.join(timeout=20)
            desk.queue.close()


def test_each_key_stores_its_answer_at_once_and_brings_the_next_pair(sitting: Sitting) -> None:
    assert "VICTORY WAVE LIMITED" in sitting.text(".field-name td:nth-of-type(2)")
    assert "names agree but for HOLDINGS" in sitting.text(".why")
    sitting.press("n")
    assert sitting.stored() == [("different", "hk_register:1447829", None)]
    assert "SHEN ZHEN SHI" in sitting.text(".field-name")
    assert (sitting.text("#judged-count"), sitting.text("#left-count")) == ("1", "3")
    assert sitting.text("#message").startswith("Different – saved.")
    sitting.press("m")
    sitting.press("u")
    assert [row[0] for row in sitting.stored()] == ["different", "same", "unsure"]
    sitting.press("s")
    assert len(sitting.stored()) == 3
    assert "Only skipped pairs are left" in sitting.text("main")
    sitting.page.click("text=Show the 1 skipped again")
    sitting.page.wait_for_selector("table.pair")
    sitting.press("m")
    assert "Nothing left to judge" in sitting.text("main")
    assert sitting.page.is_disabled("[data-answer=same]")
    assert sitting.problems == []


def test_undo_brings_the_last_pair_back_and_goes_on_walking_back(sitting: Sitting) -> None:
    sitting.press("m")
    sitting.press("n")
    sitting.press("z")
    assert "SHEN ZHEN SHI" in sitting.text(".field-name")
    sitting.press("z")
    assert "VICTORY WAVE LIMITED" in sitting.text(".field-name")
    assert [row[0] for row in sitting.stored()] == ["same", "different", "withdrawn", "withdrawn"]
    sitting.press("n")
    assert sitting.stored()[-1] == ("different", "hk_register:1447829", None)
    assert "SHEN ZHEN SHI" in sitting.text(".field-name")


def test_hostile_names_are_read_as_text_and_nothing_leaves_the_machine(sitting: Sitting) -> None:
    sitting.press("s")
    assert "<img src=x onerror=alert(1)>" in sitting.text(".field-name td:nth-of-type(1)")
    assert "</script><script>alert(1)</script>" in sitting.text(".field-name td:nth-of-type(2)")
    assert sitting.page.locator("main img, main script, main iframe, main [onerror]").count() == 0
    assert "synthetic – invented data" in sitting.text("thead")
    assert sitting.text(".field-address .hidden-character >> nth=0") == "U+202E"
    assert all(url.startswith(sitting.home) for url in sitting.requests)
    assert sitting.problems == []


def test_markup_that_got_into_the_page_could_neither_run_nor_call_home(sitting: Sitting) -> None:
    sitting.page.evaluate(
        """() => {
            const sink = document.createElement("div");
            sink.innerHTML = "<img src='https://evil.example/x.png' onerror='document.title = 1'>";
            document.body.append(sink);
            const script = document.createElement("script");
            script.textContent = "document.title = 2";
            document.body.append(script);
        }"""
    )
    sitting.page.wait_for_timeout(300)
    assert sitting.page.title() == "brassplate review"
    assert any("Content Security Policy" in problem for problem in sitting.problems)


def test_typing_a_note_fires_no_shortcut_and_the_note_is_kept_with_the_answer(sitting: Sitting) -> None:
    sitting.page.keyboard.press("c")
    sitting.page.keyboard.type("mn uz? 榮")
    assert sitting.stored() == []
    sitting.page.keyboard.press("Escape")
    sitting.press("n")
    assert sitting.stored() == [("different", "hk_register:1447829", "mn uz? 榮")]
    assert sitting.page.input_value("#note") == ""


def test_single_keys_can_be_switched_off_for_good_while_buttons_go_on_working(sitting: Sitting) -> None:
    sitting.page.uncheck("#keys-on")
    sitting.page.reload()
    assert not sitting.page.is_checked("#keys-on")
    for key in "mnuszc?":
        sitting.page.keyboard.press(key)
    sitting.page.wait_for_timeout(200)
    assert sitting.stored() == []
    assert not sitting.page.is_visible("#help")
    sitting.page.click("[data-answer=unsure]")
    sitting.page.wait_for_selector("#judged-count:text-is('1')")
    assert [row[0] for row in sitting.stored()] == ["unsure"]


def test_keys_held_down_or_pressed_with_others_or_during_help_answer_nothing(sitting: Sitting) -> None:
    sitting.page.keyboard.press("?")
    assert sitting.page.is_visible("#help")
    sitting.page.keyboard.press("m")
    sitting.page.keyboard.press("Escape")
    assert not sitting.page.is_visible("#help")
    sitting.page.keyboard.press("Control+m")
    sitting.page.keyboard.press("Alt+n")
    sitting.page.wait_for_timeout(200)
    assert sitting.stored() == []
    sitting.page.keyboard.down("u")
    for _ in range(5):
        sitting.page.keyboard.down("u")  # the keyboard repeats
    sitting.page.wait_for_timeout(300)
    assert len(sitting.stored()) == 1


def test_the_page_can_be_used_by_name_and_role(sitting: Sitting) -> None:
    page = sitting.page
    for name in ("Same entity", "Different", "Unsure", "Skip", "Undo", "Help"):
        assert page.get_by_role("button", name=name).count() == 1
    assert page.get_by_role("table", name="Both records, field by field").count() == 1
    assert page.get_by_label("single-key shortcuts").count() == 1
    assert page.get_by_label("Note").count() == 1
    assert page.get_by_role("status").count() == 1
    assert page.locator("html[lang=en]").count() == 1
    sitting.press("m")
    assert "Next: SHEN ZHEN SHI" in page.locator("[role=status]").text_content()


def test_when_the_server_is_gone_the_reviewer_is_told(sitting: Sitting) -> None:
    sitting.page.route("**/judgement", lambda route: route.abort())
    sitting.page.keyboard.press("m")
    sitting.page.wait_for_selector("#message.problem")
    assert "the server does not answer" in sitting.text("#message")
    assert "VICTORY WAVE LIMITED" in sitting.text(".field-name")
    sitting.page.unroute("**/judgement")
    sitting.press("m")
    assert [row[0] for row in sitting.stored()] == ["same"]
