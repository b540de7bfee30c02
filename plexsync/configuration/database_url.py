"""The address of a PostgreSQL database: what one may look like, and what of it may be shown."""

from __future__ import annotations

import re
from urllib.parse import unquote

from plexsync.configuration.setting_values import text_of, wrong_value
from plexsync.imports.late import late_pattern

_REMEDY = (
    "write postgresql://user:password@host:5432/database; write @ : / ? # % in a password as %40 %3A %2F %3F %23 %25"
)
#: User and password, hosts (several where the server has standbys), the database, and what the driver is told besides.
_ADDRESS = late_pattern(
    r"postgres(?:ql)?://(?:(?P<user>[^:@/?#\s]*)(?::(?P<password>[^@/?#\s]*))?@)?"
    r"(?P<hosts>[^@/?#\s]+)/(?P<name>[^@/?#\s]+)(?:\?(?P<more>[^#\s]*))?"
)
_HOST = late_pattern(r"(?:\[[0-9A-Fa-f:.]+\]|[\w.%-]+)(?::(?P<port>[0-9]{1,9}))?", re.ASCII)
#: What may follow the question mark: it says how to connect, and holds no secret.
_MORE = frozenset(
    {"sslmode", "sslrootcert", "sslcert", "sslkey", "sslcrl", "channel_binding", "target_session_attrs", "gssencmode"}
)


def database_url(value: object) -> str:
    """The address as it was written. It holds a password, so nothing of it is ever repeated.

    :raises WrongValue: it is none.
    """
    text = text_of(value, _REMEDY)
    if not re.match(r"postgres(ql)?://", text):
        raise wrong_value("does not begin with postgresql://", _REMEDY)
    found = _ADDRESS.fullmatch(text)
    if found is None:
        raise wrong_value("is not the address of a database", _REMEDY)
    for host in found["hosts"].split(","):
        there = _HOST.fullmatch(host)
        if there is None or (there["port"] and not 1 <= int(there["port"]) <= 65535):
            raise wrong_value("has an invalid host or port", _REMEDY)
    if re.search(r"%(?![0-9A-Fa-f]{2})", text):
        raise wrong_value("has a % without two hexadecimal digits after it", _REMEDY)
    names = {one.partition("=")[0] for one in (found["more"] or "").split("&") if one}
    if unknown := sorted(names - _MORE):
        known = ", ".join(sorted(_MORE))
        shown = unknown[0] if re.fullmatch(r"[a-z_]{1,40}", unknown[0]) else "something"
        raise wrong_value(f"has {shown} after the question mark", f"only {known} may follow it")
    return text


def shown(url: str) -> str:
    """Where the database is, without user and password: ``PostgreSQL at db.example:5432, database plexsync``."""
    found = _ADDRESS.fullmatch(url)
    if found is None:
        return "PostgreSQL"
    return f"PostgreSQL at {found['hosts']}, database {unquote(found['name'])}"


def secrets_in(url: str) -> tuple[str, ...]:
    """What must not be seen: the address as a whole, and the password, as written and as meant."""
    found = _ADDRESS.fullmatch(url)
    password = found["password"] if found else None
    return (url, password, unquote(password)) if password else ()
