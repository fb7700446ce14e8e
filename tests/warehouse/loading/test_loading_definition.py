"""A definition is refused with every mistake in it, each by file, key, expected and found."""

from pathlib import Path

import pytest

from warehouse.loading.countries import country_code
from warehouse.loading.definition import DefinitionError, bundled_sources, load_definition

GOOD = """
title = "T"
publisher = "P"
licence = "L"
schedule = "daily"
[tables.entry]
format = "csv"
[[records]]
key = ["id"]
name = "name"
"""


def write(folder: Path, text: str, name: str = "tiny_source") -> Path:
    path = folder / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    return path


def mistakes(folder: Path, text: str) -> list[str]:
    with pytest.raises(DefinitionError) as error:
        load_definition(write(folder, text))
    assert str(folder / "tiny_source.toml") in str(error.value)
    return error.value.mistakes


def test_a_small_definition_is_understood(tmp_path: Path) -> None:
    source = load_definition(write(tmp_path, GOOD))
    assert source.name == "tiny_source"
    assert source.tables["entry"].rows.minimum == 1
    assert len(source.definition_sha256) == 64


def test_every_mistake_of_a_file_is_raised_at_once(tmp_path: Path) -> None:
    text = GOOD.replace('schedule = "daily"\n', "").replace(
        'format = "csv"', 'format = "xls"\ndelimeter = ";"\nrows = "many"'
    )
    found = mistakes(tmp_path, text)
    assert [mistake.split(":")[0] for mistake in sorted(found)] == [
        "schedule",
        "tables.entry.delimeter",
        "tables.entry.format",
        "tables.entry.rows",
    ]
    assert any("unknown key" in mistake for mistake in found)


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        ('incorporation_date = { field = "d", formats = ["%d.%m."] }', "with a year"),
        ('incorporation_date = { field = "d", formats = ["%Y-%Q"] }', "unknown strptime directive"),
        ('incorporation_date = { field = "d", utc_offset = "5:30" }', "an offset like +05:30"),
        ('status = { field = "s", formats = ["%Y"] }', "unknown key"),
        ('status = { field = "s", constant = "x" }', "expected exactly one of field, constant, join, first_of"),
        ("status = {}", "expected exactly one of field, constant, join, first_of"),
        ('status = { field = "s", otherwise = "x" }', "there are no values here"),
        ('status = { field = "s", clean = [["("]] }', "clean"),
        ('status = { field = "s", clean = [["(", ""]] }', "not a regular expression"),
        ('status = { field = "s", extract = "(?<=a)b" }', "not a regular expression"),
        ('status = { field = "s", table = "other" }', "table 'other' is not joined here"),
        ('status = "part.{n}"', "needs `numbered"),
        ('status = "each"', "needs an `each`"),
        ('kind = { constant = "firm" }', "expected one of company, person"),
        ('kind = { field = "k", values = { A = "firm" } }', "found 'firm'"),
        ('jurisdiction = { constant = "Atlantis" }', "expected a country"),
        ('from = "entries"', "expected one of the source's tables (entry); found entries"),
        ("numbered = [3, 1]", "expected [first, last]"),
        ('[[records.names]]\nname = "each"\neach = { field = "x" }', "exactly one of split, split_pattern, nested"),
        ('[[records.names]]\nname = "n"\nkind = { constant = "nick" }', "found 'nick'"),
        ('[[records.names]]\nname = "n"\nkey = ["id", "no"]', "expected as many fields as the enclosing section's key"),
        ('[[records.addresses]]\naddress = "a"\nkind = { constant = "home" }', "found 'home'"),
    ],
)
def test_a_mistake_names_its_key_and_what_was_expected(tmp_path: Path, added: str, expected: str) -> None:
    (found,) = mistakes(tmp_path, GOOD + added + "\n")
    assert found.startswith("records.0")
    assert expected in found


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        ('columns = ["id"]', "field 'name' is not among the columns"),
        ('record_path = ["a"]', 'expected format = "json"'),
        ('member = "x"\ncompression = "gz"', 'expected compression = "zip"'),
        ("rows = { minimum = 9, maximum = 2 }", "expected minimum <= maximum"),
        ('encoding = "utf-9"', "expected the name of an encoding"),
        ('delimiter = ""', "expected the character(s) between two cells"),
        ('[[tables.entry.reject]]\nfield = "id"\nmatches = "["\nreason = "because"', "not a regular expression"),
    ],
)
def test_a_mistake_in_a_table_is_found(tmp_path: Path, added: str, expected: str) -> None:
    found = mistakes(tmp_path, GOOD.replace('format = "csv"', f'format = "csv"\n{added}'))
    assert len(found) == 1
    assert expected in found[0]


def test_a_definition_that_maps_nothing_is_refused(tmp_path: Path) -> None:
    assert "found neither" in mistakes(tmp_path, GOOD.split("[[records]]")[0])[0]


def test_a_file_that_is_not_toml_or_not_utf8_is_refused(tmp_path: Path) -> None:
    assert "expected TOML" in mistakes(tmp_path, "title = ")[0]
    path = tmp_path / "tiny_source.toml"
    path.write_bytes(b'title = "caf\xe9"')
    with pytest.raises(DefinitionError, match="expected TOML in UTF-8"):
        load_definition(path)


def test_a_name_that_cannot_be_a_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"name: .*'Tiny; drop'"):
        load_definition(write(tmp_path, GOOD, "Tiny; drop"))


def test_every_bundled_definition_is_sound_and_says_where_its_data_comes_from() -> None:
    found = bundled_sources()
    assert len(found) >= 12
    for name, path in found.items():
        source = load_definition(path)
        assert source.name == name
        assert source.licence
        assert all(table.address or table.file_pattern for table in source.tables.values())
        assert not source.is_synthetic


@pytest.mark.parametrize(
    ("spelling", "code"),
    [
        ("VIRGIN ISLANDS, BRITISH", "VG"),
        ("Virgin Islands (British)", "VG"),
        ("u.a.e.", "AE"),
        ("Curaçao", "CW"),
        ("CURACAO", "CW"),
        ("KOREA, REPUBLIC OF", "KR"),
        ("Korea, Democratic People's Republic of", "KP"),
        ("Россия", "RU"),
        ("Российская Федерация", "RU"),
        ("中国", "CN"),
        ("HKG", "HK"),
        ("na", "NA"),
        ("", None),
        ("Atlantis", None),
    ],
)
def test_countries_are_known_by_any_spelling(spelling: str, code: str | None) -> None:
    assert country_code(spelling) == code
