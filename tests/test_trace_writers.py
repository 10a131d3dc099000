from importlib.metadata import entry_points
from typing import Any, BinaryIO, ClassVar

import pytest

from closient_export.errors import TraceWriterError, UnknownTraceWriterError
from closient_export.plugins import TRACE_WRITER_API, TraceWriter
from closient_export.registry import (
    BUILT_IN_TRACE_WRITERS,
    TRACE_WRITER_GROUP,
    Registration,
    TraceWriterRegistry,
)


class LineWriter:
    """The least that a writer is."""

    api_version: ClassVar[int] = TRACE_WRITER_API
    media_type: ClassVar[str] = "text/plain"
    extension: ClassVar[str] = "txt"

    def write(self, report: Any, out: BinaryIO) -> None:
        out.write(f"{report}\n".encode())


class FromTheFuture(LineWriter):
    api_version = 99


class NotCallable(LineWriter):
    write: Any = "x"


class Candid(LineWriter):
    def __init__(self) -> None:
        raise TraceWriterError("needs libline: install libline")


def claim(
    key: str, distribution: str, target: str = "test_trace_writers:LineWriter"
) -> Registration[str]:
    return Registration(key=key, target=target, distribution=distribution)


def test_built_in_table_equals_the_entry_points() -> None:
    declared = {
        point.name: point.value
        for point in entry_points(group=TRACE_WRITER_GROUP)
        if point.dist is not None and point.dist.name == "closient-export"
    }
    assert declared == BUILT_IN_TRACE_WRITERS


def test_formats_are_known_without_loading_anything() -> None:
    registry = TraceWriterRegistry()
    assert "xlsx" in registry.formats()
    assert registry.unknown_format("xlsx") is None
    assert registry.resolve("xlsx").target == "closient_export.trace.workbook:WorkbookWriter"


def test_built_in_formats_are_there_without_metadata(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("closient_export.registry.plugins.entry_points", lambda **_: [])
    assert TraceWriterRegistry().formats() == ["xlsx"]


def test_a_writer_is_loaded_once() -> None:
    registry = TraceWriterRegistry(registrations=[claim("txt", "acme")])
    writer = registry.writer("txt")
    assert isinstance(writer, TraceWriter)
    assert registry.writer("txt") is writer


def test_unknown_formats_list_what_is_accepted() -> None:
    registry = TraceWriterRegistry(registrations=[claim("xlsx", "a"), claim("txt", "b")])
    assert registry.unknown_format("pdf") == "expected one of txt, xlsx, got 'pdf'"
    with pytest.raises(UnknownTraceWriterError, match=r"^expected one of txt, xlsx, got 'pdf'$"):
        registry.writer("pdf")
    with pytest.raises(UnknownTraceWriterError, match="cannot prefer a trace writer for pdf: exp"):
        TraceWriterRegistry(registrations=[claim("txt", "b")], prefer={"pdf": "acme"})
    with pytest.raises(UnknownTraceWriterError, match=r"^cannot prefer a trace writer: .*'PDF'$"):
        TraceWriterRegistry(prefer={"PDF": "acme"})


class JsonLinesWriter(LineWriter):
    extension = "jsonl"


def test_a_format_is_found_by_its_name_and_then_by_its_extension() -> None:
    here = "test_trace_writers"
    lines = [claim("rows", "acme", f"{here}:JsonLinesWriter"), claim("txt", "acme")]
    registry = TraceWriterRegistry(registrations=[*lines, claim("broken", "acme", "nowhere:X")])
    assert registry.format_of("txt") == "txt"
    assert registry.format_of("jsonl") == "rows"
    assert registry.format_of("rows") == "rows"
    assert registry.format_of("broken") == "broken"
    assert registry.format_of("pdf") is None
    registry.register("more", JsonLinesWriter)
    assert registry.format_of("jsonl") is None
    registry.register("jsonl", LineWriter)
    assert registry.format_of("jsonl") == "jsonl"


def test_a_conflict_breaks_its_own_format_only_and_says_how_to_prefer_one() -> None:
    claims = [claim("xlsx", "zeta"), claim("xlsx", "acme"), claim("txt", "acme")]
    registry = TraceWriterRegistry(registrations=claims)
    assert registry.registrations() == [claims[2], claims[1], claims[0]]
    registry.writer("txt")
    with pytest.raises(TraceWriterError) as caught:
        registry.writer("xlsx")
    assert str(caught.value) == (
        "xlsx is registered by acme and zeta: uninstall all but one, or prefer one, as in "
        'TraceWriterRegistry(prefer={"xlsx": "acme"})'
    )
    preferring = TraceWriterRegistry(registrations=claims, prefer={"xlsx": "zeta"})
    assert preferring.resolve("xlsx").distribution == "zeta"


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("no_such_module:X", "cannot be loaded: ModuleNotFoundError: No module named"),
        ("test_trace_writers:Nope", "cannot be loaded: AttributeError"),
        ("builtins:dict", "is not a trace writer: it has no api_version, media_type, extension, w"),
        ("test_trace_writers:NotCallable", "is not a trace writer: write must be a method"),
        ("test_trace_writers:FromTheFuture", "is for trace writer API 99, expected 1"),
    ],
)
def test_a_broken_writer_breaks_its_own_format_only(target: str, message: str) -> None:
    registry = TraceWriterRegistry(
        registrations=[claim("broken", "acme", target), claim("txt", "closient-export")]
    )
    with pytest.raises(TraceWriterError) as caught:
        registry.writer("broken")
    assert str(caught.value).startswith(
        f"the trace writer {target} of acme, registered for broken, {message}"
    )
    assert caught.value.public_message == "The writer for this format failed."
    assert isinstance(registry.writer("txt"), LineWriter)


def test_a_writer_that_says_itself_what_is_wrong() -> None:
    registry = TraceWriterRegistry(registrations=[claim("x", "a", "test_trace_writers:Candid")])
    with pytest.raises(TraceWriterError, match=r"^needs libline: install libline$"):
        registry.writer("x")


def test_a_host_registers_its_own() -> None:
    registry = TraceWriterRegistry()
    registry.register("txt", LineWriter)
    assert isinstance(registry.writer("txt"), LineWriter)
    assert registry.resolve("txt").distribution == "the host"
    with pytest.raises(TraceWriterError, match="pass replace=True"):
        registry.register("txt", LineWriter)
    registry.register("xlsx", LineWriter, replace=True)
    assert isinstance(registry.writer("xlsx"), LineWriter)
    with pytest.raises(TraceWriterError, match="FromTheFuture of the host"):
        registry.register("later", FromTheFuture)
    with pytest.raises(ValueError, match="expected a word of lower-case letters"):
        registry.register("TXT", LineWriter)
    assert registry.formats() == ["txt", "xlsx"]
