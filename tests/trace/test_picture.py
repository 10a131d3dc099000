import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

import pytest
from attrs import evolve
from effort import calls_of
from hypothesis import given
from hypothesis import strategies as st

from closient_export.testing.strategies import hostile_text
from closient_export.trace.picture import (
    Diagram,
    DiagramLink,
    DiagramLot,
    DiagramPlace,
    DiagramShipment,
    dot,
    svg,
    to_json_text,
)
from closient_export.trace.picture.flows import flows
from closient_export.trace.picture.text import fit, largest, measure, printable, split

SVG = "{http://www.w3.org/2000/svg}"
DAY = date(2026, 4, 19)
MAY_STAND = {
    *("x", "y", "width", "height", "rx", "d", "viewBox", "role", "transform", "dx", "text-anchor"),
    *("fill", "stroke", "stroke-width", "stroke-dasharray", "font-family", "font-size"),
    "font-weight",
}


def lot(lot_id: str, place: str = "", **changes: Any) -> DiagramLot:
    plain = DiagramLot(
        id=lot_id,
        code=lot_id.upper(),
        product=f"Product {lot_id}",
        place=place,
        quantity="40 cases",
        created=DAY,
        asked=False,
        hops=0,
    )
    return evolve(plain, **changes)


def link(source: str, target: str, **changes: Any) -> DiagramLink:
    plain = DiagramLink(
        source=source, target=target, label="Transformation", date=DAY, quantity="", doubtful=False
    )
    return evolve(plain, **changes)


def shipment(lot_id: str, origin: str, destination: str, **changes: Any) -> DiagramShipment:
    plain = DiagramShipment(
        lot=lot_id,
        origin=origin,
        destination=destination,
        shipped=DAY,
        received=DAY + timedelta(1),
        quantity="10 cases",
    )
    return evolve(plain, **changes)


def diagram(
    lots: Sequence[DiagramLot],
    links: Sequence[DiagramLink] = (),
    shipments: Sequence[DiagramShipment] = (),
    **changes: Any,
) -> Diagram:
    ids = {lot.place for lot in lots}
    ids |= {place for sent in shipments for place in (sent.origin, sent.destination)}
    plain = Diagram(
        title="Lot A",
        subtitle="",
        lots=tuple(lots),
        places=tuple(
            DiagramPlace(id=place, name=f"Place {place}", locality="Yuma, AZ")
            for place in sorted(ids - {""})
        ),
        links=tuple(links),
        shipments=tuple(shipments),
        truncated=False,
    )
    return evolve(plain, **changes)


CHAIN = diagram(
    [
        lot("h", "farm", harvested_only=True, hops=-2),
        lot("p", "packer", hops=-1, warnings=2),
        lot("a", "plant", asked=True, errors=3, warnings=1),
        lot("b", "kitchen", hops=1),
        lot("c", "kitchen", hops=1),
    ],
    [
        link("h", "p", label="Initial packing", quantity="38 bins"),
        link("p", "a", quantity="400 cases", doubtful=True),
        link("a", "b", quantity="100 bags"),
        link("a", "c", quantity="200 bags", date=DAY + timedelta(2)),
    ],
    [
        shipment("p", "packer", "plant"),
        shipment("a", "plant", "kitchen"),
        shipment("a", "plant", "warehouse", quantity="7 bags"),
        shipment("a", "plant", "warehouse", quantity="8 bags", shipped=DAY + timedelta(3)),
        shipment("a", "warehouse", "shop", received=None),
    ],
)


class Label(NamedTuple):
    text: str
    left: float
    top: float
    right: float
    bottom: float


def root(diagram: Diagram) -> ET.Element:
    return ET.fromstring(svg(diagram))  # noqa: S314 - what is parsed was just made


def texts(diagram: Diagram) -> list[str]:
    return ["".join(element.itertext()) for element in root(diagram).iter(f"{SVG}text")]


def tips(diagram: Diagram) -> list[str]:
    return [element.text or "" for element in root(diagram).iter(f"{SVG}title")]


def walk(
    element: ET.Element, x: float = 0, y: float = 0
) -> Iterator[tuple[ET.Element, float, float]]:
    """All elements with how far they are moved."""
    moved = re.fullmatch(r"translate\((\S+) (\S+)\)", element.get("transform", ""))
    if moved:
        x, y = x + float(moved[1]), y + float(moved[2])
    yield element, x, y
    for child in element:
        yield from walk(child, x, y)


def labels(picture: ET.Element) -> list[Label]:
    """All texts with the room they need in an ordinary font."""
    found = []
    for element, dx, dy in walk(picture):
        if element.tag == f"{SVG}text":
            text = "".join(element.itertext())
            size = float(element.get("font-size", ""))
            width = sum(0.5 if character.isascii() else 0.9 for character in text) * size
            x, y = float(element.get("x", "")) + dx, float(element.get("y", "")) + dy
            shift = {"start": 0.0, "middle": 0.5, "end": 1.0}[element.get("text-anchor", "start")]
            left = x - shift * width
            found.append(Label(text, left, y - 0.72 * size, left + width, y + 0.2 * size))
    return found


def points(path: str) -> Iterator[tuple[float, float]]:
    """Points along a line, close enough together to hit every text that it runs through."""
    x = y = 0.0
    for command, numbers in re.findall(r"([MHC])([^A-Za-z]*)", path):
        values = [float(number) for number in numbers.split()]
        if command == "M":
            x, y = values
        elif command == "H":
            steps = max(1, int(abs(values[0] - x) / 2))
            yield from ((x + (values[0] - x) * n / steps, y) for n in range(steps + 1))
            x = values[0]
        else:
            middle, end_x, end_y = values[0], values[4], values[5]
            steps = max(8, int(abs(end_y - y) / 2))
            for n in range(steps + 1):
                t = n / steps
                u = 1 - t
                yield (
                    u**3 * x + 3 * u * t * (u + t) * middle + t**3 * end_x,
                    (u**3 + 3 * u * u * t) * y + (3 * u * t * t + t**3) * end_y,
                )
            x, y = end_x, end_y


def lines(picture: ET.Element) -> Iterator[list[tuple[float, float]]]:
    for element, dx, dy in walk(picture):
        if element.tag == f"{SVG}path" and element.get("fill") == "none":
            yield [(x + dx, y + dy) for x, y in points(element.get("d", ""))]


def assert_legible(diagram: Diagram) -> None:
    """No text stands on another, none on a line, and all on the page."""
    picture = root(diagram)
    width, height = float(picture.get("width", "")), float(picture.get("height", ""))
    found = sorted(labels(picture), key=lambda label: label.top)
    for index, label in enumerate(found):
        assert label.left >= 0
        assert label.right <= width
        assert label.top >= 0
        assert label.bottom <= height
        for other in found[index + 1 :]:
            if other.top >= label.bottom:
                break
            assert other.right <= label.left or label.right <= other.left, (label, other)
    for line in lines(picture):
        for x, y in line:
            for label in found:
                if label.top > y:
                    break
                inside = label.left < x < label.right and label.top < y < label.bottom
                assert not inside, (label, x, y)


days = st.none() | st.dates(date(2026, 1, 1), date(2026, 12, 31))
names = hostile_text() | st.sampled_from(
    ["", "<script>alert(1)</script>", "]]>", "سلطة خضراء", "&amp;"]
)


@st.composite
def diagrams(draw: st.DrawFn, text: st.SearchStrategy[str] = names) -> Diagram:
    lot_ids = draw(st.lists(text, min_size=1, max_size=7, unique=True))
    place_ids = draw(st.lists(text.filter(bool), max_size=4, unique=True))
    lot_id, place_id = st.sampled_from(lot_ids), st.sampled_from(["", *place_ids])
    quantity = text | st.integers(0, 999).map("{} cases".format)
    asked = draw(lot_id)
    return Diagram(
        title=draw(text),
        subtitle=draw(text),
        truncated=draw(st.booleans()),
        places=tuple(
            DiagramPlace(id=known, name=draw(text), locality=draw(text)) for known in place_ids
        ),
        lots=tuple(
            DiagramLot(
                id=known,
                code=draw(text),
                product=draw(text),
                place=draw(place_id),
                quantity=draw(quantity),
                created=draw(days),
                asked=known == asked,
                hops=draw(st.integers(-3, 3)),
                errors=draw(st.integers(0, 3)),
                warnings=draw(st.integers(0, 3)),
                harvested_only=draw(st.booleans()),
            )
            for known in lot_ids
        ),
        links=tuple(
            draw(
                st.lists(
                    st.builds(
                        DiagramLink,
                        source=lot_id,
                        target=lot_id,
                        label=text,
                        date=days,
                        quantity=quantity,
                        doubtful=st.booleans(),
                    ),
                    max_size=10,
                )
            )
        ),
        shipments=tuple(
            draw(
                st.lists(
                    st.builds(
                        DiagramShipment,
                        lot=lot_id,
                        origin=place_id,
                        destination=place_id,
                        shipped=days,
                        received=days,
                        quantity=quantity,
                    ),
                    max_size=10,
                )
            )
        ),
    )


def assert_harmless(diagram: Diagram) -> None:
    for element in root(diagram).iter():
        tag = element.tag.removeprefix(SVG)
        assert tag in {"svg", "title", "g", "rect", "path", "text", "tspan"}
        assert set(element.attrib) <= MAY_STAND


@given(diagrams())
def test_whatever_the_texts_hold_the_svg_is_well_formed_and_loads_and_runs_nothing(
    diagram: Diagram,
) -> None:
    assert svg(diagram).isascii()
    assert_harmless(diagram)


@pytest.mark.parametrize(
    "name",
    [
        "<script>alert(1)</script>",
        '" onload="alert(1)',
        "\x00\x0b\x1f\x7f",
        "\ud800 lone",
        "\ufffe\uffff\U0001fffe",
        "سلطة خضراء",
        "]]><!-- &x; -->",
        "\u202egnirts\u2066",
        "m" * 30_000,
        "\u0301" * 500,
    ],
)
def test_a_hostile_name_stays_a_name(name: str) -> None:
    hostile = diagram(
        [lot("a", "farm", product=name, code=name, quantity=name), lot("b", "shop", product=name)],
        [link("a", "b", label=name, quantity=name)],
        [shipment("a", "farm", "shop", quantity=name), shipment("b", "shop", "x", quantity=name)],
        title=name,
        subtitle=name,
    )
    hostile = evolve(
        hostile,
        places=tuple(evolve(known, name=name, locality=name) for known in hostile.places),
    )
    assert_harmless(hostile)
    assert printable(name) in tips(hostile)[1]
    json.loads(to_json_text(hostile))
    dot(hostile).encode()


def test_a_long_name_is_shortened_and_in_full_in_the_tooltip() -> None:
    name = "Organic triple washed baby spinach with a story " * 600
    named = diagram([lot("a", product=name)])
    shown = texts(named)
    [first] = [at for at, text in enumerate(shown) if text.startswith("Organic triple")]
    second = shown[first + 1]
    assert second.endswith("…")
    assert name.startswith(f"{shown[first]} {second[:-1]}")
    assert any(name.strip() in tip for tip in tips(named))


@given(diagrams(st.text("Aalm7- ", max_size=30)))
def test_no_text_stands_on_another_or_on_a_line(diagram: Diagram) -> None:
    assert_legible(diagram)


def test_a_lot_shows_product_code_quantity_and_place() -> None:
    shown = texts(diagram([lot("a", "farm")]))
    assert {"Product a", "A", "40 cases · made 04/19/2026", "Place farmYuma, AZ"} <= set(shown)


def test_the_asked_lot_and_the_findings_are_marked_without_colour() -> None:
    shown = texts(CHAIN)
    assert shown.count("ASKED") == 1
    assert {"! 3", "! 1", "! 2"} <= set(shown)
    assert any("3 errors, 1 warning" in tip for tip in tips(CHAIN))


def test_transformations_and_shipments_carry_their_dates_and_quantities() -> None:
    shown = texts(CHAIN)
    assert {"Initial packing", "38 bins", "04/21/2026", "! dates contradict"} <= set(shown)
    assert {"used 400 cases · sent 10 cases", "shipped 04/19/2026", "received 04/20/2026"} <= {
        *shown
    }


def test_what_was_sent_is_told_from_what_was_used() -> None:
    lots = [lot("a", "farm"), lot("b", "plant")]
    sent = [shipment("a", "farm", "plant"), shipment("a", "farm", "hub")]
    onward = [*sent, shipment("a", "hub", "plant", quantity="5 cases")]
    for used, sendings, shown in (
        ("", sent, {"10 cases · shipped 04/19/2026"}),
        ("10 cases", sent, {"10 cases · shipped 04/19/2026"}),
        ("4 cases", sent, {"used 4 cases · sent 10 cases"}),
        ("4 cases", onward, {"used 4 cases in all · sent 10 cases", "lot A"}),
    ):
        drawn = diagram(lots, [link("a", "b", quantity=used)], sendings)
        assert shown <= set(texts(drawn))
        assert_legible(drawn)


def test_shipments_of_a_lot_between_two_places_are_one_line() -> None:
    shown = texts(CHAIN)
    assert "15 bags · 2 shipments" in shown
    assert "shipped 04/19/2026 to 04/22/2026" in shown
    assert shown.count("Place warehouse") == 1


def test_what_a_place_sent_on_starts_at_that_place_and_names_the_lot() -> None:
    assert any(text.startswith("lot A · 10 cases") for text in texts(CHAIN))
    assert any(tip.startswith("Place warehouse to Place shop: lot A") for tip in tips(CHAIN))


def test_what_a_place_sent_without_having_got_it_says_so() -> None:
    shown = texts(diagram([lot("a", "farm")], [], [shipment("a", "cooler", "shop")]))
    assert any("from Place cooler" in text for text in shown)


def test_up_to_six_destinations_are_drawn_and_more_are_summed_up() -> None:
    for count, summed in ((6, False), (7, True), (23, True)):
        sent = [shipment("a", "farm", f"s{n:02}") for n in range(count)]
        shown = texts(diagram([lot("a", "farm")], [], sent))
        assert (f"→ {count} places" in shown) == summed
        assert ("Place s05" in shown) != summed
    assert {"Place s00", "Place s03", "and 19 more", "230 cases · 23 shipments"} <= set(shown)


def test_lots_made_from_each_other_are_drawn_with_a_line_that_goes_back() -> None:
    circle = diagram(
        [lot("a", "x"), lot("b", "x"), lot("c", "x")],
        [link("a", "b"), link("b", "c"), link("c", "a"), link("b", "b")],
    )
    shown = texts(circle)
    assert shown.count("! goes in a circle") == 1
    assert any(text.startswith("made from itself") for text in shown)
    assert_legible(circle)


def test_an_incomplete_picture_says_so() -> None:
    warning = "This picture is incomplete: a limit was reached"
    for truncated in (True, False):
        incomplete = evolve(CHAIN, truncated=truncated)
        assert (f"! {warning}" in texts(incomplete)) == truncated
        assert (warning in dot(incomplete)) == truncated
        assert json.loads(to_json_text(incomplete))["truncated"] is truncated


def test_the_legend_explains_only_what_occurs() -> None:
    plain, full = texts(diagram([lot("a")])), texts(CHAIN)
    for meaning in ("was shipped", "went into", "errors in its records", "the lot asked for"):
        assert meaning in full
        assert meaning not in plain


def test_many_lots_in_a_layer_get_one_line_each_but_the_asked_one() -> None:
    lots = [lot(f"l{n:02}", "farm", asked=n == 7) for n in range(41)]
    target = lot("z", "plant")
    many = diagram([*lots, target], [link(source.id, "z", quantity="1 case") for source in lots])
    few = diagram([*lots[:40], target], [link(source.id, "z") for source in lots[:40]])
    assert float(root(many).get("height", "")) < float(root(few).get("height", ""))
    assert texts(many).count("40 cases · made 04/19/2026") == 2
    assert set(texts(many)) >= {known.code for known in lots}
    assert_legible(many)
    assert_legible(few)


def many_lots(layers: int) -> Diagram:
    """Sixty in each layer, and those of the last one sent to shops."""
    count = 60 * layers
    lots = [lot(f"l{n:03}", f"p{n % 23}", hops=n // 60) for n in range(count)]
    made = range(60, count)
    links = [link(f"l{n - 60 + n % 7:03}", f"l{n:03}", quantity="2 cases") for n in made]
    last = range(count - 60, count)
    sent = [shipment(f"l{n:03}", f"p{n % 23}", f"shop{n % 11}") for n in last]
    return diagram(lots, links, sent)


def test_hundreds_of_lots_stay_legible() -> None:
    assert_legible(many_lots(5))


def test_a_picture_of_many_lots_costs_no_more_for_each() -> None:
    few, many = many_lots(3), many_lots(12)
    assert calls_of(lambda: svg(many)) < 5 * calls_of(lambda: svg(few))


def test_nothing_at_all_is_drawn_as_that() -> None:
    nothing = diagram([])
    assert "No lots" in texts(nothing)
    assert dot(nothing).startswith("digraph genealogy {")
    assert_legible(nothing)


@given(diagrams(), st.randoms(use_true_random=False))
def test_the_order_of_what_is_given_changes_nothing(diagram: Diagram, random: Any) -> None:
    parts: dict[str, Any] = {}
    for name in ("lots", "places", "links", "shipments"):
        part = list(getattr(diagram, name))
        random.shuffle(part)
        parts[name] = tuple(part)
    shuffled = evolve(diagram, **parts)
    assert svg(shuffled) == svg(diagram)
    assert dot(shuffled) == dot(diagram)
    assert to_json_text(shuffled) == to_json_text(diagram)


def test_another_process_draws_the_same() -> None:
    script = (
        "import sys; sys.path[:0] = sys.argv[1:]\n"
        "from test_picture import CHAIN, dot, svg\n"
        "sys.stdout.write(svg(CHAIN) + dot(CHAIN))"
    )
    here = os.path.dirname(__file__)  # noqa: PTH120 - handed to another process as text
    command = [sys.executable, "-B", "-c", script, here, os.path.dirname(here)]  # noqa: PTH120
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"}
        done = subprocess.run(command, env=environment, capture_output=True, check=True)
        assert done.stdout.decode() == svg(CHAIN) + dot(CHAIN)


def dot_strings(text: str) -> list[str]:
    """The quoted strings of a DOT text; what is left between them has to be plain syntax."""
    string = re.compile(r'"((?:[^"\\]|\\.)*)"')
    assert re.fullmatch(r"[\w\s\[\]{}=,;>.-]*", string.sub("", text)), text
    return string.findall(text)


@given(diagrams())
def test_dot_holds_every_text_in_quotes(diagram: Diagram) -> None:
    text = dot(diagram)
    text.encode()
    for string in dot_strings(text):
        assert "\n" not in string
        assert re.fullmatch(r"(?:[^\\&]|\\\\|\\\"|\\n|&amp;)*", string), string
    assert text.count("tooltip=") == len(diagram.lots)


def test_dot_groups_lots_by_place_and_tells_links_from_shipments() -> None:
    text = dot(CHAIN)
    assert text.count("subgraph cluster_") == 4
    assert 'lot4 -> lot5 [label="Initial packing\\n04/19/2026\\n38 bins"];' in text
    assert 'lot5 -> lot1 [label="Transformation\\n04/19/2026\\n400 cases\\n! dates' in text
    assert 'place6 -> place5 [style=dashed, label="lot A\\n10 cases' in text


@given(diagrams())
def test_json_says_everything(diagram: Diagram) -> None:
    text = to_json_text(diagram)
    content = json.loads(text)
    assert text.isascii()
    assert [*content] == sorted(content)
    for name in ("lots", "places", "links", "shipments"):
        assert len(content[name]) == len(getattr(diagram, name))
    json.dumps(content, ensure_ascii=False).encode()


def test_json_names_what_the_diagram_names() -> None:
    content = json.loads(to_json_text(diagram([lot("a", "farm")], [], [shipment("a", "", "")])))
    assert content["lots"] == [
        {
            "asked": False,
            "code": "A",
            "created": "2026-04-19",
            "errors": 0,
            "harvested_only": False,
            "hops": 0,
            "id": "a",
            "place": "farm",
            "product": "Product a",
            "quantity": "40 cases",
            "warnings": 0,
        }
    ]
    assert content["places"] == [{"id": "farm", "locality": "Yuma, AZ", "name": "Place farm"}]
    assert content["shipments"][0]["received"] == "2026-04-20"


def test_quantities_are_added_only_where_their_units_agree() -> None:
    for quantities, total in (
        (["10 cases", "2.5 cases"], "12.5 cases"),
        (["10 cases", "3 pallets"], "10 cases + 3 pallets"),
        (["10 cases", "", "1 cases"], "11 cases"),
        (["some", "10 cases"], "10 cases + some"),
        ([""], ""),
    ):
        sent = [shipment("a", "x", "y", quantity=quantity) for quantity in quantities]
        assert [flow.quantity for flow in flows(sent)] == [total]


@pytest.mark.parametrize(
    ("part", "value", "message"),
    [
        ("lots", (lot("a"), lot("a")), "lots: expected every id once, got 'a' again"),
        ("lots", (lot("a", "nowhere"),), "lots: expected the id of a place, got 'nowhere'"),
        ("links", (link("a", "b"),), "links: expected the id of a lot, got 'b'"),
        ("shipments", (shipment("b", "", ""),), "shipments: expected the id of a lot, got 'b'"),
        ("shipments", (shipment("a", "", "x"),), "shipments: expected the id of a place, got 'x'"),
        (
            "places",
            (DiagramPlace(id="", name="Farm", locality=""),),
            "places: expected ids that are not empty",
        ),
    ],
)
def test_a_diagram_whose_parts_do_not_fit_is_refused(part: str, value: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        evolve(diagram([lot("a")]), **{part: value})


def test_a_lot_beside_a_line_is_told_by_the_end_of_its_code() -> None:
    from closient_export.trace.picture.notes import lot_fact  # noqa: PLC0415

    assert lot_fact("A1") == "lot A1"
    codes = [f"(01)19521183010405(10)A-LONG-CODE-TD2608{end}" for end in ["3A", "4A", "4B"]]
    facts = [lot_fact(code) for code in codes]
    assert len(set(facts)) == 3
    assert all(
        fact.startswith("lot …") and fact[-6:] == code[-6:]
        for fact, code in zip(facts, codes, strict=True)
    )


LONG_CODE = "(01)10614141003034(10)CK26090"


def test_a_lot_shows_its_whole_code_and_its_product_in_two_lines_where_one_is_too_short() -> None:
    name = "King salmon, troll-caught, headed and gutted, on ice"
    arabic = "سلطة خضراء طازجة مع صلصة الليمون والزيتون الأخضر الكبير"
    for product in (name, arabic):
        drawn = diagram(
            [
                lot("a", "farm", code=LONG_CODE, product=product, asked=True, errors=9999),
                lot("b", "farm", code=LONG_CODE, product=product),
            ],
            [link("a", "b")],
        )
        shown = texts(drawn)
        assert shown.count(LONG_CODE) == 2
        words = product.split()
        cuts = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
        assert sum(set(cut) <= set(shown) for cut in cuts) >= 1
        assert not any(text.endswith("…") for text in shown)
        if product is name:
            assert_legible(drawn)
    short, long = (diagram([lot("a", product=product)]) for product in ("Kale", name))
    assert float(root(long).get("height", "")) == float(root(short).get("height", "")) + 13


def test_a_lot_in_one_line_shows_its_whole_code() -> None:
    lots = [lot(f"l{n:02}", "farm", code=f"{LONG_CODE}{n}") for n in range(41)]
    many = diagram([*lots, lot("z", "plant")], [link(source.id, "z") for source in lots])
    assert set(texts(many)) >= {known.code for known in lots}
    assert_legible(many)


def test_what_is_cut_from_a_card_is_in_its_title() -> None:
    code, product = f"(01)10614141003034(10){'W' * 20}", "Wholesome " * 30
    drawn = diagram([lot("a", "farm", code=code, product=product)])
    assert any(text.startswith("…") and code.endswith(text[1:]) for text in texts(drawn))
    assert any(tip.startswith(f"{product.strip()}\nlot {code}") for tip in tips(drawn))


wordy = st.text("ab mW\u0633\u06a9", max_size=60).map(printable)


@given(wordy, st.floats(20, 300), st.sampled_from([9.5, 11.0, 14.0]))
def test_a_split_text_loses_nothing_and_its_first_line_fits(
    text: str, width: float, size: float
) -> None:
    first, second = split(text, size, width)
    assert (f"{first} {second}" if second else first) == text
    if second:
        assert fit(first, size, width) == first
        assert fit(text, size, width) != text
    else:
        assert fit(text, size, width) == text or " " not in fit(text, size, width)[:-1].rstrip()


@given(wordy, st.floats(20, 300), st.booleans())
def test_the_largest_size_is_one_that_fits(text: str, width: float, bold: bool) -> None:
    size = largest(text, 14, width, least=10.5, bold=bold)
    assert 10.5 <= size <= 14
    if size > 10.5:
        assert measure(text, size, bold=bold) <= width
    if size < 14:
        assert measure(text, size + 0.11, bold=bold) > width


def test_marks_on_letters_take_no_room_and_arabic_takes_no_more_than_it_needs() -> None:
    assert measure("e\u0301", 10) == measure("e", 10)
    assert measure("سلطة", 10) < measure("沙拉沙拉", 10)
