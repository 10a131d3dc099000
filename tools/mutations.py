"""What mutation testing changes in a module: one place at a time, in every way that is known here.

Left as they are: annotations, decorators, docstrings, imports, and messages, which are the texts with
a space in them or with values.
"""

import ast
from collections.abc import Iterable, Iterator
from copy import deepcopy
from pathlib import Path
from types import CodeType
from typing import NamedTuple, TypeVar

__all__ = ["Mutant", "mutants"]

T = TypeVar("T")

OPERATORS: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Add,),
    ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.Mult,),
    ast.Pow: (ast.Mult,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
    ast.LShift: (ast.RShift,),
    ast.RShift: (ast.LShift,),
}
FUNCTIONS = {
    "any": "all",
    "all": "any",
    "min": "max",
    "max": "min",
    "sorted": "list",
    "reversed": "iter",
    "startswith": "endswith",
    "partition": "rpartition",
    "removeprefix": "removesuffix",
    "lstrip": "rstrip",
    "rstrip": "lstrip",
}
LONGEST = 160
LEFT = ("annotation", "returns", "decorator_list", "names", "ctx", "targets")


class Mutant(NamedTuple):
    """A module with one change."""

    path: Path
    line: int
    before: str
    after: str
    code: CodeType

    def __str__(self) -> str:
        return f"{self.path.name}:{self.line}: {self.before}  ->  {self.after}"


class Place(NamedTuple):
    """Where a node of a syntax tree hangs."""

    parent: ast.AST
    field: str
    number: int | None

    def put(self, node: ast.AST) -> None:
        """Hang another node there."""
        if self.number is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.number] = node


def mutants(path: Path) -> Iterator[Mutant]:
    """All mutants of a module, in the order of its text."""
    tree = ast.parse(path.read_text("utf-8"))
    for place, node in list(_places(tree)):
        line: int = getattr(node, "lineno", 0) or getattr(place.parent, "lineno", 0)
        for other in _variants(place, node):
            place.put(other)
            code = compile(ast.fix_missing_locations(tree), str(path), "exec")
            place.put(node)
            before, after = node, other
            if not isinstance(node, ast.stmt | ast.expr):  # an operator says little by itself
                before, after = place.parent, deepcopy(place.parent)
                Place(after, place.field, place.number).put(other)
            yield Mutant(path, line, *_texts(before, after), code)


def _places(parent: ast.AST) -> Iterator[tuple[Place, ast.AST]]:
    for field, value in ast.iter_fields(parent):
        nodes = enumerate(value) if isinstance(value, list) else [(None, value)]
        for number, node in nodes if field not in LEFT else ():
            if isinstance(node, ast.AST) and not _is_left(node):
                yield Place(parent, field, number), node
                yield from _places(node)


def _is_left(node: ast.AST) -> bool:
    match node:
        case ast.Import() | ast.ImportFrom() | ast.JoinedStr() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Assign(targets=[ast.Name(id="__all__")]):
            return True
        case ast.Constant(value=str(text)):
            return " " in text
    return False


def _variants(place: Place, node: ast.AST) -> Iterator[ast.AST]:
    """What may hang there instead."""
    for operator in OPERATORS.get(type(node), ()):
        yield operator()
    if isinstance(node, ast.expr):
        yield from _without_a_part(place, node)
        yield from _other_expressions(place, node)
    match node:
        case ast.Expr() | ast.AugAssign() | ast.Raise() | ast.Break() | ast.Continue():
            yield ast.Pass()
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            yield ast.Pass()
        case ast.Return(value=ast.expr() as value) if not isinstance(value, ast.Constant):
            yield ast.Return(ast.Constant(None))
        case ast.comprehension(target=target, iter=values, ifs=[_, *_]):
            yield ast.comprehension(target, values, [], 0)


def _other_expressions(place: Place, node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.Constant(value=bool(flag)):
            yield ast.Constant(not flag)
        case ast.Constant(value=int(number)):
            yield ast.Constant(number + 1)
            yield ast.Constant(number - 1)
        case ast.Constant(value=str(text)):
            yield ast.Constant(f"XX{text}")
        case ast.UnaryOp(operand=operand):
            yield operand
        case ast.Name(id=name) if place.field == "func" and name in FUNCTIONS:
            yield ast.Name(FUNCTIONS[name], ast.Load())
        case ast.Attribute(value=value, attr=name) if place.field == "func" and name in FUNCTIONS:
            yield ast.Attribute(value, FUNCTIONS[name], ast.Load())
    if place.field in ("test", "ifs") and not isinstance(node, ast.Compare | ast.UnaryOp):
        yield ast.UnaryOp(ast.Not(), node)


def _without_a_part(place: Place, node: ast.expr) -> Iterator[ast.expr]:
    match node:
        case ast.BoolOp(op=op, values=values):
            yield from (x[0] if len(x) == 1 else ast.BoolOp(op, x) for x in _fewer(values))
        case ast.Set(elts=parts) if len(parts) > 1:
            yield from map(ast.Set, _fewer(parts))
        case ast.List(elts=parts) if len(parts) > 1:
            yield from (ast.List(fewer, ast.Load()) for fewer in _fewer(parts))
        case ast.Tuple(elts=parts) if len(parts) > 1 and place.field in ("comparators", "iter"):
            yield from (ast.Tuple(fewer, ast.Load()) for fewer in _fewer(parts))
        case ast.Dict(keys=keys, values=values):
            yield from map(ast.Dict, _fewer(keys), _fewer(values))
        case ast.Call(func=function, args=arguments, keywords=keywords):
            yield from (ast.Call(function, arguments, fewer) for fewer in _fewer(keywords))
        case ast.Slice(lower=lower, upper=upper, step=step):
            if lower is not None:
                yield ast.Slice(None, upper, step)
            if upper is not None:
                yield ast.Slice(lower, None, step)


def _fewer(parts: list[T]) -> Iterable[list[T]]:
    """The list without one of its parts."""
    return [parts[:number] + parts[number + 1 :] for number in range(len(parts))]


def _texts(before: ast.AST, after: ast.AST) -> tuple[str, str]:
    """What a change looks like: of what is long, the part in which it is."""
    texts = _text(before), _text(after)
    pairs = enumerate(zip(*texts, strict=False))
    place = next((place for place, (one, two) in pairs if one != two), 0)
    start = max(0, place - 40) if max(map(len, texts)) > LONGEST else 0
    one, two = (f"{'…' * (start > 0)}{text[start : start + LONGEST]}" for text in texts)
    return one, two


def _text(node: ast.AST) -> str:
    return " ".join(ast.unparse(ast.fix_missing_locations(node)).split())
