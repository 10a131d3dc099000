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
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby, islice
from pathlib import Path
from typing import Any, NamedTuple

from attrs import frozen

from closient_export.errors import ArtifactError, shown
from closient_export.manifests import csv_value

__all__ = ["Finding", "verify"]

_RESOLUTIONS = (300, 600)
"""In dpi."""
_AHEAD = 64
"""How many files are drawn at once and ahead."""
_AROUND_MM = 5.0
"""What is cut out of a page with a label, which may be turned by a printer's correction."""
_RUN_SECONDS = 60
_COLUMNS = frozenset({"index", "payload", "symbol", "status"})
_EDGES = ("left_mm", "top_mm", "right_mm", "bottom_mm")
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
        ArtifactError: it is not such a file, its manifest is not whole, or a program that draws it is
            missing.
    """
    with path.open("rb") as file:
        start = file.read(5)
    if start.startswith(b"PK"):
        return _verify_zip(path)
    if start == b"%PDF-":
        return _verify_pdf(path)
    raise ArtifactError(f"{path.name}: expected a ZIP or a PDF")


def _rows(text: io.TextIOBase, name: str, columns: AbstractSet[str]) -> Iterator[dict[str, str]]:
    """The rows of what was drawn.

    Raises:
        ArtifactError: it is no such manifest, or a row is missing.
    """
    index = -1
    try:
        reader = csv.DictReader(text)
        missing = columns - set(reader.fieldnames or ())
        if missing:
            raise ArtifactError(f"{name}: its manifest.csv has no column {min(missing)}")
        for row in reader:
            # an item has several rows if it has several symbols or copies
            if row["index"] not in (str(index), str(index + 1)):
                expected = f"expected item {index + 1}, got {shown(row['index'])}"
                raise ArtifactError(f"{name}: manifest.csv, line {reader.line_num}: {expected}")
            index = int(row["index"])
            if row["status"] == "ok":
                yield {column: csv_value(cell or "") for column, cell in row.items() if column}
            elif row["status"] != "failed":
                expected = f"expected the status ok or failed, got {shown(row['status'])}"
                raise ArtifactError(f"{name}: manifest.csv, line {reader.line_num}: {expected}")
    except (UnicodeDecodeError, csv.Error) as error:
        raise ArtifactError(f"{name}: its manifest.csv cannot be read: {error}") from error


def _verify_zip(path: Path) -> Iterator[Finding]:
    try:
        with zipfile.ZipFile(path) as zipped, zipped.open("manifest.csv") as manifest:
            unnamed = Counter(zipped.namelist())
            unnamed["manifest.csv"] -= 1
            text = io.TextIOWrapper(manifest, "utf-8", newline="")
            rows = _rows(text, path.name, _COLUMNS | {"member", "sha256"})
            for finding in _in_parallel(rows, lambda row: _checked_member(zipped, row)):
                unnamed[finding.row["member"]] -= 1
                yield finding
            for name, count in unnamed.items():
                if count > 0:
                    yield Finding({"member": name}, _UNNAMED)
    except (zipfile.BadZipFile, KeyError) as error:
        raise ArtifactError(f"{path.name}: expected a ZIP with a manifest.csv: {error}") from error


def _in_parallel(
    rows: Iterator[dict[str, str]], check: Callable[[dict[str, str]], Finding]
) -> Iterator[Finding]:
    """Check rows on several processors, in order, a bounded number at a time."""
    with ThreadPoolExecutor() as pool:
        while batch := list(islice(rows, _AHEAD)):
            yield from pool.map(check, batch)


def _checked_member(zipped: zipfile.ZipFile, row: Mapping[str, str]) -> Finding:
    name = row["member"]
    try:
        data = zipped.read(name)
    except KeyError:
        return Finding(row, "expected a member of that name, got none")
    except (zipfile.BadZipFile, zlib.error, RuntimeError) as error:
        # zipfile has a bare RuntimeError for what is encrypted, its subclass for unknown methods
        return Finding(row, f"the member cannot be read: {error}")
    if hashlib.sha256(data).hexdigest() != row["sha256"]:
        expected = "expected the content that the manifest has a checksum of, got another"
        return Finding(row, expected)
    kind = name.rpartition(".")[2]
    if kind not in _DRAW:
        expected = f"expected a file that can be drawn, one of {', '.join(_DRAW)}, got {kind}"
        return Finding(row, expected)
    try:
        return Finding(row, _problem(row, lambda dpi: _codes(_DRAW[kind](data, dpi))))
    except _NoPictureError as error:
        return Finding(row, f"the member cannot be drawn: {error}")


class _Code(NamedTuple):
    text: str
    identifier: str
    """Of the symbology (ISO/IEC 15424)."""
    middle: tuple[float, float]
    """Of the symbol, in pixels."""


def _codes(image: Any) -> list[_Code]:
    import zxingcpp  # noqa: PLC0415 - of the extra

    found = []
    for code in zxingcpp.read_barcodes(image):
        place = code.position
        corners = (place.top_left, place.top_right, place.bottom_left, place.bottom_right)
        middle = (sum(corner.x for corner in corners) / 4, sum(corner.y for corner in corners) / 4)
        text = code.bytes.decode("utf-8", "backslashreplace")
        found.append(_Code(text, code.symbology_identifier, middle))
    return found


def _problem(row: Mapping[str, str], read: Callable[[int], list[_Code]]) -> str | None:
    """What is wrong with what is read, at a first and, if need be, at a finer resolution."""
    kinds = (ids for name, ids in _IDENTIFIERS.items() if row["symbol"].startswith(name))
    expected = next(kinds, ())
    found: list[_Code] = []
    for dpi in _RESOLUTIONS:
        found = read(dpi)
        if len(found) == 1 and found[0].text == row["payload"] and found[0].identifier in expected:
            return None
    codes = ", ".join(f"{code.text!r} as {code.identifier}" for code in found) or "nothing"
    return f"expected {row['payload']!r} as {' or '.join(expected) or 'a symbol'}, read {codes}"


class _NoPictureError(Exception):
    """A file is no picture."""


def _png(data: bytes, _dpi: int = 0) -> Any:
    from PIL import Image  # noqa: PLC0415 - of the extra

    try:
        return Image.open(io.BytesIO(data)).convert("L")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise _NoPictureError(str(error)) from error


def _svg(data: bytes, dpi: int) -> Any:
    options = (f"--dpi-x={dpi}", f"--dpi-y={dpi}", "--background-color=white")
    return _png(_run("rsvg-convert", *options, data=data))


def _eps(data: bytes, dpi: int) -> Any:
    options = ["-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", "-dEPSCrop", "-sDEVICE=pnggray"]
    return _png(_run("gs", *options, f"-r{dpi}", "-sOutputFile=-", "-", data=data))


_DRAW: Mapping[str, Callable[[bytes, int], Any]] = {"png": _png, "svg": _svg, "eps": _eps}


def _run(program: str, *options: str, data: bytes) -> bytes:
    if shutil.which(program) is None:
        raise ArtifactError(f"the program {program} is needed to draw this artifact")
    try:
        done = subprocess.run(  # noqa: S603 - a fixed program and fixed options
            [program, *options], input=data, capture_output=True, check=True, timeout=_RUN_SECONDS
        )
    except subprocess.SubprocessError as error:
        raise _NoPictureError(f"{program} fails") from error
    return done.stdout


def _verify_pdf(path: Path) -> Iterator[Finding]:
    import pypdfium2  # noqa: PLC0415 - of the extra

    try:
        document = pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        raise ArtifactError(f"{path.name}: not a PDF that can be read: {error}") from error
    try:
        columns = _COLUMNS | {"page", "row", "column", *_EDGES}
        unnamed = {str(number) for number in range(1, len(document) + 1)}
        pages = frozenset(unnamed)
        text = io.TextIOWrapper(_attached(document, path.name), "utf-8", newline="")
        for page, labels in groupby(_rows(text, path.name, columns), key=lambda row: row["page"]):
            unnamed.discard(page)
            sheet = _Page(document[int(page) - 1]) if page in pages else None
            for row in labels:
                yield Finding(row, sheet.problem(row) if sheet else "expected a page, got none")
        for page in sorted(unnamed, key=int):
            is_calibration = page == "1" and len(document) > 1
            if not (is_calibration and _Page(document[0]).is_without_symbols()):
                yield Finding({"page": page}, _UNNAMED)
    finally:
        document.close()


def _attached(document: Any, name: str) -> io.BytesIO:
    for index in range(document.count_attachments()):
        attachment = document.get_attachment(index)
        if attachment.get_name() == "manifest.csv":
            return io.BytesIO(attachment.get_data())
    raise ArtifactError(f"{name}: expected a PDF with an attached manifest.csv")


class _Page:
    """A page of labels."""

    def __init__(self, page: Any) -> None:
        self._page = page
        self._images: dict[int, Any] = {}

    def problem(self, row: Mapping[str, str]) -> str | None:
        """What is wrong with one label."""
        width, height = (side * 25.4 / 72 for side in self._page.get_size())
        try:
            left, top, right, bottom = (float(row[edge]) for edge in _EDGES)
        except ValueError:
            return "expected the place of a label, got none"
        if not (-width < left < right < 2 * width and -height < top < bottom < 2 * height):
            return "expected a place on the page, got another"
        return _problem(row, lambda dpi: self._read((left, top, right, bottom), dpi))

    def is_without_symbols(self) -> bool:
        """Whether no reader finds any."""
        return not any(_codes(self._image(dpi)) for dpi in _RESOLUTIONS)

    def _image(self, dpi: int) -> Any:
        if dpi not in self._images:
            self._images[dpi] = self._page.render(scale=dpi / 72, grayscale=True).to_pil()
        return self._images[dpi]

    def _read(self, label: tuple[float, ...], dpi: int) -> list[_Code]:
        """The symbols whose middle is on the label."""
        left, top, right, bottom = (edge * dpi / 25.4 for edge in label)
        around = _AROUND_MM * dpi / 25.4
        crop = (left - around, top - around, right + around, bottom + around)
        codes = _codes(self._image(dpi).crop(tuple(map(round, crop))))
        return [
            code
            for code in codes
            if around < code.middle[0] < right - left + around
            and around < code.middle[1] < bottom - top + around
        ]
