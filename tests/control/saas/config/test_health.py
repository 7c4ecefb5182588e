import pytest


@pytest.mark.django_db
def test_the_balancer_is_answered_whatever_the_host(client):
    answer = client.get("/_health", headers={"host": "10.0.3.7:8000"})
    assert (answer.status_code, answer.content) == (200, b"ok\n")
