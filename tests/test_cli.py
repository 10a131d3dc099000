import contextlib
import csv
import io
import os
import pty
import signal
import subprocess
import sys
import textwrap
import zipfile
from pathlib import Path

import pytest
from PIL import Image
from readers import rasterise_svg, read_qr_codes

from closient_export import digital_link, parse_digital_link

CLI = [sys.executable, "-m", "closient_export"]
# A process that is killed or may not write cannot report its coverage either.
NOT_MEASURED = {name: value for name, value in os.environ.items() if "COV" not in name}
LOTS_SVG = ["--scope", "lots", "--type", "qr_codes", "--format", "svg", "--out", "out.zip"]
GOOD = "gtin,lot,serial\n9506000134352,A,\n9506000134352,A,1\n"


def run(
    folder: Path, *arguments: str | Path, stdin: bytes | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*CLI, *arguments],
        cwd=folder,
        input=None if stdin is None else stdin.decode("latin-1"),
        capture_output=True,
        text=True,
        encoding="latin-1" if stdin is not None else None,
        check=False,
    )


def refused(folder: Path, *arguments: str | Path) -> str:
    """What the command line says to bad input; it must exit with 2 and leave nothing behind."""
    before = sorted(folder.rglob("*"))
    done = run(folder, *arguments)
    assert done.returncode == 2, done
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    assert sorted(folder.rglob("*")) == before
    return done.stderr.strip().splitlines()[-1]


# artifact: labels made, items that cannot be drawn
DEMO = {
    "lots-qr_codes-png.zip": (41, 1),
    "serials-qr_codes-svg.zip": (218, 6),
    "serials-datamatrix-svg.zip": (218, 6),
    "lots-datamatrix-png.zip": (41, 1),
    "lots-barcodes_1d-svg.zip": (41, 1),
    "lots-barcodes_1d-eps.zip": (41, 1),
    "lots-codes_combined-svg.zip": (41, 1),
    "serials-sheet_pdf-pdf.pdf": (218, 6),
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    done = run(folder, "demo", "--out", "made")
    assert done.returncode == 0, done
    made = folder / "made"
    assert done.stdout.splitlines() == [
        f"made/{name}: {labels} labels, {(made / name).stat().st_size:,} bytes"
        for name, (labels, _) in DEMO.items()
    ] + ["made/lot.xlsx: 12 lots, 46 rows", "made/lot.svg: the lots' genealogy"]
    return made


@pytest.mark.parametrize("name", DEMO)
def test_every_symbol_of_the_demo_is_read_back(demo: Path, name: str) -> None:
    done = run(demo, "verify", name)
    assert done.returncode == 0, done
    symbols = DEMO[name][0] * (2 if "combined" in name else 1)
    assert done.stdout == f"{name}: {symbols} symbols read back, all right\n"


@pytest.mark.parametrize("name", ["lots-qr_codes-png.zip", "serials-qr_codes-svg.zip"])
def test_every_qr_code_of_the_demo_says_its_digital_link(demo: Path, name: str) -> None:
    with zipfile.ZipFile(demo / name) as zipped:
        rows = list(csv.DictReader(io.StringIO(zipped.read("manifest.csv").decode())))
        made = [row for row in rows if row["status"] == "ok"]
        assert (len(made), len(rows) - len(made)) == DEMO[name]
        for row in made:
            data = zipped.read(row["member"])
            png = name.endswith("png.zip")
            image = Image.open(io.BytesIO(data)) if png else rasterise_svg(data, dpi=300)
            assert read_qr_codes(image) == [(row["payload"], "]Q1")]
            elements = parse_digital_link(row["payload"])
            assert digital_link(elements) == row["payload"]
            assert elements.get("01") == row["gtin"]
            assert elements.get("10") == row["lot"]
            assert elements.get("21") == (row["serial"] or None)


def test_demo_archives_open_with_other_programs(demo: Path) -> None:
    for path in demo.glob("*.zip"):
        subprocess.run(["unzip", "-tqq", path], check=True)
        subprocess.run(["bsdtar", "-tf", path], check=True, capture_output=True)


def test_labels_from_a_file_and_from_standard_input_are_the_same(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(GOOD)
    done = run(tmp_path, "labels", "c.csv", *LOTS_SVG)
    assert done.returncode == 0, done
    first = (tmp_path / "out.zip").read_bytes()
    assert done.stdout == f"out.zip: 1 label, {len(first):,} bytes\n"
    assert done.stderr == "1 of 2 rows selected\n1 of 1 done\n"
    (tmp_path / "out.zip").unlink()
    assert run(tmp_path, "labels", "-", *LOTS_SVG, stdin=GOOD.encode()).returncode == 0
    assert (tmp_path / "out.zip").read_bytes() == first
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c.csv", "out.zip"]


def test_filters_and_knobs(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("gtin,lot\n9506000134352,A\n614141000036,B\n")
    options = ["--filter", "gtins=614141000036", "--filter", "never_printed=true"]
    knobs = [
        "--config",
        "digital_link_stem=https://example.com/x",
        "--config",
        "x_dimension_mm=0.5",
    ]
    done = run(tmp_path, "labels", "c.csv", *LOTS_SVG, *options, *knobs)
    assert done.returncode == 0, done
    with zipfile.ZipFile(tmp_path / "out.zip") as zipped:
        row = next(csv.DictReader(io.StringIO(zipped.read("manifest.csv").decode())))
        assert row["payload"] == "https://example.com/x/01/00614141000036/10/B"
        assert row["width_mm"] == f"{(int(row['symbol'].split('x')[-1]) + 8) * 0.5:.3f}"


BAD_CATALOGS = {
    "unknown column": (
        b"gtin,lot,colour\n",
        "line 1: unknown column 'colour', expected some of gtin",
    ),
    "missing column": (b"gtin,serial\n", "line 1: missing column 'lot', which scope 'lots' needs"),
    "wrong check digit": (
        b"gtin,lot\n9506000134352,A\n9506000134353,B\n",
        "line 3 (row 2): gtin (01) '9506000134353': expected check digit 2, got 3",
    ),
    "not UTF-8": (b"gtin,lot\n9506000134352,\xe9\n", "line 2: not UTF-8: byte 0xe9"),
    "empty file": (b"", "c.csv is empty: expected a header row with gtin, lot"),
}


@pytest.mark.parametrize("case", BAD_CATALOGS)
def test_bad_catalogs_are_refused(tmp_path: Path, case: str) -> None:
    data, message = BAD_CATALOGS[case]
    (tmp_path / "c.csv").write_bytes(data)
    assert message in refused(tmp_path, "labels", "c.csv", *LOTS_SVG)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            ["--format", "eps"],
            "Error: file_format: expected one of png, svg for export_type 'qr_codes', got 'eps'",
        ),
        (
            ["--type", "stickers"],
            "got 'stickers'",
        ),
        (
            ["--scope", "products"],
            "Error: scope: expected 'lots' or 'serials', which qr_codes.svg supports, got 'products'",
        ),
        (
            ["--filter", "colour=red"],
            "Error: filters.colour: unknown key, expected one of gtins, product_id, lot_ids, "
            "serial_ids, lot_run_id, never_printed",
        ),
        (
            ["--filter", "never_printed=maybe"],
            "Error: filters.never_printed: expected true or false, got 'maybe'",
        ),
        (
            ["--config", "x_dimension_mm=wide"],
            "Error: asset_config.x_dimension_mm: expected a number, got 'wide'",
        ),
        (
            ["--filter", "gtins"],
            "Error: Invalid value for '--filter': expected NAME=VALUE, got 'gtins'",
        ),
        (
            ["--config", "dpi=1", "--config", "dpi=2"],
            "Error: Invalid value for '--config': 'dpi' is given twice",
        ),
        (["--out", "nowhere/out.zip"], "nowhere/out.zip: No such file or directory"),
        (["--out", "c.csv"], "'--out': expected another file than that of CATALOG"),
        (["--manifest", "./c.csv"], "'--manifest': expected another file than that of CATALOG"),
        (["--manifest", "out.zip"], "'--manifest': expected another file than that of --out"),
        (["--out", "-"], "'--out': expected a file"),
        (["--out", "."], "expected a regular file or none"),
        (["--out", "/dev/null"], "/dev/null: expected a regular file or none"),
        (
            ["--prefer", "qr_codes.svg=acme"],
            "Error: qr_codes.svg is preferred from acme, but registered by closient-export",
        ),
    ],
)
def test_bad_usage_is_refused(tmp_path: Path, change: list[str], message: str) -> None:
    (tmp_path / "c.csv").write_text(GOOD)
    assert message in refused(tmp_path, "labels", "c.csv", *LOTS_SVG, *change)


def test_missing_catalog_is_refused(tmp_path: Path) -> None:
    assert (
        refused(tmp_path, "labels", "c.csv", *LOTS_SVG) == "Error: c.csv: No such file or directory"
    )


def test_a_job_that_fails_leaves_what_was_there(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("gtin,lot\n9506000134352,A#1\n")
    (tmp_path / "out.zip").write_text("before")
    done = run(tmp_path, "labels", "c.csv", *LOTS_SVG)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "Failed: None of the 1 items can be drawn; the first: (10): expected a character of GS1 "
        "character set 82, got '#' at character 2"
    )
    assert (tmp_path / "out.zip").read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c.csv", "out.zip"]


def test_filters_that_select_nothing_fail(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(GOOD)
    done = run(tmp_path, "labels", "c.csv", *LOTS_SVG, "--filter", "gtins=614141000036")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "Failed: nothing to export: of 2 rows, scope 'lots' takes those with a lot and no serial "
        "and the filters"
    )


def test_a_full_disk_leaves_nothing_behind(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(
        "gtin,lot\n" + "".join(f"9506000134352,{n}\n" for n in range(50))
    )
    limit = "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (9999, 9999)); "
    code = limit + "from closient_export.__main__ import main; main()"
    command = [sys.executable, "-c", code, "labels", "c.csv", *LOTS_SVG]
    done = subprocess.run(
        command, cwd=tmp_path, env=NOT_MEASURED, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2, done
    assert "File too large" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["c.csv"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_killed_half_way_nothing_half_written_has_the_name(tmp_path: Path, number: int) -> None:
    (tmp_path / "c.csv").write_text(
        "gtin,lot\n" + "".join(f"9506000134352,{n}\n" for n in range(60_000))
    )
    process = subprocess.Popen(
        [*CLI, "labels", "c.csv", *LOTS_SVG],
        cwd=tmp_path,
        env=NOT_MEASURED,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stderr is not None
        assert any(" done" in line for line in process.stderr)
        process.send_signal(number)
        rest = process.stderr.read()
    left = sorted(path.name for path in tmp_path.iterdir())
    if number == signal.SIGKILL:
        assert all(name == "c.csv" or name.endswith(".partial") for name in left)
        return
    assert process.returncode == 130
    assert rest.splitlines()[-1] == "Interrupted; nothing half-written is left."
    assert left == ["c.csv"]


PAIRS = (
    ("qr_codes", "svg"),
    ("qr_codes", "png"),
    ("datamatrix", "svg"),
    ("datamatrix", "png"),
    ("barcodes_1d", "svg"),
    ("barcodes_1d", "eps"),
    ("codes_combined", "svg"),
    ("sheet_pdf", "pdf"),
)


def test_same_input_same_bytes_whatever_the_surroundings(tmp_path: Path) -> None:
    lines = [
        f"9506000134352,L{n},{serial}" for n in range(9) for serial in ("", "1", "=x", "../..")
    ]
    (tmp_path / "c.csv").write_text("\n".join(["gtin,lot,serial", *lines]))
    late = "import time; time.time = lambda: 4e9; from closient_export.__main__ import main; main()"
    for export_type, file_format in PAIRS:
        made = []
        for seed, zone, start in (
            ("1", "UTC", CLI),
            ("2", "Asia/Kolkata", [sys.executable, "-c", late]),
        ):
            options = [
                "--scope",
                "serials",
                "--type",
                export_type,
                "--format",
                file_format,
                "--out",
                f"{seed}.zip",
            ]
            environment = os.environ | {"PYTHONHASHSEED": seed, "TZ": zone, "LC_ALL": "C"}
            command = [*start, "labels", "c.csv", *options]
            subprocess.run(command, cwd=tmp_path, env=environment, check=True, capture_output=True)
            made.append((tmp_path / f"{seed}.zip").read_bytes())
        assert made[0] == made[1]


def test_renderers_are_listed_with_their_knobs(tmp_path: Path) -> None:
    done = run(tmp_path, "renderers")
    assert done.returncode == 0
    assert "qr_codes.png  closient-export " in done.stdout
    assert (
        "    --config dpi=300\n"
        "        72 to 2400 dots to the inch: Of the printer, in dots to the inch.\n"
    ) in done.stdout
    assert "    --config error_correction=M\n        L, M, Q, H: Of QR Codes.\n" in done.stdout
    assert "\n\nTrace writers:\n\n" in done.stdout
    assert done.stdout.endswith("    --out FILE.xlsx\n")


def add_plugin(folder: Path, entry_points: str, module: str = "") -> None:
    """Have a distribution acme-labels there, which is found from that folder alone."""
    plugin = folder / "acme_labels-1.dist-info"
    plugin.mkdir()
    (plugin / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-labels\nVersion: 1\n")
    (plugin / "entry_points.txt").write_text(textwrap.dedent(entry_points))
    (folder / "acme_labels.py").write_text(textwrap.dedent(module))


ACME = """
    from attrs import field, frozen, validators
    from closient_export.plugins import RenderError, SymbolZipRenderer

    @frozen(kw_only=True)
    class TagConfig:
        width_mm: float = field(default=60.0, validator=validators.ge(50))
        stock: str = field(default="A", validator=validators.in_(["A", "B"]))
        \"\"\"What is in the
        ``printer``.\"\"\"

    class Tag(SymbolZipRenderer):
        config = TagConfig
        member_extension = "txt"

        def draw(self, subject, config):
            return self.words_of(subject)

        def words_of(self, subject):
            raise LookupError("no word for KALE-117")

    class Nameless(SymbolZipRenderer):
        def draw(self, subject, config):
            return b""

    class Rows:
        api_version = 1
        media_type = "application/jsonl"
        extension = "jsonl"

        def write(self, report, out):
            out.write(b"{}")

    class Hasty(Rows):
        extension = "hst"

        def write(self, report, out):
            self.flush_all()
    """
ACME_POINTS = """
    [closient_export.renderers]
    tags.txt = acme_labels:Tag
    tags.svg = acme_labels:Nameless
    dotless = acme_labels:Tag
    [closient_export.trace_writers]
    rows = acme_labels:Rows
    hasty = acme_labels:Hasty
    JSON = acme_labels:Rows
    """


def test_of_plugins_is_listed_what_is_known_and_what_is_broken(tmp_path: Path) -> None:
    add_plugin(tmp_path, ACME_POINTS, ACME)
    done = run(tmp_path, "renderers")
    assert done.returncode == 0, done
    expected = r"""
        tags.svg  acme-labels 1
            broken: the renderer acme_labels:Nameless of acme-labels, registered for tags.svg, is \
        not a renderer: it has no member_extension
        tags.txt  acme-labels 1
            scopes: lots, serials
            --config width_mm=60.0
                at least 50
            --config stock=A
                text: What is in the printer.
        dotless  acme-labels 1
            broken: expected <export_type>.<file_format>, each a word of lower-case letters, digits \
        and '_', got 'dotless'

        Trace writers:

        hasty  acme-labels 1
            --out FILE.hst
        rows  acme-labels 1
            --out FILE.jsonl
        xlsx  closient-export 0.1.0.dev0
            --out FILE.xlsx
        JSON  acme-labels 1
            broken: expected a format, a word of lower-case letters, digits and '_', got 'JSON'
        """
    wanted = textwrap.dedent(expected.replace("\\\n        ", "")).lstrip()
    assert done.stdout[done.stdout.index("tags.svg") :] == wanted
    prefer = ["--prefer", "tags.txt=acme-labels", "--prefer", "rows=acme-labels"]
    assert run(tmp_path, "renderers", *prefer).stdout == done.stdout
    wrong = run(tmp_path, "renderers", "--prefer", "columns=acme-labels")
    assert wrong.returncode == 2
    assert "Error: cannot prefer a trace writer for columns: expected one of" in wrong.stderr


TAGS = ["--scope", "lots", "--type", "tags", "--format", "txt", "--out", "tags.zip"]


def test_a_validator_of_attrs_is_told_in_plain_words(tmp_path: Path) -> None:
    add_plugin(tmp_path, ACME_POINTS, ACME)
    (tmp_path / "c.csv").write_text(GOOD)
    done = run(tmp_path, "labels", "c.csv", *TAGS, "--config", "width_mm=10", "--config", "stock=C")
    assert done.returncode == 2
    assert done.stderr == (
        "Error: asset_config.width_mm: expected at least 50, got 10.0\n"
        "asset_config.stock: expected one of A, B, got 'C'\n"
    )


@pytest.mark.parametrize("jobs", [[], ["--jobs", "2"]], ids=["one", "two"])
def test_where_a_renderer_failed_is_told_to_those_who_ask(tmp_path: Path, jobs: list[str]) -> None:
    add_plugin(tmp_path, ACME_POINTS, ACME)
    (tmp_path / "c.csv").write_text(GOOD)
    done = run(tmp_path, "labels", "c.csv", *TAGS, *jobs)
    assert done.returncode == 1
    assert done.stderr.endswith(
        "Failed: The renderer tags.txt failed on one of the items 0 to 0.\n"
    )
    assert "Traceback" not in done.stderr
    told = run(tmp_path, "labels", "c.csv", *TAGS, *jobs, "--traceback")
    assert told.returncode == 1
    assert "Traceback (most recent call last)" in told.stderr
    assert 'acme_labels.py", line 20, in words_of' in told.stderr
    assert "LookupError: no word for KALE-117" in told.stderr
    assert told.stderr.splitlines()[-1] == done.stderr.splitlines()[-1]


def test_where_a_plugin_could_not_be_loaded_is_told_to_those_who_ask(tmp_path: Path) -> None:
    add_plugin(tmp_path, ACME_POINTS, "import no_such_module")
    (tmp_path / "c.csv").write_text(GOOD)
    done = run(tmp_path, "labels", "c.csv", *TAGS, "--traceback")
    assert done.returncode == 2
    assert 'acme_labels.py", line 1, in <module>' in done.stderr
    assert done.stderr.splitlines()[-1].startswith("Error: the renderer acme_labels:Tag")


def test_without_its_libraries_the_command_line_says_what_to_install(tmp_path: Path) -> None:
    code = (
        "import sys; sys.modules['click'] = None; from closient_export.__main__ import main; main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert (
        done.stderr == "The command line needs click and rich: pip install 'closient-export[cli]'\n"
    )


def test_a_terminal_gets_a_progress_bar(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(GOOD)
    here, there = pty.openpty()
    command = [*CLI, "labels", "c.csv", *LOTS_SVG]
    with subprocess.Popen(command, cwd=tmp_path, stdout=there, stderr=there) as process:
        os.close(there)
        seen = b""
        # Linux ends the reading of a terminal that nobody writes to any more with an error.
        with contextlib.suppress(OSError):
            while chunk := os.read(here, 4096):
                seen += chunk
    os.close(here)
    assert process.returncode == 0
    assert "━" in seen.decode()
    assert "1/1" in seen.decode()


def test_a_pair_that_is_claimed_twice(tmp_path: Path) -> None:
    add_plugin(
        tmp_path,
        """
        [closient_export.renderers]
        qr_codes.svg = closient_export.renderers.qr_codes:QrSvgRenderer
        no pair = closient_export.renderers.qr_codes:QrSvgRenderer
        """,
    )
    (tmp_path / "c.csv").write_text(GOOD)
    done = run(tmp_path, "labels", "c.csv", *LOTS_SVG)
    assert done.returncode == 2
    assert "qr_codes.svg is registered by acme-labels and closient-export: uninstall" in done.stderr
    prefer = ["--prefer", "qr_codes.svg=acme-labels"]
    assert run(tmp_path, "labels", "c.csv", *LOTS_SVG, *prefer).returncode == 0
    listed = run(tmp_path, "renderers", *prefer).stdout
    assert "qr_codes.svg  closient-export 0.1.0.dev0\n    not preferred\n" in listed
    assert "broken: qr_codes.svg is registered by" in run(tmp_path, "renderers").stdout


def test_verify_says_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(GOOD)
    assert run(tmp_path, "labels", "c.csv", *LOTS_SVG).returncode == 0
    with zipfile.ZipFile(tmp_path / "out.zip", "a") as zipped:
        name = zipped.namelist()[0]
        with pytest.warns(UserWarning, match="Duplicate name"):
            zipped.writestr(name, b"<svg/>")
    done = run(tmp_path, "verify", "out.zip")
    assert done.returncode == 1
    assert done.stdout.startswith(f"item 0, {name}: expected the content that the manifest")
    assert done.stderr == "Failed: out.zip: 2 of 2 symbols wrong\n"
    assert refused(tmp_path, "verify", "c.csv") == "Error: c.csv: expected a ZIP or a PDF"


def test_templates_are_listed(tmp_path: Path) -> None:
    lines = run(tmp_path, "templates").stdout.splitlines()
    assert len(lines) == 24
    assert lines[0] == "63up_1in_letter: 63 labels, 25.4 x 25.4 mm, round  (OL1025, SL114)"


def test_the_manifest_beside_the_artifact(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(GOOD)
    done = run(tmp_path, "labels", "c.csv", *LOTS_SVG, "--manifest", "m.csv")
    assert done.returncode == 0, done
    with zipfile.ZipFile(tmp_path / "out.zip") as zipped:
        assert zipped.read("manifest.csv") == (tmp_path / "m.csv").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "meant"),
    [
        (["--type", "qr_code", "--format", "svg"], "qr_codes"),
        (["--type", "QR-Codes", "--format", "svg"], "qr_codes"),
        (["--type", "qr_codes", "--format", "svgg"], "svg"),
        (
            ["--type", "qr_codes", "--format", "svg", "--config", "xdimension_mm=1"],
            "x_dimension_mm",
        ),
        (["--type", "qr_codes", "--format", "svg", "--config", "error_correction=m"], "M"),
        (["--type", "qr_codes", "--format", "svg", "--filter", "gtin=1"], "gtins"),
        (
            ["--type", "sheet_pdf", "--format", "pdf", "--config", "sheet_template=avery_5106"],
            "avery_5160",
        ),
        (["--type", "sheet_pdf", "--format", "pdf", "--config", "sheet_template=5106"], "5160"),
    ],
)
def test_what_was_perhaps_meant_is_said_in_the_same_sentence(
    arguments: list[str], meant: str, tmp_path: Path
) -> None:
    (tmp_path / "catalog.csv").write_text("gtin,lot\n9506000134352,A\n")
    known = ["labels", "catalog.csv", "--scope", "lots", "--out", "out"]
    done = run(tmp_path, *known, *arguments)
    assert done.returncode == 2, done
    assert done.stderr.rstrip().endswith(f"; did you mean '{meant}'?")
    assert not (tmp_path / "out").exists()
