"""A mall made from the rows of another: its payees' names and accounts are sealed anew, since a seal holds in one mall only."""

from django.db import transaction

from saas.kernel.keyring import Undecryptable
from saas.tenants.vault import services as vault
from tenant_apps.payouts import selectors
from tenant_apps.payouts.models import Withdrawal

_SEALED = ("real_name_sealed", "account_sealed")


def reseal_payees(*, owner: str) -> int:
    """Seal what was sealed for the mall `owner` for the active one; how many withdrawals. Safe to repeat.

    The mall gets a data key of its own first, and loses the keys that came along last.
    """
    done = 0
    with transaction.atomic():
        vault.begin_own_keys()
        for row in Withdrawal.objects.select_for_update().order_by("pk"):
            changed = {field: _resealed(row, field, owner) for field in _SEALED if getattr(row, field)}
            Withdrawal.objects.filter(pk=row.pk).update(**changed)
            done += 1
        vault.forget_older_keys()
    return done


def mask_payees() -> int:
    """Put a made-up payee in the place of every real one (a copy for rehearsing); how many withdrawals."""
    made_up = {"real_name_sealed": "演示收款人", "account_sealed": "0000000000"}
    with transaction.atomic():
        for row in Withdrawal.objects.select_for_update().order_by("pk"):
            sealed = {
                field: vault.seal(text, table=selectors.TABLE, field=field, row=row.ulid)
                for field, text in made_up.items()
                if getattr(row, field)
            }
            Withdrawal.objects.filter(pk=row.pk).update(real_name_shown="演*", account_shown="****0000", **sealed)
        return Withdrawal.objects.count()


def forget_payees() -> int:
    """Blank what cannot be opened here: the masked forms stay beside it. How many withdrawals."""
    with transaction.atomic():
        return Withdrawal.objects.update(**dict.fromkeys(_SEALED, ""))


def _resealed(row: Withdrawal, field: str, owner: str) -> str:
    place = {"table": selectors.TABLE, "field": field, "row": row.ulid}
    try:
        return vault.reseal(getattr(row, field), owner=owner, **place)
    except Undecryptable:
        return vault.seal(vault.unseal(getattr(row, field), **place), **place)  # of an earlier attempt
