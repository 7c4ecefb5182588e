"""The book: accounts, entries and their legs, holds and how they ended, seals. Written by saas.ledger.services alone.

Guards live in the database (migration 0001): nothing here is updated or deleted by the app, balances are moved by
triggers, an entry that does not balance cannot be committed. The legs refer to entry and account without a foreign key
constraint: the triggers check both anyway, once.
"""

from django.db import models
from django.db.models.functions import Now


class Account(models.Model):
    """One account in one asset, or one of the shard rows of a hot one. Family, bounds and heat are set by the trigger."""

    code = models.CharField(max_length=80)
    asset = models.CharField(max_length=8)
    shard = models.SmallIntegerField(db_default=0)
    family = models.CharField(max_length=40, db_default="")
    hot = models.BooleanField(db_default=False)
    minimum = models.BigIntegerField(null=True)
    maximum = models.BigIntegerField(null=True)
    posted = models.BigIntegerField(db_default=0)
    held_out = models.BigIntegerField(db_default=0)
    held_in = models.BigIntegerField(db_default=0)

    class Meta:
        app_label = "ledger"
        constraints = [
            models.UniqueConstraint(fields=["code", "asset", "shard"], name="ledger_account_once"),
            models.CheckConstraint(
                name="ledger_account_available",
                condition=models.Q(minimum=None) | models.Q(posted__gte=models.F("minimum") + models.F("held_out")),
            ),
            models.CheckConstraint(
                name="ledger_account_maximum",
                condition=models.Q(maximum=None) | models.Q(posted__lte=models.F("maximum") - models.F("held_in")),
            ),
            models.CheckConstraint(
                name="ledger_account_holds", condition=models.Q(held_out__gte=0) & models.Q(held_in__gte=0)
            ),
        ]


class Entry(models.Model):
    """Something that happened to money. `occurred_at` is the document's time, `created_at` the database's."""

    key = models.CharField(max_length=160)
    body_hash = models.CharField(max_length=64)
    kind = models.CharField(max_length=60)
    document = models.CharField(max_length=80)
    memo = models.CharField(max_length=200, db_default="")
    occurred_at = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now())
    transaction = models.BigIntegerField(
        db_default=0
    )  # the database's number of the transaction; legs come in it or never
    reverses = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", db_index=False)
    hold = models.ForeignKey("ledger.Hold", models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        app_label = "ledger"
        # Named here, not on the fields: a field's own index would bring a second one for LIKE, and NULLs.
        constraints = [
            models.UniqueConstraint(fields=["key"], name="ledger_entry_key"),
            models.UniqueConstraint(
                fields=["reverses"], condition=models.Q(reverses__isnull=False), name="ledger_entry_reverses_once"
            ),
            models.UniqueConstraint(
                fields=["hold"], condition=models.Q(hold__isnull=False), name="ledger_entry_hold_once"
            ),
        ]
        indexes = [models.Index(fields=["document"], name="ledger_entry_document")]


class Posting(models.Model):
    """One leg of an entry: a signed change of one account."""

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="+", db_constraint=False)
    account = models.ForeignKey(Account, models.PROTECT, related_name="+", db_constraint=False, db_index=False)
    asset = models.CharField(max_length=8)
    amount = models.BigIntegerField()

    class Meta:
        app_label = "ledger"
        constraints = [models.CheckConstraint(name="ledger_posting_amount", condition=~models.Q(amount=0))]
        indexes = [models.Index(fields=["account", "id"], name="ledger_posting_account")]


class Hold(models.Model):
    """Money set aside on `source` for `destination`; pending until its one resolution."""

    key = models.CharField(max_length=160, unique=True)
    body_hash = models.CharField(max_length=64)
    kind = models.CharField(max_length=60)
    document = models.CharField(max_length=80, db_index=True)
    source = models.ForeignKey(Account, models.PROTECT, related_name="+")
    destination = models.ForeignKey(Account, models.PROTECT, related_name="+")
    asset = models.CharField(max_length=8)
    amount = models.BigIntegerField()
    occurred_at = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "ledger"
        constraints = [models.CheckConstraint(name="ledger_hold_amount", condition=models.Q(amount__gt=0))]


class HoldResolution(models.Model):
    """How a hold ended, once: `posted` (with the entry that moved the money) or `voided`."""

    hold = models.OneToOneField(Hold, models.PROTECT, related_name="+")
    key = models.CharField(max_length=160, unique=True)
    outcome = models.CharField(max_length=8)
    occurred_at = models.DateTimeField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "ledger"
        constraints = [
            models.CheckConstraint(
                name="ledger_resolution_outcome", condition=models.Q(outcome__in=["posted", "voided"])
            )
        ]


class Seal(models.Model):
    """A run of the sealer: the chain's head after it."""

    first_position = models.BigIntegerField()
    last_position = models.BigIntegerField(unique=True)
    head = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()

    class Meta:
        app_label = "ledger"


class SealedEntry(models.Model):
    """An entry's link in the chain."""

    position = models.BigIntegerField(primary_key=True)
    entry_id = models.BigIntegerField(unique=True)
    link = models.CharField(max_length=64)

    class Meta:
        app_label = "ledger"
