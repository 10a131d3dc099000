import pytest
from hypothesis import given

from closient_export import Gs1Error, Gtin
from closient_export.testing.strategies import native_gtins


@pytest.mark.parametrize(
    ("text", "value", "native_length"),
    [
        ("95200002", "00000095200002", 8),
        ("614141000036", "00614141000036", 12),
        ("0614141000036", "00614141000036", 12),
        ("9506000134352", "09506000134352", 13),
        ("00012345678905", "00012345678905", 12),
        ("00000012345670", "00000012345670", 8),
        ("00000123456784", "00000123456784", 12),
        ("00123456789012", "00123456789012", 12),
        ("01000000000009", "01000000000009", 13),
        ("19506000134359", "19506000134359", 14),
        (" 9506-0001 34352", "09506000134352", 13),
    ],
)
def test_normalised_to_14_digits_with_its_native_length(
    text: str, value: str, native_length: int
) -> None:
    gtin = Gtin.parse(text)
    assert (gtin.value, gtin.native_length) == (value, native_length)
    assert gtin.native == value[-native_length:]
    assert str(gtin) == value


@given(native_gtins())
def test_parsing_the_native_digits_gives_the_same_gtin(text: str) -> None:
    gtin = Gtin.parse(text)
    assert Gtin.parse(gtin.native) == gtin == Gtin.parse(gtin.value)


@given(native_gtins())
def test_every_other_check_digit_is_wrong(text: str) -> None:
    for digit in set("0123456789") - {text[-1]}:
        with pytest.raises(Gs1Error, match=f"expected check digit {text[-1]}, got {digit}"):
            Gtin.parse(text[:-1] + digit)


@pytest.mark.parametrize(
    ("text", "rule", "expectation"),
    [
        ("", "gtin_length", "expected 8, 12, 13 or 14 digits, got 0 characters"),
        ("950600013435", "incorrect_check_digit", "expected check digit 9, got 5"),
        ("123456789", "gtin_length", "expected 8, 12, 13 or 14 digits, got 9 characters"),
        ("9506000A34352", "non_digit_character", "expected only the digits 0 to 9"),
        ("９５０６０００１３４３５２", "non_digit_character", "expected only the digits 0 to 9"),
        ("950600013435²", "non_digit_character", "expected only the digits 0 to 9"),
    ],
)
def test_refused_with_the_value_and_the_expectation(text: str, rule: str, expectation: str) -> None:
    with pytest.raises(Gs1Error) as caught:
        Gtin.parse(text)
    assert caught.value.rule == rule
    assert str(caught.value) == f"(01) '{text}': {expectation}"


def test_numbers_are_not_taken_for_digits() -> None:
    with pytest.raises(Gs1Error) as caught:
        Gtin.parse(614141000036)  # type: ignore[arg-type]
    assert caught.value.rule == "gtin_length"
    assert str(caught.value) == "(01) '614141000036': expected the digits as text"


def test_cannot_be_built_invalid() -> None:
    with pytest.raises(Gs1Error) as caught:
        Gtin("9506000134352")
    assert caught.value.rule == "gtin_length"
    assert str(caught.value) == "(01) '9506000134352': expected 14 digits, got 13"
    with pytest.raises(Gs1Error, match="expected check digit 2"):
        Gtin("09506000134353")
