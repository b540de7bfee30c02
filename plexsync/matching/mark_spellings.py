"""How the marks are spelt by which names tell the versions of one film apart (``marks.py``)."""

from __future__ import annotations

#: The fewest lines and the most.
Lines = tuple[int, int]

#: What stands behind a language's name or code where it is that of subtitles, or what is spoken.
SUBTITLED = "sub subs subbed subtitles subtitled"
SPOKEN = "dubbed dub audio version dl"
#: Languages, with what else they are called.
LANGUAGES = {
    "english": "eng en",
    "chinese": "chi chs cht chinesisch",
    "german": "ger deu deutsch deutsche",
    "french": "fre fra francais",
    "spanish": "spa esp espanol castellano latino",
    "italian": "ita italiano",
    "russian": "rus",
    "japanese": "jpn jap",
    "korean": "kor",
    "portuguese": "por ptbr",
    "polish": "pol",
    "dutch": "dut nld",
}
#: What is written for a language as a tag of its own, in capitals, in brackets, or as the last word of a name.
TAGS_OF_LANGUAGES = {
    "english": "eng english",
    "german": "german ger deutsch",
    "french": "french fre vf vff truefrench",
    "spanish": "spanish spa esp castellano latino",
    "italian": "italian ita",
    "russian": "russian rus",
    "japanese": "japanese jpn jap",
    "korean": "korean kor",
    "portuguese": "portuguese ptbr",
    "polish": "polish pol",
    "dutch": "dutch nld",
    "several": "multi",
}
#: What they are spelt like, in the form that ``titles.plain`` gives; several spellings stand between commas.
SPELT: dict[tuple[str, str], str] = {
    (
        "subtitles",
        "",
    ): "subbed, subtitled, subtitles, subs, hardsub, hardsubs, hardsubbed, hard subs, softsub, softsubs, "
    "hard sub, soft sub, soft subs, untertitel, sous titres, subtitulado, subtitulada, legendado, sottotitoli, zi mu",
    ("subtitles", "english"): "engsub, engsubs, esub, esubs",
    ("subtitles", "chinese"): "zhong wen zi mu, zhong wen, zhong zi, chs, cht",
    ("subtitles", "french"): "vostfr, stfr",
    (
        "censorship",
        "uncensored",
    ): "uncensored, uncen, decensored, mosaic removed, no mosaic, mosaicless, reduced mosaic, "
    "reducing mosaic, wu xiu zheng, wu ma, po jie",
    ("censorship", "leak"): "leak, leaked, liu chu",
    ("edition", "director"): "directors cut, director cut, directors edition, directors version, dir cut",
    ("edition", "extended"): "extended, extended cut, extended version, extended edition, long version, langfassung",
    ("edition", "uncut"): "uncut, ungeschnitten",
    ("edition", "unrated"): "unrated",
    ("edition", "rated"): "r rated",
    ("edition", "theatrical"): "theatrical, theatrical cut, kinofassung, cinema cut, cinema version",
    ("edition", "remastered"): "remastered, remaster, restored",
    ("edition", "upscaled"): "upscaled, upscale, ai upscaled, ai upscale",
    ("edition", "final"): "final cut",
    ("edition", "ultimate"): "ultimate cut, ultimate edition",
    ("edition", "special"): "special edition",
    ("edition", "collectors"): "collectors edition, collector edition, collectors cut",
    ("edition", "anniversary"): "anniversary edition",
    ("edition", "redux"): "redux",
    ("edition", "workprint"): "workprint, work print",
    ("edition", "television"): "tv cut, tv version, tv edit",
    ("edition", "alternate"): "alternate cut, alternate version, alternate ending, alternate edit, alternative cut",
    ("edition", "international"): "international cut, international version",
    ("edition", "imax"): "imax",
    ("edition", "open matte"): "open matte",
    ("edition", "soft"): "softcore, soft version, soft cut, softcore version, cable version",
    ("edition", "hard"): "hardcore, hard version, hardcore version, xxx version, explicit version",
    ("sound", "without music"): "no music, nomusic, without music",
    ("sound", "silent"): "no sound, no audio, muted",
    ("sound", "commentary"): "commentary, with commentary",
    ("passthrough", "passthrough"): "passthrough, pass through, alpha passthrough",
    ("range", "hdr"): "hdr, hdr10, hlg, dovi, dolby vision",
    ("side", "left"): "left, left eye, left half",
    ("side", "right"): "right, right eye, right half",
    ("eyes", "side by side"): "sbs, hsbs, fsbs, lr, rl, 3dh, side by side, half sbs, h sbs, full sbs",
    ("eyes", "above each other"): "tb, 3dv, hou, h ou, half ou, top bottom, over under",
    ("eyes", "one"): "2d, non vr, monoscopic",
    ("field", "180"): "vr180, 180, 180x180",
    ("field", "360"): "vr360, 360, 360x180",
    ("field", "fisheye"): "fisheye, fisheye190",
    ("field", "mkx200"): "mkx200, mkx 200",
    ("field", "mkx220"): "mkx220, mkx 220",
    ("field", "rf52"): "rf52, rf 52",
    ("field", "vrca220"): "vrca220",
    ("device", "headset"): "oculus, rift, vive, quest, oculus rift, oculus quest, pico",
    ("device", "gear"): "gearvr, gear vr, daydream",
    ("device", "psvr"): "psvr, ps vr, playstation vr",
    ("device", "phone"): "smartphone, cardboard",
    ("source", "bluray"): "bluray, blu ray, bdrip, brrip, bdremux",
    ("source", "web"): "webdl, web dl, webrip, web rip, web",
    ("source", "dvd"): "dvdrip, dvd rip, dvd",
    ("source", "tv"): "hdtv, tvrip, pdtv",
    ("source", "vhs"): "vhs, vhsrip",
    ("remux", "remux"): "remux, bdremux",
    ("codec", "h264"): "x264, h264, x 264, h 264, avc",
    ("codec", "hevc"): "x265, h265, x 265, h 265, hevc",
    ("codec", "av1"): "av1",
    ("codec", "vp9"): "vp9",
    ("codec", "mpeg4"): "xvid, divx",
}
#: Lines of pictures by what they are called: the fewest and the most.
LINES = {
    "sd": (1, 620),
    "hd": (680, 1120),
    "hd720": (720, 720),
    "fhd": (1080, 1080),
    "fullhd": (1080, 1080),
    "hd1080": (1080, 1080),
    "2k": (1080, 1500),
    "qhd": (1440, 1440),
    "4k": (1600, 2400),
    "uhd": (1600, 2400),
    "ultrahd": (1600, 2400),
    "5k": (2400, 2900),
    "6k": (2700, 3300),
    "7k": (3200, 3750),
    "8k": (3600, 4400),
}
