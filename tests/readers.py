"""Independent readers: what a symbol says and how large it is, by other people's programs."""

import io
import subprocess
from typing import Any, NamedTuple

import zxingcpp
from PIL import Image

from closient_export.plugins import Drawing, SymbolZipRenderer
from closient_export.subjects import Subject


class Read(NamedTuple):
    text: str
    symbology_identifier: str


def read(image: Image.Image) -> list[Read]:
    """What zxing-cpp finds in an image, of whatever symbology."""
    return [
        Read(code.bytes.decode("latin-1"), code.symbology_identifier)
        for code in zxingcpp.read_barcodes(image.convert("L"))
    ]


def encoded(barcode: Any) -> list[bytes]:
    """The modules of a symbol that zxing-cpp (that is, zint) has made, 1 for dark."""
    image: Any = zxingcpp.write_barcode_to_image(barcode, scale=1, add_quiet_zones=False)
    pixels: Any = memoryview(image).tolist()
    return [bytes(pixel == 0 for pixel in row) for row in pixels]


def drawn(renderer: SymbolZipRenderer, subject: Subject, config: Any) -> Drawing:
    """What a renderer draws in one file."""
    found = renderer.draw(subject, config)
    assert isinstance(found, Drawing)
    return found


def rasterise_eps(eps: bytes, *, dpi: int) -> Image.Image:
    """The image that Ghostscript draws of the bounding box."""
    options = ["-q", "-dSAFER", "-dBATCH", "-dNOPAUSE", "-dEPSCrop", "-sDEVICE=pnggray"]
    command = ["gs", *options, f"-r{dpi}", "-sOutputFile=-", "-"]
    done = subprocess.run(command, input=eps, capture_output=True, check=True)
    return Image.open(io.BytesIO(done.stdout))


def rasterise_pdf(pdf: bytes, *, dpi: int) -> list[Image.Image]:
    """The pages that poppler draws."""
    command = ["pdftoppm", "-r", str(dpi), "-gray", "-"]
    done = subprocess.run(command, input=pdf, capture_output=True, check=True)
    stream = io.BytesIO(done.stdout)
    pages = []
    while stream.tell() < len(done.stdout):
        assert stream.readline() == b"P5\n"
        width, height = map(int, stream.readline().split())
        assert stream.readline() == b"255\n"
        pages.append(Image.frombytes("L", (width, height), stream.read(width * height)))
    return pages


def read_qr_codes(image: Image.Image) -> list[Read]:
    """What zxing-cpp finds in an image."""
    found = zxingcpp.read_barcodes(
        image.convert("L"), formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
    )
    return [Read(code.bytes.decode("ascii"), code.symbology_identifier) for code in found]


def rasterise_svg(svg: bytes, *, dpi: int | None = None, width: int | None = None) -> Image.Image:
    """The image that librsvg draws, at a resolution or at a width in pixels."""
    size = [f"--width={width}"] if width else [f"--dpi-x={dpi}", f"--dpi-y={dpi}"]
    command = ["rsvg-convert", *size]
    done = subprocess.run(command, input=svg, capture_output=True, check=True)
    drawn = Image.open(io.BytesIO(done.stdout)).convert("RGBA")
    paper = Image.new("RGBA", drawn.size, "white")  # a last, partly covered pixel is paper
    return Image.alpha_composite(paper, drawn).convert("L")


def modules(image: Image.Image, pixels: int) -> list[list[bool]]:
    """The image as squares of `pixels`, each of one colour throughout, ``True`` for dark.

    Raises:
        AssertionError: the image is not made of such squares, or not of black and white.
    """
    grey = image.convert("L")
    assert grey.width % pixels == 0
    assert grey.height % pixels == 0
    rows = []
    for top in range(0, grey.height, pixels):
        row = []
        for left in range(0, grey.width, pixels):
            module = grey.crop((left, top, left + pixels, top + pixels)).tobytes()
            assert set(module) in ({0}, {255}), f"mixed module at {left},{top}"
            row.append(module[0] == 0)
        rows.append(row)
    return rows


def quiet_zone(rows: list[list[bool]]) -> tuple[int, int, int, int]:
    """How many light rows and columns surround the dark ones: top, right, bottom, left."""
    columns = list(map(list, zip(*rows, strict=True)))

    def light(lines: list[list[bool]]) -> int:
        return next(number for number, line in enumerate(lines) if any(line))

    return light(rows), light(columns[::-1]), light(rows[::-1]), light(columns)
