"""What the columns of a header are called here, however a file spells them."""

from collections.abc import Mapping, Sequence

from adapters.importers.zones import ZONE, unzoned


def named_columns(
    cells: Sequence[str], columns: Sequence[str], aliases: Mapping[str, str]
) -> list[str]:
    """What each column of a header is called here, or as it stands where that is not known."""
    known = {name.casefold(): name for name in columns}
    known |= {spelled.casefold(): name for spelled, name in aliases.items()}
    names: list[str] = []
    taken: set[str] = set()
    zoned = ZONE in columns
    for cell in _unique(cells):
        name = known.get(cell.casefold())
        if name is None:
            name = known.get(unzoned(cell).casefold(), cell) if zoned else cell
        names.append(cell if name in taken else name)
        taken.add(names[-1])
    return names


def _unique(cells: Sequence[str]) -> list[str]:
    """Column names, each once, without the empty ones at the end.

    A page of JSON in one line has thousands of cells that are alike: the search for a free number
    goes on where it ended.
    """
    names: list[str] = []
    taken: set[str] = set()
    counts: dict[str, int] = {}
    for cell in cells:
        name = word = cell.strip()
        while name and name in taken:
            counts[word] = counts.get(word, 1) + 1
            name = f"{word}/{counts[word]}"
        names.append(name)
        taken.add(name)
    while names and not names[-1]:
        names.pop()
    return names
