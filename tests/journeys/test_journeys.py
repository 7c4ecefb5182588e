"""The journeys: one file, so that they share one installation and never run side by side."""

from tests.journeys import line, looks, merchant, money, shopping, store, subsidy, takeaway


def test_a_mall_is_sold_opened_shopped_in_and_pays_out(installation, person):
    line.walk(installation, person)


def test_four_rules_pay_everybody_what_the_preview_said(installation, person):
    money.walk(installation, person)


def test_a_cart_of_three_sellers_is_paid_by_coins_vouchers_and_money_and_disputed(installation, person):
    shopping.walk(installation, person)


def test_a_merchant_applies_pays_a_deposit_sells_ships_and_is_paid(installation, person):
    merchant.walk(installation, person)


def test_a_store_applies_takes_money_at_its_till_redeems_a_card_hands_over_and_is_paid(installation, person):
    store.walk(installation, person)


def test_a_pool_pays_out_what_it_has_and_says_so_everywhere(installation, person):
    subsidy.walk(installation, person)


def test_every_page_of_shoppers_is_accessible(installation, person):
    looks.walk(installation, person)


def test_a_mall_is_taken_to_another_installation_and_back_from_a_backup(installation, elsewhere, person):
    takeaway.walk(installation, elsewhere, person("operator-elsewhere", phone=False), line.SUBDOMAIN)
