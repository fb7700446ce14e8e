"""Rows of a raw table that cannot stay: rejected by rule, without a key, or repeating a key that names one row."""

import duckdb

from warehouse.connection import quote_identifier
from warehouse.loading.declaration import Record, Shipment, Source, Table
from warehouse.loading.definition_check import ROW_KEY, placed_sections
from warehouse.loading.expression import BLANKS, Scope, Statement
from warehouse.loading.raw import raw_table, set_aside


def padded_columns(con: duckdb.DuckDBPyConnection, raw: str, used: set[str]) -> frozenset[str]:
    """The columns with blanks around some value: looking once is cheaper than trimming in every statement."""
    names = sorted(used)
    if not names:
        return frozenset()
    tests = ", ".join(f"coalesce(bool_or(regexp_matches({quote_identifier(name)}, $padded)), false)" for name in names)
    found = con.execute(f"select {tests} from {raw}", {"padded": f"^[{BLANKS}]|[{BLANKS}]$"}).fetchone() or ()
    return frozenset(name for name, is_padded in zip(names, found, strict=True) if is_padded)


def set_aside_rows(
    con: duckdb.DuckDBPyConnection, source: Source, name: str, table: Table, padded: frozenset[str]
) -> None:
    """Quarantine rows that cannot mean what they say, that have no key, or that repeat a key that names one row."""
    raw = raw_table(source.name, name)
    for reject in table.reject:
        statement = Statement()
        scope = Scope(statement, table.nulls, padded)
        test = f"regexp_matches({scope.field(reject.field, None)}, {statement.bind(reject.matches)})"
        set_aside(con, raw, f"coalesce({test}, false)", statement.parameters, reject.reason)
    sections = [placed for placed in placed_sections(source) if placed.table == name]
    if any(placed.key == ROW_KEY for placed in sections):
        _number_rows(con, raw)
    for first in dict.fromkeys(placed.key[0] for placed in sections if placed.key != ROW_KEY):
        statement = Statement()
        empty = f"{Scope(statement, table.nulls, padded).field(first, None)} is null"
        set_aside(con, raw, empty, statement.parameters, f"the key field {first} is empty")
    for placed in sections:
        section = placed.section
        if isinstance(section, Record | Shipment) and not section.repeats and placed.key != ROW_KEY:
            _set_aside_repeated(con, raw, placed.key, table, padded)


def _set_aside_repeated(
    con: duckdb.DuckDBPyConnection, raw: str, key: tuple[str, ...] | str, table: Table, padded: frozenset[str]
) -> None:
    statement = Statement()
    fields = ", ".join(Scope(statement, table.nulls, padded).field(field, None) for field in key)
    repeated = con.execute(
        f"select 1 from {raw} t group by {fields} having count(*) > 1 limit 1", statement.parameters
    ).fetchone()
    if repeated:
        later = (
            f"(file_id, line) in (select (file_id, line) from {raw} t qualify row_number() over "
            f"(partition by {fields} order by file_id, line) > 1)"
        )
        reason = f"an earlier row has the same key ({', '.join(key)}), which names one row of this source"
        set_aside(con, raw, later, statement.parameters, reason)


def _number_rows(con: duckdb.DuckDBPyConnection, raw: str) -> None:
    """Give rows without a key of their own one made of all they say; equal rows are told apart by counting."""
    columns = [str(row[0]) for row in con.execute(f"describe {raw}").fetchall()]
    if "row_key" in columns:
        return
    cells = ", ".join(f"coalesce({quote_identifier(name)}, '')" for name in columns if name not in ("file_id", "line"))
    con.execute(
        f"""
        create or replace table {raw} as
        select *, fingerprint || case when copy > 1 then '-' || copy else '' end as row_key
        from (
            select *, row_number() over (partition by fingerprint order by file_id, line) as copy
            from (select *, left(md5(concat_ws(chr(31), {cells})), 16) as fingerprint from {raw})
        )
        """
    )
    con.execute(f"alter table {raw} drop column fingerprint")
    con.execute(f"alter table {raw} drop column copy")
