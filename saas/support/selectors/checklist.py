"""Reads of the launch checklist."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from saas.support.models import LaunchItem
from saas.support.rules import SETTLED, ItemState, WaitsFor


@dataclass(frozen=True)
class LaunchLine:
    """One line of a mall's checklist in the reader's language."""

    key: str
    title: str
    help: str
    required: bool
    state: ItemState
    waits_for: WaitsFor
    reference: str
    note: str

    @property
    def settled(self) -> bool:
        return self.state in SETTLED


def checklist(mall: str) -> list[LaunchLine]:
    """The mall's list in order."""
    words = _words()
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
        )
        for item in LaunchItem.objects.filter(mall=mall).order_by("position")
    ]


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
    }
