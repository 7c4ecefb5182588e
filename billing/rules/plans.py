"""What a plan may promise: typed features, and the three plans that every installation starts with. Pure."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field, field_validator

from billing.rules.fees import FeeTier
from saas.tenants.approvals import MODE_KEYS


class Period(StrEnum):
    """What a price is paid for."""

    MONTH = "month"
    YEAR = "year"


class PlanFeatures(BaseModel):
    """The entitlements of a plan. None means no limit. Copied to the mall's cell, which enforces them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    staff_max: int | None = Field(ge=1)
    products_max: int | None = Field(ge=1)
    orders_month_max: int | None = Field(ge=1)
    sms_month_max: int | None = Field(default=None, ge=0)
    storage_mb: int = Field(ge=100)
    traffic_month_gb: int | None = Field(default=None, ge=1)
    own_domain: bool
    dedicated_server: bool
    modes: tuple[str, ...]  # what may be switched on; flagged modes need an operator's approval besides

    @field_validator("modes")
    @classmethod
    def _known(cls, modes: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := sorted(set(modes) - set(MODE_KEYS)):
            raise ValueError(f"no such mode: {', '.join(unknown)}")
        return modes


class PlanSeed(BaseModel):
    """A plan as it is seeded; operators change the row afterwards."""

    model_config = ConfigDict(frozen=True)

    code: str
    position: int
    name: str
    name_en: str
    description: str
    description_en: str
    price_fen: int = Field(ge=0)
    period: Period
    highlighted: bool
    trial_days: int = Field(ge=0)
    fee_tiers: tuple[FeeTier, ...] = ()
    features: PlanFeatures


SEEDS: tuple[PlanSeed, ...] = (
    PlanSeed(
        code="starter",
        position=1,
        name="启航版",
        name_en="Starter",
        description="一个品牌、一个商城,把第一批老客变成推荐人。",
        description_en="One brand, one mall: turn your first customers into people who recommend you.",
        price_fen=39_900,
        period=Period.MONTH,
        highlighted=False,
        trial_days=14,
        fee_tiers=(
            FeeTier(up_to_fen=10_000_000, rate_ppm=0),
            FeeTier(up_to_fen=100_000_000, rate_ppm=6_000),
            FeeTier(up_to_fen=None, rate_ppm=3_000),
        ),
        features=PlanFeatures(
            staff_max=3,
            products_max=200,
            orders_month_max=1_000,
            sms_month_max=500,
            storage_mb=2_048,
            traffic_month_gb=100,
            own_domain=False,
            dedicated_server=False,
            modes=("distribution", "partner_membership"),
        ),
    ),
    PlanSeed(
        code="growth",
        position=2,
        name="成长版",
        name_en="Growth",
        description="自有域名、更多员工与商品,订单多起来也不慌。",
        description_en="Your own domain, more staff and products, and room for the orders that follow.",
        price_fen=129_900,
        period=Period.MONTH,
        highlighted=True,
        trial_days=14,
        fee_tiers=(FeeTier(up_to_fen=100_000_000, rate_ppm=0), FeeTier(up_to_fen=None, rate_ppm=3_000)),
        features=PlanFeatures(
            staff_max=20,
            products_max=5_000,
            orders_month_max=20_000,
            sms_month_max=10_000,
            storage_mb=20_480,
            traffic_month_gb=1_000,
            own_domain=True,
            dedicated_server=False,
            modes=MODE_KEYS,
        ),
    ),
    PlanSeed(
        code="enterprise",
        position=3,
        name="企业版",
        name_en="Enterprise",
        description="独立服务器、不限商品与订单,专人协助上线。",
        description_en="A server of your own, no limit on products or orders, and a person who helps you launch.",
        price_fen=5_980_000,
        period=Period.YEAR,
        highlighted=False,
        trial_days=30,
        features=PlanFeatures(
            staff_max=None,
            products_max=None,
            orders_month_max=None,
            sms_month_max=None,
            storage_mb=204_800,
            traffic_month_gb=None,
            own_domain=True,
            dedicated_server=True,
            modes=MODE_KEYS,
        ),
    ),
)


class ExtraSeed(BaseModel):
    """A paid extra as it is seeded; operators change the row afterwards."""

    model_config = ConfigDict(frozen=True)

    code: str
    position: int
    name: str
    name_en: str
    description: str
    description_en: str
    price_fen: int = Field(ge=0)
    feature: str
    value: int | bool | str


EXTRAS: tuple[ExtraSeed, ...] = (
    ExtraSeed(
        code="staff_5",
        position=1,
        name="员工账号 +5",
        name_en="5 more staff accounts",
        description="再添 5 个后台员工账号。",
        description_en="Five more people in the back office.",
        price_fen=4_900,
        feature="staff_max",
        value=5,
    ),
    ExtraSeed(
        code="products_1000",
        position=2,
        name="商品数 +1000",
        name_en="1,000 more products",
        description="再上架 1000 种商品。",
        description_en="A thousand more products on the shelf.",
        price_fen=5_900,
        feature="products_max",
        value=1_000,
    ),
    ExtraSeed(
        code="orders_5000",
        position=3,
        name="每月订单 +5000",
        name_en="5,000 more orders a month",
        description="每个自然月多接 5000 单。",
        description_en="Five thousand more orders in each calendar month.",
        price_fen=9_900,
        feature="orders_month_max",
        value=5_000,
    ),
    ExtraSeed(
        code="sms_1000",
        position=4,
        name="每月短信 +1000",
        name_en="1,000 more text messages a month",
        description="每个自然月多发 1000 条短信(运营商费用另计)。",
        description_en="A thousand more in each calendar month; the provider's price comes on top.",
        price_fen=1_900,
        feature="sms_month_max",
        value=1_000,
    ),
    ExtraSeed(
        code="storage_10g",
        position=5,
        name="存储空间 +10 GB",
        name_en="10 GB more storage",
        description="图片和文件再多 10 GB。",
        description_en="Ten more gigabytes for pictures and files.",
        price_fen=2_900,
        feature="storage_mb",
        value=10_240,
    ),
    ExtraSeed(
        code="traffic_100g",
        position=6,
        name="每月流量 +100 GB",
        name_en="100 GB more traffic a month",
        description="每个自然月多 100 GB 页面与图片流量。",
        description_en="A hundred more gigabytes of pages and pictures in each calendar month.",
        price_fen=2_900,
        feature="traffic_month_gb",
        value=100,
    ),
    ExtraSeed(
        code="own_domain",
        position=7,
        name="自有域名",
        name_en="Own domain",
        description="商城可以绑定自己的域名。",
        description_en="The mall answers under a domain of its own.",
        price_fen=9_900,
        feature="own_domain",
        value=True,
    ),
)
