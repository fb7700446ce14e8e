"""Screening: the likeliest companies behind each query, found in lists small and large."""

import pyarrow as pa
import pytest

import resolution.screen
from resolution.screen import HITS, screen

LIST = pa.table(
    {
        "record_id": ["h1", "h2", "h3", "h4", "h5"],
        "name": ["VICTORY WAVE HOLDINGS LIMITED", "ZYXOMMA TRADING", "GOLDEN STAR LTD", None, "HUAWEI INTERNATIONAL"],
        "other_names": pa.array([["榮滔有限公司"], None, [], ["深圳市华为技术有限公司"], []], pa.list_(pa.string())),
    }
)


def asked(*names: str) -> pa.Table:
    return pa.table({"record_id": [f"q{number}" for number in range(len(names))], "name": list(names)})


def best(hits: pa.Table) -> dict[str, str]:
    return {row["query_id"]: row["record_id"] for row in hits.to_pylist() if row["rank"] == 1}


@pytest.fixture(params=["small", "large"])
def list_size(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "large":  # cut the list down first, as is done with millions
        monkeypatch.setattr(resolution.screen, "SMALL", 0)
    return str(request.param)


@pytest.mark.usefixtures("list_size")
def test_each_query_finds_its_company() -> None:
    hits = screen(asked("Zyxoma Trading Co", "Victory Wave Holdings Ltd", "SHENZHEN HUAWEI TECHNOLOGIES"), LIST)
    assert hits.schema.equals(HITS)
    assert best(hits) == {"q0": "h2", "q1": "h1", "q2": "h4"}
    assert all(0 <= row["probability"] <= 1 and row["why"] for row in hits.to_pylist())


@pytest.mark.usefixtures("list_size")
def test_hits_are_ranked_and_at_most_top() -> None:
    many = pa.table({"record_id": [str(n) for n in range(30)], "name": ["Zyxomma Trading"] * 29 + ["Zyxomma Shipping"]})
    hits = screen(asked("Zyxomma Trading", "nothing like it"), many, top=7).to_pylist()
    assert [row["rank"] for row in hits] == list(range(1, 8))
    assert [row["record_id"] for row in hits] == [str(n) for n in range(7)]
    assert sorted((row["probability"] for row in hits), reverse=True) == [row["probability"] for row in hits]


@pytest.mark.usefixtures("list_size")
@pytest.mark.parametrize("name", ["", "🎉", "Ltd", "\x00"])
def test_a_query_without_words_has_no_hits_and_breaks_nothing(name: str) -> None:
    assert best(screen(asked(name, "Zyxomma"), LIST)) == {"q1": "h2"}


@pytest.mark.usefixtures("list_size")
def test_queries_and_lists_may_be_empty() -> None:
    assert len(screen(asked(), LIST)) == 0
    assert len(screen(asked("Zyxomma"), LIST.slice(0, 0))) == 0


def test_both_ways_of_reading_a_list_give_the_same_hits(monkeypatch: pytest.MonkeyPatch) -> None:
    queries = asked("Zyxoma Trading Co", "Victory Wave Ltd", "华为", "Golden Sun")
    whole = screen(queries, LIST)
    monkeypatch.setattr(resolution.screen, "SMALL", 0)
    cut = screen(queries, LIST)
    assert cut.select(["query_id", "rank", "record_id"]).equals(whole.select(["query_id", "rank", "record_id"]))


def test_what_is_missing_is_said() -> None:
    with pytest.raises(ValueError, match="queries: expected columns record_id and name, missing name"):
        screen(pa.table({"record_id": ["a"]}), LIST)
    with pytest.raises(ValueError, match="expected top to be 1 or more, found 0"):
        screen(asked("x"), LIST, top=0)
