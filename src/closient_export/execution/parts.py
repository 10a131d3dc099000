"""The parts of a label export: tasks that any worker can do, and the files that they make."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO

from attrs import frozen

from closient_export.errors import ArtifactError, RenderError
from closient_export.ids import ShortId
from closient_export.plugins import Part, Renderer
from closient_export.ports import ArtifactStore, EntitySource
from closient_export.records import KeyRange, PartReceipt
from closient_export.requests import LabelExportRequest
from closient_export.subjects import Subject

__all__ = ["PartTask", "checked_part", "read_parts", "render_part"]


@frozen(kw_only=True)
class PartTask:
    """What a worker needs to make one part; small, since it holds no subjects."""

    owner: str
    job_id: ShortId
    request: LabelExportRequest
    snapshot: str
    index: int
    keys: KeyRange


def render_part(
    source: EntitySource,
    artifacts: ArtifactStore,
    renderer: Renderer,
    config: Any,
    task: PartTask,
) -> PartReceipt:
    """Make a part and store it; it may be done anywhere, and twice.

    Raises:
        RenderError: the renderer fails, or the selection has changed.
        ArtifactError: the part cannot be stored.
        Exception: what the source raises.
    """
    request, keys = task.request, task.keys
    subjects = list(
        source.subjects(task.owner, request.scope, request.filters, task.snapshot, keys)
    )
    if len(subjects) != keys.count:
        raise RenderError("The selection changed while it was being exported.")
    part = checked_part(renderer, config, subjects, keys.first_index, request)
    data = _encoded(part)
    digest = hashlib.sha256(data).hexdigest()
    key = f"parts/{task.job_id}/{task.index:08d}-{digest}"
    with artifacts.create(key) as file:
        file.write(data)
    return PartReceipt(
        index=task.index,
        key=key,
        item_count=part.item_count,
        failed=part.failed,
        first_failure=part.first_failure,
    )


def checked_part(
    renderer: Renderer,
    config: Any,
    subjects: list[Subject],
    first_index: int,
    request: LabelExportRequest,
) -> Part:
    """What a renderer makes of some subjects.

    Raises:
        RenderError: it fails, or what it returns is no part of so many items.
    """
    last_index = first_index + len(subjects) - 1
    try:
        part = renderer.render_part(subjects, config, first_index)
    except Exception as error:
        raise RenderError(
            f"The renderer {request.key} failed on one of the items {first_index} to {last_index}."
        ) from error
    failed = getattr(part, "failed", None)
    right = (
        getattr(part, "item_count", None) == len(subjects)
        and isinstance(failed, tuple)
        and set(failed) <= set(range(len(subjects)))
        and len(set(failed)) == len(failed)
    )
    if not right:
        raise RenderError(f"The renderer {request.key} returned a part that is none.")
    return part


def _encoded(part: Part) -> bytes:
    """A part as a file: a line that describes it, then its pieces one after the other."""
    head = {
        "item_count": part.item_count,
        "failed": part.failed,
        "first_failure": part.first_failure,
        "pieces": [len(piece) for piece in part.body],
    }
    return b"".join([json.dumps(head).encode(), b"\n", *part.body])


def _decoded(file: BinaryIO, key: str) -> Part:
    data = file.read()
    if hashlib.sha256(data).hexdigest() != key.rpartition("-")[2]:
        raise ArtifactError(f"the part {key} is not what was stored")
    line, _, rest = data.partition(b"\n")
    head = json.loads(line)
    body, at = [], 0
    for length in head["pieces"]:
        body.append(rest[at : at + length])
        at += length
    return Part(
        item_count=head["item_count"],
        failed=tuple(head["failed"]),
        first_failure=head["first_failure"],
        body=tuple(body),
    )


def read_parts(artifacts: ArtifactStore, receipts: Iterable[PartReceipt]) -> Iterator[Part]:
    """The parts of some receipts, one at a time.

    Raises:
        ArtifactError: one is gone, or is not what was stored.
    """
    for receipt in receipts:
        with artifacts.open(receipt.key) as file:
            yield _decoded(file, receipt.key)
