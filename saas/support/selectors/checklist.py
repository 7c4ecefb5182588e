"""Reads of the launch checklist."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from saas.kernel.errors import NotFound
from saas.support.models import LaunchFile, LaunchItem
from saas.support.rules import ACTIVITY_OF, REMIND_DAYS, SETTLED, Activity, ItemState, WaitsFor


@dataclass(frozen=True)
class LaunchLine:
    """One line of a mall's checklist in the reader's language. `files` carry no content."""

    key: str
    title: str
    help: str
    required: bool
    state: ItemState
    waits_for: WaitsFor
    reference: str
    note: str
    expires_on: dt.date | None
    files: tuple[LaunchFile, ...]

    @property
    def settled(self) -> bool:
        return self.state in SETTLED

    @property
    def can_hand_in(self) -> bool:
        """Open and in review; a paper that ends some day may be renewed before."""
        waits = self.waits_for != WaitsFor.PLATFORM or self.state == ItemState.IN_REVIEW
        return (not self.settled and waits) or (self.state == ItemState.DONE and self.expires_on is not None)


def checklist(mall: str) -> list[LaunchLine]:
    """The mall's list in order, without the licences for what it does not do."""
    words, files = _words(), defaultdict(list)
    for file in LaunchFile.objects.filter(item__mall=mall).defer("content").order_by("pk"):
        files[file.item_id].append(file)
    return [
        LaunchLine(
            key=item.key,
            title=words.get(item.key, (item.key, ""))[0],
            help=words.get(item.key, ("", ""))[1],
            required=item.required,
            state=ItemState(item.state),
            waits_for=WaitsFor(item.waits_for),
            reference=item.reference,
            note=item.note,
            expires_on=item.expires_on,
            files=tuple(files[item.pk]),
        )
        for item in LaunchItem.objects.filter(mall=mall).order_by("position")
        if not (item.key in ACTIVITY_OF and item.state == ItemState.NOT_NEEDED)
    ]


def activities(mall: str) -> list[tuple[Activity, Any, bool]]:
    """What a mall may do that wants a licence: (key, words, whether it said so)."""
    needed = LaunchItem.objects.filter(mall=mall, key__in=ACTIVITY_OF).exclude(state=ItemState.NOT_NEEDED)
    chosen = {ACTIVITY_OF[key] for key in needed.values_list("key", flat=True)}
    words = {
        Activity.SELLERS: _("Other companies sell in the mall"),
        Activity.PAID_CONTENT: _("Paid content, courses or information online"),
        Activity.FOOD: _("Food and drinks"),
        Activity.MEDICAL: _("Medicines or medical devices"),
    }
    return [(one, words[one], one in chosen) for one in Activity]


def launch_file(*, mall: str, ulid: str) -> LaunchFile:
    """A paper with its content, if it is this mall's. Raises NotFound."""
    found = LaunchFile.objects.select_related("item").filter(ulid=ulid, item__mall=mall).first()
    if found is None:
        raise NotFound
    return found


def listed(*, waits_for: WaitsFor) -> QuerySet[LaunchItem]:
    """Unsettled items of all malls by whose turn it is, what waits longest first."""
    waiting = LaunchItem.objects.exclude(state__in=SETTLED).filter(waits_for=waits_for)
    return waiting.order_by("changed_at", "pk")


def turns() -> dict[WaitsFor, int]:
    """How many unsettled items wait for whom."""
    return {one: listed(waits_for=one).count() for one in WaitsFor if one != WaitsFor.NOBODY}


def expiring(*, today: dt.date) -> QuerySet[LaunchItem]:
    """Settled items whose papers end within thirty days, the earliest first."""
    soon = today + dt.timedelta(days=max(REMIND_DAYS))
    return LaunchItem.objects.filter(state=ItemState.DONE, expires_on__lte=soon).order_by("expires_on", "pk")


def item_title(key: str) -> str:
    """What an item is called in the reader's language."""
    return _words().get(key, (key, ""))[0]


def waiting_for_platform(*, limit: int) -> list[LaunchItem]:
    """What vendors handed in and nobody has decided, the oldest first."""
    waiting = LaunchItem.objects.filter(waits_for=WaitsFor.PLATFORM, state=ItemState.IN_REVIEW)
    return list(waiting.order_by("changed_at")[:limit])


def _words() -> dict[str, tuple[str, str]]:
    return {
        "business_licence": (
            _("Business licence"),
            _("Unified social credit code of the company that sells; shown in the mall's footer."),
        ),
        "icp_filing": (
            _("ICP filing"),
            _("Filing number of the domain under which the mall answers. Required before opening to the public."),
        ),
        "payment_merchant": (
            _("Payment merchant account"),
            _("WeChat Pay merchant number in the company's name; its keys are entered in the mall's back office."),
        ),
        "official_account": (
            _("WeChat official account"),
            _("A verified service account, for paying and signing in inside WeChat."),
        ),
        "domain": (
            _("Own domain"),
            _("The mall answers under its platform address at once; an own domain is optional."),
        ),
        "legal_texts": (
            _("Terms and privacy text"),
            _("Your mall's own terms of service and privacy policy, published in its back office."),
        ),
        "first_products": (_("First products"), _("At least one product on the shelf, with picture, price and stock.")),
        "edi_licence": (
            _("EDI licence"),
            _("Only needed before other companies sell in your mall."),
        ),
        "icp_licence": (
            _("ICP licence"),
            _("The licence for paid information services; a filing is not enough for them."),
        ),
        "food_licence": (
            _("Food licence"),
            _("Food business licence, or the filing for prepackaged food alone."),
        ),
        "medical_licence": (
            _("Licence for medicines or medical devices"),
            _("Qualification for selling them online, and the filing or licence of each kind."),
        ),
        "mini_program": (
            _("WeChat mini-program"),
            _("A verified mini-program of the company, bound to the payment account."),
        ),
        "public_security": (
            _("Filing with public security"),
            _("Handed in with the public security authority within thirty days of opening; shown in the footer."),
        ),
        "server": (_("Server"), _("Where the mall runs. We provide it; there is nothing for you to do.")),
    }
