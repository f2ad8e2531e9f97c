"""What a user meets first, the same in a checkout and in an installed wheel.

This file stands alone: it knows `marginbook` and nothing else of the project.
"""

import ast
import subprocess
import sys
from importlib.metadata import entry_points, version
from pathlib import Path

import pytest

import marginbook

COMMAND = Path(sys.executable).with_name("marginbook")


def test_help_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_status("--help") == 0
    assert "Usage:" in capsys.readouterr().out


def test_the_version_is_that_of_the_installed_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_status("--version") == 0
    assert version("marginbook") in capsys.readouterr().out


def test_the_command_is_main() -> None:
    (command,) = entry_points(group="console_scripts", name="marginbook")
    assert command.load() is marginbook.main


@pytest.mark.parametrize("command", [[COMMAND], [sys.executable, "-m", "marginbook"]])
def test_the_command_runs_from_any_folder(command: list[str], tmp_path: Path) -> None:
    result = subprocess.run([*command, "--help"], cwd=tmp_path, capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (0, "")
    assert "Usage:" in result.stdout


def test_the_command_loads_what_it_needs_alone() -> None:
    """The way in of the installed command: `from marginbook import main` loads no log."""
    script = "import sys; from marginbook import main; sys.exit('eventsourcing' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script]).returncode == 0


def test_the_front_door_gives_what_it_says() -> None:
    """Every name that it tells a type checker is there when it is asked for."""
    source = ast.parse(Path(marginbook.__file__).read_text("utf-8"))
    told = [
        name.asname
        for node in ast.walk(source)
        if isinstance(node, ast.ImportFrom)
        for name in node.names
        if name.asname
    ]
    assert len(told) > 30
    assert [name for name in told if getattr(marginbook, name).__name__ != name] == []


def exit_status(*arguments: str) -> object:
    """Return how the command ends, whether `main` returns its status or exits with it."""
    try:
        return marginbook.main(list(arguments)) or 0
    except SystemExit as end:
        return end.code or 0
