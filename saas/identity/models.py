"""People who can sign in: operators and vendors in control, staff and members in their mall. And what they did."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models.functions import Now

from saas.identity.rules import PreparedState
from saas.kernel.ids import new_ulid


class UserManager(BaseUserManager["User"]):
    """Makes users by phone or e-mail."""

    def create_user(
        self, *, phone: str | None = None, email: str = "", password: str | None = None, **fields: Any
    ) -> "User":
        """A new user with a phone (E.164) or an e-mail address; without a password only a code lets them in."""
        user = self.model(phone=phone or None, email=self.normalize_email(email) if email else "", **fields)
        user.set_password(password)
        user.save(force_insert=True, using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(public_id=username)


class User(AbstractBaseUser, PermissionsMixin):
    """One person in one mall, or one person on the platform. The same phone in two malls is two users."""

    public_id = models.CharField(max_length=26, unique=True)
    phone = models.CharField(max_length=20, null=True, unique=True)
    phone_verified = models.BooleanField(default=False)
    email = models.EmailField(blank=True, default="")
    name = models.CharField(max_length=60, blank=True, default="")
    is_staff = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    date_joined = models.DateTimeField(db_default=Now())
    agreements = models.JSONField(
        default=dict, blank=True
    )  # which text was agreed to: {"terms": version, "privacy": …}

    USERNAME_FIELD = "public_id"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = UserManager()

    class Meta:
        app_label = "identity"
        constraints = [
            models.UniqueConstraint(fields=["email"], name="identity_email_once", condition=~models.Q(email="")),
        ]

    def __str__(self) -> str:
        return self.name or self.phone or self.email or self.public_id

    def get_full_name(self) -> str:
        """What the consoles' frames call the person."""
        return str(self)

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self.public_id:
            self.public_id = new_ulid()
        super().save(*args, **kwargs)


class AuditRecord(models.Model):
    """Who did what to what, when and why. Append-only by trigger."""

    at = models.DateTimeField(db_default=Now())
    actor = models.CharField(max_length=60)  # `user:<public id>`, `member:<ulid>`, `system`, `provisioning`
    action = models.CharField(max_length=60)  # dotted: `order.shipped`
    target = models.CharField(max_length=80, default="")  # `order:<ulid>`
    reason = models.TextField(default="")
    data = models.JSONField(default=dict)  # what changed: before and after, never a secret

    class Meta:
        app_label = "identity"
        indexes = [models.Index(fields=["target", "at"], name="identity_audit_target")]


class PreparedAction(models.Model):
    """Something that takes two persons: one prepared it, another lets it happen. The row stays as the record of both.

    `kind` names who carries it out (the caller's table), `subject` what it is about: one open row of a kind and subject.
    """

    ulid = models.CharField(max_length=26, unique=True)
    kind = models.CharField(max_length=40)
    subject = models.CharField(max_length=80)
    payload = models.JSONField()  # what the service is called with, never a secret
    reason = models.CharField(max_length=300)
    state = models.CharField(
        max_length=10, choices=[(s.value, s.value) for s in PreparedState], default=PreparedState.OPEN
    )
    prepared_by = models.CharField(max_length=60)
    prepared_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    decided_by = models.CharField(max_length=60, blank=True, default="")
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        app_label = "identity"
        indexes = [models.Index(fields=["state", "-id"], name="identity_prepared_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], name="identity_prepared_once", condition=models.Q(state="open")
            ),
            models.CheckConstraint(
                name="identity_prepared_two_persons",
                condition=~models.Q(state__in=["approved", "refused"]) | ~models.Q(decided_by=models.F("prepared_by")),
            ),
            models.CheckConstraint(
                name="identity_prepared_decided",
                condition=models.Q(state="open", decided_at=None, decided_by="")
                | (~models.Q(state="open") & models.Q(decided_at__isnull=False) & ~models.Q(decided_by="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject} {self.state}"


class SignInCode(models.Model):
    """A six-digit code sent to a phone or an e-mail address. Its id lives in the session that asked, nowhere else."""

    ulid = models.CharField(max_length=26, unique=True)
    purpose = models.CharField(max_length=20)
    target = models.CharField(max_length=254)
    digest = models.CharField(max_length=64)
    tries = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "identity"


class Attempt(models.Model):
    """One counted attempt (saas.identity.limits); the key is a digest. Rows live for a day."""

    kind = models.CharField(max_length=24)
    key = models.CharField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        app_label = "identity"
        indexes = [models.Index(fields=["kind", "key", "at"], name="identity_attempt_key")]


class Invitation(models.Model):
    """An invitation to work in this mall with given roles, open for 72 hours."""

    ulid = models.CharField(max_length=26, unique=True)
    phone = models.CharField(max_length=20, blank=True, default="")
    email = models.EmailField(blank=True, default="")
    roles = models.JSONField()
    invited_by = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "identity"


class UsedToken(models.Model):
    """A one-time token that has been used, so that it never is again."""

    nonce = models.CharField(max_length=40, unique=True)
    purpose = models.CharField(max_length=24)
    used_at = models.DateTimeField()

    class Meta:
        app_label = "identity"
