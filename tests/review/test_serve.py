"""Serving: loopback only, one link, a clean end."""

import signal
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from review.judgements import JudgementError
from review.serve import PortTakenError, serve

REPOSITORY = Path(__file__).parents[2]
SERVER = """
import sys
from pathlib import Path
from review.serve import serve
serve(Path(sys.argv[1]), reviewer="ann", on_ready=lambda link: print(link, flush=True))
print("ended", flush=True)
"""


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_the_link_works_at_once_and_a_signal_ends_the_serving_cleanly(data_dir: Path, ending: signal.Signals) -> None:
    server = subprocess.Popen(
        [sys.executable, "-c", SERVER, str(data_dir)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=REPOSITORY,
    )  # fmt: skip
    try:
        assert server.stdout is not None
        link = server.stdout.readline().strip()
        assert link.startswith("http://127.0.0.1:")
        with httpx.Client() as client:
            assert client.get(link).status_code == 200
            page = client.get(link.split("/start")[0] + "/")
            assert "Victory" in page.text
            assert "server" not in page.headers
        server.send_signal(ending)
        said, errors = server.communicate(timeout=20)
    finally:
        server.kill()
    assert (said, errors, server.returncode) == ("ended\n", "", 0)
    assert not (data_dir / "judgements.sqlite-wal").exists()  # closed, not abandoned
    assert sqlite3.connect(data_dir / "judgements.sqlite").execute("pragma integrity_check").fetchone() == ("ok",)


def test_a_port_in_use_is_refused_with_its_number(data_dir: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        with pytest.raises(PortTakenError, match=f"port {port}"):
            serve(data_dir, port=port, reviewer="ann")


def test_a_nameless_reviewer_is_refused(data_dir: Path) -> None:
    with pytest.raises(ValueError, match="reviewer"):
        serve(data_dir, reviewer="  ")


def test_a_judgement_file_that_is_something_else_is_refused(data_dir: Path) -> None:
    (data_dir / "judgements.sqlite").write_text("not a database " * 100)
    with pytest.raises(JudgementError, match="expected a judgement store"):
        serve(data_dir, reviewer="ann")
