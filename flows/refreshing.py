"""One whole refresh, however it was started: under the builder's lock, stage by stage, to a published release."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from flows.run import Performer, Run, new_run, perform
from flows.settings import Settings
from flows.stages import REFRESH
from warehouse.publishing.lock import builder_lock


def refresh_warehouse(
    settings: Settings,
    *,
    tell: Callable[[str], None] = lambda _line: None,
    note: Callable[[str], None] = lambda _line: None,
    step: Callable[[str], AbstractContextManager[Any]] = lambda _name: nullcontext(),
    performer: Performer = lambda _name, function: function(),
) -> Run:
    """Pull, load, build, resolve, find leads, check, publish. Returns the finished run.

    Raises BuilderBusy when another run holds the data directory, DataError or PublishError when the data is wrong;
    the previous release stays current in every such case.
    """
    run = new_run(settings, tell, note)
    settings.data_directory.mkdir(parents=True, exist_ok=True)
    with builder_lock(settings.data_directory, run.run_id):
        return perform(run, REFRESH, performer, step)
