"""JSON: one document with a list of records, or one record per line.

A record is flattened: ``{"Entity": {"LegalName": {"$": "X"}}}`` becomes column ``Entity.LegalName.$``. Lists stay
whole, as JSON text in the column of their path, for a mapping's ``each``. Numbers keep the digits they were
published with. The line of a record in a document is its number, from 1; in JSON lines it is the physical line.
"""

import codecs
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow as pa

from warehouse.loading.declaration import Table
from warehouse.loading.readers.chunk import COLUMN_LIMIT, Chunk, ReadFailure, RejectedRow, cut
from warehouse.loading.readers.content import table_bytes, text_encoding_of
from warehouse.loading.readers.delimited import LINE_LIMIT

ROWS_PER_CHUNK = 5_000
RECORD_LIMIT = 64 * 2**20
"""Characters of one record, and of anything between the start of a document and its list."""

_READ_SIZE = 2**20
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=str)
_BLANK = " \t\r\n"


def read_json_lines(path: Path, table: Table) -> Iterator[Chunk]:
    """Chunks of a file with one JSON object per line; a line that is none is rejected."""
    gathered = _Gathered(table)
    with table_bytes(path, table) as stream:
        _refuse_other_encodings(path, table, stream)
        number = 0
        while content := stream.readline(16 * LINE_LIMIT):
            number += 1
            try:
                text = content.decode("utf-8-sig" if number == 1 and table.encoding == "utf-8" else table.encoding)
                if not text.strip():
                    continue
                gathered.add(number, _parsed(text), text)
            except (ValueError, RecursionError) as error:
                gathered.reject(number, f"the line is not a JSON object; {_short(error)}", repr(content[:1000])[2:-1])
            if len(gathered) >= ROWS_PER_CHUNK:
                yield gathered.chunk()
    yield gathered.chunk()


def read_json(path: Path, table: Table) -> Iterator[Chunk]:
    """Chunks of one JSON document whose ``record_path`` leads to a list of objects.

    The document is read piece by piece; memory holds one record and one chunk.

    Raises:
        ReadFailure: the document breaks off, is not JSON, or has no list at ``record_path``.
    """
    gathered = _Gathered(table)
    with table_bytes(path, table) as stream:
        _refuse_other_encodings(path, table, stream)
        window = _Window(stream, path, table.encoding)
        for number, record in enumerate(_records(window, table.record_path), start=1):
            gathered.add(number, record, None)
            if len(gathered) >= ROWS_PER_CHUNK:
                yield gathered.chunk()
    yield gathered.chunk()


def _parsed(text: str) -> Any:
    return _DECODER.decode(text.strip(_BLANK))


def _short(error: BaseException) -> str:
    return str(error)[:200] or type(error).__name__


def _refuse_other_encodings(path: Path, table: Table, stream: BinaryIO) -> None:
    announced = text_encoding_of(stream.peek(4)[:4])  # type: ignore[attr-defined]
    if announced is not None:
        raise ReadFailure(
            f"expected {table.encoding} in {path.name}; found the byte order mark of {announced}. JSON is UTF-8: "
            "ask for another export, or convert the file"
        )


class _Gathered:
    """Flattened records on their way into a chunk."""

    def __init__(self, table: Table) -> None:
        self._lists = frozenset(table.lists)
        self._rows: list[dict[str, str]] = []
        self._numbers: list[int] = []
        self._rejected: list[RejectedRow] = []
        self._columns: dict[str, None] = {}

    def __len__(self) -> int:
        return len(self._rows) + len(self._rejected)

    def reject(self, number: int, reason: str, raw_text: str) -> None:
        self._rejected.append(RejectedRow(number, reason, cut(raw_text)))

    def add(self, number: int, record: Any, text: str | None) -> None:
        if not isinstance(record, dict):
            self.reject(number, f"expected a JSON object; found {type(record).__name__}", text or json.dumps(record))
            return
        row: dict[str, str] = {}
        _flatten(record, "", self._lists, row)
        if any("\x00" in value for value in row.values()):
            self.reject(number, "the record holds a NUL character", text or json.dumps(record, ensure_ascii=False))
            return
        self._columns.update(dict.fromkeys(row))
        if len(self._columns) > COLUMN_LIMIT:
            raise ReadFailure(
                f"expected records of one shape; found more than {COLUMN_LIMIT} different fields by record {number}. "
                "Name the paths that hold lists or free-form objects under `lists` in the source definition"
            )
        self._rows.append(row)
        self._numbers.append(number)

    def chunk(self) -> Chunk:
        arrays = [pa.array([row.get(name) for row in self._rows], pa.string()) for name in self._columns]
        numbers = pa.array(self._numbers, pa.int64())
        table = pa.Table.from_arrays([*arrays, numbers], names=[*self._columns, "line"])
        rejected = self._rejected
        self._rows, self._numbers, self._rejected = [], [], []
        return Chunk(table, rejected)


def _flatten(value: Any, path: str, lists: frozenset[str], row: dict[str, str]) -> None:
    if path in lists:
        row[path] = json.dumps(value if isinstance(value, list) else [value], ensure_ascii=False)
    elif isinstance(value, dict):
        for key, inner in value.items():
            _flatten(inner, f"{path}.{key}" if path else key, lists, row)
    elif isinstance(value, list):
        row[path] = json.dumps(value, ensure_ascii=False)
    elif isinstance(value, bool):
        row[path] = "true" if value else "false"
    elif value is not None:
        row[path] = str(value)


class _Window:
    """The part of a document being looked at; grows by reading, shrinks by ``forget``."""

    def __init__(self, stream: BinaryIO, path: Path, encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder("utf-8-sig" if encoding == "utf-8" else encoding)()
        self._encoding = encoding
        self.path = path
        self.text = ""
        self.at = 0
        self.is_complete = False

    def more(self) -> bool:
        """Read on; ``False`` at the end of the file."""
        if self.is_complete:
            return False
        if len(self.text) - self.at > RECORD_LIMIT:
            raise ReadFailure(f"expected records below {RECORD_LIMIT} characters; {self.path.name} holds a longer one")
        content = self._stream.read(max(_READ_SIZE, len(self.text) - self.at))
        try:
            self.text = self.text[self.at :] + self._decoder.decode(content, final=not content)
        except UnicodeDecodeError as error:
            raise ReadFailure(
                f"expected {self._encoding} in {self.path.name}; found bytes that are none ({error.reason}). "
                "Set encoding in the source definition, or pull the source again"
            ) from error
        self.at = 0
        self.is_complete = not content
        return not self.is_complete

    def peek(self) -> str:
        """The next character that is not blank; "" at the end."""
        while True:
            while self.at < len(self.text) and self.text[self.at] in _BLANK:
                self.at += 1
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.more():
                return ""

    def take(self, expected: str, where: str) -> None:
        """Step over one character; raises ``ReadFailure`` if another stands there."""
        found = self.peek()
        if found != expected:
            raise self.broken(f"expected {expected!r} {where}")
        self.at += 1

    def value(self, where: str) -> Any:
        """Read one JSON value."""
        while True:
            self.peek()
            try:
                value, end = _DECODER.raw_decode(self.text, self.at)
            except RecursionError as error:
                raise self.broken(f"expected JSON {where}; it is nested too deep") from error
            except ValueError as error:
                if not self.more():
                    raise self.broken(f"expected JSON {where}; {_short(error)}") from error
                continue
            self.at = end
            return value

    def broken(self, what: str) -> ReadFailure:
        """The failure to raise when the document is not what it should be."""
        found = repr(self.text[self.at : self.at + 40]) if self.peek() else "the end of the file"
        return ReadFailure(
            f"{what} in {self.path.name}; found {found}. The file is damaged or cut short: pull the source again"
        )


def _records(window: _Window, record_path: tuple[str, ...]) -> Iterator[Any]:
    for member in record_path:
        _enter(window, member)
    window.take("[", f"where record_path {list(record_path)} leads")
    number = 0
    if window.peek() != "]":
        while True:
            number += 1
            yield window.value(f"as record {number}")
            if window.peek() != ",":
                break
            window.take(",", f"after record {number}")
    window.take("]", f"after record {number}")
    if record_path and window.peek() == "":
        raise window.broken("expected the document to be closed")


def _enter(window: _Window, member: str) -> None:
    """Go to the value of one member of the object at hand."""
    window.take("{", f"around member {member!r}")
    while window.peek() == '"':
        name = window.value("as the name of a member")
        window.take(":", f"after {name!r}")
        if name == member:
            return
        window.value(f"as the value of {name!r}")
        if window.peek() != ",":
            break
        window.take(",", f"after {name!r}")
    raise window.broken(f"expected a member {member!r} (record_path)")
