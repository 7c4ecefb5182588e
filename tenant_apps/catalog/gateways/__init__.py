"""The outside world of the catalog: pictures on the web."""
