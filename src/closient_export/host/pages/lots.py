"""The page of all lots, and what is taken in: catalogues, EPCIS events, places and products."""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import BinaryIO

from attrs import evolve, frozen
from starlette.responses import Response

from closient_export.adapters.file_kinds import FileKind, kind_of
from closient_export.errors import Problem, RequestError
from closient_export.gs1 import CANONICAL_STEM
from closient_export.host.access import in_thread
from closient_export.host.hosting import Host
from closient_export.host.keys import Permission
from closient_export.host.lots import KnownLot, lots_asked
from closient_export.host.pages.forms import Upload, inflated, read_uploads
from closient_export.host.pages.templating import counted
from closient_export.host.pages.visits import Visit
from closient_export.host.problems import problem_of
from closient_export.subjects import Scope

__all__ = ["show", "upload"]

_A_PAGE = 50


@frozen(kw_only=True)
class _Outcome:
    """What came of a file."""

    name: str
    done: str = ""
    problems: tuple[Problem, ...] = ()
    more: str = ""
    """How many problems there are, if not all are listed."""


def _captured(host: Host, owner: str, file: BinaryIO) -> str:
    found = host.captures.add(owner, file)
    return f"{counted(found.events, 'event')} taken in"


def _catalogued(host: Host, owner: str, file: BinaryIO) -> str:
    found = host.import_catalog(owner, file)
    held = (
        counted(found.held[scope], scope.value.removesuffix("s"))
        for scope in (Scope.PRODUCTS, Scope.LOTS, Scope.SERIALS)
        if found.held.get(scope)
    )
    return f"{', '.join(held) or 'nothing'} read: {found.new:,} new, {found.changed:,} changed"


def _described(host: Host, owner: str, file: BinaryIO) -> str:
    found = host.import_master_data(owner, file)
    places, products = counted(found.places, "place"), counted(found.products, "product")
    return f"{places} and {products} described, {found.new:,} of them new"


_KINDS: Mapping[str, tuple[Permission, Callable[[Host, str, BinaryIO], str]]] = {
    "events": (Permission.CAPTURE, _captured),
    "catalog": (Permission.CATALOG, _catalogued),
    "descriptions": (Permission.CATALOG, _described),
}
"""What a file may be: who may send one, and what becomes of it."""
_ANY = "any"
"""A file is what its content says."""
_NAMES = {
    FileKind.EVENTS: "events",
    FileKind.ENTITIES: "catalog",
    FileKind.DESCRIPTIONS: "descriptions",
}


async def show(visit: Visit) -> Response:
    """The lots that hold what was searched for."""
    search, page = lots_asked(visit.request.query_params)
    return await _page(visit, search.strip(), page)


async def upload(visit: Visit) -> Response:
    """Take in files, each as a whole or not at all."""
    limits = visit.host.settings.limits
    slot = visit.service.uploads.taken(visit.owner)
    uploads = read_uploads(visit.request, most_bytes=limits.upload_bytes)
    async with slot, uploads as (fields, files):
        visit.prove(fields)
        kind = fields.get("kind", "")
        if kind not in (_ANY, *_KINDS):
            raise RequestError([Problem("kind", f"expected one of {', '.join((_ANY, *_KINDS))}")])
        if kind != _ANY:
            visit.demand(_KINDS[kind][0])
        outcomes = [await in_thread(_taken_in, visit, each, kind) for each in files]
    if not outcomes:
        outcomes.append(_Outcome(name="No file", problems=(Problem("", "Choose a file first."),)))
    return await _page(visit, "", 1, outcomes=outcomes, kind=kind)


def _taken_in(visit: Visit, upload: Upload, kind: str) -> _Outcome:
    limits = visit.host.settings.limits
    try:
        file = inflated(upload.file, most_bytes=limits.inflated_bytes)
        try:
            permission, take_in = _KINDS[_NAMES[kind_of(file)] if kind == _ANY else kind]
            visit.demand(permission)
            return _Outcome(name=upload.name, done=take_in(visit.host, visit.owner, file))
        finally:
            file.close()
    except Exception as error:
        refused = problem_of(error)
        if refused is None:
            raise
        problems = refused.problems or (Problem("", refused.detail),)
        more = refused.detail if refused.problems else ""
        return _Outcome(name=upload.name, problems=problems, more=more)


def _listed(visit: Visit, search: str, page: int) -> tuple[list[KnownLot], int | None]:
    """The lots on a page, and the next one; where the catalogue has no name, others may."""
    lots, more = visit.host.lots.listed(visit.owner, search, page, size=_A_PAGE)
    ids = {f"{CANONICAL_STEM}/01/{lot.gtin}" for lot in lots if lot.gtin and not lot.product_name}
    known = visit.host.place.master_data(visit.owner).products(ids) if ids else {}
    named = [
        evolve(lot, product_name=known[product].product_name)
        if (product := f"{CANONICAL_STEM}/01/{lot.gtin}") in known and not lot.product_name
        else lot
        for lot in lots
    ]
    return named, more


def _kinds_for(visit: Visit) -> list[str]:
    """What whoever is signed in may send."""
    kinds = [name for name, (permission, _) in _KINDS.items() if visit.may(permission)]
    return [_ANY, *kinds] if len(kinds) > 1 else kinds


async def _page(
    visit: Visit,
    search: str,
    page: int,
    *,
    outcomes: list[_Outcome] | None = None,
    kind: str = "",
) -> Response:
    lists = visit.may(Permission.LABELS, Permission.TRACES)
    lots: list[KnownLot] = []
    more = None
    if lists:
        lots, more = await in_thread(_listed, visit, search, page)
    failed = any(outcome.problems for outcome in outcomes or ())
    return visit.page(
        "lots.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if failed else HTTPStatus.OK,
        lists=lists,
        lots=lots,
        search=search,
        page=page,
        more=more,
        outcomes=outcomes or [],
        kinds=_kinds_for(visit),
        kind=kind,
    )
