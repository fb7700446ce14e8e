"""The main job on the bundled example data, through the Prefect flow: what `make run` does."""

import os
from pathlib import Path

EXAMPLE = Path(__file__).parent.parent / "examples" / "quickstart"


def main() -> None:
    """Run the flow on the quickstart settings in a Prefect home of its own, then tell what came of it."""
    from flows.cli import exit_code, next_commands
    from flows.console import Progress, answers, fail, plain_lines
    from flows.settings import load_settings

    settings = load_settings(EXAMPLE / "settings.toml")
    prepare_environment(settings.data_directory / "prefect")
    progress = Progress()
    progress("starting Prefect's own server for this run")
    from flows.refresh import refresh
    from flows.summary import summarise, summary_lines

    try:
        refresh(settings_file=str(EXAMPLE / "settings.toml"))
    except Exception as error:
        code = exit_code(error)
        if code is None:
            raise
        fail(str(error), code)
    summary = summarise(settings.data_directory)
    commands = next_commands(settings.data_directory, [lead.lead_id for lead in summary.leads])
    for line in summary_lines(summary, None, [f".venv/bin/{c}" if c.startswith("brass") else c for c in commands]):
        answers.print(plain_lines(line))


def prepare_environment(home: Path) -> None:
    """Prefect's settings for a run without a server of the operator's: no telemetry, patience, its own home.

    Set only where the operator has not; a configured PREFECT_API_URL is respected.
    """
    defaults = {
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
        "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
    }
    home.mkdir(parents=True, exist_ok=True)
    for name, value in defaults.items():
        os.environ.setdefault(name, value)


if __name__ == "__main__":
    main()
