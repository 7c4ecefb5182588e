"""What an export holds, told from its manifest; and what another plan gives its mall instead. Nothing here reads a database."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from provisioning.archives.bundles import ArchiveRefused


@dataclass(frozen=True)
class Findings:
    """The facts of one export that people decide by."""

    export: str
    title: str
    installation: str
    taken_at: str
    migrations: str
    tables: int
    rows: int
    pictures: int
    events: int
    largest: list[tuple[str, int]]  # tables of ten rows and more, by name
    book: list[tuple[str, int, str]]  # family, posted, asset
    withheld: list[tuple[str, str]]  # table.column, why
    hosts: list[str]
    entitlements: dict[str, Any]
    counts: dict[str, int]  # by the name of the limit that they meet

    @property
    def book_balances(self) -> bool:
        """Whether the postings of each asset add up to nothing."""
        sums: dict[str, int] = {}
        for _family, posted, asset in self.book:
            sums[asset] = sums.get(asset, 0) + posted
        return not any(sums.values())


@dataclass(frozen=True)
class Difference:
    """One right of the mall: what it had, what it gets; `over`: the mall has more of it than the plan allows."""

    feature: str
    there: Any
    here: Any
    over: bool = False


def of_manifest(manifest: Mapping[str, Any]) -> Findings:
    """The facts of a manifest. Raises ArchiveRefused (manifest_incomplete)."""
    try:
        mall = manifest["mall"]
        full = {str(name): int(one["rows"]) for name, one in sorted(manifest["tables"].items()) if one["rows"]}
        return Findings(
            export=str(manifest["export"]),
            title=str(mall["name"]),
            installation=str(manifest["installation"]),
            taken_at=str(manifest["taken_at"]),
            migrations=str(manifest.get("migrations")),
            tables=len(manifest["tables"]),
            rows=sum(full.values()),
            pictures=len(manifest["media"]),
            events=int(manifest["events"]),
            largest=[(name, rows) for name, rows in full.items() if rows >= 10],
            book=[(str(one["family"]), int(one["posted"]), str(one["asset"])) for one in manifest["trial_balance"]],
            withheld=[(f"{one['table']}.{one['column']}", str(one["why"])) for one in manifest["withheld"]],
            hosts=[str(one["domain"]) for one in mall["hosts"]],
            entitlements=dict(mall["entitlements"]),
            counts={"products_max": full.get("catalog_product", 0)},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ArchiveRefused("manifest_incomplete", str(error)[:80]) from None


def differences(
    entitlements: Mapping[str, Any], counts: Mapping[str, int], ours: Mapping[str, Any]
) -> list[Difference]:
    """The rights that the plan here (`ours`, as JSON has it) gives otherwise, and the counts above its limits."""
    told = [
        Difference(name, entitlements[name], ours[name])
        for name in sorted(entitlements.keys() & ours.keys())
        if entitlements[name] != ours[name]
    ]
    return told + [
        Difference(name, count, ours[name], over=True)
        for name, count in counts.items()
        if isinstance(ours.get(name), int) and count > ours[name]
    ]
