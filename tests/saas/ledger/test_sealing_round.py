"""The sealer's round over the books of a cell."""

import pytest
from django.db import connection

from saas.config.sealing import seal_books
from saas.ledger import seals
from saas.messaging.bus.models import OutboxEvent
from tests.saas.ledger.test_post_entry import post


@pytest.mark.usefixtures("grocery")
def test_seals_each_book_and_sends_the_head_to_control():
    mall = connection.tenant
    post("one", ("channel.wechat", "house", 5))
    seal_books()
    seal_books()
    connection.set_tenant(mall)
    facts = OutboxEvent.objects.filter(topic="ledger.sealed")
    assert [(fact.destination, fact.mall, fact.payload["position"]) for fact in facts] == [("control", mall.ulid, 1)]
    assert seals.verify_seals(known_head=(1, facts[0].payload["head"])) == []
