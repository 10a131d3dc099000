from urllib.parse import unquote, urlsplit

import pytest
from biip.gs1_digital_link_uris import GS1DigitalLinkURI
from hypothesis import given
from hypothesis import strategies as st

from closient_export import ElementString, Gs1Error, digital_link, parse_digital_link
from closient_export.gs1 import check_stem
from closient_export.gs1.digital_link import percent_decode, percent_encode
from closient_export.subjects import Subject
from closient_export.testing.strategies import linkable_element_strings, subjects

GTIN = "09506000134352"
stems = st.sampled_from(
    [
        "https://id.gs1.org",
        "http://example.com:8080/",
        "HTTPS://EXAMPLE.COM/01/x",
        "https://[::1]/a/b",
    ]
)


@given(linkable_element_strings(), stems)
def test_parses_back_with_any_stem(elements: ElementString, stem: str) -> None:
    uri = digital_link(elements, stem)
    assert uri.startswith(stem.rstrip("/") + "/")
    assert parse_digital_link(uri, associations=False) == elements


@given(subjects())
def test_biip_reads_the_same_elements(subject: Subject) -> None:
    elements = subject.element_string()
    parsed = GS1DigitalLinkURI.parse(digital_link(elements))
    assert {(e.ai.ai, e.value) for e in parsed.element_strings} == set(elements)


@given(subjects())
def test_the_standard_library_reads_the_path(subject: Subject) -> None:
    elements = subject.element_string()
    path = urlsplit(digital_link(elements)).path.split("/")[1:]
    pairs = list(zip(path[::2], map(unquote, path[1::2]), strict=True))
    assert pairs == [(ai, value) for ai, value in elements if ai != "17"]


@given(st.text(st.characters(max_codepoint=255)))
def test_percent_encoding_is_undone(text: str) -> None:
    assert percent_decode(percent_encode(text)) == text
    assert percent_decode(percent_encode(text, query=True), query=True) == text


def test_the_worked_example() -> None:
    elements = ElementString([("01", GTIN), ("17", "260200"), ("10", "ABC123"), ("21", "SER-9")])
    assert digital_link(elements) == (
        "https://id.gs1.org/01/09506000134352/10/ABC123/21/SER-9?17=260200"
    )


@pytest.mark.parametrize(
    ("uri", "rule"),
    [
        (f"ftp://a/01/{GTIN}", "illegal_scheme"),
        (f"Https://a/01/{GTIN}", "illegal_scheme"),
        (f"https:///01/{GTIN}", "illegal_domain"),
        (f"https://user@a/01/{GTIN}", "illegal_domain"),
        (f"https://a/01/{GTIN} ", "illegal_uri_character"),
        ("https://a/x", "no_primary_key"),
        (f"https://a/01/{GTIN}/", "no_primary_key"),
        (f"https://a/01/{GTIN}/x", "no_primary_key"),
        ("https://a/01/9506000134352", "ai_value_too_short"),
        (f"https://a/01/{GTIN}/21/A/10/B", "key_qualifier_sequence"),
        (f"https://a/01/{GTIN}/235/A/10/B", "key_qualifier_sequence"),
        ("https://a/00/006141411234567890/10/A", "key_qualifier_sequence"),
        (f"https://a/01/{GTIN}?21=A", "not_a_link_attribute"),
        (f"https://a/01/{GTIN}?10=A", "qualifier_in_query"),
        (f"https://a/01/{GTIN}?17=261231&17=261231", "repeated_ai"),
        (f"https://a/01/{GTIN}?17=", "ai_value_too_short"),
        (f"https://a/01/{GTIN}?05=1", "unknown_ai"),
        (f"https://a/01/{GTIN}/10/A%00", "invalid_cset82_character"),
        (f"https://a/01/{GTIN}/21/..", "dot_segment"),
        (f"https://a/01/{GTIN}/21/%2E", "dot_segment"),
    ],
)
def test_refused(uri: str, rule: str) -> None:
    with pytest.raises(Gs1Error) as caught:
        parse_digital_link(uri)
    assert caught.value.rule == rule


@pytest.mark.parametrize(
    ("pairs", "rule"),
    [
        ([("10", "A")], "no_primary_key"),
        ([("01", GTIN), ("235", "A"), ("10", "B"), ("22", "C")], "not_a_link_attribute"),
        ([("01", GTIN), ("21", "..")], "dot_segment"),
        ([("01", GTIN), ("21", ".")], "dot_segment"),
        ([("01", GTIN), ("8200", "x")], "not_a_link_attribute"),
    ],
)
def test_what_no_digital_link_can_say(pairs: list[tuple[str, str]], rule: str) -> None:
    with pytest.raises(Gs1Error) as caught:
        digital_link(ElementString(pairs))
    assert caught.value.rule == rule


@pytest.mark.parametrize(
    "stem",
    [
        "",
        "example.com",
        "https://",
        "https://a?b",
        "https://a#b",
        "ftp://a",
        "https://a b",
        "https:///x",
        "https://[::::",
        "https://:",
        "https://a:99999",
        "https://a/%zz",
        "https://a/../b",
        "https://a/%2e",
    ],
)
def test_bad_stems_are_refused(stem: str) -> None:
    with pytest.raises(Gs1Error, match="expected a stem like"):
        check_stem(stem)
