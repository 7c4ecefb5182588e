"""Operators open flagged modes for one mall and stop modes in one mall (FEATURES R6): each with reason, expiry, audit."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.timezone import make_aware
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from saas.kernel.clock import now
from saas.kernel.errors import DomainError
from saas.tenants.approvals import MODE_KEYS, RulingKind, Subject
from saas.tenants.vendors import ruling as rulings
from saas.tenants.vendors import selectors as vendor_facts
from saas.tenants.vendors.mode_words import MODE_WORDS, SUBJECT_RULES, SUBJECT_WORDS, subject_word
from saas.tenants.vendors.models import Ruling

Context = dict[str, Any]


@dataclass(frozen=True)
class Row:
    """One thing that may be ruled on, and the ruling that counts now."""

    key: str
    title: str
    rules: str
    ruling: Ruling | None
    holds: bool
    asks_mini_program: bool = False


class RulingForm(forms.Form):
    """What a ruling needs. A date means the end of that day in China."""

    subject = forms.CharField(max_length=30)
    verdict = forms.ChoiceField(choices=[(one, one) for one in ("approve", "revoke", "stop", "lift")])
    reason = forms.CharField(max_length=300, required=False)
    opinion = forms.CharField(max_length=300, required=False)
    until = forms.DateField(required=False, error_messages={"invalid": gettext_lazy("Give a date.")})
    off_wechat = forms.BooleanField(required=False)


def modes(request: HttpRequest, frame: Context, mall: str) -> HttpResponse:
    """What of this mall's modes is open, stopped or neither, and everything that was ruled about it."""
    place = vendor_facts.place_of_mall(mall)
    newest = vendor_facts.newest_rulings(mall)
    context = {
        **frame,
        "title": place.name,
        "place": place,
        "approvals": [_row(RulingKind.APPROVAL, subject, newest) for subject in Subject],
        "stops": [_row(RulingKind.STOP, mode, newest) for mode in MODE_KEYS],
        "history": [(one, subject_word(one.kind, one.subject)) for one in vendor_facts.rulings(mall)[:100]],
        "not_built": [str(one) for one in NOT_BUILT],
    }
    return render(request, "console/modes.html", context)


@require_POST
def rule(request: HttpRequest, frame: Context, mall: str) -> HttpResponse:
    """One ruling. A refusal names the field and has changed nothing."""
    form = RulingForm(request.POST)
    back = redirect(f"{reverse('console:modes', kwargs={'mall': mall})}")
    if not form.is_valid():
        messages.error(request, "; ".join(f"{name}: {faults[0]}" for name, faults in form.errors.items()))
        return back
    data = form.cleaned_data
    instant = now()
    common = {"mall": mall, "reason": data["reason"], "actor": f"user:{request.user.public_id}", "now": instant}  # type: ignore[union-attr]
    until = _end_of(data["until"])
    try:
        match data["verdict"]:
            case "approve":
                rulings.approve_subject(
                    **common,
                    subject=data["subject"],
                    until=until or instant,
                    opinion=data["opinion"],
                    off_wechat=data["off_wechat"],
                )
            case "revoke":
                rulings.revoke_approval(**common, subject=data["subject"])
            case "stop":
                rulings.stop_mode(**common, mode=data["subject"], until=until)
            case "lift":
                rulings.lift_stop(**common, mode=data["subject"])
    except DomainError as error:
        messages.error(request, f"{error.field}: {error.text}" if error.field else error.text)
    else:
        messages.success(request, _("Ruled. The mall's cell is being told."))
    return back


def _row(kind: RulingKind, key: str, newest: dict[tuple[str, str], Ruling]) -> Row:
    found = newest.get((kind, key))
    holds = found is not None and found.is_on and (found.until is None or found.until > now())
    if kind is RulingKind.APPROVAL:
        subject = Subject(key)
        title, rules = str(SUBJECT_WORDS[subject]), str(SUBJECT_RULES[subject])
        return Row(key, title, rules, found, holds, subject in rulings.OFF_WECHAT)
    return Row(key, str(MODE_WORDS[key]), "", found, holds)


def _end_of(day: dt.date | None) -> dt.datetime | None:
    return make_aware(dt.datetime.combine(day + dt.timedelta(days=1), dt.time())) if day else None


# FEATURES R5: what the platform does not build, and says so.
NOT_BUILT = (
    gettext_lazy("Tradable tokens or points on a chain: a promise of price rises, and an unlicensed trading venue."),
    gettext_lazy("Pay by place in a queue: the money of later people pays earlier ones."),
    gettext_lazy("Pay for registrations: rewards by head-count are pyramid selling (article 7)."),
    gettext_lazy("Games for money: gambling."),
    gettext_lazy("Levels without limit: three are the engine's own ceiling."),
    gettext_lazy("Promises of a full refund of what was spent: no real income can carry them."),
    gettext_lazy("Robots that run personal accounts: against the rules of every platform they would run on."),
)
