"""Tables of care for shoppers: reviews, invoices, conversations, what a member keeps for himself. Checks tie a text to its instant."""

from django.db import models
from django.db.models import F, Q

from tenant_apps.care.invoicing import LIVE, InvoiceState, TitleKind
from tenant_apps.care.rules import MAX_STARS
from tenant_apps.care.talking import Party, TalkKind, Turn


class Review(models.Model):
    """What a buyer says of a line of his order; once added to by himself, once answered, hidden by staff with a reason."""

    ulid = models.CharField(max_length=26, unique=True)
    line = models.OneToOneField("orders.OrderLine", on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+")
    product_ulid = models.CharField(max_length=26)
    seller_ulid = models.CharField(max_length=26, blank=True, default="")  # empty: the mall's own goods
    option_text = models.CharField(max_length=200, blank=True, default="")
    is_anonymous = models.BooleanField(default=False)
    stars = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=500, blank=True, default="")
    photos = models.JSONField(default=list)  # names in the mall's private folder
    follow_text = models.CharField(max_length=500, blank=True, default="")
    follow_photos = models.JSONField(default=list)
    follow_at = models.DateTimeField(null=True, blank=True)
    reply = models.CharField(max_length=500, blank=True, default="")
    replied_by = models.CharField(max_length=60, blank=True, default="")
    replied_at = models.DateTimeField(null=True, blank=True)
    hidden_reason = models.CharField(max_length=200, blank=True, default="")
    hidden_by = models.CharField(max_length=60, blank=True, default="")
    hidden_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        app_label = "care"
        indexes = [
            models.Index(
                fields=["product_ulid", "-id"], include=["stars"], name="care_review_shown", condition=Q(hidden_at=None)
            ),
            models.Index(fields=["seller_ulid", "-id"], include=["stars"], name="care_review_seller"),
            models.Index(fields=["member", "-id"], name="care_review_member"),
        ]
        constraints = [
            models.CheckConstraint(name="care_review_stars", condition=Q(stars__range=(1, MAX_STARS))),
            models.CheckConstraint(
                name="care_review_follow",
                condition=Q(follow_at=None, follow_text="") | Q(follow_at__isnull=False) & ~Q(follow_text=""),
            ),
            models.CheckConstraint(
                name="care_review_reply",
                condition=Q(replied_at=None, reply="") | Q(replied_at__isnull=False) & ~Q(reply=""),
            ),
            models.CheckConstraint(
                name="care_review_hidden",
                condition=Q(hidden_at=None, hidden_reason="") | Q(hidden_at__isnull=False) & ~Q(hidden_reason=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stars}/{MAX_STARS} {self.product_ulid}"


class Invoice(models.Model):
    """The invoice of an order, issued by its seller (empty: the mall). Amounts in fen; files are PDFs in the private folder."""

    ulid = models.CharField(max_length=26, unique=True)
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, related_name="+")
    member = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+")
    seller_ulid = models.CharField(max_length=26, blank=True, default="")
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in InvoiceState], default=InvoiceState.REQUESTED
    )
    title_kind = models.CharField(max_length=8, choices=[(k.value, k.value) for k in TitleKind])
    title = models.CharField(max_length=80)
    tax_number = models.CharField(max_length=18, blank=True, default="")
    amount = models.BigIntegerField()
    red_amount = models.BigIntegerField(default=0)  # what a red letter still has to take off
    red_done_amount = models.BigIntegerField(default=0)
    red_letters = models.JSONField(default=list)  # [{number, amount, at, file}]
    number = models.CharField(max_length=20, blank=True, default="")
    file = models.CharField(max_length=26, blank=True, default="")
    reason = models.CharField(max_length=200, blank=True, default="")
    requested_at = models.DateTimeField()
    issued_at = models.DateTimeField(null=True, blank=True)
    changed_by = models.CharField(max_length=60, blank=True, default="")
    changed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "care"
        indexes = [
            models.Index(fields=["state", "id"], name="care_invoice_state"),
            models.Index(fields=["member", "-id"], name="care_invoice_member"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["order"], name="care_invoice_one_live", condition=Q(state__in=sorted(LIVE))
            ),
            models.CheckConstraint(
                name="care_invoice_amounts",
                condition=Q(amount__gt=0, red_amount__gte=0, red_done_amount__gte=0)
                & Q(red_done_amount__lte=F("amount") - F("red_amount")),
            ),
            models.CheckConstraint(
                name="care_invoice_issued",
                condition=Q(state__in=["requested", "refused", "withdrawn"], issued_at=None)
                | Q(state__in=["issued", "red_due", "reversed"], issued_at__isnull=False) & ~Q(number=""),
            ),
            models.CheckConstraint(name="care_invoice_red", condition=~Q(state="red_due") | Q(red_amount__gt=0)),
        ]

    def __str__(self) -> str:
        return f"{self.title} {self.amount}"


class Conversation(models.Model):
    """A chat of a shopper with a seller (empty: the mall), or his complaint about an order. The mall reads all of them."""

    ulid = models.CharField(max_length=26, unique=True)
    kind = models.CharField(max_length=10, choices=[(k.value, k.value) for k in TalkKind])
    member = models.ForeignKey("members.Member", on_delete=models.PROTECT, related_name="+")
    seller_ulid = models.CharField(max_length=26, blank=True, default="")
    order = models.ForeignKey("orders.Order", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    product_ulid = models.CharField(max_length=26, blank=True, default="")  # what the shopper had in view
    subject = models.CharField(max_length=10, blank=True, default="")  # of a complaint
    turn = models.CharField(max_length=8, choices=[(t.value, t.value) for t in Turn])
    due_at = models.DateTimeField(null=True, blank=True)
    reminders = models.PositiveSmallIntegerField(default=0)
    decision = models.CharField(max_length=200, blank=True, default="")
    is_upheld = models.BooleanField(default=False)
    decided_by = models.CharField(max_length=60, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    last_text = models.CharField(max_length=80, blank=True, default="")
    last_at = models.DateTimeField()
    shopper_unread = models.PositiveIntegerField(default=0)
    seller_unread = models.PositiveIntegerField(default=0)
    mall_unread = models.PositiveIntegerField(default=0)
    opened_at = models.DateTimeField()

    class Meta:
        app_label = "care"
        indexes = [
            models.Index(fields=["member", "-last_at"], name="care_talk_member"),
            models.Index(fields=["seller_ulid", "-last_at"], name="care_talk_seller"),
            models.Index(fields=["turn", "due_at"], name="care_talk_turn"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["member", "seller_ulid"], condition=Q(kind="chat"), name="care_talk_one_chat"
            ),
            models.UniqueConstraint(
                fields=["order"], condition=Q(kind="complaint") & ~Q(turn="closed"), name="care_talk_one_complaint"
            ),
            models.CheckConstraint(
                name="care_talk_kind",
                condition=Q(kind="chat", turn="open", subject="", due_at=None)
                | Q(kind="complaint", turn__in=["seller", "mall", "closed"], order__isnull=False) & ~Q(subject=""),
            ),
            models.CheckConstraint(
                name="care_talk_closed",
                condition=Q(turn="closed", decided_at__isnull=False, due_at=None) & ~Q(decision="")
                | ~Q(turn="closed") & Q(decided_at=None, decision=""),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.ulid}"


class Message(models.Model):
    """One message of a conversation. Append-only."""

    talk = models.ForeignKey(Conversation, on_delete=models.PROTECT, related_name="messages")
    party = models.CharField(max_length=8, choices=[(p.value, p.value) for p in Party])
    actor = models.CharField(max_length=60)
    text = models.CharField(max_length=500, blank=True, default="")
    photos = models.JSONField(default=list)
    at = models.DateTimeField()

    class Meta:
        app_label = "care"

    def __str__(self) -> str:
        return self.text[:40]


class Desk(models.Model):
    """How a seller (empty: the mall) answers: ready texts, the days and minutes of his hours, what is said outside them."""

    seller_ulid = models.CharField(max_length=26, blank=True, default="", unique=True)
    answers = models.JSONField(default=list)
    days = models.JSONField(default=list)  # 0 is Monday; none: no hours
    start_minute = models.PositiveSmallIntegerField(default=540)
    end_minute = models.PositiveSmallIntegerField(default=1080)
    away = models.CharField(max_length=200, blank=True, default="")
    changed_by = models.CharField(max_length=60)
    changed_at = models.DateTimeField()

    class Meta:
        app_label = "care"

    def __str__(self) -> str:
        return self.seller_ulid or "mall"


class Shelf(models.Model):
    """What a member keeps for himself: products and sellers that he likes, the products he looked at last."""

    member = models.OneToOneField("members.Member", on_delete=models.CASCADE, related_name="+")
    products = models.JSONField(default=list)  # ULIDs, newest first, at most rules.KEPT_PRODUCTS
    sellers = models.JSONField(default=list)
    history = models.JSONField(default=list)  # ULIDs of products, the last seen first
    notices_read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "care"
