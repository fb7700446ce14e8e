import json

import pyarrow as pa
import pytest

from resolution.learning.judged import JudgementError, judged_pairs, read_dedupe_training
from resolution.schema import JUDGEMENTS


def judgement(left, right, said, **shown):
    sides = {"left_shown": {"name": left}, "right_shown": {"name": right}} | shown
    return {
        "left_record_id": f"id {left}",
        "right_record_id": f"id {right}",
        "judgement": said,
        **{side: json.dumps(record) for side, record in sides.items()},
    }


def table(*rows):
    return pa.Table.from_pylist(list(rows), schema=JUDGEMENTS)


def test_each_record_shown_is_one_record_and_unsure_teaches_nothing():
    pairs = judged_pairs(
        table(judgement("a", "b", "same"), judgement("a", "c", "different"), judgement("b", "c", "unsure"))
    )
    assert pairs.records["name"].to_pylist() == ["a", "b", "c"]
    assert list(zip(pairs.left, pairs.right, pairs.is_match, strict=True)) == [(0, 1, True), (0, 2, False)]


def test_shown_fields_are_read_as_records_type_them_and_the_rest_is_ignored():
    shown = {
        "name": "a",
        "other_names": ["甲", 7],
        "incorporation_date": "2010-04-23T00:00:00",
        "known_since": "long ago",
        "registration_number": 1447829,
        "is_register": True,
        "colour": "blue",
    }
    record = judged_pairs(table(judgement("a", "b", "same", left_shown=shown))).records.to_pylist()[0]
    assert record["other_names"] == ["甲"]
    assert str(record["incorporation_date"]) == "2010-04-23"
    assert record["known_since"] is None
    assert record["registration_number"] == "1447829"
    assert record["is_register"] is None


@pytest.mark.parametrize("shown", ["", "not json", "[]", '{"name": null}', '"text"'])
def test_a_judgement_without_what_was_shown_is_refused_by_row(shown):
    row = judgement("a", "b", "same") | {"right_shown": shown}
    with pytest.raises(JudgementError, match="row 1: right_shown"):
        judged_pairs(table(judgement("a", "b", "same"), row))


def test_a_word_that_is_no_judgement_is_refused():
    with pytest.raises(JudgementError, match="maybe"):
        judged_pairs(table(judgement("a", "b", "maybe")))


def test_dedupes_own_training_file_becomes_judgements(tmp_path):
    pair = [{"id": "2", "name": "b", "country": "hk"}, {"id": "1", "name": "a"}]
    document = {"match": [{"__class__": "tuple", "__value__": pair}], "distinct": [pair]}
    path = tmp_path / "training.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    found = read_dedupe_training(path)
    assert found.schema == JUDGEMENTS
    assert found["judgement"].to_pylist() == ["same", "different"]
    assert found["left_record_id"].to_pylist() == ["1", "1"]
    assert json.loads(found["right_shown"][0].as_py())["country"] == "hk"


@pytest.mark.parametrize("content", ["", "[]", '{"match": []}', '{"match": [1], "distinct": []}'])
def test_a_file_that_is_not_dedupes_is_refused_with_its_name(tmp_path, content):
    path = tmp_path / "training.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(JudgementError, match=r"training\.json"):
        read_dedupe_training(path)
