"""A shopper reports a shop to the mall: in his chat with the mall, which the seller does not see."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext

from saas.identity import audit
from saas.kernel.errors import InvalidInput
from tenant_apps.care.models import Conversation
from tenant_apps.care.services.talks import open_chat, say
from tenant_apps.care.talking import MAX_MESSAGE, Party, Reported
from tenant_apps.members.models import Member
from tenant_apps.sellers import selectors as sellers

MAX_REPORT = 300  # of the 500 characters of a message: shop and ground stand before it


def report_seller(*, seller_ulid: str, member: Member, ground: str, text: str, now: dt.datetime) -> Conversation:
    """Tell the mall what is wrong with a shop: a message in the member's chat with the mall, and an audit row of the shop.

    Raises NotFound, InvalidInput (ground, text), WordBlocked, TooManyAttempts; nothing has changed.
    """
    if ground not in set(Reported):
        raise InvalidInput(gettext("Say what is wrong with the shop."), field="ground")
    words = text.strip()
    if not 5 <= len(words) <= MAX_REPORT:
        raise InvalidInput(gettext("Describe it in 5 to {number} characters.").format(number=MAX_REPORT), field="text")
    shop, actor = sellers.seller(seller_ulid), f"member:{member.ulid}"
    head = gettext("Report about the shop “{shop}”: {ground}").format(shop=shop.name, ground=ground_text(ground))
    with transaction.atomic():
        talk = open_chat(member=member, now=now)
        say(
            talk_ulid=talk.ulid,
            party=Party.SHOPPER,
            actor=actor,
            text=f"{head}\n{words}"[:MAX_MESSAGE],
            now=now,
            member=member,
        )
        audit.record(actor, "seller.reported", target=f"seller:{seller_ulid}", reason=words[:400], ground=ground)
    return talk


def ground_text(ground: str) -> str:
    """What a ground of a report is called."""
    return {
        Reported.FAKE: gettext("Fake or unsafe goods"),
        Reported.FALSE_CLAIM: gettext("False claims or prices"),
        Reported.NO_LICENCE: gettext("No licence for what it sells"),
        Reported.RIGHTS: gettext("Somebody's rights are infringed"),
        Reported.OTHER: gettext("Something else"),
    }[Reported(ground)]
