"""Draw the pictures of the documentation from what the demo makes.

python tools/draw_pictures.py            writes docs/images/*.png
python tools/draw_pictures.py --check    fails if they do not show what it would draw

Needs the test dependencies, rsvg-convert, pdftoppm, soffice and Chromium; without the last one the page of a
lot is left out. Their versions, and the fonts of the machine, decide about single pixels; so a picture is judged
by how it looks in small. That of the page has with it what the page says, which is compared to the letter.
"""

import csv
import io
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from lot_page import lot_page
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.header_footer import HeaderFooter
from PIL import Image, ImageChops, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo

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
SMALL = (40, 16)
"""In pixels: what is compared."""
DIFFERENCE = 28
"""How far the grey of a pixel in small may be off, of 255: all moved by two pixels is less."""
SAID = "Description"
"""Under this a PNG has the text of the page that it shows."""
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


def first_page(document: Path) -> Image.Image:
    """The first page of a sheet."""
    command = ["pdftoppm", "-r", "100", "-gray", "-f", "1", "-l", "1", "-png"]
    done = subprocess.run([*command, document], check=True, capture_output=True)
    return Image.open(io.BytesIO(done.stdout)).convert("L")


def sheet(folder: Path) -> Image.Image:
    """The upper part of a page of labels."""
    page = first_page(folder / "serials-sheet_pdf-pdf.pdf")
    return page.crop((0, 0, page.width, page.height * 2 // 5))


def calibration(folder: Path) -> Image.Image:
    """The upper left part of a calibration page, with the edge of the paper."""
    catalog = resources.files("closient_export") / "demo" / "catalog.csv"
    document = folder / "calibration.pdf"
    kind = ["--scope", "lots", "--type", "sheet_pdf", "--format", "pdf"]
    knobs = ["--config", "sheet_template=5160", "--config", "calibration_page=true"]
    command = [sys.executable, "-m", "closient_export", "labels", catalog, "--out", document]
    run_quietly([*command, *kind, *knobs])
    page = first_page(document).crop((0, 0, 620, 300))
    ImageDraw.Draw(page).line([(page.width, 0), (0, 0), (0, page.height)], 96, 3)
    return page


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
    sheet.page_setup.fitToWidth = 1
    sheet.HeaderFooter = HeaderFooter()
    book.save(folder / "shown.xlsx")
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"  # others may be at work
    command = ["soffice", profile, "--headless", "--convert-to", "pdf", "--outdir"]
    run_quietly([*command, folder, folder / "shown.xlsx"])
    command = ["pdftoppm", "-r", "170", "-f", "1", "-l", "1", "-png"]
    done = subprocess.run([*command, folder / "shown.pdf"], check=True, capture_output=True)
    page = Image.open(io.BytesIO(done.stdout)).convert("RGB")
    return page.crop(ImageChops.invert(page).getbbox())


def run_quietly(command: Sequence[object]) -> None:
    subprocess.run(list(map(str, command)), check=True, capture_output=True)


def pictures() -> dict[str, Image.Image]:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run_quietly([sys.executable, "-m", "closient_export", "demo", "--out", folder])
        drawn_now = {
            "symbols": symbols(folder).quantize(8),
            "sheet": sheet(folder).quantize(8),
            "calibration": calibration(folder).quantize(8),
            "lot": genealogy(folder).quantize(32),
            "workbook": workbook(folder).quantize(32),
        }
        if page := lot_page(folder / "host"):
            drawn_now["lot-page"] = page.picture.quantize(64)
            drawn_now["lot-page"].info[SAID] = page.text
        return drawn_now


def is_like(picture: Image.Image, path: Path) -> bool:
    """Whether a file shows a picture, but for single pixels and a twentieth of its size, and says the same."""
    if not path.exists():
        return False
    with Image.open(path) as other:
        if other.info.get(SAID) != picture.info.get(SAID):
            return False
        sizes = zip(picture.size, other.size, strict=True)
        if any(abs(one - two) > max(one, two) / 20 for one, two in sizes):
            return False
        small = [each.convert("L").resize(SMALL, Image.Resampling.BOX) for each in (picture, other)]
    return max(ImageChops.difference(*small).tobytes()) <= DIFFERENCE


def main(arguments: list[str]) -> int:
    drawn_now = pictures()
    stale = [name for name, each in drawn_now.items() if not is_like(each, TARGET / f"{name}.png")]
    if arguments == ["--check"]:
        for name in stale:
            print(f"docs/images/{name}.png does not show what python tools/draw_pictures.py draws")
        return bool(stale)
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, picture in drawn_now.items():
        said = PngInfo()
        if SAID in picture.info:
            said.add_itxt(SAID, picture.info[SAID], zip=True)
        picture.save(TARGET / f"{name}.png", optimize=True, pnginfo=said)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
