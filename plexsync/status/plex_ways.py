"""What is known of a Plex server where servers differ, in words."""

from __future__ import annotations

from collections.abc import Mapping

from plexsync.plex.traits import Trait

#: A sentence for each value that a trait may have; ``{}`` stands for any other value.
_WORDS: Mapping[Trait, Mapping[str, str]] = {
    Trait.GROUP_READS: {
        "whole": "items are read together",
        "cut short": "items are read one by one, since Plex shows less of several than of each: that takes longer",
    },
    Trait.TAG_LISTS: {
        "add": "names that a write does not list stay",
        "whole": "lists of names are written whole",
    },
    Trait.REMOVALS: {"": "names to be removed are encoded {}"},
    Trait.COMMAS: {
        "whole": "a name with a comma is removed as one",
        "torn": "a name with a comma cannot be removed",
    },
    Trait.SPELLINGS: {
        "apart": "names that differ only in spelling are different names",
        "": "some names that differ only in spelling are the same name",
    },
    Trait.TAG_ORDER: {
        "index": "a cast is shown in the order in which it is written",
        "": "a cast is shown in an order of Plex's own",
    },
    Trait.RATING_STEP: {"none": "ratings are kept as they come", "": "ratings are kept in steps of {}"},
    Trait.YEAR: {
        "follows": "an item's year follows its date",
        "": "an item's year {}, as it does not follow its date",
    },
    Trait.UPLOADS: {
        "sha1": "uploaded pictures are named by their SHA-1",
        "": "uploaded pictures have names of Plex's own",
    },
    Trait.PICTURE_LOCKS: {
        "by upload": "uploading a picture locks it",
        "by edit": "uploading a picture does not lock it, so an edit does",
    },
    Trait.TITLE_MAX: {"": "titles are cut to {} characters"},
    Trait.SUMMARY_MAX: {"": "summaries are cut to {} characters"},
    Trait.SCAN: {"": "scans start by {}"},
    Trait.HASHES: {
        "shown": "files are known by the hashes that Plex shows",
        "": "Plex shows no hashes of files",
    },
}


def ways(known: Mapping[str, str]) -> list[str]:
    """A sentence for each thing that is known.

    :param known: traits with their values, as ``Traits.known`` has them.
    """
    found = []
    for trait, words in _WORDS.items():
        if trait in known:
            found.append(words.get(known[trait], words.get("", "")).format(known[trait]))
        elif trait is Trait.GROUP_READS:
            found.append("whether items can be read together is not known yet")
    return [text for text in found if text]
