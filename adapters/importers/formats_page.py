"""docs/formats.md, written from the importers themselves.

`python -m adapters.importers.formats_page > docs/formats.md`. What a file looks like and when such
files were first seen comes from the layouts; what its rows become stands beside each importer, in a
text of its name. A test holds that the page is what this makes of them.
"""

import sys
from collections.abc import Iterator, Sequence
from inspect import getfile
from pathlib import Path

from adapters.importers.layout import Header
from adapters.importers.registry import OWN
from adapters.importers.zones import ZONE

_PREFACE = Path(__file__).with_name("formats.md")


def formats_page() -> str:
    """The page: what all files have in common, then format by format."""
    return "\n".join(_parts())


def _parts() -> Iterator[str]:
    yield _PREFACE.read_text("utf-8")
    ordered = [*OWN[-1:], *OWN[:-1]]  # the book's own format comes first
    for importer in ordered:
        yield f"## {importer.title}\n"
        if importer.layouts:
            yield _known_by(importer.layouts)
        yield Path(getfile(type(importer))).with_name(f"{importer.name}.md").read_text("utf-8")


def _known_by(layouts: Sequence[Header]) -> str:
    """The kinds of file of one importer."""
    lines = ["| format | what it is | first seen | columns |", "|---|---|---|---|"]
    for layout in layouts:
        years = ", ".join(reversed([label for label, _ in layout.generations]))
        columns = ", ".join(f"`{name}`" for name in layout.needed)
        if layout.optional:
            perhaps = (f"`{name}`" for name in layout.optional if name != ZONE)
            columns += "; perhaps " + ", ".join(perhaps)
        lines.append(f"| `{layout.name}` | {layout.title} | {years} | {columns} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(formats_page())
