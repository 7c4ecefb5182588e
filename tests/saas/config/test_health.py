import pytest
from django.db import connection

pytestmark = pytest.mark.django_db


def test_the_balancer_is_answered_whatever_the_host(client):
    answer = client.get("/_health", headers={"host": "10.0.3.7:8000"})
    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_a_stranger_host_is_answered_only_there(client):
    assert client.get("/", headers={"host": "10.0.3.7:8000"}).status_code == 404


def test_a_database_that_does_not_answer_is_503(client, monkeypatch):
    def refuse(*args, **kwargs):
        from django.db import OperationalError

        raise OperationalError("connection refused")

    monkeypatch.setattr(connection, "cursor", refuse)
    answer = client.get("/_health")
    assert answer.status_code == 503
    assert b"database" in answer.content
