import hashlib
import io
import zipfile
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest

from closient_export import Gtin, Lot
from closient_export.adapters.verify import verify
from closient_export.archive import ArchiveWriter, encode_member
from closient_export.compression import SMALL, STORED
from closient_export.errors import ArtifactError
from closient_export.plugins import Part, Subject, SymbolZipRenderer
from closient_export.renderers.barcodes_1d import LinearEpsRenderer
from closient_export.renderers.drawing.pdf import Attachment, Document
from closient_export.renderers.qr_codes import QrPngRenderer, QrSvgRenderer
from closient_export.renderers.sheet_pdf import SheetConfig, SheetRenderer

GTIN = Gtin.parse("9506000134352")
LOTS: list[Subject] = [Lot(gtin=GTIN, lot=lot) for lot in ("A", "=B", "#", "C/1")]


def make_zip(path: Path, renderer: SymbolZipRenderer) -> Path:
    with path.open("wb") as out:
        renderer.assemble([renderer.render_part(LOTS, renderer.config(), 0)], out)
    return path


@pytest.mark.parametrize("renderer", [QrSvgRenderer(), QrPngRenderer(), LinearEpsRenderer()])
def test_what_is_right_has_no_problem(tmp_path: Path, renderer: SymbolZipRenderer) -> None:
    findings = list(verify(make_zip(tmp_path / "a.zip", renderer)))
    assert [finding.row["index"] for finding in findings] == ["0", "1", "3"]
    assert [finding.problem for finding in findings] == [None] * 3


def rebuilt(path: Path, change: Mapping[str, bytes | None]) -> Path:
    """The archive with members changed or taken away."""
    with zipfile.ZipFile(path) as zipped:
        members = {name: zipped.read(name) for name in zipped.namelist()}
    target = path.with_suffix(".changed.zip")
    with target.open("wb") as out, ArchiveWriter(out) as archive:
        for name, data in {**members, **change}.items():
            if data is not None:
                archive.append(encode_member(name, data, STORED))
    return target


def test_another_symbol_in_a_member_is_found(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", QrPngRenderer())
    with zipfile.ZipFile(path) as zipped:
        first, second, *_ = names = zipped.namelist()
        swapped = zipped.read(second)
        text = zipped.read("manifest.csv").decode()
    (problem,) = [f.problem for f in verify(rebuilt(path, {first: swapped})) if f.problem]
    assert problem == "expected the content that the manifest has a checksum of, got another"
    # a manifest that has been adapted does not help
    sums = [line.split(",")[8] for line in text.split("\r\n")[1:3]]
    adapted = text.replace(sums[0], sums[1])
    changed = rebuilt(path, {first: swapped, "manifest.csv": adapted.encode()})
    (problem,) = [f.problem for f in verify(changed) if f.problem]
    assert problem == (
        "expected 'https://id.gs1.org/01/09506000134352/10/A' as ]Q1, read "
        "'https://id.gs1.org/01/09506000134352/10/%3DB' as ]Q1"
    )
    missing = list(verify(rebuilt(path, {first: None})))
    assert missing[0].problem == "expected a member of that name, got none"
    assert missing[0].place == f"item 0, {names[0]}"


def test_members_without_a_row_are_found(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", QrPngRenderer())
    with zipfile.ZipFile(path) as zipped:
        names = zipped.namelist()
        lines = zipped.read("manifest.csv").decode().splitlines(keepends=True)
    assert names[2] in lines[4]
    without = "".join(lines[:4]).encode()
    findings = list(verify(rebuilt(path, {"manifest.csv": without, "x.png": b""})))
    assert [(f.place, f.problem) for f in findings if f.problem] == [
        (f"member {name}", "expected a row of the manifest, got none")
        for name in (names[2], "x.png")
    ]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (b"\r\n1,", b"\r\n2,", "manifest.csv, line 3: expected item 1, got '2'"),
        (b"\r\n1,", b"\r\nx,", "manifest.csv, line 3: expected item 1, got 'x'"),
        (b",ok,", b",fine,", "manifest.csv, line 2: expected the status ok or failed, got 'fine'"),
        (b"sha256", b"md5", "its manifest.csv has no column sha256"),
        (b"9506", b"\xff506", "its manifest.csv cannot be read"),
        (b"9506", b"9" * 200_000, "its manifest.csv cannot be read"),
    ],
)
def test_a_manifest_that_is_not_whole_is_refused(
    tmp_path: Path, old: bytes, new: bytes, message: str
) -> None:
    path = make_zip(tmp_path / "a.zip", QrPngRenderer())
    with zipfile.ZipFile(path) as zipped:
        changed = zipped.read("manifest.csv").replace(old, new, 1)
    with pytest.raises(ArtifactError, match=message):
        list(verify(rebuilt(path, {"manifest.csv": changed})))


@pytest.mark.parametrize("renderer", [QrPngRenderer(), QrSvgRenderer(), LinearEpsRenderer()])
def test_members_that_are_no_pictures_are_found(
    tmp_path: Path, renderer: SymbolZipRenderer
) -> None:
    path = make_zip(tmp_path / "a.zip", renderer)
    with zipfile.ZipFile(path) as zipped:
        name, manifest = zipped.namelist()[0], zipped.read("manifest.csv").decode()
        digests = [hashlib.sha256(data).hexdigest() for data in (zipped.read(name), b"(")]
    changed = {name: b"(", "manifest.csv": manifest.replace(digests[0], digests[1]).encode()}
    first, *others = [f.problem for f in verify(rebuilt(path, changed))]
    assert first is not None
    assert first.startswith("the member cannot be drawn")
    assert others == [None, None]


def test_members_that_cannot_be_unpacked_are_found(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", QrPngRenderer())
    whole = path.read_bytes()
    entry = whole.index(b"PK\1\2")
    # that it is encrypted, and that it is compressed by a method that does not exist
    for offset, value in ((8, 1), (10, 77)):
        changed = bytearray(whole)
        changed[entry + offset] = value
        path.write_bytes(changed)
        first, *others = [finding.problem for finding in verify(path)]
        assert first is not None
        assert first.startswith("the member cannot be read: ")
        assert others == [None, None]


def test_another_symbology_is_found(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", QrPngRenderer())
    with zipfile.ZipFile(path) as zipped:
        manifest = zipped.read("manifest.csv").replace(b",QR ", b",GS1 DataMatrix ", 1)
    first, *others = [f.problem for f in verify(rebuilt(path, {"manifest.csv": manifest}))]
    assert first is not None
    assert "as ]d2, read" in first
    assert first.endswith("as ]Q1")
    assert others == [None, None]


def test_a_blank_label_is_found(tmp_path: Path) -> None:
    from PIL import Image  # noqa: PLC0415

    path = make_zip(tmp_path / "a.zip", QrPngRenderer())
    blank = io.BytesIO()
    Image.new("L", (200, 200), 255).save(blank, "png")
    name = zipfile.ZipFile(path).namelist()[0]
    findings = [f.problem for f in verify(rebuilt(path, {name: blank.getvalue()}))]
    assert findings[0] is not None
    assert findings[1:] == [None, None]


def test_labels_that_have_changed_places_on_a_sheet_are_found(tmp_path: Path) -> None:
    renderer = SheetRenderer()
    part = renderer.render_part(LOTS, SheetConfig(), 0)
    right, wrong = tmp_path / "right.pdf", tmp_path / "wrong.pdf"
    with right.open("wb") as out:
        renderer.assemble([part], out)
    assert [finding.problem for finding in verify(right)] == [None] * 3
    config, used, *pieces = part.body
    pieces[0], pieces[2] = pieces[2], pieces[0]
    swapped: Part = attrs.evolve(part, body=(config, used, *pieces))
    with wrong.open("wb") as out:
        renderer.assemble([swapped], out)
    findings = list(verify(wrong))
    assert [finding.problem is None for finding in findings] == [False, False, True]
    assert findings[0].place == "item 0, page 1, row 1, column 1"


@pytest.mark.parametrize(
    "corrections",
    [
        {"scale_y": 0.98, "scale_x": 0.95},
        {"offset_x_mm": -3.0, "offset_y_mm": 5.0, "label_margin_mm": 0.0},
        {"rotation_deg": 5.0},
        {"rotation_deg": -2.0, "scale_y": 1.02, "offset_y_mm": 4.0},
    ],
)
def test_corrections_for_the_printer_are_no_fault(
    tmp_path: Path, corrections: dict[str, Any]
) -> None:
    renderer = SheetRenderer()
    config = SheetConfig(
        sheet_template="80up_1in_square_letter", symbol="datamatrix", **corrections
    )
    lots = [Lot(gtin=GTIN, lot=f"L{number}") for number in range(80)]
    with (tmp_path / "a.pdf").open("wb") as out:
        renderer.assemble([renderer.render_part(lots, config, 0)], out)
    assert [finding.problem for finding in verify(tmp_path / "a.pdf")] == [None] * 80


def test_places_that_are_none_are_found(tmp_path: Path) -> None:
    places = {
        "nan": "expected a place on the page, got another",
        "": "expected the place of a label, got none",
        "1e9": "expected a place on the page, got another",
    }
    for place, problem in places.items():
        path = tmp_path / "a.pdf"
        path.write_bytes(sheet_with_manifest(f"0,1,1,1,1,1,{place},9,x,QR Code,ok"))
        assert [finding.problem for finding in verify(path)] == [problem]
    path.write_bytes(sheet_with_manifest("0,99,1,1,1,1,9,9,x,QR Code,ok"))
    problems = [finding.problem for finding in verify(path)]
    assert problems == [
        "expected a page, got none", "expected a row of the manifest, got none",
    ]  # fmt: skip


def sheet_with_manifest(row: str) -> bytes:
    """An empty sheet with a manifest of one row."""
    header = "index,page,row,column,left_mm,top_mm,right_mm,bottom_mm,payload,symbol,status"
    plain = f"{header}\r\n{row}\r\n".encode()
    packed = zlib.compress(plain)
    out = io.BytesIO()
    document = Document(out, width_mm=100, height_mm=100, recipe=SMALL)
    document.page([])
    document.finish({}, Attachment("manifest.csv", iter([packed]), len(packed), len(plain)))
    return out.getvalue()


def test_pages_without_a_row_are_found(tmp_path: Path) -> None:
    import pypdfium2  # noqa: PLC0415

    renderer = SheetRenderer()
    with (tmp_path / "a.pdf").open("wb") as out:
        renderer.assemble([renderer.render_part(LOTS, SheetConfig(), 0)], out)
    document = pypdfium2.PdfDocument(tmp_path / "a.pdf")
    document.new_page(612, 792)
    document.save(tmp_path / "b.pdf")
    last = list(verify(tmp_path / "b.pdf"))[-1]
    assert (last.place, last.problem) == ("page 2", "expected a row of the manifest, got none")


def test_a_calibration_page_needs_no_row(tmp_path: Path) -> None:
    renderer, config = SheetRenderer(), SheetConfig(calibration_page=True)
    with (tmp_path / "a.pdf").open("wb") as out:
        renderer.assemble([renderer.render_part(LOTS, config, 0)], out)
    findings = list(verify(tmp_path / "a.pdf"))
    assert [finding.row["page"] for finding in findings] == ["2"] * 3
    assert not any(finding.problem for finding in findings)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "x: expected a ZIP or a PDF"),
        (b"GIF89a", "x: expected a ZIP or a PDF"),
        (b"PK\x03\x04", "x: expected a ZIP with a manifest.csv: File is not a zip file"),
        (b"%PDF-1.7\n", "x: not a PDF that can be read"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "x"
    path.write_bytes(data)
    with pytest.raises(ArtifactError, match=message):
        list(verify(path))


def test_other_archives_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as zipped:
        zipped.writestr("manifest.csv", "a,b\n1,2\n")
    with pytest.raises(ArtifactError, match=r"its manifest\.csv has no column"):
        list(verify(path))
    with zipfile.ZipFile(path, "w") as zipped:
        zipped.writestr("a.txt", "")
    with pytest.raises(ArtifactError, match=r"expected a ZIP with a manifest\.csv"):
        list(verify(path))
