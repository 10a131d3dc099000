"""What the contracts say of artifacts: where they differ, what is well-formed, what may be empty."""

import io
import zipfile
from collections.abc import Mapping

import pytest

from closient_export.testing.artifact_checks import check_well_formed, difference, may_be_empty


def archive(members: Mapping[str, bytes], comment: bytes = b"") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, data in members.items():
            file.writestr(zipfile.ZipInfo(name), data)
        file.comment = comment
    return out.getvalue()


ONE = {"a.txt": b"a", "b.txt": b"same but", "c.txt": b"c"}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (b"abc", b"abX", "from byte 2 on, one has b'c', the other b'X'"),
        (b"ab", b"abc", "one has 2 bytes, the other 3, alike as far as both go"),
        (
            archive(ONE),
            archive(ONE | {"b.txt": b"same, but", "c.txt": b"x"}),
            "the first member that differs is 'b.txt': "
            "from byte 4 on, one has b' but', the other b', but'",
        ),
        (
            archive(ONE),
            archive({"a.txt": b"a", "\n": b"same but", "c.txt": b"c"}),
            "member 1 is 'b.txt' in one, '\\n' in the other",
        ),
        (archive(ONE), archive({"a.txt": b"a"}), "one has 3 members, the other 1"),
        (b"PK\x03\x04 is none", archive({}), "from byte 2 on, one has"),
        (archive(ONE), archive(ONE)[:-30], "one has "),
    ],
)
def test_a_difference_names_where_it_is(one: bytes, other: bytes, expected: str) -> None:
    assert difference(one, other).startswith(expected)
    assert difference(other, one) != difference(one, other)


def test_archives_that_are_kept_in_other_ways_differ() -> None:
    said = difference(archive(ONE), archive(ONE, b"comment"))
    assert said.startswith("all members are alike, but not how they are kept: from byte")


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.svg", b"<svg>&x;</svg>"),
        ("a.svg", b"<svg>\x1b</svg>"),
        ("a.xml", b"<a>\xed\xa0\x80</a>"),
        ("a.xml", b""),
        ("a.json", b'{"a": "\n"}'),
        ("a.jsonld", b"\xff"),
    ],
)
def test_what_is_not_well_formed_is_told(name: str, data: bytes) -> None:
    with pytest.raises(AssertionError, match=r"must be well-formed.*'a\."):
        check_well_formed(name, data)


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.svg", b"<svg/>"), ("a.json", b"[]"), ("a.txt", b"<"), ("svg", b"<svg/>"), ("a", b"{")],
)
def test_what_is_well_formed_or_of_another_format_passes(name: str, data: bytes) -> None:
    check_well_formed(name, data)


@pytest.mark.parametrize(
    ("media_type", "expected"),
    [
        ("text/csv; charset=utf-8", True),
        ("application/jsonl", True),
        ("application/json", False),
        ("application/ld+json", False),
        ("image/svg+xml", False),
        ("application/zip", False),
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", False),
    ],
)
def test_lines_may_be_none(media_type: str, expected: bool) -> None:
    assert may_be_empty(media_type) is expected
