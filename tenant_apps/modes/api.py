"""Money rules over HTTP, for the mall's staff: what holds, its schema, its versions; owners publish.

One publishing operation a mode, so that the API's schema carries each setting with its unit, range and default.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from ninja.security import SessionAuth
from pydantic import BaseModel, ConfigDict, Field, create_model

from saas.identity.roles import Role, has_role
from saas.kernel import clock
from saas.kernel.errors import Forbidden, NotFound
from tenant_apps.modes import describing, selectors, services
from tenant_apps.modes.models import SettingsVersion
from tenant_apps.modes.registry import SETTINGS

router = Router(tags=["modes"], auth=SessionAuth(csrf=True))


class VersionOut(Schema):
    """One published version. `cautions` are the codes that the author accepted."""

    ulid: str
    mode: str
    zone: str
    number: int
    values: dict[str, Any]
    effective_from: dt.datetime
    author: str
    reason: str
    cautions: list[str]
    created_at: dt.datetime


class ModeOut(Schema):
    """The settings of a mode in force now; `version` is empty and `number` 0 where none was published."""

    mode: str
    version: str
    number: int
    values: dict[str, Any] | None


class PublishIn(Schema):
    """What every publication says besides its values."""

    model_config = ConfigDict(extra="forbid")

    reason: str = Field(min_length=1, max_length=200)
    effective_from: dt.datetime | None = None
    accept_cautions: bool = False
    expected_number: int | None = Field(None, ge=0)


@router.get("", response=list[ModeOut])
def modes(request: HttpRequest) -> list[ModeOut]:
    """Every mode and the terms beside them, with what is in force."""
    _require(request, Role.FINANCE)
    return [_mode(mode) for mode in SETTINGS]


@router.get("/{mode}", response=ModeOut)
def mode(request: HttpRequest, mode: str) -> ModeOut:
    """What is in force of one mode."""
    _require(request, Role.FINANCE)
    return _mode(_known(mode))


@router.get("/{mode}/schema", response=dict[str, Any])
def schema(request: HttpRequest, mode: str) -> dict[str, Any]:
    """JSON schema of a mode's settings: type, unit, range, default, label, help."""
    _require(request, Role.FINANCE)
    return describing.api_schema(_known(mode))


@router.get("/{mode}/versions", response=list[VersionOut])
def versions(request: HttpRequest, mode: str) -> list[SettingsVersion]:
    """Every version, newest first, a hundred at most."""
    _require(request, Role.FINANCE)
    return list(selectors.history(mode=_known(mode))[:100])


def _publishing(mode: str, model: type[BaseModel]) -> Callable[..., Any]:
    body: Any = create_model(f"{mode.title()}Publication", __base__=PublishIn, values=(model, ...))

    def publish(request: HttpRequest, draft: body) -> Status[SettingsVersion]:
        _require(request, Role.OWNER)
        made = services.publish_settings(
            actor=f"user:{request.user.public_id}",  # type: ignore[union-attr]
            mode=mode,
            values=selectors.values_of(draft.values),
            reason=draft.reason,
            effective_from=draft.effective_from,
            accept_cautions=draft.accept_cautions,
            expected_number=draft.expected_number,
            now=clock.now(),
        )
        return Status(201, made)

    publish.__doc__ = f"Publish a new version of {mode}: it holds for orders placed from then on."
    return publish


for _mode_key, _model in SETTINGS.items():
    router.post(
        f"/{_mode_key}/publish",
        response={201: VersionOut},
        operation_id=f"publish_{_mode_key}",
        summary=f"Publish {_mode_key}",
    )(_publishing(_mode_key, _model))


def _mode(mode: str) -> ModeOut:
    current = selectors.current_settings(mode=mode, now=clock.now())
    if current is None:
        return ModeOut(mode=mode, version="", number=0, values=None)
    return ModeOut(mode=mode, version=current.ulid, number=current.number, values=selectors.values_of(current.values))


def _known(mode: str) -> str:
    if mode not in SETTINGS:
        raise NotFound
    return mode


def _require(request: HttpRequest, role: Role) -> None:
    """Owners may everything that finance may. Raises Forbidden."""
    if not (request.user.is_staff and has_role(request.user, role)):  # type: ignore[arg-type,union-attr]
        raise Forbidden
