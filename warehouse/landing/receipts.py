"""Receipts: the small JSON file beside every delivery that says what was landed, from where, when and why.

    landing/<source>/<YYYY-MM-DD>/<table>.<sha256, 12 digits>.<name>      the file, never changed
    landing/<source>/<YYYY-MM-DD>/<table>.<HHMMSS>.receipt.json           the delivery it belongs to

A delivery whose files were landed before names the earlier path. Only ``checked_at`` of a receipt is ever
rewritten: when a pull finds the same files again.
"""

import json
import os
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from warehouse.landing.landed import Delivery, LandedFile

RECEIPT_SUFFIX = ".receipt.json"


def deliveries_of(source: str, table: str, landing_dir: Path) -> tuple[Delivery, ...]:
    """Every landed delivery of a table, newest first. Receipts that cannot be read or lost a file are passed over."""
    found = []
    for path in (landing_dir / source).glob(f"*/{table}.*{RECEIPT_SUFFIX}"):
        delivery = _read(path, source, landing_dir)
        if delivery is not None and delivery.table == table:
            found.append(delivery)
    return tuple(sorted(found, key=lambda delivery: delivery.retrieved_at, reverse=True))


def write_receipt(source: str, delivery: Delivery, landing_dir: Path) -> Path:
    """Record a delivery; also rewrites ``checked_at`` of one already recorded."""
    moment = delivery.retrieved_at
    folder = landing_dir / source / f"{moment:%Y-%m-%d}"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{delivery.table}.{moment:%H%M%S%f}{RECEIPT_SUFFIX}"
    content = {
        "source": source,
        "table": delivery.table,
        "retrieved_at": moment.isoformat(),
        "checked_at": delivery.checked_at.isoformat(),
        "files": [
            {
                "path": file.path.relative_to(landing_dir).as_posix(),
                "address": file.address,
                "sha256": file.sha256,
                "byte_count": file.byte_count,
                "retrieved_at": file.retrieved_at.isoformat(),
                "etag": file.etag,
                "last_modified": file.last_modified,
            }
            for file in delivery.files
        ],
    }
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    unfinished.replace(path)
    return path


def landed_path(source: str, table: str, name: str, sha256: str, at: datetime, landing_dir: Path) -> Path:
    """Where a file of this content is stored."""
    safe = re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip("._")[-80:] or "file"
    return landing_dir / source / f"{at:%Y-%m-%d}" / f"{table}.{sha256[:12]}.{safe}"


def _read(path: Path, source: str, landing_dir: Path) -> Delivery | None:
    try:
        content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        files = tuple(_file(stated, source, content["table"], landing_dir) for stated in content["files"])
        delivery = Delivery(
            table=content["table"],
            files=files,
            retrieved_at=_moment(content["retrieved_at"]),
            checked_at=_moment(content["checked_at"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    whole = files and all(file.path.is_file() and file.path.stat().st_size == file.byte_count for file in files)
    return delivery if whole else None


def _file(stated: dict[str, Any], source: str, table: str, landing_dir: Path) -> LandedFile:
    path = (landing_dir / stated["path"]).resolve()
    if not path.is_relative_to(landing_dir.resolve()):
        raise ValueError(f"receipt names a file outside the landing folder: {stated['path']}")
    return LandedFile(
        source=source,
        table=table,
        address=stated["address"],
        path=landing_dir / stated["path"],
        sha256=stated["sha256"],
        byte_count=stated["byte_count"],
        retrieved_at=_moment(stated["retrieved_at"]),
        etag=stated.get("etag"),
        last_modified=stated.get("last_modified"),
    )


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
