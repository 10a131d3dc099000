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


ORDER = "expected its qualifiers in the order 22, 10, 21 or 235"


@pytest.mark.parametrize(
    ("uri", "rule", "message"),
    [
        (f"ftp://a/01/{GTIN}", "illegal_scheme", "expected http:// or https://"),
        (f"Https://a/01/{GTIN}", "illegal_scheme", "expected http:// or https://"),
        (f"https:///01/{GTIN}", "illegal_domain", "expected a domain name after the scheme"),
        (f"https://user@a/01/{GTIN}", "illegal_domain", "expected a domain name after the scheme"),
        (f"https://a/01/{GTIN} ", "illegal_uri_character", "expected only characters of URIs"),
        ("https://a/x", "no_primary_key", "expected a path that ends in a primary key, as /01/…"),
        (f"https://a/01/{GTIN}/", "no_primary_key", "expected a path that ends in a primary key"),
        (f"https://a/01/{GTIN}/x", "no_primary_key", "expected a path that ends in a primary key"),
        ("https://a", "no_primary_key", "expected a path that ends in a primary key, as /01/…"),
        ("https://a/01", "no_primary_key", "expected a path that ends in a primary key"),
        (f"https://a/x/{GTIN}/10/A", "no_primary_key", "expected a path that ends in a primary"),
    ],
)
def test_refused_with_the_uri(uri: str, rule: str, message: str) -> None:
    with pytest.raises(Gs1Error) as caught:
        parse_digital_link(uri)
    assert caught.value.rule == rule
    assert str(caught.value).startswith(f"{uri!r}: {message}")


@pytest.mark.parametrize(
    ("rest", "rule", "message"),
    [
        ("/10/", "ai_value_too_short", "(10) '': expected a value"),
        ("/21/A/10/B", "key_qualifier_sequence", f"(01) '{GTIN}': {ORDER}"),
        ("/22/A/235/B", "key_qualifier_sequence", f"(01) '{GTIN}': {ORDER}"),
        ("/235/A/10/B", "key_qualifier_sequence", f"(01) '{GTIN}': {ORDER}"),
        ("/17/261231", "key_qualifier_sequence", f"(01) '{GTIN}': {ORDER}"),
        ("?21=A", "not_a_link_attribute", "(21) 'A': expected no such AI in a Digital Link"),
        (
            "?10=A",
            "qualifier_in_query",
            "(10) 'A': expected in the path, as a qualifier of the key",
        ),
        (
            "/21/B?10=A",
            "qualifier_in_query",
            "(10) 'A': expected in the path, as a qualifier of the key",
        ),
        (
            "/22/B?10=A",
            "qualifier_in_query",
            "(10) 'A': expected in the path, as a qualifier of the key",
        ),
        (
            "?17=261231&17=261231",
            "repeated_ai",
            "(17) '261231': expected each AI once in a Digital Link",
        ),
        (f"?01={GTIN}", "repeated_ai", f"(01) '{GTIN}': expected each AI once in a Digital Link"),
        ("?17=", "ai_value_too_short", "(17) '': expected a value"),
        (
            "?240=A+B",
            "invalid_cset82_character",
            "(240) 'A B': expected a character of GS1 character set 82, got ' ' at character 2",
        ),
        ("?05=1", "unknown_ai", "'05': expected no number in the query that is not an AI"),
        (
            "/10/A%00",
            "invalid_cset82_character",
            "(10) 'A\\x00': expected a character of GS1 character set 82, got '\\x00' at character 2",
        ),
        ("/21/..", "dot_segment", "(21) '..': expected not '.' or '..' in a path"),
        ("/21/%2E", "dot_segment", "(21) '.': expected not '.' or '..' in a path"),
    ],
)
def test_refused_with_the_ai_and_the_value(rest: str, rule: str, message: str) -> None:
    with pytest.raises(Gs1Error) as caught:
        parse_digital_link(f"https://a/01/{GTIN}{rest}")
    assert (caught.value.rule, str(caught.value)) == (rule, message)


@pytest.mark.parametrize(
    ("uri", "rule", "message"),
    [
        (
            "https://a/01/9506000134352",
            "ai_value_too_short",
            "(01) '9506000134352': expected 14 characters, got 13",
        ),
        (
            "https://a/00/006141411234567890/10/A",
            "key_qualifier_sequence",
            "(00) '006141411234567890': expected no more path",
        ),
    ],
)
def test_other_keys_are_refused_too(uri: str, rule: str, message: str) -> None:
    with pytest.raises(Gs1Error) as caught:
        parse_digital_link(uri)
    assert (caught.value.rule, str(caught.value)) == (rule, message)


@pytest.mark.parametrize(
    ("rest", "bracketed"),
    [
        ("", f"(01){GTIN}"),
        ("/21/A", f"(01){GTIN}(21)A"),
        ("/22/A/21/B", f"(01){GTIN}(22)A(21)B"),
        ("/22/A/10/B/21/C", f"(01){GTIN}(22)A(10)B(21)C"),
        ("/235/A", f"(01){GTIN}(235)A"),
        ("/235/A?10=B", f"(01){GTIN}(235)A(10)B"),
        ("?x=1&10&17=261231&=2", f"(01){GTIN}(17)261231"),
        ("?240=A%2bB&99=x=y", f"(01){GTIN}(240)A+B(99)x=y"),
        ("/10/A+B%2FC?17=261231#?21=D", f"(01){GTIN}(10)A+B/C(17)261231"),
        (f"/01/{GTIN}/10/..A", f"(01){GTIN}(10)..A"),
        ("?99=.", f"(01){GTIN}(99)."),
    ],
)
def test_read_element_by_element(rest: str, bracketed: str) -> None:
    assert parse_digital_link(f"https://a/01/{GTIN}{rest}").bracketed() == bracketed


def test_associations_are_checked_unless_they_shall_not_be() -> None:
    uri = f"https://a/01/{GTIN}?37=5"
    assert parse_digital_link(uri, associations=False).get("37") == "5"
    with pytest.raises(Gs1Error, match=r"expected not to stand beside \(37\)"):
        parse_digital_link(uri)


SSCC = "006141411234567890"


@pytest.mark.parametrize(
    ("pairs", "rest"),
    [
        ([("21", "S"), ("10", "L"), ("22", "V"), ("01", GTIN)], f"/01/{GTIN}/22/V/10/L/21/S"),
        ([("235", "T"), ("01", GTIN)], f"/01/{GTIN}/235/T"),
        (
            [("01", GTIN), ("99", "A&B"), ("17", "261231"), ("240", "+"), ("11", "260101")],
            f"/01/{GTIN}?17=261231&11=260101&99=A%26B&240=%2B",
        ),
        ([("00", SSCC), ("01", GTIN)], f"/00/{SSCC}?01={GTIN}"),
        ([("01", GTIN), ("00", SSCC)], f"/01/{GTIN}?00={SSCC}"),
        ([("01", GTIN), ("10", "a-Z._0/%")], f"/01/{GTIN}/10/a-Z._0%2F%25"),
    ],
)
def test_written_element_by_element(pairs: list[tuple[str, str]], rest: str) -> None:
    assert digital_link(ElementString(pairs), "https://a/b/") == f"https://a/b{rest}"


@pytest.mark.parametrize(
    ("pairs", "rule", "message"),
    [
        ([("10", "A")], "no_primary_key", "'(10)A': expected a Digital Link primary key such as"),
        (
            [("01", GTIN), ("235", "A"), ("10", "B"), ("22", "C")],
            "not_a_link_attribute",
            "(235) 'A': expected no such AI in a Digital Link",
        ),
        ([("01", GTIN), ("21", "..")], "dot_segment", "(21) '..': expected not '.' or '..'"),
        ([("01", GTIN), ("21", ".")], "dot_segment", "(21) '.': expected not '.' or '..'"),
        (
            [("01", GTIN), ("8200", "x")],
            "not_a_link_attribute",
            "(8200) 'x': expected no such AI in a Digital Link",
        ),
    ],
)
def test_what_no_digital_link_can_say(
    pairs: list[tuple[str, str]], rule: str, message: str
) -> None:
    with pytest.raises(Gs1Error) as caught:
        digital_link(ElementString(pairs))
    assert caught.value.rule == rule
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("stem", "checked"),
    [
        ("https://example.com/", "https://example.com"),
        ("http://a:8080/X//", "http://a:8080/X"),
        ("HTTPS://[::1]/a%20b/..c/.d", "HTTPS://[::1]/a%20b/..c/.d"),
    ],
)
def test_a_stem_ends_without_a_slash(stem: str, checked: str) -> None:
    assert check_stem(stem) == checked


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
        "https://a/b/%2E",
        "https://a/%2E%2e/b",
        "https://user@a",
        "https://a_b",
        "https://a/é",
    ],
)
def test_bad_stems_are_refused(stem: str) -> None:
    with pytest.raises(Gs1Error) as caught:
        check_stem(stem)
    assert caught.value.rule == "digital_link_stem"
    assert str(caught.value) == f"{stem!r}: expected a stem like https://example.com/path"


@pytest.mark.parametrize(
    ("text", "path", "query"),
    [
        ("a-Z._~0", "a-Z._~0", "a-Z._~0"),
        ("A B+C/é%", "A%20B%2BC%2F%E9%25", "A+B%2BC%2F%E9%25"),
    ],
)
def test_percent_encoding(text: str, path: str, query: str) -> None:
    assert percent_encode(text) == path
    assert percent_encode(text, query=True) == query
    assert percent_decode("%4a%4A+%zz%") == "JJ+%zz%"
    assert percent_decode("%4a%4A+%zz%", query=True) == "JJ %zz%"
