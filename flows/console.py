"""What people see in a terminal: progress on standard error, answers on standard output, names made harmless."""

import sys
import time
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

from rich.console import Console
from rich.markup import escape
from rich.status import Status

errors = Console(stderr=True, highlight=False, soft_wrap=True)
answers = Console(highlight=False, soft_wrap=True)


def harmless(text: object) -> str:
    """Text from strangers, safe to print: control, format and bidi characters become visible codes.

    A company name may carry escape sequences that clear the screen or characters that turn the line around.
    """
    shown = []
    for character in str(text):
        if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}:
            shown.append(f"\\u{ord(character):04x}")
        else:
            shown.append(character)
    return "".join(shown)


def plain(text: object) -> str:
    """Harmless text that rich does not take for its own markup."""
    return escape(harmless(text))


class Progress:
    """One line per step with the time since the start; a live line while a step runs, where a person watches."""

    def __init__(self, quiet: bool = False) -> None:
        self.quiet = quiet
        self.began = time.monotonic()
        self._status: Status | None = None

    def __call__(self, line: str) -> None:
        """Tell a step's result."""
        if not self.quiet:
            errors.print(f"[dim]{self.clock()}[/dim]  {plain(line)}")

    def note(self, line: str) -> None:
        """Tell what is going on inside a step: shown live only, gone when the step ends."""
        if self._status is not None:
            self._status.update(plain(line))

    def clock(self) -> str:
        seconds = time.monotonic() - self.began
        return f"{int(seconds // 60):3d}:{seconds % 60:04.1f}"

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Show ``name`` with a spinner while the block runs, where standard error is a terminal."""
        if self.quiet or not errors.is_terminal:
            if not self.quiet:
                errors.print(f"[dim]{self.clock()}[/dim]  {plain(name)} …")
            yield
            return
        with errors.status(plain(name)) as status:
            self._status = status
            try:
                yield
            finally:
                self._status = None


def fail(message: str, code: int) -> NoReturn:
    """End the command: the message on standard error, 1 when the data is wrong, 2 when the request is wrong."""
    errors.print(f"[bold red]error[/bold red]  {plain_lines(message)}")
    sys.exit(code)


def plain_lines(message: str) -> str:
    return "\n".join(plain(line) for line in message.splitlines())
