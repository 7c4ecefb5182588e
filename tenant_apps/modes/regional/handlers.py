"""Events about agents' contracts."""

from saas.kernel.clock import now
from saas.messaging.bus.services import Event
from tenant_apps.members import selectors as members
from tenant_apps.modes.contract import Grade
from tenant_apps.modes.regional import services
from tenant_apps.modes.regional.contracts import DEFAULT_MONTHS


def on_contract_due(event: Event) -> None:
    """The term of a contract is over."""
    services.end_if_over(contract_ulid=event.payload["contract"], now=now())


def on_agency_requested(event: Event) -> None:
    """A gift pack that grants an agency is completed. Payload: member, order, line, grade, code, invested_amount, months."""
    asked = event.payload
    services.request_agency(
        member=members.member_by_ulid(asked["member"]),
        grade=Grade(asked["grade"]),
        code=asked["code"],
        invested_amount=int(asked["invested_amount"]),
        months=int(asked.get("months", DEFAULT_MONTHS)),
        order=asked["order"],
        line=asked["line"],
        now=now(),
    )


def on_agency_withdrawn(event: Event) -> None:
    """A completed gift pack has come back whole. Payload: member, order, line, grade, code."""
    told = event.payload
    services.withdraw_agency(
        member=members.member_by_ulid(told["member"]),
        grade=Grade(told["grade"]),
        code=told["code"],
        order=told["order"],
        line=told["line"],
        now=now(),
    )
