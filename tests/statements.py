"""Counting database statements as the aims count them: SET, BEGIN, COMMIT and savepoints are not."""

from django.test.utils import CaptureQueriesContext

FRAME = ("SET ", "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


def counted(seen: CaptureQueriesContext) -> list[str]:
    """The statements that count, in order."""
    texts = [query["sql"] or "a prepared statement" for query in seen.captured_queries]
    return [text for text in texts if not text.upper().lstrip().startswith(FRAME)]
