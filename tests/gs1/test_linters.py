"""The linters one by one; GS1's own vectors try them further where they are at hand."""

from datetime import date
from string import ascii_letters, digits

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closient_export.gs1.linters import CSET_82, LINTERS, check_digit

ACCEPTED = {
    "csetnumeric": ["", "0123456789"],
    "cset82": ["", "!\"%&'()*+,-./:;<=>?_", "azAZ09"],
    "cset39": ["", "#-/A9"],
    "cset64": ["", "AB_-", "AB=", "A==", "AX"],
    "csum": ["09506000134352", "006141411234567890", "9520123456788"],
    "csumalpha": [
        "1987654Ad4X4bL5ttr2310c2K",
        "22",
        "12345_ABCDEFGHIJKLMCP",
        "12345_!\"%&'()*+,-./LC",
        "99999zzzzzzzzzzzzzzzzzzT2",
        "z" * 97 + "UA",
    ],
    "gcppos1": ["9520", "952012345ABC"],
    "gcppos2": ["09520123456788", "09520", "A9520"],
    "yymmdd": ["240229", "000229", "991231"],
    "yymmd0": ["240200", "240229"],
    "yyyymmdd": ["20240229", "20000229"],
    "yyyymmd0": ["20240200"],
    "hh": ["00", "23"],
    "mi": ["59"],
    "ss": ["59"],
    "hhmi": ["0000", "2359"],
    "iban": [
        "DE89370400440532013000",
        "GB82WEST12345698765432",
        "NO448601111",
        "AZ74AZ09" + "Z" * 26,
    ],
    "importeridx": ["A", "_"],
    "latitude": ["0000000000", "1800000000"],
    "longitude": ["0000000000", "3600000000"],
    "pcenc": ["", "100%25", "A%c3%A9"],
    "pieceoftotal": ["0102", "0505", "112112"],
    "posinseqslash": ["1/2", "10/10", "9/10", "1/1"],
    "nonzero": ["01", "10"],
    "nozeroprefix": ["", "0", "1", "10"],
    "zero": ["0", "00"],
    "hasnondigit": ["1A", "X"],
    "hyphen": ["-"],
    "iso3166": ["528", "840"],
    "iso3166999": ["999", "276"],
    "iso3166alpha2": ["NL"],
    "iso4217": ["978", "840"],
    "iso5218": ["0", "9"],
    "mediatype": ["01", "99"],
    "packagetype": ["PX", "201"],
    "winding": ["0", "1", "9"],
    "yesno": ["0", "1"],
    "couponcode": [
        "106141416543213500110000310123196000",
        "012345612345611110123",
        "012345612345611110123101101239",  # a second purchase without company prefix
        "01234561234561111012321101230123456",  # a third purchase
        "0123456123456111101235012345661123456790110",  # serial, retailer, flags
    ],
    "couponposoffer": ["001234561234560123456"],
}

REFUSED = [
    # linter, data, rule, the offending characters
    ("csetnumeric", "12A4", "non_digit_character", "A"),
    ("cset82", "AB C", "invalid_cset82_character", " "),
    ("cset82", "ABé", "invalid_cset82_character", "é"),
    ("cset39", "ABc", "invalid_cset39_character", "c"),
    ("cset64", "AB=C", "invalid_cset64_character", "="),
    ("cset64", "ABC=", "invalid_cset64_padding", "="),
    ("cset64", "+=", "invalid_cset64_character", "+"),
    ("csum", "09506000134353", "incorrect_check_digit", "3"),
    ("csum", "", "too_short_for_check_digit", ""),
    ("csum", "0950A", "non_digit_character", "A"),
    ("csumalpha", "1987654Ad4X4bL5ttr2310c2L", "incorrect_check_pair", "2L"),
    ("csumalpha", "z" * 97 + "UB", "incorrect_check_pair", "UB"),
    ("csumalpha", "1", "too_short_for_check_pair", "1"),
    ("csumalpha", "1 22", "invalid_cset82_character", " "),
    ("csumalpha", "1" * 100, "too_long_for_check_pair_implementation", "1" * 100),
    ("gcppos1", "952", "too_short_for_gcp", "952"),
    ("gcppos1", "95X0123", "invalid_gcp_prefix", "X"),
    ("gcppos2", "09A20", "invalid_gcp_prefix", "A"),
    ("gcppos1", "952A", "invalid_gcp_prefix", "A"),
    ("gcppos2", "0952A", "invalid_gcp_prefix", "A"),
    ("gcppos2", "0952", "too_short_for_gcp", "952"),
    ("gcppos2", "", "too_short_for_gcp", ""),
    ("yymmdd", "230229", "illegal_day", "29"),
    ("yymmdd", "230200", "illegal_day", "00"),
    ("yymmdd", "231301", "illegal_month", "13"),
    ("yymmdd", "2302", "date_too_short", "2302"),
    ("yymmdd", "2302011", "date_too_long", "2302011"),
    ("yymmd0", "230431", "illegal_day", "31"),
    ("yyyymmdd", "19000229", "illegal_day", "29"),
    ("yyyymmdd", "20241301", "illegal_month", "13"),
    ("yyyymmdd", "20240132", "illegal_day", "32"),
    ("yyyymmdd", "2024010", "date_too_short", "2024010"),
    ("yyyymmdd", "202401011", "date_too_long", "202401011"),
    ("yyyymmdd", "2O240101", "non_digit_character", "O"),
    ("yyyymmd0", "20230431", "illegal_day", "31"),
    ("hh", "24", "illegal_hour", "24"),
    ("mi", "60", "illegal_minute", "60"),
    ("ss", "60", "illegal_second", "60"),
    ("ss", "6", "second_too_short", "6"),
    ("ss", "600", "second_too_long", "600"),
    ("ss", "x0", "non_digit_character", "x"),
    ("hhmi", "2360", "illegal_minute", "60"),
    ("hhmi", "2400", "illegal_hour", "24"),
    ("hhmi", "24000", "hour_with_minute_too_long", "24000"),
    ("hhmi", "240", "hour_with_minute_too_short", "240"),
    ("hhmi", "2x00", "non_digit_character", "x"),
    ("iban", "DE88370400440532013000", "incorrect_iban_checksum", "88"),
    ("iban", "XX89370400440532013000", "illegal_iban_country_code", "XX"),
    ("iban", "DE89", "iban_too_short", "DE89"),
    ("iban", "XX8", "iban_too_short", "XX8"),
    ("iban", "XX89", "illegal_iban_country_code", "XX"),
    ("iban", "NO77860111", "iban_too_short", "NO77860111"),
    ("iban", "DE89" + "0" * 31, "iban_too_long", "DE89" + "0" * 31),
    ("iban", "DE8937040044053201300o", "invalid_iban_character", "o"),
    ("iban", "DE/937040044053201300:", "invalid_iban_character", ":"),
    ("iban", "DE/9370400440532013000", "invalid_iban_character", "/"),
    ("iban", "DE89@70400440532013[00", "invalid_iban_character", "@"),
    ("iban", "DE8937040044053201[300", "invalid_iban_character", "["),
    ("importeridx", "AB", "importer_idx_must_be_one_character", "AB"),
    ("importeridx", "=", "invalid_import_idx_character", "="),
    ("latitude", "1800000001", "invalid_latitude", "1800000001"),
    ("latitude", "18", "latitude_invalid_length", "18"),
    ("latitude", "18000000000", "latitude_invalid_length", "18000000000"),
    ("latitude", "180000000x", "non_digit_character", "x"),
    ("longitude", "360000000", "longitude_invalid_length", "360000000"),
    ("longitude", "3600000001", "invalid_longitude", "3600000001"),
    ("longitude", "36000000x1", "non_digit_character", "x"),
    ("pcenc", "100%", "invalid_percent_sequence", "%"),
    ("pcenc", "A%2gB", "invalid_percent_sequence", "%2g"),
    ("pieceoftotal", "0201", "piece_number_exceeds_total", "0201"),
    ("pieceoftotal", "", "invalid_length_for_piece_of_total", ""),
    ("pieceoftotal", "0000", "zero_piece_number", "00"),
    ("pieceoftotal", "0002", "zero_piece_number", "00"),
    ("pieceoftotal", "0200", "zero_total_pieces", "00"),
    ("pieceoftotal", "012", "invalid_length_for_piece_of_total", "012"),
    ("pieceoftotal", "0x02", "non_digit_character", "x"),
    ("posinseqslash", "3/2", "position_exceeds_end", "3/2"),
    ("posinseqslash", "10/9", "position_exceeds_end", "10/9"),
    ("posinseqslash", "1/02", "illegal_zero_prefix", "02"),
    ("posinseqslash", "0/2", "illegal_zero_prefix", "0"),
    ("posinseqslash", "1/2/", "position_in_sequence_malformed", "1/2/"),
    ("posinseqslash", "01/2", "illegal_zero_prefix", "01"),
    ("posinseqslash", "1-2", "position_in_sequence_malformed", "1-2"),
    ("nonzero", "000", "illegal_zero_value", "000"),
    ("nonzero", "0x0", "non_digit_character", "x"),
    ("nozeroprefix", "01", "illegal_zero_prefix", "0"),
    ("nozeroprefix", "00", "illegal_zero_prefix", "0"),
    ("nozeroprefix", "x", "non_digit_character", "x"),
    ("zero", "", "not_zero", ""),
    ("zero", "X", "not_zero", "X"),
    ("zero", "01", "not_zero", "01"),
    ("hasnondigit", "12", "requires_non_digit_character", "12"),
    ("hyphen", "+", "not_hyphen", "+"),
    ("iso3166", "000", "not_iso3166", "000"),
    ("iso3166999", "998", "not_iso3166_or_999", "998"),
    ("iso3166alpha2", "nl", "not_iso3166_alpha2", "nl"),
    ("iso4217", "000", "not_iso4217", "000"),
    ("iso5218", "3", "invalid_biological_sex_code", "3"),
    ("mediatype", "11", "invalid_media_type", "11"),
    ("packagetype", "00", "invalid_package_type", "00"),
    ("winding", "2", "invalid_winding_direction", "2"),
    ("yesno", "2", "not_zero_or_one", "2"),
    ("couponcode", "", "coupon_missing_gcp_vli", ""),
    ("couponcode", "0123456123456611110123", "coupon_invalid_save_value_length", "6"),
    ("couponcode", "01234561234561111012", "coupon_truncated_1st_purchase_family_code", "12"),
    ("couponcode", "0123456123456111101233261301", "coupon_invalid_exipiration_date", "261301"),
    ("couponcode", "01234561234561111012332601014260102", "coupon_expiration_before_start", "32601014260102"),
    ("couponcode", "012345612345611110123x", "non_digit_character", "x"),
    ("couponposoffer", "001234561234560123456789", "coupon_excess_data", "789"),
    ("couponposoffer", "2", "coupon_invalid_format_code", "2"),
]  # fmt: skip


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted(name: str) -> None:
    for data in ACCEPTED[name]:
        assert LINTERS[name](data) is None, data


@pytest.mark.parametrize(("name", "data", "rule", "offending"), REFUSED)
def test_refused_by_rule_and_place(name: str, data: str, rule: str, offending: str) -> None:
    fault = LINTERS[name](data)
    assert fault is not None
    assert (fault.rule, data[fault.start : fault.stop]) == (rule, offending)
    assert 0 <= fault.start <= fault.stop <= len(data)
    assert fault.expectation.startswith("expected ")


def test_every_linter_is_tried() -> None:
    assert set(ACCEPTED) == set(LINTERS)
    assert {name for name, *_ in REFUSED} == set(LINTERS)


def test_short_codes_are_those_of_their_lists() -> None:
    lists = {
        "hyphen": "-",
        "iso5218": "0129",
        "winding": "019",
        "yesno": "01",
        "importeridx": "-_" + ascii_letters + digits,
    }
    for name, codes in lists.items():
        assert {text for text in map(chr, range(256)) if not LINTERS[name](text)} == set(codes)
        assert LINTERS[name]("") is not None
    media = [text for n in range(200) if not LINTERS["mediatype"](text := f"{n:02}")]
    assert list(map(int, media)) == [*range(1, 11), *range(80, 100)]


@given(st.sampled_from(sorted(ACCEPTED)), st.text(max_size=40) | st.text(CSET_82, max_size=40))
def test_any_text_is_accepted_or_refused_within_it(name: str, data: str) -> None:
    fault = LINTERS[name](data)
    assert fault is None or 0 <= fault.start <= fault.stop <= len(data)


@given(st.text("0123456789", min_size=1, max_size=17))
def test_a_check_digit_detects_a_wrong_digit(body: str) -> None:
    complete = body + check_digit(body)
    lint = LINTERS["csum"]
    assert lint(complete) is None
    for place in range(len(complete)):
        for digit in set("0123456789") - {complete[place]}:
            assert lint(complete[:place] + digit + complete[place + 1 :]) is not None


@pytest.mark.parametrize("year", [1900, 2000, 2022, 2023, 2024, 2100])
def test_dates_are_those_of_the_calendar(year: int) -> None:
    for month in range(14):
        days = [day for day in range(100) if is_date(year, month, day)]
        texts = [f"{year}{month:02}{day:02}" for day in range(100)]
        whole = [0] if days else []
        for text in texts:
            day = int(text[6:])
            assert (LINTERS["yyyymmdd"](text) is None) == (day in days), text
            assert (LINTERS["yyyymmd0"](text) is None) == (day in whole + days), text
            if year not in (1900, 2100):  # which no two digits mean
                assert (LINTERS["yymmdd"](text[2:]) is None) == (day in days), text
                assert (LINTERS["yymmd0"](text[2:]) is None) == (day in whole + days), text


def is_date(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def test_what_is_expected_of_a_date_is_said() -> None:
    expectations = {
        ("yymmdd", "230230"): "expected a day 01 to 28 in month 02, got 30",
        ("yymmd0", "230230"): "expected a day 00 to 28 in month 02, got 30",
        ("yyyymmdd", "20241301"): "expected a month 01 to 12, got 13",
        ("yyyymmdd", "2024"): "expected YYYYMMDD, got 4 characters",
        ("yymmd0", "2024010"): "expected YYMMDD, got 7 characters",
        ("hh", "24"): "expected hour 00 to 23, got 24",
        ("mi", "1"): "expected two digits for the minute, got 1",
        ("hhmi", "00x0"): "expected a digit, got 'x' at character 3",
        ("hhmi", "2460"): "expected hour 00 to 23, got 24",
    }
    for (name, data), expectation in expectations.items():
        fault = LINTERS[name](data)
        assert fault is not None
        assert fault.expectation == expectation


def test_unknown_linters_are_not_ignored() -> None:
    for name in ("nothing", "couponnothing"):
        with pytest.raises(KeyError):
            LINTERS[name]


def test_a_prefix_that_ends_early_is_marked_where_it_ends() -> None:
    for data, place in (("", (0, 0)), ("0", (1, 1)), ("09", (1, 2))):
        fault = LINTERS["gcppos2"](data)
        assert fault is not None
        assert (fault.start, fault.stop) == place
