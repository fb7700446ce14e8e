"""Delimited text: strict reading with exact physical lines, and a fresh start after every broken row.

A row that breaks the rules is rejected at its first line and the lines after it are read again, so that one
unclosed quote costs one row and not the rest of the file.
"""

import csv
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from warehouse.loading.declaration import Table
from warehouse.loading.readers.chunk import COLUMN_LIMIT, Chunk, ReadFailure, RejectedRow, cut, unique_names
from warehouse.loading.readers.content import table_bytes, text_encoding_of

ROWS_PER_CHUNK = 20_000
LINE_LIMIT = 2**20
"""Bytes of one physical line."""

LINES_PER_ROW_LIMIT = 500
"""Physical lines of one row; more means an unclosed quote."""

ROW_LIMIT = 4 * 2**20
"""Characters of one row."""

_DOS_END_OF_FILE = "\x1a"


class _BadLine(Exception):  # noqa: N818
    """A physical line that cannot be part of any row."""


class _Lines:
    """Decoded physical lines that can be read again.

    ``taken`` holds the numbered lines handed out since ``release`` was last called: those of the current row.
    """

    def __init__(self, stream: BinaryIO, encoding: str) -> None:
        self._stream = stream
        self._encoding = encoding
        self._number = 0
        self._again: deque[tuple[int, str]] = deque()
        self.taken: list[tuple[int, str]] = []
        self.at_end = False

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        number, line = self._again.popleft() if self._again else self._read()
        self.taken.append((number, line))
        if len(self.taken) > 1 and self._is_endless():
            raise csv.Error(f"the row does not end within {LINES_PER_ROW_LIMIT} lines or {ROW_LIMIT} characters")
        if "\x00" in line:
            raise _BadLine("the line holds a NUL byte")
        return line

    def _read(self) -> tuple[int, str]:
        content = self._stream.readline(LINE_LIMIT + 1)
        if not content:
            self.at_end = True
            raise StopIteration
        self._number += 1
        if len(content) > LINE_LIMIT:
            self._skip_line()
            self.taken.append((self._number, content[:1000].decode(self._encoding, "replace")))
            raise _BadLine(f"the line is longer than {LINE_LIMIT} bytes")
        try:
            line = content.decode(self._encoding)
        except UnicodeDecodeError as error:
            self.taken.append((self._number, content.decode(self._encoding, "replace")))
            raise _BadLine(f"the line is not {self._encoding}; byte {error.start}") from error
        if line.rstrip("\r\n") == _DOS_END_OF_FILE and not self._stream.peek(1):  # type: ignore[attr-defined]
            self.at_end = True
            raise StopIteration
        return self._number, line

    def _is_endless(self) -> bool:
        return len(self.taken) > LINES_PER_ROW_LIMIT or sum(len(line) for _, line in self.taken) > ROW_LIMIT

    def _skip_line(self) -> None:
        while (more := self._stream.readline(LINE_LIMIT)) and not more.endswith(b"\n"):
            pass

    def release(self) -> list[tuple[int, str]]:
        """The lines of the row just read; forgets them."""
        taken, self.taken = self.taken, []
        return taken

    def read_again(self, lines: list[tuple[int, str]]) -> None:
        """Hand these lines out once more, before anything new."""
        self._again.extendleft(reversed(lines))


def read_delimited(path: Path, table: Table) -> Iterator[Chunk]:
    """Chunks of a delimited file; blank lines are skipped.

    Raises:
        ReadFailure: the file is empty, compressed otherwise than declared, HTML, or has no header.
    """
    with table_bytes(path, table) as stream:
        lines = _Lines(stream, _encoding(path, table, stream))
        columns = _header(path, table, lines)
        rows: list[list[str]] = []
        numbers: list[int] = []
        rejected: list[RejectedRow] = []
        for number, row in _rows(lines, table, len(columns), rejected):
            if row is not None:
                rows.append(row)
                numbers.append(number)
            if len(rows) + len(rejected) >= ROWS_PER_CHUNK:
                yield _chunk(columns, rows, numbers, rejected)
                rows, numbers, rejected = [], [], _emptied(rejected)
        yield _chunk(columns, rows, numbers, rejected)


def _emptied(rejected: list[RejectedRow]) -> list[RejectedRow]:
    """The same list, emptied: the row reader keeps writing to it."""
    rejected.clear()
    return rejected


def _chunk(columns: list[str], rows: list[list[str]], numbers: list[int], rejected: list[RejectedRow]) -> Chunk:
    cells = zip(*rows, strict=True) if rows else (() for _ in columns)
    arrays = [pa.array(column, pa.string()) for column in cells]
    table = pa.Table.from_arrays([*arrays, pa.array(numbers, pa.int64())], names=[*columns, "line"])
    return Chunk(table, list(rejected))


def _encoding(path: Path, table: Table, stream: BinaryIO) -> str:
    head = stream.peek(4)[:4]  # type: ignore[attr-defined]
    announced = text_encoding_of(head)
    if announced is not None:
        raise ReadFailure(
            f"expected {table.encoding} in {path.name}; found the byte order mark of {announced}. Only encodings "
            "that keep ASCII can be read: ask for another export, or convert the file"
        )
    if head.startswith(b"\xef\xbb\xbf") and table.encoding.lower().replace("_", "-") in ("utf-8", "utf8"):
        stream.read(3)
    return table.encoding


def _header(path: Path, table: Table, lines: _Lines) -> list[str]:
    if table.columns is not None:
        return unique_names(list(table.columns))
    try:
        for _ in range(table.header_row - 1):
            next(lines)
        lines.release()
        names = next(_reader(lines, table))
    except StopIteration:
        raise ReadFailure(
            f"expected a header on line {table.header_row} of {path.name}; the file ends before it"
        ) from None
    except (csv.Error, _BadLine) as error:
        raise ReadFailure(
            f"expected a header on line {table.header_row} of {path.name}; found a line that cannot be read "
            f"({error}). Check encoding, delimiter and header_row in the source definition"
        ) from error
    lines.release()
    if len(names) > COLUMN_LIMIT:
        raise ReadFailure(f"expected at most {COLUMN_LIMIT} columns in {path.name}; found {len(names)}")
    return unique_names(names)


def _reader(lines: Iterator[str], table: Table) -> Iterator[list[str]]:
    if len(table.delimiter) > 1:
        return (_split(line, table) for line in lines)
    if not table.quote:
        return csv.reader(lines, delimiter=table.delimiter, quoting=csv.QUOTE_NONE, strict=True)
    return csv.reader(lines, delimiter=table.delimiter, quotechar=table.quote, strict=True)


def _split(line: str, table: Table) -> list[str]:
    """Cells between a separator of several characters, such as ``'~'``, whose outer quotes enclose the line."""
    line = line.rstrip("\r\n")
    if table.quote and line.startswith(table.quote) and line.endswith(table.quote) and len(line) > 1:
        line = line[1:-1]
    return line.split(table.delimiter) if line else []


def _rows(
    lines: _Lines, table: Table, width: int, rejected: list[RejectedRow]
) -> Iterator[tuple[int, list[str] | None]]:
    """(first line, cells) of every row; no cells where the row went to ``rejected``."""
    reader = _reader(lines, table)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except (csv.Error, _BadLine) as error:
            _reject_first(lines, rejected, _reason(error, lines.at_end), is_last=isinstance(error, _BadLine))
            reader = _reader(lines, table)
            yield 0, None
            continue
        if len(row) == width:
            yield lines.taken[0][0], row
            lines.taken.clear()
        elif not row:
            lines.taken.clear()
        else:
            hint = "; the file may be cut short here" if _is_unfinished(lines) else ""
            _reject_first(lines, rejected, f"expected {width} cells; found {len(row)}{hint}")
            reader = _reader(lines, table)
            yield 0, None


def _is_unfinished(lines: _Lines) -> bool:
    return bool(lines.taken) and not lines.taken[-1][1].endswith(("\n", "\r"))


def _reason(error: Exception, at_end: bool) -> str:
    if at_end and isinstance(error, csv.Error):
        return "the row does not end before the file does; an unclosed quote or a file cut short"
    return str(error)


def _reject_first(lines: _Lines, rejected: list[RejectedRow], reason: str, *, is_last: bool = False) -> None:
    """Reject the row being read at its first line, and let the others be read again.

    ``is_last``: the line taken last can be part of no row; it is rejected on its own.
    """
    taken = lines.release()
    if not taken:
        return
    if is_last:
        number, text = taken.pop()
        rejected.append(RejectedRow(number, reason, cut(text)))
        if not taken:
            return
        reason = "the row does not end before a line that cannot be read"
    number, text = taken[0]
    rejected.append(RejectedRow(number, reason, cut(text)))
    lines.read_again(taken[1:])
