"""The town as drawn by hand: rivers, main roads, communities, open land, names. All of it is invented.

Coordinates are metres from the lower left corner of the sheet; ``ORIGIN`` carries them to EPSG:4546.
"""

from __future__ import annotations

from dataclasses import dataclass

Path = tuple[tuple[float, float], ...]

SEED = 20240530
CRS = "EPSG:4546"
ORIGIN = (381700.0, 3008500.0)
"""EPSG:4546 coordinates of (0, 0); the sheet's middle lies near 109.83 E, 27.20 N. A multiple of 100 m."""

OUTLINE: Path = (
    (100, 850), (60, 1250), (110, 1650), (60, 2100), (300, 2330), (560, 2700), (900, 2840), (1180, 2780),
    (1340, 2640), (1560, 2650), (1760, 2900), (2080, 2960), (2380, 2880), (2560, 2620), (2700, 2440), (3050, 2450),
    (3420, 2560), (3700, 2300), (3800, 1900), (3720, 1500), (3800, 1100), (3660, 720), (3420, 480), (3000, 300),
    (2760, 90), (2250, 30), (1750, 110), (1350, 0), (860, 60), (480, 260), (330, 560),
)  # fmt: skip
"""Edge of the town that is planned for."""

RIVERS: dict[str, tuple[float, Path]] = {
    "澄江": (
        170,
        ((-300, 1420), (250, 1310), (750, 1080), (1250, 960), (1700, 1060), (2130, 1250), (2560, 1190), (2950, 930),
         (3400, 760), (4100, 740)),
    ),
    "杉溪": (
        76,
        ((2100, 3360), (2020, 2870), (1930, 2580), (2030, 2280), (1980, 1970), (1830, 1700), (1790, 1450),
         (1880, 1140)),
    ),
}  # fmt: skip
"""Name -> (width in metres, centre line)."""


@dataclass(frozen=True)
class Road:
    """A main road: drawn through its points as a smooth curve; only a bridge may cross water."""

    name: str
    path: Path
    divides: bool = True
    """Community boundaries run along it."""


BRIDGES: tuple[str, ...] = ("西桥路", "橘乡大道", "溪东路")
"""Roads that cross the water, each once; the town has no other crossing."""

ROADS: tuple[Road, ...] = (
    Road("橘乡大道", ((50, 1750), (410, 1780), (790, 1820), (1230, 1850), (1680, 1780), (2030, 1730),
         (2360, 1750), (2660, 1730), (2980, 1670), (3400, 1610), (3850, 1560))),
    Road("西桥路", ((740, 3030), (790, 2580), (800, 2300), (790, 1820), (810, 1480), (830, 1120),
         (850, 710), (830, 230), (820, 0))),
    Road("正街", ((1220, 3120), (1220, 2800), (1210, 2330), (1230, 1850), (1320, 1500), (1390, 1160),
         (1405, 1030), (1408, 950))),
    Road("钟楼街", ((800, 1500), (1070, 1520), (1320, 1500), (1560, 1480), (1820, 1440))),
    Road("北关路", ((80, 2180), (270, 2210), (800, 2300), (1210, 2330), (1560, 2350), (2030, 2350))),
    Road("溪东路", ((2380, 2990), (2370, 2660), (2320, 2210), (2360, 1750), (2320, 1440),
         (2300, 1230), (2260, 980), (2210, 690), (2180, 210), (2170, 0))),
    Road("文峰路", ((2000, 2170), (2320, 2210), (2620, 2210), (2920, 2180), (3280, 2210), (3770, 2300))),
    Road("东湖路", ((2920, 2180), (2970, 1910), (2980, 1670), (2930, 1350), (2850, 990))),
    Road("湖滨路", ((2950, 1410), (3200, 1340), (3440, 1280), (3670, 1230)), divides=False),
    Road("江南大道", ((50, 760), (410, 730), (850, 710), (1230, 660), (1640, 660), (2210, 690),
         (2660, 620), (3030, 520), (3610, 330))),
    Road("学府路", ((1280, 1040), (1250, 820), (1230, 660), (1210, 410), (1210, 120)), divides=False),
    Road("渡南街", ((1745, 1130), (1740, 1090), (1710, 900), (1690, 660), (1710, 390), (1720, 120),
         (1720, 0))),
    Road("南苑路", ((2730, 1090), (2670, 860), (2660, 620), (2600, 390), (2560, 160)), divides=False),
    Road("西环路", ((200, 1260), (210, 1750), (290, 2200), (590, 2580), (930, 2700), (1270, 2550),
         (1600, 2550), (1840, 2730), (2000, 2790)), divides=False),
    Road("东环路", ((1995, 2785), (2340, 2740), (2520, 2500), (2720, 2330), (3080, 2330),
         (3390, 2390), (3590, 2170), (3660, 1800), (3590, 1400), (3610, 780)), divides=False),
    Road("南环路", ((230, 1240), (260, 800), (420, 500), (860, 190), (1350, 120), (1750, 220),
         (2250, 140), (2650, 190), (2930, 400), (3280, 540), (3440, 760)), divides=False),
)  # fmt: skip


@dataclass(frozen=True)
class Community:
    """A community: the land nearest to its seeds, among the pieces that roads and rivers cut."""

    id: str
    name: str
    age_class: str
    fabric: str
    """How its streets look: old, mature, new or village."""
    seeds: Path
    density: float
    """Persons per hectare of dwelling land, before scaling to the town's total."""
    elderly: float
    children: float
    """Relative shares of age groups, before calibration."""
    m2_per_person: float
    commercial: float
    """Existing commercial and service area as a share of total floor area."""


COMMUNITIES: tuple[Community, ...] = (
    Community("C01", "古渡社区", "old", "old",
              ((1600, 1300),), 310, 0.34, 0.11, 34, 0.148),
    Community("C02", "钟楼社区", "old", "old",
              ((1520, 1660), (1070, 1660)), 270, 0.30, 0.12, 35, 0.131),
    Community("C03", "机厂社区", "old", "mature",
              ((510, 2010),), 150, 0.38, 0.10, 36, 0.082),
    Community("C04", "橘园社区", "mature", "mature",
              ((490, 1510), (1050, 1310)), 165, 0.20, 0.16, 40, 0.094),
    Community("C05", "北关社区", "mature", "mature",
              ((1010, 2090), (1570, 2070)), 180, 0.20, 0.17, 40, 0.102),
    Community("C06", "松坡社区", "mature", "village",
              ((570, 2540), (1000, 2560), (1560, 2500)), 85, 0.31, 0.14, 42, 0.071),
    Community("C07", "溪东社区", "mature", "mature",
              ((2150, 1980), (2100, 1500), (2150, 2500)), 190, 0.19, 0.17, 40, 0.108),
    Community("C08", "文峰社区", "mature", "mature",
              ((2620, 1970), (2620, 1480), (2600, 2300)), 165, 0.18, 0.18, 41, 0.096),
    Community("C09", "渡南社区", "mature", "mature",
              ((1960, 860),), 185, 0.27, 0.14, 38, 0.112),
    Community("C10", "东湖新城社区", "new", "new",
              ((3280, 1900), (3280, 1230), (3200, 2300)), 125, 0.08, 0.24, 43, 0.0985),
    Community("C11", "江南新城社区", "new", "new",
              ((490, 490), (1230, 410), (570, 940), (1310, 840)), 112, 0.07, 0.25, 43, 0.0972),
    Community("C12", "南苑新村社区", "new", "new",
              ((2620, 490), (2500, 940), (1970, 410)), 100, 0.13, 0.20, 38, 0.104),
)  # fmt: skip


@dataclass(frozen=True)
class Open:
    """Land where nobody lives: an ellipse; ``streets`` tells whether lanes run through it."""

    name: str
    x: float
    y: float
    rx: float
    ry: float
    streets: bool = False


OPEN_LAND: tuple[Open, ...] = (
    Open("松坡山", 1430, 2440, 130, 60),
    Open("货场", 2920, 580, 150, 80, streets=True),
    Open("预留用地", 470, 600, 120, 90, streets=True),
    Open("文峰山", 2750, 2290, 150, 60),
    Open("东湖公园", 3250, 1530, 170, 90),
    Open("机械厂", 460, 2390, 160, 90, streets=True),
    Open("第一中学", 1480, 2030, 90, 70),
    Open("职业学校", 1020, 390, 120, 80),
    Open("汽车站", 2530, 1830, 70, 60, streets=True),
    Open("江南公园", 1060, 790, 130, 55),
    Open("东湖小学", 3330, 1840, 70, 50),
    Open("文庙", 1460, 1380, 50, 40, streets=True),
)

SCHOOL_GATES: Path = ((1480, 1950), (1020, 480), (3330, 1780), (1190, 1630), (2210, 1930), (2710, 740))
"""Main gates of schools: no breakfast stall within 100 m (a rule of other places, taken over for illustration)."""

LANES: dict[str, str] = {
    "old": (
        "青石 盐行 米行 染坊 竹器 书院 水井 桂花 油榨 木行 祠堂 会馆 "
        "码头 豆腐 铁匠 药王 柳荫 双桥 绣花 灯笼 月塘 石狮 当铺 伞铺"
    ),
    "mature": (
        "建设 橘香 工农 新安 育才 枇杷 和平 幸福 百果 胜利 兴隆 长青 "
        "友谊 光明 香樟 团结 红砖 电影院 粮库 供销 邮电 农机 朝阳 向阳"
    ),
    "new": ("锦绣 和润 望江 春晖 明德 云栖 揽翠 知行 长乐 安澜 芙蓉 听涛 新月 嘉禾 景明 致远 兰亭 江月 金橘 澄碧"),
    "village": "松坡 杉树湾 上屋场 下屋场 塘边 杨梅冲 竹林 茶亭 石板 水田 瓦窑 岩门",
}
LANE_ENDINGS: dict[str, str] = {"old": "巷", "mature": "路", "new": "街", "village": "村道"}
