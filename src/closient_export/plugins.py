"""What the author of a renderer or of a trace writer imports.

A renderer is a class (or a factory without arguments) that an installed distribution registers
under the entry-point group ``closient_export.renderers``; the entry point's name is the pair it
renders, ``"<export_type>.<file_format>"``::

    [project.entry-points."closient_export.renderers"]
    "shelf_tags.svg" = "acme_labels:ShelfTagRenderer"

Most authors subclass `SymbolZipRenderer` and write `SymbolZipRenderer.draw`, or
`BulkSymbolZipRenderer` and its `BulkSymbolZipRenderer.draw_all`.

A trace writer is registered in the same way, under the group ``closient_export.trace_writers`` and
the name of its format, such as ``xlsx``: see `TraceWriter`.
"""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import Any, BinaryIO, ClassVar, Protocol, cast, runtime_checkable

from attrs import field, frozen, validators

from closient_export.archive import ArchiveWriter, encode_member, member_name
from closient_export.compression import STORED, Compression, Compressor, compressor
from closient_export.errors import (
    ExportError,
    Problem,
    RenderError,
    RequestError,
    TraceWriterError,
)
from closient_export.manifests import (
    IDENTIFYING_COLUMNS,
    csv_cell,
    csv_row,
    csv_value,
    identifiers_of,
    utf8,
)
from closient_export.requests import RendererKey
from closient_export.subjects import Scope, Subject

__all__ = [
    "MANIFEST_COLUMNS",
    "RENDERER_API",
    "STORED",
    "TRACE_WRITER_API",
    "ArchiveWriter",
    "ArtifactConfig",
    "BulkSymbolZipRenderer",
    "Compression",
    "Compressor",
    "Drawing",
    "Drawn",
    "ExportError",
    "ManifestRenderer",
    "NoConfig",
    "Part",
    "Problem",
    "RenderError",
    "Renderer",
    "RendererKey",
    "RequestError",
    "Scope",
    "Subject",
    "SymbolZipRenderer",
    "TraceWriter",
    "TraceWriterError",
    "Undrawn",
    "csv_cell",
    "csv_row",
    "csv_value",
    "encode_member",
    "identifiers_of",
    "member_name",
]

RENDERER_API = 1
"""The version of this interface; a renderer says in `Renderer.api_version` which one it is for."""
TRACE_WRITER_API = 1
"""The same for `TraceWriter.api_version`."""


@frozen(kw_only=True)
class Part:
    """What one call of `Renderer.render_part` made: counts for the job, bytes for `assemble`."""

    item_count: int = field(validator=validators.ge(0))
    failed: tuple[int, ...] = ()
    """Which of the items, from 0 on in this part, could not be drawn."""
    first_failure: str | None = None
    """Why the first of those could not, safe to show."""
    body: tuple[bytes, ...] = ()
    """The artifact's bytes, in as many pieces as the renderer finds useful."""

    @property
    def failed_count(self) -> int:
        """How many of the items could not be drawn."""
        return len(self.failed)


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


@runtime_checkable
class ManifestRenderer(Protocol):
    """A renderer that can write its manifest to a file of its own as well."""

    writes_manifest: ClassVar[bool]

    def assemble(
        self, parts: Iterable[Part], out: BinaryIO, manifest: BinaryIO | None = None
    ) -> None:
        """As `Renderer.assemble`, and copy the manifest to `manifest` if one is given."""
        ...


@runtime_checkable
class TraceWriter(Protocol):
    """Writes the trace of a lot as a file of one format.

    Obligation: the bytes depend on the report alone, so that the same report makes the same file.
    """

    api_version: ClassVar[int]
    media_type: ClassVar[str]
    extension: ClassVar[str]
    """Of the file's name, without a dot."""

    def write(self, report: Any, out: BinaryIO) -> None:
        """Write a `closient_export.trace.report.TraceReport`.

        Raises:
            TraceWriterError: the format cannot hold it.
        """
        ...


@frozen
class NoConfig:
    """The configuration of a renderer without knobs."""


# Without slots, so that a renderer's knobs can inherit these and others together.
@frozen(kw_only=True, slots=False)
class ArtifactConfig:
    """The knobs of any artifact; a renderer's own may inherit them."""

    compression: Compression = "fast"
    """How much work goes into a small file: ``fast``, ``small``, or ``stored`` for none."""


@frozen
class Drawing:
    """A drawn label and what the manifest says of it."""

    data: bytes
    payload: str = ""
    """What a reader of the symbol returns."""
    symbol: str = ""
    """The symbol's kind and size, such as ``QR 3-M 29x29``."""
    width_mm: float | None = None
    """How wide the symbol is printed, quiet zones included; not the label around it."""
    suffix: str = ""
    """Tells the files of one subject apart, where there are several."""


@frozen
class Undrawn:
    """One of several files of a subject that could not be made, while others could."""

    error: str
    suffix: str


Drawn = bytes | Drawing | Sequence[Drawing | Undrawn]
"""What is drawn for one subject: a file, a file with what the manifest says of it, or several."""

DESCRIBING_COLUMNS = ("payload", "symbol", "width_mm", "sha256", "compression", "status", "error")
MANIFEST_COLUMNS = ("index", "member", *IDENTIFYING_COLUMNS, *DESCRIBING_COLUMNS)

_BATCH = 1 << 10
"""How many subjects are drawn together; no byte depends on it."""


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
    writes_manifest: ClassVar[bool] = True
    member_extension: ClassVar[str]
    """Of the files in the archive, without a dot; required of each subclass."""
    compress: ClassVar[bool] = True
    """Whether deflating the files gains anything."""

    @abstractmethod
    def draw(self, subject: Subject, config: Any) -> Drawn:
        """Draw the label of one subject, in one file or in several.

        Raises:
            ExportError: it cannot be drawn; the manifest says why, and the others go on.
        """

    def draw_all(self, subjects: Sequence[Subject], config: Any) -> Iterable[Drawn | ExportError]:
        """Draw the labels of some subjects, each as `draw` does.

        Returns:
            For each subject, in order, what `draw` returns or the error that it raises.
        """
        for subject in subjects:
            try:
                yield self.draw(subject, config)
            except ExportError as error:
                yield error

    def compressor(self, config: Any) -> Compressor:
        """What compresses the files, in the archive or within themselves."""
        return compressor(_compression(config))

    def render_part(self, subjects: Iterable[Subject], config: Any, first_index: int) -> Part:
        """Draw the subjects to ZIP records and rows of the manifest."""
        records: list[bytes] = []
        rows: list[str] = []
        recipe = self.compressor(config)
        packing = recipe if self.compress else STORED
        failed: list[int] = []
        first_failure = None
        index = first_index
        remaining = iter(subjects)
        while batch := list(islice(remaining, _BATCH)):
            for subject, drawn in zip(batch, self.draw_all(batch, config), strict=True):
                if isinstance(drawn, ExportError):
                    failed.append(index - first_index)
                    first_failure = first_failure or drawn.public_message
                    drawings: Sequence[Drawing | Undrawn] = (Undrawn(str(drawn), ""),)
                else:
                    drawings = _in_a_row(drawn)
                identifiers = identifiers_of(subject)
                for drawing in drawings:
                    name = ""
                    if isinstance(drawing, Drawing):
                        values = [value for value in identifiers if value]
                        name = member_name(index, values, self.member_extension, drawing.suffix)
                        records.append(encode_member(name, drawing.data, packing))
                    row = (str(index), name, *identifiers, *_describe(drawing, recipe))
                    rows.append(csv_row(row))
                index += 1
        return Part(
            item_count=index - first_index,
            failed=tuple(failed),
            first_failure=first_failure,
            body=(b"".join(records), utf8("".join(rows)), _compression(config).encode()),
        )

    def assemble(
        self, parts: Iterable[Part], out: BinaryIO, manifest: BinaryIO | None = None
    ) -> None:
        """Join the parts and add the manifest, also to a file of its own if one is given."""
        remaining = iter(parts)
        first = list(islice(remaining, 1))
        recipe = compressor(cast("Compression", first[0].body[2].decode()) if first else "fast")
        with ArchiveWriter(out) as archive:
            rows = self._append(chain(first, remaining), archive)
            rows = rows if manifest is None else tee(rows, manifest)
            archive.add_stream("manifest.csv", rows, recipe)

    @staticmethod
    def _append(parts: Iterable[Part], archive: ArchiveWriter) -> Iterator[bytes]:
        """Copy the records to the archive and hand on the manifest, part by part."""
        yield (",".join(MANIFEST_COLUMNS) + "\r\n").encode()
        for part in parts:
            records, rows, _ = part.body
            archive.append(records)
            yield rows


class BulkSymbolZipRenderer(SymbolZipRenderer):
    """A `SymbolZipRenderer` whose labels are drawn faster together than one by one.

    No byte of a label may depend on those that are drawn with it.
    """

    @abstractmethod
    def draw_all(self, subjects: Sequence[Subject], config: Any) -> Iterable[Drawn | ExportError]:
        """Draw the labels of some subjects, a thousand at most.

        Returns:
            For each subject, in order, its files, or the error why they cannot be drawn.
        """

    def draw(self, subject: Subject, config: Any) -> Drawn:
        """Draw the label of one subject, in one file or in several.

        Raises:
            ExportError: it cannot be drawn.
        """
        (drawn,) = self.draw_all([subject], config)
        if isinstance(drawn, ExportError):
            raise drawn
        return drawn


def _compression(config: Any) -> Compression:
    return config.compression if isinstance(config, ArtifactConfig) else "fast"


def _in_a_row(drawn: Drawn) -> Sequence[Drawing | Undrawn]:
    if isinstance(drawn, bytes):
        return (Drawing(drawn),)
    return (drawn,) if isinstance(drawn, Drawing) else drawn


def tee(chunks: Iterable[bytes], copy: BinaryIO) -> Iterator[bytes]:
    """The chunks, each written to `copy` on its way."""
    for chunk in chunks:
        copy.write(chunk)
        yield chunk


def _describe(drawing: Drawing | Undrawn, recipe: Compressor) -> tuple[str, ...]:
    """What a manifest says of a drawing, by `DESCRIBING_COLUMNS`."""
    if isinstance(drawing, Undrawn):
        return ("", "", "", "", "", "failed", drawing.error)
    width = "" if drawing.width_mm is None else f"{drawing.width_mm:.3f}"
    checksum = hashlib.sha256(drawing.data).hexdigest()
    return (drawing.payload, drawing.symbol, width, checksum, recipe.name, "ok", "")
