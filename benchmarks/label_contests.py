"""Labels: what is compared with what, and what ours does."""

import io
import zipfile
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from functools import partial
from pathlib import Path
from typing import Any

import peers_labels as peers
from measuring import Contest, Side

from closient_export.renderers.qr_codes import QrPngConfig
from closient_export.renderers.symbols import qr

__all__ = ["DATAMATRIX", "GS1_128", "MATRICES", "PNG", "SHEETS", "SVG", "make_svg"]

_OURS, _MANY = "closient-export", 100_000
_BATCH = 1000
_PIXELS, _DPI = 10, 500


def _matrices(links: list[str], _: Path) -> None:
    encode: Any = qr.encode
    made = 0
    for start in range(0, len(links), _BATCH):
        symbols = encode(links[start : start + _BATCH], "M")
        made += sum(len(group.modules) for group in symbols.groups)
    if made != len(links):
        raise ValueError(f"{made} symbols were made of {len(links)}")


def _labels(export_type: str, file_format: str, *config: str) -> Callable[[Path, Path], Path]:
    """What ``closient-export labels`` does, without its process."""

    def work(path: Path, scratch: Path) -> Path:
        from closient_export.cli import main  # noqa: PLC0415 - other sides do without its libraries

        out = scratch / ("ours.pdf" if file_format == "pdf" else "ours.zip")
        options = ["--scope", "serials", "--type", export_type, "--format", file_format]
        for knob in config:
            options += ["--config", knob]
        with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
            main(["labels", str(path), *options, "--out", str(out)], standalone_mode=False)
        return out

    return work


make_svg = _labels("qr_codes", "svg")


def _png(path: Path, scratch: Path) -> Path:
    if QrPngConfig(dpi=_DPI).pixels != _PIXELS:
        raise ValueError(f"a module is not {_PIXELS} pixels at {_DPI} dpi")
    return _labels("qr_codes", "png", f"dpi={_DPI}")(path, scratch)


_loop, _zint = peers.loop, partial(Side, "zint + zipfile", needs=("zint!",))
_segno = partial(Side, "segno + zipfile", needs=("segno",))
_pystrich = partial(Side, "pyStrich + zipfile", needs=("pystrich",))

MATRICES = Contest(
    row="matrices",
    titles=("QR Codes as matrices, from a list of Digital Links",),
    items="symbols",
    ours=(Side(_OURS, _matrices, _MANY, prepare=peers.links_of),),
    peers=(
        Side(
            *("segno", peers.segno_matrices, 5_000, (400,)),
            prepare=peers.links_of,
            needs=("segno",),
        ),
        Side(
            *("zint", peers.zint_matrices, 20_000, (12,)),
            prepare=peers.zint_links,
            needs=("zint!",),
        ),
        Side(
            *("zxing-cpp", peers.zxing_matrices, 20_000),
            prepare=peers.links_of,
            needs=("zxingcpp",),
        ),
        Side(
            *("qrcode", peers.qrcode_matrices, 1_000),
            prepare=peers.links_of,
            needs=("qrcode",),
        ),
    ),
    prepare=peers.catalog,
    notes=(
        "zint is its command line in batch mode; of what it can write, hexadecimal text takes it the "
        "least time.",
    ),
)

SVG = Contest(
    row="svg",
    titles=("QR Codes as SVG in a ZIP", "QR Codes as SVG in a ZIP, ours stored"),
    ours=(
        Side(_OURS, make_svg, _MANY),
        Side(f"{_OURS}, stored", _labels("qr_codes", "svg", "compression=stored"), _MANY),
    ),
    peers=(
        _segno(_loop(partial(peers.segno_file, "svg"), "svg"), 5_000, (80, 120)),
        _zint(peers.zint_zip(peers.link_of, "svg", *peers.ZINT_QR), 5_000, (8, 12)),
    ),
    prepare=peers.catalog,
    notes=("The files of the others are deflated.",),
)

PNG = Contest(
    row="png",
    titles=("QR Codes as PNG in a ZIP, ten pixels for a module",),
    ours=(Side(_OURS, _png, _MANY),),
    peers=(
        _segno(
            _loop(partial(peers.segno_file, "png", scale=_PIXELS), "png", zipfile.ZIP_STORED),
            *(2_000, (60,)),
        ),
        _zint(
            peers.zint_zip(
                *(peers.link_of, "png", *peers.ZINT_QR, f"--scale={_PIXELS // 2}"),
                compression=zipfile.ZIP_STORED,
            ),
            *(5_000, (6,)),
        ),
    ),
    prepare=peers.catalog,
)

DATAMATRIX = Contest(
    row="datamatrix",
    titles=("GS1 DataMatrix as SVG in a ZIP",),
    ours=(Side(_OURS, _labels("datamatrix", "svg"), _MANY),),
    peers=(
        Side(
            *("pylibdmtx + zipfile", _loop(peers.pylibdmtx_svg, "svg"), 5_000, (20,)),
            needs=("pylibdmtx",),
        ),
        _zint(
            peers.zint_zip(peers.zint_elements, "svg", "--barcode=71", "--gs1", "--square"),
            *(5_000, (2,)),
        ),
        _pystrich(_loop(peers.pystrich_datamatrix, "svg"), 5_000),
    ),
    prepare=peers.catalog,
    notes=("pylibdmtx makes plain Data Matrix: it has no way to write FNC1.",),
)


def _gs1_128(file_format: str, barcode: str, *notes: str) -> Contest:
    return Contest(
        row="gs1-128",
        titles=(f"GS1-128 as {file_format.upper()} in a ZIP",),
        ours=(Side(_OURS, _labels("barcodes_1d", file_format), _MANY),),
        peers=(
            Side(
                *(barcode, _loop(peers.python_barcode_svg, "svg"), 2_000, (40,)),
                needs=("barcode",),
            ),
            _zint(
                peers.zint_zip(peers.zint_elements, file_format, "--barcode=16", "--gs1"),
                *(5_000, (1.5,)),
            ),
            _pystrich(_loop(partial(peers.pystrich_128, f"get_{file_format}"), file_format), 5_000),
        ),
        prepare=peers.catalog,
        notes=notes,
    )


GS1_128 = (
    _gs1_128("svg", "python-barcode + zipfile"),
    _gs1_128(
        *("eps", "python-barcode + zipfile (SVG)"),
        "python-barcode draws no EPS, so its SVG stands beside ours.",
    ),
)

SHEETS = Contest(
    row="sheets",
    titles=("Sheets of 63 QR labels with a line of text, as PDF",),
    ours=(Side(_OURS, _labels("sheet_pdf", "pdf"), 10_000),),
    peers=(
        Side(
            *("segno + reportlab", peers.rectangles, 1_260, (80,)),
            needs=("segno", "reportlab"),
        ),
    ),
    prepare=peers.catalog,
    share=0.5,
    notes=("The peer draws a rectangle for each dark module.",),
)
