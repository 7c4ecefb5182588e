"""Masks and share codes."""

import pytest

from tenant_apps.members import rules


@pytest.mark.parametrize(
    ("phone", "masked"), [("+8613800001234", "138****1234"), ("13800001234", "138****1234"), ("1234", "**34"), ("", "")]
)
def test_phone_is_masked(phone, masked):
    assert rules.mask_phone(phone) == masked


@pytest.mark.parametrize(
    ("name", "masked"), [("王小明", "王*明"), ("王五", "王*"), ("王", "*"), ("", ""), ("Elizabeth", "E****h")]
)
def test_name_is_masked(name, masked):
    assert rules.mask_name(name) == masked


def test_email_is_masked():
    assert rules.mask_email("someone@example.com") == "s***@example.com"


def test_share_codes_are_clean_and_differ():
    codes = {rules.new_share_code() for _ in range(500)}
    assert len(codes) == 500
    assert all(rules.clean_share_code(code.upper()) == code for code in codes)
    assert rules.clean_share_code("abc") == "" and rules.clean_share_code("0o1liabc") == ""
