"""Both deployments on a real Prefect server and a real process worker, started from another folder."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import yaml
from prefect.flows import load_flow_from_entrypoint

from warehouse.publishing.release import current_release

REPOSITORY = Path(__file__).parent.parent.parent
PREFECT = str(Path(sys.executable).with_name("prefect"))
PATIENCE = 150.0

pytestmark = pytest.mark.slow


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Orchestra:
    """A server, its address and the environment its clients need."""

    def __init__(self, home: Path) -> None:
        port = free_port()
        self.api = f"http://127.0.0.1:{port}/api"
        self.log = home / "prefect.log"
        self.environment = os.environ | {
            "PREFECT_HOME": str(home),
            "PREFECT_API_URL": self.api,
            "PREFECT_SERVER_API_HOST": "127.0.0.1",
            "PREFECT_SERVER_API_PORT": str(port),
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PREFECT_SERVER_UI_ENABLED": "false",
            "DO_NOT_TRACK": "1",
            "NO_COLOR": "1",
        }
        self.processes: list[subprocess.Popen[bytes]] = []

    def start(self, *arguments: str, cwd: str = "/") -> None:
        with self.log.open("ab") as log:
            self.processes.append(
                subprocess.Popen([PREFECT, *arguments], env=self.environment, cwd=cwd, stdout=log, stderr=log)
            )

    def run(self, *arguments: str) -> None:
        done = subprocess.run(
            [PREFECT, "--no-prompt", *arguments], env=self.environment, cwd=REPOSITORY, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def post(self, path: str, content: dict[str, object]) -> dict[str, object]:
        answer = httpx.post(self.api + path, json=content, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def get(self, path: str) -> dict[str, object]:
        answer = httpx.get(self.api + path, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def wait_until_healthy(self) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            try:
                if httpx.get(self.api + "/health", timeout=5).status_code == 200:
                    return
            except httpx.HTTPError:
                time.sleep(0.5)
        raise AssertionError(f"the server did not answer: {self.log.read_text()[-2000:]}")

    def flow_run(self, deployment: str, parameters: dict[str, object]) -> str:
        """Run a deployment to its end; returns the name of its final state."""
        found = self.get(f"/deployments/name/{deployment}")
        started = self.post(f"/deployments/{found['id']}/create_flow_run", {"parameters": parameters})
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            state = self.get(f"/flow_runs/{started['id']}")["state"]
            if state["type"] in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}:
                return f"{state['type']} {state.get('message') or ''}".strip()
            time.sleep(0.5)
        raise AssertionError(f"{deployment} did not end: {self.log.read_text()[-3000:]}")


@pytest.fixture(scope="module")
def orchestra(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orchestra]:
    running = Orchestra(tmp_path_factory.mktemp("prefect"))
    try:
        running.start("server", "start")
        running.wait_until_healthy()
        running.run("work-pool", "create", "local", "--type", "process")
        running.run("deploy", "--all")
        running.start("worker", "start", "--pool", "local", "--name", "test")
        yield running
    finally:
        for process in reversed(running.processes):
            process.terminate()
        for process in running.processes:
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()


@pytest.mark.parametrize("deployment", yaml.safe_load((REPOSITORY / "prefect.yaml").read_text())["deployments"])
def test_every_entrypoint_loads_as_a_flow_and_not_as_a_placeholder(
    deployment: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(REPOSITORY)
    flow = load_flow_from_entrypoint(deployment["entrypoint"], use_placeholder_flow=False)
    assert flow.name == deployment["entrypoint"].rpartition(":")[2]


def test_refresh_runs_nightly_on_a_worker_and_publishes(
    orchestra: Orchestra, tiny_settings: Path, tmp_path: Path
) -> None:
    found = orchestra.get("/deployments/name/refresh/nightly")
    assert found["schedules"][0]["schedule"]["cron"] == "0 3 * * *"
    state = orchestra.flow_run("refresh/nightly", {"settings_file": str(tiny_settings)})
    assert state.startswith("COMPLETED"), f"{state}\n{orchestra.log.read_text()[-4000:]}"
    assert current_release(tmp_path / "data") is not None
    artifacts = orchestra.post("/artifacts/latest/filter", {})
    assert [artifact["key"] for artifact in artifacts] == ["refresh-summary"]


def test_train_runs_by_hand_on_a_worker(orchestra: Orchestra, tiny_settings: Path, tmp_path: Path) -> None:
    assert not orchestra.get("/deployments/name/train/train")["schedules"]
    state = orchestra.flow_run("train/train", {"settings_file": str(tiny_settings)})
    assert state.startswith("COMPLETED"), f"{state}\n{orchestra.log.read_text()[-4000:]}"
    assert (tmp_path / "data" / "models" / "current.json").exists()


def test_a_run_on_wrong_settings_fails_visibly(orchestra: Orchestra, tmp_path: Path) -> None:
    state = orchestra.flow_run("refresh/nightly", {"settings_file": str(tmp_path / "absent.toml")})
    assert state.startswith("FAILED")
    assert "expected a settings file" in state
