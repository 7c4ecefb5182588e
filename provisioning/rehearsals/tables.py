"""What becomes of each table of a mall when its rehearsal ends and it opens. Every table is named here (a test says so).

`WIPED`: all rows go. `KEPT`: not a row changes, except that an instant which the rehearsal's clock had passed, and the
world has not, becomes the instant of the opening. `ADJUSTED`: the statements of ADJUSTMENTS, below, decide row by row.
A new table: one line here; if it needs a statement of its own, one there.
"""

# ruff: noqa: S608 - the names of tables and columns are written here, nothing comes from outside

from enum import StrEnum


class Fate(StrEnum):
    """What the opening does to a table."""

    WIPED = "wiped"
    KEPT = "kept"
    ADJUSTED = "adjusted"


WIPED, KEPT, ADJUSTED = Fate.WIPED, Fate.KEPT, Fate.ADJUSTED

FATES: dict[str, Fate] = {
    # framework and people
    "admin.LogEntry": WIPED,
    "contenttypes.ContentType": KEPT,
    "auth.Permission": KEPT,
    "auth.Group": KEPT,
    "auth.Group_permissions": KEPT,
    "sessions.Session": WIPED,  # everybody signs in anew; nobody stays signed in as a test person
    "account.EmailAddress": ADJUSTED,  # of people who are not staff
    "account.EmailConfirmation": WIPED,
    "identity.User": ADJUSTED,  # whoever is not staff goes
    "identity.User_groups": ADJUSTED,
    "identity.User_user_permissions": ADJUSTED,
    "identity.AuditRecord": KEPT,  # who published which rules in the rehearsal stays on record
    "identity.PreparedAction": ADJUSTED,  # what nobody has decided goes; decisions stay
    "identity.SignInCode": WIPED,
    "identity.Attempt": KEPT,  # rate limits know no rehearsal
    "identity.Invitation": KEPT,
    "identity.UsedToken": KEPT,  # a token that was used is never good again
    # the books: proved empty
    "ledger.Account": WIPED,
    "ledger.Entry": WIPED,
    "ledger.Posting": WIPED,
    "ledger.Hold": WIPED,
    "ledger.HoldResolution": WIPED,
    "ledger.Seal": WIPED,
    "ledger.SealedEntry": WIPED,
    "notices.Notice": WIPED,
    "senders.Sender": KEPT,  # the mall's own accounts for messages
    "vault.DataKey": KEPT,  # opens the live credentials
    # members
    "members.Member": WIPED,
    "members.Turnover": WIPED,
    "members.RankGrant": WIPED,
    "members.Address": WIPED,
    # goods: kept, without the test people's; stock that test orders took comes back
    "catalog.Category": KEPT,
    "catalog.Brand": KEPT,
    "catalog.Product": ADJUSTED,
    "catalog.Sku": ADJUSTED,
    "catalog.ProductImage": ADJUSTED,
    "catalog.Zone": KEPT,
    "catalog.Offer": ADJUSTED,
    "catalog.ProductCard": ADJUSTED,
    "catalog.Job": KEPT,
    "catalog.JobRow": KEPT,
    # sellers under contract stay; their owners were test members, so they are linked anew
    "sellers.Seller": ADJUSTED,
    "sellers.Application": WIPED,  # of test members; the seller that came of one keeps its papers
    "sellers.Deduction": WIPED,
    "sellers.EdiLicence": KEPT,
    "sellers.SellerDay": WIPED,
    "sellers.Statement": WIPED,
    "sellers.StatementLine": WIPED,
    # rules stay, what they brought forth goes
    "modes.SettingsVersion": KEPT,
    "modes.ModeRuling": KEPT,
    "modes.SettingsDraft": KEPT,
    "modes.SavedPreset": KEPT,
    "modes.ComplianceAlarm": WIPED,
    "regional.Area": KEPT,
    "regional.Contract": WIPED,
    "partner_membership.Membership": WIPED,
    "gift_pack.GiftPack": KEPT,
    "link21.LinePerson": WIPED,
    "link21.LineOrder": WIPED,
    "subsidy.Pool": WIPED,  # made anew by its first order
    "subsidy.Cohort": WIPED,
    "subsidy.Lot": WIPED,
    "subsidy.Period": WIPED,
    "subsidy.Holder": WIPED,
    "subsidy.Voucher": WIPED,
    "subsidy.VoucherUse": WIPED,
    "subsidy.PoolAction": WIPED,
    "advertising.AdTask": KEPT,
    "advertising.AdIncome": WIPED,
    "advertising.AdDay": WIPED,
    "advertising.AdView": WIPED,
    "coins.CoinLot": WIPED,
    "coins.CoinUse": WIPED,
    # money and orders
    "payments.ChannelCredential": ADJUSTED,  # the sandbox's go, the mall's own stay
    "payments.Payment": WIPED,
    "payments.PaymentRefund": WIPED,
    "payments.Notice": WIPED,
    "promotions.Coupon": ADJUSTED,  # kept, with every number to be had again; those of test sellers go
    "promotions.MemberCoupon": WIPED,
    "counter.BookingPlan": KEPT,
    "counter.Booking": WIPED,
    "counter.CardTerms": KEPT,
    "counter.Card": WIPED,
    "counter.CardUse": WIPED,
    "counter.Told": WIPED,
    "orders.CartLine": WIPED,
    "orders.Order": WIPED,
    "orders.OrderLine": WIPED,
    "orders.Parcel": WIPED,
    "orders.FreightTemplate": KEPT,
    "orders.OrderHistory": WIPED,
    "orders.Refund": WIPED,
    "orders.RefundPart": WIPED,
    "counter.TillCharge": WIPED,
    "courier.CourierAccount": KEPT,  # a rehearsal's is never used by a mall that has opened
    "courier.Errand": WIPED,
    "courier.CourierNotice": WIPED,
    "courier.ParcelWatch": WIPED,
    "counter.CreditStock": WIPED,
    "counter.CreditMove": WIPED,
    "counter.StoreOffer": WIPED,
    "counter.StoreProfile": ADJUSTED,  # of test sellers they go
    "care.Conversation": WIPED,
    "care.Message": WIPED,
    "care.Desk": KEPT,
    "care.Invoice": WIPED,
    "care.Review": WIPED,
    "care.Shelf": WIPED,
    "settlement.OrderSettlement": WIPED,
    "settlement.LineSettlement": WIPED,
    "settlement.Award": WIPED,
    "settlement.SettledRefund": WIPED,
    "settlement.ClawBack": WIPED,
    "settlement.PeriodPayment": WIPED,
    "payouts.Withdrawal": WIPED,
    "design.Branding": KEPT,
}

_NOT_STAFF = "SELECT id FROM {schema}.identity_user WHERE NOT is_staff"
_TEST_GOODS = "SELECT id FROM {schema}.catalog_product WHERE ulid = ANY(%(products)s) OR seller_ulid = ANY(%(sellers)s)"
_TEST_SKUS = "SELECT id FROM {schema}.catalog_sku WHERE product_id IN (" + _TEST_GOODS + ")"

# In this order, before the wiped tables are emptied. `products` and `sellers` are the ULIDs that test people made.
ADJUSTMENTS: tuple[tuple[str, str], ...] = (
    (
        "catalog.Sku",
        "UPDATE {schema}.catalog_sku AS s SET stock = s.stock + t.taken FROM (SELECT l.sku_ulid, sum(l.qty - l.restocked_qty) AS taken"
        " FROM {schema}.orders_orderline AS l JOIN {schema}.orders_order AS o ON o.id = l.order_id"
        " WHERE o.state <> 'cancelled' GROUP BY l.sku_ulid) AS t WHERE s.ulid = t.sku_ulid",
    ),
    (
        "catalog.Sku",  # pieces that left as replacements and whose likes did not come back
        "UPDATE {schema}.catalog_sku AS s SET stock = s.stock + t.taken FROM (SELECT l.sku_ulid, sum(p.qty - p.restocked_qty) AS taken"
        " FROM {schema}.orders_refundpart AS p JOIN {schema}.orders_refund AS r ON r.id = p.refund_id"
        " JOIN {schema}.orders_orderline AS l ON l.id = p.line_id"
        " WHERE r.service = 'exchange' AND r.replacement_number <> '' GROUP BY l.sku_ulid) AS t WHERE s.ulid = t.sku_ulid",
    ),
    ("account.EmailAddress", "DELETE FROM {schema}.account_emailaddress WHERE user_id IN (" + _NOT_STAFF + ")"),
    ("identity.User_groups", "DELETE FROM {schema}.identity_user_groups WHERE user_id IN (" + _NOT_STAFF + ")"),
    (
        "identity.User_user_permissions",
        "DELETE FROM {schema}.identity_user_user_permissions WHERE user_id IN (" + _NOT_STAFF + ")",
    ),
    ("identity.User", "DELETE FROM {schema}.identity_user WHERE NOT is_staff"),
    ("identity.PreparedAction", "DELETE FROM {schema}.identity_preparedaction WHERE state = 'open'"),
    ("catalog.Offer", "DELETE FROM {schema}.catalog_offer WHERE sku_id IN (" + _TEST_SKUS + ")"),
    ("catalog.ProductCard", "DELETE FROM {schema}.catalog_productcard WHERE product_id IN (" + _TEST_GOODS + ")"),
    ("catalog.ProductCard", "UPDATE {schema}.catalog_productcard SET sold = 0 WHERE sold <> 0"),
    ("catalog.Product", "UPDATE {schema}.catalog_product SET sold = 0 WHERE sold <> 0"),
    ("catalog.ProductImage", "DELETE FROM {schema}.catalog_productimage WHERE product_id IN (" + _TEST_GOODS + ")"),
    ("catalog.Sku", "DELETE FROM {schema}.catalog_sku WHERE id IN (" + _TEST_SKUS + ")"),
    ("catalog.Product", "DELETE FROM {schema}.catalog_product WHERE id IN (" + _TEST_GOODS + ")"),
    ("promotions.Coupon", "DELETE FROM {schema}.promotions_coupon WHERE seller_ulid = ANY(%(sellers)s)"),
    ("promotions.Coupon", "UPDATE {schema}.promotions_coupon SET taken_qty = 0 WHERE taken_qty <> 0"),
    (
        "counter.StoreProfile",
        "DELETE FROM {schema}.counter_storeprofile WHERE seller_ulid = ANY(%(sellers)s)",
    ),
    ("sellers.Seller", "DELETE FROM {schema}.sellers_seller WHERE ulid = ANY(%(sellers)s)"),
    (
        "sellers.Seller",
        "UPDATE {schema}.sellers_seller SET owner_id = NULL, referrer_id = NULL, referrer_since = NULL, level = 1,"
        " staff = '[]'::jsonb, payee = '{}'::jsonb",
    ),
    ("payments.ChannelCredential", "DELETE FROM {schema}.payments_channelcredential WHERE purpose = 'rehearsal'"),
)

# Events of the mall's calendar that outlive its rehearsal; every other one belongs to what is wiped.
KEPT_TOPICS: tuple[str, ...] = ("mode.ruling_due", "product.shelf_due")
