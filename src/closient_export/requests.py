"""What a caller asks for: the requests of the contract."""

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from attrs import Attribute, converters, field, frozen, validators

from closient_export.errors import Problem, RequestError, shown
from closient_export.gs1 import Gtin
from closient_export.ids import ShortId, parse_short_id
from closient_export.subjects import Scope

__all__ = [
    "Direction",
    "LabelExportRequest",
    "LabelFilters",
    "RendererKey",
    "TraceabilityExportRequest",
    "check_word",
    "parse_word",
    "serial_ids_problem",
]

_WORD = re.compile(r"[a-z][a-z0-9_]{0,31}")


def parse_word(text: object) -> str:
    """`text` itself, if it is a word, as export types and formats are.

    Raises:
        ValueError: it is none.
    """
    if isinstance(text, str) and _WORD.fullmatch(text):
        return text
    message = f"expected a word of lower-case letters, digits and '_', got {shown(text)}"
    raise ValueError(message)


def check_word(_instance: object, attribute: "Attribute[str]", value: object) -> None:
    """A validator: the attribute is a word, or a `RequestError` names it."""
    try:
        parse_word(value)
    except ValueError as error:
        raise RequestError([Problem(attribute.name, str(error))]) from None


@frozen(order=True)
class RendererKey:
    """What is produced and as what: the pair that a renderer is registered for.

    >>> str(RendererKey("qr_codes", "svg"))
    'qr_codes.svg'
    """

    export_type: str = field(validator=check_word)
    file_format: str = field(validator=check_word)

    @classmethod
    def parse(cls, text: str) -> "RendererKey":
        """Read the form of an entry point's name, ``<export_type>.<file_format>``."""
        export_type, _, file_format = text.partition(".")
        return cls(export_type, file_format)

    def __str__(self) -> str:
        return f"{self.export_type}.{self.file_format}"


def _gtins(values: Iterable[Gtin | str]) -> tuple[Gtin, ...]:
    return tuple(value if isinstance(value, Gtin) else Gtin.parse(value) for value in values)


def _short_ids(values: Iterable[str]) -> tuple[ShortId, ...]:
    return tuple(map(parse_short_id, values))


@frozen(kw_only=True)
class LabelFilters:
    """Which of an organisation's active entities to export; what is ``None`` does not narrow.

    An entity must satisfy all filters that are given. An empty list is satisfied by none.
    """

    gtins: tuple[Gtin, ...] | None = field(default=None, converter=converters.optional(_gtins))
    product_id: ShortId | None = field(default=None, converter=converters.optional(parse_short_id))
    lot_ids: tuple[ShortId, ...] | None = field(
        default=None, converter=converters.optional(_short_ids)
    )
    """Narrows lots to these, serials to those of these lots; products are of none.

    A serial is of a lot that has the same owner, GTIN and lot, when the plan is made.
    """
    serial_ids: tuple[ShortId, ...] | None = field(
        default=None, converter=converters.optional(_short_ids)
    )
    """Narrows serials to these; not for other scopes."""
    lot_run_id: ShortId | None = field(default=None, converter=converters.optional(parse_short_id))
    never_printed: bool = field(default=False, validator=validators.instance_of(bool))
    """Only what no completed export has printed."""


def serial_ids_problem(scope: object) -> list[Problem]:
    """What is wrong with a filter by serials for that scope, as far as it is one."""
    if scope not in list(Scope) or scope == Scope.SERIALS:
        return []
    expected = f"expected only with scope 'serials', got scope '{scope}'"
    return [Problem("filters.serial_ids", expected)]


@frozen(kw_only=True)
class LabelExportRequest:
    """A bulk label export, as contract and Python callers ask for it.

    Whether a renderer is registered for the pair, supports the scope and accepts the knobs is
    known to the registry and judged by `closient_export.wire.parse_label_request`.

    Raises:
        RequestError: a rule of the contract is broken.
    """

    scope: Scope = field(converter=Scope)
    export_type: str = field(validator=check_word)
    file_format: str = field(validator=check_word)
    filters: LabelFilters = field(
        factory=LabelFilters, validator=validators.instance_of(LabelFilters)
    )
    asset_config: Mapping[str, Any] = field(factory=dict, converter=dict)
    """The renderer's knobs, as JSON values."""

    def __attrs_post_init__(self) -> None:
        if self.filters.serial_ids is not None and (problems := serial_ids_problem(self.scope)):
            raise RequestError(problems)

    @property
    def key(self) -> RendererKey:
        """The pair that says which renderer is asked for."""
        return RendererKey(self.export_type, self.file_format)


class Direction(StrEnum):
    """Which way from a lot to go."""

    FORWARD = "forward"
    """Downstream: where the lot, and what was made of it, has been shipped."""
    BACKWARD = "backward"
    """Upstream: where it came from."""
    BOTH = "both"
    """Either way: what FDA may ask for (21 CFR 1.1455(c))."""


@frozen(kw_only=True)
class TraceabilityExportRequest:
    """The trace of a lot, as contract and Python callers ask for it.

    Whether a writer is registered for the format is known to the registry and judged by
    `closient_export.wire.parse_traceability_request`.

    Raises:
        ValueError: a rule of the contract is broken.
    """

    lot_id: ShortId = field(converter=parse_short_id)
    """The host's short id of the lot."""
    direction: Direction = field(default=Direction.BOTH, converter=Direction)
    format: str = field(default="xlsx", validator=check_word)
    """As what it is written."""
