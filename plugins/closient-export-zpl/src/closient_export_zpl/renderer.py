"""The renderer: one ZPL file with a label format for each subject."""

import csv
import io
from collections.abc import Iterable
from typing import Any, BinaryIO, ClassVar

from closient_export.plugins import RENDERER_API, ExportError, Part, Scope, Subject, csv_cell
from closient_export_zpl.config import ZplConfig
from closient_export_zpl.layout import Label, lay_out

__all__ = ["MANIFEST_COLUMNS", "ZplRenderer"]

MANIFEST_COLUMNS = (
    *("index", "gtin", "lot", "serial"),
    *("payload", "symbol", "width_mm", "status", "error"),
)


class ZplRenderer:
    """Labels in ZPL II, one format (^XA to ^XZ) a line, in the order of the subjects."""

    api_version: ClassVar[int] = RENDERER_API
    scopes: ClassVar[frozenset[Scope]] = frozenset(Scope)
    config: ClassVar[type[Any]] = ZplConfig
    media_type: ClassVar[str] = "text/plain"
    """ZPL has no registered media type, and these files are ASCII."""
    extension: ClassVar[str] = "zpl"
    writes_manifest: ClassVar[bool] = True

    def render_part(self, subjects: Iterable[Subject], config: ZplConfig, first_index: int) -> Part:
        """Draw the subjects as label formats, and their rows of the manifest."""
        formats: list[str] = []
        rows = io.StringIO(newline="")
        failed: list[int] = []
        first_failure = None
        count = 0
        for count, subject in enumerate(subjects, 1):
            found: Label | ExportError
            try:
                found = lay_out(subject, config)
            except ExportError as error:
                found = error
                failed.append(count - 1)
                first_failure = first_failure or error.public_message
            else:
                formats.append(found.zpl)
            _write_row(rows, first_index + count - 1, subject, found)
        return Part(
            item_count=count,
            failed=tuple(failed),
            first_failure=first_failure,
            body=("".join(formats).encode("ascii"), _utf8(rows.getvalue())),
        )

    def assemble(
        self, parts: Iterable[Part], out: BinaryIO, manifest: BinaryIO | None = None
    ) -> None:
        """Join the label formats, and the rows of the manifest if a file for it is given."""
        if manifest is not None:
            manifest.write((",".join(MANIFEST_COLUMNS) + "\r\n").encode())
        for part in parts:
            formats, rows = part.body
            out.write(formats)
            if manifest is not None:
                manifest.write(rows)


def _write_row(file: io.StringIO, index: int, subject: Subject, found: Label | ExportError) -> None:
    lot, serial = getattr(subject, "lot", None), getattr(subject, "serial", None)
    described = (
        ("", "", "", "failed", str(found))
        if isinstance(found, ExportError)
        else (found.payload, found.symbol, f"{found.width_mm:.3f}", "ok", "")
    )
    cells = (str(index), str(subject.gtin), lot or "", serial or "", *described)
    csv.writer(file).writerow(map(csv_cell, cells))


def _utf8(text: str) -> bytes:
    """Text in UTF-8; a catalogue may hold a lone surrogate, which UTF-8 does not have."""
    return text.encode("utf-8", "backslashreplace")
