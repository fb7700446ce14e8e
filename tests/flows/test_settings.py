"""Settings: one TOML file, the environment over it, unknown keys refused."""

from pathlib import Path

import pytest

from flows.run import without_credentials
from flows.settings import SettingsError, load_settings
from flows.sources import declared_sources


def write(folder: Path, text: str) -> Path:
    path = folder / "settings.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_paths_are_relative_to_the_settings_file(tmp_path: Path) -> None:
    path = write(tmp_path, 'data_directory = "d"\n[sources.hk_companies]\naddress = { company = "f.parquet" }')
    settings = load_settings(path)
    assert settings.data_directory == tmp_path / "d"
    assert settings.sources["hk_companies"].address["company"] == str(tmp_path / "f.parquet")


def test_web_addresses_stay_as_they_are(tmp_path: Path) -> None:
    path = write(tmp_path, '[sources.hk_companies]\naddress = { company = "https://example.org/f.parquet" }')
    assert load_settings(path).sources["hk_companies"].address["company"] == "https://example.org/f.parquet"


def test_every_mistake_of_a_settings_file_is_told_at_once(tmp_path: Path) -> None:
    path = write(tmp_path, 'threadz = 2\nthreads = 0\nmemory_limit = "lots"\n[sources.x]\ncolour = "red"')
    with pytest.raises(SettingsError) as told:
        load_settings(path)
    message = str(told.value)
    assert str(path) in message
    for key in ("threadz: unknown key", "threads", "memory_limit", "sources.x.colour: unknown key"):
        assert key in message


def test_a_missing_settings_file_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="expected a settings file at"):
        load_settings(tmp_path / "absent.toml")


def test_text_that_is_not_toml_is_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="expected TOML"):
        load_settings(write(tmp_path, "<html>"))


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BRASSPLATE_MEMORY_LIMIT", "9GB")
    monkeypatch.setenv("BRASSPLATE_RESOLUTION__THRESHOLD", "0.7")
    settings = load_settings(write(tmp_path, 'memory_limit = "1GB"'))
    assert settings.memory_limit == "9GB"
    assert settings.resolution.threshold == 0.7


def test_without_sources_every_bundled_source_with_a_live_address_is_used(tmp_path: Path) -> None:
    names = {source.name for source in declared_sources(load_settings(write(tmp_path, "")))}
    assert {"us_consolidated_screening_list", "us_ofac_sdn"} <= names
    assert "hk_companies" not in names


def test_an_unknown_source_names_the_bundled_ones(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no bundled definition 'atlantis'.*hk_companies"):
        declared_sources(load_settings(write(tmp_path, "[sources.atlantis]")))


def test_an_address_of_a_table_the_source_does_not_have_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, '[sources.hk_companies]\naddress = { people = "x" }')
    with pytest.raises(SettingsError, match=r"no table people .*expected company"):
        declared_sources(load_settings(path))


def test_settings_can_mark_a_delivery_synthetic_but_never_unmark_it(tmp_path: Path) -> None:
    path = write(tmp_path, '[sources.mine]\ndefinition = "hk_companies"\nis_synthetic = true')
    (source,) = declared_sources(load_settings(path))
    assert source.is_synthetic
    assert source.name == "mine"


def test_credentials_in_an_address_never_reach_the_release() -> None:
    shown = without_credentials("https://user:secret@example.org/list.csv?token=secret")
    assert shown == "https://example.org/list.csv"
    assert without_credentials("/srv/list.csv") == "/srv/list.csv"
