"""Keys to a venue's interface: from the environment or the system's keyring, and nowhere else.

They are never written: not into the book, a page, a message or a log line. A key should be allowed
to read and nothing else; marginbook asks for nothing more.
"""

import os
from collections.abc import Iterator
from urllib.parse import quote

from attrs import field, frozen

from domain.errors import BookError

SERVICE = "marginbook"
"""What the keyring files them under, with the venue behind it: `marginbook/kraken`."""


@frozen
class Keys:
    """A venue's key, its secret, and the passphrase that some venues add."""

    key: str = field(repr=False)
    secret: str = field(repr=False)
    passphrase: str = field(default="", repr=False)


def keys_of(venue: str, *, passphrase: bool = False) -> Keys:
    """The keys for a venue. Raises `BookError` where there are none; it says where to put them."""
    wanted = ["key", "secret", *(["passphrase"] if passphrase else [])]
    found = {name: _environment(venue, name) or _keyring(venue, name) for name in wanted}
    missing = [name for name, value in found.items() if not value]
    if missing:
        names = " and ".join(_variable(venue, name) for name in missing)
        msg = (
            f"no {' and no '.join(missing)} for {venue}: set {names}, or store them with"
            f" `keyring set {SERVICE}/{venue} {missing[0]}`. Make a key that may only read"
        )
        raise BookError(msg)
    return Keys(**found)


def without_keys(text: str, keys: Keys) -> str:
    """A message without anything of the keys in it."""
    for secret in _values(keys):
        text = text.replace(secret, "***")
    return text


def _values(keys: Keys) -> Iterator[str]:
    """Everything to keep silent about, in each way in which a venue may spell it."""
    for value in filter(None, (keys.secret, keys.passphrase, keys.key)):
        yield from (value, quote(value, safe=""), quote(value), value.replace("/", r"\/"))


def _variable(venue: str, name: str) -> str:
    return f"MARGINBOOK_{venue.upper().replace('-', '_')}_{name.upper()}"


def _environment(venue: str, name: str) -> str:
    return os.environ.get(_variable(venue, name), "").strip()


def _keyring(venue: str, name: str) -> str:
    """What the system's keyring holds; "" where there is no keyring."""
    try:
        import keyring
    except ImportError:
        return ""
    try:
        return keyring.get_password(f"{SERVICE}/{venue}", name) or ""
    except keyring.errors.KeyringError:
        return ""
