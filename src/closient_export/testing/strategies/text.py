r"""Text that means harm, by accident or on purpose, and JSON of any shape."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from hypothesis import strategies as st

__all__ = ["HOSTILE", "hostile_text", "json_values"]

HOSTILE: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "control characters": (
            "\x00", "a\x00b", "\t", "\r\nSet-Cookie: x", "a\nb", "\x1b[2J", "\x07", "\x7f", "\x85",
            "\x1d10LOT", "\ufffe", "\uffff", "_x000D_", "\u2028", "\x0b\x0c",
        ),
        "bidirectional": (
            "\u202eabc", "\u2066\u2067x\u2069", "\u200f", "\u05d0\u05d1\u05d2", "\ufeff", "\u061c1",
        ),
        "formulas": (
            "=cmd|' /C calc'!A0", "=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "＝1+1", "＋1",  # noqa: RUF001
            "－1", "＠x", "'=1", "'", '=HYPERLINK("http://x","y")',  # noqa: RUF001
        ),
        "paths": (
            "../../x", "..", ".", "/etc/passwd", "a/b\\c", "..\\..\\x", "C:\\x", "C:x", "~root",
            "\\\\host\\share", "%2e%2e%2f", "a/../b", "//x", "file.svg:stream", "x/", ".hidden",
        ),
        "devices": (
            "CON", "con", "nul", "NUL.txt", "COM1.txt", "LPT9", "aux.svg", "COM¹", "CONIN$",
            "x.", "x ", " ",
        ),
        "same but for case or form": (
            "abc", "ABC", "aBC", "ABC ", "é", "e\u0301", "ß", "SS", "\u0130", "i", "ﬁ", "fi",
        ),
        "markup": (
            "<script>alert(1)</script>", "</svg>", "]]>", "<!--", "-->", "&lt;", "&#0;", "&x;",
            "\"'<>&", '" onload="x', "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>",
            "javascript:x", "${jndi:ldap://x}", "{{7*7}}",
        ),
        "PostScript": (
            "(", ")", ")(", "\\", "\\)", "%", "%%EOF", "%!PS", ") show quit (", "\\050", "<~", "~>",
            "\n%%BeginProlog\n(x) run",
        ),
        "PDF": (
            "endstream", "endobj", "stream\n", ">> endobj", "<<", "[", "/JS (x)", "ET Q q BT",
            "#28", "\xfe\xff\x00(", "startxref\n0\n%%EOF",
        ),
        "queries": ("'; drop table jobs; --", '"', "\\'", "%", "_", "$x", "{$ne: 1}"),
        "beyond the basic plane": ("\U0001f96c", "\U0001f469\u200d\U0001f33e", "\U00020000"),
        "lone surrogates": ("\ud800", "a\udfff", "\udc00\ud800", "\udce9", "\ud83e\udd6c"),
    }
)  # fmt: skip
"""Examples of text that has broken programs, by what is wrong with it.

Lone surrogates are text in Python that UTF-8 cannot write; JSON may bring them.
"""

_LONG = (("x", 300), ("é", 5_000), ("a", 32_768), ("../", 2_000), ("\U0001f96c", 400))


def hostile_text(*, surrogates: bool = True) -> st.SearchStrategy[str]:
    """Text that sinks must survive: any at all, the kinds of `HOSTILE`, very long text.

    Args:
        surrogates: Whether lone surrogates are among it, which no encoding takes.
    """
    examples = [
        st.sampled_from(texts)
        for kind, texts in HOSTILE.items()
        if surrogates or kind != "lone surrogates"
    ]
    examples.append(st.sampled_from(_LONG).map(lambda pair: pair[0] * pair[1]))
    known = st.one_of(examples)
    characters = st.characters() if surrogates else st.characters(exclude_categories=["Cs"])
    anything = st.text(characters, max_size=30)
    mixed = st.tuples(st.text("ab09 .-", max_size=4), known, st.text("ab09 .-", max_size=4))
    return known | anything | mixed.map("".join)


def json_values(text: st.SearchStrategy[str] | None = None) -> st.SearchStrategy[Any]:
    """Values that JSON can hold, nested a little.

    Args:
        text: What strings and keys are made of; any text if not given.
    """
    words = st.text(max_size=10) if text is None else text
    scalars = (
        st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.just(10**400)
    )
    return st.recursive(
        scalars | words,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
        max_leaves=10,
    )
