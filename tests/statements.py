"""Counting database statements as the aims count them: SET, BEGIN, COMMIT and savepoints are not."""

from django.test.utils import CaptureQueriesContext

FRAME = ("SET ", "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


def counted(seen: CaptureQueriesContext) -> list[str]:
    """The statements that count, in order."""
    return [query["sql"] for query in seen.captured_queries if not query["sql"].upper().lstrip().startswith(FRAME)]
