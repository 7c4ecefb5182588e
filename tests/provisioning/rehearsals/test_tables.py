"""Every table of a mall has its fate when the rehearsal ends: a new table without one fails here."""

from django.conf import settings

from provisioning.rehearsals.tables import ADJUSTMENTS, FATES, KEPT_TOPICS, Fate
from saas.config import wiring
from tests.architecture.test_models import models_of


def test_every_table_of_a_mall_is_wiped_kept_or_adjusted():
    own = set(filter(None, [*settings.TENANT_APPS]))
    labels = {
        model._meta.label for model in models_of(list(own)) if not model._meta.app_config.name.startswith("tests")
    }
    assert labels - set(FATES) == set(), "say in provisioning/rehearsals/tables.py what becomes of these tables"
    assert set(FATES) - labels == set()


def test_adjusted_tables_have_statements_and_no_other_has():
    assert {label for label, _statement in ADJUSTMENTS} == {one for one, fate in FATES.items() if fate is Fate.ADJUSTED}
    assert set(KEPT_TOPICS) <= set(wiring.CELL)


def test_nothing_that_is_kept_points_at_what_is_wiped():
    found = []
    for model in models_of(list(settings.TENANT_APPS)):
        if FATES[model._meta.label] is Fate.KEPT:
            found += [
                f"{model._meta.label}.{field.name}"
                for field in model._meta.local_fields
                if field.is_relation and FATES[field.related_model._meta.label] is Fate.WIPED
            ]
    assert found == []
