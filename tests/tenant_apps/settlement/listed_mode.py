"""A mode whose settings are its awards, listed: brings every kind of payee into a settlement without another rule."""

from collections.abc import Sequence
from typing import Any, ClassVar

import pytest

from saas.kernel.ids import new_ulid
from tenant_apps.modes import registry
from tenant_apps.modes import rules as waterfall
from tenant_apps.modes.contract import Award, BaseMode, LineFacts, PayeeKind, Quote, SaleFacts, Sentence
from tenant_apps.modes.models import SettingsVersion
from tenant_apps.modes.settings_model import SettingsModel
from tests.factories.sales import NOW


class ListedSettings(SettingsModel):
    """(kind, payee kind, payee, fen) of each award of each line."""

    awards: tuple[tuple[str, PayeeKind, str, int], ...] = ()


class ListedMode:
    """The contract, no more."""

    key: ClassVar[str] = "listed"
    label: ClassVar[str] = "Listed"
    settings = ListedSettings
    replaces: ClassVar[frozenset[str]] = frozenset()

    def takes(self, settings: ListedSettings, line: LineFacts) -> bool:
        return True

    def quote(self, settings: Any, offer: Any, buyer: Any) -> Quote:
        return Quote(unit_price=offer.list_price)

    def award(self, settings: ListedSettings, line: LineFacts, sale: SaleFacts) -> Sequence[Award]:
        return [
            Award(
                mode=self.key, kind=kind, payee=payee, payee_kind=payee_kind, base=BaseMode.PAID,
                base_amount=line.cash, rate_ppm=0, amount=amount, full_amount=amount,
            )
            for kind, payee_kind, payee, amount in settings.awards
        ]  # fmt: skip

    def claw_back(self, amount: int, paid: int, refunded: int, taken: int) -> int:
        return waterfall.claw_back(amount, paid, refunded, taken)

    def validate(self, settings: Any, channel: Any) -> Sequence[Any]:
        return ()

    def explain(self, award: Award, told: Any) -> Sentence:
        return Sentence("Listed.")


JOINED: list[dict[str, object]] = []
ANSWER: dict[str, str] = {}


def join(**facts: object) -> dict[str, str]:
    """Who the reserves of an order go to: as `tenant_apps.modes.link21.services.join` answers."""
    JOINED.append(facts)
    return ANSWER


class ListedLink(ListedMode):
    """The same under the name of the mode whose reserves are assigned at completion."""

    key: ClassVar[str] = "link21"


def pinned(
    monkeypatch: pytest.MonkeyPatch, *awards: tuple[str, PayeeKind, str, int], mode: type[ListedMode] = ListedMode
) -> dict[str, str]:
    """Put the mode into the registry and a version of it on record; the pins of an order sold under it."""
    monkeypatch.setitem(registry.MODES, mode.key, mode())
    monkeypatch.setitem(registry.SETTINGS, mode.key, ListedSettings)
    row = SettingsVersion.objects.create(
        ulid=new_ulid(), mode=mode.key, number=1 + SettingsVersion.objects.filter(mode=mode.key).count(),
        values=ListedSettings(awards=awards).model_dump(mode="json"), effective_from=NOW, author="system",
        reason="test", created_at=NOW,
    )  # fmt: skip
    return {mode.key: row.ulid}
