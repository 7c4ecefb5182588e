"""Enter a cell in control's book, so that malls can be placed in it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from saas.tenants.vendors import services


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("cell_id")
        parser.add_argument("--origin", required=True, help="where the cell's web answers inside the platform")
        parser.add_argument("--ceiling", type=int, default=300, help="malls that the cell takes")

    def handle(self, *args: Any, **options: Any) -> None:
        cell = services.ensure_cell(
            cell_id=options["cell_id"], internal_origin=options["origin"], ceiling=options["ceiling"]
        )
        self.stdout.write(f"cell {cell.cell_id}: {cell.internal_origin}, {cell.ceiling} malls")
