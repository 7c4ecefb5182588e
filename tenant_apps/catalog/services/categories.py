"""Categories: a tree of two."""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.errors import DomainError, InvalidInput, NotFound
from tenant_apps.catalog.models import Category


class CategoryTooDeep(DomainError):
    """The tree has two levels."""

    code = "category_too_deep"
    http_status = 422
    message = _("A category below “{parent}” cannot have children: the tree has two levels.")


class SlugTaken(DomainError):
    """Another category has this address."""

    code = "slug_taken"
    message = _("The address “{slug}” is already used by another category.")


def create_category(*, slug: str, name: str, parent_slug: str | None = None, position: int = 0, actor: str) -> Category:
    """Add a category, at the top or below a top one. Raises SlugTaken, CategoryTooDeep, NotFound, InvalidInput."""
    if not slug or not name.strip():
        raise InvalidInput(field="name" if slug else "slug")
    with transaction.atomic():
        parent = None
        if parent_slug:
            parent = Category.objects.filter(slug=parent_slug).first()
            if parent is None:
                raise NotFound
            if parent.parent_id is not None:
                raise CategoryTooDeep(parent=parent.name)
        row, made = Category.objects.get_or_create(
            slug=slug, defaults={"name": name.strip(), "parent": parent, "position": position}
        )
        if not made:
            raise SlugTaken(slug=slug, field="slug")
        audit.record(actor, "category.created", target=f"category:{slug}")
    return row


def rename_category(*, slug: str, name: str, position: int | None = None, actor: str) -> None:
    """Change a category's name or place in the menu. Raises NotFound, InvalidInput."""
    if not name.strip():
        raise InvalidInput(field="name")
    changes: dict[str, object] = {"name": name.strip()}
    if position is not None:
        changes["position"] = position
    with transaction.atomic():
        if not Category.objects.filter(slug=slug).update(**changes):
            raise NotFound
        audit.record(actor, "category.changed", target=f"category:{slug}", name=name)
