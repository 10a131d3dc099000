"""What holds for an artifact of any kind: its name, its archive, its manifest."""
# ruff: noqa: S101 - these are checks of tests

import csv
import hashlib
import io
import json
import mimetypes
import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from xml.etree import ElementTree as ET

from closient_export.errors import shown
from closient_export.manifests import csv_value
from closient_export.plugins import Part

__all__ = [
    "check_archive",
    "check_kind",
    "check_manifest",
    "check_well_formed",
    "difference",
    "may_be_empty",
    "name_problem",
    "same_bytes",
]

_MEDIA_TYPES = {
    "csv": "text/csv",
    "dot": "text/vnd.graphviz",
    "json": "application/json",
    "jsonld": "application/ld+json",
    "ods": "application/vnd.oasis.opendocument.spreadsheet",
    "parquet": "application/vnd.apache.parquet",
    "pdf": "application/pdf",
    "png": "image/png",
    "svg": "image/svg+xml",
    "txt": "text/plain",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}
_KNOWN_TYPES = mimetypes.MimeTypes(filenames=())  # whatever this machine knows besides
_BEGINNINGS = {
    "application/pdf": b"%PDF-",
    "application/vnd.apache.parquet": b"PAR1",
    "application/vnd.oasis.opendocument.spreadsheet": b"PK\x03\x04",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": b"PK\x03\x04",
    "application/zip": b"PK\x03\x04",
    "application/gzip": b"\x1f\x8b",
    "image/png": b"\x89PNG\r\n\x1a\n",
}
_NEVER_EMPTY = {*_BEGINNINGS, "application/json", "application/xml", "text/xml"}
_EXTENSION = re.compile(r"[a-z0-9]+(\.[a-z0-9]+)*")
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\..*)?")
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f<>:"|?*\\]')
_LONGEST = 255


def difference(one: bytes, other: bytes) -> str:
    """Where two artifacts part, for a message: in which member, if they are archives."""
    ours, theirs = _members(one), _members(other)
    if ours is None or theirs is None:
        return _part(one, other)
    for place, (mine, yours) in enumerate(zip_longest(ours, theirs)):
        if mine is None or yours is None:
            return f"one has {len(ours)} members, the other {len(theirs)}"
        if mine[0] != yours[0]:
            return f"member {place} is {shown(mine[0])} in one, {shown(yours[0])} in the other"
        if mine != yours:
            return f"the first member that differs is {shown(mine[0])}: {_part(mine[1], yours[1])}"
    return f"all members are alike, but not how they are kept: {_part(one, other)}"


def _members(data: bytes) -> list[tuple[str, bytes]] | None:
    """The members of a ZIP in order; ``None`` if it is none that can be read."""
    if not data.startswith(_BEGINNINGS["application/zip"]):
        return None
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            return [(info.orig_filename, archive.read(info)) for info in archive.infolist()]
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError):
        return None


def _part(one: bytes, other: bytes) -> str:
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), None)
    if at is None:
        return f"one has {len(one)} bytes, the other {len(other)}, alike as far as both go"
    ours, theirs = one[at : at + 16], other[at : at + 16]
    return f"from byte {at} on, one has {ours!r}, the other {theirs!r}"


def same_bytes(one: bytes, other: bytes, obligation: str) -> None:
    """See to it that two artifacts are one; the message begins with the obligation."""
    assert one == other, f"{obligation}; {difference(one, other)}"


def check_kind(media_type: str, extension: str, artifact: bytes) -> None:
    """See to it that extension, media type and content are of one kind."""
    assert _EXTENSION.fullmatch(extension), (
        f"an extension is lower-case letters and digits without a dot in front, got {extension!r}"
    )
    said = media_type.partition(";")[0].strip()
    known = _MEDIA_TYPES.get(extension) or _KNOWN_TYPES.guess_type(f"x.{extension}")[0]
    assert known in {None, said}, (
        f"extension and media type must belong together: .{extension} is {known}, got {said}"
    )
    beginning = _BEGINNINGS.get(said, b"")
    assert artifact.startswith(beginning), (
        f"an artifact must be what its media type says: {said} begins with {beginning!r}, "
        f"got {artifact[:8]!r}"
    )


def check_well_formed(name: str, data: bytes) -> None:
    """See to it that a file of XML, SVG or JSON, by its name, can be parsed; others are not judged."""
    extension = name.rpartition(".")[2]
    try:
        if extension in {"svg", "xml"}:
            ET.fromstring(data)  # noqa: S314 - made a moment ago, and a test
        elif extension in {"json", "jsonld"}:
            json.loads(data)
    except (ET.ParseError, ValueError) as error:
        raise AssertionError(
            f"files of {extension.upper()} must be well-formed, whatever text is in them: "
            f"{shown(name)} is not, {shown(str(error))}"
        ) from error


def may_be_empty(media_type: str) -> bool:
    """Whether a file of no bytes at all is one of a format."""
    said = media_type.partition(";")[0].strip()
    return said not in _NEVER_EMPTY and not said.endswith(("+json", "+xml", "+zip"))


def name_problem(name: str) -> str | None:
    """What is wrong with a member's name on some file system, or ``None``."""
    if not name or _FORBIDDEN.search(name):
        return 'an empty name, a control character, or one of < > : " | ? * \\'
    if unicodedata.normalize("NFC", name) != name:
        return "a name that is not in Unicode's form C"
    for part in name.split("/"):
        if part in {"", ".", ".."}:
            return "a path that is absolute or leads elsewhere"
        if part.endswith((".", " ")):
            return "a dot or a space at its end, which Windows drops"
        if _RESERVED.fullmatch(part.casefold()):
            return "the name of a device of Windows"
        if len(part.encode("utf-8", "surrogatepass")) > _LONGEST:
            return f"more than {_LONGEST} bytes"
    return None


def check_archive(artifact: bytes, folder: Path) -> dict[str, bytes]:
    """Open a ZIP with Python's own reader, judge the names, unpack it, and parse what can be.

    Args:
        artifact: The archive.
        folder: An empty folder, to unpack to.

    Returns:
        Its members, by name.
    """
    try:
        archive = zipfile.ZipFile(io.BytesIO(artifact))
    except zipfile.BadZipFile as error:
        raise AssertionError(f"an archive must open with any reader, got {error}") from error
    seen: dict[str, str] = {}
    with archive:
        for info in archive.infolist():
            name = info.orig_filename
            problem = name_problem(name)
            assert problem is None, f"member names must be safe, got {name!r}: {problem}"
            assert not stat.S_ISLNK(info.external_attr >> 16), (
                f"members must be files, got a symbolic link {name!r}"
            )
            other = seen.setdefault(name.casefold(), name)
            assert other is name, (
                f"member names must differ in more than case, got {other!r} and {name!r}"
            )
        broken = archive.testzip()
        assert broken is None, f"an archive must open with any reader, {broken!r} is broken"
        archive.extractall(folder)
    unpacked = {str(path.relative_to(folder).as_posix()) for path in folder.rglob("*")}
    lost = sorted(set(seen.values()) - unpacked)
    assert not lost, f"each member must unpack to a file of its own, lost {lost}"
    members = {name: (folder / name).read_bytes() for name in seen.values()}
    for name, data in members.items():
        check_well_formed(name, data)
    return members


def check_manifest(text: bytes, parts: Sequence[Part], members: Mapping[str, bytes] | None) -> None:
    """See to it that a manifest tells what became of each subject.

    Columns that a manifest does not have are not judged.

    Args:
        text: The manifest: CSV in UTF-8 with a header.
        parts: Of the artifact, in order.
        members: The files of the archive but the manifest, if it is one.
    """
    rows = list(csv.DictReader(io.StringIO(text.decode("utf-8"), newline="")))
    count = sum(part.item_count for part in parts)
    if rows and "index" not in rows[0]:
        return
    told = [int(row["index"]) for row in rows]
    assert told == sorted(told), "a manifest must tell the subjects in their order"
    assert set(told) == set(range(count)), (
        f"a manifest must have a row for each of {count} subjects, drawn or not; "
        f"missing {sorted(set(range(count)) - set(told))}, unknown {sorted(set(told) - set(range(count)))}"
    )
    failed, first = set(), 0
    for part in parts:
        failed |= {first + place for place in part.failed}
        first += part.item_count
    drawn = {int(row["index"]) for row in rows if row.get("status", "ok") == "ok"}
    if rows and "status" in rows[0]:
        assert drawn == set(range(count)) - failed, (
            f"manifest and parts must agree on what failed: the parts say {sorted(failed)}, "
            f"the manifest {sorted(set(range(count)) - drawn)}"
        )
        silent = [row["index"] for row in rows if row["status"] != "ok" and not row.get("error")]
        assert not silent, f"a manifest must say why subjects failed, missing for {silent}"
    if members is not None and rows and "member" in rows[0]:
        named = [csv_value(row["member"]) for row in rows if row["member"]]
        assert sorted(named) == sorted(members), (
            "a manifest must name each member of the archive once: "
            f"not there {sorted(set(named) - set(members))}, "
            f"not named {sorted(set(members) - set(named))}"
        )
        for row in rows if "sha256" in rows[0] else ():
            name, said = csv_value(row["member"]), row["sha256"]
            assert not name or hashlib.sha256(members[name]).hexdigest() == said, (
                f"a manifest must have the checksum of each member, that of {name} is another one"
            )
