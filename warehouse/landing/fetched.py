"""A file on its way into the landing folder: written under a temporary name, hashed while it is written."""

import hashlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

HEAD_SIZE = 512


class PullError(Exception):
    """A file could not be pulled; the message says what was expected, found, where, and what to do."""


class Fetched(NamedTuple):
    """A pulled file under its temporary name; ``path`` is ``None`` when the server says nothing changed."""

    name: str
    path: Path | None
    sha256: str
    byte_count: int
    etag: str | None = None
    last_modified: str | None = None


def write_temporary(parts: Iterable[bytes], folder: Path, limit: int, address: str) -> tuple[Path, str, int, bytes]:
    """Write a stream of bytes to a temporary file, flushed to disk.

    Returns its path, SHA-256, size and first bytes. Raises ``PullError`` beyond ``limit`` bytes; a file that is
    not finished is removed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    size, head = 0, b""
    handle, name = tempfile.mkstemp(prefix=".pulling-", dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            for part in parts:
                size += len(part)
                if size > limit:
                    raise PullError(
                        f"expected at most {limit} bytes from {address}; it sends more. Raise the size limit if the "
                        "source has really grown that much"
                    )
                if len(head) < HEAD_SIZE:
                    head = (head + part)[:HEAD_SIZE]
                digest.update(part)
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    return Path(name), digest.hexdigest(), size, head
