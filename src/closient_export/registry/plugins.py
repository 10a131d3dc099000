"""Which distribution provides what: entry points, read at once, loaded one by one when asked for."""

import importlib
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from importlib.metadata import entry_points
from typing import Any, ClassVar, Generic, TypeVar

from attrs import frozen

from closient_export.errors import ExportError, shown

__all__ = ["Misnomer", "PluginRegistry", "Registration", "missing"]

OWN_DISTRIBUTION = "closient-export"

K = TypeVar("K", bound=Hashable)
P = TypeVar("P")


@frozen(kw_only=True)
class Registration(Generic[K]):
    """A distribution's claim to provide what a key stands for; nothing of it is imported yet."""

    key: K
    target: str
    """``module:attribute`` of a class or a factory without arguments."""
    distribution: str
    version: str = ""


@frozen(kw_only=True)
class Misnomer:
    """An entry point whose name is no key, so that no request can ask for what it provides."""

    name: str
    distribution: str
    version: str
    problem: str
    """What a name must be, and what this one is."""


class PluginRegistry(ABC, Generic[K, P]):
    """The plugins of one entry-point group, each loaded when it is first asked for.

    A broken plugin breaks its own key only, and so do two distributions that claim the same one.

    Args:
        prefer: For a key that several distributions claim, the name of the one to take, such as
            ``{"qr_codes.svg": "acme-labels"}``.
        registrations: Instead of the installed distributions' entry points.
    """

    group: ClassVar[str]
    noun: ClassVar[str]
    """What a plugin of this group is called."""
    _expected_name: ClassVar[str]
    """What the name of an entry point must be, in words."""
    built_in: ClassVar[Mapping[str, str]]
    """The same as this distribution's entry points, for where no metadata is installed."""
    unknown_error: ClassVar[type[ExportError]]
    conflict_error: ClassVar[type[ExportError]]
    load_error: ClassVar[type[ExportError]]

    def __init__(
        self,
        *,
        prefer: Mapping[str, str] | None = None,
        registrations: Iterable[Registration[K]] | None = None,
    ) -> None:
        self._prefer = {self._preferred(name): to for name, to in (prefer or {}).items()}
        self._claims: dict[K, list[Registration[K]]] = defaultdict(list)
        self._misnomers: list[Misnomer] = []
        for registration in self._scan() if registrations is None else registrations:
            if registration not in self._claims[registration.key]:
                self._claims[registration.key].append(registration)
        for key in self._prefer:
            if key not in self._claims:
                raise self.unknown_error(
                    f"cannot prefer a {self.noun} for {key}: {self._unknown(key)}"
                )
        self._plugins: dict[K, P] = {}

    @staticmethod
    @abstractmethod
    def _key(name: str) -> K:
        """What an entry point of that name provides.

        Raises:
            ValueError: nothing that could be asked for.
        """

    @staticmethod
    @abstractmethod
    def _fault(plugin: Any) -> str | None:
        """What keeps an object from being a plugin of this group, as the end of a sentence."""

    @abstractmethod
    def _unknown(self, key: K) -> str:
        """What to say of a key for which nothing is registered."""

    def _preferred(self, name: str) -> K:
        try:
            return self._key(name)
        except ValueError:
            raise self.unknown_error(
                f"cannot prefer a {self.noun}: {self._expected_name}, got {shown(name)}"
            ) from None

    def _how_to_prefer(self, claim: Registration[K]) -> str:
        return f'{type(self).__name__}(prefer={{"{claim.key}": "{claim.distribution}"}})'

    def _scan(self) -> list[Registration[K]]:
        registrations = []
        for point in entry_points(group=self.group):
            distribution = point.dist.name if point.dist else "an unknown distribution"
            version = point.dist.version if point.dist else ""
            try:
                key = self._key(point.name)
            except ValueError:
                problem = f"{self._expected_name}, got {shown(point.name)}"
                misnomer = Misnomer(
                    name=point.name, distribution=distribution, version=version, problem=problem
                )
                if misnomer not in self._misnomers:
                    self._misnomers.append(misnomer)
                continue
            registrations.append(
                Registration(
                    key=key, target=point.value, distribution=distribution, version=version
                )
            )
        if not any(registration.distribution == OWN_DISTRIBUTION for registration in registrations):
            registrations += [
                Registration(key=self._key(name), target=target, distribution=OWN_DISTRIBUTION)
                for name, target in self.built_in.items()
            ]
        return registrations

    def __contains__(self, key: K) -> bool:
        return key in self._claims

    def registrations(self) -> list[Registration[K]]:
        """All claims, sorted by key and distribution."""
        claims = [claim for claims in self._claims.values() for claim in claims]
        return sorted(claims, key=lambda claim: (str(claim.key), claim.distribution))

    def misnomers(self) -> list[Misnomer]:
        """The entry points of the group whose names are no keys, sorted by name and distribution."""
        return sorted(self._misnomers, key=lambda each: (each.name, each.distribution))

    def register(self, key: K, factory: Callable[[], P], *, replace: bool = False) -> None:
        """Register a plugin of the host's own, without an entry point.

        Raises:
            ValueError: no request can mean the key.
            ExportError: the key is taken and `replace` is not set, or what is made is no plugin.
        """
        key = self._key(str(key))
        if key in self._claims and not replace:
            raise self.conflict_error(
                f"{key} is registered by {self._claims[key][0].distribution}; "
                "pass replace=True to take it over"
            )
        claim = Registration(
            key=key,
            target=getattr(factory, "__qualname__", repr(factory)),
            distribution="the host",
        )
        plugin = factory()
        self._check(claim, plugin)
        self._claims[key] = [claim]
        self._prefer.pop(key, None)
        self._plugins[key] = plugin

    def resolve(self, key: K) -> Registration[K]:
        """The registration that counts for a key; nothing is imported.

        Raises:
            ExportError: none is registered, and the message lists what is; or several
                distributions claim it and none is preferred.
        """
        if key not in self._claims:
            raise self.unknown_error(self._unknown(key))
        claims = self._claims[key]
        preferred = self._prefer.get(key)
        if preferred is not None:
            claims = [claim for claim in claims if claim.distribution == preferred]
        if len(claims) == 1:
            return claims[0]
        names = " and ".join(sorted(claim.distribution for claim in self._claims[key]))
        if not claims:
            raise self.conflict_error(
                f"{key} is preferred from {preferred}, but registered by {names}"
            )
        raise self.conflict_error(
            f"{key} is registered by {names}: uninstall all but one, or prefer one, as in "
            f"{self._how_to_prefer(claims[-1])}"
        )

    def _plugin(self, key: K) -> P:
        if key not in self._plugins:
            self._plugins[key] = self._load(self.resolve(key))
        return self._plugins[key]

    def _load(self, claim: Registration[K]) -> P:
        try:
            module, _, attributes = claim.target.partition(":")
            factory: Any = importlib.import_module(module)
            for attribute in attributes.split("."):
                factory = getattr(factory, attribute)
            plugin: P = factory()
            self._check(claim, plugin)
        except self.load_error:
            raise  # it says itself what is wrong
        except (Exception, SystemExit) as error:
            raise self.load_error(
                f"{self._named(claim)}, cannot be loaded: {type(error).__name__}: {error}"
            ) from error
        return plugin

    def _check(self, claim: Registration[K], plugin: P) -> None:
        if fault := self._fault(plugin):
            raise self.load_error(f"{self._named(claim)}, {fault}")

    def _named(self, claim: Registration[K]) -> str:
        target = f"{claim.target} of {claim.distribution}"
        return f"the {self.noun} {target}, registered for {claim.key}"


def missing(plugin: object, noun: str, names: Iterable[str]) -> str | None:
    """What to say of an object that lacks some of a plugin's attributes."""
    absent = [name for name in names if not hasattr(plugin, name)]
    return f"is not a {noun}: it has no {', '.join(absent)}" if absent else None
