"""A venue's interface on this machine: pages of recorded shape, and every kind of bad weather.

    with Loopback() as venue:
        venue.kraken(ledgers={...}, trades={...})
        venue.weather = ["throttled", "dropped", "half"]      # what becomes of the next answers

It answers as the venue does, page by page, and keeps what it was asked (never a key's secret).
"""

import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

Answer = Callable[[dict[str, str]], Any]


class Loopback:
    """The server. `asked` is every request that was answered: its path and its parameters."""

    def __init__(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.weather: list[str] = []
        self.asked: list[tuple[str, dict[str, str]]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def host(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    # Venues ---------------------------------------------------------------------------------------

    def kraken(self, ledgers: dict[str, Any], trades: dict[str, Any]) -> None:
        """Kraken: 50 a page by offset, newest first, `end` and `start` in seconds."""
        for path, inside, rows in (
            ("/0/private/Ledgers", "ledger", ledgers),
            ("/0/private/TradesHistory", "trades", trades),
        ):
            self.answers[path] = _kraken(inside, rows)

    def okx(self, bills: list[dict[str, str]]) -> None:
        """OKX: 100 a page, newest first, those after (older than) a bill's id."""

        def answer(params: dict[str, str]) -> Any:
            older = [
                bill for bill in bills if int(bill["billId"]) < int(params.get("after", 10**20))
            ]
            return {"code": "0", "msg": "", "data": older[: int(params["limit"])]}

        self.answers["/api/v5/account/bills-archive"] = answer

    def bybit(self, rows: list[dict[str, str]]) -> None:
        """Bybit: windows of seven days, within them a cursor."""

        def answer(params: dict[str, str]) -> Any:
            start, end = int(params["startTime"]), int(params["endTime"])
            if end - start > 7 * 86_400_000:
                return {"retCode": 10001, "retMsg": "the span is over 7 days", "result": {}}
            inside = [row for row in rows if start <= int(row["transactionTime"]) <= end]
            at, size = int(params.get("cursor") or 0), int(params["limit"])
            cursor = str(at + size) if at + size < len(inside) else ""
            result = {"list": inside[at : at + size], "nextPageCursor": cursor}
            return {"retCode": 0, "retMsg": "OK", "result": result}

        self.answers["/v5/account/transaction-log"] = answer

    def binance(self, rows: list[dict[str, Any]]) -> None:
        """Binance: windows of 30 days, within them numbered pages; old rows are kept apart."""

        def answer(params: dict[str, str]) -> Any:
            start, end = int(params["startTime"]), int(params["endTime"])
            if end - start > 30 * 86_400_000:
                return {"code": -1127, "msg": "More than 30 days between startTime and endTime."}
            inside = [row for row in rows if start <= row["interestAccuredTime"] <= end]
            size, at = int(params["size"]), int(params["current"])
            return {"rows": inside[(at - 1) * size : at * size], "total": len(inside)}

        self.answers["/sapi/v1/margin/interestHistory"] = answer

    def bitfinex(self, ledgers: list[list[Any]], trades: list[list[Any]]) -> None:
        """Bitfinex: newest first, from `start` to `end` (both with them), so many at most."""
        for path, rows, at in (("ledgers", ledgers, 3), ("trades", trades, 2)):

            def answer(params: dict[str, str], rows: list[Any] = rows, at: int = at) -> Any:
                start, end = int(params.get("start", 0)), int(params["end"])
                found = [row for row in rows if start <= row[at] <= end]
                return sorted(found, key=lambda row: -row[at])[: int(params["limit"])]

            self.answers[f"/v2/auth/r/{path}/hist"] = answer

    def kraken_futures(self, logs: list[dict[str, Any]]) -> None:
        """Kraken Futures: newest first, up to an id."""

        def answer(params: dict[str, str]) -> Any:
            found = [log for log in logs if log["id"] <= int(params.get("to", 10**20))]
            found.sort(key=lambda log: -log["id"])
            return {"accountUid": "u", "logs": found[: int(params["count"])]}

        self.answers["/api/history/v3/account-log"] = answer


def _kraken(inside: str, rows: dict[str, Any]) -> Answer:
    def answer(params: dict[str, str]) -> Any:
        found = [
            (name, row)
            for name, row in sorted(rows.items(), key=lambda item: -float(item[1]["time"]))
            if float(params.get("start", 0)) < float(row["time"]) <= float(params["end"])
        ]
        at = int(params["ofs"])
        page = dict(found[at : at + 50])
        return {"error": [], "result": {inside: page, "count": len(found)}}

    return answer


def _handler(venue: Loopback) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answered(dict(_flat(urlsplit(self.path).query)))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            fields = json.loads(body).items() if body.startswith("{") else _flat(body)
            self._answered({name: str(value) for name, value in fields})

        def _answered(self, params: dict[str, str]) -> None:
            path = urlsplit(self.path).path
            match venue.weather.pop(0) if venue.weather else "fine":
                case "dropped":
                    self.close_connection = True
                    self.connection.close()
                    return None
                case "throttled":
                    return self._send(429, b'{"error":["EAPI:Rate limit exceeded"]}')
                case "down":
                    return self._send(503, b"<html>maintenance</html>")
                case "refused":
                    return self._send(200, b'{"error":["EAPI:Invalid key"]}')
                case weather:
                    answer = venue.answers[path](params)
                    venue.asked.append((path, params))
                    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                    if weather == "half":  # the length of the whole, the bytes of the half
                        return self._send(200, body, cut=len(body) // 2)
                    if weather == "cut":  # whole by its length, no JSON
                        return self._send(200, body[: len(body) // 2])
                    return self._send(200, body)

        def _send(self, status: int, body: bytes, cut: int | None = None) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[:cut])
            if cut is not None:
                self.wfile.flush()
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    return Handler


def _flat(query: str) -> list[tuple[str, str]]:
    return [(name, values[-1]) for name, values in parse_qs(query).items()]
