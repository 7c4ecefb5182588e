"""The menu (USERS 5.1, as far as it exists) and which roles see what. The owner sees everything."""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from saas.identity.roles import Role


class Entry(NamedTuple):
    """One line of the menu; without roles everybody on the staff sees it."""

    title: str | Promise
    icon: str
    page: str
    roles: tuple[Role, ...] = ()
    args: tuple[str, ...] = ()


GOODS = (Role.GOODS,)
ORDERS = (Role.ORDERS,)
MEMBERS = (Role.ORDERS, Role.FINANCE)
FINANCE = (Role.FINANCE,)
BOOKS = (Role.FINANCE, Role.AUDITOR)
OWNER = (Role.OWNER,)

MENU: tuple[tuple[str | Promise, tuple[Entry, ...]], ...] = (
    ("", (Entry(_("Home"), "home", "index"),)),
    (
        _("Trade"),
        (
            Entry(_("Goods"), "inventory_2", "goods", GOODS),
            Entry(_("Categories"), "category", "categories", GOODS),
            Entry(_("Brands"), "sell", "brands", GOODS),
            Entry(_("Zones"), "category_search", "zones", GOODS),
            Entry(_("Import and export"), "import_export", "jobs", GOODS),
            Entry(_("Orders"), "receipt_long", "orders", (Role.ORDERS, Role.FINANCE)),
            Entry(_("Shipping"), "package_2", "shipping", ORDERS),
            Entry(_("Pickups"), "storefront", "pickups", ORDERS),
            Entry(_("Couriers"), "moped", "errands", (Role.ORDERS, Role.FINANCE)),
            Entry(_("Freight templates"), "local_shipping", "freight", (Role.FINANCE, Role.GOODS)),
            Entry(_("Refunds"), "undo", "refunds", ORDERS),
            Entry(_("Coupons"), "confirmation_number", "coupons", (Role.FINANCE, Role.GOODS)),
            Entry(_("Flash sales"), "bolt", "flash_sales", (Role.FINANCE, Role.GOODS)),
            Entry(_("Store cards"), "loyalty", "store_cards", (Role.ORDERS, Role.FINANCE)),
            Entry(_("Bookings"), "event", "bookings", ORDERS),
            Entry(_("Cards on offer"), "add_card", "card_offers", (Role.GOODS, Role.FINANCE)),
            Entry(_("After-sales"), "support_agent", "cases", ORDERS),
            Entry(_("Buyers' invoices"), "request_quote", "buyer_invoices", (Role.FINANCE, Role.ORDERS)),
            Entry(_("Customer service"), "forum", "talks", ORDERS),
            Entry(_("Reviews"), "reviews", "reviews", ORDERS),
            Entry(_("Gift packs"), "redeem", "packs", GOODS),
            Entry(_("Sellers"), "store", "sellers", (Role.FINANCE, Role.GOODS)),
            Entry(_("Products to look at"), "fact_check", "listings", GOODS),
            Entry(_("Shop applications"), "assignment_ind", "applications", (Role.FINANCE, Role.GOODS)),
            Entry(_("Tills"), "point_of_sale", "tills", FINANCE),
            Entry(_("Members"), "group", "members", MEMBERS),
            Entry(_("Areas and agents"), "map", "regions", MEMBERS),
            Entry(_("Partners"), "card_membership", "partners", FINANCE),
            Entry(_("Ads"), "campaign", "ads", (Role.GOODS, Role.FINANCE)),
        ),
    ),
    (
        _("Money"),
        (
            Entry(_("Money rules"), "account_tree", "modes", FINANCE),
            Entry(_("Preview"), "query_stats", "preview", FINANCE),
            Entry(_("Projection"), "show_chart", "projection", FINANCE),
            Entry(_("Subsidy pool"), "water_drop", "pool", BOOKS),
            Entry(_("Settlement terms"), "tune", "settings", FINANCE, ("settlement",)),
            Entry(_("Freight and checkout"), "local_shipping", "settings", FINANCE, ("orders",)),
            Entry(_("Withdrawals"), "payments", "withdrawals", FINANCE),
            Entry(_("Statements"), "receipt", "statements", BOOKS),
            Entry(_("Awards"), "redeem", "awards", BOOKS),
            Entry(_("The mall's own account"), "storefront", "house", BOOKS),
            Entry(_("Debts"), "money_off", "debts", BOOKS),
            Entry(_("Books"), "account_balance", "money", BOOKS),
            Entry(_("Two persons"), "group_add", "prepared_list", (*BOOKS, Role.COMPLIANCE)),
            Entry(_("Payment account"), "key", "channel", FINANCE),
        ),
    ),
    (
        _("Mall"),
        (
            Entry(_("Brand and texts"), "palette", "brand", OWNER),
            Entry(_("Rehearsal"), "fast_forward", "rehearsal", OWNER),
            Entry(_("Opening the mall"), "rocket_launch", "launch", OWNER),
            Entry(_("SMS and mail"), "sms", "senders", OWNER),
            Entry(_("Courier service"), "moped", "courier_account", OWNER),
            Entry(_("Parcel tracking"), "package_2", "tracker", OWNER),
            Entry(_("Sent messages"), "outgoing_mail", "notices", (Role.OWNER, Role.ORDERS)),
            Entry(_("Staff"), "badge", "staff", OWNER),
            Entry(_("Compliance"), "gavel", "compliance", (Role.COMPLIANCE, Role.AUDITOR)),
            Entry(_("Audit trail"), "history", "audit", (Role.OWNER, Role.FINANCE, Role.AUDITOR)),
            Entry(_("From the platform"), "campaign", "platform"),
        ),
    ),
)
