"""Sheets of labels as PDF: a symbol and lines of text for each lot or serial, on label stock."""

import csv
import io
import json
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, ClassVar

from closient_export.errors import ExportError, RendererError
from closient_export.plugins import (
    IDENTIFYING_COLUMNS,
    RENDERER_API,
    Part,
    Scope,
    Subject,
    csv_cell,
    identifiers_of,
    utf8,
)
from closient_export.renderers.drawing.fonts import Font, FontChain
from closient_export.renderers.sheets.config import SheetConfig
from closient_export.renderers.sheets.label import LabelArtist
from closient_export.renderers.sheets.pages import NOWHERE, Rows, Sheets
from closient_export.wire import renderer_config, to_json

__all__ = ["FONTS_VARIABLE", "SheetConfig", "SheetRenderer"]

FONTS_VARIABLE = "CLOSIENT_EXPORT_FONTS"
"""Names TrueType files of the host's, tried in order after the built-in font."""


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
        for subject in subjects:
            try:
                label = LabelArtist(self._fonts).draw(subject, config)
            except ExportError as error:
                failed.append(len(pieces) // 2)
                first_failure = first_failure or error.public_message
                pieces += [b"", _cells(subject, "", "", "", "failed", str(error))]
                continue
            used |= label.fonts
            width = f"{label.width_mm:.3f}"
            cells = _cells(subject, label.payload, label.symbol, width, "ok", label.note)
            pieces += ["\n".join(label.content).encode("ascii"), cells]
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
        with Rows(manifest) as rows:
            sheets: Sheets | None = None
            index = 0
            first_config = None
            for part in parts:
                config, marks, *pieces = part.body
                used = self._fonts_of(marks)
                if first_config not in (None, config):
                    raise RendererError("expected parts of one job, got parts with other knobs")
                first_config = config
                sheets = sheets or Sheets(out, self._read(config), self._fonts)
                sheets.used |= used
                for content, cells in zip(pieces[::2], pieces[1::2], strict=True):
                    places = sheets.place(content.decode("ascii")) if content else [NOWHERE]
                    for place in places:
                        rows.write(f"{index},{place},".encode("ascii") + cells)
                    index += 1
            if sheets is not None:
                sheets.finish(rows)


def _cells(
    subject: Subject, payload: str, symbol: str, width: str, status: str, error: str
) -> bytes:
    """The cells of the manifest that do not depend on the label's place."""
    identifiers = identifiers_of(subject)
    known = (identifiers.get(column, "") for column in IDENTIFYING_COLUMNS)
    row = io.StringIO(newline="")
    csv.writer(row).writerow(map(csv_cell, (*known, payload, symbol, width, status, error)))
    return utf8(row.getvalue())
