"""The rows a section of a mapping reads, and how its columns get into a staging table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import duckdb

from warehouse.connection import quote_identifier
from warehouse.loading import expression
from warehouse.loading.declaration import Section, Source
from warehouse.loading.definition_check import ROW_KEY, PlacedSection
from warehouse.loading.expression import Cell, Joined, Scope, Statement
from warehouse.loading.raw import raw_table
from warehouse.loading.value import Condition, Date, Number, Text

Present = Mapping[str, frozenset[str]]
"""Tables that this load has -> their columns with blanks around some value, which must be trimmed."""

Column = Callable[[Scope], Cell]
"""One staging column, still to be written for a scope."""

LINE_BITS = 40
"""A file id above and a line below this bit make one sortable number: the first statement of a value."""


def as_text(value: Text | None) -> Column:
    """A column of text."""
    return lambda scope: expression.text_cell(value, scope)


def as_country(value: Text | None) -> Column:
    """A column of ISO alpha-2 codes."""
    return lambda scope: expression.country_cell(value, scope)


def as_choice(value: Text, allowed: Sequence[str], fallback: str) -> Column:
    """A column with few allowed values."""
    return lambda scope: expression.choice_cell(value, scope, allowed, fallback)


def as_number(value: Number | None) -> Column:
    """A column of doubles."""
    return lambda scope: expression.number_cell(value, scope)


def as_digits(value: Text | None) -> Column:
    """A column of digit strings."""
    return lambda scope: expression.digits_cell(value, scope)


def as_date(value: Date | None) -> Column:
    """A column of dates."""
    return lambda scope: expression.date_cell(value, scope)


def as_precision(value: Date | None) -> Column:
    """The precision that belongs to ``as_date``."""
    return lambda scope: _silent(expression.precision_of(value, scope))


def as_condition(value: Condition | None) -> Column:
    """A boolean column; false where nothing is declared."""
    return lambda scope: _silent("false" if value is None else expression.condition(value, scope))


def constant(value: str) -> Column:
    """The same text in every row."""
    return lambda scope: _silent(f"cast({scope.statement.bind(value)} as varchar)")


def _silent(sql: str) -> Cell:
    return Cell(sql, sql)


@dataclass(frozen=True)
class Rows:
    """One section over one source's raw tables, ready to be written to staging.

    ``conditions``: the section's own and those inherited from the section that encloses it.
    """

    con: duckdb.DuckDBPyConnection
    source: Source
    placed: PlacedSection
    present: Present
    conditions: tuple[Condition, ...] = ()
    number: int | None = None
    repeats: bool = True  # several rows may state one record

    @property
    def section(self) -> Section:
        """The section as declared."""
        return self.placed.section

    def scope(self, statement: Statement) -> Scope:
        """Where this section's fields stand, for one statement."""
        tables = self.source.tables
        names = [join.table for join in self.section.join]
        return Scope(
            statement=statement,
            nulls=tables[self.placed.table].nulls,
            padded=self.present[self.placed.table],
            joined={name: Joined(f"j{n}", tables[name].nulls, self.present.get(name)) for n, name in enumerate(names)},
            absent=[name for name in names if name not in self.present],
            has_part=self.section.each is not None,
            is_nested=self.section.each is not None and self.section.each.nested,
            number=self.number,
        )

    def identity(self, scope: Scope) -> str:
        """The record or shipment id as SQL: ``source:key``; several key fields are hashed."""
        return f"{scope.statement.bind(self.source.name + ':')} || {self.key(scope, hashed=True)}"

    def key(self, scope: Scope, *, hashed: bool = False) -> str:
        """The key as SQL text; null where its first field is empty."""
        if self.placed.key == ROW_KEY:
            return "t.row_key"
        parts = [scope.field(name, None) for name in self.placed.key]
        if len(parts) == 1:
            return parts[0]
        rest = ", ".join(f"coalesce({part}, '')" for part in parts[1:])
        if not hashed:
            return f"case when {parts[0]} is not null then concat_ws(' | ', {parts[0]}, {rest}) end"
        return f"case when {parts[0]} is not null then left(md5(concat_ws(chr(31), {parts[0]}, {rest})), 16) end"

    def origin(self, scope: Scope) -> str:
        """The FROM clause: corrected raw rows as ``t``, one per part where the section says so, and its joins."""
        base = self._corrected(scope.statement)
        if self.section.each is not None:
            base = f"(select t.*, unnest({self._parts(scope.statement)}) as {expression.PART} from {base} t)"
        clauses = [f"{base} t"]
        for n, join in enumerate(self.section.join):
            if join.table not in self.present:
                continue
            to = join.to or join.on
            blanks = scope.statement.bind(expression.BLANKS)
            partition = ", ".join(f"trim({quote_identifier(name)}, {blanks})" for name in to)
            pairs = " and ".join(
                f"{scope.field(theirs, join.table)} = {scope.field(ours, None)}"
                for ours, theirs in zip(join.on, to, strict=True)
            )
            clauses.append(
                f"left join (select * from {raw_table(self.source.name, join.table)} qualify row_number() over "
                f"(partition by {partition} order by file_id, line) = 1) j{n} on {pairs}"
            )
        return " ".join(clauses)

    def restriction(self, scope: Scope) -> str:
        """The WHERE clause: rows with a key that meet every condition."""
        tests = [f"({self.key(scope)}) is not null"]
        tests += [expression.condition(test, scope) for test in (*self.conditions, *self.section.when)]
        return " and ".join(tests)

    def _corrected(self, statement: Statement) -> str:
        table = self.source.tables[self.placed.table]
        name = raw_table(self.source.name, self.placed.table)
        if not table.corrections:
            return name
        by_field: dict[str, list[str]] = {}
        for correction in table.corrections:
            test = f"trim({quote_identifier(correction.field)}, {statement.bind(expression.BLANKS)})"
            by_field.setdefault(correction.field, []).append(
                f"when {test} = {statement.bind(correction.wrong)} then {statement.bind(correction.right)}"
            )
        replaced = ", ".join(
            f"case {' '.join(whens)} else {quote_identifier(name)} end as {quote_identifier(name)}"
            for name, whens in by_field.items()
        )
        return f"(select * replace ({replaced}) from {name})"

    def _parts(self, statement: Statement) -> str:
        each = self.section.each
        assert each is not None
        whole = expression.text(each, Scope(statement, self.source.tables[self.placed.table].nulls, number=self.number))
        if each.nested:
            return f"json_extract({whole}, '$[*]')"
        if each.split is not None:
            return f"string_split({whole}, {statement.bind(each.split)})"
        return f"regexp_split_to_array({whole}, {statement.bind(each.split_pattern)})"


def is_known(rows: Rows, table: str, column: str) -> Callable[[Scope], str]:
    """Condition: the id in ``column`` has been written to ``table`` (company_record, shipment) for this source."""

    def known(scope: Scope) -> str:
        source = scope.statement.bind(rows.source.name)
        return f"{column} in (select {column} from staging.{table} where source = {source})"

    return known


def write_rows(
    rows: Rows,
    target: str,
    columns: Mapping[str, Column],
    *,
    required: Sequence[str] = (),
    distinct: bool = True,
    must_exist: Callable[[Scope], str] | None = None,
) -> None:
    """Append a section to a staging table.

    Args:
        rows: the section.
        target: staging table.
        columns: staging column -> value; ``file_id`` and ``line`` are added.
        required: columns whose empty cells mean there is no row.
        distinct: equal rows become one, with the first file and line that states it.
        must_exist: SQL condition on the written columns that a row must meet, such as ``is_known``.
    """
    statement = Statement()
    scope = rows.scope(statement)
    selected = ", ".join(f"{column(scope).sql} as {name}" for name, column in columns.items())
    tests = (
        " and ".join([f"{name} is not null" for name in required] + ([must_exist(scope)] if must_exist else []))
        or "true"
    )
    inner = f"select {selected}, t.file_id, t.line from {rows.origin(scope)} where {rows.restriction(scope)}"
    names = ", ".join(columns)
    if distinct:
        first = f"min((cast(file_id as bigint) << {LINE_BITS}) | line)"
        query = (
            f"select {names}, cast({first} >> {LINE_BITS} as integer), {first} & ((1::bigint << {LINE_BITS}) - 1) "
            f"from ({inner}) where {tests} group by all"
        )
    else:
        query = f"select {names}, file_id, line from ({inner}) where {tests}"
    rows.con.execute(f"insert into {target} ({names}, file_id, line) {query}", statement.parameters)
    needed = [columns[name] for name in required]
    for name, column in columns.items():
        report_faults(rows, f"{target.removeprefix('staging.')}.{name}", column, needed)


def report_faults(rows: Rows, name: str, column: Column, needed: Sequence[Column] = ()) -> None:
    """Write the cells of one column that could not be read to ``meta.rejected_row``; their rows are kept.

    Rows without a ``needed`` cell state nothing, so nothing of theirs is reported.
    """
    if column(rows.scope(Statement())).fault is None:
        return
    statement = Statement()
    scope = rows.scope(statement)
    cell = column(scope)
    stated = "".join(f" and {other(scope).sql} is not null" for other in needed)
    rows.con.execute(
        f"""
        insert into meta.rejected_row
        select t.file_id, t.line,
               {statement.bind(name)} || ': ''' || left({cell.text}, 100) || ''' ' || {statement.bind(cell.fault)}
               || '; the row is kept without it',
               left({cell.text}, 2000)
        from {rows.origin(scope)}
        where {rows.restriction(scope)} and {cell.is_faulty()}{stated}
        """,
        statement.parameters,
    )
