"""Credentials in addresses come from the environment: `https://…?key=${DART_API_KEY}`.

What is recorded – receipts, tables, messages – is the address as declared, never the secret.
"""

import os
import re
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from warehouse.landing.fetched import PullError

_PLACEHOLDER = re.compile(r"\$\{([A-Z][A-Z0-9_]*)\}")
_HIDDEN = "***"


class Opened(NamedTuple):
    """An address ready for the request, and the secrets in it."""

    address: str
    secrets: tuple[str, ...]

    def hide(self, text: str) -> str:
        """The text without the secrets."""
        for secret in sorted(self.secrets, key=len, reverse=True):
            text = text.replace(secret, _HIDDEN)
        return text


def public_address(address: str) -> str:
    """The address without a password in plain text."""
    password = urlsplit(address).password if "://" in address else None
    return address.replace(f":{password}@", f":{_HIDDEN}@") if password else address


def with_credentials(address: str, environment: Mapping[str, str] = os.environ) -> Opened:
    """Fill ``${NAME}`` from the environment.

    Raises ``PullError`` when a variable is not set, or when the address carries a password in plain text.
    """
    names = _PLACEHOLDER.findall(address)
    if unset := sorted({name for name in names if not environment.get(name)}):
        raise PullError(f"expected {', '.join(unset)} in the environment for {address}; not set. Set it and pull again")
    password = urlsplit(address).password
    if password and not _PLACEHOLDER.fullmatch(password):
        host = urlsplit(address).hostname
        raise PullError(
            f"expected credentials for {host} as ${{NAME}} from the environment; found a password in the address"
        )
    quoted = {name: quote(environment[name], safe="") for name in names}
    filled = _PLACEHOLDER.sub(lambda found: quoted[found[1]], address)
    return Opened(filled, tuple({*quoted.values(), *(environment[name] for name in names)}))
