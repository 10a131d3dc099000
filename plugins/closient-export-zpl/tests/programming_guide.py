"""How a printer reads field data, by the tables of Zebra's programming guide."""

import re
from typing import NamedTuple

from barcode.charsets import code128
from PIL import Image

# ^BC, table of invocation codes: what each is in code sets B and C.
VALUES = {
    "<": 62,
    "0": 30,
    "=": 94,
    "1": 95,
    "2": 96,
    "3": 97,
    "4": 98,
    "5": 99,
    "6": 100,
    "7": 101,
}
FNC1, START_B, START_C, STOP = 102, 104, 105, 106
CODE_C, CODE_B = 99, 100


class Field(NamedTuple):
    commands: str
    data: str


def formats_of(zpl: str) -> list[list[str]]:
    """The label formats of a file, each as its commands, without field data."""
    commands = re.findall(r"([\^~][A-Z0-9]{2})", zpl)
    formats: list[list[str]] = []
    for command in commands:
        if command == "^XA":
            formats.append([])
        formats[-1].append(command)
    return formats


def fields_of(zpl: str) -> list[Field]:
    r"""The fields of a label with their data, ^FH\ undone."""
    found = re.findall(r"(\^FO[^~]*?)\^FH\\\^FD([^\^~]*)\^FS", zpl)
    return [Field(commands, unescaped(data)) for commands, data in found]


def unescaped(data: str) -> str:
    """What ^FH with a backslash makes of field data, in UTF-8."""
    raw = re.sub(rb"\\([0-9A-F]{2})", lambda match: bytes.fromhex(match[1].decode()), data.encode())
    return raw.decode()


def codewords_of(data: str) -> list[int]:
    """The symbol characters that ^BC makes of field data in mode N, with check and stop character."""
    starts = {">:": START_B, ">;": START_C}
    words = [starts[data[:2]]]
    is_c, at = words[0] == START_C, 2
    while at < len(data):
        pair = data[at : at + 2]
        if pair[0] == ">":
            value = FNC1 if pair[1] == "8" else VALUES[pair[1]]
            if value in (CODE_B, CODE_C):
                assert is_c == (value == CODE_B), "neither twice the same, nor FNC4"
                is_c = not is_c
            else:
                assert value in (FNC1, 30, 62, 94), "no other function"
                assert not is_c or value == FNC1, "not in code set C"
            words.append(value)
            at += 2
        elif is_c:
            assert re.fullmatch("[0-9]{2}", pair), "code set C has pairs of digits"
            words.append(int(pair))
            at += 2
        else:
            assert " " <= pair[0] <= "}"
            assert pair[0] != "^"
            words.append(ord(pair[0]) - 32)
            at += 1
    check = (words[0] + sum(place * word for place, word in enumerate(words))) % 103
    return [*words, check, STOP]


def bars_of(data: str) -> Image.Image:
    """The symbol that ^BC prints, with its quiet zones, a module two dots wide."""
    *words, _ = codewords_of(data)
    modules = "".join(code128.CODES[word] for word in words) + code128.STOP + "11"
    line = bytes(0 if module == "1" else 255 for module in "0" * 10 + modules + "0" * 10)
    return Image.frombytes("L", (len(line), 1), line).resize(
        (2 * len(line), 60), Image.Resampling.NEAREST
    )
