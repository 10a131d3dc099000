import csv
import hashlib
import io
import tracemalloc
import zipfile
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, cast

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from closient_export import (
    Gtin,
    JobStatus,
    LabelExportJob,
    LabelExportRequest,
    Lot,
    Serial,
    run_label_export,
)
from closient_export.adapters.csv_entities import CsvEntitySource
from closient_export.adapters.file_artifacts import FileArtifactStore
from closient_export.errors import RendererError
from closient_export.execution import run_label_export_in_parts
from closient_export.plugins import (
    MANIFEST_COLUMNS,
    Drawing,
    NoConfig,
    Part,
    Scope,
    Subject,
    SymbolZipRenderer,
    csv_value,
)
from closient_export.renderers.qr_codes import QrPngRenderer
from closient_export.testing.strategies import gtins, hostile_text, lots, serials

GTIN = Gtin.parse("9506000134352")
REQUEST = LabelExportRequest(scope="serials", export_type="plain", file_format="txt")


class PlainRenderer(SymbolZipRenderer):
    """Writes the identifiers as text."""

    member_extension = "txt"

    def draw(self, subject: Subject, config: NoConfig) -> Drawing:
        del config
        hri = subject.element_string().hri()
        return Drawing(hri.encode(), payload=hri, symbol="text", width_mm=12.3456)


class BrokenRenderer(SymbolZipRenderer):
    member_extension = "txt"

    def draw(self, _subject: Subject, _config: NoConfig) -> bytes:
        raise ZeroDivisionError("secret/path")


def run(
    subjects: list[Subject],
    renderer: SymbolZipRenderer | None = None,
    *,
    part_size: int = 500,
    total: int | None = None,
) -> tuple[LabelExportJob, bytes, list[LabelExportJob]]:
    out = io.BytesIO()
    seen: list[LabelExportJob] = []
    job = run_label_export(
        LabelExportJob(request=REQUEST),
        renderer or PlainRenderer(),
        NoConfig(),
        iter(subjects),
        out,
        total_items=len(subjects) if total is None else total,
        part_size=part_size,
        on_progress=seen.append,
    )
    return job, out.getvalue(), seen


def manifest(artifact: bytes) -> list[dict[str, str]]:
    with zipfile.ZipFile(io.BytesIO(artifact)) as zipped:
        text = zipped.read("manifest.csv").decode()
    return list(csv.DictReader(io.StringIO(text, newline="")))


hostile_subjects = st.lists(
    lots()
    | serials()
    | st.builds(Lot, gtin=gtins(), lot=hostile_text().filter(bool), printed_at=st.none())
    | st.builds(Serial, gtin=gtins(), serial=hostile_text().filter(bool), printed_at=st.none()),
    min_size=1,
    max_size=12,
)


@given(hostile_subjects)
def test_nothing_is_lost_whatever_the_identifiers(subjects: list[Subject]) -> None:
    job, artifact, _ = run(subjects)
    if job.status is JobStatus.FAILED:
        assert job.failed_items == len(subjects)
        return
    rows = manifest(artifact)
    assert [row["index"] for row in rows] == [str(index) for index in range(len(subjects))]
    with zipfile.ZipFile(io.BytesIO(artifact)) as zipped:
        members = {name: zipped.read(name) for name in zipped.namelist()}
    del members["manifest.csv"]
    for row, subject in zip(rows, subjects, strict=True):
        assert row["gtin"] == subject.gtin.value
        assert isinstance(subject, Lot | Serial)
        stored = (subject.lot or "").encode("utf-8", "backslashreplace").decode()
        assert csv_value(row["lot"]) == stored
        if row["status"] == "ok":
            data = members.pop(row["member"])
            assert data.decode() == csv_value(row["payload"]) == subject.element_string().hri()
            assert row["sha256"] == hashlib.sha256(data).hexdigest()
            assert (row["symbol"], row["width_mm"], row["error"]) == ("text", "12.346", "")
        else:
            assert row["status"] == "failed"
            assert row["error"].startswith(("(10)", "(21)"))
            assert row["member"] == row["sha256"] == ""
    assert not members
    assert job.failed_items == sum(row["status"] == "failed" for row in rows)


@given(hostile_subjects, st.integers(1, 7))
def test_bytes_do_not_depend_on_the_parts(subjects: list[Subject], part_size: int) -> None:
    assert run(subjects, part_size=part_size)[1] == run(subjects)[1]


@given(hostile_subjects)
def test_no_cell_is_a_formula(subjects: list[Subject]) -> None:
    job, artifact, _ = run(subjects)
    if job.status is JobStatus.COMPLETED:
        for row in manifest(artifact):
            assert not any(
                cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row.values()
            )


def test_progress_is_told_after_each_part() -> None:
    subjects: list[Subject] = [Serial(gtin=GTIN, serial=str(n)) for n in range(7)]
    subjects[3] = Serial(gtin=GTIN, serial="#")
    job, artifact, seen = run(subjects, part_size=3)
    assert [(state.processed_items, state.failed_items) for state in seen] == [
        (3, 0),
        (6, 1),
        (7, 1),
    ]
    assert job.status is JobStatus.COMPLETED
    assert job.file_size_bytes == len(artifact)
    assert job.output_filename == f"plain-serials-{job.job_id[:4]}-7.zip"


def test_the_header_of_the_manifest() -> None:
    _, artifact, _ = run([Lot(gtin=GTIN, lot="A")])
    with zipfile.ZipFile(io.BytesIO(artifact)) as zipped:
        first = zipped.read("manifest.csv").decode().split("\r\n")[0]
    assert first == ",".join(MANIFEST_COLUMNS)


def test_an_export_of_nothing_fails() -> None:
    job, artifact, _ = run([])
    assert (job.status, artifact) == (JobStatus.FAILED, b"")
    assert job.error == "The filters select nothing, so there is nothing to export."


def test_an_export_in_which_every_item_fails_is_failed() -> None:
    job, _, _ = run([Lot(gtin=GTIN, lot="A#1"), Lot(gtin=GTIN, lot="x" * 21)])
    assert job.status is JobStatus.FAILED
    assert job.error == (
        "None of the 2 items can be drawn; the first: (10): expected a character of GS1 character "
        "set 82, got '#' at character 2"
    )


@pytest.mark.parametrize("total", [1, 3])
def test_a_selection_that_changes_meanwhile_fails(total: int) -> None:
    job, _, _ = run([Lot(gtin=GTIN, lot="A"), Lot(gtin=GTIN, lot="B")], total=total)
    assert job.status is JobStatus.FAILED
    assert job.error == "The selection changed while it was being exported."


def test_a_bug_of_a_renderer_fails_the_job_without_showing_it() -> None:
    job, _, _ = run([Lot(gtin=GTIN, lot="A")], BrokenRenderer())
    assert job.status is JobStatus.FAILED
    assert job.error == "The renderer plain.txt failed on one of the items 0 to 0."


def test_an_output_that_cannot_be_written_is_the_callers() -> None:
    class Full(io.BytesIO):
        def write(self, _data: object) -> int:
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        run_label_export(
            LabelExportJob(request=REQUEST),
            PlainRenderer(),
            NoConfig(),
            [Lot(gtin=GTIN, lot="A")],
            Full(),
            total_items=1,
        )


def test_png_members_are_stored_and_text_is_deflated() -> None:
    for renderer, method in (
        (QrPngRenderer(), zipfile.ZIP_STORED),
        (PlainRenderer(), zipfile.ZIP_DEFLATED),
    ):
        part = renderer.render_part([Lot(gtin=GTIN, lot="A")], renderer.config(), 0)
        out = io.BytesIO()
        renderer.assemble([part], out)
        with zipfile.ZipFile(out) as zipped:
            assert zipped.infolist()[0].compress_type == method


LOTS: list[Subject] = [Lot(gtin=GTIN, lot="A"), Lot(gtin=GTIN, lot="B")]


class Miscounting(PlainRenderer):
    def render_part(self, subjects: Iterable[Subject], config: Any, first_index: int) -> Part:
        part = super().render_part(subjects, config, first_index)
        return evolve(part, item_count=part.item_count + 1)


class Partless(PlainRenderer):
    def render_part(self, _subjects: Any, _config: Any, _first_index: int) -> Any:
        return None


class Idle(PlainRenderer):
    def assemble(self, _parts: Any, _out: Any, _manifest: Any = None) -> None:
        return


class Clumsy(PlainRenderer):
    def assemble(self, parts: Any, _out: Any, _manifest: Any = None) -> None:
        list(parts)
        raise LookupError("secret")


@pytest.mark.parametrize(
    ("renderer", "error"),
    [
        (Miscounting(), "The renderer plain.txt returned a part that is none."),
        (Partless(), "The renderer plain.txt returned a part that is none."),
        (Idle(), "The renderer plain.txt left out parts of the artifact."),
        (Clumsy(), "The renderer plain.txt failed."),
    ],
)
def test_a_renderer_that_breaks_its_promises_fails_the_job(
    renderer: SymbolZipRenderer, error: str
) -> None:
    job, _, _ = run(LOTS, renderer)
    assert (job.status, job.error) == (JobStatus.FAILED, error)


class Hasty(PlainRenderer):
    def assemble(self, parts: Any, out: Any, manifest: Any = None) -> None:
        super().assemble(islice(parts, 1), out, manifest)


@pytest.mark.parametrize("renderer", [Idle(), Hasty()])
def test_parts_that_a_renderer_leaves_out_fail_the_job(
    renderer: SymbolZipRenderer, tmp_path: Path
) -> None:
    catalog = tmp_path / "serials.csv"
    catalog.write_text("gtin,serial\n" + "".join(f"{GTIN},{n}\n" for n in range(9)))
    job, _ = run_label_export_in_parts(
        LabelExportJob(request=REQUEST),
        renderer,
        NoConfig(),
        CsvEntitySource(path=catalog, owner="acme"),
        io.BytesIO(),
        owner="acme",
        artifacts=FileArtifactStore(tmp_path / "parts"),
        make_executor=ThreadPoolExecutor,
        window=2,
        part_size=2,
    )
    assert job.error == f"The renderer {REQUEST.key} left out parts of the artifact."


def test_what_the_source_raises_is_the_callers() -> None:
    def source() -> Iterator[Subject]:
        yield LOTS[0]
        raise ConnectionRefusedError("database")

    def broken() -> Iterator[Subject]:
        yield LOTS[0]
        raise LookupError("cursor")

    for subjects, kind in ((source(), ConnectionRefusedError), (broken(), LookupError)):
        with pytest.raises(kind):
            run_label_export(
                LabelExportJob(request=REQUEST),
                PlainRenderer(),
                NoConfig(),
                subjects,
                io.BytesIO(),
                total_items=2,
            )


class Trickle(io.RawIOBase):
    """An output like a pipe: not seekable, and it takes a few bytes at a time."""

    def __init__(self) -> None:
        self.data = b""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        taken = bytes(data[:100])
        self.data += taken
        return len(taken)


def test_outputs_that_take_little_at_a_time_get_all_of_it() -> None:
    out = Trickle()
    job = run_label_export(
        LabelExportJob(request=REQUEST),
        PlainRenderer(),
        NoConfig(),
        LOTS,
        cast("BinaryIO", out),
        total_items=2,
    )
    assert out.data == run(LOTS)[1]
    assert job.file_size_bytes == len(out.data)


def test_a_manifest_beside_needs_a_renderer_that_writes_one() -> None:
    class Bare:
        api_version: ClassVar[int] = 1
        scopes: ClassVar[frozenset[Scope]] = frozenset({Scope.LOTS})
        config: ClassVar[type[Any]] = NoConfig
        media_type: ClassVar[str] = "text/plain"
        extension: ClassVar[str] = "txt"

        def render_part(self, subjects: Iterable[Subject], config: Any, first_index: int) -> Part:
            del config, first_index
            return Part(item_count=len(list(subjects)))

        def assemble(self, parts: Iterable[Part], out: BinaryIO) -> None:
            out.write(bytes(len(list(parts))))

    arguments = (LabelExportJob(request=REQUEST), Bare(), NoConfig(), LOTS, io.BytesIO())
    assert run_label_export(*arguments, total_items=2).status is JobStatus.COMPLETED
    with pytest.raises(RendererError, match="writes no manifest"):
        run_label_export(*arguments, total_items=2, manifest=io.BytesIO())
    beside = io.BytesIO()
    job = LabelExportJob(request=REQUEST)
    out = io.BytesIO()
    run_label_export(job, PlainRenderer(), NoConfig(), LOTS, out, total_items=2, manifest=beside)
    with zipfile.ZipFile(out) as zipped:
        assert zipped.read("manifest.csv") == beside.getvalue()


def test_memory_does_not_grow_with_the_labels() -> None:
    class Nowhere(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, data: Any) -> int:
            return len(data)

    def peak(count: int) -> int:
        tracemalloc.start()
        job = run_label_export(
            LabelExportJob(request=REQUEST),
            PlainRenderer(),
            NoConfig(),
            (Serial(gtin=GTIN, serial=str(n)) for n in range(count)),
            cast("BinaryIO", Nowhere()),
            total_items=count,
            part_size=100,
        )
        assert job.status is JobStatus.COMPLETED
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    peak(200)  # whatever is made once, is made now
    # what waits until the end waits in files of four megabytes at most in memory
    assert peak(20_000) < peak(2_000) + 6_000_000
