import pytest
from closient_export_csv_trace import CsvZipWriter

from closient_export.plugins import TraceWriter
from closient_export.testing.contracts import TraceWriterContract


class TestCsvZipWriter(TraceWriterContract):
    must_hold = ("a salad kit", "nothing", "many lots", "hostile text")

    @pytest.fixture
    def writer(self) -> TraceWriter:
        return CsvZipWriter()
