"""Commands that record: init, import, demo."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from adapters.cli.options import DONE, FOUND, WRONG, Asked, Command
from adapters.cli.progressing import progress_of
from adapters.cli.text import table

if TYPE_CHECKING:
    from adapters.book import Book
    from adapters.import_result import FileResult, ImportResult
    from adapters.intake import Progress


@click.command(cls=Command)
@click.option("--zone", default="UTC", show_default=True, help="Such as America/New_York.")
@click.option("--currency", default="USD", show_default=True, help="Currency of the book.")
@click.pass_obj
def init(asked: Asked, zone: str, currency: str) -> int:
    """Begin a book in a tax zone. Other commands begin one in UTC."""
    if Path(asked.book).exists():
        with asked.open() as book:
            position = book.head().position
        if position:
            message = f"{asked.book} holds events already: its zone was chosen when it was begun"
            raise click.ClickException(message)
        for part in ("", "-wal", "-shm"):  # an empty book has nothing to keep
            Path(f"{asked.book}{part}").unlink(missing_ok=True)
    with asked.open(zone=zone, currency=currency) as book:
        asked.answer(
            {"book": asked.book, "zone": book.zone, "currency": book.currency},
            lambda: f"{asked.book}: a new book in {book.currency}, tax zone {book.zone}",
        )
    return DONE


@click.command("import", cls=Command)
@click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="FILE...")
@click.option(
    "--format",
    "format_",
    metavar="NAME|FILE.toml",
    default="auto",
    help="Do not detect it (--formats).",
)
@click.option("--account", metavar="A", help="Record everything under this account.")
@click.option("--zone", metavar="Z", help="Of times that tell none, such as Europe/Berlin.")
@click.option("--dry-run", is_flag=True, help="Say what would be recorded; record nothing.")
@click.option("--strict", is_flag=True, help="Record nothing where one row has a finding.")
@click.option("--no-link", is_flag=True, help="Do not link the transfers that it completes.")
@click.option("--formats", is_flag=True, help="List the formats that are known.")
@click.pass_obj
def import_(
    asked: Asked,
    files: tuple[Path, ...],
    format_: str,
    account: str | None,
    zone: str | None,
    dry_run: bool,
    strict: bool,
    no_link: bool,
    formats: bool,
) -> int:
    """Record what files say. Safe to repeat; files of one venue go together, in any order."""
    if formats:
        return _formats(asked)
    if not files:
        raise click.UsageError("name at least one file, or ask for --formats")
    with importing(asked, files, dry_run=dry_run) as (book, progress):
        result = book.import_files(
            files,
            format=format_,
            account=account,
            zone=zone,
            dry_run=dry_run,
            strict=strict,
            link=not no_link,
            progress=progress,
        )
    asked.answer(result, lambda: imported_text(result))
    return status_of(result)


@click.command(cls=Command)
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("out"), help="Folder for the files."
)
@click.pass_obj
def demo(asked: Asked, out: Path) -> int:
    """Make a book of a bundled, invented year at one venue, and show what follows from it."""
    from adapters.demo.tour import tour

    report, text = tour(out)
    asked.answer(report, lambda: text)
    return DONE


def _formats(asked: Asked) -> int:
    from adapters.importers.registry import formats

    known = formats()
    asked.answer(
        {
            "formats": [
                {"format": one.importer, "kind": one.name, "header": one.looks_like}
                for one in known
            ]
        },
        lambda: table(["format", "kind of file", "known by"], known),
    )
    return DONE


@contextmanager
def importing(
    asked: Asked, files: tuple[Path, ...], *, dry_run: bool
) -> "Iterator[tuple[Book, Progress | None]]":
    """The book that files are recorded in, and who hears how far that is."""
    check_files(files)
    with recorded_in(asked, dry_run=dry_run) as book, progress_of(asked, files) as progress:
        yield book, progress


def recorded_in(asked: Asked, *, dry_run: bool) -> "Book":
    """The book to record in; a dry run leaves none behind."""
    if dry_run and not Path(asked.book).exists():
        asked.book = ":memory:"
    return asked.open()


def status_of(result: "ImportResult") -> int:
    """The exit status of an import."""
    if result.refused:
        return WRONG
    return FOUND if result.has_findings else DONE


def check_files(files: Iterable[Path]) -> None:
    """Refuse what is no file."""
    for file in files:
        if not file.is_file():
            what = "is a folder: name its files" if file.is_dir() else "there is no such file"
            raise click.ClickException(f"{file}: {what}")


def imported_text(result: "ImportResult") -> str:
    """What became of the rows of each file, what was found, and what was linked."""
    from adapters.cli.render_transfers import linked_text

    heads = ["file", "format", "rows", "recorded", "known", "ignored", "findings"]
    rows = [
        (Path(f.path).name, f.format, f.rows, f.recorded, f.known, f.ignored, len(f.findings))
        for f in result.files
    ]
    parts = [table(heads, rows)]
    for file in result.files:
        parts += [f"  ignored {count}: {reason}" for reason, count in file.reasons.items()]
        parts += _located(file)
    parts += linked_text(result)
    if result.refused:
        parts.append("Nothing was recorded: mend what is found above and import again.")
    elif result.dry_run:
        parts.append("A dry run: nothing was recorded.")
    parts.append(f"head {result.head}")
    return "\n".join(parts)


def _located(file: "FileResult") -> list[str]:
    """Findings as compilers print them: file:line, column, value, problem, hint."""
    lines = []
    for found in file.findings:
        place = f"{file.path}:{found.line}" if found.line else file.path
        column = f' column "{found.column}":' if found.column else ""
        value = f' "{found.value}"' if found.value else ""
        hint = f" {found.hint}" if found.hint else ""
        lines.append(f"{place}:{column}{value} {found.problem}.{hint}")
    if file.unshown:
        lines.append(f"{file.path}: and {file.unshown} more findings")
    return lines
