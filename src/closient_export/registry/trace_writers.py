"""Which trace writer makes which format."""

from typing import Any

from closient_export.errors import TraceWriterError, UnknownTraceWriterError, shown, suggestion
from closient_export.plugins import TRACE_WRITER_API, TraceWriter
from closient_export.registry.plugins import PluginRegistry, missing
from closient_export.requests import parse_word

__all__ = ["BUILT_IN_TRACE_WRITERS", "TRACE_WRITER_GROUP", "TraceWriterRegistry"]

TRACE_WRITER_GROUP = "closient_export.trace_writers"

BUILT_IN_TRACE_WRITERS = {"xlsx": "closient_export.trace.workbook:WorkbookWriter"}

_REQUIRED = ("api_version", "media_type", "extension", "write")


class TraceWriterRegistry(PluginRegistry[str, TraceWriter]):
    """The trace writers of the installed distributions, each loaded when it is first asked for.

    A broken plugin breaks its own format only, and so do two distributions that claim the same
    one. Its errors are `UnknownTraceWriterError` and, for all that is no caller's fault,
    `TraceWriterError`.

    Args:
        prefer: For a format that several distributions claim, the name of the one to take, such
            as ``{"xlsx": "acme-traces"}``.
        registrations: Instead of the installed distributions' entry points.
    """

    group = TRACE_WRITER_GROUP
    noun = "trace writer"
    _expected_name = "expected a format, a word of lower-case letters, digits and '_'"
    built_in = BUILT_IN_TRACE_WRITERS
    unknown_error = UnknownTraceWriterError
    conflict_error = TraceWriterError
    load_error = TraceWriterError

    def writer(self, file_format: str) -> TraceWriter:
        """The writer for a format.

        Raises:
            UnknownTraceWriterError: none is registered.
            TraceWriterError: several are, or it cannot be imported or is not a trace writer.
        """
        return self._plugin(file_format)

    def formats(self) -> list[str]:
        """The formats for which a writer is registered, sorted."""
        return sorted(self._claims)

    def format_of(self, extension: str) -> str | None:
        """The format that a file's name means by its end: the one of that name, or with that extension.

        Writers are loaded to ask for their extensions, unless a format has that name. ``None`` if
        no format is meant, or several are; a writer that cannot be loaded is passed over.
        """
        if extension in self:
            return extension
        found = [name for name in self.formats() if self._extension(name) == extension]
        return found[0] if len(found) == 1 else None

    def _extension(self, file_format: str) -> str | None:
        try:
            return self.writer(file_format).extension
        except TraceWriterError:
            return None

    def unknown_format(self, file_format: str) -> str | None:
        """What to say of a format that is not registered, or ``None`` if it is."""
        return None if file_format in self else self._unknown(file_format)

    def _unknown(self, key: str) -> str:
        formats = self.formats()
        return f"expected one of {', '.join(formats)}, got {shown(key)}{suggestion(key, formats)}"

    @staticmethod
    def _key(name: str) -> str:
        return parse_word(name)

    @staticmethod
    def _fault(plugin: Any) -> str | None:
        if fault := missing(plugin, "trace writer", _REQUIRED):
            return fault
        if not callable(plugin.write):
            return "is not a trace writer: write must be a method"
        if plugin.api_version != TRACE_WRITER_API:
            return f"is for trace writer API {plugin.api_version}, expected {TRACE_WRITER_API}"
        return None
