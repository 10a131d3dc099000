"""Reads back what was made with an independent reader, and compares it with the manifest.

zxing-cpp decodes; librsvg and Ghostscript draw SVG and EPS, PDFium draws PDF. Needs the extra
``verify``, and the programs ``rsvg-convert`` for SVG and ``gs`` for EPS.
"""

import csv
import hashlib
import io
import shutil
import subprocess
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby, islice
from pathlib import Path
from typing import Any

from attrs import frozen

from closient_export.errors import ArtifactError
from closient_export.plugins import csv_value

__all__ = ["Finding", "verify"]

_DPI = 300
_AHEAD = 64
"""How many files are drawn at once and ahead."""
_MARGIN_MM = 1.0
"""Around a label that is cut out of its page: a printer's offset does not hide the symbol."""
_PROGRAM_SECONDS = 60
_UNNAMED = "expected a row of the manifest, got none"
_IDENTIFIERS = {
    "QR": ("]Q1",),
    "GS1 DataMatrix": ("]d2",),
    "GS1-128": ("]C1",),
    "EAN-13": ("]E0",),
    "UPC-A": ("]E0",),
    "EAN-8": ("]E4",),
    "ITF-14": ("]I0", "]I1"),
}
"""How readers name a symbol, by the start of its name in the manifest."""


@frozen
class Finding:
    """What became of one row of the manifest."""

    row: Mapping[str, str]
    """The row; only ``member`` or ``page`` of what no row of the manifest names."""
    problem: str | None
    """What is wrong; ``None`` if the symbol says what the manifest says."""

    @property
    def place(self) -> str:
        """Where the row's symbol is, for people."""
        if "index" not in self.row:
            return ", ".join(f"{column} {cell}" for column, cell in self.row.items())
        index = f"item {self.row['index']}"
        if self.row.get("page"):
            row, column = self.row["row"], self.row["column"]
            return f"{index}, page {self.row['page']}, row {row}, column {column}"
        return f"{index}, {self.row['member']}" if self.row.get("member") else index


def verify(path: Path) -> Iterator[Finding]:
    """Read back every symbol of a ZIP or PDF that a renderer of this library has made.

    Items that could not be drawn have no symbol and no finding.

    Raises:
        ArtifactError: it is not such a file, or a program that draws it is missing.
    """
    with path.open("rb") as file:
        start = file.read(5)
    if start.startswith(b"PK"):
        return _verify_zip(path)
    if start == b"%PDF-":
        return _verify_pdf(path)
    raise ArtifactError(f"{path.name}: expected a ZIP or a PDF")


def _rows(text: io.TextIOBase, name: str) -> Iterator[dict[str, str]]:
    reader = csv.DictReader(text)
    if not {"index", "payload", "symbol", "status"} <= set(reader.fieldnames or ()):
        raise ArtifactError(f"{name}: its manifest.csv is none of a label export")
    for row in reader:
        if row["status"] == "ok":
            yield {column: csv_value(cell or "") for column, cell in row.items() if column}


def _verify_zip(path: Path) -> Iterator[Finding]:
    try:
        with zipfile.ZipFile(path) as zipped, zipped.open("manifest.csv") as manifest:
            unnamed = Counter(zipped.namelist())
            unnamed["manifest.csv"] -= 1
            rows = _rows(io.TextIOWrapper(manifest, "utf-8", newline=""), path.name)
            for finding in _in_parallel(
                rows, lambda row: _member_finding(row, *_member(zipped, row))
            ):
                unnamed[finding.row["member"]] -= 1
                yield finding
            for name, count in unnamed.items():
                if count > 0:
                    yield Finding({"member": name}, _UNNAMED)
    except (zipfile.BadZipFile, KeyError) as error:
        raise ArtifactError(f"{path.name}: expected a ZIP with a manifest.csv: {error}") from error


def _member(zipped: zipfile.ZipFile, row: Mapping[str, str]) -> tuple[bytes, str | None]:
    try:
        data = zipped.read(row["member"])
    except KeyError:
        return b"", "expected a member of that name, got none"
    except zipfile.BadZipFile as error:
        return b"", f"the member cannot be read: {error}"
    if hashlib.sha256(data).hexdigest() != row["sha256"]:
        return data, "expected the content that the manifest has a checksum of, got another"
    return data, None


def _in_parallel(
    rows: Iterator[dict[str, str]], check: Callable[[dict[str, str]], Finding]
) -> Iterator[Finding]:
    """Check rows on several processors, in order, a bounded number at a time."""
    with ThreadPoolExecutor() as pool:
        while batch := list(islice(rows, _AHEAD)):
            yield from pool.map(check, batch)


def _member_finding(row: Mapping[str, str], data: bytes, problem: str | None) -> Finding:
    if problem is None:
        kind = row["member"].rpartition(".")[2]
        if kind not in _DRAW:
            problem = f"expected a file that can be drawn, one of {', '.join(_DRAW)}, got {kind}"
        else:
            problem = _compare(row, _DRAW[kind](data))
    return Finding(row, problem)


def _compare(row: Mapping[str, str], image: Any) -> str | None:
    import zxingcpp  # noqa: PLC0415 - of the extra

    expected = next(
        (ids for name, ids in _IDENTIFIERS.items() if row["symbol"].startswith(name)), ()
    )
    found = [
        (code.bytes.decode("utf-8", "backslashreplace"), code.symbology_identifier)
        for code in zxingcpp.read_barcodes(image)
    ]
    if [(text, True) for text in (row["payload"],)] == [(t, i in expected) for t, i in found]:
        return None
    read = ", ".join(f"{text!r} as {identifier}" for text, identifier in found) or "nothing"
    return f"expected {row['payload']!r} as {' or '.join(expected) or 'a symbol'}, read {read}"


def _png(data: bytes) -> Any:
    from PIL import Image  # noqa: PLC0415 - of the extra

    return Image.open(io.BytesIO(data)).convert("L")


def _svg(data: bytes) -> Any:
    options = (f"--dpi-x={_DPI}", f"--dpi-y={_DPI}", "--background-color=white")
    return _png(_run("rsvg-convert", *options, data=data))


def _eps(data: bytes) -> Any:
    options = ["-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", "-dEPSCrop", "-sDEVICE=pnggray"]
    return _png(_run("gs", *options, f"-r{_DPI}", "-sOutputFile=-", "-", data=data))


_DRAW: Mapping[str, Callable[[bytes], Any]] = {"png": _png, "svg": _svg, "eps": _eps}


def _run(program: str, *options: str, data: bytes) -> bytes:
    if shutil.which(program) is None:
        raise ArtifactError(f"the program {program} is needed to draw this artifact")
    done = subprocess.run(  # noqa: S603 - a fixed program and fixed options
        [program, *options], input=data, capture_output=True, check=False, timeout=_PROGRAM_SECONDS
    )
    if done.returncode:
        raise ArtifactError(f"{program} cannot draw a file of this artifact")
    return done.stdout


def _verify_pdf(path: Path) -> Iterator[Finding]:
    import pypdfium2  # noqa: PLC0415 - of the extra

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        raise ArtifactError(f"{path.name}: not a PDF that can be read: {error}") from error
    try:
        manifest = _attached(document, path.name)
        rows = _rows(io.StringIO(manifest, newline=""), path.name)
        unnamed = set(range(1, len(document) + 1))
        for page, labels in groupby(rows, key=lambda row: int(row["page"])):
            unnamed.discard(page)
            image = document[page - 1].render(scale=_DPI / 72, grayscale=True).to_pil()
            for row in labels:
                yield Finding(row, _compare(row, image.crop(_box(row))))
        for page in sorted(unnamed):
            yield Finding({"page": str(page)}, _UNNAMED)
    finally:
        document.close()


def _attached(document: Any, name: str) -> str:
    for index in range(document.count_attachments()):
        attachment = document.get_attachment(index)
        if attachment.get_name() == "manifest.csv":
            return bytes(attachment.get_data()).decode("utf-8")
    raise ArtifactError(f"{name}: expected a PDF with an attached manifest.csv")


def _box(row: Mapping[str, str]) -> tuple[int, ...]:
    """The label on its page, in pixels."""
    signs = {"left_mm": -1, "top_mm": -1, "right_mm": 1, "bottom_mm": 1}
    return tuple(
        round((float(row[edge]) + sign * _MARGIN_MM) * _DPI / 25.4) for edge, sign in signs.items()
    )
