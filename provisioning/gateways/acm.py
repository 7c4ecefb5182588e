"""Certificates of AWS: ACM makes them, a cell's balancer shows them. Every call may be made twice."""

import functools
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from django.conf import settings

from provisioning.facts import CertificateLook, CertificateState, Record

_CONFIG = Config(connect_timeout=5, read_timeout=20, retries={"max_attempts": 3, "mode": "standard"})
_FAILED = frozenset({"VALIDATION_TIMED_OUT", "FAILED", "REVOKED", "EXPIRED", "INACTIVE"})
_NOT_SHOWN = frozenset({"CertificateNotFound", "ListenerNotFound"})
_AWAY = (BotoCoreError, ClientError)


def ensure_certificate(*, host: str, token: str, reference: str) -> CertificateLook:
    """The certificate `reference`, or a new one. `token`: the same for the same wish, so a lost answer makes no second."""
    try:
        arn = reference or _known(host, token) or _request(host, token)
        return _look(arn)
    except ClientError as error:
        if error.response["Error"]["Code"] == "ResourceNotFoundException":
            return CertificateLook(CertificateState.FAILED, detail="the certificate is gone")
        return CertificateLook(CertificateState.UNKNOWN, reference=reference, detail=str(error))
    except BotoCoreError as error:
        return CertificateLook(CertificateState.UNKNOWN, reference=reference, detail=str(error))


def attach(*, arn: str, listener: str) -> str:
    """Have the balancer show the certificate; what went wrong, or ""."""
    try:
        _client("elbv2").add_listener_certificates(ListenerArn=listener, Certificates=[{"CertificateArn": arn}])
    except _AWAY as error:
        return str(error)
    return ""


def detach(*, arn: str, listener: str) -> str:
    """Have the balancer show it no more; what went wrong, or ""."""
    try:
        _client("elbv2").remove_listener_certificates(ListenerArn=listener, Certificates=[{"CertificateArn": arn}])
    except ClientError as error:
        return "" if error.response["Error"]["Code"] in _NOT_SHOWN else str(error)
    except BotoCoreError as error:
        return str(error)
    return ""


def delete(*, arn: str) -> str:
    """Delete a certificate that nothing shows; what went wrong, or ""."""
    try:
        _client("acm").delete_certificate(CertificateArn=arn)
    except ClientError as error:
        return "" if error.response["Error"]["Code"] == "ResourceNotFoundException" else str(error)
    except BotoCoreError as error:
        return str(error)
    return ""


def _request(host: str, token: str) -> str:
    made = _client("acm").request_certificate(
        DomainName=host, ValidationMethod="DNS", IdempotencyToken=token, Tags=[{"Key": "wish", "Value": token}]
    )
    return str(made["CertificateArn"])


def _known(host: str, token: str) -> str:
    """A certificate of that wish whose answer was lost longer ago than ACM remembers tokens (an hour)."""
    client = _client("acm")
    for page in client.get_paginator("list_certificates").paginate():
        for one in page["CertificateSummaryList"]:
            if one.get("DomainName") != host:
                continue
            tags = client.list_tags_for_certificate(CertificateArn=one["CertificateArn"])["Tags"]
            if {"Key": "wish", "Value": token} in tags:
                return str(one["CertificateArn"])
    return ""


def _look(arn: str) -> CertificateLook:
    found = _client("acm").describe_certificate(CertificateArn=arn)["Certificate"]
    records = tuple(
        Record(record["Name"].removesuffix("."), record["Type"], record["Value"].removesuffix("."))
        for option in found.get("DomainValidationOptions", ())
        if (record := option.get("ResourceRecord"))
    )
    status = found["Status"]
    if status == "ISSUED":
        return CertificateLook(CertificateState.ISSUED, arn, found.get("NotAfter"), records)
    if status in _FAILED:
        return CertificateLook(CertificateState.FAILED, arn, None, records, found.get("FailureReason") or status)
    return CertificateLook(CertificateState.PENDING, arn, None, records, status)


def _client(service: str) -> Any:
    return _made(service, settings.AWS_ENDPOINT_URL)


@functools.cache
def _made(service: str, endpoint: str) -> Any:
    """Making a client reads megabytes of descriptions; it may be used by any thread."""
    return boto3.client(service, config=_CONFIG, endpoint_url=endpoint or None)
