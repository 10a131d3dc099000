"""What the author of a renderer imports.

A renderer is a class (or a factory without arguments) that an installed distribution registers
under the entry-point group ``closient_export.renderers``; the entry point's name is the pair it
renders, ``"<export_type>.<file_format>"``::

    [project.entry-points."closient_export.renderers"]
    "shelf_tags.svg" = "acme_labels:ShelfTagRenderer"

Most authors subclass `SymbolZipRenderer` and write `SymbolZipRenderer.draw`.
"""

import csv
import hashlib
import io
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, ClassVar, Protocol, runtime_checkable

from attrs import field, frozen, validators

from closient_export.archive import ArchiveWriter, encode_member, member_name
from closient_export.errors import ExportError, Problem, RenderError, RequestError
from closient_export.subjects import Lot, Scope, Serial, Subject

__all__ = [
    "MANIFEST_COLUMNS",
    "RENDERER_API",
    "Drawing",
    "ExportError",
    "NoConfig",
    "Part",
    "Problem",
    "RenderError",
    "Renderer",
    "RequestError",
    "Scope",
    "Subject",
    "SymbolZipRenderer",
    "csv_cell",
]

RENDERER_API = 1
"""The version of this interface; a renderer says in `Renderer.api_version` which one it is for."""


@frozen(kw_only=True)
class Part:
    """What one call of `Renderer.render_part` made: counts for the job, bytes for `assemble`."""

    item_count: int = field(validator=validators.ge(0))
    failed_count: int = field(default=0, validator=validators.ge(0))
    """How many of the items could not be drawn."""
    first_failure: str | None = None
    """Why the first of those could not, safe to show."""
    body: tuple[bytes, ...] = ()
    """The artifact's bytes, in as many pieces as the renderer finds useful."""


@runtime_checkable
class Renderer(Protocol):
    """Turns subjects into an artifact, part by part.

    Obligations: a part depends only on its arguments, so that it may be made anywhere and twice;
    parts and renderers can be pickled; the artifact does not depend on how the subjects were cut
    into parts; a subject that cannot be drawn is counted in its part and does not raise.
    """

    api_version: ClassVar[int]
    scopes: ClassVar[frozenset[Scope]]
    """The scopes whose subjects it can draw."""
    config: ClassVar[type[Any]]
    """The attrs class of its knobs, each with a default.

    A knob's validator judges its value alone (the instance may be ``None``); rules between knobs
    belong in ``__attrs_post_init__``. Both raise ValueError, or RequestError to name the knob.
    """
    media_type: ClassVar[str]
    extension: ClassVar[str]
    """Of the artifact's file name, without a dot."""

    def render_part(self, subjects: Iterable[Subject], config: Any, first_index: int) -> Part:
        """Draw subjects that follow each other; the first is number `first_index` of the job."""
        ...

    def assemble(self, parts: Iterable[Part], out: BinaryIO) -> None:
        """Write the artifact from its parts, which come in order and are read once."""
        ...


@frozen
class NoConfig:
    """The configuration of a renderer without knobs."""


@frozen
class Drawing:
    """A drawn label and what the manifest says of it."""

    data: bytes
    payload: str = ""
    """What a reader of the symbol returns."""
    symbol: str = ""
    """The symbol's kind and size, such as ``QR 3-M 29x29``."""
    width_mm: float | None = None
    """How wide it is printed, quiet zones included."""


MANIFEST_COLUMNS = (
    "index",
    "member",
    "gtin",
    "lot",
    "serial",
    "payload",
    "symbol",
    "width_mm",
    "sha256",
    "status",
    "error",
)


class SymbolZipRenderer(ABC):
    """A renderer whose artifact is a ZIP with one file for each subject, and a manifest.

    ``manifest.csv`` (UTF-8) has one row for each subject, in order, drawn or not, with the columns
    of `MANIFEST_COLUMNS`. A cell that a spreadsheet would take for a formula starts with an
    apostrophe that is not part of the value (see `csv_cell`).
    """

    api_version: ClassVar[int] = RENDERER_API
    scopes: ClassVar[frozenset[Scope]] = frozenset({Scope.LOTS, Scope.SERIALS})
    config: ClassVar[type[Any]] = NoConfig
    media_type: ClassVar[str] = "application/zip"
    extension: ClassVar[str] = "zip"
    member_extension: ClassVar[str]
    """Of the files in the archive, without a dot."""
    compress: ClassVar[bool] = True
    """Whether deflating the files gains anything."""

    @abstractmethod
    def draw(self, subject: Subject, config: Any) -> bytes | Drawing:
        """Draw the label of one subject.

        Raises:
            ExportError: it cannot be drawn; the manifest says why, and the others go on.
        """

    def render_part(self, subjects: Iterable[Subject], config: Any, first_index: int) -> Part:
        """Draw the subjects to ZIP records and rows of the manifest."""
        records, rows = io.BytesIO(), io.StringIO(newline="")
        manifest = csv.writer(rows)
        item_count = failed_count = 0
        first_failure = None
        for index, subject in enumerate(subjects, first_index):
            item_count += 1
            try:
                drawing = self.draw(subject, config)
            except ExportError as error:
                failed_count += 1
                first_failure = first_failure or error.public_message
                row = _row(index, subject, error=str(error))
            else:
                if isinstance(drawing, bytes):
                    drawing = Drawing(drawing)
                name = member_name(index, _identifiers(subject).values(), self.member_extension)
                records.write(encode_member(name, drawing.data, compress=self.compress))
                row = _row(index, subject, name, drawing)
            manifest.writerow(map(csv_cell, row))
        return Part(
            item_count=item_count,
            failed_count=failed_count,
            first_failure=first_failure,
            body=(records.getvalue(), rows.getvalue().encode()),
        )

    def assemble(self, parts: Iterable[Part], out: BinaryIO) -> None:
        """Join the parts and add the manifest."""
        with ArchiveWriter(out) as archive:
            archive.add_stream("manifest.csv", self._append(parts, archive))

    @staticmethod
    def _append(parts: Iterable[Part], archive: ArchiveWriter) -> Iterator[bytes]:
        """Copy the records to the archive and hand on the manifest, part by part."""
        yield (",".join(MANIFEST_COLUMNS) + "\r\n").encode()
        for part in parts:
            records, rows = part.body
            archive.append(records)
            yield rows


def _identifiers(subject: Subject) -> dict[str, str]:
    identifiers = {"gtin": subject.gtin.value}
    if isinstance(subject, Lot | Serial) and subject.lot is not None:
        identifiers["lot"] = subject.lot
    if isinstance(subject, Serial):
        identifiers["serial"] = subject.serial
    return identifiers


def _row(
    index: int,
    subject: Subject,
    name: str = "",
    drawing: Drawing | None = None,
    error: str = "",
) -> tuple[str, ...]:
    identifiers = _identifiers(subject)
    known = tuple(identifiers.get(column, "") for column in ("gtin", "lot", "serial"))
    if drawing is None:
        return (str(index), name, *known, "", "", "", "", "failed", error)
    width = "" if drawing.width_mm is None else f"{drawing.width_mm:.3f}"
    checksum = hashlib.sha256(drawing.data).hexdigest()
    return (str(index), name, *known, drawing.payload, drawing.symbol, width, checksum, "ok", "")


def csv_cell(text: str) -> str:
    """`text` so that no spreadsheet takes it for a formula, and so that it can be told again.

    A text that starts with one of ``= + - @``, a tab or a line break, or with an apostrophe, gets
    an apostrophe in front: whoever finds one drops it.

    >>> csv_cell("=1+1"), csv_cell("'tis"), csv_cell("ABC")
    ("'=1+1", "''tis", 'ABC')
    """
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "'")) else text
