"""Far ends that provisioning speaks to: one module each."""
