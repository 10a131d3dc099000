"""The built-in trace writer keeps what a trace writer promises."""

import pytest

from closient_export.plugins import TraceWriter
from closient_export.testing.contracts import TraceWriterContract
from closient_export.trace.workbook import WorkbookWriter


class TestWorkbook(TraceWriterContract):
    must_hold = (*TraceWriterContract.must_hold, "hostile text")

    @pytest.fixture
    def writer(self) -> TraceWriter:
        return WorkbookWriter()
