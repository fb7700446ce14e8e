"""Pulling: what was published is kept as it was, once, and a failed pull costs nothing that was there before."""

import hashlib
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from warehouse.landing import pull
from warehouse.landing.download import PullLimits
from warehouse.landing.receipts import deliveries_of
from warehouse.loading.declaration import Source

Answer = Any
Server = Any
Declare = Callable[..., Source]
DAY = datetime(2026, 1, 1, 6, tzinfo=UTC)
CSV = b"id,name\n1,A\n"


def landed(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if path.is_file() and not path.name.endswith(".json"))


def test_a_pulled_file_lies_under_its_day_with_a_receipt(
    tmp_path: Path, server: Server, answer: Answer, declare: Declare, limits: PullLimits
) -> None:
    address = server.on("/lists/all.csv", answer(CSV, ETag='"v1"', Last_Modified="Thu, 01 Jan 2026 00:00:00 GMT"))
    result = pull(declare(entry={"address": address}), tmp_path, now=DAY, limits=limits)
    (file,) = result.files
    assert result.is_loadable
    assert file.path == tmp_path / "tiny_source" / "2026-01-01" / f"entry.{file.sha256[:12]}.all.csv"
    assert file.path.read_bytes() == CSV
    assert file.sha256 == hashlib.sha256(CSV).hexdigest()
    assert not file.path.stat().st_mode & 0o222
    (receipt,) = (tmp_path / "tiny_source" / "2026-01-01").glob("*.receipt.json")
    stated = json.loads(receipt.read_text())
    assert stated["files"][0] | {"retrieved_at": None} == {
        "path": f"tiny_source/2026-01-01/{file.path.name}",
        "address": address,
        "sha256": file.sha256,
        "byte_count": len(CSV),
        "etag": '"v1"',
        "last_modified": "Thu, 01 Jan 2026 00:00:00 GMT",
        "retrieved_at": None,
    }
    assert "brassplate" in server.requests[0][1]["User-Agent"]


def test_an_unchanged_file_is_asked_for_conditionally_and_not_stored_again(
    tmp_path: Path, server: Server, answer: Answer, declare: Declare, limits: PullLimits
) -> None:
    address = server.on("/all.csv", answer(CSV, ETag='"v1"'), answer(b"", 304))
    source = declare(entry={"address": address})
    first = pull(source, tmp_path, now=DAY, limits=limits)
    second = pull(source, tmp_path, now=DAY + timedelta(days=1), limits=limits)
    assert server.requests[1][1]["If-None-Match"] == '"v1"'
    assert second.unchanged == ("entry",)
    assert second.files == first.files
    assert second.deliveries["entry"][0].checked_at == DAY + timedelta(days=1)
    assert len(landed(tmp_path)) == 1


def test_the_same_content_sent_again_is_not_stored_again(
    tmp_path: Path, server: Server, answer: Answer, declare: Declare, limits: PullLimits
) -> None:
    source = declare(entry={"address": server.on("/all.csv", answer(CSV))})
    for day in range(3):
        result = pull(source, tmp_path, now=DAY + timedelta(days=day), limits=limits)
    assert len(landed(tmp_path)) == 1
    assert len(result.deliveries["entry"]) == 1


def test_a_changed_file_becomes_the_newest_delivery_and_the_old_one_stays(
    tmp_path: Path, server: Server, answer: Answer, declare: Declare, limits: PullLimits
) -> None:
    source = declare(entry={"address": server.on("/all.csv", answer(CSV), answer(CSV + b"2,B\n"))})
    pull(source, tmp_path, now=DAY, limits=limits)
    result = pull(source, tmp_path, now=DAY + timedelta(hours=1), limits=limits)
    assert [len(delivery.files[0].path.read_bytes()) for delivery in result.deliveries["entry"]] == [16, 12]


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_stumbling_server_is_asked_again_with_growing_pauses(
    tmp_path: Path,
    server: Server,
    answer: Answer,
    declare: Declare,
    limits: PullLimits,
    pauses: list[float],
    status: int,
) -> None:
    address = server.on("/all.csv", answer(b"busy", status), answer(b"busy", status), answer(CSV))
    result = pull(declare(entry={"address": address}), tmp_path, now=DAY, limits=limits)
    assert result.files[0].path.read_bytes() == CSV
    assert 0.5 <= pauses[0] <= 1.5
    assert 1.0 <= pauses[1] <= 3.0


@pytest.mark.parametrize(("stated", "pause"), [("7", 7.0), ("99999", 120.0), ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0)])
def test_a_server_that_says_when_to_return_is_obeyed_within_reason(
    tmp_path: Path,
    server: Server,
    answer: Answer,
    declare: Declare,
    limits: PullLimits,
    pauses: list[float],
    stated: str,
    pause: float,
) -> None:
    address = server.on("/all.csv", answer(b"", 429, Retry_After=stated), answer(CSV))
    pull(declare(entry={"address": address}), tmp_path, now=DAY, limits=limits)
    assert pauses == [pause]


@pytest.mark.parametrize(
    ("made", "said", "asked"),
    [
        (lambda answer: answer(b"no", 403), "answered 403: it refuses", 1),
        (lambda answer: answer(b"no", 404), "answered 404: the address is gone", 1),
        (lambda answer: answer(b"no", 500), "answered 500; gave up after 3 attempts", 3),
        (lambda answer: answer(CSV, Content_Length="500"), "gave up after 3 attempts", 3),
        (lambda answer: answer(b"<!DOCTYPE html><html>sign in</html>"), "found an HTML page", 1),
        (lambda answer: answer(b""), "found an empty file", 1),
        (lambda answer: answer(b"x" * 100_001), "expected at most 100000 bytes", 1),
        (lambda answer: answer(b"", 302, Location="http://198.51.100.1/all.csv"), "expected an https address", 1),
        (lambda answer: answer(b"", 302, Location="/all.csv"), "Exceeded maximum allowed redirects", 21),
        (lambda answer: answer(b"", 206), "answered 206", 1),
        (lambda answer: answer(b"", 304), "answered 304", 1),
        (lambda answer: answer(b"not gzip", Content_Encoding="gzip"), "gave up after 3 attempts", 3),
    ],
)
def test_a_failed_pull_keeps_the_last_landed_file_and_says_why(
    tmp_path: Path,
    server: Server,
    answer: Answer,
    declare: Declare,
    limits: PullLimits,
    made: Callable[[Answer], Answer],
    said: str,
    asked: int,
) -> None:
    address = server.on("/all.csv", answer(CSV), made(answer))
    source = declare(entry={"address": address})
    pull(source, tmp_path, now=DAY, limits=limits)
    result = pull(source, tmp_path, now=DAY + timedelta(days=1), limits=limits)
    (failure,) = result.failures
    assert said in failure.reason
    assert "expected" in failure.reason
    assert result.is_loadable
    assert result.deliveries["entry"][0].stale_reason == failure.reason
    assert result.files[0].path.read_bytes() == CSV
    assert len(landed(tmp_path)) == 1
    assert len(server.requests) == 1 + asked


def test_a_table_that_was_never_landed_is_missing_unless_it_is_optional(
    tmp_path: Path, server: Server, answer: Answer, declare: Declare, limits: PullLimits
) -> None:
    gone = server.on("/gone.csv", answer(b"", 404))
    source = declare(
        here={"address": server.on("/here.csv", answer(CSV))},
        needed={"address": gone},
        extra={"address": gone, "is_optional": True},
        unknown={},
    )
    result = pull(source, tmp_path, now=DAY, limits=limits)
    assert result.missing == ("needed", "unknown")
    assert not result.is_loadable
    assert [failure.table for failure in result.failures] == ["needed", "extra", "unknown"]
    assert "Give one in the settings" in result.failures[2].reason


def test_a_redirect_on_loopback_is_followed(
    tmp_path: Path, server: Server, answer: Answer, declare: Declare, limits: PullLimits
) -> None:
    server.on("/new/list.csv", answer(CSV))
    address = server.on("/old", answer(b"", 301, Location="/new/list.csv"))
    result = pull(declare(entry={"address": address}), tmp_path, now=DAY, limits=limits)
    assert result.files[0].path.name.endswith(".list.csv")


@pytest.mark.parametrize("address", ["http://example.org/all.csv", "http://127.0.0.1.example.org/x"])
def test_plain_http_is_refused_beyond_loopback(
    tmp_path: Path, declare: Declare, limits: PullLimits, address: str
) -> None:
    (failure,) = pull(declare(entry={"address": address}), tmp_path, now=DAY, limits=limits).failures
    assert "Plain http is allowed on loopback only" in failure.reason


@pytest.mark.parametrize("address", ["ftp://example.org/a.csv", "s3://bucket/a.csv", "https://", "gopher://x"])
def test_addresses_of_other_kinds_fail_with_a_sentence(
    tmp_path: Path, declare: Declare, limits: PullLimits, address: str
) -> None:
    (failure,) = pull(declare(entry={"address": address}), tmp_path, now=DAY, limits=limits).failures
    assert "expected" in failure.reason


def test_a_server_that_is_not_there_is_a_failure_and_not_a_crash(
    tmp_path: Path, declare: Declare, limits: PullLimits
) -> None:
    (failure,) = pull(declare(entry={"address": "http://127.0.0.1:1/x"}), tmp_path, now=DAY, limits=limits).failures
    assert "gave up after 3 attempts" in failure.reason


def test_files_are_found_in_a_folder_by_the_pattern_of_their_table(
    tmp_path: Path, declare: Declare, limits: PullLimits
) -> None:
    place = tmp_path / "delivered"
    place.mkdir()
    for name in ("ams__shipper_2020_part_0.csv", "ams__shipper_2020_part_1.csv", "consignee.csv", "other.csv"):
        (place / name).write_bytes(CSV + name.encode())
    source = declare(shipper={"file_pattern": "ams__shipper_*.csv"}, consignee={}, tariff={"is_optional": True})
    result = pull(source, tmp_path / "landing", {"*": str(place)}, now=DAY, limits=limits)
    assert {name: len(found[0].files) for name, found in result.deliveries.items()} == {"shipper": 2, "consignee": 1}
    assert result.failures == ()
    again = pull(source, tmp_path / "landing", {"*": place.as_uri()}, now=DAY + timedelta(days=1), limits=limits)
    assert set(again.unchanged) == {"shipper", "consignee"}
    assert len(landed(tmp_path / "landing")) == 3


def test_a_given_address_replaces_the_declared_one_and_an_unknown_table_is_refused(
    tmp_path: Path, declare: Declare, limits: PullLimits
) -> None:
    place = tmp_path / "a file; with 'odd' name.csv"
    place.write_bytes(CSV)
    source = declare(entry={"address": "https://example.org/never-asked.csv"})
    result = pull(source, tmp_path / "landing", {"entry": str(place)}, now=DAY, limits=limits)
    assert result.files[0].path.name.endswith(".a_file_with_odd_name.csv")
    with pytest.raises(ValueError, match=r"expected addresses for entry or '\*'; found entries"):
        pull(source, tmp_path / "landing", {"entries": str(place)}, now=DAY, limits=limits)


def test_damaged_receipts_and_lost_files_are_passed_over(tmp_path: Path, declare: Declare, limits: PullLimits) -> None:
    place = tmp_path / "entry.csv"
    source = declare(entry={})
    for day in range(3):
        place.write_bytes(CSV + b"%d,B\n" % day)
        pull(source, tmp_path / "landing", {"*": str(place)}, now=DAY + timedelta(days=day), limits=limits)
    first, second, third = deliveries_of("tiny_source", "entry", tmp_path / "landing")[::-1]
    third.files[0].path.unlink()
    (receipt,) = second.files[0].path.parent.glob("*.receipt.json")
    receipt.write_text(receipt.read_text()[:50])
    assert deliveries_of("tiny_source", "entry", tmp_path / "landing") == (first,)


def test_a_receipt_cannot_point_outside_the_landing_folder(
    tmp_path: Path, declare: Declare, limits: PullLimits
) -> None:
    place = tmp_path / "entry.csv"
    place.write_bytes(CSV)
    pull(declare(entry={}), tmp_path / "landing", {"*": str(place)}, now=DAY, limits=limits)
    (receipt,) = (tmp_path / "landing").rglob("*.receipt.json")
    stated = json.loads(receipt.read_text())
    stated["files"][0]["path"] = "../entry.csv"
    receipt.write_text(json.dumps(stated))
    assert deliveries_of("tiny_source", "entry", tmp_path / "landing") == ()


def test_nothing_unfinished_is_left_behind(
    tmp_path: Path, server: Server, answer: Answer, declare: Declare, limits: PullLimits
) -> None:
    address = server.on("/all.csv", answer(CSV, Content_Length="500"))
    pull(declare(entry={"address": address}), tmp_path, now=DAY, limits=limits)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_credentials_come_from_the_environment_and_are_written_nowhere(
    tmp_path: Path,
    server: Server,
    answer: Answer,
    declare: Declare,
    limits: PullLimits,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TINY_KEY", "se/cret")
    server.on("/all.csv?key=se%2Fcret", answer(CSV, ETag='"v1"'), answer(b"", 304), answer(b"", 404))
    source = declare(entry={"address": server.address + "/all.csv?key=${TINY_KEY}"})
    results = [pull(source, tmp_path, now=DAY + timedelta(days=day), limits=limits) for day in range(3)]
    assert results[0].files[0].address == server.address + "/all.csv?key=${TINY_KEY}"
    assert results[1].unchanged == ("entry",)
    assert "answered 404" in results[2].failures[0].reason
    written = "".join(path.read_text() for path in tmp_path.rglob("*.json")) + repr(results)
    assert "cret" not in written.replace("secret", "")


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("https://example.org/?key=${TINY_KEY_NOT_SET}", "expected TINY_KEY_NOT_SET in the environment"),
        ("https://me:hunter2@example.org/", "found a password in the address"),
    ],
)
def test_credentials_that_are_missing_or_in_plain_text_fail_the_pull(
    tmp_path: Path, declare: Declare, limits: PullLimits, address: str, said: str
) -> None:
    (failure,) = pull(declare(entry={"address": address}), tmp_path, now=DAY, limits=limits).failures
    assert said in failure.reason
    assert "hunter2" not in repr(failure)
