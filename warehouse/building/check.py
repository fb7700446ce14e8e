"""Checks: queries that return offending rows; zero rows is success.

The file name is the assertion and its first word the severity: ``fail_…`` stops publishing, ``warn_…`` is told.
"""

import json
from dataclasses import dataclass
from pathlib import Path

import duckdb

CHECKS = Path(__file__).parent.parent / "checks"


@dataclass(frozen=True)
class CheckResult:
    """One check: how many rows offend, and one of them as JSON."""

    check_name: str
    severity: str
    offending_count: int
    example: str | None

    @property
    def passed(self) -> bool:
        return self.offending_count == 0


def run_checks(con: duckdb.DuckDBPyConnection, *, folder: Path = CHECKS) -> list[CheckResult]:
    """Run every check and write ``meta.check_result`` anew; ``publish`` refuses a file with a failed one.

    Raises:
        ValueError: a file name that states no severity.
        duckdb.Error: a check that cannot run; a broken check must not look like a passed one.
    """
    results = [_run(con, path) for path in sorted(folder.glob("*.sql"))]
    con.execute("delete from meta.check_result")
    if results:
        con.executemany(
            "insert into meta.check_result values (?, ?, ?, ?)",
            [[r.check_name, r.severity, r.offending_count, r.example] for r in results],
        )
    return results


def _run(con: duckdb.DuckDBPyConnection, path: Path) -> CheckResult:
    severity, _, assertion = path.stem.partition("_")
    if severity not in {"fail", "warn"} or not assertion:
        raise ValueError(f"expected a check named fail_… or warn_…, found {path}")
    query = path.read_text(encoding="utf-8").strip().rstrip(";")
    offending = con.sql(query)
    columns = offending.columns
    row = con.execute(f"select count(*) over (), * from ({query}\n) limit 1").fetchone()
    if row is None:
        return CheckResult(assertion, severity, 0, None)
    example = json.dumps(dict(zip(columns, row[1:], strict=True)), ensure_ascii=False, default=str)[:2000]
    return CheckResult(assertion, severity, int(row[0]), example)
