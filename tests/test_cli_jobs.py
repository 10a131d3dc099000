"""``labels --jobs``: the same bytes from several processes."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from test_cli import CLI, NOT_MEASURED, refused, run

SERIALS = "gtin,lot,serial\n" + "".join(f"9506000134352,A,{n:04}\n" for n in range(1200))
QR_CODES = ["--scope", "serials", "--type", "qr_codes", "--format", "svg"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "catalog.csv").write_text(f"{SERIALS}9506000134352,A B,x\n")
    return tmp_path


def test_processes_make_the_same_bytes(folder: Path) -> None:
    assert run(folder, "labels", "catalog.csv", *QR_CODES, "--out", "one.zip").returncode == 0
    options = [*QR_CODES, "--out", "two.zip", "--jobs", "2", "--manifest", "two.csv"]
    done = run(folder, "labels", "catalog.csv", *options)
    assert done.returncode == 0, done
    size = (folder / "one.zip").stat().st_size
    assert done.stdout == f"two.zip: 1,200 labels, {size:,} bytes\n"
    assert (folder / "one.zip").read_bytes() == (folder / "two.zip").read_bytes()
    assert len((folder / "two.csv").read_text().splitlines()) == 1202


def test_a_kept_catalogue_learns_what_processes_have_printed(folder: Path) -> None:
    assert run(folder, "init", "catalog.db").returncode == 0
    assert run(folder, "import", "catalog.db", "catalog.csv").returncode == 0
    options = [*QR_CODES, "--filter", "never_printed=true", "--out", "out.zip", "--jobs", "2"]
    assert run(folder, "labels", "catalog.db", *options).returncode == 0
    again = run(folder, "labels", "catalog.db", *options)
    assert again.returncode == 1
    assert "None of the 1 items can be drawn" in again.stderr


def test_standard_input_is_read_once(folder: Path) -> None:
    said = refused(folder, "labels", "-", *QR_CODES, "--out", "out.zip", "--jobs", "2")
    assert "expected a CATALOG that is a file" in said


def test_a_selection_of_nothing_fails_and_leaves_nothing(folder: Path) -> None:
    options = [*QR_CODES, "--filter", "gtins=614141000036", "--out", "out.zip", "--jobs", "2"]
    done = run(folder, "labels", "catalog.csv", *options)
    assert done.returncode == 1
    assert "nothing to export" in done.stderr
    assert [path.name for path in folder.iterdir()] == ["catalog.csv"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_processes_leave_nothing(folder: Path, number: signal.Signals) -> None:
    rows = "".join(f"9506000134352,A,{n:05}\n" for n in range(40_000))
    (folder / "catalog.csv").write_text(f"gtin,lot,serial\n{rows}")
    (folder / "temporary").mkdir()
    process = subprocess.Popen(
        [*CLI, "labels", "catalog.csv", *QR_CODES, "--out", "out.zip", "--jobs", "2"],
        cwd=folder,
        env=NOT_MEASURED | {"TMPDIR": str(folder / "temporary")},
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 300
    while not list(folder.glob("temporary/*/*/*/*")) and time.monotonic() < deadline:
        assert process.poll() is None
        time.sleep(0.01)
    os.killpg(process.pid, number)
    _, said = process.communicate(timeout=300)
    assert process.returncode == 130, said
    assert said.splitlines()[-1] == "Interrupted; nothing half-written is left."
    assert "Traceback" not in said
    assert sorted(path.name for path in folder.iterdir()) == ["catalog.csv", "temporary"]
    assert not list((folder / "temporary").iterdir())
