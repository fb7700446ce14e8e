"""The bundled definitions on real files: counts reconciled with what the publishers delivered."""

from collections.abc import Callable
from datetime import date
from functools import cache
from pathlib import Path

import duckdb
import pytest

from warehouse.landing import pull
from warehouse.loading import LoadReport, create_schemas, load_source
from warehouse.loading.declaration import RowRange, Source
from warehouse.loading.definition import bundled_sources, load_definition

Loader = Callable[[str, str], tuple[duckdb.DuckDBPyConnection, LoadReport]]


def excerpt_of(name: str) -> Source:
    """A bundled source whose file here is an excerpt, so that its smallest size does not hold."""
    source = load_definition(bundled_sources()[name])
    tables = {key: table.model_copy(update={"rows": RowRange(minimum=1)}) for key, table in source.tables.items()}
    return source.model_copy(update={"tables": tables})


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Loader:
    """Load a bundled source from a file or folder of the real data, once for all tests that read it."""

    @cache
    def load(name: str, place: str) -> tuple[duckdb.DuckDBPyConnection, LoadReport]:
        folder = tmp_path_factory.mktemp(name)
        con = duckdb.connect(str(folder / "build.duckdb"), config={"preserve_insertion_order": False})
        create_schemas(con)
        source = excerpt_of(name) if name.startswith("gleif") else load_definition(bundled_sources()[name])
        pulled = pull(source, folder / "landing", {"*": str(shared_data / place)})
        return con, load_source(con, source, pulled, folder)

    return load


def one(con: duckdb.DuckDBPyConnection, sql: str) -> tuple[object, ...]:
    return con.execute(sql).fetchone() or ()


@pytest.mark.parametrize(
    ("name", "place", "read", "records"),
    [
        ("us_bis_entity_list", "lists/us_bis", {"entity_list": 4726}, 2796),
        ("us_consolidated_screening_list", "lists/us_csl", {"entry": 14160}, 14048),
        ("us_ofac_sdn", "lists/us_ofac/2019-01", {"sdn": 7379, "add": 11696, "alt": 9682}, 7379),
        # the files of 2021 and 2024 end in a line with the DOS end-of-file mark, which is no row
        ("us_ofac_sdn", "lists/us_ofac/2021-07", {"sdn": 8976, "add": 13837, "alt": 11910}, 8976),
        ("us_ofac_sdn", "lists/us_ofac/2024", {"sdn": 14965, "add": 18990, "alt": 17091}, 14965),
        ("gb_overseas_entities", "registries/gb", {"entity": 30221}, 30221),
        ("gleif_lei", "registries/gleif", {"lei": 577}, 577),
        ("gleif_lei_csv", "registries/gleif/gleif_lei2_csv_header_sample.csv", {"lei": 10}, 10),
        ("us_cbp_ams", "shipping/cbp_ams", {"consignee": 11}, 9),
        ("in_customs_import", "shipping/customs_declarations", {"declaration": 557}, 344),
        ("kz_customs_import", "shipping/customs_declarations", {"declaration": 545}, 146),
        ("ru_customs_import", "shipping/customs_declarations", {"declaration": 853}, 231),
        ("lk_customs_import", "shipping/customs_declarations", {"declaration": 661}, 631),
    ],
)
def test_a_real_delivery_loads_completely(
    real: Loader, name: str, place: str, read: dict[str, int], records: int
) -> None:
    con, report = real(name, place)
    assert {table.table: table.row_count_read for table in report.tables} == read
    assert report.row_count_quarantined == 0
    assert all(table.unused_fields == () for table in report.tables)
    assert report.staged["company_record"] == records
    assert one(con, "select count(distinct record_id) from staging.company_record") == (records,)
    assert one(con, "select count(*) from staging.company_record where name is null") == (0,)
    for part in ("record_name", "record_address", "record_identifier", "listing", "shipment_party"):
        orphans = (
            f"select count(*) from staging.{part} where record_id not in (select record_id from staging.company_record)"
        )
        assert one(con, orphans) == (0,)
    unknown = one(con, "select count(*) from meta.rejected_row where reason like '%is not a country%'")[0]
    assert isinstance(unknown, int)
    assert unknown <= 0.001 * report.row_count_read + 3
    assert one(con, "select count(*) from meta.rejected_row where reason like '%is not a date%'") == (0,)


def test_the_entity_list_gives_first_dates_split_aliases_and_separate_addresses(real: Loader) -> None:
    con, _ = real("us_bis_entity_list", "lists/us_bis")
    wave = "select record_id from staging.company_record where name = 'Victory Wave Holdings Limited'"
    assert one(con, f"select listed_date, authority from staging.listing where record_id in ({wave})") == (
        date(2010, 1, 13),
        "75 FR 1699",
    )
    assert con.execute(
        f"select distinct city, country from staging.record_address where record_id in ({wave})"
    ).fetchall() == [("Kowloon", "HK")]
    assert one(con, "select min(listed_date), max(listed_date) from staging.listing") == (
        date(1997, 6, 30),
        date(2023, 12, 7),
    )
    assert one(con, "select count(*) from staging.record_name where name like '%;%' or name ilike 'and %'") == (0,)
    assert one(con, "select count(*) from staging.record_name where name = 'Farid'") == (2,)
    assert one(con, "select count(*) from staging.record_address where address like '%; and %'") == (0,)
    assert one(con, "select count(*) from staging.record_name where name_kind = 'former'")[0] == 10


def test_the_screening_list_gives_kinds_scopes_identifiers_and_corrected_dates(real: Loader) -> None:
    con, _ = real("us_consolidated_screening_list", "lists/us_csl")
    kinds = dict(con.execute("select record_kind, count(*) from staging.company_record group by 1").fetchall())
    assert kinds == {"person": 5284, "company": 4423, "vessel": 433, "aircraft": 283, "unknown": 3625}
    assert one(con, "select count(*) from staging.company_record where name ilike '%successor%'") == (0,)
    assert one(con, "select count(*) from staging.listing where remarks ilike 'any successor%'")[0] == 14
    assert one(con, "select count(*), min(listed_date) from staging.listing where list_name = 'Entity List'") == (
        2001,
        date(1997, 6, 30),
    )
    assert one(con, "select identifier, country from staging.record_identifier where identifier = '2512760'") == (
        "2512760",
        "HK",
    )
    # an American state at the end of an address is no country
    assert one(con, "select distinct country from staging.record_address where address like '%TX, 77720'") == ("US",)
    assert one(con, "select count(*) from staging.record_address where country in ('NM', 'TX')") == (0,)


def test_parties_missing_from_an_older_table_are_reported(real: Loader) -> None:
    con, _ = real("us_ofac_sdn", "lists/us_ofac/2024")
    orphans = dict(
        con.execute(
            "select source_table, count(*) from meta.rejected_row join meta.source_file using (file_id) "
            "where reason like 'no record with this key%' group by 1"
        ).fetchall()
    )
    assert orphans == {"add": 129, "alt": 44}
    kinds = dict(con.execute("select record_kind, count(*) from staging.company_record group by 1").fetchall())
    assert kinds == {"company": 6884, "person": 6854, "vessel": 851, "aircraft": 376}


def test_both_layouts_of_the_lei_file_give_the_same_shape(real: Loader) -> None:
    con, _ = real("gleif_lei", "registries/gleif")
    assert one(
        con,
        "select name, jurisdiction, registration_number, incorporation_date from staging.company_record "
        "where lei_code = '097900BID10000147476'",
    ) == ("ALFA REY s.r.o.", "SK", "51078066", date(2017, 9, 20))
    kinds = dict(con.execute("select name_kind, count(*) from staging.record_name group by 1").fetchall())
    assert kinds["primary"] == 577
    assert kinds["transliterated"] == 10
    assert kinds["former"] + kinds["trading"] + kinds.get("alias", 0) == 40


def test_a_screening_list_cut_in_a_row_loses_that_row_only(tmp_path: Path, shared_data: Path) -> None:
    con = duckdb.connect()
    create_schemas(con)
    source = excerpt_of("us_consolidated_screening_list")
    cut = shared_data / "lists/malformed/csl_2023-11_TRUNCATED.csv"
    report = load_source(con, source, pull(source, tmp_path / "landing", {"*": str(cut)}), tmp_path)
    assert report.row_count_quarantined == 1
    ((line,),) = con.execute("select line from meta.rejected_row where reason like '%cut short%'").fetchall()
    assert line == one(con, "select max(line) + 1 from raw.us_consolidated_screening_list__entry")[0]
    assert report.row_count_read == report.tables[0].row_count_kept + 1


def test_every_hong_kong_company_is_loaded(real: Loader) -> None:
    con, report = real("hk_companies", "registries/hk")
    assert report.row_count_read == 3_116_212
    assert report.staged == {"company_record": 3_116_212, "record_name": 2_460_581}
    look_alike, listed = con.execute(
        "select name, incorporation_date, dissolution_date, jurisdiction from staging.company_record "
        "where registration_number in ('1447829', '1106906') order by incorporation_date desc"
    ).fetchall()
    assert look_alike == ("VICTORY WAVE LIMITED", date(2010, 4, 23), None, "HK")
    assert listed[1:] == (date(2007, 2, 1), date(2011, 3, 25), "HK")
    assert one(con, "select name from staging.record_name where record_id = 'hk_companies:1447829'") == (
        "榮滔有限公司",
    )
