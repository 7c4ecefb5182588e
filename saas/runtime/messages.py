"""`python -m saas.runtime.messages`: compile every translation (`locale/*/LC_MESSAGES/*.po`) that is newer than its .mo.

With polib, so that neither gettext's tools nor a C compiler are needed.
"""

import sys
from pathlib import Path

import polib

from saas.runtime.paths import PROJECT

_PACKAGES = ("saas", "tenant_apps", "provisioning", "billing")


def catalogues() -> list[Path]:
    """Every .po file of the project, sorted."""
    return sorted(path for name in _PACKAGES for path in (PROJECT / name).glob("**/locale/*/LC_MESSAGES/*.po"))


def compile_messages(*, everything: bool = False) -> int:
    """Write the .mo of each catalogue that changed since (or of all); how many were written."""
    written = 0
    for source in catalogues():
        target = source.with_suffix(".mo")
        if everything or not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            partial = target.with_suffix(".mo.partial")
            polib.pofile(str(source)).save_as_mofile(str(partial))
            partial.replace(target)
            written += 1
    return written


def main() -> None:
    """Compile and say how many."""
    print(f"{compile_messages(everything='--all' in sys.argv)} of {len(catalogues())} catalogues compiled")


if __name__ == "__main__":
    main()
