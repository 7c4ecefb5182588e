"""Orders from control. The sweeper finds what they entered."""

from provisioning.rollouts import services
from saas.kernel.clock import real_now as now
from saas.messaging.bus.services import Event


def on_rollout_requested(event: Event) -> None:
    """Begin a rollout of this cell. Raises RolloutRuns while another one is under way: tried again."""
    order = event.payload
    services.start_rollout(
        ulid=str(order["rollout"]), actor=str(order["by"]), reason=str(order.get("reason", "")), now=now()
    )


def on_retry_requested(event: Event) -> None:
    """Take up the malls that failed. A rollout that has nothing to retry says where it stands."""
    try:
        services.retry_rollout(ulid=str(event.payload["rollout"]), now=now())
    except services.NothingToRetry:
        services.tell_again(ulid=str(event.payload["rollout"]))
