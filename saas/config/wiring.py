"""Every effect of every event: topic → handlers, by role. Grep finds it here or it does not happen (STYLE rule 5)."""

# Topics are `package.noun_verb`. A handler is `package.handlers.on_…(event)`, run in a transaction of its own, once.
CELL: dict[str, tuple[str, ...]] = {
    "payment.confirmed": ("tenant_apps.orders.handlers.on_payment_confirmed",),
    "payment.refunded": ("tenant_apps.orders.handlers.on_refunded",),
    "order.payment_due": ("tenant_apps.orders.handlers.on_payment_due",),
    "order.paid": (
        "tenant_apps.orders.handlers.on_paid",
        "tenant_apps.settlement.handlers.on_order_paid",
        "tenant_apps.counter.handlers.on_order_paid",
    ),
    "order.shipped": ("tenant_apps.care.handlers.on_order_shipped",),
    "order.case_moved": ("tenant_apps.care.handlers.on_case_moved",),
    "order.area_changed": ("tenant_apps.settlement.handlers.on_area_changed",),
    "order.receive_due": ("tenant_apps.orders.handlers.on_receive_due",),
    "order.complete_due": ("tenant_apps.orders.handlers.on_complete_due",),
    "order.case_due": ("tenant_apps.orders.handlers.on_case_due",),
    "notice.queued": ("saas.messaging.notices.handlers.on_notice_queued",),
    "entitlements.changed": ("saas.tenants.malls.handlers.on_entitlements_changed",),
    "mall.hosts_changed": ("saas.tenants.malls.handlers.on_hosts_changed",),
    "provision.requested": ("provisioning.executor.handlers.on_provision_requested",),
    "provision.rollback_requested": ("provisioning.executor.handlers.on_rollback_requested",),
    "provision.cancel_requested": ("provisioning.executor.handlers.on_cancel_requested",),
    "rollout.requested": ("provisioning.rollouts.handlers.on_rollout_requested",),
    "rollout.retry_requested": ("provisioning.rollouts.handlers.on_retry_requested",),
    "job.asked": ("saas.config.jobs.on_job_asked",),
    "backup.requested": ("provisioning.archives.handlers.on_backup_requested",),
    "drill.requested": ("provisioning.archives.handlers.on_drill_requested",),
    "demo.switched": ("provisioning.archives.handlers.on_demo_switched",),
    "demo.reset_asked": ("provisioning.archives.handlers.on_demo_reset_asked",),
    "export.expired": ("provisioning.archives.handlers.on_export_expired",),
    "mall.closing_asked": ("saas.config.facts.on_closing_asked",),
    "mall.opened_again": ("saas.config.facts.on_opened_again",),
    "mall.moved_away": ("saas.tenants.malls.handlers.on_moved_away",),
    "payment.notice_received": ("tenant_apps.payments.handlers.on_notice_received",),
    "payment.query_due": ("tenant_apps.payments.handlers.on_query_due",),
    "payment.close_due": ("tenant_apps.payments.handlers.on_close_due",),
    "order.completed": (
        "tenant_apps.settlement.handlers.on_order_completed",
        "tenant_apps.members.handlers.on_order_completed",
        "tenant_apps.modes.gift_pack.handlers.on_order_completed",
        "tenant_apps.sellers.handlers.on_order_completed",
    ),
    "order.refunded": (
        "tenant_apps.settlement.handlers.on_order_refunded",
        "tenant_apps.members.handlers.on_order_refunded",
        "tenant_apps.modes.gift_pack.handlers.on_order_refunded",
        "tenant_apps.modes.link21.handlers.on_order_refunded",
        "tenant_apps.care.handlers.on_order_refunded",
        "tenant_apps.counter.handlers.on_order_refunded",
    ),
    "member.closed": (
        "tenant_apps.settlement.handlers.on_member_closed",
        "tenant_apps.care.handlers.on_member_closed",
    ),
    "member.turnover_changed": ("tenant_apps.modes.differential.handlers.on_turnover_changed",),
    "catalog.job_due": ("tenant_apps.catalog.handlers.on_job_due",),
    "catalog.pictures_due": ("tenant_apps.catalog.handlers.on_pictures_due",),
    "product.shelf_due": ("tenant_apps.catalog.handlers.on_shelf_due",),
    "rank.month_end": ("tenant_apps.modes.differential.handlers.on_month_end",),
    "seller.selling_changed": ("tenant_apps.sellers.handlers.on_selling_changed",),
    "order.refund_approved": ("tenant_apps.settlement.handlers.on_refund_approved",),
    "support.revoked": ("saas.config.facts.on_support_revoked",),
    "support.changed": ("saas.tenants.malls.handlers.on_support_changed",),
    "announcement.changed": ("saas.tenants.malls.handlers.on_announcement_changed",),
    "mode.ruled": ("saas.config.facts.on_mode_ruled",),
    "mode.ruling_due": ("tenant_apps.modes.handlers.on_ruling_due",),
    "regional.contract_due": ("tenant_apps.modes.regional.handlers.on_contract_due",),
    "agency.requested": ("tenant_apps.modes.regional.handlers.on_agency_requested",),
    "agency.withdrawn": ("tenant_apps.modes.regional.handlers.on_agency_withdrawn",),
    "payment.refund_due": ("tenant_apps.payments.handlers.on_refund_due",),
}

# What falls due by the calendar in a mall: `function(now=…)`, called every ten minutes (saas.config.rounds).
ROUNDS: tuple[str, ...] = (
    "tenant_apps.modes.tasks.look_at_teams",
    "tenant_apps.sellers.tasks.settle_sellers",
    "tenant_apps.sellers.tasks.follow_sellers",
    "tenant_apps.sellers.tasks.admit_sellers",
    "tenant_apps.sellers.tasks.look_after_deposits",
    "tenant_apps.orders.tasks.finish_leaving",
    "tenant_apps.backoffice.usage.report_counts",
    "tenant_apps.settlement.tasks.pay_period_awards",
    "tenant_apps.settlement.tasks.release_ads",
    "tenant_apps.settlement.tasks.run_subsidy_periods",
    "tenant_apps.settlement.tasks.look_after_vouchers",
    "tenant_apps.settlement.tasks.look_after_coins",
    "tenant_apps.settlement.tasks.tell_of_new_terms",
)

# Schedules that the world keeps, not the mall: repeats of messages and questions to a channel (saas.kernel.clock).
ON_WORLD_TIME = ("notice.queued", "payment.query_due", "payment.refund_due")

# What is done to a mall as a whole: kind of job → `function(job) -> bool` (saas.config.jobs), over when it says so.
JOBS: dict[str, str] = {
    "clock": "saas.config.clock_moves.go_on",
    "people": "saas.config.jobs.make_people",
    "opening": "provisioning.rehearsals.opening.open_mall",
    "reset": "provisioning.rehearsals.resets.reset_demo",
}

CONTROL: dict[str, tuple[str, ...]] = {
    "notice.queued": ("saas.messaging.notices.handlers.on_notice_queued",),
    "provision.step_finished": ("provisioning.orchestrator.handlers.on_step_finished",),
    "rollout.progressed": ("provisioning.orchestrator.handlers.on_rollout_progressed",),
    "run.ended": ("provisioning.lifecycle.handlers.on_run_ended",),
    "backup.reported": ("provisioning.lifecycle.handlers.on_backup_reported",),
    "demo.reported": ("provisioning.lifecycle.handlers.on_demo_reported",),
    "drill.reported": ("provisioning.lifecycle.handlers.on_drill_reported",),
    "export.ready": ("provisioning.lifecycle.handlers.on_export_ready",),
    "mall.closing_facts": ("provisioning.lifecycle.handlers.on_closing_facts",),
    "mall.works_again": ("provisioning.lifecycle.handlers.on_opened_again",),
    "move.retire_due": ("provisioning.orchestrator.handlers.on_retire_due",),
    "sale.completed": (
        "saas.tenants.vendors.handlers.on_sale_completed",
        "billing.handlers.on_sale_completed",
    ),
    "usage.counted": ("billing.handlers.on_usage_counted",),
    "billing.notice_received": ("billing.handlers.on_notice_received",),
    "support.acted": ("saas.support.handlers.on_support_acted",),
    "support.ended": ("saas.support.handlers.on_support_ended",),
    "announcement.read": ("saas.support.handlers.on_announcement_read",),
    "mall.published": ("saas.tenants.vendors.handlers.on_mall_published",),
    "cell.reported": (
        "saas.tenants.vendors.handlers.on_cell_reported",
        "saas.support.handlers.on_cell_reported",
    ),
}
