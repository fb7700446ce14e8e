"""resolve, score and screen on anybody's own files: read, ask resolution, write."""

from pathlib import Path
from typing import Any

import pyarrow as pa

from flows.console import Progress
from flows.own_tables import (
    TableError,
    company_records,
    parse_mapping,
    read_table,
    safe_for_spreadsheets,
    screened_records,
    write_table,
)
from resolution.scoring import Model, load, load_default


def resolve_file(
    path: Path, output: Path, mapping: list[str], model: Path | None, threshold: float | None, progress: Progress
) -> dict[str, Any]:
    """Write record_id, cluster_id, probability for every row of ``path``, in its order."""
    from resolution.resolve import resolve

    with progress.step("read"):
        records = company_records(read_table(path), parse_mapping(mapping), path)
    progress(f"read: {records.num_rows:,} records")
    with progress.step("resolve"):
        found = resolve(
            records,
            model=_model(model),
            threshold=threshold,
            on_progress=lambda stage, done, of: progress.note(f"resolve: {stage} {done:,} of {of:,}"),
        )
    for stage, seconds in found.report["seconds"].items():
        progress(f"{stage}: {seconds:.1f} s")
    members = found.members
    write_table(
        pa.table(
            {
                "record_id": members["record_id"],
                "cluster_id": members["canonical_id"],
                "probability": members["probability"],
            }
        ),
        output,
    )
    return {
        "records": records.num_rows,
        "clusters": len(members["canonical_id"].unique()),
        "candidate_pairs": found.report["candidate_pairs"],
        "output": str(output),
    }


def score_file(
    path: Path, output: Path, mapping: list[str], model: Path | None, threshold: float | None, progress: Progress
) -> dict[str, Any]:
    """Write the pairs of ``path`` with probability, is_match and why."""
    from resolution.score import score

    table = read_table(path)
    wanted = parse_mapping(mapping, sides=True)
    missing = [column for column in wanted.values() if column not in table.column_names]
    if missing:
        raise TableError(f"{path}: expected columns {', '.join(missing)}; found {', '.join(table.column_names[:20])}")
    added = [name for name in wanted if name not in table.column_names]
    for name in added:
        table = table.append_column(name, table[wanted[name]])
    if not {"name_l", "name_r"} <= set(table.column_names):
        found = ", ".join(table.column_names[:20])
        raise TableError(f"{path}: expected columns name_l and name_r; found {found}. Use --map name_l=COLUMN.")
    with progress.step(f"score {table.num_rows:,} pairs"):
        scored = score(table, model=_model(model), threshold=threshold)
    write_table(scored.drop_columns(added), output)
    return {
        "pairs": scored.num_rows,
        "matches": sum(chunk.true_count for chunk in scored["is_match"].chunks),
        "output": str(output),
    }


def screen_file(
    queries: Path,
    against: Path,
    output: Path,
    name_columns: list[str],
    id_column: str | None,
    top: int,
    mapping: list[str],
    model: Path | None,
    progress: Progress,
) -> dict[str, Any]:
    """Write the ``top`` likeliest companies of ``against`` for every row of ``queries``."""
    from resolution.screen import screen

    with progress.step("read"):
        asked = company_records(read_table(queries), parse_mapping(mapping), queries)
        searched = screened_records(read_table(against), name_columns, id_column, against)
    progress(f"read: {asked.num_rows:,} queries, {searched.num_rows:,} companies")
    with progress.step("screen"):
        hits = screen(asked, searched, top=top, model=_model(model))
    place = hits.column_names.index("name")
    write_table(hits.set_column(place, "name", safe_for_spreadsheets(hits["name"])), output)
    return {"queries": asked.num_rows, "companies": searched.num_rows, "hits": hits.num_rows, "output": str(output)}


def _model(path: Path | None) -> Model:
    return load(path) if path else load_default()
