"""Payment channels, whoever is paid: malls (tenant_apps.payments) and the platform (billing) speak through the same adapters."""
