"""Which names may be an own domain; every refusal has a name. Pure.

Only the TXT record proves whose a name is; what is refused here could never be proved, or would deceive shoppers.
"""

import ipaddress
import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

import idna

from provisioning.domains.rules.suffixes import PUBLIC_SUFFIXES, SPECIAL_SUFFIXES
from saas.kernel import hosts

PROOF_LABEL = "_mall-verify"
NAME_MAX = hosts.HOST_MAX - len(PROOF_LABEL) - 1  # the proof's name must fit, too


class NameFault(StrEnum):
    """Why a name cannot be an own domain."""

    EMPTY = "empty"
    NOT_A_NAME = "not_a_name"
    WITH_ADDRESS_PARTS = "with_address_parts"  # https://, a path, a user, a port
    WILDCARD = "wildcard"
    IP_ADDRESS = "ip_address"
    TOO_LONG = "too_long"
    ONE_LABEL = "one_label"
    PUBLIC_SUFFIX = "public_suffix"
    SPECIAL = "special"
    OURS = "ours"
    FALSE_PUNYCODE = "false_punycode"
    MIXED_SCRIPTS = "mixed_scripts"
    LOOKALIKE = "lookalike"


@dataclass(frozen=True)
class NameVerdict:
    """A name that may be asked for (`host`, normalised), or what is wrong with it (`detail`: the part at fault)."""

    host: str = ""
    fault: NameFault | None = None
    detail: str = ""


def judge_name(raw: str, *, ours: Collection[str]) -> NameVerdict:
    """Read a domain as a vendor typed it. `ours`: the platform's own hosts; they and all below them are refused."""
    text = unicodedata.normalize("NFKC", raw.strip()).replace("。", ".").replace("｡", ".").removesuffix(".")
    fault = _form_fault(text)
    if fault is not None:
        return NameVerdict(fault=fault, detail=text[:80])
    host = hosts.normalise(text)
    if host is None:
        return NameVerdict(fault=_why_not(text), detail=text[:80])
    if len(host) > NAME_MAX:
        return NameVerdict(fault=NameFault.TOO_LONG, detail=text[:80])
    labels = host.split(".")
    if len(labels) == 1:
        return NameVerdict(fault=NameFault.ONE_LABEL, detail=host)
    if any(host == one or host.endswith(f".{one}") for one in ours):
        return NameVerdict(fault=NameFault.OURS, detail=host)
    if any(host == one or host.endswith(f".{one}") for one in SPECIAL_SUFFIXES):
        return NameVerdict(fault=NameFault.SPECIAL, detail=host)
    if host in PUBLIC_SUFFIXES:
        return NameVerdict(fault=NameFault.PUBLIC_SUFFIX, detail=host)
    for label in labels:
        found = _label_fault(label)
        if found is not None:
            return NameVerdict(fault=found[0], detail=found[1])
    return NameVerdict(host=host)


def proof_name(host: str) -> str:
    """Where the TXT record of the proof stands."""
    return f"{PROOF_LABEL}.{host}"


def proof_value(token: str) -> str:
    """What the TXT record of the proof says."""
    return f"mall-verify={token}"


_ALLOWED = re.compile(r"[\w.\-·]+")
_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)", re.IGNORECASE)


def _form_fault(text: str) -> NameFault | None:
    if not text:
        return NameFault.EMPTY
    if len(text) > hosts.HOST_MAX * 4:
        return NameFault.TOO_LONG
    if _is_address(text):
        return NameFault.IP_ADDRESS
    if "*" in text:
        return NameFault.WILDCARD
    if any(sign in text for sign in ":/@?#\\"):
        return NameFault.WITH_ADDRESS_PARTS
    if _ALLOWED.fullmatch(text) is None or "_" in text or ".." in text or text.startswith("."):
        return NameFault.NOT_A_NAME
    if any(part.startswith("-") or part.endswith("-") for part in text.split(".")):
        return NameFault.NOT_A_NAME
    return None


def _is_address(text: str) -> bool:
    """IPv4 and IPv6 in every form that some resolver takes for one: `[::1]`, `127.1`, `0x7f.1`, `2130706433`."""
    bare = text.strip("[]").split("%", 1)[0]
    try:
        ipaddress.ip_address(bare)
    except ValueError:
        last = bare.rsplit(":", 1)[0].rsplit(".", 1)[-1] if bare.count(":") == 1 else bare.rsplit(".", 1)[-1]
        return _NUMBER.fullmatch(last) is not None  # no top-level domain is a number
    return True


def _why_not(text: str) -> NameFault:
    if len(text) > hosts.HOST_MAX or any(len(part) > hosts.LABEL_MAX for part in text.split(".")):
        return NameFault.TOO_LONG
    return NameFault.NOT_A_NAME


# Scripts that are written together in one name.
_TOGETHER = (
    frozenset({"LATIN", "CJK"}),
    frozenset({"LATIN", "CJK", "HIRAGANA", "KATAKANA"}),
    frozenset({"LATIN", "CJK", "HANGUL"}),
    frozenset({"LATIN", "CJK", "BOPOMOFO"}),
)
_LIKE_LATIN = frozenset("асԁеһіјӏорԛѕԝхуъьҽпгѵѡαικνορτυωχγ")


def _label_fault(label: str) -> tuple[NameFault, str] | None:
    if not label.startswith("xn--"):
        return (NameFault.FALSE_PUNYCODE, label) if label[2:4] == "--" else None
    try:
        text = idna.decode(label)
        again = idna.encode(text, uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError):
        return NameFault.FALSE_PUNYCODE, label
    if again != label:
        return NameFault.FALSE_PUNYCODE, label
    scripts = {_script(sign) for sign in text} - {"COMMON"}
    if len(scripts) > 1 and not any(scripts <= allowed for allowed in _TOGETHER):
        return NameFault.MIXED_SCRIPTS, f"{text} ({', '.join(sorted(one.title() for one in scripts))})"
    letters = [sign for sign in text if sign.isalpha()]
    if scripts <= {"CYRILLIC", "GREEK"} and all(sign in _LIKE_LATIN for sign in letters):
        return NameFault.LOOKALIKE, f"{text} = {label}"
    return None


def _script(sign: str) -> str:
    if sign.isdigit() or sign == "-" or unicodedata.category(sign).startswith("M"):
        return "COMMON"
    return unicodedata.name(sign, "UNKNOWN").split(" ", 1)[0].split("-", 1)[0]
