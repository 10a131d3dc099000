"""The directives ``public-module`` and ``public-folder``: all that modules have in ``__all__``.

Each thing is described once: as a name of `closient_export`, or else where it was defined, or else where
it is public. Other modules that have it link to that. When the site is built, every name has to
have its entry.
"""

import inspect
import pkgutil
import re
from abc import ABC
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, ClassVar, Generic

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import OptionSpec

import closient_export

PAGES = Path(__file__).parent.parent / "reference" / "api"
FRONT = {name: getattr(closient_export, name) for name in closient_export.__all__}
"""What is described on the page of `closient_export`."""
LONGEST_VALUE = 120
"""In characters: what is longer says less by being shown."""

logger = logging.getLogger(__name__)


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.add_directive("public-module", PublicModule)
    app.add_directive("public-folder", PublicFolder)
    app.connect("autodoc-process-bases", leave_out_inner_bases)
    app.connect("autodoc-skip-member", leave_out_tests)
    app.connect("env-updated", check_names)
    return {"parallel_read_safe": True}


class PublicModule(SphinxDirective):
    """Describes a module: what its docstring says, then its names in the order of ``__all__``."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """The nodes of the description."""
        return self.parse_text_to_nodes("\n".join(described(import_module(self.arguments[0]))))


class PublicFolder(SphinxDirective):
    """Describes the modules of a package, but for some, each under a heading of its own."""

    required_arguments = 1
    option_spec: ClassVar[OptionSpec] = {"without": directives.unchanged}

    def run(self) -> list[nodes.Node]:
        """The nodes of the sections."""
        lines: list[str] = []
        for name in modules_in(self.arguments[0], self.options.get("without", "")):
            title = f"``{name.removeprefix('closient_export.')}``"
            lines += [title, "-" * len(title), "", f".. public-module:: {name}", ""]
        return self.parse_text_to_nodes("\n".join(lines), allow_section_headings=True)


def modules_in(package: str, without: str = "") -> list[str]:
    """The names of the modules of a package, but for some."""
    found = [module.name for module in pkgutil.iter_modules(import_module(package).__path__)]
    return [f"{package}.{name}" for name in found if name not in without.split()]


@cache
def public_modules() -> frozenset[str]:
    """The modules that a page describes."""
    found = {"closient_export"}
    for page in PAGES.glob("*.rst"):
        text = page.read_text("utf-8")
        found.update(re.findall(r"\.\. public-module:: (\S+)", text))
        folders = re.findall(r"\.\. public-folder:: (\S+)(?:\n +:without: (.+))?", text)
        found.update(name for package, without in folders for name in modules_in(package, without))
    return frozenset(found)


def home_of(name: str, thing: object, module: str = "") -> str:
    """The full name under which something is described; empty if it is not."""
    if FRONT.get(name) is thing:
        return f"closient_export.{name}"
    home = getattr(thing, "__module__", "")  # of values there is none
    while isinstance(home, str) and home:
        if home in public_modules() and name in import_module(home).__all__:
            return f"{home}.{name}"
        home = home.rpartition(".")[0]
    return f"{module}.{name}" if module else ""


def described(module: ModuleType) -> Iterator[str]:
    """The module as directives of autodoc."""
    yield from (f".. automodule:: {module.__name__}", "   :no-members:", "")
    elsewhere = []
    for name in module.__all__:
        thing = getattr(module, name)
        home = home_of(name, thing, module.__name__)
        if home == f"{module.__name__}.{name}":
            yield from entry(home, thing)
        else:
            elsewhere.append(f":py:obj:`{name} <{home}>`")
    if elsewhere:
        yield from (f"Also here, and described elsewhere: {', '.join(elsewhere)}.", "")


def entry(path: str, thing: object) -> Iterator[str]:
    """The directive that describes one thing."""
    if inspect.isclass(thing):
        kind = "exception" if issubclass(thing, Exception) else "class"
        yield f".. auto{kind}:: {path}"
        outer = outer_bases(thing)
        if outer == [object]:
            yield "   :no-show-inheritance:"
        if outer != [*thing.__bases__]:
            yield f"   :inherited-members: {', '.join(base.__name__ for base in outer)}"
    elif inspect.isroutine(thing):
        yield f".. autofunction:: {path}"
    else:
        yield f".. autodata:: {path}"
        if len(repr(thing)) > LONGEST_VALUE:
            yield "   :no-value:"
    yield ""


def outer_bases(thing: type) -> list[type]:
    """The base classes that a reader knows: instead of those that are not described, theirs."""
    found: list[type] = []
    for base in thing.__bases__:
        known = not is_ours(base) or home_of(base.__name__, base)
        found += [base] if known else outer_bases(base)
    without = [base for base in dict.fromkeys(found) if base not in {object, Generic, ABC}]
    return without or [object]


def leave_out_inner_bases(
    _app: Sphinx, _name: str, thing: type, _options: object, bases: list[Any]
) -> None:
    """Leave out base classes that nobody else can import."""
    if any(not home_of(base.__name__, base) for base in thing.__bases__ if is_ours(base)):
        bases[:] = outer_bases(thing)


def is_ours(thing: type) -> bool:
    """Whether a class is of this library."""
    return thing.__module__.startswith("closient_export")


def leave_out_tests(
    _app: Sphinx, _what: str, name: str, _thing: object, _skip: object, _options: object
) -> bool | None:
    """Leave out the tests of contracts, of which a reader needs no more than that they are there."""
    return True if name.startswith("test_") else None


def check_names(_app: Sphinx, env: BuildEnvironment) -> None:
    """Warn of public names that have no entry."""
    entries = env.domains.python_domain.objects
    for module in public_modules():
        for name in import_module(module).__all__:
            home = home_of(name, getattr(import_module(module), name), module)
            if home not in entries:
                logger.warning("%s.%s is not described, expected it as %s", module, name, home)
