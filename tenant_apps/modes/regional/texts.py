"""The words of an agent's contract and of the recruiting page: fixed in the code, so that no mall promises a return (MODES 14)."""

from django.utils.translation import gettext as _

from tenant_apps.modes.regional.models import Contract
from tenant_apps.modes.sentences import yuan


def contract_text(contract: Contract, *, company: str) -> str:
    """The contract that an agent accepts, in the active language, with its own terms filled in."""
    paragraphs = [
        _("Agency contract for the area “{area}”"),
        _("Between {company} (the mall) and {agent}, business licence {licence} (the agent).").format(
            company=company, agent=contract.licence_company, licence=contract.licence_number
        ),
        _("1. Subject. The agent serves the area “{area}” for {months} months from the day of acceptance."),
        _(
            "2. Share. For orders delivered to the area that are paid within the term and completed, the mall pays the rate of the settings in force at payment; several agents of one area share it by the amounts of their contracts. The agent's amount is {invested}."
        ),
        _(
            "3. No promised return. The agent's fee is neither a deposit nor an investment product. What the agent earns depends on completed orders alone; nothing is promised or guaranteed, and refunds take their part back."
        ),
        _(
            "4. No recruiting rewards. Nobody is paid for bringing agents or members. The agent makes no statement about earnings to others."
        ),
        _("5. Not for sale. The contract may not be resold or split; handing it on needs the mall's written consent."),
        _("6. End. Either side may end the contract with reason; orders paid before keep their shares."),
        _(
            "7. Licence and tax. The agent holds a valid business licence throughout the term and pays the taxes on what is earned."
        ),
    ]
    values = {"area": contract.area.name, "months": contract.months, "invested": yuan(contract.invested_amount)}
    return "\n\n".join(paragraph.format(**values) if "{" in paragraph else paragraph for paragraph in paragraphs)


def recruiting_disclosures() -> list[str]:
    """What every recruiting page says, whatever the mall writes (MODES 14 #16, #17, #20)."""
    return [
        _("Only holders of a business licence can become agents; the mall checks it before it agrees."),
        _("An area share is a contract about orders of an area, not an investment. No return is promised."),
        _("An agent earns only from completed orders delivered to the area; refunds take their part back."),
        _("The mall hands you its disclosure file at least 30 days before the contract is signed."),
        _("Nobody is paid for bringing agents. Registering and applying cost nothing."),
    ]
