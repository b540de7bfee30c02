"""The words that titles, studios and performers are made of, in several scripts."""

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


ADJECTIVES = _words(
    """
    amber ancient autumn bitter blazing blue bold borrowed brave bright broken burning busy calm careless charming
    clever cold common crimson crooked curious dancing daring dark distant double dusty eager early eastern electric
    empty endless evening faded faithful false fearless final first flaming floating forgotten fragile free frozen
    gentle gilded glass golden grand green grey happy hidden hollow honest hungry idle inner iron jaded jolly keen kind
    last late lazy little lonely long lost loud lucky lunar magic marble mellow merry midnight mild modern morning
    narrow nervous new noble northern old open orange other painted pale paper patient perfect plain playful polite
    private proud purple quick quiet rainy random rare reckless red restless rising rough royal rusty sacred salty
    scarlet second secret shallow sharp shining short shy silent silver simple sleepless slow small smooth soft solar
    southern spare spring stolen stormy strange sudden summer sunny sweet swift tender thin third tidy tiny tired
    twisted uneven unknown urban velvet vivid wandering warm western white wicked wild winter wise wooden yellow young
    """
)

NOUNS = _words(
    """
    afternoon alley anchor answer apartment apple archer arrival attic audience bakery balcony ballroom bargain beach
    bedroom bell bicycle birthday blanket boat bottle boulevard bridge brother bubble cabin cafe camera candle canvas
    captain caravan carnival carousel castle cellar chance chapel cherry circle circus cliff clock cloud coast collector
    comet compass concert confession cottage courtyard crossing crown curtain dancer daughter daydream delivery desert
    detour diary dinner discovery doctor doorway dream driver echo elevator encounter engine escape evidence exam farmer
    favour feather ferry festival firefly fireplace fisherman flame flight flower forest fortune fountain friend
    frontier gallery garden gardener gate ghost gift glacier guest guitar gym harbour harvest highway holiday honey
    horizon hostel hotel hour house hunter hurricane inheritance invitation island jacket journey jungle kitchen ladder
    lagoon lake lantern laundry lesson letter library lift lighthouse lightning line lobby locker lullaby machine
    mansion market mask massage meadow melody memory message midnight mirror mistake model monday moon morning motel
    mountain museum musician neighbour night nurse oasis ocean office orchard orchid painter palace parade park party
    passage passenger pavilion penthouse photograph piano picnic pillow pilot pirate plan platform poem pool porch
    portrait postcard prairie present prince promise proposal queen question rain reception recipe rehearsal rendezvous
    rescue return reunion ribbon riddle river road rooftop room rose runaway sailor sauna scarf school season secret
    secretary shadow shelter shore shower signal singer sister sky snow song spark spell stage staircase stairway star
    station storm stranger street student studio summer sunday sunrise sunset surprise swimmer tailor taxi teacher
    temple tent terrace theatre thief thunder ticket tide tourist tower traffic train traveller treasure trip tunnel
    twilight umbrella uniform vacation valley verdict village vineyard visitor voice voyage waiter waltz warehouse
    waterfall wave wedding weekend window wish witness workshop yacht yard year
    """
)

PLACES = _words(
    """
    Amsterdam Athens Bali Barcelona Berlin Biarritz Bogotá Boston Brighton Brno Brussels Budapest Cairo Calais Cádiz
    Chicago Córdoba Cork Cuba Dover Dresden Dublin Florence Gdańsk Geneva Genoa Ghent Göteborg Granada Havana Helsinki
    Ibiza Istanbul Kraków Kyoto Lagos Leeds Lille Lima Lisbon Ljubljana London Lyon Madrid Málaga Malmö Marseille Miami
    Milan Monaco Montréal Munich Nantes Naples Nice Oslo Palermo Paris Porto Prague Quito Reno Riga Rome Saigon Salzburg
    Santorini Seville Siena Sofia Split Stockholm Sydney Tallinn Tampa Tokyo Toledo Tromsø Turin Valencia Venice Verona
    Vienna Warsaw York Zagreb Zürich
    """
)

VERBS = _words(
    """
    breaking burning calling catching chasing climbing crossing dancing drifting driving escaping falling fixing
    floating following guarding hiding hunting keeping leaving losing loving making meeting missing moving opening
    packing painting playing raising reading riding running sailing saving seeking selling sharing singing sleeping
    staying stealing swimming teaching testing touring training trading waiting waking walking washing watching
    """
)

#: Titles that say nothing about which scene it is.
GENERIC_TITLES = (
    "Interview",
    "Behind the Scenes",
    "Scene 1",
    "Scene 2",
    "Casting",
    "Bonus",
    "Trailer",
    "Untitled",
    "Solo",
    "Photo Shoot",
    "Outtakes",
    "Making Of",
    "Introduction",
    "Highlights",
)

#: File names that many folders have.
COMMON_STEMS = (
    "video",
    "movie",
    "1",
    "2",
    "3",
    "01",
    "02",
    "scene",
    "scene1",
    "clip",
    "untitled",
    "output",
    "full",
    "main",
    "1080p",
    "DSC_0001",
    "MVI_0042",
    "GOPR0001",
    "IMG_0001",
    "trailer",
    "download",
    "New Project",
)

STUDIO_HEADS = _words(
    """
    Blue North Sunset Harbour Velvet Lucky Silver Golden Red Wild Urban Night Morning Ocean Paper Neon Crystal Nova
    Orion Atlas Echo Prime Pixel Retro Royal Vista Zenith Coral Maple Falcon Indigo Ivory Jade Lotus Mango Olive Onyx
    Opal Pearl Quartz Raven Ruby Saffron Terra Topaz Ultra Violet Willow Étoile Größe Señora Młoda
    """
)
STUDIO_TAILS = _words(
    """
    Films Media Studio Studios Productions Pictures Club TV House Works Clips Network Originals Lab Factory Street
    Island Digital Vision Company Channel Collective
    """
)

FIRST_NAMES = _words(
    """
    Ada Alba Alice Amélie Ana Andrea Ángela Anna Anouk Astrid Aurélie Beatriz Bianca Björn Bruno Camila Carla Cécile
    Chloé Clara Daniel Daria David Élodie Elena Eliška Emma Erik Eva Fatima Felix Fiona François Freya Gaëlle Greta Hana
    Hanna Helena Hugo Inés Ingrid Irina Isla Jana Jack Jens João José Julia Jürgen Kája Karin Kateřina Kim Klára Laura
    Léa Lena Liam Lina Linn Lola Lucía Łucja Luis Luna Maja Mara Marco María Marta Maya Mia Mila Milan Monika Nadia
    Naomi Nele Nina Noémie Nora Nuria Olga Olivia Oskar Pablo Paula Petra Pia Rafael Renée Rita Rosa Sara Saskia Selma
    Sofia Søren Stella Tereza Théo Tim Tomáš Uma Valentina Vera Věra Viktor Yara Yuki Zara Zoë Zuzana
    """
)
LAST_NAMES = _words(
    """
    Adler Almeida Andersson Arnaud Bauer Becker Bell Berg Bianchi Blanc Blom Bosch Brandão Brown Castro Černá Clark
    Conceição Costa Cruz Dahl Davies Delacroix Díaz Dubois Dvořák Engel Esposito Evans Ferrari Fischer Fontaine Frost
    García Gauthier Gomez González Gray Gruber Haas Hall Hansen Hoffmann Horváth Hughes Ibáñez Jansen Jensen Johansson
    Jones Kaya Keller King Klein Koch Kovács Kowalska Král Kruse Lang Larsen Laurent Lee Lehmann Lindqvist López Lund
    Marín Martin Meyer Miller Moreau Moreno Müller Muñoz Nagy Navarro Nielsen Novák Núñez Olsen Ortiz Østergaard Pereira
    Perez Peters Petit Piñera Popescu Quinn Ramos Reyes Ricci Rossi Roux Ruiz Šafářová Sánchez Santos Schäfer Schmidt
    Schröder Silva Simon Sjöberg Smith Soto Stone Svensson Szabó Taylor Torres Varga Vega Vidal Vogel Wagner Walker
    Weber Weiß White Winter Wójcik Wolf Wood Young Żak Zimmermann
    """
)

RELEASE_GROUPS = _words(
    """
    KTR WRB XLF NBQ iaK CLiP P2P GRP QxR DEViSE TRB
    """
)

#: Words and how they are read: Chinese with pinyin, Japanese with romaji.
CHINESE_PLACES = (
    ("上海", "Shanghai"),
    ("北京", "Beijing"),
    ("广州", "Guangzhou"),
    ("香港", "Xianggang"),
    ("台北", "Taibei"),
    ("西安", "Xian"),
    ("成都", "Chengdu"),
    ("杭州", "Hangzhou"),
    ("李小龙", "Li Xiaolong"),
    ("王丽", "Wang Li"),
    ("陈静", "Chen Jing"),
    ("张伟", "Zhang Wei"),
)
CHINESE_TIMES = (
    ("春天", "Chuntian"),
    ("夏天", "Xiatian"),
    ("秋天", "Qiutian"),
    ("冬天", "Dongtian"),
    ("夜晚", "Yewan"),
    ("早晨", "Zaochen"),
    ("周末", "Zhoumo"),
    ("最后", "Zuihou"),
    ("第一次", "Diyici"),
    ("秘密", "Mimi"),
)
CHINESE_NOUNS = (
    ("故事", "Gushi"),
    ("旅行", "Lüxing"),
    ("爱情", "Aiqing"),
    ("约会", "Yuehui"),
    ("音乐", "Yinyue"),
    ("花园", "Huayuan"),
    ("酒店", "Jiudian"),
    ("朋友", "Pengyou"),
    ("老师", "Laoshi"),
    ("梦想", "Mengxiang"),
    ("雨伞", "Yusan"),
    ("火车", "Huoche"),
)
JAPANESE_WORDS = (
    ("夏", "Natsu"),
    ("海", "Umi"),
    ("思い出", "Omoide"),
    ("東京", "Tokyo"),
    ("夜", "Yoru"),
    ("花", "Hana"),
    ("空", "Sora"),
    ("猫", "Neko"),
    ("夢", "Yume"),
    ("雨", "Ame"),
    ("手紙", "Tegami"),
    ("物語", "Monogatari"),
    ("温泉", "Onsen"),
    ("京都", "Kyoto"),
    ("先生", "Sensei"),
    ("友達", "Tomodachi"),
    ("さくら", "Sakura"),
    ("ひみつ", "Himitsu"),
    ("ホテル", "Hoteru"),
    ("秋", "Aki"),
    ("約束", "Yakusoku"),
    ("風", "Kaze"),
)
#: Feminine nouns and adjectives, so that any two agree.
RUSSIAN_ADJECTIVES = _words(
    """
    тихая белая последняя первая долгая весенняя зимняя чужая новая старая тёмная летняя яркая поздняя ночная московская
    южная северная красная случайная
    """
)
RUSSIAN_NOUNS = _words(
    """
    ночь встреча песня дорога осень комната история станция улица площадь женщина любовь вечеринка поездка гостья
    соседка учительница мечта дача щука зима весна
    """
)

#: Cyrillic by sound, as people write it: the two common habits.
CYRILLIC_PLAIN = dict(
    zip(
        "абвгдеёжзийклмнопрстуфхцчшщыэюя",
        _words("a b v g d e e zh z i y k l m n o p r s t u f kh ts ch sh shch y e yu ya"),
        strict=True,
    )
) | {"ъ": "", "ь": ""}
CYRILLIC_OTHER = CYRILLIC_PLAIN | {"ё": "yo", "й": "j", "х": "h", "щ": "sch", "ю": "ju", "я": "ja", "ц": "c"}
