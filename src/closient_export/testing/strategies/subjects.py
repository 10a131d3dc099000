"""What labels identify: products, lots and serials, fit for a symbol or not."""

from collections.abc import Collection
from typing import Any

from hypothesis import strategies as st

from closient_export.subjects import Lot, Product, Scope, Serial, Subject
from closient_export.testing.strategies.gs1 import dates, gtins, lot_codes, serial_numbers
from closient_export.testing.strategies.identifiers import short_ids, times
from closient_export.testing.strategies.text import hostile_text

__all__ = ["hostile_subjects", "lots", "products", "serials", "subjects"]


def _names() -> st.SearchStrategy[str | None]:
    known = st.sampled_from(
        [
            "Curly kale 250 g",
            "Crème fraîche, 30 % Fett",
            "A very long name of a product that no label of an inch has any room for at all",
            "(Salad) 'n' \"Greens\" & more <b>",
            "Κραμπολάχανο",
            "Салат",
            "羽衣甘蓝",
            "",
        ]
    )
    letters = st.characters(codec="latin-1", categories=("L", "N", "P", "Zs"))
    return st.none() | known | st.text(letters, min_size=1, max_size=40)


def _described() -> dict[str, st.SearchStrategy[Any]]:
    return {
        "gtin": gtins(),
        "product_name": _names(),
        "brand": st.none() | st.sampled_from(["Saltbush Fresh", "Ditch & Sons", "é"]),
        "product_id": st.none() | short_ids(),
        "id": st.none() | short_ids(),
    }


def _dated() -> dict[str, st.SearchStrategy[Any]]:
    return {
        **_described(),
        "lot_run_id": st.none() | short_ids(),
        "expiry": st.none() | dates(),
        "best_before": st.none() | dates(),
        "production_date": st.none() | dates(),
        "printed_at": st.none() | times(),
    }


def products(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Product]:
    """Trade items.

    Args:
        **fields: Strategies for fields, instead of the usual ones.
    """
    return st.builds(Product, **{**_described(), **fields})


def lots(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Lot]:
    """Lots that a symbol can carry.

    Args:
        **fields: Strategies for fields, instead of the usual ones.
    """
    return st.builds(Lot, **{**_dated(), "lot": lot_codes(), **fields})


def serials(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Serial]:
    """Serialised items that a symbol can carry, of which some do not know their lot.

    Args:
        **fields: Strategies for fields, instead of the usual ones.
    """
    usual = {**_dated(), "serial": serial_numbers(), "lot": st.none() | lot_codes()}
    return st.builds(Serial, **{**usual, **fields})


_OF_SCOPE = {Scope.PRODUCTS: products, Scope.LOTS: lots, Scope.SERIALS: serials}


def subjects(
    scopes: Collection[Scope] = (Scope.LOTS, Scope.SERIALS), **fields: st.SearchStrategy[Any]
) -> st.SearchStrategy[Subject]:
    """Subjects of some scopes, which the built-in renderers draw if they are not too wide.

    Args:
        scopes: The scopes.
        **fields: Strategies for fields that all of them have, instead of the usual ones.
    """
    return st.one_of(*(_OF_SCOPE[scope](**fields) for scope in Scope if scope in scopes))


def hostile_subjects(
    scopes: Collection[Scope] = (Scope.LOTS, Scope.SERIALS),
) -> st.SearchStrategy[Subject]:
    """Subjects as a catalogue of somebody else may have them: names, lots and serials are any text.

    Args:
        scopes: The scopes that they are of.
    """
    some = hostile_text().filter(bool)
    name = st.none() | hostile_text()
    described: dict[str, st.SearchStrategy[Any]] = {"product_name": name, "brand": name}
    kinds: dict[Scope, st.SearchStrategy[Subject]] = {
        Scope.PRODUCTS: products(**described),
        Scope.LOTS: lots(lot=some | lot_codes(), **described),
        Scope.SERIALS: serials(
            serial=some | serial_numbers(), lot=st.none() | some | lot_codes(), **described
        ),
    }
    return st.one_of(*(kind for scope, kind in kinds.items() if scope in scopes))
