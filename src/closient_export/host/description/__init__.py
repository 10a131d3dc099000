"""The description of the API: as it was written, and as a page to read."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

__all__ = ["description_routes", "openapi_document", "openapi_text"]

_HERE = "closient_export.host.description"
_METHODS = ("get", "post")
_CODE = re.compile(r"`([^`]*)`")


@cache
def openapi_text() -> bytes:
    """The OpenAPI document in YAML."""
    return (files(_HERE) / "openapi.yaml").read_bytes()


@cache
def openapi_document() -> dict[str, Any]:
    """The same as data, its aliases resolved."""
    document: dict[str, Any] = yaml.safe_load(openapi_text())
    return document


def description_routes() -> list[BaseRoute]:
    """Where the description is."""
    return [
        Route("/openapi.yaml", _yaml),
        Route("/docs", _page),
        Route("/docs.css", _stylesheet),
    ]


async def _yaml(_request: Request) -> Response:
    return Response(openapi_text(), media_type="application/yaml")


async def _page(_request: Request) -> Response:
    return Response(page(), media_type="text/html")


async def _stylesheet(_request: Request) -> Response:
    return Response((files(_HERE) / "docs.css").read_bytes(), media_type="text/css")


@cache
def page() -> str:
    """The description as a page of HTML."""
    environment = Environment(
        loader=PackageLoader(_HERE, "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.policies["json.dumps_kwargs"] = {"sort_keys": False}
    environment.filters |= {"prose": _prose, "resolved": _resolved, "kind": _kind}
    document = openapi_document()
    return environment.get_template("docs.html").render(
        document=document, operations=list(_operations(document))
    )


def _operations(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The operations in the order in which they were written."""
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if method in methods:
                operation = methods[method]
                yield operation | {"path": path, "method": method.upper()}


def _resolved(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a reference refers to, with its name, or the value itself."""
    reference = value.get("$ref")
    if reference is None:
        return value
    found: dict[str, Any] = openapi_document()
    *_, name = steps = reference.removeprefix("#/").split("/")
    for step in steps:
        found = found[step]
    return found | {"$name": name}


def _kind(schema: Mapping[str, Any]) -> Markup:
    """What a value may be, in a few words, with links to the schemas that are named."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return Markup('<a href="#schema-{0}">{0}</a>').format(name)
    if "oneOf" in schema:
        return Markup(" or ").join(map(_kind, schema["oneOf"]))
    if "const" in schema:
        return Markup("<code>{}</code>").format(_word(schema["const"]))
    if "enum" in schema:
        return Markup(", ").join(Markup("<code>{}</code>").format(_word(e)) for e in schema["enum"])
    types = schema.get("type", "anything")
    words = Markup(" or ").join(types if isinstance(types, list) else [types])
    if "items" in schema:
        words += Markup(" of ") + _kind(schema["items"])
    bounds = [
        f"{sign} {schema[name]}"
        for name, sign in _BOUNDS.items()
        if name in schema and "items" not in schema
    ]
    return words + escape(f" ({', '.join(bounds)})" if bounds else "")


_BOUNDS = {
    "minimum": "from",
    "exclusiveMinimum": "more than",
    "maximum": "to",
    "maxLength": "at most this long:",
    "format": "",
}


def _word(value: object) -> str:
    return "null" if value is None else str(value)


def _prose(text: str) -> Markup:
    """Paragraphs, in which words between backticks are code."""
    paragraphs = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        marked = _CODE.sub(r"<code>\1</code>", str(escape(" ".join(paragraph.split()))))
        paragraphs.append(f"<p>{marked}</p>")
    return Markup("".join(paragraphs))  # noqa: S704 - escaped above
