"""The terms under which a seller takes vouchers of the subsidy in payment, by version; a text never changes, it gets a successor (MODES 11e). Pure."""

from django.utils.translation import gettext_noop as _

CURRENT = 1
TEXTS: dict[int, tuple[str, ...]] = {
    1: (
        _("A voucher pays like money for your goods, up to the part of an order that the mall allows. Freight is always paid in money."),
        _("The mall pays you every voucher in full with your statement, less your concession on it, out of a reserve that holds one fen for each fen of unspent vouchers."),
        _("Your concession on what vouchers pay goes into the subsidy pool. It grants no points to anybody unless the mall says so."),
        _("You treat shoppers who pay by voucher like all others: same price, same goods, same service. Nobody may buy, sell, cash or pass on a voucher, and you give no change for one."),
        _("When an order is refunded, the vouchers go back to the shopper, and what you were paid for them is taken off your next statement."),
        _("You may end this any day on this page. Orders placed before keep the vouchers they were placed with."),
    ),
}  # fmt: skip
