"""The plugin as it is installed: its wheel on the path of another process."""

import io
import os
import subprocess
import sys
import zipfile
from importlib.resources import as_file, files
from pathlib import Path

import pytest
from closient_export_csv_trace import CsvZipWriter

from closient_export import TraceWriterRegistry
from closient_export.testing.reports import demo_report

PLUGIN = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What pip would put beside the library."""
    folder = tmp_path_factory.mktemp("csv_trace")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")]
    subprocess.run(build, cwd=PLUGIN, check=True, capture_output=True)
    [wheel] = (folder / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run(site: Path, folder: Path, *command: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )


def traced(site: Path, folder: Path, *options: str) -> "subprocess.CompletedProcess[str]":
    with as_file(files("closient_export") / "demo" / "chain") as chain:
        events = [str(path) for path in sorted(chain.glob("*.jsonld"))]
        master_data = ["--master-data", str(chain / "master_data.json")]
        lot = ["--lot", "(01)10614141003034(10)CK26090"]
        command = ["-m", "closient_export", "trace", *events, *master_data, *lot, *options]
        return run(site, folder, *command)


def test_its_format_is_valid_on_the_command_line(site: Path, tmp_path: Path) -> None:
    done = traced(site, tmp_path, "--format", "csv_zip", "--out", "lot.zip")
    assert done.returncode == 0, done.stderr
    expected = io.BytesIO()
    CsvZipWriter().write(demo_report(), expected)
    assert (tmp_path / "lot.zip").read_bytes() == expected.getvalue()


def test_its_format_is_valid_in_requests(site: Path, tmp_path: Path) -> None:
    program = (
        "from closient_export import TraceWriterRegistry, parse_traceability_request\n"
        "registry = TraceWriterRegistry()\n"
        "payload = {'lot_id': '2' * 22, 'format': 'csv_zip'}\n"
        "print(parse_traceability_request(payload, registry).format)\n"
        "print(registry.resolve('csv_zip').distribution)\n"
    )
    done = run(site, tmp_path, "-c", program)
    assert done.stdout.split() == ["csv_zip", "closient-export-csv-trace"], done.stderr


def test_this_suite_does_not_install_the_plugin(tmp_path: Path) -> None:
    assert "csv_zip" not in TraceWriterRegistry().formats()
    done = traced(tmp_path, tmp_path, "--format", "csv_zip", "--out", "lot.zip")
    assert done.returncode == 2
    assert "expected one of " in done.stderr
