"""URLs of the vendor's own pages, below /account/."""

from django.urls import path

from saas.account import billing_pages, checklist_pages, domain_pages, leaving_pages, pages, pay_pages, support_pages

urlpatterns = [
    path("", pages.home, name="account_home"),
    path("agreements", pages.agreements, name="account_agreements"),
    path("malls/<slug:mall>", pages.mall, name="account_mall"),
    path("invoices", billing_pages.invoices, name="account_invoices"),
    path("invoices/<slug:ulid>", billing_pages.invoice, name="account_invoice"),
    path("invoices/<slug:ulid>/print", billing_pages.invoice_print, name="account_invoice_print"),
    path("invoices/<slug:ulid>/pdf", billing_pages.invoice_pdf, name="account_invoice_pdf"),
    path("credit-notes/<slug:number>/pdf", billing_pages.credit_note_pdf, name="account_credit_note_pdf"),
    path("invoices/<slug:ulid>/pay", billing_pages.pay_again, name="account_invoice_pay"),
    path("invoices/<slug:ulid>/wechat", pay_pages.show, name="account_invoice_wechat"),
    path("invoices/<slug:ulid>/wechat/start", pay_pages.start, name="account_invoice_wechat_start"),
    path("invoices/<slug:ulid>/wechat/state", pay_pages.state, name="account_invoice_wechat_state"),
    path("invoices/<slug:ulid>/wechat/check", pay_pages.check, name="account_invoice_wechat_check"),
    path("invoices/<slug:ulid>/tax", billing_pages.ask_tax_invoice, name="account_invoice_tax"),
    path("malls/<slug:mall>/subscription", billing_pages.subscription, name="account_subscription"),
    path("malls/<slug:mall>/subscription/change/<int:version>", billing_pages.change, name="account_change"),
    path("malls/<slug:mall>/subscription/extras/<slug:code>", billing_pages.extra, name="account_extra"),
    path(
        "malls/<slug:mall>/subscription/extra/<slug:ulid>/cancel",
        billing_pages.extra_cancel,
        name="account_extra_cancel",
    ),
    path("malls/<slug:mall>/subscription/extra/<slug:ulid>/keep", billing_pages.extra_keep, name="account_extra_keep"),
    path("malls/<slug:mall>/subscription/cancel", billing_pages.cancel, name="account_cancel"),
    path("malls/<slug:mall>/subscription/keep", billing_pages.keep, name="account_keep"),
    path(
        "malls/<slug:mall>/subscription/reactivate/<int:version>", billing_pages.reactivate, name="account_reactivate"
    ),
    path("malls/<slug:mall>/domains", domain_pages.domains, name="account_domains"),
    path("malls/<slug:mall>/domains/platform", domain_pages.platform_host, name="account_platform_host"),
    path("domains/<slug:ulid>", domain_pages.domain, name="account_domain"),
    path("support", support_pages.ticket_list, name="account_tickets"),
    path("support/<slug:ulid>", support_pages.ticket, name="account_ticket"),
    path("access", support_pages.access_list, name="account_access"),
    path("access/<slug:ulid>", support_pages.access_decide, name="account_access_decide"),
    path("verification", support_pages.verify, name="account_verification"),
    path("malls/<slug:mall>/leaving", leaving_pages.leaving, name="account_leaving"),
    path("malls/<slug:mall>/leaving/export", leaving_pages.export, name="account_leaving_export"),
    path("malls/<slug:mall>/leaving/code", leaving_pages.code, name="account_leaving_code"),
    path("malls/<slug:mall>/leaving/export/<slug:ulid>", leaving_pages.download, name="account_leaving_download"),
    path("malls/<slug:mall>/leaving/delete", leaving_pages.delete, name="account_leaving_delete"),
    path("malls/<slug:mall>/leaving/keep", leaving_pages.keep, name="account_leaving_keep"),
    path("malls/<slug:mall>/enter", pages.enter, name="account_enter"),
    path("malls/<slug:mall>/checklist/<slug:key>", checklist_pages.submit_item, name="account_item"),
    path("malls/<slug:mall>/activities", checklist_pages.activities, name="account_activities"),
    path("malls/<slug:mall>/papers/<slug:ulid>", checklist_pages.paper, name="account_paper"),
]
