"""Addresses of care: reviews, favourites, what was seen."""

from django.urls import URLPattern, path

from tenant_apps.storefront import views_invoices, views_kept, views_notices, views_reviews, views_talks

app_name = "care"
urlpatterns: list[URLPattern] = [
    path("p/<str:ulid>/reviews", views_reviews.of_product, name="product_reviews"),
    path("p/<str:ulid>/seen", views_kept.seen, name="seen"),
    path("orders/<str:ulid>/review/<str:line_ulid>", views_reviews.write, name="review"),
    path("reviews", views_reviews.mine, name="my_reviews"),
    path("reviews/<str:ulid>/photo/<str:name>", views_reviews.photo, name="review_photo"),
    path("orders/<str:ulid>/invoice", views_invoices.of_order, name="order_invoice"),
    path("invoices", views_invoices.mine, name="invoices"),
    path("invoices/<str:ulid>/<str:name>.pdf", views_invoices.file, name="invoice_file"),
    path("seller/<str:ulid>/invoices", views_invoices.shop, name="shop_invoices"),
    path("seller/<str:ulid>/invoices/<str:invoice>/step", views_invoices.shop_step, name="shop_invoice_step"),
    path("notices", views_notices.notices, name="notices"),
    path("notices/read", views_notices.read, name="notices_read"),
    path("talk", views_talks.talks, name="talks"),
    path("talk/begin", views_talks.begin, name="talk_begin"),
    path("talk/<str:ulid>", views_talks.talk, name="talk"),
    path("talk/<str:ulid>/step", views_talks.step, name="talk_step"),
    path("talk/<str:ulid>/photo/<str:name>", views_talks.photo, name="talk_photo"),
    path("orders/<str:ulid>/complaint", views_talks.complaint, name="complaint"),
    path("seller/<str:ulid>/talk", views_talks.shop, name="shop_talks"),
    path("seller/<str:ulid>/answers", views_talks.shop_desk, name="shop_desk"),
    path("seller/<str:ulid>/talk/<str:talk>", views_talks.shop_talk, name="shop_talk"),
    path("favourites", views_kept.favourites, name="favourites"),
    path("favourites/switch", views_kept.switch, name="switch"),
    path("seen", views_kept.history, name="history"),
    path("seen/clear", views_kept.clear, name="history_clear"),
    path("seller/<str:ulid>/reviews", views_reviews.shop, name="shop_reviews"),
    path("seller/<str:ulid>/reviews/<str:review>/reply", views_reviews.shop_reply, name="shop_reply"),
]
