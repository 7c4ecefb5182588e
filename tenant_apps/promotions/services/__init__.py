"""Writes of promotions; other packages call them as `promotions.reserve(…)`."""

from tenant_apps.promotions.services.flashing import (
    FlashInvalid,
    FlashSoldOut,
    make_flash_sale,
    return_pieces,
    take_pieces,
)
from tenant_apps.promotions.services.inviting import give_for_first_order, give_for_registration, take_back_given
from tenant_apps.promotions.services.offering import CouponInvalid, end_coupon, make_coupon
from tenant_apps.promotions.services.own_flashing import (
    FlashNotAllowed,
    TooManyFlashSales,
    end_own_flash_sale,
    made_by_shop,
    make_own_flash_sale,
)
from tenant_apps.promotions.services.taking import CouponNotForYou, CouponsGone, CouponTaken, take_coupon
from tenant_apps.promotions.services.using import CouponInUse, consume, give_back, release, reserve

__all__ = [
    "CouponInUse",
    "CouponInvalid",
    "CouponNotForYou",
    "CouponTaken",
    "CouponsGone",
    "FlashInvalid",
    "FlashNotAllowed",
    "FlashSoldOut",
    "TooManyFlashSales",
    "consume",
    "end_coupon",
    "end_own_flash_sale",
    "give_back",
    "give_for_first_order",
    "give_for_registration",
    "made_by_shop",
    "make_coupon",
    "make_flash_sale",
    "make_own_flash_sale",
    "release",
    "reserve",
    "return_pieces",
    "take_back_given",
    "take_coupon",
    "take_pieces",
]
