"""What food a lot is of, as far as the rule treats one food differently from another."""

from collections.abc import Callable
from functools import cached_property

from closient_export.master_data import ProductDescription
from closient_export.trace.graph import LotGraph
from closient_export.trace.steps import FARM_HARVEST_STEPS, step_of

__all__ = ["Foods"]

_PROCESSED = ("cheese", "freshcut", "smoked", "delisalad", "nutbutter")
"""What stands in the names of those categories of the Food Traceability List that are made of raw
agricultural commodities, also as GS1 US codes them; only of these there is a harvest (1.1325)."""


class Foods:
    """What the lots of a graph are of, by master data and by what they became.

    Args:
        graph: The result of a walk.
        product_of: Describes a lot, as far as master data do.
    """

    def __init__(
        self, graph: LotGraph, product_of: Callable[[str], ProductDescription | None]
    ) -> None:
        self._graph = graph
        self._product_of = product_of

    def on_list(self, lot: str) -> bool:
        """Whether a lot may be of a food on the Food Traceability List."""
        product = self._product_of(lot) if lot else None
        listed = None if product is None else product.on_food_traceability_list
        return lot not in self._seeds if listed is None else listed

    @cached_property
    def _seeds(self) -> frozenset[str]:
        """Lots of which nothing but sprouts were made: sprouts are on the list, seeds are not."""
        found: set[str] = set()
        unread = list(filter(self.is_of_sprouts, self._graph.made_by))
        while unread:
            for transformation in self._graph.made_by.get(unread.pop(), ()):
                for lot in transformation.input_lots - found:
                    made = [each.output_lots for each in self._graph.used_by.get(lot, ())]
                    becomes = frozenset().union(*made) - found
                    if not self.is_of_sprouts(lot) and all(map(self.is_of_sprouts, becomes)):
                        found.add(lot)
                        unread.append(lot)
        return frozenset(found)

    def is_of_sprouts(self, lot: str) -> bool:
        """Whether a lot is of sprouts, which are packed where they were grown from seeds."""
        return self._category(lot) == "sprouts"

    def is_processed(self, lot: str) -> bool:
        """Whether a lot is of a food that is made, so that it cannot have been harvested."""
        words = "".join(filter(str.isalpha, self._category(lot)))
        return any(word in words for word in _PROCESSED)

    def is_grown_on(self, lot: str) -> bool:
        """Whether a lot is seed, fry or feed: of all that used it, something was harvested."""
        uses = self._graph.used_by.get(lot, ())
        return bool(uses) and all(step_of(use.completed) in FARM_HARVEST_STEPS for use in uses)

    def _category(self, lot: str) -> str:
        """The category of the Food Traceability List, empty if it is not known."""
        product = self._product_of(lot) if lot else None
        return product.food_traceability_list_category.casefold() if product else ""
