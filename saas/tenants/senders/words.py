"""What screens call providers, fields, kinds of notices and their states."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from saas.messaging.notices.rules import NoticeState
from saas.tenants.senders.rules import Medium, Provider

PROVIDERS: dict[str, Any] = {
    Provider.ALIYUN: _("Alibaba Cloud SMS"),
    Provider.TENCENT: _("Tencent Cloud SMS"),
    Provider.SMTP: _("Mail server (SMTP)"),
}
MEDIA: dict[str, Any] = {Medium.SMS: _("SMS"), Medium.EMAIL: pgettext_lazy("channel", "E-mail")}
FIELDS: dict[str, Any] = {
    "key_id": _("Key id (AccessKey ID, SecretId)"),
    "key_secret": _("Key secret (AccessKey Secret, SecretKey)"),
    "app_id": _("SDK AppID"),
    "signature": _("Signature, as approved"),
    "host": _("Mail server"),
    "port": _("Port"),
    "security": _("Encryption"),
    "user": pgettext_lazy("mail server", "User"),
    "password": _("Password"),
    "from_email": _("Sender’s address"),
    "from_name": _("Sender’s name"),
    "live_call": _("Call to the provider"),
}
HELP: dict[str, Any] = {
    "key_id": _("Of a sub-account that may send SMS and nothing else."),
    "signature": _("Without the brackets 【】."),
    "security": _("In production only encrypted connections are taken."),
}
SECURITY: dict[str, Any] = {
    "starttls": _("STARTTLS (587)"),
    "tls": _("TLS (465)"),
    "none": _("None (tests only)"),
}
KINDS: dict[str, Any] = {
    "sign_in_code": _("Code for signing in"),
    "password_reset": pgettext_lazy("notice", "New password"),
    "staff_invitation": _("Invitation of staff"),
    "mall_ready": _("Mall is ready"),
    "mall_failed": _("Mall could not be set up"),
    "order_paid": _("Order paid"),
    "order_shipped": _("Order shipped"),
    "refund_done": _("Refund paid"),
    "withdrawal_paid": _("Withdrawal paid out"),
    "withdrawal_rejected": _("Withdrawal rejected"),
    "vouchers_drawn": _("Vouchers added"),
    "coins_ending": _("Coins that end soon"),
    "product_answered": _("Product of a shop looked at"),
    "payee_asked": _("Another account asked for"),
    "shop_invitation": _("Invitation to work in a shop"),
    "store_offer": _("An order offered to a store"),
    "seller_licence": _("Licence of a shop runs out"),
    "application_answered": _("Application of a shop answered"),
    "flash_sale_made": _("Flash sale in a shop"),
    "coupon_given": _("Coupon for an invitation"),
    "card_bought": _("Card bought"),
    "card_used": _("Card used"),
    "card_low": _("Card runs out"),
    "card_ending": _("Card ends soon"),
    "card_back": _("Money back on a card"),
    "card_returned": _("Card paid back"),
    "booking_made": _("Time booked"),
    "booking_due": _("Reminder of a booked time"),
    "booking_cancelled": _("Booked time cancelled"),
    "booking_missed": _("Booked time missed"),
    "shop_card_sold": _("To the store: card sold"),
    "shop_card_returned": _("To the store: card paid back"),
    "shop_booking_made": _("To the store: time booked"),
    "shop_booking_cancelled": _("To the store: booking given up"),
    "case_moved": _("After-sales case moved on"),
    "buyer_invoice_issued": _("Buyer’s invoice issued"),
    "mode_approved": _("Mode approved"),
    "mode_approval_revoked": _("Approval of a mode withdrawn"),
    "mode_approval_expired": _("Approval of a mode expired"),
    "mode_stopped": _("Mode stopped"),
    "mode_stop_over": _("Mode no longer stopped"),
    "compliance_alarm": _("Compliance alarm"),
    "ticket_answered": _("Question answered"),
    "launch_item_done": _("Launch item settled"),
    "launch_item_back": _("Launch item: the vendor’s turn"),
    "launch_item_expires": _("Paper expires soon"),
    "launch_item_expired": _("Paper has expired"),
    "invoice_overdue": _("Invoice overdue"),
    "mall_restricted": _("Mall restricted"),
    "mall_suspended": _("Mall suspended"),
    "plan_exceeded": _("More used than the plan allows"),
    "plan_grace_over": _("Days of grace over"),
    "sender_ceiling": _("Month’s ceiling near"),
    "sender_full": _("Month’s ceiling reached"),
}
STATES: dict[str, Any] = {
    NoticeState.QUEUED: pgettext_lazy("notice", "waiting"),
    NoticeState.SENDING: pgettext_lazy("notice", "being sent"),
    NoticeState.UNKNOWN: pgettext_lazy("notice", "unknown: the provider is asked"),
    NoticeState.SENT: pgettext_lazy("notice", "sent"),
    NoticeState.DELIVERED: pgettext_lazy("notice", "delivered"),
    NoticeState.FAILED: pgettext_lazy("notice", "failed"),
    NoticeState.STOPPED: pgettext_lazy("notice", "stopped by a limit"),
}
# What checks say in our own words; a provider's words are shown as they are.
DETAILS = (
    _("The signature is not approved."),
    _("The template is not approved."),
    _("The provider does not know this signature."),
    _("The provider does not know this template."),
    _("A template’s id is a number."),
    _("This host leads into a private network."),
    _("The server does not take this user and password."),
)
