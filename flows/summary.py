"""What to tell when a release is published: counts per layer, the strongest leads, what to try next."""

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.run import Run
from warehouse.connection import open_release

LAYERS = ("raw", "staging", "core", "resolved", "indicator", "mart")
DISCLAIMER = "Leads for review, never findings. Unseen is not clear. Shell structures are often lawful."


@dataclass(frozen=True)
class LeadLine:
    """One lead with one line of its evidence."""

    rank: int
    lead_id: str
    band: str
    name: str
    country: str | None
    evidence: str
    is_synthetic: bool


@dataclass(frozen=True)
class Summary:
    """``layers``: layer -> (tables, rows). ``leads``: the strongest first."""

    release: Path
    layers: dict[str, tuple[int, int]]
    leads: list[LeadLine]
    lead_count: int
    synthetic_lead_count: int

    def as_json(self) -> dict[str, Any]:
        return {
            "release": str(self.release),
            "layers": {layer: {"tables": tables, "rows": rows} for layer, (tables, rows) in self.layers.items()},
            "lead_count": self.lead_count,
            "synthetic_lead_count": self.synthetic_lead_count,
            "leads": [vars(lead) for lead in self.leads],
            "disclaimer": DISCLAIMER,
        }


def summarise(data_directory: Path, lead_count: int = 10) -> Summary:
    """Read the current release."""
    with closing(open_release(data_directory)) as release:
        counted = release.execute(
            "select schema_name, count(*), sum(estimated_size)::bigint from duckdb_tables()"
            " where database_name = 'brassplate' group by schema_name"
        ).fetchall()
        layers = {layer: (tables, rows) for layer, tables, rows in counted}
        leads = release.execute(
            """
            select lead.rank, lead.lead_id, lead.band, lead.name, lead.country,
                coalesce(
                    (select first(sentence order by speaks_against, position) from mart.lead_evidence evidence
                     where evidence.lead_id = lead.lead_id
                         and evidence.indicator is not distinct from lead.indicators_fired[1]),
                    lead.why
                ),
                lead.is_synthetic
            from mart.lead order by lead.rank limit $count
            """,
            {"count": lead_count},
        ).fetchall()
        total, synthetic = release.execute("select count(*), count(*) filter (is_synthetic) from mart.lead").fetchall()[
            0
        ]
        path = Path(release.execute(
            "select path from duckdb_databases() where database_name = 'brassplate'"
        ).fetchall()[0][0])  # fmt: skip
    return Summary(
        path,
        {layer: layers[layer] for layer in LAYERS if layer in layers},
        [LeadLine(*lead) for lead in leads],
        total,
        synthetic,
    )


def summary_lines(summary: Summary, run: Run | None, commands: list[str]) -> list[str]:
    """The summary for a terminal; the caller makes names harmless."""
    lines = ["", f"release   {summary.release}", "", "layer        tables         rows"]
    lines += [f"{layer:10}  {tables:7,}  {rows:11,}" for layer, (tables, rows) in summary.layers.items()]
    if run is not None:
        lines += ["", "stage         seconds   peak MB  what"]
        lines += [
            f"{stage.stage:12}  {stage.seconds:7.1f}  {stage.peak_memory_mb or 0:8,.0f}  {stage.detail}"
            for stage in run.stages
        ]
    shown = len(summary.leads)
    of_them = f"{summary.lead_count:,} leads, {summary.synthetic_lead_count:,} of them in the synthetic world"
    lines += ["", f"the {shown} strongest of {of_them}", f"  {DISCLAIMER}"]
    for lead in summary.leads:
        mark = "  [SYNTHETIC]" if lead.is_synthetic else ""
        lines.append(f"{lead.rank:3}  {lead.band:6}  {lead.name} ({lead.country or 'country unknown'}){mark}")
        lines.append(f"     {lead.evidence}")
    lines += ["", "try next"] + [f"  {command}" for command in commands]
    return lines
