"""The reference of the kit names all of it, and nothing else."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from closient_export.testing import contracts
from closient_export.testing.contracts import (
    EntitySourceContract,
    RendererContract,
    TraceWriterContract,
    UrlSignerContract,
)
from closient_export.testing.registration import STRATEGIES

PAGE = (Path(__file__).parents[2] / "docs" / "reference" / "testing.md").read_text("utf-8")


@pytest.mark.parametrize(
    "name", ["contracts", "strategies", "event_builders", "event_json", "reports", "faults"]
)
def test_every_public_name_is_in_the_reference(name: str) -> None:
    module = import_module(f"closient_export.testing.{name}")
    said = set(re.findall(r"`(\w+)`", PAGE))
    assert set(module.__all__) <= said
    assert all(hasattr(module, each) for each in module.__all__)


def test_strategies_in_bold_are_those_that_are_registered() -> None:
    assert set(re.findall(r"\*\*`(\w+)`\*\*", PAGE)) == set(STRATEGIES.values())


@pytest.mark.parametrize(
    ("contract", "heading"),
    [
        (RendererContract, "renderer"),
        (TraceWriterContract, "trace writer"),
        (EntitySourceContract, "source of entities"),
        (UrlSignerContract, "signer of addresses"),
    ],
)
def test_every_obligation_is_in_the_reference(contract: type, heading: str) -> None:
    (section,) = re.findall(rf"### What is asked of a {heading}\n(.*?)\n#", PAGE, re.DOTALL)
    told = re.findall(r"^\| `(test_\w+)` \|", section, re.MULTILINE)
    asked = [name for kind in contract.__mro__[::-1] for name in vars(kind)]
    assert told == [name for name in asked if name.startswith("test_")]


def test_contracts_are_listed() -> None:
    section = PAGE.partition("## Contracts")[2].partition("###")[0]
    assert set(re.findall(r"`(\w+Contract)`", section)) == set(contracts.__all__)
