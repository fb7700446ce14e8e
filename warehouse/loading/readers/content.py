"""The bytes of a landed file, decompressed within bounds, and what they look like when they are not what was said."""

import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from typing import BinaryIO, cast

from warehouse.loading.declaration import Table
from warehouse.loading.readers.chunk import ReadFailure

SIZE_LIMIT = 64 * 2**30
"""Decompressed bytes of one file."""

RATIO_LIMIT = 300
"""Decompressed bytes per stored byte, beyond the first 256 MB; text packs 5-20 to one."""

_RATIO_FREE = 256 * 2**20
_ZIP_MEMBER_LIMIT = 10_000
_MAGIC = (
    (b"\x1f\x8b", "gzip"),
    (b"PK\x03\x04", "zip"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"PAR1", "parquet"),
    (b"%PDF", "PDF"),
)
_BOMS = ((b"\xff\xfe\x00\x00", "utf-32"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def looks_like(head: bytes) -> str | None:
    """What the first bytes of a file say it is: html, gzip, zip, xz, parquet, PDF; ``None`` for plain text."""
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")[:256].lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<script")):
        return "html"
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    return None


def text_encoding_of(head: bytes) -> str | None:
    """The encoding a byte order mark announces, other than UTF-8."""
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    return None


@contextmanager
def table_bytes(path: Path, table: Table) -> Iterator[BinaryIO]:
    """The decompressed bytes of a landed file; raises ``ReadFailure`` for anything that is not the declared kind."""
    stored = path.stat().st_size
    if stored == 0:
        raise ReadFailure(f"expected {table.format} data in {path.name}; found an empty file. Pull the source again")
    with path.open("rb") as file:
        packing = _packing(path, table, file.read(512))
        file.seek(0)
        try:
            yield cast(BinaryIO, io.BufferedReader(_Bounded(_unpacked(file, path, table, packing), stored), 1 << 20))
        except (EOFError, gzip.BadGzipFile, zlib.error, lzma.LZMAError, zipfile.BadZipFile) as error:
            raise ReadFailure(
                f"expected a whole {packing} file; {path.name} is damaged or cut short ({error}). Pull the source again"
            ) from error


def _packing(path: Path, table: Table, head: bytes) -> str:
    """gzip, xz, zip or none: what the file is, if that is what the definition allows."""
    found = looks_like(head) or "none"
    declared = {"gz": "gzip"}.get(table.compression, table.compression)
    if found == declared or (declared == "detect" and found in ("none", "gzip", "xz", "zip")):
        return found
    expected = table.format if declared in ("none", "detect") else f"{declared}-compressed {table.format}"
    what = {"html": "an HTML page, perhaps an error page or a login", "none": "plain text"}.get(found, found)
    raise ReadFailure(
        f"expected {expected} in {path.name}; found {what}. Pull the source again, or put its address, format or "
        "compression right in the source definition"
    )


def _unpacked(file: BinaryIO, path: Path, table: Table, packing: str) -> BinaryIO:
    if packing == "gzip":
        return cast(BinaryIO, gzip.GzipFile(fileobj=file))
    if packing == "xz":
        return cast(BinaryIO, lzma.LZMAFile(file))
    if packing == "zip":
        return _zip_member(zipfile.ZipFile(file), path, table.member or "*")
    return file


def _zip_member(archive: zipfile.ZipFile, path: Path, pattern: str) -> BinaryIO:
    members = [info for info in archive.infolist() if not info.is_dir()]
    fitting = [info for info in members if fnmatchcase(Path(info.filename).name, pattern)]
    if len(members) > _ZIP_MEMBER_LIMIT or len(fitting) != 1:
        names = ", ".join(info.filename for info in members[:10])
        raise ReadFailure(
            f"expected exactly one file like {pattern!r} in {path.name}; found {len(fitting)} among {len(members)} "
            f"({names}). Set `member` in the source definition"
        )
    if fitting[0].flag_bits & 1:
        raise ReadFailure(f"expected a readable zip; {fitting[0].filename} in {path.name} is encrypted")
    return cast(BinaryIO, archive.open(fitting[0]))


class _Bounded(io.RawIOBase):
    """Passes bytes on until a file turns out to unpack to more than any honest one would."""

    def __init__(self, stream: BinaryIO, stored: int) -> None:
        self._stream = stream
        self._left = min(SIZE_LIMIT, max(_RATIO_FREE, stored * RATIO_LIMIT))

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: object) -> int:
        """Fill the buffer; raises ``ReadFailure`` beyond the bound."""
        view = memoryview(cast(bytearray, buffer))
        content = self._stream.read(len(view))
        self._left -= len(content)
        if self._left < 0:
            raise ReadFailure("expected a data file; found one that unpacks to far more than it stores. Refused")
        view[: len(content)] = content
        return len(content)
