"""Money rules over HTTP, for the mall's staff: what holds, its schema, its versions; owners publish.

One publishing operation a mode, so that the API's schema carries each setting with its unit, range and default.
"""

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema, Status
from ninja.security import SessionAuth
from pydantic import BaseModel, ConfigDict, Field, create_model

from saas.identity import services as identity
from saas.identity.roles import Role, has_role
from saas.kernel import clock
from saas.kernel.errors import Forbidden, NotFound
from tenant_apps.modes import describing, preview, selectors, services
from tenant_apps.modes.contract import SellerKind
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
    approved_by: str
    reason: str
    cautions: list[str]
    created_at: dt.datetime


class PreparedOut(Schema):
    """Nothing was published yet: a second person has to approve it on the backoffice's page before `expires_at`."""

    ulid: str
    expires_at: dt.datetime


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


class DraftIn(Schema):
    """Settings to be laid over those in force; `values` null: the zone follows the whole mall."""

    model_config = ConfigDict(extra="forbid")

    mode: str
    zone: str = ""
    values: dict[str, Any] | None


class QuestionIn(Schema):
    """A sale as somebody imagines it: a SKU, or goods with price and supply price; a member, or a typical buyer.

    `ranks` are those of the people above the buyer, nearest first (-1: nobody there). Amounts in fen, rates in ppm.
    """

    model_config = ConfigDict(extra="forbid")

    sku: str = ""
    zone: str = "self_operated"
    price_amount: int = Field(0, ge=0)
    cost_amount: int = Field(0, ge=0)
    seller_kind: SellerKind = SellerKind.SELF
    seller_rate_ppm: int = Field(0, ge=0, le=1_000_000)
    quantity: int = Field(1, ge=1, le=999)
    discount_amount: int = Field(0, ge=0)
    member: str = ""
    level: str = "ordinary"
    rank: int = Field(0, ge=0, le=3)
    promoter: bool = False
    ranks: list[Annotated[int, Field(ge=-1, le=3)]] = Field([1, 2, 3], max_length=3)
    store: bool = True
    areas: bool = True
    district: str = Field("", max_length=6)
    pickup: bool = False
    drafts: list[DraftIn] = Field([], max_length=20)


class RowOut(Schema):
    """One share of what was paid; `cut` is what the pot took off it."""

    part: str
    title: str
    payee: str
    why: str
    wanted: int
    amount: int
    cut: int


class AnswerOut(Schema):
    """The waterfall of the line: `rows` add up to `paid`, the mall's own part is signed. An assumption, no promise."""

    title: str
    price_amount: int
    paid: int
    funds: int
    pot: int
    awarded: int
    cut: int
    house: int
    rows: list[RowOut]


class PreviewOut(Schema):
    """The answer under the settings in force, and with the drafts laid over them."""

    in_force: AnswerOut
    drafted: AnswerOut | None


@router.post("/preview", response=PreviewOut)
def preview_sale(request: HttpRequest, question: QuestionIn) -> dict[str, Any]:
    """What a sale would pay, and to whom, by the rules that settle real orders. Writes nothing."""
    _require(request, Role.FINANCE)
    asked = question.model_dump(exclude={"drafts"})
    asked["ranks"] = tuple(asked["ranks"])
    instant = clock.now()
    facts = preview.imagine(sought := preview.Question(**asked), now=instant)
    drafted = [
        selectors.Drafted(one.mode, one.zone, services.parse_draft(one.mode, one.zone, one.values))
        for one in question.drafts
    ]
    in_force, laid = preview.rulebooks(now=instant, drafted=drafted)
    return {
        "in_force": preview.answer(sought, facts, in_force),
        "drafted": preview.answer(sought, facts, laid) if laid else None,
    }


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

    def publish(request: HttpRequest, draft: body) -> Status[Any]:
        _require(request, Role.OWNER)
        actor = f"user:{request.user.public_id}"  # type: ignore[union-attr]
        try:
            made = services.publish_settings(
                actor=actor,
                mode=mode,
                values=selectors.values_of(draft.values),
                reason=draft.reason,
                effective_from=draft.effective_from,
                accept_cautions=draft.accept_cautions,
                expected_number=draft.expected_number,
                now=clock.now(),
            )
        except identity.SecondPersonNeeded as error:
            row = identity.prepare_action(**error.asked, actor=actor, now=clock.now())
            return Status(202, PreparedOut(ulid=row.ulid, expires_at=row.expires_at))
        return Status(201, made)

    publish.__doc__ = f"Publish a new version of {mode}: it holds for orders placed from then on."
    return publish


for _mode_key, _model in SETTINGS.items():
    router.post(
        f"/{_mode_key}/publish",
        response={201: VersionOut, 202: PreparedOut},
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
