"""What conceals on this machine: its secret, its vocabulary, and what its ledger knows to be a name."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from pathlib import Path

from plexsync import log_context
from plexsync.fields import TEMPLATED_FIELDS
from plexsync.ledger.known_names import KnownNames
from plexsync.ledger.records import Result, State
from plexsync.model import Field
from plexsync.privacy.concealer import Concealer, NamesFound
from plexsync.privacy.keyed_words import KEY_BYTES, KeyedWords, installation_key
from plexsync.privacy.vocabulary import ROOT, identifiers, vocabulary
from plexsync.storage.opening import looked_at

#: Seconds for which a server that does not answer is not asked.
REST = 10.0
#: Files of ours that messages name in quotes.
_FILES = ("plexsync.db", "plexsync.toml", "inbox", "hooks", "settings", "Stash", "Plex", "stash", "plex")


def concealer(
    folder: Path,
    setting_names: Iterable[str],
    path_map: Iterable[tuple[str, str]] = (),
    database_url: str | None = None,
) -> Concealer:
    """What conceals texts here.

    :param folder: the data folder, which keeps the secret.
    :param setting_names: those of all settings.
    :param path_map: folders in Stash and in Plex.
    :param database_url: of the PostgreSQL that has the ledger; None where the data folder has.
    :raises OSError: the secret can be neither read nor made.
    :raises PermanentError: what PostgreSQL takes is not installed.
    """
    names = KnownNames(looked_at(folder, database_url), REST if database_url else 0.0)
    mapped = tuple(path for pair in path_map for path in pair)

    def known(text: str) -> NamesFound:
        context = log_context.current()
        found = names.of(text, context.scene if context else 0, context.item if context else 0)
        return NamesFound(found[0], (*found[1], *mapped))

    return Concealer(
        # Where nothing was ever kept, the words of one report agree, and that is all there is.
        KeyedWords(installation_key(folder) if folder.is_dir() else secrets.token_bytes(KEY_BYTES)),
        vocabulary(),
        identifiers([*setting_names, *Field, *TEMPLATED_FIELDS, *State, *Result, *_FILES]),
        known,
        {str(folder): "<data>", str(ROOT): "<plugin>"},
    )
