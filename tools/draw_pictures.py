"""Draw the pictures of the README from what the demo makes.

python tools/draw_pictures.py        (needs the test dependencies, rsvg-convert, pdftoppm and soffice)
"""

import csv
import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from PIL import Image, ImageChops, ImageDraw, ImageFont

from closient_export import Gtin, Product
from closient_export.renderers.barcodes_1d import LinearConfig, LinearSvgRenderer

TARGET = Path(__file__).resolve().parent.parent / "docs" / "images"
KINDS = {
    "serials-qr_codes-svg.zip": "QR Code",
    "serials-datamatrix-svg.zip": "DataMatrix",
    "lots-barcodes_1d-svg.zip": "GS1-128",
}
GTINS = {"EAN-13": "9506000134352", "ITF-14": "19506000134359"}
DPI = 110
GAP = 60
WIDTH = 2400
SHOWN = {"A": 32, "B": 9, "C": 13, "D": 40, "J": 28, "Q": 28, "X": 14, "Y": 28, "Z": 20, "AK": 12}
"""Columns of the sheet of shipments, and how wide they are."""


def drawn(svg: bytes) -> Image.Image:
    command = ["rsvg-convert", f"--dpi-x={DPI}", f"--dpi-y={DPI}", "--background-color=white"]
    done = subprocess.run(command, input=svg, check=True, capture_output=True)
    return Image.open(io.BytesIO(done.stdout)).convert("L")


def symbols(folder: Path) -> Image.Image:
    """One symbol of each kind, side by side, with its name."""
    pictures = []
    for name, kind in KINDS.items():
        with zipfile.ZipFile(folder / name) as zipped:
            rows = csv.DictReader(io.StringIO(zipped.read("manifest.csv").decode()))
            first = next(row for row in rows if row["status"] == "ok")
            pictures.append((kind, drawn(zipped.read(first["member"]))))
    for kind, native in GTINS.items():
        product = Product(gtin=Gtin.parse(native))
        config = LinearConfig(environment="other")
        pictures.append((kind, drawn(LinearSvgRenderer().draw(product, config).data)))
    width = sum(picture.width + GAP for _, picture in pictures) + GAP
    height = max(picture.height for _, picture in pictures)
    sheet = Image.new("L", (width, height + 2 * GAP), 255)
    draw, font, left = ImageDraw.Draw(sheet), ImageFont.load_default(18), GAP
    for kind, picture in pictures:
        sheet.paste(picture, (left, GAP // 2 + (height - picture.height) // 2))
        draw.text((left, height + GAP), kind, 0, font)
        left += picture.width + GAP
    return sheet


def first_page(folder: Path) -> Image.Image:
    """The upper part of the first page of the sheet."""
    command = ["pdftoppm", "-r", "100", "-gray", "-f", "1", "-l", "1", "-png"]
    done = subprocess.run(
        [*command, folder / "serials-sheet_pdf-pdf.pdf"], check=True, capture_output=True
    )
    page = Image.open(io.BytesIO(done.stdout)).convert("L")
    return page.crop((0, 0, page.width, page.height * 2 // 5))


def genealogy(folder: Path) -> Image.Image:
    """Where the lots of the demo's salad kit came from and went."""
    command = ["rsvg-convert", f"--width={WIDTH}", "--background-color=white"]
    done = subprocess.run([*command, folder / "lot.svg"], check=True, capture_output=True)
    return Image.open(io.BytesIO(done.stdout)).convert("RGB")


def workbook(folder: Path) -> Image.Image:
    """Some columns of the sheet of shipments."""
    book = load_workbook(folder / "lot.xlsx")
    for name in book.sheetnames:
        if name != "Shipping":
            del book[name]
    sheet = book["Shipping"]
    for column, width in SHOWN.items():
        sheet.column_dimensions[column].width = width
    for number in range(1, sheet.max_column + 1):
        column = get_column_letter(number)
        sheet.column_dimensions[column].hidden = column not in SHOWN
    sheet.row_dimensions[1].height = 110
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_options.gridLines = True
    book.save(folder / "shown.xlsx")
    command = ["soffice", "--headless", "--convert-to", "pdf", "--outdir"]
    subprocess.run([*command, folder, folder / "shown.xlsx"], check=True, capture_output=True)
    command = ["pdftoppm", "-r", "170", "-f", "1", "-l", "1", "-png"]
    done = subprocess.run([*command, folder / "shown.pdf"], check=True, capture_output=True)
    page = Image.open(io.BytesIO(done.stdout)).convert("RGB")
    return page.crop(ImageChops.invert(page).getbbox())


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = [sys.executable, "-m", "closient_export", "demo", "--out", name]
        subprocess.run(command, check=True)
        pictures = {
            "symbols": (symbols(folder), 8),
            "sheet": (first_page(folder), 8),
            "lot": (genealogy(folder), 32),
            "workbook": (workbook(folder), 32),
        }
        for title, (picture, colours) in pictures.items():
            picture.quantize(colours).save(TARGET / f"{title}.png", optimize=True)


if __name__ == "__main__":
    main()
