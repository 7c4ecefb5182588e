"""Who is still to be told of new terms (MODES 14 #11): every member with lots that go on, once a version, batch by batch."""

from tenant_apps.modes.subsidy.models import Lot, Pool

_DONE = "~"  # behind every ULID


def next_to_tell(*, version: str, limit: int) -> list[str]:
    """The next members to be told of the settings version `version`, in order; empty: all were. Locks the first pool."""
    pool = Pool.objects.select_for_update().order_by("pk").first()
    if pool is None:
        return []
    after = pool.told_holder if pool.told_version == version else ""
    rows = Lot.objects.filter(is_closed=False, holder_ulid__gt=after).order_by("holder_ulid").distinct()
    found = list(rows.values_list("holder_ulid", flat=True)[:limit])
    if pool.told_version != version or found or after != _DONE:
        pool.told_version, pool.told_holder = version, found[-1] if len(found) == limit else _DONE
        pool.save(update_fields=["told_version", "told_holder"])
    return found
