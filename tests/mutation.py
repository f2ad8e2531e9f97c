"""Mutation testing: change one thing of the code at a time, and see whether a test notices.

    python -m tests.mutation [FILE...] [--every N] [--again RESULTS] [--out RESULTS] [--least 90]

A mutant is the code with one change: a comparison moved or turned, an operator, a number, a name
in quotes, a condition or a returned value changed, a statement left out. The score is the share of
mutants that a test of `TESTS` kills (one that hangs is killed, too), those left aside that
`EQUIVALENT` says can change no answer. It fails below `--least`.

The trick: no file is ever changed. The tests are collected once and traced once, line by line; then
each mutant lives in a fork of that process, where the changed function gets its new code, and only
the tests that run through the changed lines are run. What is executed on import (tables, fields)
cannot be patched so: there a fork starts over, and its import finds the changed module.

Not mutated: docstrings and annotations, decorators and `__slots__`, imports, wording (texts with a
space in them, unless they are split into names), `assert_never` and the `strict=True` of a zip.
"""

import ast
import contextlib
import copy
import gc
import importlib.abc
import importlib.util
import json
import os
import pickle
import resource
import signal
import sys
import tempfile
import time
from argparse import ArgumentParser, Namespace
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import CodeType, FrameType, FunctionType, ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
MUTATED = ("domain", "projections/tax")
TESTS = ("tests/domain", "tests/projections")
SLOW = "*opentaxsolver.py"
QUIET = ("-q", "-s", "-x", "-p", "no:cacheprovider", "--hypothesis-seed=0", f"--ignore-glob={SLOW}")
MEMORY = 3 * 2**30
SURVIVED, KILLED, BROKEN = 0, (1, 2), 99
"""What a fork ends with: as pytest does (1: a test failed, 2: a test cannot be imported), or this
program failed."""

EQUIVALENT = {
    # (file, change): why no answer can differ. Once in each file, or as often as `TWICE` says.
    ("domain/fields.py", "raise InvalidEvent(field.name, value, 'is not a time such as -> pass"): (
        "what is no time is refused all the same, two lines later"
    ),
    ("domain/lot.py", "held > 366 -> held >= 366"): "366 days are left out a line before",
    ("domain/money.py", "'.' -> 'XX.'"): "rstrip takes a set of characters, and no number has an X",
    ("projections/tax/canada/cost_base.py", "loss > 0 -> loss >= 0"): "a share of zero is zero",
    ("projections/tax/uk/section104.py", "1 -> 2"): "the units of one event come in one go",
    ("projections/tax/us/allocation.py", "lacking > 0 -> lacking >= 0"): "no room takes nothing",
    ("projections/tax/us/allocation.py", "len(same) > 1 -> len(same) >= 1"): "one is in order",
    ("projections/tax/us/broker_reports.py", "more > 0 -> more >= 0"): "zero returned before",
    ("projections/tax/us/form4952.py", "long + min(short, ZERO) -> long - min(short, ZERO)"): (
        "the net gain is the lesser of the two either way"
    ),
    ("projections/tax/us/form8949.py", "len(waiting) > 1 -> len(waiting) >= 1"): "one is in order",
    ("domain/methods.py", "1970 -> 1971"): "any fixed instant to count from",
    **{
        ("domain/order.py", change): "any number beyond the largest sequence"
        for change in ("2 -> 3", "60 -> 61", "59 -> 60")
    },
    **{
        ("domain/policies.py", f"'{name}' -> 'XX{name}'"): "a default is no fault anyway"
        for name in ("interest_first", "net", "recourse", "disposal", "account", "investment")
    },
    # What is kept to be quicker, or forgotten to be smaller.
    ("domain/calendar.py", "'UTC' -> 'XXUTC'"): "the long way to the same day",
    **{
        ("projections/tax/us/identification.py", change): "a choice made anew is the same"
        for change in ("0 -> 1", "1 -> 2", "self._last = (recorded.position, key, choice) -> pass")
    },
    **{
        ("projections/tax/us/compare.py", change): "when a sale is forgotten changes nothing"
        for change in (
            "self._sales.clear() -> pass",
            "if name == last and len(self._sales) > _MANY: for known in s -> if not"
            " (name == last and len(self._sales) > _MANY): for know",
            "name == last and len(self._sales) > _MANY -> name == last or len(self._sales) > _MANY",
            "name == last -> name != last",
            "len(self._sales) > _MANY -> len(self._sales) >= _MANY",
            "len(self._sales) > _MANY -> len(self._sales) <= _MANY",
            "1000 -> 1001",
        )
    },
    # What is said twice: for the type checker, or because the law says it twice.
    (
        "projections/tax/us/identification.py",
        "pick is not None and pick is not told_pick -> pick is not None or pick is not told_pick",
    ): "a pick that was told is no different from itself",
    (
        "projections/tax/us/identification.py",
        "own is None or told is None -> own is None and told is None",
    ): "neither is ever None",
    **{
        ("projections/tax/us/schedule_d.py", change): "the worksheet comes to zero by itself"
        for change in (
            "limited == 0 or (short + long == limited and (taxable_income -> limited == 0 and"
            " (short + long == limited and (taxable_incom",
            "0 -> 1",
            "short + long -> short - long",
            "taxable_income >= 0 -> taxable_income > 0",
        )
    },
}

TWICE = [
    ("projections/tax/us/schedule_d.py", "0 -> 1"),
    ("domain/order.py", "2 -> 3"),
    ("domain/order.py", "2 -> 3"),
]

# Mutants -----------------------------------------------------------------------------------------

SWAPPED: dict[type[ast.AST], tuple[type[ast.AST], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
    ast.Add: (ast.Sub,),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div,),
    ast.Div: (ast.Mult,),
    ast.FloorDiv: (ast.Mult,),
    ast.Mod: (ast.Mult,),
    ast.Pow: (ast.Mult,),
    ast.BitOr: (ast.BitAnd,),
    ast.BitAnd: (ast.BitOr,),
    ast.And: (ast.Or,),
    ast.Or: (ast.And,),
}
CALLS = {"min": "max", "max": "min", "any": "all", "all": "any"}
REMOVABLE = (ast.Expr, ast.Raise, ast.Continue, ast.Break, ast.Delete, ast.AugAssign)


@dataclass(frozen=True)
class Mutant:
    """One change: `node` is the place of what changes in a walk of the tree, `variant` what to."""

    path: str
    line: int
    column: int
    what: str
    node: int
    variant: int
    lines: range
    imported: bool
    """Whether the changed code runs on import: it stands outside of all functions."""

    @property
    def key(self) -> str:
        return f"{self.path}:{self.line}:{self.column} {self.what}"

    def tree(self) -> ast.Module:
        """The changed module."""
        tree = ast.parse((ROOT / self.path).read_text("utf-8"))
        node = list(ast.walk(tree))[self.node]
        new = list(_variants(node, _parents(tree)))[self.variant]
        _Replacing(node, new).visit(tree)
        return ast.fix_missing_locations(tree)


class _Replacing(ast.NodeTransformer):
    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> Any:
        return self.new if node is self.old else self.generic_visit(node)


def mutants(path: str) -> Iterator[Mutant]:
    """Every mutant of a file, from top to bottom."""
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    parents = _parents(tree)
    found = []
    for index, node in enumerate(ast.walk(tree)):
        for variant, new in enumerate(_variants(node, parents)):
            lines, imported = _where(node, parents)
            what = f"{_shown(node)} -> {_shown(new)}"
            line, column = getattr(node, "lineno", lines[0]), getattr(node, "col_offset", 0)
            found.append(Mutant(path, line, column, what, index, variant, lines, imported))
    return iter(sorted(found, key=lambda mutant: (mutant.line, mutant.column)))


def _shown(node: ast.AST) -> str:
    return " ".join(ast.unparse(node).split())[:60]


def _parents(tree: ast.AST) -> dict[ast.AST, ast.AST]:
    return {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}


def _above(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> Iterator[tuple[ast.AST, ast.AST]]:
    """Each (child, parent) on the way up."""
    while node in parents:
        yield node, parents[node]
        node = parents[node]


def _where(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> tuple[range, bool]:
    """The lines of the statement (or of its head) that the node belongs to; whether it is
    executed on import."""
    statement, imported = None, True
    for child, parent in [(node, node), *_above(node, parents)]:
        if statement is None and isinstance(child, ast.stmt):
            statement = child
        inside = isinstance(parent, ast.FunctionDef) and child in parent.body
        if inside or (isinstance(parent, ast.Lambda) and child is parent.body):
            imported = False
    if statement is None:
        for _, parent in _above(node, parents):
            if isinstance(parent, ast.stmt):
                statement = parent
                break
    assert statement is not None
    body = getattr(statement, "body", None)
    last = body[0].lineno - 1 if body else statement.end_lineno or statement.lineno
    return range(statement.lineno, max(last, statement.lineno) + 1), imported


def _variants(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> Iterator[ast.AST]:
    """What may stand in the place of a node."""
    if _left_alone(node, parents):
        return
    if isinstance(node, ast.Compare):
        for i, operator in enumerate(node.ops):
            for swapped in SWAPPED.get(type(operator), ()):
                new = copy.copy(node)
                new.ops = [*node.ops[:i], swapped(), *node.ops[i + 1 :]]  # type: ignore[list-item]
                yield new
    elif isinstance(node, ast.BinOp | ast.BoolOp | ast.AugAssign):
        for swapped in SWAPPED.get(type(node.op), ()):
            yield _changed(node, op=swapped())
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub):
        yield node.operand
    elif isinstance(node, ast.Constant):
        yield from (ast.copy_location(ast.Constant(v), node) for v in _values(node.value))
    elif isinstance(node, ast.Return) and not _is_falsy(node.value):
        yield _changed(node, value=ast.Constant(None))
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in CALLS:
        name = ast.copy_location(ast.Name(CALLS[node.func.id], ast.Load()), node.func)
        yield _changed(node, func=name)
    if isinstance(node, ast.If | ast.While | ast.IfExp) and not _turned_anyway(node.test):
        yield _changed(node, test=_negated(node.test))
    if isinstance(node, ast.comprehension):
        for i, test in enumerate(node.ifs):
            if not _turned_anyway(test):
                yield _changed(node, ifs=[*node.ifs[:i], _negated(test), *node.ifs[i + 1 :]])
    if isinstance(node, REMOVABLE) or (
        isinstance(node, ast.Assign) and not any(isinstance(t, ast.Name) for t in node.targets)
    ):
        yield ast.copy_location(ast.Pass(), node)


def _values(value: object) -> Iterator[bool | int | str]:
    """What a constant may become: another truth value, the next number, another name."""
    if isinstance(value, bool):
        yield not value
    elif isinstance(value, int):
        yield value + 1
    elif isinstance(value, str):
        digits = value.lstrip("-")
        if digits and digits[-1].isdigit() and digits.replace(".", "", 1).isdigit():
            yield value[:-1] + str((int(value[-1]) + 1) % 10)
        else:
            yield f"XX{value}"


def _changed(node: Any, **fields: Any) -> Any:
    new = copy.copy(node)
    for name, value in fields.items():
        setattr(new, name, value)
    return new


def _negated(test: ast.expr) -> ast.expr:
    return ast.copy_location(ast.UnaryOp(ast.Not(), test), test)


def _is_falsy(node: ast.AST | None) -> bool:
    """Whether None would say the same."""
    return node is None or (isinstance(node, ast.Constant) and node.value in (None, False))


def _turned_anyway(test: ast.expr) -> bool:
    """Whether another mutant is the negation already."""
    return isinstance(test, ast.UnaryOp | ast.Constant) or (
        isinstance(test, ast.Compare) and len(test.ops) == 1
    )


def _left_alone(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
    if isinstance(parents.get(node), ast.keyword) and ast.unparse(parents[node]) == "strict=True":
        return True
    if isinstance(node, ast.Expr):
        call = node.value
        if isinstance(call, ast.Constant):  # a docstring, or `...`
            return True
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "assert_never":
            return True
    if isinstance(node, ast.Constant) and (node.value is None or _is_wording(node, parents)):
        return True
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr) and _where(node, parents)[1]:
        return True  # a type
    for child, parent in _above(node, parents):
        if isinstance(parent, ast.AnnAssign | ast.arg) and child is parent.annotation:
            return True
        if isinstance(parent, ast.FunctionDef) and (
            child is parent.returns or child in parent.decorator_list
        ):
            return True
        if isinstance(parent, ast.ClassDef) and child in parent.decorator_list:
            return True
        if isinstance(parent, ast.Expr) and isinstance(parent.value, ast.Constant):
            return True
        if isinstance(parent, ast.Assign) and ast.unparse(parent.targets[0]) in (
            "__slots__",
            "__all__",
        ):
            return True
        if isinstance(parent, ast.Call) and ast.unparse(parent.func) in ("TypeVar", "cast"):
            return True
    return False


def _is_wording(node: ast.Constant, parents: dict[ast.AST, ast.AST]) -> bool:
    if not isinstance(node.value, str):
        return False
    parent = parents[node]
    if isinstance(parent, ast.JoinedStr):
        return any(isinstance(p, ast.Constant) and " " in str(p.value) for p in parent.values)
    if isinstance(parent, ast.Attribute) and parent.attr == "split":
        return False
    return " " in node.value


# Running -----------------------------------------------------------------------------------------


def forked(work: Callable[[], int], seconds: float) -> int | None:
    """The status that `work` ends with in a process of its own; None where it took too long."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        status = BROKEN
        with contextlib.suppress(BaseException):
            os.setpgid(0, 0)
            resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
            silent = os.open(os.devnull, os.O_WRONLY)
            os.dup2(silent, 1)
            os.dup2(silent, 2)
            status = work()
        os._exit(status)
    until, pause = time.monotonic() + seconds, 0.001
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(pause)
        pause = min(pause * 1.5, 0.05)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


class Traced:
    """A plugin: which lines of the mutated files run on import, and in which test."""

    def __init__(self, result: Path, files: Sequence[str]) -> None:
        self.files = {str(ROOT / path): path for path in files}
        self.result = result
        self.now: set[tuple[str, int]] = set()
        self.on_import = self.now
        self.tests: list[tuple[str, float, set[tuple[str, int]]]] = []
        sys.settrace(self.enter)

    def enter(self, frame: FrameType, _event: str, _arg: object) -> Any:
        return self.line if frame.f_code.co_filename in self.files else None

    def line(self, frame: FrameType, _event: str, _arg: object) -> Any:
        self.now.add((self.files[frame.f_code.co_filename], frame.f_lineno))
        return self.line

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Any:
        self.now, began = set(), time.perf_counter()
        sys.settrace(self.enter)
        result = yield
        self.tests.append((item.nodeid, time.perf_counter() - began, self.now))
        return result

    def pytest_sessionfinish(self) -> None:
        sys.settrace(None)
        self.result.write_bytes(pickle.dumps((self.on_import, self.tests)))


class Hunt:
    """A plugin: instead of running the tests once, runs for each mutant those that may notice."""

    def __init__(self, work: Sequence[tuple[Mutant, list[str], float]], report: Any) -> None:
        self.work, self.report = work, report

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        items = {item.nodeid: item for item in session.items}
        functions = defaultdict(list)
        for thing in gc.get_objects():
            if isinstance(thing, FunctionType):
                functions[thing.__code__.co_filename].append(thing)
        gc.freeze()
        for mutant, tests, seconds in self.work:
            known = functions[str(ROOT / mutant.path)]
            chosen = [items[test] for test in tests if test in items]

            def live(
                mutant: Mutant = mutant,
                chosen: list[pytest.Item] = chosen,
                known: list[FunctionType] = known,
            ) -> int:
                patch(mutant, known)
                for item, following in zip(chosen, [*chosen[1:], None], strict=True):
                    item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                    if session.testsfailed:
                        return 1
                return 0

            self.report(mutant, forked(live, seconds) if chosen else SURVIVED, len(chosen))
        return True


def patch(mutant: Mutant, functions: Sequence[FunctionType]) -> None:
    """Give every function of the mutated file its new code."""
    path = str(ROOT / mutant.path)
    old = _codes(compile((ROOT / mutant.path).read_text("utf-8"), path, "exec"))
    new = _codes(compile(mutant.tree(), path, "exec"))
    for function in functions:
        key = _key(function.__code__)
        same = old.get(key, [])
        if function.__code__ in same:
            function.__code__ = new[key][same.index(function.__code__)]


def patchable(mutant: Mutant) -> bool:
    """Whether the new code may take the place of the old: not where it closes over other names."""
    path = str(ROOT / mutant.path)
    old = _codes(compile((ROOT / mutant.path).read_text("utf-8"), path, "exec"))
    new = _codes(compile(mutant.tree(), path, "exec"))
    return {key: [code.co_freevars for code in codes] for key, codes in old.items()} == {
        key: [code.co_freevars for code in codes] for key, codes in new.items()
    }


def _key(code: CodeType) -> tuple[str, int]:
    return code.co_qualname, code.co_firstlineno


def _codes(code: CodeType) -> dict[tuple[str, int], list[CodeType]]:
    found: dict[tuple[str, int], list[CodeType]] = defaultdict(list)
    pending = [code]
    while pending:
        one = pending.pop(0)
        found[_key(one)].append(one)
        pending += [constant for constant in one.co_consts if isinstance(constant, CodeType)]
    return found


class Changed(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Imports the changed module in place of the one on the disk."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant
        self.name = mutant.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    def find_spec(self, name: str, path: object, target: object = None) -> Any:
        if name != self.name:
            return None
        return importlib.util.spec_from_file_location(name, ROOT / self.mutant.path, loader=self)

    def create_module(self, _spec: object) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        code = compile(self.mutant.tree(), str(ROOT / self.mutant.path), "exec")
        exec(code, module.__dict__)  # noqa: S102


# The whole ---------------------------------------------------------------------------------------


def main() -> int:
    asked = _asked()
    os.chdir(ROOT)
    sys.dont_write_bytecode = True
    files = [path for path in _files() if not asked.files or path in asked.files]
    trace = Path(tempfile.mkdtemp()) / "trace"
    began = time.monotonic()
    status = forked(lambda: pytest.main([*QUIET, *TESTS], [Traced(trace, files)]), 3600)
    if status != 0:
        sys.exit("the tests must pass before mutants are let loose")
    on_import, tests = pickle.loads(trace.read_bytes())  # noqa: S301
    took = sum(seconds for _, seconds, _ in tests)
    print(f"{len(tests)} tests in {took:.0f} s, traced in {time.monotonic() - began:.0f} s")

    every = [mutant for path in files for mutant in list(mutants(path))[:: asked.every]]
    if asked.again:
        again = {r["key"] for r in _read(asked.again) if r["result"] == "survived"}
        every = [mutant for mutant in every if mutant.key in again]
    Path(asked.out).parent.mkdir(parents=True, exist_ok=True)
    out = Path(asked.out).open("w", encoding="utf-8")  # noqa: SIM115

    def report(mutant: Mutant, status: int | None, ran: int) -> None:
        if status not in (SURVIVED, None, *KILLED):
            sys.exit(f"{mutant.key}: ended with {status}")
        result = "survived" if status == 0 else "hung" if status is None else "killed"
        told = {"key": mutant.key, "path": mutant.path, "what": mutant.what}
        out.write(json.dumps({**told, "result": result, "tests": ran}) + "\n")
        out.flush()

    patched, reimported = [], []
    for mutant in every:
        executed = any((mutant.path, line) in on_import for line in mutant.lines)
        if mutant.imported or executed or not patchable(mutant):
            reimported.append(mutant)
            continue
        through = [
            (seconds, name)
            for name, seconds, lines in tests
            if any((mutant.path, line) in lines for line in mutant.lines)
        ]
        through.sort()
        limit = 10 + 5 * sum(seconds for seconds, _ in through)
        patched.append((mutant, [name for _, name in through], limit))
    print(f"{len(patched)} mutants to patch in, {len(reimported)} to import", flush=True)

    forked(lambda: pytest.main([*QUIET, *TESTS], [Hunt(patched, report)]), 1e9)
    for mutant in reimported:
        near = _near(mutant, tests)
        result: int | None = 0
        for batch in (near[:2], near[2:]):
            if result == 0 and batch:
                result = forked(lambda m=mutant, b=batch: _imported(m, b), 60 + 5 * took)  # type: ignore[misc]
        report(mutant, result, len(tests))
    out.close()
    return 0 if summary(_read(asked.out)) >= asked.least else 1


def _imported(mutant: Mutant, files: Sequence[str]) -> int:
    sys.meta_path.insert(0, Changed(mutant))
    return int(pytest.main([*QUIET, *files]))


def _near(mutant: Mutant, tests: Any) -> list[str]:
    """Test files, first those that run most of the mutated file in a second."""
    seconds: dict[str, float] = defaultdict(float)
    lines: dict[str, set[tuple[str, int]]] = defaultdict(set)
    for name, took, seen in tests:
        file = name.partition("::")[0]
        seconds[file] += took
        lines[file] |= {line for path, line in seen if path == mutant.path}
    stem = Path(mutant.path).stem
    return sorted(
        seconds,
        key=lambda file: (
            Path(file).stem != f"test_{stem}",
            -len(lines[file]) / (0.3 + seconds[file]),
            seconds[file],
        ),
    )


def _files() -> list[str]:
    return [
        path.relative_to(ROOT).as_posix()
        for room in MUTATED
        for path in sorted((ROOT / room).rglob("*.py"))
    ]


def _read(path: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(path).read_text("utf-8").splitlines()]


def summary(results: Sequence[dict[str, Any]]) -> float:
    """Print the score by file, and what survived; return the score of all."""
    by_file: dict[str, Counter[str]] = defaultdict(Counter)
    survived, same = [], Counter(EQUIVALENT.keys()) + Counter(TWICE)
    for result in results:
        outcome, change = result["result"], (result["path"], result["what"])
        if outcome == "survived" and same[change]:
            outcome = "equivalent"
            same[change] -= 1
        elif outcome == "survived":
            survived.append(result)
        by_file[result["path"]][outcome] += 1
    for path, counted in sorted(by_file.items()):
        _score(path, counted)
    for result in survived:
        print(f"{result['key']}  ({result['tests']} tests)")
    return _score("all", sum(by_file.values(), Counter()))


def _score(name: str, counted: Counter[str]) -> float:
    judged = counted.total() - counted["equivalent"]
    killed = judged - counted["survived"]
    score = 100 * killed / judged if judged else 100.0
    print(
        f"{name:45} {killed:5} of {judged:5}  {score:5.1f} %  (equivalent: {counted['equivalent']})"
    )
    return score


def _asked() -> Namespace:
    parser = ArgumentParser(description="Mutation testing of domain and projections/tax.")
    parser.add_argument("files", nargs="*", help="only these files")
    parser.add_argument("--every", type=int, default=1, help="every Nth mutant of each file")
    parser.add_argument("--again", help="only what survived in these results")
    parser.add_argument("--out", default="out/mutants.jsonl", help="where the results go")
    parser.add_argument("--least", type=float, default=90.0, help="the score to reach")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
