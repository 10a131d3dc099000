"""The built-in trace writer, and those of the documentation, keep what a trace writer promises."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from closient_export.plugins import TraceWriter
from closient_export.testing.contracts import TraceWriterContract
from closient_export.trace.workbook import WorkbookWriter


class TestWorkbook(TraceWriterContract):
    must_hold = (*TraceWriterContract.must_hold, "hostile text")

    @pytest.fixture
    def writer(self) -> TraceWriter:
        return WorkbookWriter()


PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "write-a-trace-writer.md"
WRITERS = ("TextWriter", "RowsWriter", "ZipWriter")
QUICK = "not another_process and not any_report and not same_report"
TESTS = """
import pytest
import page
from closient_export.testing.contracts import TraceWriterContract

@pytest.mark.parametrize("made", {names})
class TestPage(TraceWriterContract):
    @pytest.fixture
    def writer(self, made):
        return getattr(page, made)()
"""


def test_the_writers_of_the_documentation_keep_it_too(tmp_path: Path) -> None:
    said = PAGE.read_text("utf-8").partition("## Register it")[0]
    examples = re.findall(r"^```python\n(.*?)^```", said, re.DOTALL | re.MULTILINE)
    (tmp_path / "page.py").write_text("\n".join(examples), "utf-8")
    (tmp_path / "test_page.py").write_text(TESTS.format(names=WRITERS))
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-k", QUICK],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
