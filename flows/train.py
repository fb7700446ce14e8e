"""The training flow: judgements to a model, run by hand."""

from pathlib import Path

from prefect import flow
from prefect.logging import get_run_logger

from flows.settings import load_settings
from flows.training import train_model


@flow(name="train", persist_result=False)
def train(settings_file: str | None = None, data_directory: str | None = None, seed: int = 0) -> str:
    """Learn from the reviewers' judgements; the next refresh uses the model. Returns the model's path."""
    settings = load_settings(
        Path(settings_file) if settings_file else None,
        data_directory=Path(data_directory) if data_directory else None,
    )
    outcome = train_model(settings, seed=seed)
    for line in outcome.lines():
        get_run_logger().info("%s", line)
    return str(outcome.path)
