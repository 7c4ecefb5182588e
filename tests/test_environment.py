from saas.tenants.malls import selectors


def test_two_malls(grocery, drain):
    assert grocery.name == "Green Basket"
    assert selectors.mall_by_host("beauty.localhost").name == "Peony Beauty"
    assert drain() == 0
