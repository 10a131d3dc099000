"""A printer that is none: zebrash, an implementation of ZPL by other people, run by Node.js."""

import base64
import io
import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

PROGRAM = Path(__file__).parent / "zpl_renderer"
LEFT_OUT = "the labels are not drawn by an independent implementation of ZPL"


class Printer:
    """Draws labels as black dots on white paper."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def print(
        self, zpl: str, *, width_mm: float, height_mm: float, dots_per_mm: int
    ) -> list[Image.Image]:
        """The labels of a file, each on paper of this size."""
        asked = {
            "zpl": zpl,
            "width_mm": width_mm,
            "height_mm": height_mm,
            "dots_per_mm": dots_per_mm,
        }
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{json.dumps(asked)}\n")
        self._process.stdin.flush()
        answer: Any = json.loads(self._process.stdout.readline())
        assert isinstance(answer, list), answer
        return [Image.open(io.BytesIO(base64.b64decode(each))).convert("L") for each in answer]


@contextmanager
def printer(cache: Path) -> Iterator[Printer]:
    """A printer for some tests; what npm installs for it stays in `cache`."""
    if not (shutil.which("node") and shutil.which("npm")):
        pytest.skip(f"Node.js and npm are not installed: {LEFT_OUT}")
    shutil.copytree(PROGRAM, cache, dirs_exist_ok=True)
    if not (cache / "node_modules").exists():
        install = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(install, cwd=cache, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"npm cannot install zpl-renderer-js: {LEFT_OUT}: {done.stderr.strip()}")
    with subprocess.Popen(
        ["node", "render.cjs"], cwd=cache, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Printer(process)
