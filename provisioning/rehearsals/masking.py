"""People of a copied mall made unknowable: the same person gets the same mask everywhere in the copy, and no way leads back.

The key of the masks is random, lives in this run's memory and is never stored. What is not named in MASKS_OF or EMPTIED
holds nobody's name, number, address or token (tests/provisioning/rehearsals/test_masking.py searches a whole dump).
"""

# ruff: noqa: S608 - the names of schema, tables and columns are our own, nothing comes from outside

import datetime as dt
import secrets

import psycopg
from django.apps import apps
from psycopg import sql

from provisioning.executor import schema as schemas
from provisioning.rehearsals.wiping import model_table
from saas.tenants.malls.activation import active_mall
from tenant_apps.payouts import services as payouts

# `{v}` is the column, `{h}` a keyed digest of it (64 hexadecimal digits), `{d}` eleven digits of that.
KINDS: dict[str, str] = {
    "person": "'客户' || upper(left({h}, 6))",
    "seller": "'商家' || upper(left({h}, 6))",
    "company": "'公司' || upper(left({h}, 6))",
    "licence": "'99' || upper(left({h}, 16))",
    "phone": "'+999' || {d}",  # a country code that nobody has
    "email": "left({h}, 20) || '@masked.invalid'",
    "place": "'演示路' || left({d}, 3) || '号'",
    "openid": "'o' || left({h}, 27)",
    "code": "translate(left({h}, 8), '0123456789abcdef', 'abcdefghjkmnpqrs')",
    "link": "left({h}, 12)",
    "token": "left({h}, 24)",
    "password": "'!' || left({h}, 40)",
    "text": "'(masked)'",
    "blank": "''",
    "object": "'{{}}'::jsonb",
    "list": "'[]'::jsonb",
    "position": "NULL",
}

MASKS_OF: dict[str, dict[str, str]] = {
    "account.EmailAddress": {"email": "email"},
    "identity.User": {"phone": "phone", "email": "email", "name": "person", "password": "password"},
    "identity.AuditRecord": {"reason": "text", "data": "object"},
    "identity.PreparedAction": {"payload": "object", "reason": "text", "decision_reason": "text"},
    "members.Member": {"name": "person", "share_code": "code"},
    "members.Address": {
        "name": "person",
        "phone": "phone",
        "detail": "place",
        "street": "blank",
        "street_code": "blank",
    },
    "members.RankGrant": {"reason": "text", "withdrawn_reason": "text"},
    "sellers.Seller": {
        "name": "seller",
        "licence_name": "company",
        "licence_number": "licence",
        "code": "link",
        "place_phone": "phone",
        "place_text": "place",
        "papers": "list",
        "profile": "object",
        "payee": "object",
        "staff": "list",  # names and numbers; whoever is needed in the copy is invited there
    },
    "sellers.Application": {
        "name": "seller",
        "licence_name": "company",
        "licence_number": "licence",
        "contact_name": "person",
        "contact_phone": "phone",
        "payee_name": "company",
        "payee_bank": "text",
        "payee_account": "blank",
        "papers": "list",
        "reason": "text",
    },
    "sellers.Deduction": {"reason": "text", "dispute": "text", "decision": "text"},
    "sellers.EdiLicence": {"number": "licence"},
    "sellers.Statement": {"dispute_reason": "text", "transfer_reference": "token"},
    "modes.ComplianceAlarm": {"note": "text"},
    "regional.Contract": {
        "licence_company": "company",
        "licence_number": "licence",
        "source_document": "token",
        "paper_number": "token",
        "remark": "text",
        "accepted_text": "text",
        "reason": "text",
    },
    "subsidy.PoolAction": {"reason": "text", "decision": "text"},
    "advertising.AdIncome": {"advertiser": "company", "reference": "token", "note": "text"},
    "advertising.AdTask": {"advertiser": "company"},
    "payments.Payment": {
        "payer_openid": "openid",
        "client_ip": "blank",
        "answer": "object",
        "last_error": "blank",
    },
    "payments.PaymentRefund": {"reason": "text", "refund_id": "token", "last_error": "blank"},
    "orders.Order": {
        "remark": "text",
        "recipient_name": "person",
        "recipient_phone": "phone",
        "address_detail": "place",
        "street": "blank",
        "street_code": "blank",
        "tracking_number": "token",
        "pickup_code": "link",
        "latitude_e6": "position",
        "longitude_e6": "position",
    },
    "orders.Parcel": {"tracking_number": "token", "tracking": "object"},
    "orders.OrderHistory": {"reason": "text"},
    "orders.Refund": {
        "reason": "text",
        "decision": "text",
        "trail": "list",
        "evidence": "list",
        "return_address": "place",
        "return_number": "token",
        "replacement_number": "token",
    },
    "care.Conversation": {"last_text": "text", "decision": "text"},
    "care.Desk": {"answers": "list", "away": "text"},
    "care.Message": {"text": "text", "photos": "list"},
    "care.Invoice": {
        "title": "company",
        "tax_number": "licence",
        "reason": "text",
        "number": "token",
        "file": "blank",
        "red_letters": "list",
    },
    "care.Review": {
        "text": "text",
        "follow_text": "text",
        "reply": "text",
        "hidden_reason": "text",
        "photos": "list",
        "follow_photos": "list",
    },
    "payouts.Withdrawal": {"reason": "text", "transfer_reference": "token", "bank_name": "text"},
    "design.Branding": {
        "return_name": "person",
        "return_phone": "phone",
        "return_address": "place",
        "service_phone": "phone",
        "service_email": "email",
    },
}

# Rows that are worth nothing in a copy, or only to whom they were meant for.
EMPTIED: tuple[str, ...] = (
    "admin.LogEntry",
    "sessions.Session",
    "account.EmailConfirmation",
    "identity.SignInCode",
    "identity.Attempt",
    "identity.Invitation",
    "identity.UsedToken",
    "notices.Notice",
    "senders.Sender",
    "payments.Notice",
    "counter.Told",
    "courier.CourierNotice",
    "courier.ParcelWatch",
    "courier.Errand",
    "courier.CourierAccount",
)
_IN_TEXTS = ("return_name", "return_phone", "return_address", "service_phone", "service_email")
_TEXTS = ("terms", "privacy", "returns", "notice", "tagline")


def mask_people(*, now: dt.datetime) -> str:
    """Mask the active mall, a copy that nobody has entered yet; a line for the run's log. May be run again."""
    mall, key = active_mall(), secrets.token_hex(32)
    with psycopg.connect(schemas.owner_url()) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 3))", [mall.schema_name])
        tables = [model_table(label) for label in (*MASKS_OF, *EMPTIED)]
        for table in tables:
            connection.execute(_of("ALTER TABLE {} DISABLE TRIGGER USER", mall.schema_name, table))
        for label in EMPTIED:
            connection.execute(_of("DELETE FROM {}", mall.schema_name, model_table(label)))
        _mask_texts(connection, mall.schema_name)
        rows = sum(_mask(connection, mall.schema_name, label, columns, key) for label, columns in MASKS_OF.items())
        connection.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            connection.execute(_of("ALTER TABLE {} ENABLE TRIGGER USER", mall.schema_name, table))
    payees = payouts.mask_payees()
    return f"{rows} rows of {len(MASKS_OF)} tables masked, {len(EMPTIED)} tables emptied, {payees} payees replaced"


def _of(text: str, schema: str, table: str) -> sql.Composed:
    return sql.SQL(text).format(sql.Identifier(schema, table))


def _mask_texts(connection: psycopg.Connection, schema: str) -> None:
    """The brand's own contact stands in its legal texts as well."""
    for text in _TEXTS:
        inner = text
        for name in _IN_TEXTS:
            inner = f"CASE WHEN {name} = '' THEN {inner} ELSE replace({inner}, {name}, '***') END"
        connection.execute(f'UPDATE "{schema}".design_branding SET {text} = {inner}'.encode())


def _mask(connection: psycopg.Connection, schema: str, label: str, columns: dict[str, str], key: str) -> int:
    model = apps.get_model(label)
    wanted = []
    for name, kind in columns.items():
        value = f'"{name}"'
        digest = f"encode(sha256(convert_to('{key}' || {value}::text || '{key}', 'UTF8')), 'hex')"
        digits = f"lpad((('x' || left({digest}, 14))::bit(56)::bigint % 100000000000)::text, 11, '0')"
        masked = KINDS[kind].format(v=value, h=digest, d=digits)
        empty = {"object": "'{}'::jsonb", "list": "'[]'::jsonb", "position": "0"}.get(kind, "''")
        wanted.append(f"{value} = CASE WHEN {value} IS NULL OR {value} = {empty} THEN {value} ELSE {masked} END")
    statement = f'UPDATE "{schema}"."{model._meta.db_table}" SET {", ".join(wanted)}'
    return connection.execute(statement.encode()).rowcount
