"""The words of GS1's Core Business Vocabulary 2.0, in whichever of their forms they come."""

from collections.abc import Mapping
from types import MappingProxyType

from attrs import field, frozen

from closient_export.epcis.identifiers import is_uri

__all__ = [
    "BUSINESS_STEPS",
    "DISPOSITIONS",
    "DOCUMENT_TYPES",
    "ERROR_REASONS",
    "PARTY_TYPES",
    "Vocabulary",
]

_STEMS = (
    "cbv:",
    *(
        f"{scheme}://{host}gs1.org/{folder}/"
        for scheme in ("https", "http")
        for host in ("ref.", "ns.", "")
        for folder in ("cbv", "voc")
    ),
)
"""What stands before a word on the web, drafts of the standard included."""


@frozen(eq=False)
class Vocabulary:
    """One of the standard's lists of words.

    A word is bare (``shipping``), a URN (``urn:epcglobal:cbv:bizstep:shipping``), a web URI
    (``https://ref.gs1.org/cbv/BizStep-shipping``) or a CURIE (``cbv:BizStep-shipping``).
    """

    urn: str
    """What a URN has after ``urn:epcglobal:cbv:``."""
    web: str
    """What a web URI has before the hyphen."""
    words: frozenset[str]
    _starts: tuple[str, ...] = field(init=False, repr=False)
    """What the standard's own URIs begin with."""
    _forms: Mapping[str, str] = field(init=False, repr=False)

    @_starts.default
    def _all_starts(self) -> tuple[str, ...]:
        names = sorted({self.web, self.web.capitalize()})
        on_web = (f"{stem}{name}-" for stem in _STEMS for name in names)
        return (f"urn:epcglobal:cbv:{self.urn}:", *on_web)

    @_forms.default
    def _all_forms(self) -> Mapping[str, str]:
        starts = ("", *self._starts)
        return MappingProxyType({start + word: word for start in starts for word in self.words})

    def read(self, text: str, prefixes: Mapping[str, str] | None = None) -> str | None:
        """The bare word, or the text itself if it is somebody's own URI; ``None`` if it is neither.

        Args:
            text: A word in any of its forms, or a URI.
            prefixes: What a document's own CURIEs abbreviate; they are written in full.
        """
        if text in self._forms:
            return self._forms[text]
        prefix, colon, rest = text.partition(":")
        if colon and prefixes and prefix in prefixes and not rest.startswith("//"):
            text = prefixes[prefix] + rest
        if text in self._forms:
            return self._forms[text]
        # A misspelt word of the standard is no word of somebody's own.
        if text.startswith(self._starts) or not is_uri(text):
            return None
        return text


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


BUSINESS_STEPS = Vocabulary(
    "bizstep",
    "BizStep",
    _words(
        """accepting arriving assembling collecting commissioning consigning
        creating_class_instance cycle_counting decommissioning departing destroying disassembling
        dispensing encoding entering_exiting holding inspecting installing killing loading other
        packing picking receiving removing repackaging repairing replacing reserving
        retail_selling sampling sensor_reporting shipping staging_outbound stock_taking stocking
        storing transporting unloading unpacking void_shipping"""
    ),
)
DISPOSITIONS = Vocabulary(
    "disp",
    "Disp",
    _words(
        """active available completeness_inferred completeness_verified conformant
        container_closed container_open damaged destroyed dispensed disposed encoded expired
        in_progress in_transit inactive mismatch_class mismatch_instance mismatch_quantity
        needs_replacement no_pedigree_match non_conformant non_sellable_damaged
        non_sellable_disposed non_sellable_expired non_sellable_no_pedigree_match
        non_sellable_other non_sellable_recalled partially_dispensed recalled reserved retail_sold
        returned sellable_accessible sellable_not_accessible stolen unavailable unknown"""
    ),
)
DOCUMENT_TYPES = Vocabulary(
    "btt",
    "BTT",
    _words("bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt"),
)
PARTY_TYPES = Vocabulary("sdt", "SDT", _words("owning_party possessing_party location"))
ERROR_REASONS = Vocabulary("er", "ER", _words("did_not_occur incorrect_data"))
