import io
import subprocess
import zipfile
import zlib
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from closient_export.archive import ArchiveWriter, encode_member, member_name
from closient_export.compression import SMALL, STORED, Compression, compressor
from closient_export.testing.strategies import hostile_text

members = st.lists(st.tuples(st.binary(max_size=200), st.booleans()), max_size=20)


def build(contents: list[tuple[bytes, bool]], part_size: int = 3) -> bytes:
    records = [
        encode_member(f"{index:08d}-x.bin", data, SMALL if compress else STORED)
        for index, (data, compress) in enumerate(contents)
    ]
    out = io.BytesIO()
    with ArchiveWriter(out) as writer:
        for start in range(0, len(records), part_size):
            writer.append(b"".join(records[start : start + part_size]))
        writer.add_stream("manifest.csv", [b"index\r\n", b"0\r\n" * len(contents)], SMALL)
    return out.getvalue()


@given(members)
def test_python_reads_back_every_member(contents: list[tuple[bytes, bool]]) -> None:
    with zipfile.ZipFile(io.BytesIO(build(contents))) as zipped:
        assert zipped.testzip() is None
        *names, manifest = zipped.namelist()
        assert manifest == "manifest.csv"
        assert [zipped.read(name) for name in names] == [data for data, _ in contents]
        for info in zipped.infolist():
            assert info.date_time == (1980, 1, 1, 0, 0, 0)
            assert info.external_attr == 0o100644 << 16


@given(members, st.integers(1, 7))
def test_bytes_do_not_depend_on_the_parts(contents: list[tuple[bytes, bool]], size: int) -> None:
    assert build(contents, size) == build(contents, 100)


@pytest.mark.parametrize("count", [65_534, 65_535, 65_536])
def test_more_members_than_the_old_format_can_count(count: int, tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    path.write_bytes(build([(b"", False)] * count, 1000))
    with zipfile.ZipFile(path) as zipped:
        assert len(zipped.namelist()) == count + 1
    subprocess.run(["unzip", "-tqq", path], check=True)
    listed = subprocess.run(["bsdtar", "-tf", path], check=True, capture_output=True).stdout
    assert listed.count(b"\n") == count + 1


def test_offsets_beyond_four_gigabytes(tmp_path: Path) -> None:
    path = tmp_path / "huge.zip"
    with path.open("wb") as file, ArchiveWriter(file) as writer:
        writer._offset = file.seek(5 << 30)  # a hole instead of five gigabytes of members
        writer.append(encode_member("0.bin", b"abc", STORED))
        writer.add_stream("manifest.csv", [b"x"], SMALL)
    with zipfile.ZipFile(path) as zipped:
        assert zipped.testzip() is None
        assert [info.header_offset >> 30 for info in zipped.infolist()] == [5, 5]
        assert zipped.read("0.bin") == b"abc"
    subprocess.run(["unzip", "-tqq", path], check=True)


@given(st.lists(hostile_text(), min_size=1, max_size=3), st.integers(0, 10**9))
def test_names_are_safe_on_every_file_system(identifiers: list[str], index: int) -> None:
    name = member_name(index, identifiers, "svg")
    allowed = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_~.")
    assert set(name) <= allowed
    assert name.startswith(f"{index:08d}-")  # so it is no device and not hidden
    assert name.count(".") == 1
    assert len(name) <= 120


@given(st.lists(hostile_text(), min_size=2, max_size=30))
def test_names_never_collide_where_case_does_not_count(serials: list[str]) -> None:
    names = [member_name(index, [serial], "svg") for index, serial in enumerate(serials)]
    assert len({name.casefold() for name in names}) == len(serials)


@pytest.mark.parametrize(
    ("identifiers", "suffix", "name"),
    [
        (["09506000134352", "KALE-117_b", "000417"], "", "09506000134352-KALE-117_b-000417.svg"),
        (["09506000134352", "../../x"], "", "09506000134352-~2e~2e~2f~2e~2e~2fx.svg"),
        (["AZ", "az", "09"], "qr", "AZ-az-09-qr.svg"),
        (["A~B"], "", "A~7eB.svg"),
        (["\x00", "\u20ac"], "", "~00-~20ac.svg"),
        (["\N{LATIN SMALL LETTER E}\N{COMBINING ACUTE ACCENT}"], "", "~e9.svg"),
        (["x" * 60], "qr", f"{'x' * 60}-qr.svg"),
        (["x" * 61], "qr", f"{'x' * 60}-qr.svg"),
        (["x" * 57 + "/y"], "", f"{'x' * 57}~2f.svg"),
        (["x" * 58 + "/y"], "", f"{'x' * 58}.svg"),
    ],
)
def test_names_say_as_much_as_is_safe(identifiers: list[str], suffix: str, name: str) -> None:
    assert member_name(7, identifiers, "svg", suffix) == f"00000007-{name}"
    if not suffix:
        assert member_name(7, identifiers, "svg") == f"00000007-{name}"


HOSTILE = ["../../x", "CON", "abc", "ABC", "..", "a/b", "a\\b", "=cmd()", "x" * 300, "\x00", "é"]


@pytest.mark.parametrize("command", [["unzip", "-qq"], ["bsdtar", "-xf"]])
def test_hostile_names_extract_inside_the_folder(tmp_path: Path, command: list[str]) -> None:
    source, target = tmp_path / "a.zip", tmp_path / "inside" / "target"
    target.mkdir(parents=True)
    with source.open("wb") as file, ArchiveWriter(file) as writer:
        for index, text in enumerate(HOSTILE):
            name = member_name(index, [text], "svg")
            writer.append(encode_member(name, text.encode(), SMALL))
    subprocess.run([*command, source], cwd=target, check=True)
    found = [path for path in tmp_path.rglob("*") if path.is_file() and path != source]
    assert {path.parent for path in found} == {target}
    assert sorted(path.read_text() for path in found) == sorted(HOSTILE)


def test_an_error_leaves_the_archive_without_its_end() -> None:
    out = io.BytesIO()
    record = encode_member("0.bin", b"x", STORED)
    with pytest.raises(zlib.error), ArchiveWriter(out) as writer:
        writer.append(record + zlib.decompress(b"broken"))
    with pytest.raises(zipfile.BadZipFile):
        zipfile.ZipFile(out)


@pytest.mark.parametrize("name", ["fast", "small", "stored"])
@given(cuts=st.lists(st.integers(0, 300_000), max_size=12))
@settings(max_examples=25)
def test_the_bytes_of_a_streamed_member_do_not_depend_on_its_pieces(
    name: Compression, cuts: list[int]
) -> None:
    text = "".join(f"{n},{n * n % 9973},KALE-{n % 77}\r\n" for n in range(18_000)).encode()
    places = [0, *sorted(min(cut, len(text)) for cut in cuts), len(text)]

    def archive(pieces: Iterable[bytes]) -> bytes:
        out = io.BytesIO()
        with ArchiveWriter(out) as writer:
            writer.add_stream("manifest.csv", pieces, compressor(name))
        return out.getvalue()

    whole = archive([text])
    assert archive(text[a:b] for a, b in pairwise(places)) == whole
    assert zipfile.ZipFile(io.BytesIO(whole)).read("manifest.csv") == text
