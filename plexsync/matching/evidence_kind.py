"""What evidence is about: what matching decides by, where it is not the weight alone. Its sentences are for people."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What one piece of evidence is about.

    Where it may speak for an item or against it and is told by the one kind, its weight's sign says which.
    """

    # --- Where the file is, and what it is ---

    PATH = "path"
    CONTENT = "content"
    SIZE = "size"
    #: Nearly the same size, and the same but for some bytes in a million.
    NEAR_SIZE = "near size"
    RETAGGED = "retagged"
    LENGTH = "length"
    FOLDER = "folder"
    #: A second pair of files that agrees.
    SECOND_PAIR = "second pair"
    SAME_FRAME_RATE = "same frame rate"
    #: Another frame rate, as half of the other.
    HALF_FRAME_RATE = "half frame rate"
    OTHER_FRAME_RATE = "other frame rate"
    SAME_PICTURES = "same pictures"
    #: Other pictures: that the sizes are nearly the same is by chance.
    OTHER_PICTURES = "other pictures"
    #: One of so many files in a folder that is called after the scene's studio, one of its people, or as its own.
    FOLDER_OF_STUDIO = "folder of studio"
    FOLDER_OF_PERFORMER = "folder of performer"
    FOLDER_OF_OWN_NAME = "folder of own name"

    # --- What it is called ---

    FILE_NAME = "file name"
    #: Files whose names say nothing, in folders that are called after one film.
    FILM_FOLDER = "film folder"
    #: Words of titles and names.
    WORDS = "words"
    #: Words of titles and names that are those of studio and people alone.
    EXPLAINED_WORDS = "explained words"
    #: A word that stands in the place of another.
    REPLACED_WORD = "replaced word"
    CALLED_OTHERWISE = "called otherwise"
    #: The item's file is called otherwise than the scene; an agent's title is not.
    FILE_CALLED_OTHERWISE = "file called otherwise"
    EDITION = "edition"
    #: The one is a trailer or the like.
    OTHER_KIND = "other kind"
    SAME_CODE = "same code"
    OTHER_CODE = "other code"
    #: A long number that a site gives.
    LONG_NUMBER = "long number"
    #: An id in a database of films.
    FILM_ID = "film id"
    SAME_NUMBER = "same number"
    OTHER_NUMBER = "other number"
    MISTYPED_NUMBER = "mistyped number"
    #: Names of one form that count what there is, and another number.
    OTHER_COUNT = "other count"
    OTHER_PART = "other part"
    #: A number that only one of them has: any, the first one, one in front of a name, and one that a program may have
    #: added.
    NUMBER_OF_ONE = "number of one"
    NUMBER_ONE_OF_ONE = "number one of one"
    NUMBER_IN_FRONT = "number in front"
    COPY_NUMBER = "copy number"
    #: The moment at which a camera began to record.
    MOMENT = "moment"

    # --- Witnesses ---

    #: The same day, be it with day and month swapped.
    SAME_DATE = "same date"
    NEXT_DAY = "next day"
    OTHER_DATE = "other date"
    PERHAPS_OTHER_DATE = "perhaps other date"
    #: Month or year, of which one of the two tells no more.
    YEAR = "year"
    OTHER_YEAR = "other year"
    SAME_STUDIO = "same studio"
    OTHER_STUDIO = "other studio"
    #: The whole name of one of the scene's people, or of several.
    PERFORMERS = "performers"
    FIRST_NAME = "first name"
    #: Names of others than the scene's people, beside a title that several items have; and beside one of its own.
    OTHER_PEOPLE = "other people"
    OTHER_PEOPLE_OF_TITLE = "other people of title"
    #: What takes back what studio, day and people say, where they fit others as well.
    SEVERAL_OF_SUCH = "several of such"

    # --- Ties ---

    #: A rating key in the scene's addresses.
    ADDRESS = "address"
    #: An agent that reads Stash made the item from the scene, or from another.
    AGENT = "agent"
    AGENT_OF_ANOTHER = "agent of another"
    #: A page or a number that an agent noted.
    EXTERNAL_ID = "external id"
