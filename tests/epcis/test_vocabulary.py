"""Words of the CBV in every form, other URIs as they are, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from closient_export.epcis.vocabulary import (
    BUSINESS_STEPS,
    DISPOSITIONS,
    DOCUMENT_TYPES,
    ERROR_REASONS,
    PARTY_TYPES,
    Vocabulary,
)

VOCABULARIES = [BUSINESS_STEPS, DISPOSITIONS, DOCUMENT_TYPES, ERROR_REASONS, PARTY_TYPES]
each_vocabulary = pytest.mark.parametrize("words", VOCABULARIES, ids=lambda words: words.urn)


def test_the_lists_are_whole() -> None:
    assert [len(words.words) for words in VOCABULARIES] == [41, 38, 13, 2, 3]


@each_vocabulary
def test_every_form_of_every_word(words: Vocabulary) -> None:
    for word in words.words:
        forms = [
            word,
            f"urn:epcglobal:cbv:{words.urn}:{word}",
            f"https://ref.gs1.org/cbv/{words.web}-{word}",
            f"http://ref.gs1.org/cbv/{words.web}-{word}",
            f"https://gs1.org/voc/{words.web}-{word}",
            f"https://ns.gs1.org/voc/{words.web.capitalize()}-{word}",
            f"cbv:{words.web}-{word}",
        ]
        assert {words.read(form) for form in forms} == {word}
        assert words.read(f"own:{word}", {"own": f"urn:epcglobal:cbv:{words.urn}:"}) == word
        assert words.read(f"c:{words.web}-{word}", {"c": "https://ref.gs1.org/cbv/"}) == word


@each_vocabulary
@pytest.mark.parametrize("text", ["", " ", "nonsense", "Shipping", "in transit", ":x", "1:x", "x:"])
def test_unknown_bare_words_are_refused(words: Vocabulary, text: str) -> None:
    assert words.read(text) is None


@pytest.mark.parametrize(
    "uri",
    [
        "urn:epcglobal:cbv:bizstep:shiping",
        "urn:epcglobal:cbv:bizstep:Shipping",
        "https://ref.gs1.org/cbv/BizStep-shiping",
        "cbv:BizStep-shiping",
    ],
)
def test_misspelt_words_of_the_standard_are_refused(uri: str) -> None:
    assert BUSINESS_STEPS.read(uri) is None


def test_words_of_one_list_are_unknown_in_the_others() -> None:
    assert DISPOSITIONS.read("shipping") is None
    assert BUSINESS_STEPS.read("in_transit") is None
    other = "https://ref.gs1.org/cbv/Disp-in_transit"
    assert BUSINESS_STEPS.read(other) == other


@pytest.mark.parametrize(
    "uri",
    [
        "https://example.com/bizStep/inspecting",
        "urn:gdst:bizStep:landing",
        "x:y",
    ],
)
def test_other_uris_stay_as_they_are(uri: str) -> None:
    assert BUSINESS_STEPS.read(uri) == uri
    assert BUSINESS_STEPS.read(uri, {"other": "https://example.org/"}) == uri


def test_prefixes_of_the_document_are_written_in_full() -> None:
    prefixes = {"gdst": "urn:gdst:bizStep:", "https": "urn:wrong:"}
    assert BUSINESS_STEPS.read("gdst:landing", prefixes) == "urn:gdst:bizStep:landing"
    assert BUSINESS_STEPS.read("https://a/b", prefixes) == "https://a/b"
    assert BUSINESS_STEPS.read("bad:x", {"bad": "no uri "}) is None


@given(st.text(st.characters(categories=None)), st.dictionaries(st.text(), st.text(), max_size=2))
def test_no_text_breaks_anything(text: str, prefixes: dict[str, str]) -> None:
    word = BUSINESS_STEPS.read(text, prefixes)
    assert word is None or isinstance(word, str)
