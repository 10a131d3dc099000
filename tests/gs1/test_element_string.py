import biip
import pytest
from biip.gs1_messages import GS1Message
from hypothesis import given

from closient_export import ElementString, Gs1Error, parse_element_string
from closient_export.gs1 import application_identifiers
from closient_export.testing.strategies import cset82_text, element_strings

GTIN = "09506000134352"


@given(element_strings())
def test_bracketed_form_parses_back(elements: ElementString) -> None:
    parsed = parse_element_string(elements.bracketed(), associations=False)
    assert parsed == elements
    assert parsed.elements == elements.elements


@given(element_strings())
def test_raw_form_parses_back(elements: ElementString) -> None:
    parsed = parse_element_string(elements.raw(), associations=False)
    assert parsed.elements == elements.elements


@given(element_strings())
def test_raw_form_has_a_separator_only_where_the_standard_needs_one(
    elements: ElementString,
) -> None:
    # GenSpecs 7.8.5: the first two digits of the AIs that need none
    without = {"00", "01", "02", "03", "04", *(f"{n}" for n in range(11, 20)), "20"}
    without |= {*(f"{n}" for n in range(31, 37)), "41"}
    needed = sum(ai[:2] not in without for ai, _ in elements.elements[:-1])
    assert elements.raw().count("\x1d") == needed
    assert not elements.raw().endswith("\x1d")


@given(element_strings())
def test_biip_reads_the_same_elements(elements: ElementString) -> None:
    try:
        message = GS1Message.parse(elements.raw())
    except biip.ParseError:
        # biip's own table may lack an AI, or judge an amount or a date more narrowly.
        for ai, value in elements:
            try:
                GS1Message.parse(ai + value)
            except biip.ParseError:
                return
        raise
    found = [(element.ai.ai, element.value) for element in message.element_strings]
    assert found == [tuple(element) for element in elements]


def test_order_has_no_meaning_and_repetition_says_nothing() -> None:
    one = ElementString([("01", GTIN), ("10", "A"), ("10", "A")])
    other = ElementString([("10", "A"), ("01", GTIN)])
    assert one == other
    assert hash(one) == hash(other)
    assert one.bracketed() == f"(01){GTIN}(10)A"


@given(cset82_text())
def test_parentheses_in_data_are_escaped(lot: str) -> None:
    elements = ElementString([("01", GTIN), ("10", lot)])
    assert elements.bracketed() == f"(01){GTIN}(10)" + lot.replace("(", "\\(")
    assert elements.hri() == f"(01) {GTIN} (10) {lot}"


@pytest.mark.parametrize(
    "text",
    ["\x1d0109506000134352", "0109506000134352\x1d", "^0109506000134352^", "0109506000134352^10A^"],
)
def test_superfluous_separators_are_tolerated(text: str) -> None:
    assert parse_element_string(text).get("01") == GTIN


@pytest.mark.parametrize(
    ("text", "rule", "message"),
    [
        ("", "no_elements", "'': expected at least one application identifier"),
        ("(10)", "ai_value_too_short", "(10) '': expected 1 to 20 characters, got 0"),
        (
            "(01)09506000134353",
            "incorrect_check_digit",
            "(01) '09506000134353': expected check digit 2, got 3",
        ),
        (
            f"(01){GTIN}(10)A#1",
            "invalid_cset82_character",
            "(10) 'A#1': expected a character of GS1 character set 82, got '#' at character 2",
        ),
        (
            f"(01){GTIN}(17)261301",
            "illegal_month",
            "(17) '261301': expected a month 01 to 12, got 13",
        ),
        (
            f"(01){GTIN}(10)A(10)B",
            "repeated_ai",
            "(10) 'B': expected one value, got another one before",
        ),
        (
            "(21)7",
            "missing_association",
            "(21) '7': expected to stand beside (01) or (03) or (8006)",
        ),
        (f"(01){GTIN}(37)5", "invalid_pair", f"(01) '{GTIN}': expected not to stand beside (37)"),
        (
            f"(01){GTIN}(10)A(",
            "malformed_brackets",
            f"'(01){GTIN}(10)A(': expected an AI in parentheses at character 24, and '(' in data as '\\('",
        ),
        (
            f"(01){GTIN}1",
            "ai_value_too_long",
            f"(01) '{GTIN}1': expected 14 characters, got 15",
        ),
        (
            f"(01){GTIN}(7230)EM",
            "ai_value_too_short",
            "(7230) 'EM': expected 3 to 30 characters, got 2",
        ),
        (
            f"(01){GTIN}(8008)2601011",
            "ai_value_too_short",
            "(8008) '2601011': expected 8 to 12 characters, got 7",
        ),
        (
            f"(01){GTIN}(8008)2601011234567",
            "ai_value_too_long",
            "(8008) '2601011234567': expected 8 to 12 characters, got 13",
        ),
        (
            f"(01){GTIN}(8008)260101123",
            "ai_component_too_short",
            "(8008) '260101123': expected 2 characters from character 9 on, got 1",
        ),
        (
            f"(01){GTIN}(8008)26010112345",
            "ai_component_too_short",
            "(8008) '26010112345': expected 2 characters from character 11 on, got 1",
        ),
        (
            f"(01){GTIN}(8008)2601011260",
            "illegal_minute",
            "(8008) '2601011260': expected minute 00 to 59, got 60",
        ),
        (
            "(3103)000123",
            "missing_association",
            "(3103) '000123': expected to stand beside (01) or (02)",
        ),
        (
            f"(02){GTIN}(37)5",
            "missing_association",
            "(37) '5': expected to stand beside (00)(02) or (00)(8026)",
        ),
        (
            f"(01){GTIN}(3103)000123(3104)000123",
            "invalid_pair",
            "(3103) '000123': expected not to stand beside (3104)",
        ),
        (
            "(0a)1",
            "malformed_brackets",
            r"'(0a)1': expected an AI in parentheses at character 1, and '(' in data as '\('",
        ),
        (
            f"01{GTIN}10A\x1d\x1d21B",
            "unknown_ai",
            "'\\x1d21B': expected an application identifier that GS1 has assigned",
        ),
        ("8", "unknown_ai", "'8': expected an application identifier that GS1 has assigned"),
        ("(05)1", "unknown_ai", "'05': expected an application identifier that GS1 has assigned"),
        ("05123", "unknown_ai", "'0512': expected an application identifier that GS1 has assigned"),
        ("0512", "unknown_ai", "'0512': expected an application identifier that GS1 has assigned"),
    ],
)
def test_refused_with_the_ai_the_value_and_the_rule(text: str, rule: str, message: str) -> None:
    with pytest.raises(Gs1Error) as caught:
        parse_element_string(text)
    assert (caught.value.rule, str(caught.value)) == (rule, message)


@pytest.mark.parametrize(
    ("ai", "key"),
    [("253", "1234567890128"), ("255", "9506000134352"), ("8003", f"{GTIN}")],
)
def test_a_digital_signature_needs_a_serial_component(ai: str, key: str) -> None:
    parse_element_string(f"({ai}){key}")
    parse_element_string(f"({ai}){key}1(8030)ABC")
    with pytest.raises(Gs1Error) as caught:
        parse_element_string(f"({ai}){key}(8030)ABC")
    assert caught.value.rule == "signature_without_serial"
    assert str(caught.value) == (
        f"({ai}) '{key}': expected the optional serial component beside a digital signature (8030)"
    )


@pytest.mark.parametrize(
    ("text", "elements"),
    [
        (f"(01){GTIN}(10)\\((21)\\(\\(", [("01", GTIN), ("10", "("), ("21", "((")]),
        (f"01{GTIN}2110A", [("01", GTIN), ("21", "10A")]),
        (f"01{GTIN}3103000123\x1d10A", [("01", GTIN), ("3103", "000123"), ("10", "A")]),
        (f"^10A^01{GTIN}^21B^", [("10", "A"), ("01", GTIN), ("21", "B")]),
        (f"(01){GTIN}(8008)2601011259", [("01", GTIN), ("8008", "2601011259")]),
        (
            f"(01){GTIN}(3103)000123(3203)000123",
            [("01", GTIN), ("3103", "000123"), ("3203", "000123")],
        ),
        (
            "(00)006141411234567890(4330)000010-",
            [("00", "006141411234567890"), ("4330", "000010-")],
        ),
    ],
)
def test_read_element_by_element(text: str, elements: list[tuple[str, str]]) -> None:
    found = parse_element_string(text)
    assert list(found) == elements
    assert found.get("10") == dict(elements).get("10")


def test_associations_are_checked_unless_they_shall_not_be() -> None:
    assert parse_element_string("(21)7", associations=False).raw() == "217"


def test_data_that_ends_within_a_component() -> None:
    with pytest.raises(Gs1Error, match="expected 6 characters from character 7 on, got 3"):
        parse_element_string(f"(01){GTIN}(7007)260101260")


def test_day_zero_means_the_whole_month_only_where_it_may() -> None:
    assert parse_element_string(f"(01){GTIN}(17)260200").get("17") == "260200"
    with pytest.raises(Gs1Error, match="expected a day 01 to 28"):
        parse_element_string(f"(01){GTIN}(7006)260200")
    with pytest.raises(Gs1Error, match="expected a day 00 to 28"):
        parse_element_string(f"(01){GTIN}(17)260229")


def test_the_table_has_all_of_the_dictionary() -> None:
    table = application_identifiers()
    assert len(table) == 541
    assert list(table) == sorted(table)
    assert table["10"].title == "BATCH/LOT"
    assert not table["422"].predefined_length
    assert not table["21"].link_attribute
    assert table["01"].link_qualifiers == (("22", "10", "21"), ("235",))
