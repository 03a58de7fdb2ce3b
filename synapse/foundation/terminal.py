"""Output of management commands: what names and cells hold can't move the cursor, colour or overwrite the terminal.

Names of files, tables and columns are somebody else's, and so are cells: an ANSI escape in one of them would be run.
Commands are TerminalCommand's, tables are printed by TerminalConsole.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.core.management.base import BaseCommand, OutputWrapper
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment

from synapse.foundation.text.visible import visible


class VisibleOutput(OutputWrapper):
    """A stream that shows control characters as signs; Django's own colours come after."""

    def write(  # type: ignore[override]  # as Django's own, which is none of a stream's
        self, msg: str = "", style_func: Callable[[str], str] | None = None, ending: str | None = None
    ) -> None:
        """Write the message, each control character but tab and line end as a sign for it."""
        super().write(visible(str(msg)), style_func, ending)


class TerminalCommand(BaseCommand):
    """A management command whose output and errors show control characters as signs."""

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute; Django replaces both streams once more when it is called by another program."""
        if name in {"stdout", "stderr"} and type(value) is OutputWrapper:
            value = _visible_output(value)
        super().__setattr__(name, value)


class TerminalConsole(Console):
    """A console of rich whose texts show control characters as signs; its own colours and movements stay."""

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Yield the segments of what is printed."""
        for segment in super().render(renderable, options):
            yield segment if segment.control else Segment(visible(segment.text), segment.style)


def _visible_output(wrapped: OutputWrapper) -> VisibleOutput:
    stream: Any = wrapped._out  # noqa: SLF001  # it is kept by no public name
    output = VisibleOutput(stream, ending=wrapped.ending)
    output.style_func = wrapped.style_func
    return output
