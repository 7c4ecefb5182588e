"""A stand-in for WeChat Pay v3 on loopback, for rehearsal malls, demo and tests: `python -m tenant_apps.payments.sandbox`.

It shares no code with the adapter: what both agree on was written twice, from the protocol's public description.
No Django, no mall's data: one SQLite file. That the two sides agree does not prove that they agree with the channel.
"""
