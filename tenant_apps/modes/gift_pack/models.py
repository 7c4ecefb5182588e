"""Gift packs (MODES 6): what a SKU of the zone grants when its order completes. A change retires a row and makes one."""

from django.db import models
from django.db.models import Q


class GiftPack(models.Model):
    """A pack as it is, or was, sold; an order is served by the row that held when it was placed. Amounts in fen."""

    ulid = models.CharField(max_length=26, unique=True)
    sku_ulid = models.CharField(max_length=26)
    contents = models.JSONField()  # [{"title", "list_amount", "qty"}], the goods at their normal price
    contents_amount = models.BigIntegerField()
    person_limit = models.PositiveSmallIntegerField(default=1)
    rank = models.PositiveSmallIntegerField(default=0)  # what it grants: a rank …
    agency_grade = models.CharField(max_length=12, blank=True, default="")  # … or an agency of this grade
    agency_months = models.PositiveSmallIntegerField(default=0)
    created_by = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "gift_pack"
        constraints = [
            models.UniqueConstraint(fields=["sku_ulid"], condition=Q(retired_at=None), name="gift_pack_one_a_sku"),
            models.CheckConstraint(
                condition=(Q(rank__range=(1, 3)) & Q(agency_grade="", agency_months=0))
                | (Q(rank=0, agency_months__gte=1) & ~Q(agency_grade="")),
                name="gift_pack_grants_one_thing",
            ),
            models.CheckConstraint(condition=Q(person_limit__gte=1, contents_amount__gte=0), name="gift_pack_figures"),
        ]

    def __str__(self) -> str:
        return self.ulid
