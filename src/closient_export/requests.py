"""What a caller asks for: the label export request of the contract."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import Attribute, converters, field, frozen, validators

from closient_export.errors import Problem, RequestError, shown
from closient_export.gs1 import Gtin
from closient_export.ids import ShortId, parse_short_id
from closient_export.subjects import Scope

__all__ = ["LabelExportRequest", "LabelFilters", "RendererKey", "serial_ids_problem"]

_WORD = re.compile(r"[a-z][a-z0-9_]{0,31}")


def _check_word(_instance: object, attribute: "Attribute[str]", value: object) -> None:
    if not (isinstance(value, str) and _WORD.fullmatch(value)):
        expected = "expected a word of lower-case letters, digits and '_'"
        raise RequestError([Problem(attribute.name, f"{expected}, got {shown(value)}")])


@frozen(order=True)
class RendererKey:
    """What is produced and as what: the pair that a renderer is registered for.

    >>> str(RendererKey("qr_codes", "svg"))
    'qr_codes.svg'
    """

    export_type: str = field(validator=_check_word)
    file_format: str = field(validator=_check_word)

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
    """Narrows lots to these, serials to those of these lots."""
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
    export_type: str = field(validator=_check_word)
    file_format: str = field(validator=_check_word)
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
