"""What a run is told: one TOML file, overridden by environment variables, unknown keys refused.

Paths in the file are relative to the file itself, so that a settings file and its data can be moved together.
Secrets are not settings: credentials come from the environment at the moment of pulling.
"""

import tomllib
from datetime import date
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict


class SettingsError(ValueError):
    """The settings cannot be used; the message lists every mistake with its place."""


class SourceSettings(BaseModel):
    """How this installation uses one source; what the source is, its own TOML says."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    enabled: bool = True
    definition: str | None = None
    """A bundled definition's name, or a path to a TOML file. Default: the bundled one of the same name."""
    is_synthetic: bool | None = None
    """Set true to mark an invented delivery in a real source's format. It cannot be set false."""
    is_required: bool | None = None
    address: dict[str, str] = {}
    """Where each table of the source lies, by table name, in place of the live address."""
    minimum_rows: dict[str, int] = {}
    """Lower bound per table for deliveries smaller than the published whole."""


class ResolutionSettings(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    threshold: Annotated[float, Field(gt=0, lt=1)] | None = None
    """Match probability from which two records are held to be one entity. Default: the model's own."""


class Settings(BaseSettings):
    """The settings of a run. Environment: ``BRASSPLATE_MEMORY_LIMIT=4GB``, ``BRASSPLATE_RESOLUTION__THRESHOLD=0.6``."""

    model_config = SettingsConfigDict(env_prefix="BRASSPLATE_", env_nested_delimiter="__", extra="forbid", frozen=True)

    data_directory: Path = Path("data")
    """Landing folder, releases, judgements and models live here."""
    memory_limit: Annotated[str, Field(pattern=r"^\d+(\.\d+)?\s?(MB|GB|MiB|GiB)$")] = "6GB"
    """Memory DuckDB may use; Python's share of a run comes on top."""
    threads: Annotated[int, Field(ge=1, le=256)] = 2
    keep_releases: Annotated[int, Field(ge=1)] = 5
    as_of: date | None = None
    """The day for which indicators are judged. Default: the day of the run."""
    resolution: ResolutionSettings = ResolutionSettings()
    sources: dict[str, SourceSettings] = {}
    """Sources to use. Default: every bundled source that has a live address."""

    def addresses(self, source: str) -> dict[str, str]:
        """Addresses that replace the declared ones of a source, by table name."""
        return dict(self.sources[source].address) if source in self.sources else {}

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file."""
        return env_settings, init_settings


def load_settings(path: Path | None = None, **overrides: Any) -> Settings:
    """Read settings from ``path`` (or the defaults), then the environment, then ``overrides`` that are not None.

    Raises SettingsError naming the file and every key that is unknown or wrong.
    """
    content: dict[str, Any] = {}
    base = Path.cwd()
    if path is not None:
        base = path.resolve().parent
        try:
            content = tomllib.loads(path.read_text(encoding="utf-8"))
        except FileNotFoundError as error:
            raise SettingsError(
                f"expected a settings file at {path}; there is none. See examples/ for some."
            ) from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise SettingsError(f"{path}: expected TOML in UTF-8; {error}") from error
    try:
        settings = Settings(**content)
    except ValidationError as error:
        raise SettingsError(_told(error, path)) from error
    changes: dict[str, Any] = {key: value for key, value in overrides.items() if value is not None}
    changes.setdefault("data_directory", settings.data_directory)
    if "data_directory" not in overrides or overrides["data_directory"] is None:
        changes["data_directory"] = (base / settings.data_directory).resolve()
    else:
        changes["data_directory"] = Path(changes["data_directory"]).resolve()
    changes["sources"] = {name: _placed(source, base) for name, source in settings.sources.items()}
    return settings.model_copy(update=changes)


def _placed(source: SourceSettings, base: Path) -> SourceSettings:
    """Make the relative paths of a source's settings absolute."""
    address = {
        table: place if "://" in place else str((base / place).resolve()) for table, place in source.address.items()
    }
    definition = source.definition
    if definition is not None and definition.endswith(".toml"):
        definition = str((base / definition).resolve())
    return source.model_copy(update={"address": address, "definition": definition})


def _told(error: ValidationError, path: Path | None) -> str:
    where = str(path) if path else "settings from the environment"
    lines = [f"{where}: {error.error_count()} mistake(s)"]
    for mistake in error.errors():
        key = ".".join(str(part) for part in mistake["loc"])
        if mistake["type"] == "extra_forbidden":
            lines.append(f"  {key}: unknown key")
        else:
            lines.append(f"  {key}: {mistake['msg']}; found {mistake['input']!r}")
    return "\n".join(lines)
