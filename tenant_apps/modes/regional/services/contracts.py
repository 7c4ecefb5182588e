"""Contracts: agreed, refused, signed, ended, handed on. Each step is in the audit trail."""

import datetime as dt
import hashlib

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import DomainError, InvalidInput
from saas.kernel.states import check_transition
from saas.messaging.bus import services as bus
from tenant_apps.members.models import Member
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.regional import selectors
from tenant_apps.modes.regional.contracts import (
    CONTRACT_VERSION,
    MANY_OWNERS,
    MAX_OWNERS,
    TRANSITIONS,
    ContractState,
    Source,
    add_months,
)
from tenant_apps.modes.regional.models import Area, Contract
from tenant_apps.modes.regional.services.applying import checked_licence, checked_months, locked_contract, new_contract
from tenant_apps.modes.regional.services.areas import AreaTaken, SharesAboveWhole, checked_reason, locked_area, yuan


class TooManyOwners(DomainError):
    """MODES 14 #17: an area never has more than 200 holders, nor more than the mall's settings say."""

    code = "too_many_owners"
    message = _(
        "An area of this mall has at most {limit} agents, and never more than 200 (rule 17 of the legal guard-rails)."
    )  # type: ignore[assignment]


class ManyOwnersUnread(DomainError):
    """MODES 14 #17: above ten holders somebody has to have read the caution."""

    code = "many_owners_unread"
    message = _(  # type: ignore[assignment]
        "This area would have more than 10 agents. Shares of one area for many people are close to a public offer (rule 17 of the legal guard-rails): confirm that counsel has looked at it."
    )


class LicenceUnverified(InvalidInput):
    """MODES 14 #16, #17: only holders of a checked business licence become agents."""

    code = "licence_unverified"
    message = _("An agent needs a business licence that you have checked (rules 16 and 17 of the legal guard-rails).")


class ContractNotAccepted(InvalidInput):
    """The words that were accepted are not the words in force."""

    code = "contract_not_accepted"
    message = _("Please read and accept the contract as it is shown now.")


def approve_contract(
    *,
    contract_ulid: str,
    invested_amount: int,
    months: int,
    licence_checked: bool,
    actor: str,
    now: dt.datetime,
    reason: str,
    accept_cautions: bool = False,
) -> Contract:
    """Agree to an application under these terms; the agent signs next. `invested_amount` (fen) is his weight.

    Raises NotFound, IllegalTransition, LicenceUnverified, LicenceInvalid, SharesAboveWhole, AreaTaken, TooManyOwners,
    ManyOwnersUnread, InvalidInput (invested_amount, months, reason).
    """
    why = checked_reason(reason)
    with transaction.atomic():
        contract = locked_contract(contract_ulid)
        area = locked_area(contract.area.ulid)
        check_transition(TRANSITIONS, ContractState(contract.state), ContractState.APPROVED)
        if not licence_checked or not contract.licence_number:
            raise LicenceUnverified(field="licence_checked")
        _check_share(area, invested_amount, now, accept_cautions=accept_cautions, without=contract)
        contract.state = ContractState.APPROVED
        contract.invested_amount, contract.months = invested_amount, checked_months(months)
        contract.licence_checked_by, contract.decided_by, contract.decided_at = actor, actor, now
        contract.reason = why
        contract.save()
        audit.record(
            actor,
            "contract.approved",
            target=f"contract:{contract.ulid}",
            reason=why,
            area=area.ulid,
            invested_amount=invested_amount,
            months=months,
        )
    return contract


def refuse_contract(*, contract_ulid: str, reason: str, actor: str, now: dt.datetime) -> Contract:
    """Decline an application, or take an offer back before it is signed. Raises NotFound, IllegalTransition, InvalidInput."""
    why = checked_reason(reason)
    with transaction.atomic():
        contract = locked_contract(contract_ulid)
        check_transition(TRANSITIONS, ContractState(contract.state), ContractState.REFUSED)
        contract.state, contract.reason = ContractState.REFUSED, why
        contract.decided_by, contract.decided_at = actor, now
        contract.save()
        audit.record(actor, "contract.refused", target=f"contract:{contract.ulid}", reason=why)
    return contract


def text_digest(text: str) -> str:
    """What stands for a contract's words: their SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()


def accept_contract(
    *, contract_ulid: str, member: Member, text: str, accepted_digest: str, now: dt.datetime
) -> Contract:
    """The agent signs what the mall agreed to; his term begins now. `text` is the contract as it is shown now.

    Raises NotFound, IllegalTransition, ContractNotAccepted.
    """
    digest = text_digest(text)
    if accepted_digest != digest:
        raise ContractNotAccepted(field="accept")
    with transaction.atomic():
        contract = locked_contract(contract_ulid, member_ulid=member.ulid)
        check_transition(TRANSITIONS, ContractState(contract.state), ContractState.ACTIVE)
        contract.text_version, contract.text_digest, contract.accepted_text = CONTRACT_VERSION, digest, text
        _begin(contract, now)
        audit.record(
            f"member:{member.ulid}",
            "contract.accepted",
            target=f"contract:{contract.ulid}",
            version=CONTRACT_VERSION,
            digest=digest,
        )
    return contract


def add_holder(
    *,
    area_ulid: str,
    member: Member,
    invested_amount: int,
    months: int,
    licence_company: str,
    licence_number: str,
    licence_checked: bool,
    paper_number: str,
    actor: str,
    now: dt.datetime,
    reason: str,
    accept_cautions: bool = False,
) -> Contract:
    """An agent whose contract was signed on paper; his term begins now. Raises what approving raises, and AgentTwice."""
    why = checked_reason(reason)
    company, number = checked_licence(licence_company, licence_number)
    if not licence_checked:
        raise LicenceUnverified(field="licence_checked")
    if not paper_number.strip():
        raise InvalidInput(str(_("Give the number of the contract that was signed.")), field="paper_number")
    with transaction.atomic():
        area = locked_area(area_ulid)
        _check_share(area, invested_amount, now, accept_cautions=accept_cautions)
        contract = new_contract(
            area,
            member,
            now,
            state=ContractState.APPROVED,
            source=Source.STAFF,
            invested_amount=invested_amount,
            months=checked_months(months),
            licence_company=company,
            licence_number=number,
            licence_checked_by=actor,
            paper_number=paper_number.strip()[:40],
            decided_by=actor,
            decided_at=now,
            reason=why,
        )
        _begin(contract, now)
        audit.record(
            actor,
            "contract.added",
            target=f"contract:{contract.ulid}",
            reason=why,
            area=area.ulid,
            member=member.ulid,
            invested_amount=invested_amount,
        )
    return contract


def end_contract(*, contract_ulid: str, reason: str, actor: str, now: dt.datetime) -> Contract:
    """End a contract: orders paid from now on no longer know the agent. Raises NotFound, IllegalTransition, InvalidInput."""
    why = checked_reason(reason)
    with transaction.atomic():
        contract = locked_contract(contract_ulid)
        stop(contract, why, actor, now)
    return contract


def transfer_contract(
    *,
    contract_ulid: str,
    member: Member,
    licence_company: str,
    licence_number: str,
    licence_checked: bool,
    paper_number: str,
    reason: str,
    actor: str,
    now: dt.datetime,
) -> Contract:
    """Hand a running contract on to another person under the same terms, for what is left of its term.

    The one before ends now; orders paid before stay his. Raises NotFound, IllegalTransition, AgentTwice,
    LicenceInvalid, LicenceUnverified, InvalidInput.
    """
    why = checked_reason(reason)
    company, number = checked_licence(licence_company, licence_number)
    if not licence_checked:
        raise LicenceUnverified(field="licence_checked")
    if not paper_number.strip():
        raise InvalidInput(str(_("Give the number of the contract that was signed.")), field="paper_number")
    with transaction.atomic():
        before = locked_contract(contract_ulid)
        check_transition(TRANSITIONS, ContractState(before.state), ContractState.ENDED)
        if before.until_at is None or before.until_at <= now:
            raise InvalidInput(str(_("The term of this contract is over.")), field="contract")
        stop(before, why, actor, now)
        contract = new_contract(
            before.area,
            member,
            now,
            state=ContractState.APPROVED,
            source=Source.TRANSFER,
            source_document=f"contract:{before.ulid}",
            invested_amount=before.invested_amount,
            months=before.months,
            licence_company=company,
            licence_number=number,
            licence_checked_by=actor,
            paper_number=paper_number.strip()[:40],
            decided_by=actor,
            decided_at=now,
            reason=why,
        )
        _begin(contract, now, until=before.until_at)
        audit.record(
            actor,
            "contract.transferred",
            target=f"contract:{contract.ulid}",
            reason=why,
            before=before.ulid,
            member=member.ulid,
        )
    return contract


def end_if_over(*, contract_ulid: str, now: dt.datetime) -> bool:
    """The term has run out: write it down; whether this ended the contract."""
    with transaction.atomic():
        contract = locked_contract(contract_ulid)
        if contract.state != ContractState.ACTIVE or contract.until_at is None or contract.until_at > now:
            return False
        stop(contract, "term_over", "system", now)
    return True


def _begin(contract: Contract, now: dt.datetime, *, until: dt.datetime | None = None) -> None:
    contract.state, contract.accepted_at, contract.from_at = ContractState.ACTIVE, now, now
    contract.until_at = until or add_months(now, contract.months)
    contract.save()
    bus.publish("regional.contract_due", {"contract": contract.ulid}, key=contract.ulid, available_at=contract.until_at)


def stop(contract: Contract, why: str, actor: str, now: dt.datetime) -> None:
    """End a locked contract. Raises IllegalTransition."""
    check_transition(TRANSITIONS, ContractState(contract.state), ContractState.ENDED)
    contract.state, contract.ended_at, contract.reason = ContractState.ENDED, now, why
    contract.save(update_fields=["state", "ended_at", "reason"])
    audit.record(actor, "contract.ended", target=f"contract:{contract.ulid}", reason=why)


def holders_limit(now: dt.datetime) -> int:
    """How many agents one area of this mall may have at most."""
    published = modes.current_settings(mode="regional", now=now)
    return min(MAX_OWNERS, published.values.holders_max) if published else MAX_OWNERS


def _check_share(
    area: Area, invested_amount: int, now: dt.datetime, *, accept_cautions: bool, without: Contract | None = None
) -> None:
    """Whether one more agent with this weight fits into a locked area."""
    if not 0 < invested_amount <= 10**12:
        raise InvalidInput(str(_("The invested amount is more than nothing.")), field="invested_amount")
    held, owners = selectors.held_amount(area, now=now, without=without)
    if area.is_exclusive and owners:
        raise AreaTaken
    if area.total_amount and held + invested_amount > area.total_amount:
        free = max(0, area.total_amount - held)
        raise SharesAboveWhole(field="invested_amount", free=yuan(free), total=yuan(area.total_amount))
    if owners >= (limit := holders_limit(now)):
        raise TooManyOwners(limit=limit)
    if owners >= MANY_OWNERS and not accept_cautions:
        raise ManyOwnersUnread(field="accept_cautions")
