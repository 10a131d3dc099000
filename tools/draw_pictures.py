"""Draw the pictures of the README from what the demo makes.

python tools/draw_pictures.py        (needs the test dependencies)
"""

import csv
import io
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

TARGET = Path(__file__).resolve().parent.parent / "docs" / "images" / "demo-symbols.png"
COLUMNS, ROWS, CELL, TEXT = 6, 2, 190, 34


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "closient_export", "demo", "--out", folder]
        subprocess.run(command, check=True)  # noqa: S603
        with zipfile.ZipFile(Path(folder) / "lots-qr-png.zip") as zipped:
            text = zipped.read("manifest.csv").decode()
            rows = [row for row in csv.DictReader(io.StringIO(text)) if row["status"] == "ok"]
            sheet = Image.new("L", (COLUMNS * CELL, ROWS * (CELL + TEXT)), 255)
            draw = ImageDraw.Draw(sheet)
            font = ImageFont.load_default(13)
            for place, row in enumerate(rows[:: len(rows) // (COLUMNS * ROWS)][: COLUMNS * ROWS]):
                left = place % COLUMNS * CELL
                top = place // COLUMNS * (CELL + TEXT)
                symbol = Image.open(io.BytesIO(zipped.read(row["member"]))).convert("L")
                scale = CELL // (symbol.width // 6)
                symbol = symbol.resize([side // 6 * scale for side in symbol.size], 0)
                sheet.paste(symbol, (left + (CELL - symbol.width) // 2, top))
                for line, words in enumerate((f"(01) {row['gtin']}", f"(10) {row['lot']}")):
                    draw.text((left + 20, top + CELL - 8 + 16 * line), words, 0, font)
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    sheet.quantize(8).save(TARGET, optimize=True)


if __name__ == "__main__":
    main()
