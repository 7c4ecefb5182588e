"""Ads: written by staff, watched by members, a day computed once. Paying it is settlement's (MODES 13a)."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from saas.identity import audit
from saas.kernel.claims import forbidden_claims
from saas.kernel.clock import CHINA, china_date
from saas.kernel.errors import DomainError, InvalidInput
from saas.kernel.ids import new_ulid
from tenant_apps.modes import selectors as modes
from tenant_apps.modes.advertising import rules, selectors
from tenant_apps.modes.advertising.models import AdDay, AdIncome, AdTask, AdView
from tenant_apps.modes.advertising.settings import AdvertisingSettings

MODE = "advertising"
LARGEST_INCOME = 100_000_000_000
SECONDS = (5, 300)


class ForbiddenAdClaim(DomainError):
    """An ad that promises returns (MODES 14 #9)."""

    code = "forbidden_claim"
    http_status = 422
    message = _(
        "This text may not be published: “{claims}” promises what no shop may promise (rule 9 of the legal guard-rails)."
    )  # type: ignore[assignment]


class AdsOff(DomainError):
    """The mall shows no ads at the moment."""

    code = "ads_off"
    message = _("This mall shows no ads at the moment.")


class AdNotRunning(DomainError):
    """The ad is over, or was stopped."""

    code = "ad_not_running"
    message = _("This ad is not shown any more.")


class AdTooShort(DomainError):
    """The ad has not been looked at long enough."""

    code = "ad_too_short"
    message = _("Please look at the ad for {seconds} more seconds.")


class AdsOfDayDone(DomainError):
    """The day's number of ads is reached."""

    code = "ads_of_day_done"
    message = _("You have finished all ads that count today. Come back tomorrow.")


@dataclass(frozen=True, kw_only=True)
class AdDraft:
    """An ad as staff enter it."""

    title: str
    text: str
    advertiser: str
    link: str = ""
    seconds: int = 15
    first_day: dt.date
    last_day: dt.date | None = None


def settings_in_force(now: dt.datetime) -> AdvertisingSettings | None:
    """The settings in force, or None while the mode is off."""
    pinned = modes.current_settings(mode=MODE, now=now)
    return pinned.values if pinned and pinned.values.enabled else None


def save_task(*, draft: AdDraft, actor: str, now: dt.datetime, ulid: str = "") -> AdTask:
    """Show an ad, or change one (`ulid`). Raises InvalidInput naming the field, ForbiddenAdClaim, NotFound."""
    _check(draft)
    row = selectors.task(ulid) if ulid else AdTask(ulid=new_ulid(), created_by=actor, created_at=now)
    for name, value in asdict(draft).items():
        setattr(row, name, value.strip() if isinstance(value, str) else value)
    with transaction.atomic():
        row.save()
        audit.record(
            actor, "ad.changed" if ulid else "ad.created", target=f"ad:{row.ulid}", title=row.title, seconds=row.seconds
        )
    return row


def stop_task(*, ulid: str, is_stopped: bool, actor: str, now: dt.datetime) -> AdTask:
    """Stop showing an ad, or show it again; what was finished before counts. Raises NotFound."""
    row = selectors.task(ulid)
    if (row.stopped_at is not None) == is_stopped:
        return row
    row.stopped_at = now if is_stopped else None
    with transaction.atomic():
        row.save(update_fields=["stopped_at"])
        audit.record(actor, "ad.stopped" if is_stopped else "ad.shown_again", target=f"ad:{row.ulid}")
    return row


def record_income(*, amount: int, advertiser: str, reference: str, note: str, actor: str, now: dt.datetime) -> AdIncome:
    """Write down income (fen; below zero: a correction) for today. Settlement posts it, in the same transaction.

    Raises InvalidInput naming the field: nothing moves, more is corrected than was ever booked, a name is missing.
    """
    if not amount or abs(amount) > LARGEST_INCOME:
        raise InvalidInput(_("Give an amount other than 0."), field="amount")
    if not advertiser.strip():
        raise InvalidInput(_("Say who paid."), field="advertiser")
    if not reference.strip():
        raise InvalidInput(_("Give the number of the transfer, or of what is corrected."), field="reference")
    if amount < 0 and selectors.income_balance() + amount < 0:
        raise InvalidInput(_("A correction may not take back more than was booked."), field="amount")
    row = AdIncome(
        ulid=new_ulid(),
        day=china_date(now),
        amount=amount,
        advertiser=advertiser.strip()[:80],
        reference=reference.strip()[:80],
        note=note.strip()[:200],
        booked_by=actor,
        booked_at=now,
    )
    row.save(force_insert=True)
    audit.record(
        actor,
        "ad.income_booked",
        target=f"ad_income:{row.ulid}",
        amount=amount,
        reference=row.reference,
        reason=row.note,
    )
    return row


def start_ad(*, member_ulid: str, task_ulid: str, now: dt.datetime) -> AdView:
    """A member opens an ad; opening it again keeps the first moment of the day.

    Raises AdsOff, AdNotRunning, AdsOfDayDone, NotFound.
    """
    settings, row = _running(task_ulid, now)
    day = china_date(now)
    known = AdView.objects.filter(member_ulid=member_ulid, day=day, task=row).first()
    if known is not None:
        return known
    _check_left(member_ulid, day, settings)
    view, _made = AdView.objects.get_or_create(member_ulid=member_ulid, day=day, task=row, defaults={"started_at": now})
    return view


def finish_ad(*, member_ulid: str, task_ulid: str, now: dt.datetime) -> AdView:
    """A member has looked at an ad to the end; it counts once a day. What it releases is found after the day.

    Raises AdsOff, AdNotRunning, AdTooShort (nothing has changed), AdsOfDayDone, NotFound.
    """
    settings, row = _running(task_ulid, now)
    day = china_date(now)
    with transaction.atomic():
        view = AdView.objects.select_for_update().filter(member_ulid=member_ulid, day=day, task=row).first()
        if view is None:
            raise AdTooShort(seconds=row.seconds)
        if view.finished_at is not None:
            return view
        if (left := row.seconds - int((now - view.started_at).total_seconds())) > 0:
            raise AdTooShort(seconds=left)
        done = _check_left(member_ulid, day, settings)
        view.finished_at, view.slot = now, done + 1
        try:
            with transaction.atomic():
                view.save(update_fields=["finished_at", "slot"])
        except IntegrityError:  # another ad of his, finished at the same moment, has this place
            raise AdsOfDayDone from None
    return view


def compute_day(*, day: dt.date, points: Mapping[str, int], now: dt.datetime) -> AdDay:
    """Fix what each finished ad of a day releases: by its member's points (cp), within the day's budget; once a day.

    The settings are those in force at the day's end; where the mode was off then, nothing is released. The caller holds
    the transaction. Two workers at once: the second waits for the first and finds its day.
    """
    known = AdDay.objects.filter(day=day).first()
    if known is not None:
        return known
    end = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), tzinfo=CHINA)
    pinned = modes.current_settings(mode=MODE, now=end - dt.timedelta(microseconds=1))
    settings: AdvertisingSettings | None = pinned.values if pinned and pinned.values.enabled else None
    booked = selectors.booked_on(day)
    income, deficit = rules.income_of_day(booked, selectors.deficit_before(day))
    budget = rules.day_budget(income, settings.ad_payout_ppm) if settings else 0
    views = selectors.views_of_day(day)
    row = AdDay(
        day=day,
        settings_version=pinned.ulid if pinned else "",
        booked_amount=booked,
        deficit_amount=deficit,
        budget_amount=budget,
        wanted_amount=_share(views, points, settings, budget),
        views=len(views),
        computed_at=now,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return AdDay.objects.get(day=day)
    AdView.objects.bulk_update(views, ["points", "rate_ppm", "wanted_amount", "due_amount"], batch_size=1000)
    return row


def _share(views: list[AdView], points: Mapping[str, int], settings: AdvertisingSettings | None, budget: int) -> int:
    """Write on each view what it releases; the sum before the budget."""
    if settings is None:
        return 0
    found = rules.releases(
        [view.member_ulid for view in views], points, tiers=settings.tiers, on_threshold=settings.on_threshold
    )
    wanted = [one.amount for one in found]
    for view, one, due in zip(views, found, rules.share_budget(wanted, budget), strict=True):
        view.points, view.rate_ppm, view.wanted_amount, view.due_amount = one.points, one.rate_ppm, one.amount, due
    return sum(wanted)


def waiting_views(*, day: dt.date, limit: int) -> list[AdView]:
    """Views of a computed day that are not paid yet, locked for this transaction; another worker's are passed over."""
    rows = AdView.objects.select_for_update(skip_locked=True).filter(day=day, slot__isnull=False, released_at=None)
    return list(rows.order_by("pk")[:limit])


def mark_released(*, day: dt.date, paid: Mapping[int, int], views: list[AdView], now: dt.datetime) -> None:
    """Write what each view was paid (view's row number → fen), and the day's sum. The caller holds the transaction."""
    for view in views:
        view.released_amount, view.released_at = paid[view.pk], now
    AdView.objects.bulk_update(views, ["released_amount", "released_at"])
    row = AdDay.objects.select_for_update().get(day=day)
    row.released_amount += sum(paid.values())
    row.save(update_fields=["released_amount"])


def close_day(*, day: dt.date, now: dt.datetime) -> bool:
    """Close a day of which nothing waits any more; whether it is closed."""
    with transaction.atomic():
        row = AdDay.objects.select_for_update().get(day=day)
        if row.closed_at is None:
            if AdView.objects.filter(day=day, slot__isnull=False, released_at=None).exists():
                return False
            row.closed_at = now
            row.save(update_fields=["closed_at"])
    return True


def _running(task_ulid: str, now: dt.datetime) -> tuple[AdvertisingSettings, AdTask]:
    settings = settings_in_force(now)
    if settings is None:
        raise AdsOff
    row = selectors.task(task_ulid)
    day = china_date(now)
    if row.stopped_at is not None or day < row.first_day or (row.last_day is not None and day > row.last_day):
        raise AdNotRunning
    return settings, row


def _check_left(member_ulid: str, day: dt.date, settings: AdvertisingSettings) -> int:
    """How many ads of the day are finished. Raises AdsOfDayDone."""
    done = AdView.objects.filter(member_ulid=member_ulid, day=day, slot__isnull=False).count()
    if done >= settings.tasks_per_day:
        raise AdsOfDayDone
    return done


def _check(draft: AdDraft) -> None:
    for name, text, most in (
        ("title", draft.title, 80),
        ("text", draft.text, 500),
        ("advertiser", draft.advertiser, 80),
    ):
        if not text.strip() or len(text.strip()) > most:
            raise InvalidInput(_("This is missing or too long."), field=name)
        if claims := forbidden_claims(text):
            raise ForbiddenAdClaim(field=name, claims="、".join(claims))
    if draft.link and not draft.link.startswith("https://"):
        raise InvalidInput(_("A link begins with https://."), field="link")
    if not SECONDS[0] <= draft.seconds <= SECONDS[1]:
        raise InvalidInput(_("An ad is looked at for 5 to 300 seconds."), field="seconds")
    if draft.last_day is not None and draft.last_day < draft.first_day:
        raise InvalidInput(_("The last day is not before the first."), field="last_day")
