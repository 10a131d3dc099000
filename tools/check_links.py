"""Check that what the documentation links to within this repository is there.

python tools/check_links.py
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)


def anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def problems(page: Path) -> list[str]:
    found = []
    for target in LINK.findall(page.read_text("utf-8")):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        name, _, fragment = target.partition("#")
        linked = (page.parent / name).resolve() if name else page
        if not linked.exists():
            found.append(f"{page.relative_to(ROOT)}: {target} is not there")
        elif fragment and fragment not in map(anchor, HEADING.findall(linked.read_text("utf-8"))):
            found.append(f"{page.relative_to(ROOT)}: {target} has no such heading")
    return found


def main() -> int:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    found = [problem for page in sorted(pages) for problem in problems(page)]
    print("\n".join(found) or f"{len(pages)} pages link to what is there")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
