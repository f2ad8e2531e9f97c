"""The wire to a venue: ccxt signs and carries, and nothing else of it is used.

The one trick: the answer's own text is kept, never what ccxt makes of it, because its unified
structures drop margin's fields and its JSON reader turns bare numbers into floats. A page counts
when its text is whole JSON; an answer that was cut off, throttled or lost is asked for again, each
time after a longer wait.
"""

import json
import logging
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from adapters.live.feeds import LiveVenue, Params
from adapters.live.live_keys import Keys, without_keys
from domain.errors import BookError

TRIES = 8
"""How often one page is asked for: waits of 1, 2, 4, ... 60 seconds lie between."""

_LONGEST_WAIT = 60
_TIMEOUT_MS = 30_000
_SHOWN = 200  # characters of an answer
_EXTRA = "fetching needs the extra `live`: pip install 'marginbook[live]'"

Sleep = Callable[[float], None]


class VenueWire:
    """A venue's private interface. `host` replaces the venue's own (for tests)."""

    def __init__(
        self, venue: LiveVenue, keys: Keys, *, host: str | None = None, sleep: Sleep = time.sleep
    ) -> None:
        try:
            import ccxt
        except ImportError as missing:
            raise BookError(_EXTRA) from missing
        self._ccxt = ccxt
        self._venue = venue
        self._keys = keys
        self._sleep = sleep
        self._exchange = getattr(ccxt, venue.exchange)(
            {
                "apiKey": keys.key,
                "secret": keys.secret,
                "password": keys.passphrase,
                "enableRateLimit": host is None,
                "timeout": _TIMEOUT_MS,
            }
        )
        self._exchange.enableLastHttpResponse = True
        self._exchange.logger = _silent()  # ccxt logs headers, and these hold the key
        if host is not None:
            self._exchange.urls["api"] = _moved(self._exchange.urls["api"], host)

    def page(self, method: str, params: Params) -> tuple[str, Any]:
        """The text of one page as it came, and its JSON values (numbers as texts).

        Raises `BookError` where the venue refuses, or cannot be reached after all tries.
        """
        wait = 1
        for left in range(TRIES - 1, -1, -1):
            try:
                return self._asked(method, params)
            except _Lost as lost:
                if not left:
                    msg = (
                        f"{self._venue.name} could not be reached: {lost}. What was fetched is"
                        " kept: run the same command again to go on"
                    )
                    raise BookError(msg) from None
            self._sleep(min(wait, _LONGEST_WAIT))
            wait *= 2
        raise AssertionError  # the last try returns or raises

    def _asked(self, method: str, params: Params) -> tuple[str, Any]:
        """One try. Raises `_Lost` for what may work the next time."""
        ccxt = self._ccxt
        self._exchange.last_http_response = None
        try:
            getattr(self._exchange, method)(dict(params))
        except (ccxt.AuthenticationError, ccxt.PermissionDenied) as refused:
            raise self._refused(refused, "check the key, and that it may read") from None
        except ccxt.InvalidNonce:
            raise _Lost(
                "it takes no request of this time: is this machine's clock right?"
            ) from None
        except ccxt.NetworkError as lost:
            raise _Lost(type(lost).__name__) from None
        except ccxt.BaseError as refused:
            raise self._refused(refused, "") from None
        except ValueError:  # signing failed; what it says may be the secret
            msg = f"{self._venue.name} cannot be asked: the secret is none that it gives out"
            raise BookError(msg) from None
        text = self._exchange.last_http_response
        try:
            return text, json.loads(text, parse_float=str, parse_int=str)
        except (ValueError, TypeError, RecursionError):
            raise _Lost("the answer was no JSON, or cut off") from None

    def shown(self, text: str) -> str:
        """The beginning of an answer, for people: without anything of the keys."""
        return without_keys(text, self._keys)[:_SHOWN]

    def _refused(self, error: Exception, hint: str) -> BookError:
        said = without_keys(str(error), self._keys)
        if "http" in said:  # an address may carry a signature
            causes = (type(each).__name__ for each in (error, error.__cause__) if each)
            said = ", ".join(causes)
        return BookError(f"{self._venue.name} refuses: {said}{hint and f': {hint}'}")


class _Lost(Exception):
    """A page that did not come, or not whole; another try may bring it."""


def _moved(urls: Any, host: str) -> Any:
    """The same addresses at another host."""
    if isinstance(urls, dict):
        return {name: _moved(url, host) for name, url in urls.items()}
    return host + urlsplit(urls).path if isinstance(urls, str) else urls


def _silent() -> logging.Logger:
    logger = logging.Logger("silent")
    logger.addHandler(logging.NullHandler())
    return logger
