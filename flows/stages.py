"""The stages of a refresh, in the order they are performed.

Pull every source; load the landed files; build the core tables; resolve names to entities; find leads; check;
publish. Each stage is a function of the run that says in a line what it did.
"""

from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa

from flows.run import Run, StageFunction, code_version, settings_json
from flows.sources import declared_sources
from resolution.resolve import resolve
from resolution.scoring import Model, load, load_default
from review.judgements import read_standing
from review.serve import JUDGEMENTS
from warehouse.building.build import build_models
from warehouse.building.check import run_checks
from warehouse.building.resolution_tables import write_resolution
from warehouse.building.stage import Stage as TimedStage
from warehouse.connection import open_build, open_release
from warehouse.landing import pull
from warehouse.loading import SourceFailure, create_schemas, load_source
from warehouse.publishing.release import begin_release, current_release, publish

LANDING = "landing"
MODELS = "models"
CURRENT_MODEL = "current.json"


class DataError(RuntimeError):
    """The data is wrong, not the request: the run stops and the previous release stays current."""


def pull_sources(run: Run) -> tuple[int | None, str]:
    """Land what the publishers offer. A source that cannot be had keeps its last landed files, and is told."""
    never_landed = []
    sources = declared_sources(run.settings)
    for source in sources:
        run.note(f"pull {source.name}")
        found = pull(source, run.data_directory / LANDING, run.settings.addresses(source.name))
        reasons = "; ".join(f"{failure.table}: {failure.reason}" for failure in found.failures)
        if found.is_loadable:
            run.pulled.append((source, found))
            if found.failures:
                run.warn(f"{source.name}: could not be pulled, an earlier landed file stands in. {reasons}")
        elif source.is_required:
            never_landed.append(f"{source.name}: {reasons}")
        else:
            run.warn(f"{source.name}: left out of this run, never landed. {reasons}")
    if never_landed:
        told = "\n  ".join(never_landed)
        raise DataError(f"required sources have never been landed; nothing was built:\n  {told}")
    if not run.pulled:
        raise DataError("no source could be pulled and none was landed before; nothing was built")
    count = sum(len(found.files) for _, found in run.pulled)
    return count, f"{count} files of {len(run.pulled)} sources"


def load_sources(run: Run) -> tuple[int | None, str]:
    """Open the private build file and load every landed file into raw and staging."""
    previous = current_release(run.data_directory)
    run.previous_run_id = previous.stem.removeprefix("warehouse-") if previous else None
    run.build_path = begin_release(run.data_directory, run.run_id)
    run.connection = open_build(run.build_path, memory_limit=run.settings.memory_limit, threads=run.settings.threads)
    create_schemas(run.connection)
    read = quarantined = 0
    for source, found in run.pulled:
        run.note(f"load {source.name}")
        try:
            report = load_source(run.connection, source, found, run.data_directory)
        except SourceFailure as failure:
            if source.is_required:
                raise DataError(f"{failure}. The source is required; the previous release stays.") from failure
            run.warn(f"{failure}. Left out of this run.")
            continue
        read += report.row_count_read
        quarantined += report.row_count_quarantined
        run.tell(f"  {source.name}: {report.row_count_read:,} rows, {report.row_count_quarantined:,} quarantined")
        for warning in report.warnings:
            run.warn(f"{source.name}: {warning}")
    if not read:
        raise DataError("no row of any source could be loaded; the previous release stays")
    return read, f"{read:,} rows read, {quarantined:,} quarantined"


def build_core(run: Run) -> tuple[int | None, str]:
    """Build the core tables and the input of resolution."""
    build_models(run.warehouse, ("core", "resolved"), {"as_of": run.as_of}, lambda stage: _noted(run, stage))
    count = _count(run, "core.company_record")
    return count, f"{count:,} company records"


def resolve_records(run: Run) -> tuple[int | None, str]:
    """Resolve records to entities, keeping canonical ids of the previous release and the reviewers' word."""
    records = run.warehouse.table("resolved.resolution_input").to_arrow_table()
    judgements = read_standing(run.data_directory / JUDGEMENTS)
    model = current_model(run.data_directory)
    run.model_id, run.judgement_count = model.model_id, judgements.num_rows
    found = resolve(
        records,
        model=model,
        judgements=judgements,
        previous=previous_members(run.data_directory),
        threshold=run.settings.resolution.threshold,
        on_progress=lambda stage, done, of: run.note(f"resolve: {stage} {done:,} of {of:,}"),
    )
    write_resolution(
        run.warehouse,
        {
            "scored_pair": found.scored_pairs,
            "cluster_member": found.members,
            "cluster_event": found.events,
            "judgement": judgements,
            "blocking_report": blocking_table(found.report["blocking"]),
        },
    )
    seconds = ", ".join(f"{stage} {spent:.1f} s" for stage, spent in found.report["seconds"].items())
    pairs = found.report["candidate_pairs"]
    return records.num_rows, f"{records.num_rows:,} records, {pairs:,} candidate pairs ({seconds})"


def find_leads(run: Run) -> tuple[int | None, str]:
    """Build entities, ties, indicators and the marts that analysts read."""
    build_models(run.warehouse, ("indicator", "mart"), {"as_of": run.as_of}, lambda stage: _noted(run, stage))
    count = _count(run, "mart.lead")
    return count, f"{count:,} leads"


def check_release(run: Run) -> tuple[int | None, str]:
    """Ask every check for offending rows; a failed one stops the run before anything is published."""
    results = run_checks(run.warehouse)
    failed = [result for result in results if not result.passed and result.severity == "fail"]
    for result in results:
        if not result.passed and result.severity == "warn":
            run.warn(f"check {result.check_name}: {result.offending_count:,} rows, for example {result.example}")
    if failed:
        told = "\n  ".join(f"{each.check_name}: {each.offending_count:,} rows, e.g. {each.example}" for each in failed)
        raise DataError(f"{len(failed)} checks failed; the previous release stays current:\n  {told}")
    return len(results), f"{len(results)} checks, {sum(not each.passed for each in results)} warnings"


def publish_release(run: Run) -> tuple[int | None, str]:
    """Write the run's own row, close the file and make it the current release."""
    _write_run(run)
    connection, run.connection = run.warehouse, None
    assert run.build_path is not None
    run.release = publish(connection, run.build_path, run.data_directory, run.run_id, keep=run.settings.keep_releases)
    size = run.release.stat().st_size
    return None, f"{run.release.name}, {size / 1e6:,.0f} MB"


REFRESH: tuple[tuple[str, StageFunction], ...] = (
    ("pull", pull_sources),
    ("load", load_sources),
    ("build core", build_core),
    ("resolve", resolve_records),
    ("find leads", find_leads),
    ("check", check_release),
    ("publish", publish_release),
)


def current_model(data_directory: Path) -> Model:
    """The model that `train` made current in this data directory, or the shipped default."""
    path = data_directory / MODELS / CURRENT_MODEL
    return load(path) if path.exists() else load_default()


def previous_members(data_directory: Path) -> pa.Table | None:
    """Cluster members of the current release: where canonical ids come from."""
    if current_release(data_directory) is None:
        return None
    with closing(open_release(data_directory)) as release:
        return release.sql("select record_id, canonical_id, probability from resolved.cluster_member").to_arrow_table()


def _count(run: Run, table: str) -> int:
    schema, name = table.split(".")
    row = run.warehouse.execute(
        "select estimated_size from duckdb_tables() where schema_name = ? and table_name = ?", [schema, name]
    ).fetchone()
    return int(row[0]) if row else 0


def _noted(run: Run, stage: TimedStage) -> None:
    run.note(f"{stage.stage}  {stage.seconds:.1f} s")


def _write_run(run: Run) -> None:
    run.warehouse.execute(
        """insert into meta.run by name
        select $run_id as run_id, $started_at as started_at, now()::timestamp as finished_at, 'published' as status,
            $code_version as code_version, $settings::json as settings, $model_id as model_id,
            $judgement_count as judgement_count, $previous_run_id as previous_run_id""",
        {
            "run_id": run.run_id,
            "started_at": run.started_at.replace(tzinfo=None),
            "code_version": code_version(),
            "settings": settings_json(run.settings),
            "model_id": run.model_id,
            "judgement_count": run.judgement_count,
            "previous_run_id": run.previous_run_id,
        },
    )
    rows = [
        [f"run: {stage.stage}", stage.started_at.replace(tzinfo=None), stage.seconds, stage.row_count,
         stage.peak_memory_mb, stage.detail]
        for stage in run.stages
    ]  # fmt: skip
    run.warehouse.executemany("insert into meta.stage by position values (?, ?, ?, ?, ?, ?)", rows)


def blocking_table(report: list[dict[str, Any]]) -> pa.Table:
    """One row per blocking rule: what it proposed, what was capped, and its worst blocks."""
    worst = pa.list_(pa.struct({"example": pa.string(), "records": pa.int64(), "pairs": pa.int64()}))
    counts = ("keys", "pairs", "refined_keys", "capped_keys")
    schema = pa.schema([("rule", pa.string()), *((name, pa.int64()) for name in counts), ("worst", worst)])
    return pa.Table.from_pylist(report, schema=schema)
