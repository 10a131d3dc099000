"""The plugin as it is installed: its wheel on the path of another process."""

import csv
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

PLUGIN = Path(__file__).parents[1]
CATALOG = """gtin,lot,serial,product_name
9506000134352,KALE-117,000417,Curly kale
9506000134352,KALE #118,000419,Curly kale
9506000134352,KALE-117,../../x,Curly ^XZ kale
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What pip would put beside the library."""
    folder = tmp_path_factory.mktemp("zpl")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")]
    subprocess.run(build, cwd=PLUGIN, check=True, capture_output=True)
    [wheel] = (folder / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run(site: Path, folder: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "closient_export", *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(site), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_its_pair_is_valid_on_the_command_line(site: Path, tmp_path: Path) -> None:
    (tmp_path / "catalog.csv").write_text(CATALOG, "utf-8")
    pair = ["--scope", "serials", "--type", "zpl_labels", "--format", "zpl"]
    knobs = ["--config", "symbol=datamatrix", "--config", "dpi=300", "--config", "lines=hri,serial"]
    files = ["--out", "labels.zpl", "--manifest", "labels.csv"]
    done = run(site, tmp_path, "labels", "catalog.csv", *pair, *knobs, *files)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("labels.zpl: 2 labels, ")
    first, second = (tmp_path / "labels.zpl").read_text("ascii").splitlines()
    assert first.startswith("^XA^CI28")
    assert r"^FH\^FD#101095060001343521 0KALE-117#121000417^FS".replace(" ", "") in first
    assert r"^FDSER ../../x^FS^PQ1^XZ" in second
    with (tmp_path / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["status"] for row in rows] == ["ok", "failed", "ok"]
    assert [row["payload"][:16] for row in rows] == ["0109506000134352", "", "0109506000134352"]


def test_many_processes_make_the_same_bytes(site: Path, tmp_path: Path) -> None:
    rows = "".join(f"9506000134352,KALE-117,{n:06},Kale\n" for n in range(2500))
    (tmp_path / "catalog.csv").write_text("gtin,lot,serial,product_name\n" + rows, "utf-8")
    pair = ["--scope", "serials", "--type", "zpl_labels", "--format", "zpl"]
    for jobs in ("1", "2"):
        out = ["--out", f"{jobs}.zpl", "--jobs", jobs]
        done = run(site, tmp_path, "labels", "catalog.csv", *pair, *out)
        assert done.returncode == 0, done.stderr
    assert (tmp_path / "1.zpl").read_bytes() == (tmp_path / "2.zpl").read_bytes()


def test_it_is_listed_with_its_knobs(site: Path, tmp_path: Path) -> None:
    done = run(site, tmp_path, "renderers")
    assert done.returncode == 0, done.stderr
    assert "zpl_labels.zpl" in done.stdout
    assert "closient-export-zpl" in done.stdout
    assert "text_height_mm" in done.stdout


def test_a_bad_knob_is_named(site: Path, tmp_path: Path) -> None:
    (tmp_path / "catalog.csv").write_text(CATALOG, "utf-8")
    pair = ["--scope", "serials", "--type", "zpl_labels", "--format", "zpl"]
    done = run(
        site, tmp_path, "labels", "catalog.csv", *pair, "--config", "dpi=204", "--out", "x.zpl"
    )
    assert done.returncode == 2
    assert "asset_config.dpi: expected one of 203, 300, 600, got 204" in done.stderr
