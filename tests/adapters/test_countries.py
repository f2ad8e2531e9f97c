"""Another country's year as scripts and people ask for it, and countries that others bring."""

import json
from collections.abc import Callable
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path
from typing import Any

import pytest

import marginbook
from adapters import country_registry
from domain.errors import BookError, UnknownName
from projections.tax.uk.united_kingdom import UnitedKingdom

YEAR = """\
{"type":"deposited","account":"kraken/main","at":"2018-04-09T12:00:00Z","id":"d","asset":"GBP","quantity":"300000"}
{"type":"filled","account":"kraken/main","at":"2018-04-10T12:00:00Z","id":"1","side":"buy","asset":"TOK",\
"quantity":"14000","quote":"GBP","price":"14.29","amount":"200000"}
{"type":"filled","account":"kraken/main","at":"2018-08-30T12:00:00Z","id":"2","side":"sell","asset":"TOK",\
"quantity":"4000","quote":"GBP","price":"40"}
{"type":"filled","account":"kraken/main","at":"2018-09-11T12:00:00Z","id":"3","side":"buy","asset":"TOK",\
"quantity":"500","quote":"GBP","price":"35"}
"""

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Run:
    """Run a command in a folder with a British year; return its status and what it printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MARGINBOOK", raising=False)
    Path("year.jsonl").write_text(YEAR)

    def ran(*arguments: str) -> tuple[int, str, str]:
        status = marginbook.main(list(arguments))
        out, err = capfdbinary.readouterr()
        return status, out.decode(), err.decode()

    return ran


@pytest.fixture
def british(run: Run) -> Run:
    run("init", "--currency", "GBP", "--zone", "Europe/London")
    assert run("import", "year.jsonl")[0] == 0
    return run


def answer(run: Run, *arguments: str) -> tuple[int, Any]:
    status, out, _ = run(*arguments, "--json")
    return status, json.loads(out)


def test_a_british_year_in_the_shape_that_scripts_rely_on(british: Run) -> None:
    """Cases: K4."""
    status, said = answer(british, "tax", "2018", "--country", "uk")
    assert status == 0
    assert (said["year"], said["country"], said["currency"]) == (2018, "uk", "GBP")
    assert said["tax_year"] == {"from": "2018-04-06", "to": "2019-04-05"}
    assert said["disposals"] == [
        {
            "sold": "2018-08-30",
            "asset": "TOK",
            "quantity": "4000",
            "proceeds": "160000.00",
            "cost": "67500.00",
            "gain": "92500.00",
            "taxed": True,
            "matched": [
                {"rule": "30 days", "quantity": "500", "cost": "17500", "acquired": "2018-09-11"},
                {"rule": "section 104 pool", "quantity": "3500", "cost": "50000"},
            ],
            "exact": {"proceeds": "160000", "cost": "67500", "gain": "92500"},
            "events": ["kraken/main#2"],
            "printed": {"proceeds": "160000", "cost": "67500", "gain": "92500"},
        }
    ]
    assert said["pools"] == [
        {
            "asset": "TOK",
            "quantity": "10500",
            "cost": "150000.00",
            "exact": {"cost": "150000"},
            "printed": "150000",
        }
    ]
    assert (said["net"], said["taxable"]) == ("92500.00", "92500.00")
    assert said["annual_exempt_amount"] == "11700.00"
    assert [found["kind"] for found in said["findings"]] == ["year_not_final"]


def test_people_read_what_was_matched_and_what_is_left(british: Run) -> None:
    status, out, _ = british("tax", "2018", "--country", "uk")
    assert status == 0
    assert "Tax year 2018 (2018-04-06 to 2019-04-05), country uk, GBP" in out
    assert "500 30 days 2018-09-11, 3500 section 104 pool" in out
    assert "150,000.00" in out
    assert "above exempt amount" in out


@pytest.mark.parametrize(("country", "taxable"), [("ca", "51428.57"), ("de", "102857.14")])
def test_the_same_book_in_another_country_says_that_its_currency_differs(
    british: Run, country: str, taxable: str
) -> None:
    """160,000 - 4,000/14,000 x 200,000 = 102,857.14; half of it in Canada."""
    status, said = answer(british, "tax", "2018", "--country", country)
    assert status == 1
    assert said["taxable"] == taxable
    assert said["currency"] == "GBP"
    assert "other_currency" in [found["kind"] for found in said["findings"]]


def test_the_year_as_it_was_known_before(british: Run) -> None:
    """Known up to the sale, the pool answers it: 160,000 - 57,142.86."""
    with marginbook.Book.open("book.db") as book:
        year = book.country_year(2018, "uk", known=3)
    assert isinstance(year, marginbook.CountryYear)
    assert str(year.figures.net) == "102857.14"
    assert year.known == 3


def test_the_report_as_files(british: Run, tmp_path: Path) -> None:
    status, _, err = british("tax", "2018", "--country", "uk", "--out", "out")
    assert status == 0
    table = (tmp_path / "out" / "disposals-uk-2018.csv").read_text()
    assert table.splitlines() == [
        "sold,asset,quantity,proceeds,cost,gain,taxed",
        "2018-08-30,TOK,4000,160000.00,67500.00,92500.00,True",
    ]
    assert json.loads((tmp_path / "out" / "tax-uk-2018.json").read_text())["country"] == "uk"
    assert err.count("wrote ") == 2


def test_an_unknown_country_is_told_which_are_known(run: Run) -> None:
    status, _, err = run("tax", "2018", "--country", "fr")
    assert status == 2
    assert "no country is called 'fr'; known: us, uk, ca, de" in err
    assert not Path("book.db").exists(), "no book is begun for a wrong question"


def test_the_home_year_is_asked_for_by_its_own_name() -> None:
    with marginbook.Book.open(":memory:") as book, pytest.raises(UnknownName, match="tax_year"):
        book.country_year(2018, "us")


def test_a_method_is_not_chosen_where_the_law_chooses(british: Run) -> None:
    status, _, err = british("tax", "2018", "--country", "uk", "--method", "lifo")
    assert status == 2
    assert "--method is for us" in err


class Elsewhere(UnitedKingdom):
    """A country of another distribution."""

    code = "nz"


def installed(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    point = EntryPoint("elsewhere", value, country_registry.ENTRY_POINT)
    monkeypatch.setattr(country_registry, "entry_points", lambda group: EntryPoints([point]))


def test_a_country_of_another_distribution_is_found(
    british: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(monkeypatch, f"{__name__}:Elsewhere")
    monkeypatch.setattr(EntryPoint, "load", lambda _: Elsewhere)
    status, said = answer(british, "tax", "2018", "--country", "nz")
    assert (status, said["country"], said["net"]) == (0, "nz", "92500.00")
    with pytest.raises(UnknownName, match="known: us, uk, ca, de, nz"):
        country_registry.country_named("fr")


def test_a_country_that_cannot_be_loaded_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, "nowhere.to.be:Found")
    with pytest.raises(BookError, match=r"the country 'elsewhere' \(nowhere.to.be:Found\) cannot"):
        country_registry.countries()
