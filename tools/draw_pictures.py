"""Draw the pictures of the README from what the demo makes.

python tools/draw_pictures.py        (needs the test dependencies, rsvg-convert and pdftoppm)
"""

import csv
import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

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


def main() -> None:
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        command = [sys.executable, "-m", "closient_export", "demo", "--out", name]
        subprocess.run(command, check=True)
        for picture, title in ((symbols(folder), "symbols"), (first_page(folder), "sheet")):
            picture.quantize(8).save(TARGET / f"{title}.png", optimize=True)


if __name__ == "__main__":
    main()
