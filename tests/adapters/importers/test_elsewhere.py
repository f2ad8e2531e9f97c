"""An importer of another distribution, as docs/formats.md shows it: it is found, and it works."""

from pathlib import Path

import pytest

from adapters.importers.generic import generic
from marginbook import Book

TEXT = Path(generic.__file__).with_name("generic.md").read_text("utf-8")
EXAMPLE = TEXT.partition("```python\n")[2].partition("```")[0]
MAPPING = TEXT.partition("```toml\n")[2].partition("```")[0]


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A distribution that is installed beside ours."""
    site = tmp_path / "site"
    about = site / "cornershop-1.0.dist-info"
    about.mkdir(parents=True)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: cornershop\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        "[marginbook.importers]\ncornershop = cornershop:CornerShop\n"
    )
    # In a checkout the rooms stand under their own names (hatch_build.py).
    (site / "cornershop.py").write_text(EXAMPLE.replace("from marginbook.", "from "))
    monkeypatch.syspath_prepend(site)
    return tmp_path


def test_the_importer_of_another_distribution_reads_its_files(elsewhere: Path) -> None:
    path = elsewhere / "export.csv"
    path.write_text(
        "id,time,kind,asset,amount\n"
        "1,2024-05-06 07:08:09,in,BTC,2\n2,2024-05-07 07:08:09,out,BTC,-0.5\n"
        "3,2024-05-08 07:08:09,lent,BTC,1\n"
    )
    with Book.open(elsewhere / "book.db") as book:
        (file,) = book.import_files([path]).files
        assert (file.format, file.rows, file.recorded) == ("cornershop-account", 3, 2)
        (found,) = file.findings
        assert (found.line, found.column, found.value) == (4, "kind", "lent")
        assert [(b.account, str(b.held)) for b in book.balances().balances] == [
            ("cornershop/main", "1.5")
        ]
        assert book.import_files([path]).files[0].known == 2


def test_the_example_of_a_mapping_file_reads_a_table(tmp_path: Path) -> None:
    (tmp_path / "my.toml").write_text(MAPPING)
    (tmp_path / "x.csv").write_text(
        "Date;Type;Market;Quantity;Price;Fee;Book;Reference\n"
        "06/05/2024 10:00;MARGIN BUY;XBT/USD;1,5;$42.000,00;n/a;Margin;7\n"
    )
    with Book.open(tmp_path / "book.db") as book:
        (file,) = book.import_files([tmp_path / "x.csv"], format=str(tmp_path / "my.toml")).files
        assert (file.recorded, file.findings) == (1, ())
        assert {(b.account, b.asset, str(b.held)) for b in book.balances().balances} == {
            ("mybroker/cross", "BTC", "1.5"),
            ("mybroker/cross", "USD", "-63000"),
        }
