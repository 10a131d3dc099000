"""What every `closient_export.plugins.TraceWriter` must do, as tests for its author.

Needs pytest and Hypothesis.
"""
# ruff: noqa: D102, S101 - these are tests

import io
import pickle
import zipfile
from pathlib import Path
from typing import BinaryIO, ClassVar, cast

import pytest
from hypothesis import given

from closient_export.errors import ExportError, TraceWriterError, shown
from closient_export.plugins import TraceWriter
from closient_export.registry import TraceWriterRegistry
from closient_export.testing.artifact_checks import check_kind, may_be_empty, same_bytes
from closient_export.testing.contract_tools import HEAVY, Pipe, examples, loaded_modules, raised
from closient_export.testing.elsewhere import CIRCUMSTANCES, called_elsewhere
from closient_export.testing.leftovers import nothing_left
from closient_export.testing.reports import REPORTS, demo_report
from closient_export.testing.strategies.reports import hostile_reports, trace_reports
from closient_export.trace.report import TraceReport

__all__ = ["TraceWriterContract"]

BEGINNING_OF_ZIP = b"PK\x03\x04"


class TraceWriterContract:
    """Subclass it as ``Test…`` and override the fixture `writer`.

    Each test is named for what it asks of a writer. Where a format cannot hold a report, a
    `TraceWriterError` is as good as a file, but for the reports of `must_hold`.
    """

    heavy: ClassVar[tuple[str, ...]] = HEAVY
    """Modules that must not be imported before the first report is written."""
    must_hold: ClassVar[tuple[str, ...]] = ("a salad kit", "nothing", "many lots")
    """Which of `closient_export.testing.reports.REPORTS` the format must be able to hold."""

    @pytest.fixture
    def writer(self) -> TraceWriter:
        """The writer under test."""
        raise NotImplementedError

    def test_the_registry_takes_it(self, writer: TraceWriter) -> None:
        registry = TraceWriterRegistry(registrations=())
        error = raised(lambda: registry.register("contract", lambda: writer), ExportError)
        assert error is None, f"a writer must have the attributes and methods of its API: {error}"

    @pytest.mark.parametrize("name", REPORTS)
    def test_it_writes_what_it_must_hold(self, writer: TraceWriter, name: str) -> None:
        report = REPORTS[name]()
        written = attempt(writer, report)
        if name in self.must_hold:
            assert written is not None, (
                f"a writer must write a report of {name}, got a TraceWriterError"
            )
        if written == b"":
            is_right = may_be_empty(writer.media_type) and not any(report.rows.values())
            assert is_right, (
                "a writer may write no bytes at all only of a report without rows, and only where "
                "an empty file is one of its format, as of lines of text (not of ZIP, XLSX, PDF, "
                f"JSON or XML): got none of {name} as {writer.media_type}"
            )

    @pytest.mark.parametrize("name", REPORTS)
    def test_the_same_report_makes_the_same_bytes(self, writer: TraceWriter, name: str) -> None:
        report = REPORTS[name]()
        same_bytes(
            written_by(writer, report),
            written_by(writer, report),
            "the bytes must depend on the report alone, and the same one made others",
        )
        same_bytes(
            written_by(writer, report),
            written_by(writer, REPORTS[name]()),
            "the bytes must depend on the report alone, and an equal one made others",
        )

    @pytest.mark.parametrize("circumstances", CIRCUMSTANCES, ids=lambda each: each["TZ"])
    def test_another_process_makes_the_same_bytes(
        self, writer: TraceWriter, circumstances: dict[str, str], tmp_path: Path
    ) -> None:
        here = all_written_by(writer)
        there = called_elsewhere(
            all_written_by, writer, circumstances=circumstances, folder=tmp_path
        )
        said = ", ".join(f"{name}={value}" for name, value in circumstances.items())
        for name, ours, theirs in zip(REPORTS, here, there, strict=True):
            same_bytes(ours, theirs, f"another process must write {name} alike, with {said}")

    @examples(15)
    @given(report=trace_reports())
    def test_any_report_is_written_alike_each_time(
        self, writer: TraceWriter, report: TraceReport
    ) -> None:
        same_bytes(
            written_by(writer, report),
            written_by(writer, report),
            "the bytes must depend on the report alone, and the same one made others",
        )

    @examples(40)
    @given(report=hostile_reports())
    def test_hostile_text_is_written_or_refused(
        self, writer: TraceWriter, report: TraceReport
    ) -> None:
        data = written_by(writer, report)
        if data.startswith(BEGINNING_OF_ZIP):
            with zipfile.ZipFile(io.BytesIO(data)) as package:
                assert package.testzip() is None, "a package must open with any reader"

    def test_a_report_stays_as_it_was(self, writer: TraceWriter) -> None:
        report = demo_report()
        written_by(writer, report)
        assert report.rows == demo_report().rows, "a writer must not change the report"
        assert report.findings == demo_report().findings, "a writer must not change the report"

    def test_extension_media_type_and_content_belong_together(self, writer: TraceWriter) -> None:
        check_kind(writer.media_type, writer.extension, written_by(writer, demo_report()))

    def test_no_file_is_left_open_or_behind(self, writer: TraceWriter, tmp_path: Path) -> None:
        reports = [make() for make in REPORTS.values()]
        written_by(writer, reports[0])  # what is loaded once, is loaded now
        with nothing_left(tmp_path / "writing"):
            for report in reports:
                written_by(writer, report)

    def test_an_output_that_fails_is_told_and_leaves_nothing_behind(
        self, writer: TraceWriter, tmp_path: Path
    ) -> None:
        report = demo_report()
        size = len(written_by(writer, report))
        for room in (0, size // 2, size - 1):
            with nothing_left(tmp_path / str(room)):
                out = cast("BinaryIO", Pipe(room))
                error = raised(lambda out=out: writer.write(report, out))  # type: ignore[misc]
                assert isinstance(error, OSError), (
                    f"an error of the output must be told as it is, got {error!r}"
                )

    def test_the_output_need_not_be_seekable(self, writer: TraceWriter) -> None:
        report = demo_report()
        pipe = Pipe()
        error = raised(lambda: writer.write(report, cast("BinaryIO", pipe)))
        assert error is None, f"the output need not be seekable, got {error!r}"
        same_bytes(
            written_by(writer, report),
            b"".join(pipe.chunks),
            "an output that is a pipe must get the same bytes",
        )

    def test_it_can_be_pickled(self, writer: TraceWriter) -> None:
        twin = pickle.loads(pickle.dumps(writer))  # noqa: S301 - of our own
        report = demo_report()
        same_bytes(
            written_by(writer, report),
            written_by(twin, report),
            "a writer must write the same after a pickle",
        )

    def test_loading_it_imports_nothing_heavy(self, writer: TraceWriter, tmp_path: Path) -> None:
        loaded = called_elsewhere(
            loaded_modules, writer, self.heavy, circumstances={}, folder=tmp_path
        )
        assert not loaded, (
            "what a writer needs to write must be imported when it first writes; "
            f"loading {type(writer).__name__} imports {', '.join(loaded)}"
        )


def attempt(writer: TraceWriter, report: TraceReport) -> bytes | None:
    """What a writer makes of a report; ``None`` if its format cannot hold it."""
    out = io.BytesIO()
    error = raised(lambda: writer.write(report, out))
    assert error is None or isinstance(error, TraceWriterError), (
        f"what a format cannot hold must be refused with a TraceWriterError, got {shown(error)}"
    )
    return None if error else out.getvalue()


def written_by(writer: TraceWriter, report: TraceReport) -> bytes:
    """The same, and nothing if its format cannot hold it."""
    return attempt(writer, report) or b""


def all_written_by(writer: TraceWriter) -> list[bytes]:
    """What a writer makes of each of `REPORTS`."""
    return [written_by(writer, make()) for make in REPORTS.values()]
