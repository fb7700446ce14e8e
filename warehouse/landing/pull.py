"""Pull a source: every table from its address into the landing folder, or say why not."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from urllib.parse import unquote, urlsplit

from warehouse.landing.credentials import public_address, with_credentials
from warehouse.landing.download import PullLimits, download
from warehouse.landing.fetched import HEAD_SIZE, Fetched, PullError, write_temporary
from warehouse.landing.landed import Delivery, LandedFile, PullFailure, PullResult
from warehouse.landing.receipts import deliveries_of, landed_path, write_receipt
from warehouse.loading.declaration import Source, Table
from warehouse.loading.readers.content import looks_like

EVERY_TABLE = "*"
"""Key of ``addresses`` for all tables of a source: a folder, or the one file of a source with one table."""

_PIECE = 2**20


def pull(
    source: Source,
    landing_dir: Path,
    addresses: Mapping[str, str] | None = None,
    now: datetime | None = None,
    limits: PullLimits | None = None,
) -> PullResult:
    """Bring every table of a source into ``landing_dir/<source>/<day>/``.

    Args:
        source: the definition.
        landing_dir: where landed files are kept.
        addresses: table name (or ``"*"`` for all) -> address that replaces the declared one: ``https://``,
            ``file://``, a path, or a folder in which the files of each table are found by its ``file_pattern``.
        now: the moment of the pull, UTC.
        limits: patience and size bounds.

    Returns:
        What is at hand, never raising for a source's fault: a table that cannot be pulled keeps its last landed
        delivery, marked stale with the reason. Files that did not change are not stored twice.
    """
    at = now or datetime.now(UTC)
    given = dict(addresses or {})
    if unknown := sorted(given.keys() - source.tables.keys() - {EVERY_TABLE}):
        raise ValueError(
            f"source {source.name}: expected addresses for {', '.join(source.tables)} or '*'; "
            f"found {', '.join(unknown)}"
        )
    deliveries: dict[str, tuple[Delivery, ...]] = {}
    failures: list[PullFailure] = []
    missing: list[str] = []
    unchanged: list[str] = []
    for name, table in source.tables.items():
        earlier = deliveries_of(source.name, name, landing_dir)
        address = given.get(name) or given.get(EVERY_TABLE) or table.address
        try:
            delivery = _pull_table(source.name, name, table, address, earlier, landing_dir, at, limits or PullLimits())
        except (PullError, OSError) as error:
            reason = str(error)
            failures.append(PullFailure(name, address and public_address(address), reason))
            if earlier:
                deliveries[name] = (_stale(earlier[0], reason), *earlier[1:])
            elif not table.is_optional:
                missing.append(name)
            continue
        if delivery is None:
            if earlier:
                deliveries[name] = earlier
            continue
        if earlier and delivery.retrieved_at == earlier[0].retrieved_at:
            unchanged.append(name)
            earlier = earlier[1:]
        deliveries[name] = (delivery, *earlier)
    return PullResult(source.name, deliveries, tuple(failures), tuple(missing), tuple(unchanged))


def _pull_table(
    source: str,
    name: str,
    table: Table,
    address: str | None,
    earlier: tuple[Delivery, ...],
    landing_dir: Path,
    at: datetime,
    limits: PullLimits,
) -> Delivery | None:
    """The delivery now at hand; ``None``: an optional table that this delivery does not have."""
    if address is None:
        if table.is_optional:
            return None
        raise PullError(f"expected an address for table {name} of {source}; found none. Give one in the settings")
    known = {file.address: file for file in (earlier[0].files if earlier else ())}
    folder = landing_dir / source
    files = []
    for place in _places(name, table, address):
        fetched = _fetch(place, folder, known.get(place), limits)
        files.append(_land(fetched, place, source, name, table, earlier, landing_dir, at))
    if not files:
        return None
    if earlier and [file.sha256 for file in files] == [file.sha256 for file in earlier[0].files]:
        delivery = Delivery(name, tuple(files), earlier[0].retrieved_at, at)
    else:
        delivery = Delivery(name, tuple(files), at, at)
    write_receipt(source, delivery, landing_dir)
    return delivery


def _places(name: str, table: Table, address: str) -> Iterator[str]:
    """The addresses of the files of a table: itself, or what a folder holds of it."""
    path = _local_path(address)
    if path is None or not path.is_dir():
        yield address
        return
    pattern = table.file_pattern or f"{name}.*"
    found = sorted(entry for entry in path.iterdir() if entry.is_file() and fnmatchcase(entry.name, pattern))
    if not found and not table.is_optional:
        raise PullError(f"expected a file like {pattern} (table {name}) in folder {path}; found none")
    for entry in found:
        yield str(entry)


def _local_path(address: str) -> Path | None:
    if address.startswith("file://"):
        return Path(unquote(urlsplit(address).path))
    return None if "://" in address else Path(address)


def _fetch(address: str, folder: Path, previous: LandedFile | None, limits: PullLimits) -> Fetched:
    path = _local_path(address)
    if path is None:
        opened = with_credentials(address)
        try:
            return download(opened.address, folder, previous, limits)
        except PullError as error:
            raise PullError(opened.hide(str(error))) from None  # the cause names the address with its secrets
    if not path.is_file():
        raise PullError(f"expected a file at {path}; found none. Put its path right in the settings")
    temporary, sha256, size, _ = write_temporary(_pieces(path), folder, limits.byte_limit, address)
    return Fetched(path.name, temporary, sha256, size)


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(_PIECE):
            yield piece


def _land(
    fetched: Fetched,
    address: str,
    source: str,
    name: str,
    table: Table,
    earlier: tuple[Delivery, ...],
    landing_dir: Path,
    at: datetime,
) -> LandedFile:
    """Give a pulled file its lasting name, unless the same content lies there already."""
    for file in (file for delivery in earlier for file in delivery.files):
        if file.sha256 == fetched.sha256:
            if fetched.path is not None:
                fetched.path.unlink()
            return LandedFile(
                source,
                name,
                address,
                file.path,
                file.sha256,
                file.byte_count,
                file.retrieved_at,
                fetched.etag or file.etag,
                fetched.last_modified or file.last_modified,
            )
    assert fetched.path is not None
    try:
        _check_content(fetched, address, table)
    except PullError:
        fetched.path.unlink()
        raise
    path = landed_path(source, name, fetched.name, fetched.sha256, at, landing_dir)
    path.parent.mkdir(parents=True, exist_ok=True)
    fetched.path.chmod(0o444)
    fetched.path.replace(path)
    return LandedFile(
        source, name, address, path, fetched.sha256, fetched.byte_count, at, fetched.etag, fetched.last_modified
    )


def _check_content(fetched: Fetched, address: str, table: Table) -> None:
    assert fetched.path is not None
    with fetched.path.open("rb") as file:
        head = file.read(HEAD_SIZE)
    if not head:
        raise PullError(f"expected {table.format} data from {address}; found an empty file")
    if looks_like(head) == "html":
        raise PullError(
            f"expected {table.format} data from {address}; found an HTML page, perhaps an error page or a login"
        )


def _stale(delivery: Delivery, reason: str) -> Delivery:
    return Delivery(delivery.table, delivery.files, delivery.retrieved_at, delivery.checked_at, reason)
