"""Records of the platform's own zone: each mall's platform host points to the balancer of its cell."""

import functools
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

_CONFIG = Config(connect_timeout=5, read_timeout=20, retries={"max_attempts": 5, "mode": "standard"})


def ensure_alias(*, zone_id: str, host: str, name: str, name_zone: str) -> str:
    """Let `host` be an alias of the balancer `name` (of the hosted zone `name_zone`); what went wrong, or "".

    The record that stands there already is not written again: Route 53 takes five calls a second.
    """
    client = _client(settings.AWS_ENDPOINT_URL)
    try:
        if _points_to(client, zone_id, host) == name.lower():
            return ""
        target = {"HostedZoneId": name_zone, "DNSName": name, "EvaluateTargetHealth": False}
        change = {"Action": "UPSERT", "ResourceRecordSet": {"Name": host, "Type": "A", "AliasTarget": target}}
        client.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch={"Changes": [change]})
    except (BotoCoreError, ClientError) as error:
        return str(error)
    return ""


def remove_alias(*, zone_id: str, host: str) -> str:
    """Take the record of `host` away; what went wrong, or ""."""
    client = _client(settings.AWS_ENDPOINT_URL)
    try:
        found = _record(client, zone_id, host)
        if found is not None:
            change = {"Action": "DELETE", "ResourceRecordSet": found}
            client.change_resource_record_sets(HostedZoneId=zone_id, ChangeBatch={"Changes": [change]})
    except (BotoCoreError, ClientError) as error:
        return str(error)
    return ""


def _points_to(client: Any, zone_id: str, host: str) -> str:
    found = _record(client, zone_id, host)
    return str(found["AliasTarget"]["DNSName"]).removesuffix(".").lower() if found and "AliasTarget" in found else ""


def _record(client: Any, zone_id: str, host: str) -> dict[str, Any] | None:
    page = client.list_resource_record_sets(
        HostedZoneId=zone_id, StartRecordName=host, StartRecordType="A", MaxItems="1"
    )
    for one in page["ResourceRecordSets"]:
        if one["Name"].removesuffix(".") == host and one["Type"] == "A":
            return dict(one)
    return None


@functools.cache
def _client(endpoint: str) -> Any:
    return boto3.client("route53", config=_CONFIG, endpoint_url=endpoint or None)
