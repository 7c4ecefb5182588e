"""The merchant and the store inside each demo mall: who they are, what they sell, and what the mall offers besides."""

from dataclasses import dataclass

from saas.runtime.demo_goods.people import Person
from tenant_apps.counter.rules.hours import Span, Week
from tenant_apps.sellers.rules import SellerKind
from tenant_apps.sellers.services import Handover

_DAILY: Week = ((Span(540, 1320),),) * 7  # 9:00 to 22:00


@dataclass(frozen=True)
class StoreFacts:
    """What makes a seller a store: its place and hours, and the visit card that it sells."""

    intro: str
    services: tuple[str, ...]
    place: Handover
    card: str
    card_amount: int  # fen, for all its visits
    visits: int
    week: Week = _DAILY


@dataclass(frozen=True)
class Shop:
    """A seller of a demo mall with its owner; `products` are rows as in the mall's own table (catalog.parse)."""

    kind: SellerKind
    name: str
    owner: Person
    licence_name: str
    licence_number: str
    area_code: str
    rate_ppm: int
    products: str
    store: StoreFacts | None = None


def _owner(name: str, phone: str, shown: str, area: tuple[str, str, str], street: str) -> Person:
    return Person(name, phone, "", False, shown, area, street)


SHOPS = {
    "grocery": (
        Shop(
            SellerKind.MERCHANT,
            "武夷岩茶社",
            _owner(
                "程岩",
                "13900000131",
                "merchant (Mine, My shops)",
                ("350000", "350700", "350782"),
                "星村镇茶场路9号",
            ),
            "武夷山星村茶业有限公司",
            "91350782MADEMO0003",
            "",
            50_000,
            """
tea|tin|25|武夷大红袍|岩骨花香，足火慢焙|规格=50g:88.0,125g:198.0|福建武夷山
tea|tin|350|武夷肉桂|桂皮辛香，七泡有余香|规格=50g:78.0,125g:178.0|福建武夷山
tea|box|60|岩茶品鉴装|五款各两泡|规格=8g×10:99.0|福建武夷山
""",
        ),
        Shop(
            SellerKind.STORE,
            "青禾·文三路茶空间",
            _owner(
                "何婉",
                "13900000132",
                "keeper of a store (Mine, My shops)",
                ("330000", "330100", "330106"),
                "文三路90号",
            ),
            "杭州文三茶空间餐饮店",
            "91330106MADEMO0004",
            "330106",
            60_000,
            """
tea|tin|110|现焙龙井|当日焙火，到店自提|规格=50g:98.0|浙江杭州
bakery|cookies|35|茶点双拼|绿豆糕与桃酥|规格=1份:28.0|门店现做
""",
            StoreFacts(
                intro="喝一杯手冲龙井，学一泡好茶。",
                services=("手冲体验", "茶艺课", "包间"),
                place=Handover(
                    place_text="文三路 90 号东部软件园东门",
                    place_phone="0571-88880000",
                    latitude_e6=30_274_150,
                    longitude_e6=120_130_660,
                    offers_pickup=True,
                    offers_delivery=True,
                    delivery_minimum_amount=3_000,
                    delivery_fee_amount=500,
                ),
                card="手冲体验三次卡",
                card_amount=18_000,
                visits=3,
            ),
        ),
    ),
    "beauty": (
        Shop(
            SellerKind.MERCHANT,
            "云南花植工坊",
            _owner(
                "木兰",
                "13900000231",
                "merchant (Mine, My shops)",
                ("530000", "530100", "530114"),
                "斗南花市路6号",
            ),
            "昆明花植日化有限公司",
            "91530114MADEMO0005",
            "",
            80_000,
            """
bath|box|340|手工玫瑰皂|冷制三十天，花瓣可见|规格=100g:32.0,100g×3:88.0|日常清洁
candle|candle|285|薰衣草大豆蜡烛|燃烧三十小时|规格=120g:79.0|卧室
""",
        ),
        Shop(
            SellerKind.STORE,
            "芍药·富民路护理馆",
            _owner(
                "简宁",
                "13900000232",
                "keeper of a store (Mine, My shops)",
                ("310000", "310100", "310106"),
                "富民路182号",
            ),
            "上海芍药护理美容馆",
            "91310106MADEMO0006",
            "310106",
            60_000,
            """
mask|sachet|340|馆用舒缓面膜|护理后带走一盒|规格=5片:69.0|舒缓
""",
            StoreFacts(
                intro="六十分钟，只做清洁与补水。",
                services=("面部清洁", "补水护理", "手部护理"),
                place=Handover(
                    place_text="富民路 182 号",
                    place_phone="021-66660000",
                    latitude_e6=31_217_300,
                    longitude_e6=121_449_800,
                    offers_pickup=True,
                ),
                card="面部护理五次卡",
                card_amount=88_000,
                visits=5,
            ),
        ),
    ),
}
