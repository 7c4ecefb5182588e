"""Every kind of notice: its texts (English msgids; locale/ has the Chinese) and whether it holds a secret.

Add a kind here and its translation there; `{placeholders}` are filled from the context. An SMS is the body alone.
"""

import string
from dataclasses import dataclass

from django.utils.translation import gettext_noop as _


@dataclass(frozen=True)
class Kind:
    """Subject (e-mail only) and body. `secret`: the body is wiped once it has gone out.

    `essential`: sent from the month's reserve, too; without it people cannot get in.
    """

    subject: str
    body: str
    secret: bool = False
    essential: bool = False


KINDS: dict[str, Kind] = {
    "sign_in_code": Kind(
        _("Your code: {code}"),
        _("Your code is {code}. It is valid for {minutes} minutes. Do not pass it on to anybody."),
        secret=True,
        essential=True,
    ),
    "password_reset": Kind(
        _("Set a new password"),
        _("Open this link to set a new password: {url} If you did not ask for it, do nothing."),
        secret=True,
        essential=True,
    ),
    "staff_invitation": Kind(
        _("You are invited to work in {mall}"),
        _("You are invited to work in the back office of {mall}. Open within {hours} hours: {url}"),
        secret=True,
    ),
    "mall_ready": Kind(_("{mall} is ready"), _("Your mall {mall} has been set up. Its address: {url}")),
    "mall_failed": Kind(
        _("{mall} could not be set up"),
        _("Setting up {mall} did not succeed; our operators have been told and will write to you."),
    ),
    "order_paid": Kind(_("Order {number} is paid"), _("Thank you. Your order {number} is paid: {amount} yuan.")),
    "order_shipped": Kind(
        _("Order {number} is on its way"),
        _("Your order {number} is on its way with {carrier}, tracking number {tracking}."),
    ),
    "refund_done": Kind(
        _("Refund for order {number}"), _("{amount} yuan for order {number} are on their way back to you.")
    ),
    "case_moved": Kind(
        _("Your request for order {number}"),
        _("Your after-sales request for order {number} has moved on. Look at it under Mine, Notices."),
    ),
    "buyer_invoice_issued": Kind(
        _("The invoice of order {number}"),
        _("The invoice of your order {number} has been issued. Download it under Mine, My invoices."),
    ),
    "withdrawal_paid": Kind(_("Withdrawal paid"), _("Your withdrawal of {amount} yuan has been paid.")),
    "withdrawal_rejected": Kind(
        _("Withdrawal not approved"), _("Your withdrawal of {amount} yuan was not approved: {reason}")
    ),
    "application_answered": Kind(
        _("Your application for “{shop}”"),
        _("The mall has answered your application for the shop “{shop}”. Look at it under Mine, Open a shop."),
    ),
    "product_answered": Kind(
        _("A product of “{shop}”"),
        _("The mall has looked at a product of your shop “{shop}”. Read its answer under Mine, My shop, Products."),
    ),
    "payee_asked": Kind(
        _("Another account for “{shop}”"),
        _(
            "Another account (ending in {tail}) was asked for, to pay your shop “{shop}” to. If that was not you, take it back under Mine, My shop, Shop settings."
        ),
    ),
    "shop_invitation": Kind(
        _("You are invited to work in the shop “{shop}”"),
        _("You are invited to work in the shop “{shop}”. Sign in with this number and answer under Mine, My shop."),
    ),
    "store_offer": Kind(
        _("An order for “{shop}” to bring"),
        _(
            "The mall offers your store “{shop}” an order to bring. Answer within {minutes} minutes under Mine, My shop."
        ),
    ),
    "seller_licence": Kind(
        _("A licence of “{shop}” runs out"),
        _(
            "A licence of your shop “{shop}” is valid until {day}. Hand in the new one under Mine, My shop; without it the shop is paused."
        ),
    ),
    "flash_sale_made": Kind(
        _("A flash sale in “{shop}”"),
        _(
            "“{goods}” of your shop “{shop}” is in a flash sale at {price} yuan from {start} on. Ask the mall if that is not agreed."
        ),
    ),
    "card_bought": Kind(
        _("Your card “{card}”"),
        _("Your card “{card}” of “{shop}” is ready, with {left}. It is under Mine, My cards."),
    ),
    "card_used": Kind(
        _("Your card “{card}” was used"),
        _("{used} of your card “{card}” were used in “{shop}”; {left} left. If that was not you, call the store."),
    ),
    "card_low": Kind(_("Little is left on “{card}”"), _("Your card “{card}” of “{shop}” runs out: {left} left.")),
    "card_ending": Kind(
        _("Your card “{card}” ends on {day}"),
        _("Your card “{card}” of “{shop}” ends on {day}, with {left} left. What you do not use can be paid back."),
    ),
    "card_back": Kind(
        _("Money is back on “{card}”"), _("{used} are on your card “{card}” of “{shop}” again; it holds {left} now.")
    ),
    "card_returned": Kind(
        _("“{card}” was paid back"), _("{amount} for your card “{card}” of “{shop}” are on their way back to you.")
    ),
    "booking_made": Kind(
        _("Your time at “{shop}”"), _("You are expected in “{shop}” on {time}, with your card “{card}”.")
    ),
    "booking_due": Kind(
        _("Soon: your time at “{shop}”"), _("A reminder: you are expected in “{shop}” on {time} (card “{card}”).")
    ),
    "booking_cancelled": Kind(
        _("“{shop}” cannot keep your time"),
        _("Your time in “{shop}” on {time} was cancelled: {reason} Your visit stays on the card “{card}”."),
    ),
    "booking_missed": Kind(
        _("You were missed at “{shop}”"),
        _("You did not come to “{shop}” on {time}. Your card “{card}” has {left} left."),
    ),
    "shop_card_sold": Kind(_("A card was sold"), _("“{shop}” has sold a card “{card}”, with {left}.")),
    "shop_card_used": Kind(
        _("A card was used"), _("{used} of a card “{card}” were used in “{shop}”; {left} left on it.")
    ),
    "shop_card_returned": Kind(
        _("A card was paid back"), _("{amount} of a card “{card}” of “{shop}” go back to its holder.")
    ),
    "shop_booking_made": Kind(_("A time was booked"), _("Somebody comes to “{shop}” on {time}, with a card “{card}”.")),
    "shop_booking_cancelled": Kind(
        _("A booking was given up"), _("The time on {time} in “{shop}” (card “{card}”) is free again.")
    ),
    "shop_booking_missed": Kind(
        _("Somebody did not come"), _("Nobody came to “{shop}” on {time} for the card “{card}”.")
    ),
    "coupon_given": Kind(
        _("A coupon for you"),
        _("You have been given the coupon “{coupon}” for an invitation. It is under Mine, Coupons."),
    ),
    "vouchers_drawn": Kind(
        _("New vouchers"), _("Vouchers of {amount} have been added for you; look at them under Mine.")
    ),
    "coins_ending": Kind(
        _("Coins that end soon"), _("{coins} of your shopping coins end within {days} days; look at them under Mine.")
    ),
    "subsidy_terms": Kind(
        _("New terms of the subsidy"),
        _(
            "New terms of the subsidy take effect on {day}. Points that you have by then keep their terms; read them under Mine, Points and vouchers."
        ),
    ),
    "mode_approved": Kind(
        _("Approved: {mode}"), _("The platform has opened “{mode}” for your mall until {until}: {reason}")
    ),
    "mode_approval_revoked": Kind(
        _("Approval withdrawn: {mode}"),
        _(
            "The platform has withdrawn its approval of “{mode}”: {reason} New orders no longer use it; orders already placed keep their terms."
        ),
    ),
    "mode_approval_expired": Kind(
        _("Approval expired: {mode}"),
        _(
            "The approval of “{mode}” ran out on {until}. New orders no longer use it; orders already placed keep their terms."
        ),
    ),
    "mode_stopped": Kind(
        _("Stopped: {mode}"),
        _(
            "The platform has stopped “{mode}” in your mall: {reason} New orders no longer use it; orders already placed keep their terms."
        ),
    ),
    "mode_stop_over": Kind(_("No longer stopped: {mode}"), _("“{mode}” may be used in your mall again.")),
    "compliance_alarm": Kind(
        _("Compliance: look at a team"),
        _(
            "{count} teams in your mall have 30 or more people over three or more rewarded levels. Look at the alarms in the back office."
        ),
    ),
    "ticket_answered": Kind(
        _("An answer to “{subject}”"),
        _("The platform has answered “{subject}”. Read it in your account under “Support”."),
    ),
    "launch_item_done": Kind(_("{item}: settled"), _("“{item}” on the launch checklist of {mall} is settled.")),
    "launch_item_back": Kind(
        _("{item}: your turn"),
        _("“{item}” on the launch checklist of {mall} needs something from you: {note} Hand it in in your account."),
    ),
    "launch_item_expires": Kind(
        _("{item} is valid until {day}"),
        _("“{item}” of your mall {mall} is valid until {day}. Please hand in the new one in your account."),
    ),
    "launch_item_expired": Kind(
        _("{item} has expired"),
        _("“{item}” of your mall {mall} was valid until {day}. Please hand in the one that is valid now."),
    ),
    "invoice_overdue": Kind(
        _("Invoice {number} is overdue"),
        _("Invoice {number} of {amount} yuan was due on {due}. Please transfer the amount."),
    ),
    "mall_restricted": Kind(
        _("Your mall is restricted"),
        _("Invoice {number} of {amount} yuan was due on {due}. Until it is paid nothing can be added to your mall."),
    ),
    "mall_suspended": Kind(
        _("Your mall is suspended"),
        _("Invoice {number} of {amount} yuan was due on {due}. Your storefront is closed until it is paid."),
    ),
    "plan_exceeded": Kind(
        _("{mall}: more used than the plan allows"),
        _(
            "{feature}: your mall {mall} uses {used}, its plan allows {limit}. Until {until} nothing changes; after that nothing can be added until it fits again. A larger plan or an extra helps at once."
        ),
    ),
    "plan_grace_over": Kind(
        _("{mall}: nothing can be added for now"),
        _(
            "{feature}: your mall {mall} uses {used}, its plan allows {limit}, and the days of grace ended on {until}. It sells on, but nothing can be added until it fits again. A larger plan or an extra helps at once."
        ),
    ),
    "sender_ceiling": Kind(
        _("Text messages: the month’s ceiling is near"),
        _(
            "{used} of {ceiling} text messages of this month are used. Until the month ends only codes for signing in are sent. Raise the ceiling under “SMS and mail”."
        ),
        essential=True,
    ),
    "sender_full": Kind(
        _("Text messages: the month’s ceiling is reached"),
        _(
            "{used} of {ceiling} text messages of this month are used: no more go out until the month ends, codes for signing in neither. Raise the ceiling under “SMS and mail”, or the plan."
        ),
        essential=True,
    ),
    "domain_active": Kind(_("{host} works"), _("Your mall {mall} answers under {host} now.")),
    "domain_broken": Kind(
        _("{host} no longer works"),
        _(
            "The domain {host} of your mall {mall} no longer works ({detail}). Shoppers reach the mall under its platform address. Look at its records in your account under “Domains”."
        ),
    ),
    "domain_filing_refused": Kind(
        _("The filing number of {host}"), _("The filing number of {host} was not accepted: {reason}")
    ),
    "domain_blocked": Kind(
        _("{host} was blocked"), _("The platform has blocked the domain {host} of your mall: {reason}")
    ),
    "domain_given_up": Kind(
        _("{host} was removed"),
        _("The domain {host} was removed from your mall {mall}: it was not proved, or has not worked for 30 days."),
    ),
    "mall_deletion_set": Kind(
        _("{mall} will be deleted on {due}"),
        _("Your mall {mall} will be deleted for good on {due}. Until then you can call it off in your account."),
    ),
    "mall_deletion_soon": Kind(
        _("{mall} will be deleted soon"),
        _("Your mall {mall} will be deleted for good on {due}. This is the last reminder; you can still call it off."),
    ),
    "mall_deletion_off": Kind(
        _("{mall} will not be deleted"), _("The deletion of your mall {mall} planned for {due} has been called off.")
    ),
    "mall_deleted": Kind(
        _("{mall} has been deleted"),
        _("Your mall {mall} has been deleted: its data, pictures and backups are gone. Invoices stay in your account."),
    ),
}


def placeholders(kind: str) -> tuple[str, ...]:
    """The names that fill a kind's text, in the order in which they appear."""
    names = [name for _text, name, _format, _conversion in string.Formatter().parse(KINDS[kind].body) if name]
    return tuple(dict.fromkeys(names))
