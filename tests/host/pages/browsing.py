"""A browser without scripts: it follows links, fills in forms, and holds every page to its rules."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from html.parser import HTMLParser
from typing import Any, Protocol, Self
from urllib.parse import urljoin

from attrs import define, evolve, field, frozen
from starlette.applications import Starlette
from starlette.testclient import TestClient

__all__ = ["Element", "Form", "Seen", "Visitor"]

_VOID = {"meta", "link", "input", "img", "br", "hr"}


@define(eq=False)
class Element:
    """An element of a page."""

    tag: str
    attributes: dict[str, str]
    parent: "Element | None" = None
    children: "list[Element | str]" = field(factory=list)

    @property
    def text(self) -> str:
        """All text in it, blanks joined."""
        parts = (each if isinstance(each, str) else f" {each.text} " for each in self.children)
        return " ".join("".join(parts).split())

    def all(self, tag: str = "", **attributes: str) -> "Iterator[Element]":
        """The elements in it, in order."""
        for child in self.children:
            if isinstance(child, Element):
                wanted = {name.rstrip("_"): value for name, value in attributes.items()}
                has = all(child.attributes.get(name) == value for name, value in wanted.items())
                if tag in ("", child.tag) and has:
                    yield child
                yield from child.all(tag, **attributes)

    def one(self, tag: str = "", **attributes: str) -> "Element":
        """The only such element."""
        [found] = self.all(tag, **attributes)
        return found


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = self.at = Element("", {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"an attribute twice: <{tag} {names}>"
        element = Element(tag, {name: value or "" for name, value in attrs}, self.at)
        self.at.children.append(element)
        if tag not in _VOID:
            self.at = element

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.at.tag == tag, f"</{tag}> within <{self.at.tag}>"
        assert self.at.parent is not None
        self.at = self.at.parent

    def handle_data(self, data: str) -> None:
        self.at.children.append(data)


@frozen(eq=False)
class Form:
    """A form as it stands on a page."""

    address: str
    method: str
    fields: dict[str, str]
    """What is sent if nothing is changed."""
    choices: Mapping[str, Sequence[str]]
    has_files: bool

    def filled(self, **fields: str) -> Self:
        """With some fields filled in; a dot in a name is written as two underscores."""
        given = {name.replace("__", "."): value for name, value in fields.items()}
        for name, value in given.items():
            assert name in self.fields, (name, list(self.fields))
            assert value in self.choices.get(name, [value]), (name, value, self.choices[name])
        return evolve(self, fields={**self.fields, **given})


class Response(Protocol):
    """What the test client answers: which library it is built on has changed."""

    status_code: int

    @property
    def headers(self) -> Mapping[str, str]: ...

    @property
    def text(self) -> str: ...

    @property
    def content(self) -> bytes: ...

    @property
    def url(self) -> Any: ...


@frozen(eq=False)
class Seen:
    """A page that was answered."""

    response: Response
    root: Element

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def path(self) -> str:
        path: str = self.response.url.raw_path.decode()
        return path

    @property
    def main(self) -> Element:
        return self.root.one("main")

    @property
    def heading(self) -> str:
        return self.main.one("h1").text

    @property
    def links(self) -> dict[str, str]:
        """Where the links of the content lead, by what they say."""
        return {each.text: each.attributes["href"] for each in self.main.all("a")}

    def form(self, address: str, method: str = "post") -> Form:
        """The form that is sent to an address."""
        found = self.root.one("form", action=address, method=method)
        fields: dict[str, str] = {}
        choices: dict[str, Sequence[str]] = {}
        for element in found.all():
            name = element.attributes.get("name", "")
            if not name or element.tag == "button":
                continue
            value = element.attributes.get("value", "")
            if element.tag == "textarea":
                fields[name] = element.text
            elif element.tag == "select":
                options = list(element.all("option"))
                values = [option.attributes.get("value", option.text) for option in options]
                chosen = [i for i, option in enumerate(options) if "selected" in option.attributes]
                assert len(chosen) <= 1
                choices[name] = values
                fields[name] = values[chosen[0] if chosen else 0]
            elif element.attributes.get("type") in ("checkbox", "radio"):
                if "checked" in element.attributes:
                    fields[name] = value
                else:
                    fields.setdefault(name, "")
            elif element.attributes.get("type") != "file":
                fields[name] = value
        has_files = found.attributes.get("enctype") == "multipart/form-data"
        return Form(address, method, fields, choices, has_files)


def read(response: Response) -> Seen:
    """A page, which keeps the rules that all pages keep."""
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"
    policy = response.headers["content-security-policy"]
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    reader = _Reader()
    reader.feed(response.text)
    reader.close()
    assert reader.at is reader.root, f"<{reader.at.tag}> never ends"
    _check(reader.root)
    return Seen(response, reader.root)


def _check(root: Element) -> None:
    ids = [each.attributes["id"] for each in root.all() if "id" in each.attributes]
    assert len(ids) == len(set(ids)), ids
    for element in root.all():
        assert element.tag not in ("style", "iframe", "object", "embed", "base"), element.tag
        for name, value in element.attributes.items():
            assert not name.startswith("on"), (element.tag, name)
            assert name not in ("style", "srcdoc"), (element.tag, value)
            if name in ("href", "src", "action", "formaction"):
                sound = ("/", "#", "data:image/", "http://labels.test/downloads?")
                assert value.startswith(sound), value
                assert not value.startswith("//"), value
            if name in ("aria-describedby", "aria-labelledby", "for"):
                assert set(value.split()) <= set(ids), value
        if element.tag == "script":
            assert element.attributes == {
                "type": "module",
                "src": element.attributes["src"],
            }
            assert element.text == ""
        if element.tag == "form" and element.attributes["method"] == "post":
            assert element.one("input", name="token").attributes["value"]
    labelled = {each.attributes["for"] for each in root.all("label")}
    for element in root.all():
        control = element.tag in ("input", "select", "textarea")
        if control and element.attributes.get("type") != "hidden":
            assert element.attributes["id"] in labelled
    assert len(list(root.one("main").all("h1"))) == 1
    assert root.one("html").attributes["lang"] == "en"


@frozen(eq=False)
class Visitor:
    """Somebody with a browser."""

    client: TestClient
    origin: str

    @classmethod
    @contextmanager
    def of(cls, app: Starlette, origin: str) -> Iterator[Self]:
        """Visits an app as long as it runs."""
        with TestClient(app, base_url=origin) as client:
            yield cls(client, origin)

    def another(self) -> Self:
        """Somebody else, at the same app."""
        return evolve(self, client=TestClient(self.client.app, base_url=self.origin))

    def get(self, address: str) -> Seen:
        """Go to a page."""
        return read(self.client.get(address))

    def send(self, form: Form, files: Sequence[tuple[str, bytes]] = (), **fields: str) -> Seen:
        """Send a form, and go where that leads."""
        form = form.filled(**fields)
        given = {name: value for name, value in form.fields.items() if value or name != "kind"}
        if form.method == "get":
            return read(self.client.get(form.address, params=given))
        return read(self.post(form.address, given, files if form.has_files else None))

    def post(
        self,
        address: str,
        fields: Mapping[str, str],
        files: Sequence[tuple[str, bytes]] | None = None,
        **headers: str,
    ) -> Response:
        """What a browser sends for a form of this site."""
        sent: Any = {"data": dict(fields)}
        if files is not None:
            sent["files"] = [("files", file) for file in files] or [("files", ("", b""))]
        given = {"Origin": self.origin} | headers
        return self.client.post(address, headers=given, **sent)

    def sign_in(self, key: str, page: str = "/sign-in") -> Seen:
        """Sign in at a page."""
        return self.send(self.get(page).form("/sign-in"), key=key)

    def wait(self, seen: Seen) -> Seen:
        """Look again as the page asks browsers without scripts to."""
        refresh = seen.root.one("noscript").one("meta").attributes
        assert refresh["http-equiv"] == "refresh"
        assert int(refresh["content"]) > 0
        return self.get(urljoin(self.origin, seen.path))
