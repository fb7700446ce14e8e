"""The nightly flow: every stage of a refresh as a Prefect task."""

from pathlib import Path

from prefect import flow

from flows.refreshing import refresh_warehouse
from flows.settings import load_settings
from flows.tasks import as_task, log_line, summary_artifact


@flow(name="refresh", persist_result=False)
def refresh(settings_file: str | None = None, data_directory: str | None = None) -> str:
    """Pull every source, resolve, build leads, check and publish; returns the release's path."""
    settings = load_settings(
        Path(settings_file) if settings_file else None,
        data_directory=Path(data_directory) if data_directory else None,
    )
    run = refresh_warehouse(settings, tell=log_line, performer=as_task)
    summary_artifact(run)
    return str(run.release)
