"""Names in bulk: the same answer as one at a time, whatever stands beside them."""

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from resolution.names.characters import fold
from resolution.names.information import core_fingerprints, word_information
from resolution.names.prepare import prepare
from resolution.names.table import read_names
from resolution.names.understand import name_at, understand

PIECES = st.sampled_from(
    "Acme|CO.,|LTD|有限公司|深圳|ООО|(HK)|№ 2|S|A|é|ß|ﬁ|\u0301|\n|  |\x00|🎉|ｶﾌﾞｼｷ|株式会社|شركة|จำกัด|주식회사|İ|\u202e"
    "|&|'|N.V.|1|III|ა|Ω|K|К".split("|")
)
NAMES = st.one_of(
    st.lists(PIECES, max_size=8).map(" ".join), st.lists(PIECES, max_size=6).map("".join), st.text(max_size=30)
)


@settings(max_examples=150, deadline=None)
@given(st.lists(NAMES, min_size=1, max_size=12))
@example(["a  \n", "", "  ", "A B", "C D N V", "\ud7ff", "x" * 500])
def test_names_are_understood_alone_as_among_others(names: list[str]) -> None:
    bulk = read_names(pa.array(names, pa.string()))
    assert [name_at(bulk, row) for row in range(len(names))] == [understand(name) for name in names]


@settings(max_examples=200, deadline=None)
@given(NAMES)
def test_folding_a_folded_name_changes_nothing(name: str) -> None:
    once = fold(pa.array([name], pa.string()))
    assert fold(once).equals(once)


@settings(max_examples=100, deadline=None)
@given(NAMES)
def test_folded_names_are_words_parted_by_single_blanks(name: str) -> None:
    folded = fold(pa.array([name], pa.string()))[0].as_py()
    assert folded == " ".join(folded.split(" ")).strip() and "  " not in folded and "\n" not in folded


def test_real_names_are_understood_alone_as_among_others(shared_data) -> None:
    file = shared_data / "registries/hk/hk_companies_to_2022-07.parquet"
    query = "select name_en, name_zh from read_parquet($path) where hash(reg_no) % 15000 = 7"
    table = duckdb.connect().execute(query, {"path": str(file)}).to_arrow_table()
    names = pa.concat_arrays([*table["name_en"].chunks, *table["name_zh"].chunks]).drop_null().cast(pa.string())
    bulk = read_names(names)
    assert len(names) > 300
    for row, name in enumerate(names.to_pylist()):
        assert name_at(bulk, row) == understand(name)


def test_common_words_tell_less_than_rare_ones_even_among_ten_names() -> None:
    names = read_names(pa.array(["Zyxomma Trading", "Acme Holdings"]))
    bits = dict(zip(names.words.text, word_information(names), strict=True))
    assert bits["TRADING"] < 6 < 12 < bits["ZYXOMMA"]


def test_the_names_at_hand_decide_what_is_common() -> None:
    few = read_names(pa.array(["Zyxomma Alpha"]))
    many = read_names(pa.array([f"Zyxomma {chr(65 + n % 26) * 3}{chr(65 + n // 26) * 4}" for n in range(500)]))
    alone = word_information(few)[list(few.words.text).index("ZYXOMMA")]
    assert word_information(many)[list(many.words.text).index("ZYXOMMA")] < alone - 5


def test_fingerprints_ignore_order_and_repeats() -> None:
    names = read_names(pa.array(["Alpha Beta Ltd", "Beta, Alpha Alpha GmbH", "Alpha", "", "🎉"]))
    prints = core_fingerprints(names)
    assert prints[0] == prints[1] != prints[2]
    assert prints[3] == prints[4] == 0


def test_records_need_an_id_and_a_name_only() -> None:
    prepared = prepare(pa.table({"record_id": ["a"], "name": ["Acme"]}))
    assert len(prepared) == 1
    assert prepared.country.codes.tolist() == [-1]


def test_what_is_wrong_with_a_table_is_said_together() -> None:
    with pytest.raises(ValueError, match=r"'record_id' is missing.*'incorporation_date': expected date32"):
        prepare(pa.table({"name": ["x"], "incorporation_date": pa.array([[1]])}))


def test_fields_are_normalised() -> None:
    prepared = prepare(
        pa.table(
            {
                "record_id": ["a", "b"],
                "name": ["Acme", None],
                "other_names": pa.array([["Acme", "Ａｃｍｅ", None], None], pa.list_(pa.string())),
                "country": ["Hong Kong", "hkg"],
                "phone": ["+852 2345 6789", "2345-6789"],
                "email": ["INFO@acme.com", "no address"],
                "website": ["https://www.Acme.com:80/x?y", "acme.com"],
                "lei": ["097900-BID10000147476", "unknown"],
                "registration_number": ["0012 34", "1234"],
            }
        )
    )
    assert prepared.country.codes.tolist() == [0, 0] and prepared.country.text(0) == "HK"
    assert prepared.phone.codes.tolist() == [0, 0]
    assert prepared.email.text(0) == "info@acme.com" and prepared.email.text(1) is None
    assert prepared.domain.codes.tolist() == [0, 0] and prepared.domain.text(0) == "acme.com"
    assert prepared.lei.text(0) == "097900BID10000147476" and prepared.lei.text(1) is None
    assert prepared.registration_number.codes.tolist() == [0, 0]
    assert prepared.record_names.counts().tolist() == [2, 0]  # the same spelling once, no name none


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(NAMES, st.lists(st.none() | NAMES, max_size=3), st.text(max_size=12)), max_size=8))
def test_any_text_in_any_field_is_prepared(rows: list[tuple[str, list[str | None], str]]) -> None:
    fields = ("country", "address", "city", "postcode", "registration_number", "lei", "phone", "email", "website")
    table = pa.table(
        {
            "record_id": pa.array([str(n) for n in range(len(rows))], pa.string()),
            "name": pa.array([row[0] for row in rows], pa.string()),
            "other_names": pa.array([row[1] for row in rows], pa.list_(pa.string())),
            **{field: pa.array([row[2] for row in rows], pa.string()) for field in fields},
        }
    )
    prepared = prepare(table)
    assert len(prepared) == len(rows)
    assert (np.diff(prepared.record_names.offsets) >= 0).all()
