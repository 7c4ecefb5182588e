"""Tables of the catalog. `ProductCard` is the one row a list reads; services that change its sources keep it."""

from django.db import models
from django.db.models import Q

from tenant_apps.catalog.rules import (
    MAX_AMOUNT,
    MAX_WEIGHT_GRAMS,
    JobState,
    ProductKind,
    ProductStatus,
    ReviewState,
    RowState,
)


class Category(models.Model):
    """A tree of two levels."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=30)
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="children")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        app_label = "catalog"
        constraints = [models.CheckConstraint(name="catalog_category_no_self", condition=~Q(parent=models.F("id")))]

    def __str__(self) -> str:
        return self.name


class Brand(models.Model):
    """Who made it, as shoppers look for it. Deleted only while no product carries it."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=40, unique=True)
    description = models.CharField(max_length=200, blank=True, default="")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        app_label = "catalog"

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    """What a shopper sees as one thing; what is bought is one of its SKUs."""

    ulid = models.CharField(max_length=26, unique=True)
    kind = models.CharField(max_length=12, choices=[(k.value, k.value) for k in ProductKind], default=ProductKind.GOODS)
    seller_ulid = models.CharField(max_length=26, blank=True, default="")  # empty: the mall's own
    seller_sells = models.BooleanField(default=True)  # whether that seller may sell now: sellers keep it
    title = models.CharField(max_length=80)
    subtitle = models.CharField(max_length=120, blank=True, default="")
    description_html = models.TextField(blank=True, default="")
    category = models.ForeignKey(Category, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    brand = models.ForeignKey(Brand, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    tags = models.JSONField(default=list)  # texts, each once
    handle = models.CharField(max_length=255, blank=True, default="")  # what another shop's file calls it; once a mall
    search_text = models.TextField(default="")  # rules.search_text: kept by the services that write its parts
    freight_template = models.CharField(max_length=26, blank=True, default="")  # ULID; empty: the mall's own terms
    free_shipping = models.BooleanField(default=False)
    shelf_at = models.DateTimeField(null=True)  # goes on shelf by itself then
    unshelve_at = models.DateTimeField(null=True)  # leaves it by itself then
    source = models.JSONField(default=dict)  # raw columns of the file it came from, for the way back
    options = models.JSONField(default=list)  # [{"name": …, "values": […]}], validated by rules.grid_fault
    status = models.CharField(
        max_length=12, choices=[(s.value, s.value) for s in ProductStatus], default=ProductStatus.DRAFT
    )
    sold = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    shelved_at = models.DateTimeField(null=True)
    # What a seller asks of the mall: to look at the product, or at a change of it that is not live (services.changes).
    review_state = models.CharField(
        max_length=8, blank=True, default="", choices=[(s.value, s.value) for s in ReviewState]
    )
    review = models.JSONField(null=True)

    class Meta:
        app_label = "catalog"
        indexes = [
            models.Index(fields=["id"], name="catalog_product_review", condition=Q(review_state="waiting")),
            models.Index(fields=["status", "-id"], name="catalog_product_status"),
            models.Index(fields=["brand"], name="catalog_product_brand", condition=Q(brand__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(name="catalog_product_title", condition=~Q(title="")),
            models.UniqueConstraint(fields=["handle"], name="catalog_product_handle", condition=~Q(handle="")),
            models.CheckConstraint(
                name="catalog_product_status_known", condition=Q(status__in=[s.value for s in ProductStatus])
            ),
            models.CheckConstraint(
                name="catalog_product_shelved",
                condition=~Q(status=ProductStatus.ON_SHELF) | Q(shelved_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Sku(models.Model):
    """One cell of a product's grid. Never deleted: orders point at it; `is_active` says whether it is still offered."""

    ulid = models.CharField(max_length=26, unique=True)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="skus")
    option_values = models.JSONField(default=list)
    option_text = models.CharField(max_length=200, blank=True, default="")
    code = models.CharField(max_length=40, blank=True, default="")
    barcode = models.CharField(max_length=40, blank=True, default="")
    price_amount = models.BigIntegerField()
    compare_amount = models.BigIntegerField(null=True, blank=True)  # what it cost before, shown struck through
    supply_amount = models.BigIntegerField(null=True, blank=True)
    weight_grams = models.PositiveIntegerField(default=0)
    source = models.JSONField(default=dict)  # raw columns of the file it came from
    stock = models.IntegerField(default=0)
    is_active = models.BooleanField(default=True)
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        app_label = "catalog"
        constraints = [
            models.UniqueConstraint(
                fields=["product", "option_text"], name="catalog_sku_once", condition=Q(is_active=True)
            ),
            models.CheckConstraint(name="catalog_sku_stock", condition=Q(stock__gte=0)),
            models.CheckConstraint(name="catalog_sku_price", condition=Q(price_amount__range=(1, MAX_AMOUNT))),
            models.CheckConstraint(
                name="catalog_sku_supply", condition=Q(supply_amount=None) | Q(supply_amount__range=(0, MAX_AMOUNT))
            ),
            models.CheckConstraint(
                name="catalog_sku_compare", condition=Q(compare_amount=None) | Q(compare_amount__range=(1, MAX_AMOUNT))
            ),
            models.CheckConstraint(name="catalog_sku_weight", condition=Q(weight_grams__lte=MAX_WEIGHT_GRAMS)),
        ]

    def __str__(self) -> str:
        return self.option_text or self.ulid


class ProductImage(models.Model):
    """A picture with its renditions under `key` (`t/<mall>/p/<ulid>`), made once; the first is the cover."""

    ulid = models.CharField(max_length=26, unique=True)
    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="images")
    key = models.CharField(max_length=120, unique=True)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    alt = models.CharField(max_length=200, blank=True, default="")
    source_url = models.CharField(max_length=500, blank=True, default="")  # where an import found it
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        app_label = "catalog"


class Zone(models.Model):
    """A part of the mall with its own prices and rules (`terms`: rules.ZoneTerms, or none); three come with the schema."""

    key = models.SlugField(max_length=30, unique=True)
    name = models.CharField(max_length=30)
    position = models.PositiveSmallIntegerField(default=0)
    terms = models.JSONField(null=True, blank=True)

    class Meta:
        app_label = "catalog"

    def __str__(self) -> str:
        return self.name


class Offer(models.Model):
    """A SKU in a zone, with its price there (fen). `terms`: level and quantity prices (rules.PriceTerms), or none."""

    sku = models.ForeignKey(Sku, on_delete=models.CASCADE, related_name="offers")
    zone = models.ForeignKey(Zone, on_delete=models.PROTECT, related_name="+")
    price_amount = models.BigIntegerField()
    terms = models.JSONField(null=True)

    class Meta:
        app_label = "catalog"
        constraints = [
            models.UniqueConstraint(fields=["sku", "zone"], name="catalog_offer_once"),
            models.CheckConstraint(name="catalog_offer_price", condition=Q(price_amount__range=(1, MAX_AMOUNT))),
        ]


class ProductCard(models.Model):
    """What a list shows of a product in a zone, in one row. Written by services.cards and services.stock alone."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="+")
    zone = models.ForeignKey(Zone, on_delete=models.CASCADE, related_name="+")
    category = models.ForeignKey(Category, null=True, on_delete=models.SET_NULL, related_name="+")
    brand = models.ForeignKey(Brand, null=True, on_delete=models.SET_NULL, related_name="+")
    search_text = models.TextField(default="")
    product_ulid = models.CharField(max_length=26)
    title = models.CharField(max_length=80)
    subtitle = models.CharField(max_length=120, default="")
    image_key = models.CharField(max_length=120, default="")
    price_amount = models.BigIntegerField()
    highest_price_amount = models.BigIntegerField()
    level_amount = models.BigIntegerField(null=True)  # the lowest price entered for partners
    stock = models.IntegerField()
    sold = models.PositiveIntegerField()
    is_visible = models.BooleanField()
    shelved_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "catalog"
        constraints = [models.UniqueConstraint(fields=["product", "zone"], name="catalog_card_once")]
        indexes = [
            models.Index(fields=["zone", "-sold", "-id"], name="catalog_card_sold", condition=Q(is_visible=True)),
            models.Index(fields=["zone", "category"], name="catalog_card_category", condition=Q(is_visible=True)),
            models.Index(
                fields=["zone", "brand"], name="catalog_card_brand", condition=Q(is_visible=True, brand__isnull=False)
            ),
        ]


class Job(models.Model):
    """Work on many products: an import, an export, a bulk edit. Its steps are events, each a transaction of its own."""

    ulid = models.CharField(max_length=26, unique=True)
    kind = models.CharField(max_length=16)  # rules.JobKind
    state = models.CharField(max_length=12, choices=[(s.value, s.value) for s in JobState])
    actor = models.CharField(max_length=60)
    file_name = models.CharField(max_length=200, blank=True, default="")
    file_key = models.CharField(max_length=160, blank=True, default="")  # private: what was uploaded
    pictures_key = models.CharField(max_length=160, blank=True, default="")  # private: a zip of pictures
    result_key = models.CharField(max_length=160, blank=True, default="")  # private: what an export wrote
    settings = models.JSONField(default=dict)  # what was asked for
    figures = models.JSONField(default=dict)  # rows read, products found, done, refused …
    cursor = models.PositiveIntegerField(default=0)  # how far the phase has come
    fault = models.CharField(max_length=300, blank=True, default="")  # why it stopped
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "catalog"
        indexes = [models.Index(fields=["-id"], name="catalog_job_newest")]
        constraints = [
            models.CheckConstraint(name="catalog_job_state_known", condition=Q(state__in=[s.value for s in JobState])),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.ulid}"


class JobRow(models.Model):
    """One product (or picture) of a job. Unique in its job by `key`: applied once, whatever happens to the worker."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="rows")
    key = models.CharField(max_length=300)
    number = models.PositiveIntegerField()  # the first row of the file it stands in, the heading being 1
    state = models.CharField(max_length=10, choices=[(s.value, s.value) for s in RowState])
    title = models.CharField(max_length=120, blank=True, default="")
    product_ulid = models.CharField(max_length=26, blank=True, default="")
    data = models.JSONField(default=dict)  # the product as read; for an edit what it was and what it became
    faults = models.JSONField(default=list)  # [{"row", "column", "reason", "value"}]

    class Meta:
        app_label = "catalog"
        constraints = [models.UniqueConstraint(fields=["job", "key"], name="catalog_job_row_once")]
        indexes = [models.Index(fields=["job", "state", "id"], name="catalog_job_row_state")]
