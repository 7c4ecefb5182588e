"""What the events of control are about, in the reader's language: those that it sends to cells and those that come from them."""

from typing import Any

from django.utils.translation import gettext_lazy as _

TOPICS: dict[str, Any] = {
    "announcement.changed": _("An announcement for malls"),
    "announcement.read": _("An announcement was read"),
    "backup.reported": _("A backup was made"),
    "backup.requested": _("A backup is asked for"),
    "billing.notice_received": _("A payment notice for an invoice"),
    "cell.reported": _("A cell’s report about itself"),
    "checklist.changed": _("The launch checklist of a mall"),
    "demo.reported": _("A public demo was made anew"),
    "demo.reset_asked": _("A public demo is to be made anew"),
    "demo.switched": _("A public demo is switched on or off"),
    "drill.reported": _("A backup was proved"),
    "drill.requested": _("A backup is to be proved"),
    "entitlements.changed": _("What a mall’s plan allows"),
    "export.expired": _("An export is to be deleted"),
    "export.ready": _("An export is ready"),
    "launch.seen": _("What a mall has done before its opening"),
    "mall.closing_asked": _("What is open in a mall before its deletion is asked"),
    "mall.closing_facts": _("What is open in a mall before its deletion"),
    "mall.hosts_changed": _("The addresses of a mall"),
    "mall.moved_away": _("A mall has moved to another cell"),
    "mall.opened_again": _("A held mall is to be opened"),
    "mall.published": _("A mall was opened to the public"),
    "mall.works_again": _("A mall works again"),
    "mode.ruled": _("An approval or a stop of a mode"),
    "move.retire_due": _("The old copy of a moved mall is due to be dropped"),
    "notice.queued": _("A message to be sent"),
    "provision.cancel_requested": _("A run is to be cancelled"),
    "provision.requested": _("A run is ordered"),
    "provision.rollback_requested": _("A run is to be rolled back"),
    "provision.step_finished": _("A step of a run has ended"),
    "rollout.progressed": _("How far a rollout is"),
    "rollout.requested": _("A rollout is ordered"),
    "rollout.retry_requested": _("A rollout’s failed malls are tried again"),
    "run.ended": _("A run has ended"),
    "sale.completed": _("A completed order, for the day’s sums"),
    "support.acted": _("What an operator did in a mall"),
    "support.changed": _("Who of the platform may enter a mall"),
    "support.ended": _("A mall ended an operator’s access"),
    "support.revoked": _("An operator’s access to a mall was taken back"),
    "usage.counted": _("What a mall uses of its plan"),
}


def topic_words(topic: str) -> Any:
    """A topic in words; itself where it has none."""
    return TOPICS.get(topic, topic)
