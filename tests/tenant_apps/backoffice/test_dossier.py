"""The file for counsel or a regulator: complete, masked, and recorded."""

import html
import io
import re
import zipfile

import pytest
from django.urls import reverse

from saas.identity.models import AuditRecord
from saas.identity.roles import Role
from tenant_apps.settlement import selectors as settlement
from tenant_apps.settlement import services
from tests.factories import sales
from tests.factories.people import make_member, make_staff
from tests.tenant_apps.backoffice.conftest import signed_in


@pytest.fixture
def sale(grocery):
    earner = make_member(name="王小明", promoter=True)
    pins = {"distribution": sales.publish().ulid}
    order = sales.paid_order(make_member(referrer=earner), [earner], [sales.line(10_000)], pins=pins)
    services.release_order(order=order, now=sales.NOW)
    return order


def sheets(answer):
    """Title → rows of texts."""
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as file:
        titles = re.findall(r'<sheet name="([^"]+)"', file.read("xl/workbook.xml").decode())
        parts = [file.read(f"xl/worksheets/sheet{number}.xml").decode() for number in range(1, len(titles) + 1)]
    return {
        title: [_cells(row) for row in re.findall(r"<row.*?</row>", part, re.DOTALL)]
        for title, part in zip(titles, parts, strict=True)
    }


def _cells(row):
    found = re.findall(r"<c [^>]*?(?:/>|>(.*?)</c>)", row, re.DOTALL)
    return [html.unescape(re.sub(r"<[^>]+>", "", cell)) for cell in found]


def test_it_holds_rules_versions_with_both_persons_and_what_was_earned(sale):
    browser = signed_in(make_staff(Role.AUDITOR))
    made = sheets(browser.get(reverse("backoffice:dossier"), {"first": "2026-11-22", "last": "2026-11-22"}))
    assert list(made) == ["关于本文件", "法律护栏", "设置", "平台裁定", "双人审批", "收益明细", "待核查的团队", "决定"]
    assert len(made["法律护栏"]) == 22
    versions = made["设置"][1:]
    assert [(row[2], row[5], row[6]) for row in versions] == [("1", "user:01OWNER", "user:01SECOND")]
    assert "team_pay" in versions[0][8]
    (earned,) = made["收益明细"][1:]
    assert earned[2:] == ["王*明", "1", "5", "0", "5"]
    record = AuditRecord.objects.get(action="compliance.dossier")
    assert record.target == "days:2026-11-22:2026-11-22"


@pytest.mark.parametrize("asked", [{"first": "2026-11-23", "last": "2026-11-22"}, {"first": "2026-13-40"}])
def test_days_that_cannot_be_are_refused(sale, asked):
    browser = signed_in(make_staff(Role.COMPLIANCE))
    assert browser.get(reverse("backoffice:dossier"), asked).status_code == 422
    assert not AuditRecord.objects.filter(action="compliance.dossier").exists()


def test_staff_and_auditors_read_base_rate_version_and_section(sale):
    (award,) = settlement.trace_order(sale.ulid).lines[0].awards
    assert "第 1 版" in award.basis and "第 4 节" in award.basis and "¥5.00" in award.basis and "5%" in award.basis
    assert award.basis != award.view.why
