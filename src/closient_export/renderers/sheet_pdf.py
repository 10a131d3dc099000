"""Sheets of labels as PDF: a symbol and lines of text for each lot or serial, on label stock."""

import json
import os
from collections.abc import Iterable, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

from closient_export.compression import compressor
from closient_export.errors import ExportError, RendererError
from closient_export.manifests import csv_row, identifiers_of, utf8
from closient_export.plugins import (
    RENDERER_API,
    Part,
    Scope,
    Subject,
)
from closient_export.renderers.drawing.fonts import Font, FontChain
from closient_export.renderers.sheets.config import SheetConfig
from closient_export.renderers.sheets.label import LabelArtist
from closient_export.renderers.sheets.pages import NOWHERE, Rows, Sheets
from closient_export.wire import renderer_config, to_json

__all__ = ["FONTS_VARIABLE", "SheetConfig", "SheetRenderer"]

FONTS_VARIABLE = "CLOSIENT_EXPORT_FONTS"
"""Names TrueType files of the host's, tried in order after the built-in font."""


_BATCH = 1 << 10
"""How many labels are drawn together; no byte depends on it."""


class SheetRenderer:
    """Sheets of labels as PDF.

    Args:
        fonts: TrueType files that are tried after the built-in font, which writes Western
            European letters; those that the environment variable ``CLOSIENT_EXPORT_FONTS`` names if not given.

    Raises:
        RendererLoadError: one of them cannot be used.
    """

    api_version: ClassVar[int] = RENDERER_API
    scopes: ClassVar[frozenset[Scope]] = frozenset({Scope.LOTS, Scope.SERIALS})
    config: ClassVar[type[Any]] = SheetConfig
    media_type: ClassVar[str] = "application/pdf"
    extension: ClassVar[str] = "pdf"
    writes_manifest: ClassVar[bool] = True

    def __init__(self, fonts: Sequence[Path] | None = None) -> None:
        if fonts is None:
            named = os.environ.get(FONTS_VARIABLE, "").split(os.pathsep)
            fonts = [Path(name) for name in named if name]
        others = [Font(path) for path in fonts]
        for font in others:
            font.check()
        self._fonts = FontChain([Font(), *others])

    def render_part(
        self, subjects: Iterable[Subject], config: SheetConfig, first_index: int
    ) -> Part:
        """Draw the labels; `assemble` gives them their places."""
        del first_index
        pieces: list[bytes] = []
        used: set[int] = set()
        failed: list[int] = []
        first_failure = None
        artist = LabelArtist(self._fonts)
        recipe = compressor(config.compression).name
        remaining = iter(subjects)
        while batch := list(islice(remaining, _BATCH)):
            for subject, label in zip(batch, artist.draw_all(batch, config), strict=True):
                if isinstance(label, ExportError):
                    failed.append(len(pieces) // 2)
                    first_failure = first_failure or label.public_message
                    pieces += [b"", _cells(subject, "", "", "", "", "failed", str(label))]
                    continue
                used |= label.fonts
                width = f"{label.width_mm:.3f}"
                cells = _cells(
                    subject, label.payload, label.symbol, width, recipe, "ok", label.note
                )
                pieces += [b"\n".join(label.content), cells]
        return Part(
            item_count=len(pieces) // 2,
            failed=tuple(failed),
            first_failure=first_failure,
            body=(json.dumps(to_json(config)).encode(), self._marks(used), *pieces),
        )

    def _marks(self, used: Iterable[int]) -> bytes:
        """Which fonts a part is written in, and what they are."""
        return json.dumps(
            {index: self._fonts.fonts[index].digest for index in sorted(used)}
        ).encode()

    def _fonts_of(self, marks: bytes) -> set[int]:
        used = {int(index): digest for index, digest in json.loads(marks).items()}
        for index, digest in used.items():
            if index >= len(self._fonts.fonts) or self._fonts.fonts[index].digest != digest:
                raise RendererError(
                    "the parts are written in other fonts than those of this process: expected the "
                    f"same {FONTS_VARIABLE} everywhere"
                )
        return set(used)

    def _read(self, config: bytes) -> SheetConfig:
        """The knobs as a part carries them."""
        found: SheetConfig = renderer_config(self, json.loads(config))
        return found

    def assemble(
        self, parts: Iterable[Part], out: BinaryIO, manifest: BinaryIO | None = None
    ) -> None:
        """Give the labels their places, page by page, and attach the manifest.

        Raises:
            RendererError: parts were made with other knobs or fonts.
        """
        remaining = iter(parts)
        first = next(remaining, None)
        if first is None:
            return
        config = self._read(first.body[0])
        recipe = compressor(config.compression)
        with Rows(manifest, recipe) as rows:
            sheets = Sheets(out, config, self._fonts, recipe)
            index = 0
            for part in chain([first], remaining):
                knobs, marks, *pieces = part.body
                used = self._fonts_of(marks)
                if knobs != first.body[0]:
                    raise RendererError("expected parts of one job, got parts with other knobs")
                sheets.used |= used
                for content, cells in zip(pieces[::2], pieces[1::2], strict=True):
                    places = sheets.place(content) if content else [NOWHERE]
                    for place in places:
                        rows.write(b"%d,%b,%b" % (index, place, cells))
                    index += 1
            sheets.finish(rows)


def _cells(subject: Subject, *described: str) -> bytes:
    """The cells of the manifest that do not depend on the label's place."""
    return utf8(csv_row((*identifiers_of(subject), *described)))
