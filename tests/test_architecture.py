"""The house rules that a program can hold. Each test is one rule."""

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
MAY_IMPORT = {
    "domain": {"domain", "attrs"},
    "projections": {"projections", "domain", "attrs"},
    "adapters": {
        "adapters",
        "projections",
        "domain",
        "attrs",
        "cattrs",
        "click",
        "duckdb",
        "eventsourcing",
        "orjson",
    },
}
PURE = ("domain", "projections")
IMPURE = {"os", "pathlib", "random", "secrets", "socket", "sqlite3", "subprocess", "time"}
CLOCKS = ("datetime.now", "datetime.today", "datetime.utcnow", "date.today", "time.time")
SAYS_NOTHING = {"utils", "helpers", "common", "manager", "base"}


def test_every_room_is_looked_at() -> None:
    assert [room for room in MAY_IMPORT if not modules(room)] == []


def test_imports_run_one_way() -> None:
    """Adapters know projections, projections know domain, domain knows no one."""
    assert [
        fault
        for room, allowed in MAY_IMPORT.items()
        for name, fault in imports(room)
        if name.split(".")[0] not in allowed | sys.stdlib_module_names | extras(fault)
    ] == []


EXTRAS = {"adapters/live/": {"ccxt", "keyring"}}
"""What an extra brings, and the only room that may ask for it."""


def extras(fault: str) -> set[str]:
    return next((names for room, names in EXTRAS.items() if fault.startswith(room)), set())


def test_rooms_are_imported_by_from_alone() -> None:
    """Neither `import domain.lot` nor `from .lot import Lot` would lead anywhere in the wheel."""
    assert [
        place(module, node)
        for module, node in nodes(*MAY_IMPORT)
        if (isinstance(node, ast.ImportFrom) and node.level)
        or (
            isinstance(node, ast.Import)
            and any(name.name.split(".")[0] in MAY_IMPORT for name in node.names)
        )
    ] == []


def test_no_string_is_the_path_of_a_module() -> None:
    """In the wheel the path is another: build it from `__name__`."""
    path = re.compile(rf"({'|'.join(MAY_IMPORT)})(\.\w+)+")
    assert [
        place(module, node)
        for module, node in nodes(*MAY_IMPORT)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and path.fullmatch(node.value)
    ] == []


ROOMS_OF_PROJECTIONS = {
    "margin": set[str](),
    "loans": set[str](),
    "performance": set[str](),
    "transfers": set[str](),
    "charts": set[str](),
    "whatif": {"margin", "tax"},
    "paper": {"margin", "loans"},
}
"""Which other rooms of the projections each may know, beside the files that stand in none."""


def test_the_rooms_of_projections_know_each_other_one_way() -> None:
    assert [
        fault
        for room, allowed in ROOMS_OF_PROJECTIONS.items()
        for name, fault in imports(f"projections/{room}")
        for known in (name.split(".")[1:2] if within(name, ("projections",)) else ())
        if known in {*ROOMS_OF_PROJECTIONS, "tax"} - allowed - {room}
    ] == []


def test_importers_know_no_projection_and_no_log() -> None:
    unknown = ("projections", "adapters.log", "adapters.book")
    assert [fault for name, fault in imports("adapters/importers") if within(name, unknown)] == []


def test_exporters_know_no_log() -> None:
    unknown = ("adapters.log", "adapters.book")
    assert [fault for name, fault in imports("adapters/exporters") if within(name, unknown)] == []


def test_only_the_log_and_the_wire_know_eventsourcing() -> None:
    assert [
        fault
        for name, fault in imports("adapters")
        if within(name, ("eventsourcing",))
        and not fault.startswith(("adapters/log/", "adapters/wire.py:"))
    ] == []


def test_money_is_never_a_float() -> None:
    assert [
        place(module, node)
        for module, node in nodes(*PURE)
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Call) and ast.unparse(node.func) == "float")
    ] == []


def test_what_is_true_and_what_follows_depend_on_nothing_outside() -> None:
    """No clock, no chance, no file: a replay must give the same answer tomorrow."""
    assert [fault for room in PURE for name, fault in imports(room) if within(name, IMPURE)] == []
    assert [
        place(module, node)
        for module, node in nodes(*PURE)
        if (isinstance(node, ast.Call) and ast.unparse(node.func) == "open")
        or (isinstance(node, ast.Attribute) and ast.unparse(node).endswith(CLOCKS))
    ] == []


def test_a_file_has_at_most_400_lines() -> None:
    assert [
        f"{module}: {lines}"
        for module in modules(*MAY_IMPORT)
        if (lines := len((ROOT / module).read_text("utf-8").splitlines())) > 400
    ] == []


def test_no_two_files_share_a_name() -> None:
    """But for the law: every country has a `law.py` of its own."""
    shared = ("__init__.py", "law.py")
    names = [module.name for module in modules(*MAY_IMPORT) if module.name not in shared]
    assert [name for name in set(names) if names.count(name) > 1] == []


def test_every_name_says_what_is_inside() -> None:
    assert [
        str(module)
        for module in modules(*MAY_IMPORT)
        if SAYS_NOTHING & set(module.with_suffix("").parts)
    ] == []


def modules(*folders: str) -> list[Path]:
    """Return the Python files in these folders, named from the root of the project."""
    return [
        module.relative_to(ROOT)
        for folder in folders
        for module in sorted((ROOT / folder).rglob("*.py"))
    ]


def nodes(*folders: str) -> Iterator[tuple[Path, ast.AST]]:
    """Yield all that stands in the files of these folders, with its file."""
    for module in modules(*folders):
        for node in syntax(module):
            yield module, node


@cache
def syntax(module: Path) -> list[ast.AST]:
    return list(ast.walk(ast.parse((ROOT / module).read_text("utf-8"))))


def imports(folder: str) -> Iterator[tuple[str, str]]:
    """Yield each name that a folder imports, in full, and the fault it would be."""
    for module, node in nodes(folder):
        if isinstance(node, ast.Import):
            names = [name.name for name in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [f"{node.module}.{name.name}" for name in node.names]
        else:
            continue
        for name in names:
            yield name, f"{place(module, node)} {name}"


def within(name: str, packages: Iterable[str]) -> bool:
    """Say whether an imported name is one of these packages or stands inside one."""
    return any(f"{name}.".startswith(f"{package}.") for package in packages)


def place(module: Path, node: ast.AST) -> str:
    return f"{module.as_posix()}:{getattr(node, 'lineno', 0)}"
