"""Filing (备案) of a domain that is served from the mainland. Pure."""

import re
from enum import StrEnum

_NUMBER = re.compile(
    r"[京津沪渝冀晋辽吉黑苏浙皖闽赣鲁豫鄂湘粤琼川蜀贵黔云滇陕秦甘陇青宁新藏桂蒙]ICP备[0-9]{6,12}号(?:-[0-9]{1,3})?"
)
EVIDENCE_MAX_BYTES = 2 * 1024 * 1024


class FilingPolicy(StrEnum):
    """When a filing number is asked for."""

    AUTO = "auto"  # where the mall's cell stands in the mainland
    ALWAYS = "always"
    NEVER = "never"


def filing_needed(policy: str, region: str) -> bool:
    """Whether a domain of a mall in a cell of that region needs a filing number."""
    if policy == FilingPolicy.AUTO:
        return region.startswith("cn-")
    return policy == FilingPolicy.ALWAYS


def read_number(raw: str) -> str | None:
    """A filing number in the form in which the ministry writes it, as `浙ICP备2021000000号-1`; None if it is none."""
    text = "".join(raw.split()).replace("icp", "ICP").replace("Icp", "ICP").replace("—", "-").replace("－", "-")
    return text if _NUMBER.fullmatch(text) else None
