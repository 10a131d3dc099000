"""Descriptions of places and products in files that people and other systems write.

Understood are JSON with ``places`` and ``products``, CSV with a header row, and JSON-LD with
``gs1:Place``, ``gs1:Organization`` and ``gs1:Product`` of GS1's Web Vocabulary. JSON and CSV have
the fields of `LocationDescription` and `ProductDescription` by their names.
"""

import csv
import difflib
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, BinaryIO

import attrs

from closient_export.adapters.master_data_ids import Description, id_problem
from closient_export.adapters.web_vocabulary import read_web_vocabulary
from closient_export.errors import MasterDataError, RequestError, shown
from closient_export.master_data import LocationDescription, ProductDescription
from closient_export.wire import from_json

__all__ = ["read_master_data"]

_LARGEST = 256 << 20
_CHUNK = 1 << 20
_MOST_PROBLEMS = 100

_SECTIONS: Mapping[str, type[Description]] = {
    "places": LocationDescription,
    "products": ProductDescription,
}
_FIELDS = {kind: tuple(field.name for field in attrs.fields(kind)) for kind in _SECTIONS.values()}
_YES_OR_NO = {"true": True, "yes": True, "false": False, "no": False}
_YES_OR_NO_FIELDS = ("packaged", "on_food_traceability_list")


def read_master_data(
    stream: BinaryIO, name: str
) -> tuple[list[LocationDescription], list[ProductDescription]]:
    """The places and products that a file describes, in its order.

    Args:
        stream: Open for reading bytes; UTF-8, of 256 MB at most.
        name: What error messages call the file.

    Raises:
        MasterDataError: with every problem of the file, each with its line or path.
    """
    text = _text_of(stream, name)
    problems = _Problems(name)
    start = re.match(r"\s*(.?)", text)
    if start is None or not start[1]:
        raise MasterDataError(f"{name} is empty: expected JSON, JSON-LD or CSV")
    read = _from_json if start[1] in "{[" else _from_csv
    places: list[LocationDescription] = []
    products: list[ProductDescription] = []
    for found in read(text, problems):
        if isinstance(found, LocationDescription):
            places.append(found)
        else:
            products.append(found)
    problems.raise_any()
    return places, products


class _Problems:
    """What is wrong with a file, as far as a message has room for it."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._lines: list[str] = []
        self._unsaid = 0

    def add(self, where: str, message: str) -> None:
        if len(self._lines) < _MOST_PROBLEMS:
            self._lines.append(f"{self.name}{where}: {message}")
        else:
            self._unsaid += 1

    def raise_any(self) -> None:
        if self._unsaid:
            self._lines.append(f"{self.name}: {self._unsaid:,} more problems")
        if self._lines:
            raise MasterDataError("\n".join(self._lines))


def _text_of(stream: BinaryIO, name: str) -> str:
    data = bytearray()
    while chunk := stream.read(_CHUNK):
        data += chunk
        if len(data) > _LARGEST:
            raise MasterDataError(f"{name}: expected {_LARGEST >> 20} MB at most, got more")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        byte = error.object[error.start]
        raise MasterDataError(
            f"{name}, line {line}: not UTF-8: byte 0x{byte:02x}; save it in UTF-8"
        ) from error


def _described(
    members: Mapping[Any, Any], kind: type[Description], where: str, dot: str, problems: _Problems
) -> Iterator[Description]:
    """The description that members make, or their problems; null and blanks say nothing."""
    said = {
        name: value.strip() if isinstance(value, str) else value
        for name, value in members.items()
        if value is not None
    }
    fault = id_problem(said["id"], kind) if isinstance(said.get("id"), str) else None
    if fault:
        problems.add(f"{where}{dot}id", fault)
    try:
        description = from_json(said, kind)
    except RequestError as error:
        for problem in error.problems:
            problems.add(f"{where}{dot}{problem.path}", problem.message)
    else:
        if not fault:
            yield description


def _from_json(text: str, problems: _Problems) -> Iterator[Description]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise MasterDataError(f"{problems.name}, {where}: not JSON: {error.msg}") from error
    except (ValueError, RecursionError) as error:
        raise MasterDataError(f"{problems.name}: not JSON that can be read: {error}") from error
    if isinstance(document, dict) and not document.keys().isdisjoint(_SECTIONS):
        yield from _from_sections(document, problems)
    else:
        yield from read_web_vocabulary(document, problems.add)


def _from_sections(document: Mapping[str, Any], problems: _Problems) -> Iterator[Description]:
    for name, value in document.items():
        if name not in _SECTIONS:
            problems.add(f": {_suggest(name, _SECTIONS)}", "unknown key, expected places, products")
        elif not isinstance(value, list):
            problems.add(f": {name}", f"expected a list, got {shown(value)}")
        else:
            for index, entry in enumerate(value):
                where = f": {name}[{index}]"
                if isinstance(entry, dict):
                    yield from _described(entry, _SECTIONS[name], where, ".", problems)
                else:
                    problems.add(where, f"expected an object, got {shown(entry)}")


def _suggest(name: str, known: Iterable[str]) -> str:
    """An unknown name, with the one that was perhaps meant."""
    plain = name.lower().replace(" ", "_").replace("-", "_")
    near = difflib.get_close_matches(plain, known, n=1, cutoff=0.8)
    return f"{shown(name)} (did you mean '{near[0]}'?)" if near else shown(name)


def _from_csv(text: str, problems: _Problems) -> Iterator[Description]:
    rows = _rows(text, problems.name)
    line, header = next(rows, (1, []))
    kind = _kind_of(header, f"{problems.name}, line {line}")
    for line, cells in rows:
        where = f", line {line}"
        if len(cells) != len(header):
            expected = f"expected {len(header)} cells as in the header, got {len(cells)}"
            problems.add(where, expected)
            continue
        members: dict[str, Any] = {
            field: cell for field, cell in zip(header, cells, strict=True) if cell
        }
        for field in _YES_OR_NO_FIELDS:
            if field in members:
                cell = members[field]
                members[field] = _YES_OR_NO.get(cell.lower())
                if members[field] is None:
                    problems.add(
                        f"{where}: {field}", f"expected true, false, yes or no, got {shown(cell)}"
                    )
        yield from _described(members, kind, where, ": ", problems)


def _rows(text: str, name: str) -> Iterator[tuple[int, list[str]]]:
    """Each row that is not blank, with the number of its last line."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    while True:
        try:
            cells = [cell.strip() for cell in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            raise MasterDataError(f"{name}, line {reader.line_num}: not CSV: {error}") from error
        if any(cells):
            yield reader.line_num, cells


def _kind_of(header: list[str], where: str) -> type[Description]:
    """What the rows under a header describe."""
    places, products = _FIELDS.values()
    known = dict.fromkeys((*places, *products))
    if unknown := [name for name in header if name not in known]:
        named = ", ".join(_suggest(name, known) for name in unknown)
        columns = "unknown column" if len(unknown) == 1 else "unknown columns"
        commas = any(";" in name or "\t" in name for name in unknown)
        hint = "; the columns are separated by commas" if commas else ""
        raise MasterDataError(
            f"{where}: {columns} {named}, expected some of {', '.join(places)} for places, "
            f"{', '.join(products)} for products{hint}"
        )
    if twice := next((name for name in header if header.count(name) > 1), None):
        raise MasterDataError(f"{where}: column '{twice}' appears twice")
    if "id" not in header:
        got = ", ".join(header) or "nothing"
        raise MasterDataError(f"{where}: missing column 'id'; got {got}")
    of_places = [name for name in header if name not in products]
    of_products = [name for name in header if name not in places]
    if of_places and of_products:
        raise MasterDataError(
            f"{where}: expected columns of places or of products, got '{of_places[0]}' of places "
            f"and '{of_products[0]}' of products; give them in two files"
        )
    if not (of_places or of_products):
        raise MasterDataError(
            f"{where}: expected a column that only places have, such as 'business_name', or only "
            f"products, such as 'product_name'; got {', '.join(header)}"
        )
    return LocationDescription if of_places else ProductDescription
