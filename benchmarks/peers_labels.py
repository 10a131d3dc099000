# ruff: noqa: PLC0415 - what is not installed is left out
"""Labels as a user would make them with another library, or with zint.

None of these loops checks GS1's rules or writes a manifest.
"""

import csv
import io
import re
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

__all__ = [
    "ZINT_QR",
    "catalog",
    "link_of",
    "links_of",
    "loop",
    "pylibdmtx_svg",
    "pystrich_128",
    "pystrich_datamatrix",
    "python_barcode_svg",
    "qrcode_matrices",
    "rectangles",
    "segno_file",
    "segno_matrices",
    "zint_elements",
    "zint_links",
    "zint_matrices",
    "zint_zip",
    "zxing_matrices",
]

_GTIN = "09506000134352"

_Row = dict[str, str]
_Draw = Callable[[_Row], bytes]
"""The file of one row of the catalogue."""


def catalog(folder: Path, count: int) -> Path:
    """A catalogue of so many serials."""
    path = folder / f"catalog-{count}.csv"
    if not path.exists():
        with path.open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["gtin", "lot", "serial"])
            for number in range(count):
                writer.writerow([_GTIN, f"L{number // 1000:04d}", f"{number * 7919 % 10**9:09d}"])
    return path


def _rows(path: Path) -> Iterator[_Row]:
    with path.open() as file:
        yield from csv.DictReader(file)


def link_of(row: _Row) -> str:
    return f"https://id.gs1.org/01/{row['gtin']}/10/{row['lot']}/21/{row['serial']}"


def links_of(path: Path) -> list[str]:
    return [link_of(row) for row in _rows(path)]


# Loops with a library and zipfile


def loop(
    start: Callable[[], _Draw], extension: str, compression: int = zipfile.ZIP_DEFLATED
) -> Callable[[Path, Path], Path]:
    def work(path: Path, scratch: Path) -> Path:
        draw, out = start(), scratch / "peer.zip"
        with zipfile.ZipFile(out, "w", compression) as archive:
            for row in _rows(path):
                archive.writestr(f"{row['serial']}.{extension}", draw(row))
        return out

    return work


def segno_matrices(links: list[str], _: Path) -> None:
    import segno

    for link in links:
        segno.make(link, error="m", micro=False)


def segno_file(kind: str, **options: Any) -> _Draw:
    import segno

    def draw(row: _Row) -> bytes:
        file = io.BytesIO()
        code = segno.make(link_of(row), error="m", micro=False)
        code.save(file, kind=kind, border=4, **options)
        return file.getvalue()

    return draw


def qrcode_matrices(links: list[str], _: Path) -> None:
    import qrcode

    for link in links:
        code = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M)
        code.add_data(link)
        code.make(fit=True)
        code.get_matrix()


def zxing_matrices(links: list[str], _: Path) -> None:
    import zxingcpp

    for link in links:
        code = zxingcpp.create_barcode(link, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
        zxingcpp.write_barcode_to_image(code, scale=1)


def pylibdmtx_svg() -> _Draw:
    from pylibdmtx.pylibdmtx import encode

    pixels, margin = 5, 2  # of a module, and modules around the symbol
    dark = re.compile(rb"\0+")

    def draw(row: _Row) -> bytes:
        data = f"01{row['gtin']}10{row['lot']}\x1d21{row['serial']}".encode()
        code = encode(data, size="SquareAuto")
        bytes_of_pixel = code.bpp // 8
        line = code.width * bytes_of_pixel
        path = []
        for y in range(margin, code.height // pixels - margin):
            start = y * pixels * line
            modules = code.pixels[start : start + line : pixels * bytes_of_pixel]
            path += [
                f"M{run.start()} {y}h{len(run[0])}v1H{run.start()}z"
                for run in dark.finditer(modules)
            ]
        size = code.width // pixels
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}">'
            f'<path d="{"".join(path)}"/></svg>'
        ).encode()

    return draw


def _pystrich_fields(row: _Row) -> tuple[Any, ...]:
    from pystrich.gs1 import GS1Fixed, GS1Variable

    lot, serial = GS1Variable("10", row["lot"]), GS1Variable("21", row["serial"])
    return GS1Fixed("01", row["gtin"]), lot, serial


def pystrich_datamatrix() -> _Draw:
    from pystrich.datamatrix import DataMatrixData, DataMatrixEncoder

    def draw(row: _Row) -> bytes:
        data = DataMatrixData.gs1(*_pystrich_fields(row))
        svg: str = DataMatrixEncoder(data).get_svg()
        return svg.encode()

    return draw


def pystrich_128(method: str) -> _Draw:
    from pystrich.code128 import Code128Data, Code128Encoder

    def draw(row: _Row) -> bytes:
        code = Code128Encoder(Code128Data.gs1(*_pystrich_fields(row)))
        text: str = getattr(code, method)()
        return text.encode()

    return draw


def python_barcode_svg() -> _Draw:
    from barcode.codex import Gs1_128
    from barcode.writer import SVGWriter

    def draw(row: _Row) -> bytes:
        data = f"01{row['gtin']}10{row['lot']}{Gs1_128.FNC1_CHAR}21{row['serial']}"
        file = io.BytesIO()
        Gs1_128(data, writer=SVGWriter()).write(file)
        return file.getvalue()

    return draw


def rectangles(path: Path, scratch: Path) -> Path:
    """A page of 7 by 9 QR Codes at a time, a rectangle for each dark module."""
    import segno
    from reportlab.lib.units import mm
    from reportlab.pdfgen.canvas import Canvas

    out = scratch / "peer.pdf"
    canvas = Canvas(str(out), pagesize=(215.9 * mm, 279.4 * mm))
    for number, row in enumerate(_rows(path)):
        code = segno.make(link_of(row), error="m", micro=False)
        place = number % 63
        if number and place == 0:
            canvas.showPage()
        left = (9.525 + place % 7 * 28.575 + 4) * mm
        top = (279.4 - 12.7 - place // 7 * 28.575 - 4) * mm
        x = 0.43 * mm
        for y, modules in enumerate(code.matrix):
            for column, module in enumerate(modules):
                if module:
                    canvas.rect(left + column * x, top - (y + 1) * x, x, x, stroke=0, fill=1)
        canvas.setFont("Helvetica", 5)
        canvas.drawString(left, top - 45 * x, f"SER {row['serial']}")
    canvas.save()
    return out


# zint, which reads a line for each symbol


def zint_zip(
    data: Callable[[_Row], str], extension: str, *options: str, compression: int = 8
) -> Callable[[Path, Path], Path]:
    """Its batch to files, and zipfile over them, which takes less time than Debian's zip."""

    def work(path: Path, scratch: Path) -> Path:
        lines, files, out = scratch / "lines.txt", scratch / "files", scratch / "peer.zip"
        files.mkdir()
        lines.write_text("".join(f"{data(row)}\n" for row in _rows(path)))
        pattern = files / f"~~~~~~~.{extension}"
        command = ["zint", "--batch", "-i", str(lines), "-o", str(pattern), "--quietzones"]
        subprocess.run([*command, *options], check=True)
        with zipfile.ZipFile(out, "w", compression) as archive:
            for each in sorted(files.iterdir()):
                archive.writestr(each.name, each.read_bytes())
        return out

    return work


def zint_elements(row: _Row) -> str:
    return f"[01]{row['gtin']}[10]{row['lot']}[21]{row['serial']}"


def zint_links(path: Path) -> Path:
    lines = path.with_suffix(".txt")
    lines.write_text("".join(f"{link}\n" for link in links_of(path)))
    return lines


ZINT_QR = ("--barcode=58", "--secure=2")


def zint_matrices(lines: Path, scratch: Path) -> None:
    command = ["zint", *ZINT_QR, "--batch", "-i", str(lines), "--direct", "--filetype=txt"]
    with (scratch / "out.txt").open("wb") as out:
        subprocess.run(command, check=True, stdout=out)
