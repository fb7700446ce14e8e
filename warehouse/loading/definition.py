"""A source is one TOML file: what it is, where its tables lie, how they are read and what they mean.

``load_definition`` parses it into the frozen models of ``declaration``. Every mistake of a file is gathered and
raised once, each with file, key, what was expected and what was found. `docs/adding-a-source.md` explains the
language by example.
"""

import hashlib
import tomllib
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from warehouse.loading.declaration import Source
from warehouse.loading.definition_check import mistakes_in


class DefinitionError(ValueError):
    """A definition is wrong; the message lists every mistake found in the file."""

    def __init__(self, path: Path, mistakes: list[str]) -> None:
        self.path = path
        self.mistakes = mistakes
        lines = "\n".join(f"  - {mistake}" for mistake in mistakes)
        super().__init__(f"{path}: {len(mistakes)} mistake(s) in this source definition\n{lines}")


def load_definition(path: Path) -> Source:
    """Read one source definition; raises ``DefinitionError`` with every mistake in it."""
    content = path.read_bytes()
    try:
        given: dict[str, Any] = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DefinitionError(path, [f"expected TOML in UTF-8; found: {error}"]) from error
    own = {"name": path.stem, "definition_sha256": hashlib.sha256(content).hexdigest()}
    if reserved := sorted(own.keys() & given.keys()):
        raise DefinitionError(path, [f"{key}: is given by the file itself; remove it" for key in reserved])
    try:
        source = Source.model_validate(given | own)
    except ValidationError as error:
        raise DefinitionError(path, [_sentence(mistake) for mistake in error.errors()]) from error
    if mistakes := mistakes_in(source):
        raise DefinitionError(path, mistakes)
    return source


def bundled_sources() -> dict[str, Path]:
    """The definitions that ship with the package: name -> TOML file, by name."""
    folder = Path(__file__).parent.parent / "sources"
    return {path.stem: path for path in sorted(folder.glob("*.toml"))}


def _sentence(mistake: Any) -> str:
    where = ".".join(str(step) for step in mistake["loc"])
    found = repr(mistake.get("input"))
    found = found if len(found) <= 80 else found[:77] + "…"
    if mistake["type"] == "extra_forbidden":
        return f"{where}: unknown key; expected one of those in docs/adding-a-source.md, found {found}"
    if mistake["type"] == "missing":
        return f"{where}: expected a value, found nothing; add the key"
    message = str(mistake["msg"]).removeprefix("Value error, ")
    return f"{where}: {message}" if "found" in message else f"{where}: {message}; found {found}"
