"""Check that what the documentation links to within this repository is there.

python tools/check_links.py

Pages are read as GitHub shows them. That they lead somewhere on the built site as well is Sphinx's to check.
"""

import re
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
FENCED = re.compile(r"^(```+|~~~+).*?^\1", re.DOTALL | re.MULTILINE)
ELSEWHERE = ("http://", "https://", "mailto:")


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings; one that comes again has a number."""
    found: set[str] = set()
    times: Counter[str] = Counter()
    for heading in HEADING.findall(FENCED.sub("", page.read_text("utf-8"))):
        name = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        found.add(f"{name}-{times[name]}" if times[name] else name)
        times[name] += 1
    return found


def problems(page: Path, root: Path = ROOT) -> list[str]:
    """What is wrong with the links of a page."""
    found = []
    for target in LINK.findall(FENCED.sub("", page.read_text("utf-8"))):
        if target.startswith(ELSEWHERE):
            continue
        name, _, fragment = target.partition("#")
        linked = (page.parent / name).resolve() if name else page
        if not linked.exists():
            found.append(f"{page.relative_to(root)}: {target} is not there")
        elif fragment and fragment not in anchors(linked):
            found.append(f"{page.relative_to(root)}: {target} has no such heading")
    return found


def main() -> int:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob("plugins/*/*.md")]
    pages += ROOT.glob("examples/*/*.md")
    found = [problem for page in sorted(pages) for problem in problems(page)]
    print("\n".join(found) or f"{len(pages)} pages link to what is there")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
