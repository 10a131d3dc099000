"""The page that asks for labels."""

import hashlib
import json
import re
import secrets
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from attrs import frozen
from starlette.responses import Response

from closient_export.errors import Problem, RendererError, RequestError
from closient_export.host.access import in_thread
from closient_export.host.pages.knobs import PREFIX, KnobField, knob_fields, knobs_given
from closient_export.host.pages.previews import Preview, preview
from closient_export.host.pages.visits import Visit
from closient_export.plugins import Renderer
from closient_export.registry import RendererRegistry
from closient_export.requests import RendererKey
from closient_export.subjects import Scope
from closient_export.wire import parse_label_request

__all__ = ["show", "submit"]

_PREFILLED = ("scope", "pair", "gtins", "lot_ids", "never_printed")
_FIRST_PAIR = "qr_codes.svg"
_BETWEEN = re.compile(r"[\s,;]+")
_TITLES = {
    "qr_codes": "QR Codes with a Digital Link",
    "datamatrix": "GS1 DataMatrix",
    "barcodes_1d": "Linear bar codes",
    "codes_combined": "A QR Code and a linear bar code each",
    "sheet_pdf": "Sheets of labels",
}
_FIELDS = {
    "scope": "scope",
    "export_type": "pair",
    "file_format": "pair",
    "filters.gtins": "gtins",
    "filters.lot_ids": "lot_ids",
    "filters.never_printed": "never_printed",
}
"""Where a problem of the request is shown, by its path."""
_NAMES = {
    "scope": "Labels for",
    "pair": "Export type and format",
    "gtins": "GTINs",
    "lot_ids": "Ids of lots",
    "never_printed": "Only what was never printed",
}
"""What the fields are called."""


@frozen(kw_only=True)
class _Kind:
    """An export type with its formats."""

    title: str
    pairs: list[tuple[str, str, bool]]
    """Value, name, and whether it can be used."""


async def show(visit: Visit) -> Response:
    """The form, filled in as far as the address says."""
    query = visit.request.query_params
    return await _form(visit, {name: query[name] for name in _PREFILLED if name in query})


async def submit(visit: Visit) -> Response:
    """Accept the export, or show the form again: what is wrong with it, or another preview."""
    form = await visit.form()
    if form.get("do") == "preview":
        return await _form(visit, form)
    payload = await in_thread(_payload, form, visit.host.place.registry)
    try:
        # Sent twice by mistake, it is one export.
        text = f"{form.get('once', '')} {json.dumps(payload, sort_keys=True)}"
        receipt = await in_thread(
            visit.host.service.submit_labels,
            visit.owner,
            payload,
            idempotency_key=f"page-{hashlib.sha256(text.encode()).hexdigest()[:32]}",
        )
    except (RequestError, RendererError) as error:
        return await _form(visit, form, _problems(error))
    visit.service.worker.wake()
    return visit.go(f"/exports/{receipt.job_id}")


async def _form(visit: Visit, given: dict[str, str], problems: Iterable[Problem] = ()) -> Response:
    registry = visit.host.place.registry
    problems = tuple(problems)
    values = {"scope": "lots", "pair": _FIRST_PAIR, "gtins": "", "lot_ids": "", "never_printed": ""}
    values |= {name: given[name] for name in _PREFILLED if name in given}
    payload = await in_thread(_payload, given | values, registry)
    try:
        request = await in_thread(parse_label_request, payload, registry)
        shown = await preview(visit.host, visit.owner, request)
    except (RequestError, RendererError) as error:
        shown = Preview(problem="There is a preview as soon as everything is right:")
        unsaid = _problems(error)
    else:
        unsaid = ()
    found = await in_thread(_renderer, registry, values["pair"])
    knobs = await in_thread(knob_fields, found, _knobs_of(given | values)) if found else []
    at_fields, others = _placed(problems, knobs)
    return visit.page(
        "labels.html",
        HTTPStatus.UNPROCESSABLE_ENTITY if problems else HTTPStatus.OK,
        values=values,
        scopes=await in_thread(_scopes, registry),
        kinds=await in_thread(_kinds, registry),
        knobs=knobs,
        preview=shown,
        preview_problems=unsaid,
        problems=problems,
        at_fields=at_fields,
        names=_NAMES | {field.field: field.label for field in knobs},
        other_problems=others,
        once=secrets.token_urlsafe(12),
        opened=any(field.field in at_fields for field in knobs),
    )


def _problems(error: RequestError | RendererError) -> tuple[Problem, ...]:
    """What is wrong with a request; that a plugin is broken is a problem of what was chosen."""
    if isinstance(error, RequestError):
        return error.problems
    return (Problem("export_type", error.public_message),)


def _payload(form: Mapping[str, str], registry: RendererRegistry) -> dict[str, Any]:
    """The form as the JSON of a request."""
    pair = form.get("pair", "")
    export_type, _, file_format = pair.partition(".")
    filters: dict[str, Any] = {}
    for name in ("gtins", "lot_ids"):
        if given := _BETWEEN.sub(" ", form.get(name, "")).split():
            filters[name] = given
    if form.get("never_printed"):
        filters["never_printed"] = True
    renderer = _renderer(registry, pair)
    knobs = knobs_given(renderer, _knobs_of(form)) if renderer else {}
    return {
        "scope": form.get("scope", ""),
        "export_type": export_type,
        "file_format": file_format,
        "filters": filters,
        "asset_config": knobs,
    }


def _knobs_of(form: Mapping[str, str]) -> Mapping[str, str]:
    """The knobs of a form, unless they are still those of another renderer."""
    if form.get("knobs_of") != form.get("pair"):
        return {}
    return {name: text for name, text in form.items() if name.startswith(PREFIX)}


def _renderer(registry: RendererRegistry, pair: str) -> Renderer | None:
    try:
        return registry.renderer(RendererKey.parse(pair))
    except (RendererError, RequestError):
        return None


def _kinds(registry: RendererRegistry) -> list[_Kind]:
    """What can be made; what is broken is there, and cannot be chosen."""
    ours = list(_TITLES)
    types = sorted(registry.export_types(), key=lambda name: (name not in ours, name))
    types.sort(key=lambda name: ours.index(name) if name in ours else len(ours))
    return [
        _Kind(
            title=_TITLES.get(name, name.replace("_", " ").capitalize()),
            pairs=[
                (f"{name}.{form}", form.upper(), _renderer(registry, f"{name}.{form}") is not None)
                for form in sorted(
                    registry.file_formats(name), key=lambda form: (form != "svg", form)
                )
            ],
        )
        for name in types
    ]


def _scopes(registry: RendererRegistry) -> list[str]:
    """What labels can be made for, by any renderer."""
    pairs = [pair for kind in _kinds(registry) for pair, _, _ in kind.pairs]
    found = [renderer for pair in pairs if (renderer := _renderer(registry, pair))]
    known = {scope for renderer in found for scope in renderer.scopes}
    return [scope.value for scope in (Scope.LOTS, Scope.SERIALS, Scope.PRODUCTS) if scope in known]


def _placed(
    problems: Iterable[Problem], knobs: Iterable[KnobField]
) -> tuple[dict[str, list[str]], list[Problem]]:
    """The problems by the field that they are shown at, and those that no field is for."""
    names = {field.name for field in knobs}
    at_fields: dict[str, list[str]] = {}
    others = []
    for problem in problems:
        head = problem.path.partition("[")[0]
        knob = head.removeprefix("asset_config.").partition(".")[0]
        if head.startswith("asset_config.") and knob in names:
            at_fields.setdefault(f"{PREFIX}{knob}", []).append(problem.message)
        elif head in _FIELDS:
            at_fields.setdefault(_FIELDS[head], []).append(problem.message)
        else:
            others.append(problem)
    return at_fields, others
