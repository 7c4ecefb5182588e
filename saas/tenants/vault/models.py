"""The mall's wrapped data keys. They lie in the mall's own schema, so that they move with it to another cell."""

from django.db import models
from django.db.models.functions import Now


class DataKey(models.Model):
    """One data key, wrapped by the key provider. The newest seals; the others still open what they sealed."""

    version = models.PositiveIntegerField(unique=True)
    wrapped = models.TextField()
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "vault"
