"""The command line. Answers go to standard output, progress and errors to standard error.

Exit codes: 0 done, 1 the data is wrong, 2 the request is wrong.
"""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from flows.console import Progress, answers, errors, fail, plain_lines

app = typer.Typer(
    name="brassplate",
    help="Find the traces of front companies in shipping records, company registers and control lists.\n\n"
    "Output is a lead for a person to check, never a finding.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
)

SettingsFile = Annotated[
    Path | None, typer.Option("--settings", "-s", help="Settings file (TOML). Default: the built-in settings.")
]
DataDirectory = Annotated[
    Path | None, typer.Option("--data-directory", "-d", help="Where landed files, releases and judgements live.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Answer in JSON for machines.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")]


@app.command()
def refresh(
    settings: SettingsFile = None, data_directory: DataDirectory = None, as_json: AsJson = False, quiet: Quiet = False
) -> None:
    """Pull every source, resolve names, build leads, check and publish a release. Needs no Prefect.

    **Examples**

    `brassplate refresh --settings examples/quickstart/settings.toml`

    `brassplate refresh -s my.toml -d /srv/brassplate --json`
    """
    from flows.refreshing import refresh_warehouse
    from flows.settings import load_settings
    from flows.summary import summarise, summary_lines

    loaded = load_settings(settings, data_directory=data_directory)
    progress = Progress(quiet)
    run = refresh_warehouse(loaded, tell=progress, note=progress.note, step=progress.step)
    summary = summarise(loaded.data_directory)
    if as_json:
        stages = [{"stage": s.stage, "seconds": round(s.seconds, 2), "row_count": s.row_count} for s in run.stages]
        _json({"run_id": run.run_id, "stages": stages, "warnings": run.warnings} | summary.as_json())
    else:
        _print(
            summary_lines(summary, run, next_commands(loaded.data_directory, [lead.lead_id for lead in summary.leads]))
        )


@app.command()
def train(
    settings: SettingsFile = None,
    data_directory: DataDirectory = None,
    judgements: Annotated[
        list[Path] | None,
        typer.Option("--judgements", "-j", help="A training file of dedupe, besides the store."),
    ] = None,
    seed: Annotated[int, typer.Option(help="The same judgements and seed give the same model.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Learn a model from the reviewers' judgements; the next refresh uses it.

    A trained model replaces the default only where it predicts held-out judgements better.

    **Examples**

    `brassplate train`

    `brassplate train --judgements training.json --seed 7`
    """
    from flows.settings import load_settings
    from flows.training import train_model

    loaded = load_settings(settings, data_directory=data_directory)
    with Progress().step("learning from judgements"):
        outcome = train_model(loaded, files=judgements, seed=seed)
    if as_json:
        _json({"path": str(outcome.path), "model_id": outcome.model_id} | outcome.report)
    else:
        _print(outcome.lines())


@app.command()
def explain(
    identifier: Annotated[str, typer.Argument(help="A record id, an entity's canonical id or a lead id.")],
    settings: SettingsFile = None,
    data_directory: DataDirectory = None,
    as_json: AsJson = False,
) -> None:
    """Walk from a lead, entity or record back to the lines of the landed files, with their SHA-256.

    **Examples**

    `brassplate explain lead-0123456789abcdef`

    `brassplate explain hk_companies:1447829 --json`
    """
    from contextlib import closing

    from flows.settings import load_settings
    from warehouse.connection import open_release
    from warehouse.explain import as_lines
    from warehouse.explain import explain as walk

    loaded = load_settings(settings, data_directory=data_directory)
    with closing(open_release(loaded.data_directory)) as release:
        try:
            found = walk(release, identifier)
        except LookupError as error:
            fail(str(error), 2)
    if as_json:
        _json(found)
    else:
        _print(as_lines(found))


@app.command()
def doctor(settings: SettingsFile = None, data_directory: DataDirectory = None, as_json: AsJson = False) -> None:
    """Report versions, paths, the current release, who holds the lock, the last run, and each source's age.

    **Examples**

    `brassplate doctor`

    `brassplate doctor -s examples/quickstart/settings.toml --json`
    """
    from flows.settings import load_settings
    from flows.sources import declared_sources
    from warehouse.doctor import as_lines, report

    loaded = load_settings(settings, data_directory=data_directory)
    found = report(loaded.data_directory, declared_sources(loaded))
    if as_json:
        _json(found)
    else:
        _print(as_lines(found))


@app.command()
def review(
    settings: SettingsFile = None,
    data_directory: DataDirectory = None,
    reviewer: Annotated[str | None, typer.Option(help="Whose judgements these are. Default: your user name.")] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 takes a free one.")] = 0,
    open_browser: Annotated[bool, typer.Option("--open", help="Open the page in your browser.")] = False,
) -> None:
    """Judge uncertain pairs in the browser, one key per answer. Serves on this machine only.

    **Examples**

    `brassplate review`

    `brassplate review --reviewer mei --port 8765 --open`
    """
    from flows.settings import load_settings
    from review.serve import serve

    loaded = load_settings(settings, data_directory=data_directory)

    def ready(link: str) -> None:
        answers.print(plain_lines(link))
        errors.print("The link works once; stop with Ctrl-C. Answers are saved as you give them.")

    serve(loaded.data_directory, port=port, reviewer=reviewer, open_browser=open_browser, on_ready=ready)


Map = Annotated[
    list[str] | None, typer.Option("--map", metavar="FIELD=COLUMN", help="A field's column, where it has another name.")
]
Output = Annotated[Path, typer.Option("--output", "-o", help="CSV, or Parquet where the name ends in .parquet.")]
ModelFile = Annotated[Path | None, typer.Option("--model", help="A model made by train. Default: the shipped one.")]


@app.command()
def resolve(
    records: Annotated[Path, typer.Argument(help="CSV or Parquet with a name column.")],
    output: Output,
    mapping: Map = None,
    model: ModelFile = None,
    threshold: Annotated[float | None, typer.Option(min=0.0, max=1.0, help="Default: the model's own.")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Find which company records of your own file are one entity. Needs no warehouse.

    Needs a column `name`; uses, where present: record_id, country, address, city, postcode, registration_number, lei,
    phone, email, website, other_names (several in a cell separated by `;`), incorporation_date, source.
    Writes record_id, cluster_id, probability in input order.

    **Examples**

    `brassplate resolve records.csv -o clusters.csv`

    `brassplate resolve suppliers.parquet -o clusters.csv --map name=supplier --map country=land`
    """
    from flows.own_files import resolve_file

    told = resolve_file(records, output, mapping or [], model, threshold, Progress(quiet))
    _tell(told, as_json)


@app.command()
def score(
    pairs: Annotated[Path, typer.Argument(help="CSV or Parquet with name_l and name_r.")],
    output: Output,
    mapping: Map = None,
    model: ModelFile = None,
    threshold: Annotated[float | None, typer.Option(min=0.0, max=1.0, help="Default: the model's own.")] = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Score pairs of companies that you put side by side, and say why. Needs no warehouse.

    Needs name_l and name_r; uses the fields of `resolve` with `_l` and `_r`. Writes all input columns plus probability,
    is_match and why.

    **Examples**

    `brassplate score pairs.csv -o scored.csv`

    `brassplate score pairs.csv -o scored.csv --map name_l=left --map name_r=right`
    """
    from flows.own_files import score_file

    _tell(score_file(pairs, output, mapping or [], model, threshold, Progress(quiet)), as_json)


@app.command()
def screen(
    queries: Annotated[Path, typer.Argument(help="CSV or Parquet with a name column.")],
    against: Annotated[Path, typer.Option(help="CSV or Parquet of the companies to search in.")],
    output: Output,
    name_column: Annotated[
        list[str] | None, typer.Option(help="A name column of AGAINST; may be given several times. Default: name.")
    ] = None,
    id_column: Annotated[str | None, typer.Option(help="The id column of AGAINST. Default: row number.")] = None,
    top: Annotated[int, typer.Option(min=1, max=1000, help="How many hits a query gets at most.")] = 10,
    mapping: Map = None,
    model: ModelFile = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Look up names in a long list, across spellings and scripts. Needs no warehouse.

    Writes query_id, rank, record_id, name, probability, why. `--map` is for the columns of QUERIES.

    **Examples**

    `brassplate screen queries.csv --against names.parquet --name-column name_en --name-column name_zh \\
    --id-column reg_no --top 10 -o hits.csv`
    """
    from flows.own_files import screen_file

    told = screen_file(
        queries, against, output, name_column or ["name"], id_column, top, mapping or [], model, Progress(quiet)
    )
    _tell(told, as_json)


def next_commands(data_directory: Path, lead_ids: list[str]) -> list[str]:
    """Three commands that go on from a fresh release."""
    place = f" -d {_short(data_directory)}"
    lead = lead_ids[0] if lead_ids else "LEAD"
    return [
        f"brassplate explain {lead}{place}",
        f"brassplate review{place}",
        f"duckdb -readonly {_short(data_directory / 'current.duckdb')} 'from mart.lead limit 20'",
    ]


def _short(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _tell(told: dict[str, Any], as_json: bool) -> None:
    if as_json:
        _json(told)
        return
    shown = {name.replace("_", " "): f"{value:,}" if isinstance(value, int) else value for name, value in told.items()}
    _print([f"{name}: {value}" for name, value in shown.items()])


def _json(content: Any) -> None:
    sys.stdout.write(json.dumps(content, ensure_ascii=False, indent=2, default=str) + "\n")


def _print(lines: list[str]) -> None:
    for line in lines:
        answers.print(plain_lines(line))


def main() -> None:
    """Run the command; known errors end in one message and an exit code, unknown ones in a traceback."""
    try:
        app()
    except Exception as error:
        code = exit_code(error)
        if code is None:
            raise
        fail(str(error), code)


WRONG_DATA = {
    "DataError", "PublishError", "ContractError", "ModelError", "JudgementError", "AnswerConflictError",
}  # fmt: skip
WRONG_REQUEST = {
    "SettingsError", "DefinitionError", "TableError", "BuilderBusy", "ModelMismatchError", "PortTakenError",
    "NotFound", "FileNotFoundError", "PermissionError",
}  # fmt: skip


def exit_code(error: Exception) -> int | None:
    """1 or 2 for the errors whose messages are meant for the user; by class name, so that nothing is imported."""
    names = {kind.__name__ for kind in type(error).__mro__}
    if names & WRONG_DATA:
        return 1
    if names & WRONG_REQUEST:
        return 2
    return None


if __name__ == "__main__":
    main()
