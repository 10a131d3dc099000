"""One label as the renderer draws it, for a browser to show before all of them are made."""

import base64
import csv
import io
import threading
import zipfile
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, BinaryIO

from anyio import move_on_after, to_thread
from attrs import frozen

from closient_export.errors import ExportError, RenderError
from closient_export.host.hosting import Host
from closient_export.host.pages.selection import first_selected
from closient_export.manifests import csv_value
from closient_export.plugins import ManifestRenderer, Renderer
from closient_export.registry import RendererRegistry
from closient_export.renderers.sheets.templates import LabelTemplate
from closient_export.requests import LabelExportRequest, RendererKey
from closient_export.subjects import Subject
from closient_export.wire import default_knobs, renderer_config

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["Picture", "Preview", "preview"]

_SECONDS = 5.0
_AT_ONCE = threading.BoundedSemaphore(2)
"""A renderer that never ends keeps its place."""
_MOST_BYTES = 8 << 20
_MOST_SHOWN = 1 << 20
_MOST_PICTURES = 2
_DPI = 300
_SHEET_DPI = 60
_MOST_PIXELS = 12_000_000
_LONGEST_EDGE = 10_000
_WHITE = 250
_FAINT = 190
"""The grey of a label's outline, which is not printed."""
_SIDES = ("left", "top", "right", "bottom")
_MM_OF_INCH = 25.4
_FARTHEST = 10_000.0
"""In millimetres: a plugin's manifest may say anything."""
_AROUND = 12
"""Pixels that are left around a label, or what is drawn where its edges are not known."""
_PDFIUM = threading.Lock()
"""It is for one thread at a time."""


@frozen(kw_only=True)
class Picture:
    """Something that a browser can show."""

    data: bytes
    media_type: str
    alternative: str
    """In words."""
    caption: str = ""
    is_sheet: bool = False
    """Whether it shows a whole sheet, whose edges matter."""

    @property
    def address(self) -> str:
        """All of it, as an address."""
        return f"data:{self.media_type};base64,{base64.b64encode(self.data).decode('ascii')}"


@frozen(kw_only=True)
class Preview:
    """What there is to show of an export, or why there is nothing."""

    pictures: Sequence[Picture] = ()
    note: str = ""
    problem: str = ""


async def preview(host: Host, owner: str, request: LabelExportRequest) -> Preview:
    """The label of the first thing that is selected; it takes some seconds at most."""
    found = None
    with move_on_after(_SECONDS):
        found = await to_thread.run_sync(_made, host, owner, request, abandon_on_cancel=True)
    return found or Preview(
        problem="The preview takes too long. The export itself may take longer."
    )


def _made(host: Host, owner: str, request: LabelExportRequest) -> Preview:
    if not _AT_ONCE.acquire(timeout=_SECONDS):
        return Preview(problem="Too many previews at a time; try again.")
    try:
        subject = first_selected(host, owner, request.scope, request.filters)
        if subject is None:
            return Preview(problem="The filters select nothing.")
        return _drawn(host.place.registry, request, subject)
    except ExportError as error:
        return Preview(problem=f"No preview: {error.public_message}")
    finally:
        _AT_ONCE.release()


def _drawn(registry: RendererRegistry, request: LabelExportRequest, subject: Subject) -> Preview:
    renderer = registry.renderer(request.key)
    knobs = dict(request.asset_config)
    note = ""
    in_svg = RendererKey(request.export_type, "svg")
    if request.file_format == "eps" and in_svg in registry:
        renderer = registry.renderer(in_svg)
        knobs = {name: knobs[name] for name in default_knobs(renderer) if name in knobs}
        note = "Browsers do not show EPS: this is the SVG of the same symbol."
    try:
        config = renderer_config(renderer, knobs)
        part = renderer.render_part([subject], config, 0)
        if part.failed:
            return Preview(problem=f"It cannot be drawn: {part.first_failure or 'no reason given'}")
        artifact, manifest = _Limited(), _Limited()
        if isinstance(renderer, ManifestRenderer) and renderer.writes_manifest:
            renderer.assemble([part], artifact, manifest)
        else:
            renderer.assemble([part], artifact)
    except ExportError:
        raise
    except Exception as error:  # a plugin's own
        raise RenderError("the renderer failed") from error
    template = getattr(config, "template", None)
    is_round = isinstance(template, LabelTemplate) and template.shape == "round"
    pictures = tuple(_pictures(artifact, renderer, _said(manifest), is_round=is_round))
    if not pictures:
        return Preview(problem=f"Browsers cannot show what is in a file of {request.key}.")
    return Preview(pictures=pictures, note=note)


class _Limited(io.BytesIO):
    """As much as a preview may be."""

    def write(self, data: Any, /) -> int:
        if self.tell() + len(data) > _MOST_BYTES:
            raise RenderError("the file is too large for a preview")
        return super().write(data)


def _said(manifest: BinaryIO) -> list[dict[str, str]]:
    """The rows of what was drawn, by the file's columns; none where there is no manifest."""
    manifest.seek(0)
    text = io.TextIOWrapper(manifest, "utf-8", errors="replace", newline="")
    rows = [row for row in csv.DictReader(text) if row.get("status") == "ok"]
    return [{name: csv_value(cell or "") for name, cell in row.items() if name} for row in rows]


def _pictures(
    artifact: BinaryIO, renderer: Renderer, said: Sequence[dict[str, str]], *, is_round: bool
) -> Iterator[Picture]:
    artifact.seek(0)
    start = artifact.read(4)
    artifact.seek(0)
    if start == b"%PDF":
        yield from _of_sheet(artifact.read(), said[-1] if said else {}, is_round=is_round)
    elif start == b"PK\3\4":
        yield from _of_archive(artifact, {row.get("member", ""): row for row in said})
    elif renderer.media_type in _SHOWN.values():
        yield _picture(artifact.read(), renderer.media_type, said[0] if said else {})


_SHOWN = {"svg": "image/svg+xml", "png": "image/png"}


def _of_archive(file: BinaryIO, said: dict[str, dict[str, str]]) -> Iterator[Picture]:
    try:
        with zipfile.ZipFile(file) as archive:
            infos = [info for info in archive.infolist() if _suffix(info.filename) in _SHOWN]
            for info in infos[:_MOST_PICTURES]:
                if info.file_size > _MOST_SHOWN:
                    raise RenderError("the picture is too large for a preview")
                media_type = _SHOWN[_suffix(info.filename)]
                yield _picture(archive.read(info), media_type, said.get(info.filename, {}))
    except (zipfile.BadZipFile, EOFError) as error:
        raise RenderError("the renderer made no whole archive") from error


def _suffix(name: str) -> str:
    return name.rpartition(".")[2].lower()


def _picture(data: bytes, media_type: str, row: dict[str, str], what: str = "Symbol:") -> Picture:
    if len(data) > _MOST_SHOWN:
        raise RenderError("the picture is too large for a preview")
    symbol, payload, width = (row.get(name, "") for name in ("symbol", "payload", "width_mm"))
    size = f", {float(width):.1f} mm wide" if width else ""
    caption = f"{symbol}{size}: {payload}" if symbol else ""
    alternative = f"{what} {caption}" if caption else "A label"
    return Picture(data=data, media_type=media_type, alternative=alternative, caption=caption)


@frozen
class _Edges:
    """Where a label is on its sheet, in millimetres."""

    left: float
    top: float
    right: float
    bottom: float
    is_round: bool

    def drawn(self, sheet: "Image.Image", dpi: float, width: int) -> "Image.Image":
        """The sheet with the label's outline, so faint that nobody takes it for printed."""
        from PIL import Image, ImageChops, ImageDraw  # noqa: PLC0415 - loaded when first needed

        outline = Image.new("L", sheet.size, 255)
        draw = ImageDraw.Draw(outline)
        shape = draw.ellipse if self.is_round else draw.rectangle
        shape(self.box(dpi), outline=_FAINT, width=width)
        return ImageChops.darker(sheet, outline)

    def meets(self, sheet: "Image.Image", dpi: float) -> bool:
        """Whether any of it is on the sheet."""
        left, top, right, bottom = self.box(dpi)
        return left < sheet.width and top < sheet.height and right > 0 and bottom > 0

    def box(self, dpi: float) -> tuple[int, int, int, int]:
        """Its edges in pixels."""
        left, top, right, bottom = (
            round(edge * dpi / _MM_OF_INCH)
            for edge in (self.left, self.top, self.right, self.bottom)
        )
        return left, top, right, bottom


def _edges(row: dict[str, str], *, is_round: bool) -> _Edges | None:
    """What a manifest says of where a label is, if it is one of a sheet."""
    try:
        left, top, right, bottom = (float(row[f"{name}_mm"]) for name in _SIDES)
    except (KeyError, ValueError):
        return None
    is_on_paper = -_FARTHEST < left < right < _FARTHEST and -_FARTHEST < top < bottom < _FARTHEST
    return _Edges(left, top, right, bottom, is_round) if is_on_paper else None


def _of_sheet(pdf: bytes, row: dict[str, str], *, is_round: bool) -> Iterator[Picture]:
    """What is on the last page, and where: before it there may be one to adjust a printer by."""
    label, sheet = _rasterised(pdf, _edges(row, is_round=is_round))
    yield _picture(_png(label), _SHOWN["png"], row, "Label:")
    yield Picture(
        data=_png(sheet),
        media_type=_SHOWN["png"],
        alternative="Where the label is on its sheet",
        is_sheet=True,
    )


def _rasterised(pdf: bytes, edges: _Edges | None) -> tuple["Image.Image", "Image.Image"]:
    import pypdfium2  # noqa: PLC0415 - loaded when first needed

    if not _PDFIUM.acquire(timeout=_SECONDS):
        raise RenderError("other sheets are being drawn just now")
    try:
        document = pypdfium2.PdfDocument(pdf)
        try:
            page = document[len(document) - 1]
            width, height = page.get_size()
            most = min((_MOST_PIXELS / (width * height)) ** 0.5, _LONGEST_EDGE / max(width, height))
            scales = [min(dpi / 72, most) for dpi in (_DPI, _SHEET_DPI)]
            fine, coarse = (
                page.render(scale=scale, grayscale=True).to_pil().convert("L") for scale in scales
            )
        finally:
            document.close()
    except pypdfium2.PdfiumError as error:
        raise RenderError("the renderer made no whole PDF") from error
    finally:
        _PDFIUM.release()
    shown = fine.point(lambda level: 255 * (level < _WHITE)).getbbox()
    if edges is not None and edges.meets(fine, 72 * scales[0]):
        fine = edges.drawn(fine, 72 * scales[0], 3)
        coarse = edges.drawn(coarse, 72 * scales[1], 1)
        shown = edges.box(72 * scales[0])
    if shown is not None:
        left, top, right, bottom = shown
        start = (max(0, left - _AROUND), max(0, top - _AROUND))
        fine = fine.crop(
            (*start, min(fine.width, right + _AROUND), min(fine.height, bottom + _AROUND))
        )
    return fine, coarse


def _png(image: "Image.Image") -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()
