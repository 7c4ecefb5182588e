"""What an order says about the file that a mall is made from."""

from dataclasses import dataclass

from provisioning.steps.context import Context
from saas.tenants.malls.storage import own_folder


@dataclass(frozen=True)
class RestorePlan:
    """`source`: whose backup; `backup`: which one (empty: one is taken for this run); `arrive`: the state it opens in;
    `mask`: the name in masking.MASKS of what is done to people before anybody sees the mall (empty: nothing)."""

    source: str
    backup: str
    arrive: str
    mask: str

    @classmethod
    def of(cls, context: Context) -> "RestorePlan":
        """Read the part `restore` of an order."""
        part = context.order["restore"]
        return cls(part["source"], part.get("backup") or context.run, part["arrive"], part.get("mask", ""))

    def folders(self, context: Context) -> tuple[str, str]:
        """The media folder in the backup's rows, and the new mall's."""
        return own_folder(self.source), own_folder(context.mall)
