"""Open the warehouse: a private file to build, or the published release to read.

DuckDB locks a file per process, so nobody ever reads the file that is being built and nobody ever writes a
file that was published. Nothing is fetched at run time: extensions are neither installed nor loaded on demand.
"""

from pathlib import Path

import duckdb

from warehouse.publishing.release import current_release

STORAGE_VERSION = "v1.5.0"
"""Every 1.5.x command line and library can read the release."""

_OFFLINE = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}


def quote_identifier(name: str) -> str:
    """A table, column or schema name as SQL writes it, whatever characters it holds."""
    return '"' + name.replace('"', '""') + '"'


def quote_literal(text: str) -> str:
    """Text as SQL writes it, for the few statements that take no bound value (ATTACH, COMMENT)."""
    return "'" + text.replace("'", "''") + "'"


def open_build(
    path: Path,
    *,
    memory_limit: str = "8GB",
    threads: int = 2,
    temp_directory: Path | None = None,
) -> duckdb.DuckDBPyConnection:
    """Open a new private file for building.

    ``memory_limit`` is DuckDB's own notation (``8GB``); what does not fit spills to ``temp_directory``,
    by default a folder beside the file. Rows keep no insertion order: models that need an order say so.

    Raises:
        FileExistsError: a build always starts from an empty file.
    """
    if path.exists():
        raise FileExistsError(f"expected no file yet at {path}, found one; builds never reuse a file name")
    path.parent.mkdir(parents=True, exist_ok=True)
    spill = temp_directory or path.with_name(path.name + ".tmp")
    return duckdb.connect(
        str(path),
        config={
            **_OFFLINE,
            "memory_limit": memory_limit,
            "threads": threads,
            "temp_directory": str(spill),
            "preserve_insertion_order": False,
            "storage_compatibility_version": STORAGE_VERSION,
        },
    )


def open_release(
    data_dir: Path,
    *,
    memory_limit: str = "4GB",
    threads: int = 2,
    lock_down: bool = False,
) -> duckdb.DuckDBPyConnection:
    """Attach the current release, read-only, to an in-memory database.

    Its tables answer as ``mart.lead`` or, for schema ``mart``, simply ``lead``; scratch tables go to
    ``memory.main``. The release is attached under its real path, so the answer stays the same until the
    connection is closed, whatever is published meanwhile. With ``lock_down`` the connection can neither read
    nor write any other file.

    Raises:
        FileNotFoundError: nothing has been published yet.
    """
    release = current_release(data_dir)
    if release is None:
        raise FileNotFoundError(
            f"expected a published release at {data_dir / 'current.duckdb'}, found none; run a refresh first"
        )
    con = duckdb.connect(":memory:", config={**_OFFLINE, "memory_limit": memory_limit, "threads": threads})
    con.execute(f"attach {quote_literal(str(release))} as brassplate (read_only)")
    con.execute("use brassplate")
    if con.execute(
        "select 1 from duckdb_schemas() where database_name = 'brassplate' and schema_name = 'mart'"
    ).fetchone():
        con.execute("set search_path = 'brassplate.mart,brassplate.main,memory.main'")
    if lock_down:
        con.execute("set enable_external_access = false")
        con.execute("set lock_configuration = true")
    return con
