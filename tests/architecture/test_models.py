"""What must hold for the tables of a role. Reads the models alone; needs no database."""

from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db.models import Field, Model

from saas.runtime.paths import PROJECT

# The layers of DESIGN 2, lowest first; a foreign key may point to the same package or to a lower one.
_PLATFORM = ("saas.kernel", "saas.messaging", "saas.ledger", "saas.identity", "saas.tenants", "saas.support")
_PLATFORM += ("billing", "tenant_apps", "provisioning", "saas.website", "saas.account", "saas.console", "saas.config")
_MALL = (
    "members",
    "catalog",
    "sellers",
    "modes",
    "payments",
    "promotions",
    "orders",
    "counter",
    "care",
    "settlement",
    "payouts",
    "design",
    "insights",
)


# Signing in reads the user and the member in one statement (members.backends). This list may only shrink.
_REACHES_BACK = {"members.Member.user"}


def models_of(names: list[str]) -> list[type[Model]]:
    return [
        model
        for config in apps.get_app_configs()
        if config.name in names
        for model in config.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy
    ]


def foreign_keys(model: type[Model]) -> list[Field]:
    return [field for field in model._meta.local_fields if field.is_relation and field.related_model]


def height(package: str) -> tuple[int, int]:
    """Where a package stands: its platform layer, and inside a mall its layer there. Django's own are lowest."""
    for position, prefix in enumerate(_PLATFORM):
        if package == prefix or package.startswith(prefix + "."):
            inside = package.split(".")[1] if package.startswith("tenant_apps.") else ""
            return position, _MALL.index(inside) if inside in _MALL else len(_MALL)
    return -1, 0


def all_models() -> list[type[Model]]:
    return models_of([config.name for config in apps.get_app_configs()])


def our_models() -> list[type[Model]]:
    prefixes = ("saas.", "tenant_apps.", "provisioning.", "billing")
    return [model for model in all_models() if model._meta.app_config.name.startswith(prefixes)]


def test_every_table_has_a_primary_key():
    assert [model._meta.label for model in all_models() if model._meta.pk is None] == []


def test_foreign_keys_point_to_the_same_package_or_a_lower_one():
    found = []
    for model in our_models():
        own = model._meta.app_config.name
        for field in foreign_keys(model):
            target = field.related_model._meta.app_config.name
            if target != own and height(target) > height(own):
                found.append(f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}")
    assert found == []


def test_nobody_reaches_back_over_a_foreign_key_from_another_package():
    found = []
    for model in our_models():
        own = model._meta.app_config.name
        for field in foreign_keys(model):
            target = field.related_model._meta.app_config
            hidden = field.remote_field.related_name
            if target.name != own and not (hidden and hidden.endswith("+")):
                found.append(f"{model._meta.label}.{field.name}")
    assert set(found) <= _REACHES_BACK


def test_no_foreign_key_crosses_between_a_mall_and_the_public_schema():
    """In a cell; in control everything lies in one schema, and there is nothing to cross."""
    in_cell = settings.ROLE == "cell"
    shared, tenant = (set(settings.SHARED_APPS), set(settings.TENANT_APPS)) if in_cell else (set(), set())
    assert shared & tenant == set()
    found = []
    for names, others in ((shared, tenant), (tenant, shared)):
        for model in models_of(list(names)):
            found += [
                f"{model._meta.label}.{field.name}"
                for field in foreign_keys(model)
                if field.related_model._meta.app_config.name in others
            ]
    assert found == []


def test_the_two_databases_have_no_app_in_common_but_the_shared_ground():
    """Apps of both control and a cell: framework, people, books, messages, channels, sealed secrets, senders.
    Everything else belongs to one side."""
    cell = {*settings.SHARED_APPS, *settings.TENANT_APPS}
    both = {name for name in cell & set(settings.CONTROL_APPS) if not name.startswith(("django.", "allauth"))}
    ground = {"saas.identity", "saas.ledger", "saas.messaging.bus", "saas.messaging.notices"}
    assert both == {*ground, "saas.channels", "saas.tenants.vault", "saas.tenants.senders"}


def test_money_is_whole_numbers():
    found = []
    for model in our_models():
        found += [
            f"{model._meta.label}.{field.name}"
            for field in model._meta.local_fields
            if field.get_internal_type() in ("FloatField", "DecimalField")
        ]
    assert found == []


def test_no_table_orders_itself_and_no_flag_is_half_set():
    ordered, nullable = [], []
    for model in our_models():
        if model._meta.ordering:
            ordered.append(model._meta.label)
        nullable += [
            f"{model._meta.label}.{field.name}"
            for field in model._meta.local_fields
            if field.get_internal_type() == "BooleanField" and field.null
        ]
    assert (ordered, nullable) == ([], [])


def test_each_package_with_tables_has_migrations():
    found = []
    for config in apps.get_app_configs():
        folder = Path(config.path)
        if folder.is_relative_to(PROJECT) and ".venv" not in folder.parts and list(config.get_models()):
            found += [] if list((folder / "migrations").glob("0*.py")) else [config.name]
    assert found == []
