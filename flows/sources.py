"""Which sources a run uses: bundled definitions, or the operator's own, as the settings adapt them."""

from pathlib import Path

from flows.settings import Settings, SettingsError, SourceSettings
from warehouse.landing.pull import EVERY_TABLE
from warehouse.loading.declaration import Source
from warehouse.loading.definition import DefinitionError, bundled_sources, load_definition


def declared_sources(settings: Settings) -> list[Source]:
    """The enabled sources by name; without a ``sources`` table, every bundled one that has live addresses.

    Raises SettingsError with every definition that is missing or wrong, and every override that does not fit.
    """
    bundled = bundled_sources()
    if not settings.sources:
        every = [load_definition(path) for path in bundled.values()]
        return [source for source in every if all(table.address for table in source.tables.values())]
    sources, mistakes = [], []
    for name, wanted in sorted(settings.sources.items()):
        if not wanted.enabled:
            continue
        try:
            sources.append(_adapted(name, load_definition(_definition(name, wanted, bundled)), wanted))
        except (DefinitionError, SettingsError) as error:
            mistakes.append(str(error))
    if mistakes:
        raise SettingsError("\n".join(mistakes))
    return sources


def _definition(name: str, wanted: SourceSettings, bundled: dict[str, Path]) -> Path:
    definition = wanted.definition or name
    if definition.endswith(".toml"):
        path = Path(definition)
        if not path.is_file():
            raise SettingsError(f"sources.{name}.definition: expected a TOML file at {path}; there is none")
        return path
    if definition not in bundled:
        known = ", ".join(bundled)
        raise SettingsError(f"sources.{name}: no bundled definition {definition!r}; expected one of {known}")
    return bundled[definition]


def _adapted(name: str, source: Source, wanted: SourceSettings) -> Source:
    """The definition with this installation's addresses and bounds; a synthetic mark is only ever added."""
    unknown = sorted((set(wanted.address) | set(wanted.minimum_rows)) - set(source.tables) - {EVERY_TABLE})
    if unknown:
        raise SettingsError(
            f"sources.{name}: no table {', '.join(unknown)} in this source; expected {', '.join(source.tables)}"
        )
    if source.is_synthetic and wanted.is_synthetic is False:
        raise SettingsError(f"sources.{name}.is_synthetic: the definition says synthetic; settings cannot unsay it")
    tables = {}
    for table_name, table in source.tables.items():
        changes: dict[str, object] = {}
        if address := wanted.address.get(table_name):
            changes["address"] = address
        if (minimum := wanted.minimum_rows.get(table_name)) is not None:
            changes["rows"] = table.rows.model_copy(update={"minimum": minimum})
        tables[table_name] = table.model_copy(update=changes)
    return source.model_copy(
        update={
            "name": name,
            "tables": tables,
            "is_synthetic": source.is_synthetic or bool(wanted.is_synthetic),
            "is_required": source.is_required if wanted.is_required is None else wanted.is_required,
        }
    )
