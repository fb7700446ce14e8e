"""How a stage runs under Prefect: as a task of its own in this process, nothing cached, nothing stored."""

from collections.abc import Callable

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE
from prefect.logging import get_run_logger

from flows.run import Run
from warehouse.building.stage import Stage


def as_task(name: str, function: Callable[[], Stage]) -> Stage:
    """Perform one stage as a Prefect task named like it, so that the run page shows where the time went."""

    @task(name=name, task_run_name=name, cache_policy=NO_CACHE, persist_result=False, log_prints=False)
    def stage() -> Stage:
        return function()

    return stage()


def log_line(line: str) -> None:
    """A line of progress into the run's log; warnings as warnings."""
    logger = get_run_logger()
    (logger.warning if line.startswith("warning:") else logger.info)("%s", line)


def summary_artifact(run: Run) -> None:
    """What the run did, on its page. Names come from strangers, so everything in cells is escaped."""
    rows = "\n".join(
        f"| {escaped(stage.stage)} | {stage.seconds:.1f} | {stage.row_count or 0:,} | {escaped(stage.detail or '')} |"
        for stage in run.stages
    )
    warnings = "\n".join(f"- {escaped(line)}" for line in run.warnings) or "none"
    release = escaped(run.release.name) if run.release else "none"
    create_markdown_artifact(
        key="refresh-summary",
        description="What the refresh did",
        markdown=f"# Release {release}\n\n| stage | seconds | rows | what |\n|---|---:|---:|---|\n{rows}\n\n"
        f"## Warnings\n{warnings}\n\nLeads are for review, never findings.\n",
    )


def escaped(text: str) -> str:
    """Text as Markdown and HTML show it, whatever it holds: the run page renders both."""
    return "".join(f"&#{ord(character)};" if character in "<>&|`*_[]()!\\\n#~" else character for character in text)
