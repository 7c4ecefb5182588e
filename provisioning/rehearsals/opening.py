"""The job that opens a mall: made ready, wiped and proved empty in one transaction, then tidied up. Never back."""

from django.db import transaction

from provisioning.rehearsals import wiping
from saas.kernel.clock import now, real_now
from saas.kernel.crashpoint import crashpoint
from saas.ledger import selectors as ledger
from saas.tenants.jobs import selectors as jobs
from saas.tenants.jobs import services
from saas.tenants.jobs.models import Job
from saas.tenants.malls import selectors as malls
from saas.tenants.malls import storage
from saas.tenants.malls.activation import in_mall
from tenant_apps.catalog.models import Product, ProductImage
from tenant_apps.catalog.services import cards
from tenant_apps.design import services as design
from tenant_apps.rehearsal import selectors as rehearsal

_CARDS = 200  # of list rows recomputed at once


def open_mall(job: Job) -> bool:
    """Take the opening as far as it goes; a worker that was killed is followed by one that goes on. Always over, or
    raises: MallNotReady, VendorNotVerified (then nothing has changed)."""
    mall = malls.mall_by_ulid(job.mall)
    if not wiping.was_opened(job.mall):
        with in_mall(mall):
            design.require_ready(mall=mall, now=now())
            tests = rehearsal.made_by_tests(mall)
            keys = ProductImage.objects.filter(product__ulid__in=tests["products"]).values_list("key", flat=True)
            pictures = list(keys)
        services.note_progress(job, pictures=pictures, percent=20)
        crashpoint("opening.begun")
        wiping.wipe_and_open(mall=job.mall, job=job.ulid, actor=job.actor, tests=tests, now=real_now())
    crashpoint("opening.open")
    job = jobs.job(job.ulid)
    malls.forget_mall(mall)
    with in_mall(malls.mall_by_ulid(job.mall)):
        _tidy(job)
        crashpoint("opening.tidied")
        services.finish_job(job, now=real_now(), percent=100, families=len(ledger.trial_balance()))
    return True


def _tidy(job: Job) -> None:
    """What no transaction holds: pictures of test goods, and what is read from caches."""
    for key in job.progress.get("pictures", []):
        storage.mall_storage().delete_folder(key)
    products = list(Product.objects.order_by("pk").values_list("pk", flat=True))
    for start in range(0, len(products), _CARDS):
        with transaction.atomic():
            cards.refresh(products[start : start + _CARDS])
    design.forget_brand()
