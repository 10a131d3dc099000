"""Hypothesis strategies for GS1 data and what is built on it."""

from datetime import date

from hypothesis import strategies as st

from closient_export.gs1 import Element, ElementString, Gtin, application_identifiers
from closient_export.gs1.linters import LINTERS, check_digit, code_lists
from closient_export.gs1.linters.characters import CSET_32, CSET_39, CSET_64, CSET_82
from closient_export.ids import ALPHABET
from closient_export.requests import LabelExportRequest, LabelFilters
from closient_export.subjects import Lot, Scope, Serial

cset82 = st.sampled_from(CSET_82)


def cset82_text(shortest: int = 1, longest: int = 20) -> st.SearchStrategy[str]:
    return st.text(cset82, min_size=shortest, max_size=longest)


def digits(length: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=length, max_size=length)


native_gtins = st.sampled_from((7, 11, 12, 13)).flatmap(
    lambda length: digits(length).map(lambda body: body + check_digit(body))
)
gtins = native_gtins.map(Gtin.parse)

# "." and ".." would be dropped from the path of a URL
identifiers = cset82_text().filter(lambda text: text not in (".", ".."))
dates = st.dates(date(2000, 1, 1), date(2049, 12, 31))

lots = st.builds(
    Lot, gtin=gtins, lot=identifiers, expiry=st.none() | dates, printed_at=st.none(), id=st.none()
)
serials = st.builds(
    Serial,
    gtin=gtins,
    serial=identifiers,
    lot=st.none() | identifiers,
    expiry=st.none() | dates,
    printed_at=st.none(),
    id=st.none(),
)
subjects = lots | serials

hostile_text = st.one_of(
    st.text(max_size=30),
    st.sampled_from(
        [
            "\ud800",
            "../../x",
            "CON",
            "..",
            ".",
            "=cmd()",
            "a/b\\c",
            "\x00",
            "\u202eabc",
            "é",
            "e\u0301",
            "#",
        ]
    ),
    st.sampled_from(["abc", "ABC", "aBC", "ABC ", "nul", "COM1.txt", "x" * 300]),
)

short_ids = st.uuids().map(lambda value: _short_id(value.int))


def _short_id(number: int) -> str:
    text = ""
    for _ in range(22):
        number, rest = divmod(number, len(ALPHABET))
        text = ALPHABET[rest] + text
    return text


def _checked_digits(length: int) -> st.SearchStrategy[str]:
    return digits(length - 1).map(lambda body: body + check_digit(body))


def _alpha_checked(longest: int) -> st.SearchStrategy[str]:
    def complete(body: str) -> str:
        lint = LINTERS["csumalpha"]
        return next(body + a + b for a in CSET_32 for b in CSET_32 if lint(body + a + b) is None)

    prefix = digits(5)
    return st.tuples(
        prefix, st.text(st.sampled_from("ABCabc_/+"), min_size=1, max_size=longest - 7)
    ).map(lambda pair: complete("".join(pair)))


_SETS = {"csetnumeric": "0123456789", "cset82": CSET_82, "cset39": CSET_39, "cset64": CSET_64}
_SPECIAL = {
    "yymmdd": dates.map("{:%y%m%d}".format),
    "yymmd0": dates.map("{:%y%m}00".format) | dates.map("{:%y%m%d}".format),
    "yyyymmdd": dates.map("{:%Y%m%d}".format),
    "hhmi": st.times().map("{:%H%M}".format),
    "hh": st.times().map("{:%H}".format),
    "mi": st.times().map("{:%M}".format),
    "ss": st.times().map("{:%S}".format),
    "iso3166": st.sampled_from(sorted(code_lists.ISO_3166_NUMERIC)),
    "iso3166999": st.just("999"),
    "iso3166alpha2": st.sampled_from(sorted(code_lists.ISO_3166_ALPHA_2)),
    "iso4217": st.sampled_from(sorted(code_lists.ISO_4217_NUMERIC)),
    "iso5218": st.sampled_from("0129"),
    "packagetype": st.sampled_from(sorted(code_lists.PACKAGE_TYPES)),
    "mediatype": st.sampled_from(sorted(code_lists.MEDIA_TYPES)),
    "pieceoftotal": st.tuples(st.integers(1, 99), st.integers(0, 99)).map(
        lambda p: f"{p[0]:02}{min(99, p[0] + p[1]):02}"
    ),
    "posinseqslash": st.sampled_from(["1/1", "1/2", "9/9"]),
    "yesno": st.sampled_from("01"),
    "winding": st.sampled_from("019"),
    "hyphen": st.just("-"),
    "zero": st.just("0"),
    "latitude": st.integers(0, 1_800_000_000).map("{:010}".format),
    "longitude": st.integers(0, 3_600_000_000).map("{:010}".format),
    "iban": st.sampled_from(["FR7630006000011234567890189", "GB98MIDL07009312345678"]),
    "importeridx": st.sampled_from(CSET_64),
    "pcenc": st.sampled_from(["ABC", "A%20B", "%C3%A9"]),
}
_NAMES = {LINTERS[name]: name for name in (*_SETS, *_SPECIAL, "csum", "csumalpha", "hasnondigit", "nonzero", "nozeroprefix", "gcppos1", "gcppos2", "couponcode", "couponposoffer")}  # fmt: skip


def _component(shortest: int, longest: int, names: list[str]) -> st.SearchStrategy[str]:
    if "csum" in names:
        return _checked_digits(longest)
    if "csumalpha" in names:
        return _alpha_checked(longest)
    if special := next((name for name in names if name in _SPECIAL), None):
        return _SPECIAL[special]
    if "gcppos1" in names:
        rest = st.text(st.sampled_from(_SETS[names[0]]), max_size=longest - 4)
        return st.tuples(digits(4), rest).map("".join)
    text = st.text(st.sampled_from(_SETS[names[0]]), min_size=shortest, max_size=longest)
    rules = [LINTERS[name] for name in names]
    return text.filter(lambda value: all(rule(value) is None for rule in rules))


def values(ai: str) -> st.SearchStrategy[str]:
    """Valid data for an AI."""
    parts: list[st.SearchStrategy[str]] = []
    optional: list[st.SearchStrategy[str]] = []
    for part in application_identifiers()[ai].components:
        names = [_NAMES[linter] for linter in part.linters]
        strategy = _component(part.shortest, part.longest, names)
        (optional if part.optional else parts).append(strategy)
    return st.integers(0, len(optional)).flatmap(
        lambda count: st.tuples(*parts, *optional[:count]).map("".join)
    )


AIS = sorted(ai for ai in application_identifiers() if ai not in ("8110", "8112"))
KEYS = sorted(ai for ai in AIS if application_identifiers()[ai].link_qualifiers is not None)
ATTRIBUTES = sorted(ai for ai in AIS if application_identifiers()[ai].link_attribute)


def _with_values(ais: list[str]) -> st.SearchStrategy[ElementString]:
    return st.tuples(*(values(ai) for ai in ais)).map(
        lambda found: ElementString(map(Element, ais, found))
    )


element_strings = st.lists(st.sampled_from(AIS), min_size=1, max_size=6, unique=True).flatmap(
    _with_values
)


@st.composite
def linkable_element_strings(draw: st.DrawFn) -> ElementString:
    """Element strings that a Digital Link can carry."""
    key = draw(st.sampled_from(KEYS))
    sequence = draw(st.sampled_from(application_identifiers()[key].link_qualifiers or ((),)))
    qualifiers = [ai for ai in sequence if draw(st.booleans())]
    everywhere = {ai for seq in application_identifiers()[key].link_qualifiers or () for ai in seq}
    rest = draw(st.lists(st.sampled_from(ATTRIBUTES), max_size=3, unique=True))
    rest = [ai for ai in rest if ai != key and ai not in everywhere]
    elements = draw(_with_values([key, *qualifiers, *rest]))
    if any(elements.get(ai) in (".", "..") for ai in (key, *qualifiers)):
        return ElementString([("01", "09506000134352")])
    return elements


filters = st.builds(
    LabelFilters,
    gtins=st.none() | st.lists(gtins, max_size=3),
    product_id=st.none() | short_ids,
    lot_ids=st.none() | st.lists(short_ids, max_size=3),
    lot_run_id=st.none() | short_ids,
    never_printed=st.booleans(),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3)
    ),
    max_leaves=10,
)
requests = st.builds(
    LabelExportRequest,
    scope=st.sampled_from([Scope.LOTS, Scope.SERIALS]),
    export_type=st.just("qr_codes"),
    file_format=st.sampled_from(["svg", "png"]),
    filters=filters,
    asset_config=st.just({}),
)
