"""Words of runs, steps, places and launch items, in the reader's language. (Templates: `{% load runs %}`.)"""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from provisioning.rules import StepName

_TITLES = {
    StepName.SCHEMA: gettext_noop("Data of its own"),
    StepName.STARTER_DATA: gettext_noop("Starter set-up"),
    StepName.MEDIA_STORAGE: gettext_noop("Picture storage"),
    StepName.DOMAIN: gettext_noop("Address"),
    StepName.SMOKE_TEST: gettext_noop("Final test"),
    StepName.CHECK: gettext_noop("Look at both cells"),
    StepName.STRUCTURE: gettext_noop("Tables in the new cell"),
    StepName.CATCH_UP: gettext_noop("Copy while the mall works"),
    StepName.FREEZE: gettext_noop("Refuse writes"),
    StepName.DRAIN: gettext_noop("Empty the outbox"),
    StepName.COPY: gettext_noop("Copy the data"),
    StepName.SEQUENCES: gettext_noop("Last changes and counters"),
    StepName.PUBLIC_ROWS: gettext_noop("Address, rights, events"),
    StepName.DIGEST: gettext_noop("Compare both copies"),
    StepName.FLIP: gettext_noop("Change cells"),
    StepName.OPEN: gettext_noop("Open the storefront"),
    StepName.RETIRE: gettext_noop("Drop the old copy"),
    StepName.TAKE: gettext_noop("Take the file and read it through"),
    StepName.LOAD: gettext_noop("Restore the data and compare"),
    StepName.REKEY: gettext_noop("Seal secrets anew"),
    StepName.MASK: gettext_noop("Mask people"),
    StepName.FILES: gettext_noop("Copy the pictures"),
    StepName.ARRIVE: gettext_noop("Prove book and storefront"),
    StepName.ROWS: gettext_noop("Load the rows and compare"),
    StepName.SNAPSHOT: gettext_noop("Read one moment of the data"),
    StepName.PACKAGE: gettext_noop("Pack data and pictures"),
    StepName.VERIFY: gettext_noop("Read the file through"),
    StepName.CLOSE: gettext_noop("Close the mall for good"),
    StepName.DROP_FILES: gettext_noop("Delete pictures, exports, backups"),
    StepName.DROP_SCHEMA: gettext_noop("Drop the data"),
    StepName.FORGET: gettext_noop("Forget addresses and events"),
}
_HELP = {
    StepName.SCHEMA: gettext_noop("A separate place for your goods, members and orders"),
    StepName.STARTER_DATA: gettext_noop("Roles, brand, terms, and you as the owner"),
    StepName.MEDIA_STORAGE: gettext_noop("Room for pictures, written to and read back"),
    StepName.DOMAIN: gettext_noop("Your mall answers under its name"),
    StepName.SMOKE_TEST: gettext_noop("We open the mall’s home page as a shopper would"),
}
_WORDS = {
    "provision": gettext_noop("Making"),
    "rollback": gettext_noop("Rolling back"),
    "move": gettext_noop("Move"),
    "move_undo": gettext_noop("Undoing a move"),
    "move_retire": gettext_noop("Dropping an old copy"),
    "restore": gettext_noop("Restoring a backup"),
    "import": gettext_noop("Import"),
    "export": gettext_noop("Export"),
    "delete": gettext_noop("Deletion"),
    "held": gettext_noop("Held"),
    "stopped": gettext_noop("Stopped"),
    "running": gettext_noop("Under way"),
    "succeeded": gettext_noop("Succeeded"),
    "failed": gettext_noop("Failed"),
    "cancelled": gettext_noop("Cancelled"),
    "pending": gettext_noop("Pending"),
    "success": gettext_noop("Done"),
    "failure": gettext_noop("Failed"),
    "skipped": gettext_noop("Skipped"),
    "requested": gettext_noop("Waits to be made"),
    "provisioning": gettext_noop("Being made"),
    "rehearsal": gettext_noop("In rehearsal"),
    "live": gettext_noop("Live"),
    "removed": gettext_noop("Removed"),
    "open": gettext_noop("Open"),
    "in_review": gettext_noop("In review"),
    "done": gettext_noop("Done"),
    "not_needed": gettext_noop("Not needed"),
    "vendor": gettext_noop("Vendor"),
    "platform": gettext_noop("Platform"),
    "authority": gettext_noop("Authority"),
    "nobody": gettext_noop("Nobody"),
}


def word(value: str) -> str:
    """A state in the reader's language."""
    return _(_WORDS[value]) if value in _WORDS else value


def step_title(name: str) -> str:
    """What a step is called."""
    return _(_TITLES[StepName(name)])


def step_help(name: str) -> str:
    """What a step is for."""
    return _(_HELP[StepName(name)]) if name in _HELP else ""
