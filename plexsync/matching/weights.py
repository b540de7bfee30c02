"""What each piece of evidence weighs.

The scheme is that of Fellegi and Sunter (1969): a weight is the logarithm, to base 10, of how much likelier an
agreement is between a scene and its own item than between it and any other one. So 3 means: of a thousand wrong items
one agrees by chance. Weights of independent evidence add up; contradictions have negative ones; a candidate starts at
the chance of any one item of the library. A sum of 0 means as likely right as wrong, 3 means a thousand to one.

Where a weight depends on what agrees (a size, a duration, a name), it is a formula in ``evidence.py`` and ``text.py``,
and its bounds stand here. Each comes from a count or a distribution named beside it, rounded; where there is none it is
a judgement of how often that happens, in steps of a half. ``tests/bench/fit_matching.py`` moves each within what that
leaves open, on some libraries, and judges on others; what it found is said beside the weight.
``tests/bench/bench_matching.py`` showed which kinds of evidence were missing, and is run on other seeds than those that
were looked at.
"""

from __future__ import annotations

# --- From a sum to a confidence --------------------------------------------------------------------------------------

#: Any one item of a library is right with a chance of one in its size; smaller ones count as this large, since in a few
#: files chance is hard to judge.
SMALLEST_LIBRARY = 1000
#: Confidence where right and wrong are as likely: the lower bound of what a person is asked about.
EVEN = 60
#: Points for each power of ten. So 90 is a thousand to one: 99.9 %.
POINTS = 10
#: From this confidence a match is sure enough that nothing costlier is looked up.
SURE = 90

# --- Bounds that no sum passes ---------------------------------------------------------------------------------------

#: One path names one file, and a person knows: nothing is surer.
CERTAIN = 100
#: Anything that is not a path can be true of a copy as well.
NOT_A_PATH = 99
#: The path is right but size or duration is not: most often Plex has not looked again at a file that was replaced.
PATH_REPLACED = 95
#: Neither is right: then it may just as well be another video under a name that became free.
PATH_OTHER_CONTENT = 80
#: Points less where a path is the same but for upper and lower case: most file systems of NAS devices tell them apart.
PATH_OTHER_CASE = 3
#: Words agree, but nothing about the video itself (size, duration, date, folders): a person should look.
WORDS_ONLY = 85
#: A telling file name, and lengths that differ a little: another cut, or another film. A person should look.
OTHER_CUT = 80

# --- Where the file is -----------------------------------------------------------------------------------------------

#: More than any other evidence together, since a path names one file.
SAME_PATH = 20.0
#: The same folder by the path map: it holds some ten to some hundred files of the library's 100,000.
SAME_FOLDER = 3.5
#: Folders above the file that are named alike, from the nearest: a folder's name is shared by one file in some hundred;
#: those further up depend on it.
TAIL = (2.5, 1.0, 0.5)
#: Folders such as ``videos``, ``2023`` or ``J``, which many libraries have, and in many places.
TAIL_GENERIC = 0.3
#: What file name and folder weigh together at least, where the folder's name tells something: in one such folder there
#: is one file of a name, however common it is elsewhere.
NAME_IN_FOLDER = 5.0
#: The nearest folder that tells something is named otherwise: files are moved, and a mount's own folder has another
#: name as a rule. Where several items have the file's name, it is the folder that tells them apart: as much again.
OTHER_FOLDER = -0.5
#: What a name must tell for another folder not to say more against it: short ones come again in other folders.
WEAK_NAME = 4.0
#: A folder in which the words of names agree as well: what lies in it is of one studio or series anyway.
FOLDER_BESIDE_WORDS = 1.0

# --- What the file is ------------------------------------------------------------------------------------------------

#: Sizes of videos spread over some seven e-folds, so that two agree by chance in one of seven times their bytes: one in
#: 10^10 at 1 GB. Some powers of ten are taken off, as sizes depend on duration and bitrate, and the rest is bounded,
#: as files are copied.
SIZE_SAFETY = -1.0
SIZE_MOST = 8.2
#: Another size says nothing where the duration is the same: then it is a re-encoded file. Else one file in ten that
#: comes this far has been replaced.
OTHER_SIZE = -1.0
#: But nearly the same size beside the same length is that of the same streams in another container: one other file of
#: this length in a hundred comes so near, and one copy in six is so. (With 1.5 a camera's ``GOPR0001`` of another
#: folder was taken for the scene's, in 700 scenes of such kinds.)
REPACKED_SHARE = 0.005
REPACKED = 1.2
#: Seconds by which the lengths differ at most then: the streams are the same to the frame, and a container tells the
#: longest of them, or the first. More than that is another film of one camera, or of one length.
REPACKED_APART = 0.3
#: Where the pictures are the same as well, and the size to some bytes in a million, it is that of the same streams with
#: other tags: of others that are nearly as large one in 500 comes so near, and of copies one in some dozen. Cameras of
#: one bit rate come near as well, hence less than that.
RETAGGED_SHARE = 0.00001
RETAGGED = 1.5

#: Durations spread over about 4.6 e-folds (30 s to 50 min), so that two agree within t by chance in 2t / (4.6 d). What
#: the index has counts for more (so many of its files are about as long), unless it is less than this share of that:
#: few files say little. Some of a power of ten is taken off, as studios keep to lengths. Fitted with three others on
#: seeds 71 and 72 it would be -0.133; on 1051 and 1052 that is 0.16 % more recall and a sixth fewer questions, and a
#: wrong match comes nearer (``docs/development/architecture.md``). So it stays.
DURATION_SPREAD = 4.6
DURATION_LEAST_SHARE = 0.3
DURATION_SAFETY = -0.3
DURATION_MOST = 4.5
#: Whole minutes are what people and programs cut to: one film in some dozen, where one in 60 would be by chance.
ROUND_MINUTE = -0.7
#: Seconds on either side within which files are counted to know how common a length is.
COUNTED_AROUND = 15.0
#: Seconds. Closer than this durations are no surer for being closer: Plex cuts to milliseconds, Stash rounds to
#: hundredths, and the sound's priming (AAC: up to 2112 samples, 48 ms) and a frame (40 ms) come on top.
FINEST_DURATION = 0.1
#: Seconds. Within it durations are the same: a re-encoding moves the end by some 100 ms as a rule, and by a few times
#: that where the frame rate changes.
SAME_DURATION = 0.5
#: Seconds. Within it a re-encoding may still explain the difference, but seldom does: that costs so much.
CLOSE_DURATION = 1.0
CLOSE_DURATION_COST = -1.5
#: Beyond the greater of seconds and share it is another video, or another cut of it; in between nothing is said. The
#: share is what 24 frames a second are off where they should be 23.976.
OTHER_DURATION_SECONDS = 2.0
OTHER_DURATION_SHARE = 0.001
OTHER_DURATION = -4.0
#: Up to the greater of seconds and share, an intro or the credits may have been cut: one copy in a hundred is so.
OTHER_CUT_SECONDS = 30.0
OTHER_CUT_SHARE = 0.03
OTHER_CUT_DURATION = -2.0

#: Frame rates of files of one length: of two films the same in one of three (29.97 for half of them), and a studio
#: keeps to one, so that it says less than that. A re-encoding changes it in one of ten, mostly to a half.
SAME_FRAME_RATE = 0.3
HALF_FRAME_RATE = -0.3
OTHER_FRAME_RATE = -1.0
#: Where the sizes are those of the same streams in another container, the pictures have to be the same: one file in
#: three has them by chance. Where they are not, the sizes are alike by chance.
SAME_PICTURES = 0.8
#: And the length has to be the same to a frame, which one in three copies is anyway.
FRAME = 0.05
SAME_FRAMES = 0.3
REPACKED_OTHERWISE = -2.2

#: Files that a folder counts as having at least, and what is taken off or added beside the count: a file that is in
#: Stash is in Plex as well in three of four cases. That few of a studio's films are here does not make it likelier that
#: one of them is the scene's; what then holds a match back stands in ``ceilings.py``.
#: Fitted on seeds 71 and 72, ``FOLDER_SAFETY`` would be 0.7, and ``SAME_FRAME_RATE`` 0.5: on 1021 and 1022 that is
#: 0.1 % more recall, and a wrong match comes nearer. So they stay.
FOLDER_LEAST = 6.0
#: Folders of one name may hold anything, where it is no studio's.
FOLDER_LEAST_OF_OWN = 12.0
#: A person's films lie in other folders as well, and so others than the scene's may lie here.
FOLDER_LEAST_OF_PEOPLE = 30.0
FOLDER_SAFETY = 0.5
#: For each second beyond the finest difference of lengths: most copies are within a frame or two, so that of those
#: whose name says nothing a third of a second is more often another film's.
FOLDER_APART = -2.5
#: A studio keeps to lengths: those of one spread over a quarter of an e-fold, so that this share of them (divided by
#: the length) is within a second of its usual one.
FOLDER_SPREAD = 1.5

#: A second pair of files that agrees. Little, as it depends on the first.
SECOND_PAIR = 0.5

#: What speaks against it by so much contradicts; and where two things do, a person looks.
CONTRADICTION = -0.9
#: The same hash: two of a library's files have it by chance as good as never (one in 2^64), and it is of the content.
SAME_CONTENT = 14.0
#: The same size to the byte and another hash: not the same file, although programs that write tags into a file's free
#: room change it without changing its size.
OTHER_CONTENT = -5.0

# --- What it is called -----------------------------------------------------------------------------------------------

#: What words can weigh at most: as much as it takes to single one item out of a library.
WORDS_MOST = 5.0
#: A letter of English carries about 1.3 bits (Shannon 1951), that is 0.4 powers of ten. Titles are less free.
LETTER = 0.36
#: Share of that for the names of a studio and its performers, which all of their scenes have.
EXPLAINED = 0.3
#: What a text must tell so that another can be something else: a word or two; and where both end otherwise, a word.
TELLING = 2.5
TELLING_END = 1.4
#: What a word must tell to count as one of two by which titles are known to be the same, and letters of one that is
#: enough by itself.
TELLING_WORD = 1.0
LONG_WORD = 14
#: File names agree to the last sign, which is more than the words do. A long one is given once, and then copied.
NAME_LETTER = 0.4
NAME_MOST = 8.5
#: Where the index knows how many have a name or title, that counts if it says more: of one in so many. As much is taken
#: off for those that are not in this library, but would be in another.
NAMESAKES_SAFETY = -0.7
#: The same of the whole of a name: words come in many titles, but few films have a title in common. Three of four
#: scenes that are in Stash are in Plex as well, and one title in a dozen is another film's, too.
WHOLE_TITLE_SAFETY = -0.2
#: What a name must tell for that, so that it is no camera's or program's: a word of four letters, or two digits.
NAMESAKES_LEAST = 1.3
#: The same of a scene's title, which no camera gives: a word of three letters.
TITLE_LEAST = 1.0
#: Where other items have the name and are other films, so that the length alone tells: for each second beyond the
#: finest difference, as ``FOLDER_APART``.
NAMESAKES_APART = -2.5
#: A letter and a digit of a code: codes are given once, so that a digit is worth a random one's; of letters, some
#: hundred combinations are in use.
CODE_LETTER = 0.5
CODE_DIGIT = 1.0
CODE_MOST = 5.5
#: Items that hold a code so that it is none: a film's is held by its copies and its parts.
NO_CODE = 5
#: A digit of a number that sites give what they publish, as a part of the name.
NUMBER_DIGIT = 0.65
#: The same of a number of eight digits and more: nobody counts so far but a site, which gives each once.
LONG_NUMBER_DIGIT = 0.8
LONG_NUMBER_MOST = 6.5
#: A name that tells so much is no other film's, where nothing is known that contradicts it.
NAME_ALONE = 11.0
#: The same id of a film in a database: one film, whatever it is called; but cuts of it share the id.
SAME_ID = 7.5
OTHER_ID = -4.0
#: The same edition; and one that only one of them has, which names often leave out.
SAME_EDITION = 0.7
OTHER_EDITION = -1.5
#: A digit in a file name carries less than the 1.0 of a random one: cameras and series count from 1.
NAME_DIGIT = 0.5
#: What the least telling name (``1.mp4``) is worth.
NAME_LEAST = 0.5
#: What a word costs that only one text has, and all of them at most: studios, performers and groups come and go.
EXTRA_WORD = 0.12
EXTRA_WORDS_MOST = 1.5
#: Likeness, 0 to 1, of two words from which they are one with a letter wrong, and letters that they must have.
MISSPELT = 0.75
MISSPELT_LEAST = 4
#: Likeness, 0 to 1, of two texts from which their numbers are compared, and up to which they are about something else.
LIKENESS_ALIKE = 0.8
LIKENESS_OTHER = 0.3
#: Characters that a name's whole words must have so that a longer one can be the same, not cut short.
TRUNCATED_LEAST = 12
#: Part 1 is not part 2, however alike all else is.
OTHER_NUMBER = -4.0
#: Names of one form that count what there is, and another number. A program may count anew, hence less.
OTHER_COUNT = -3.0
#: The moment at which a camera began, to the second, beside its day: of some dozen recordings of a day one in a
#: thousand begins with another. Up to whole quarters of an hour, as in another time zone, a dozen times as many do.
SAME_MOMENT = 3.0
MOMENT_OF_ZONE = 2.0
#: A number with a digit too few or too many, or two the wrong way round, where words beside it are mistyped as well:
#: whoever types so makes one more mistake in one name of ten; in a series numbers differ in their last digit.
MISTYPED_NUMBER = -1.0
#: A number that only one of them has: a sequel, or a file's own count. The first part often goes without one.
NUMBER_OF_ONE = -2.0
NUMBER_ONE_OF_ONE = -0.5
#: In front of a name, before a point, a dash or in brackets, it is a place in somebody's list; in one name of three
#: it is a part's, and then the parts themselves are told apart by their lengths.
NUMBER_IN_FRONT = -0.5
#: In brackets at the end, a number may be one that a program added because a file of the name was there: once in three
#: times, the others are parts. Where that other file is there, and is as long as another film, it is none of a part.
NUMBER_OF_COPY = -1.5
#: A trailer is not the scene, nor is a longer cut.
OTHER_KIND = -4.0
#: Both have titles, and they are about something else. Items are given wrong titles too, so it is not the end.
OTHER_WORDS = -2.0
#: The same where studio, day, a performer and the length to a tenth of a second agree. Of those that agree in all this
#: one in three has its title in another language, or another site's; other films of that day have another one as well,
#: but next to none of them is as long. (Stash tells hundredths of a second: hence a bit more than a tenth.)
OTHER_WORDS_OF_DAY = -0.5
#: The same where the names are of two languages: then they agree in nothing whether or not they are of one film.
OTHER_LANGUAGE_OF_DAY = -0.1
#: And a word that both have nevertheless, as the name of a place: of two films of one studio, day and people one in
#: some dozen has it by chance. Little of that, as a site may be called so.
NAME_OF_TWO_LANGUAGES = 0.5
OTHER_WORDS_APART = 0.11
#: A word that stands in the place of another: of the films of a studio or series that share some words nearly all are
#: told apart so, and one in a hundred titles is given so. Besides, it is called otherwise.
REPLACED_WORD = -1.5

# --- Witnesses -------------------------------------------------------------------------------------------------------

#: A library covers some thousand days, and most days have several scenes.
SAME_DATE = 3.0
#: Day and month swapped: as rare, and explained by how people write dates.
SWAPPED_DATE = 2.5
#: The first day of a year, in names on both sides: a day as any other, or what is written by who knows the year alone.
NEW_YEAR = 2.5
#: A day apart: time zones.
NEXT_DAY = 1.5
SAME_MONTH = 1.0
SAME_YEAR = 0.8
#: Remakes have other years; agents that know the year alone are seldom wrong by more than one.
OTHER_YEAR = -2.5
#: Agents guess dates from files, so they contradict less than they confirm.
OTHER_DATE = -2.0
#: In a form that is seldom anything else, but not for certain (``15.01.18``), which no way to read it makes the day.
PERHAPS_OTHER_DATE = -1.0

#: A studio has about a tenth of a library, and is called by several names.
SAME_STUDIO = 1.2
OTHER_STUDIO = -0.7
#: A performer is in some hundredth of a library; two of them depend on each other.
PERFORMER = 1.5
SECOND_PERFORMER = 0.7
#: Her first name alone: a handful of people in a library share it.
FIRST_NAME = 0.7
#: None of the scene's people in an item's names, but words that are nothing else known of the scene. Where hardly
#: another item has the title, people go by other names; where others have it, it is one of these, and a person looks.
OTHER_PEOPLE_OF_TITLE = -0.5
OTHER_PEOPLE = -2.0
#: Items that may hold the words of a title so that it is the scene's alone.
RARE_TITLE = 2
#: Studio, day and people together, without a title, say at most this much more than it takes to single out one item:
#: sites publish several films of the same people, and of one day, so that however large the library is, a neighbour may
#: be there. Judged on two seeds of six households: so, lengths within 0.15 s (of 25 minutes) make a match, others not.
WITNESSES_LEFT = -0.25
#: The same without the day: a site has several films of the same people.
WITNESSES_LEFT_UNDATED = -1.2
#: The same of studio alone, or people alone: they have some dozens of films.
ONE_WITNESS_LEFT = -1.7

#: Where no title says which film of them it is, for each second beyond so many: a re-encoding moves the end by some 100
#: ms as a rule, so that three times that is more often another film than chance alone explains.
WITNESSES_CLOSE = 0.3
WITNESSES_APART = -4.0

# --- Twins: items of one length that are called alike ----------------------------------------------------------------

#: The picture's height, told by the streams or by the name, is that of the scene's file, or another: what tells two
#: encodings of one film apart. It counts only between such items, since whoever encodes a film again may well do it
#: smaller.
SAME_HEIGHT = 1.5
OTHER_HEIGHT = -2.0
SAME_STREAM = 0.4
OTHER_STREAM = -0.6
#: Sizes within this share are those of one encoding in two containers, and so are bit rates.
REMUXED_SHARE = 0.02
REMUXED = 1.5
NOT_REMUXED = -0.5
#: Heights (1080 and 1088) within this share are one.
HEIGHT_SHARE = 0.05
#: A mark in both names, however it is spelt: the same cut, subtitles, codec (``marks.py``). Names of one file keep it
#: nearly always, and of two versions each has its own.
SAME_MARK = 1.0
#: Of what one has that the other lacks, so much of that is left.
PARTLY_SAME_MARK = 0.3
#: Another mark of what is shown, or one that only one of two has: subtitles, a cut, no mosaic. As another part: who has
#: both versions names them so. It counts only beside an item that has the same mark, or none as the scene has none.
OTHER_VERSION = -4.0
VERSION_OF_ONE = -4.0
#: The same of how a file was made: codec, source, device. Whoever encodes again changes it, and names leave it out.
OTHER_MAKE = -2.0
MAKE_OF_ONE = -0.5
#: Frames a second by which two rates differ at most that are one (29.97 and 30, or Plex's NTSC).
FRAME_RATE_APART = 0.6

#: A rating key in the scene's addresses: written by a person or the old plugin, though Plex gives keys anew when a
#: library is made again, and another server has others.
ADDRESS = 6.0
#: The scene's id in the item's guid: the agent asked this very Stash for it. Of a wrong item it is so where the agent
#: chose the wrong scene, one in a hundred as people report, times one in the library's 100,000; one more power of ten
#: comes from the file not contradicting, as that is what betrays a Stash that was made anew and has given out its ids
#: again. So it is enough by itself, just.
AGENT = 8.0
#: The page, or the number in a public list, that the agent found is one of the scene's own. The agent chose it by name:
#: that it chose wrongly, and just this one, is as seldom as that an address leads astray.
EXTERNAL_ID = 6.0
#: The agent made the item from another scene. Most often that is right; after Stash was made anew it says nothing.
AGENT_OF_ANOTHER = -1.0

# --- Decision --------------------------------------------------------------------------------------------------------

#: Points that the best match must be ahead of the next one. Rivals lower each other's confidence already, so that this
#: only matters between those that a path speaks for.
MARGIN = 10
