"""One builder at a time, and a killed one leaves no lock."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from warehouse.publishing.lock import LOCK_NAME, BuilderBusy, builder_lock, lock_holder

HOLDER = """
import sys, time
from pathlib import Path
from warehouse.publishing.lock import builder_lock
lock = builder_lock(Path(sys.argv[1]), "run-x")
print("held", flush=True)
time.sleep(60)
"""


def test_a_second_builder_is_told_who_holds_the_lock(tmp_path):
    with builder_lock(tmp_path, "run-1"), pytest.raises(BuilderBusy, match=rf"process {os.getpid()} .*'run-1'"):
        builder_lock(tmp_path, "run-2")


def test_a_released_lock_can_be_taken_again(tmp_path):
    builder_lock(tmp_path, "run-1").release()
    with builder_lock(tmp_path, "run-2") as lock:
        assert lock.holder.run_id == "run-2"
    lock.release()


def test_the_holder_is_readable_while_it_holds_and_nobody_afterwards(tmp_path):
    assert lock_holder(tmp_path) is None
    with builder_lock(tmp_path, "run-1"):
        holder = lock_holder(tmp_path)
        assert holder is not None
        assert (holder.pid, holder.run_id) == (os.getpid(), "run-1")
    assert lock_holder(tmp_path) is None


def test_a_killed_builder_leaves_no_lock(tmp_path):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)], stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    holder = lock_holder(tmp_path)
    assert holder is not None
    assert holder.pid == process.pid
    with pytest.raises(BuilderBusy, match="its lock ends with it"):
        builder_lock(tmp_path)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert lock_holder(tmp_path) is None
    builder_lock(tmp_path).release()


def test_a_lock_file_full_of_rubbish_is_no_obstacle(tmp_path):
    (tmp_path / LOCK_NAME).write_text("{'not json")
    assert lock_holder(tmp_path) is None
    with builder_lock(tmp_path, "run-1"):
        assert lock_holder(tmp_path) is not None
