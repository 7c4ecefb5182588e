"""Tests of cells: one file, so that they share two servers and never run side by side. Those whose malls stay up come last."""

from tests.cells.moves import (
    mover,
    test_a_killed_server_touches_no_other_cell_which_even_makes_malls_meanwhile,
    test_a_mall_moves_by_dump_killed_between_any_two_steps,
    test_a_mall_moves_by_replication_killed_between_any_two_steps,
    test_a_move_that_is_undone_leaves_the_mall_working_and_its_worker_without_effect,
)
from tests.cells.relays import (
    test_a_fact_sent_twice_is_stored_once,
    test_a_local_event_never_crosses,
    test_a_second_relay_of_the_same_cell_waits_for_the_first,
    test_control_and_cells_hold_only_their_own_tables,
    test_facts_reach_only_the_side_they_are_addressed_to,
    test_nothing_is_lost_or_doubled_when_the_relay_is_killed_again_and_again,
    test_the_guard_refuses_one_side_inside_a_transaction_of_the_other,
)
from tests.cells.standing import (
    malls,
    test_an_approval_crosses_to_the_cell_of_its_mall_and_to_no_other,
    test_each_cell_answers_for_its_own_mall_only,
    test_no_key_leaves_a_mall_and_every_mall_table_has_a_primary_key,
    test_with_control_stopped_an_order_is_paid_and_its_fact_arrives_after,
    test_work_for_a_mall_of_another_cell_raises,
)

__all__ = [
    "malls",
    "mover",
    "test_a_fact_sent_twice_is_stored_once",
    "test_a_killed_server_touches_no_other_cell_which_even_makes_malls_meanwhile",
    "test_a_local_event_never_crosses",
    "test_a_mall_moves_by_dump_killed_between_any_two_steps",
    "test_a_mall_moves_by_replication_killed_between_any_two_steps",
    "test_a_move_that_is_undone_leaves_the_mall_working_and_its_worker_without_effect",
    "test_a_second_relay_of_the_same_cell_waits_for_the_first",
    "test_an_approval_crosses_to_the_cell_of_its_mall_and_to_no_other",
    "test_control_and_cells_hold_only_their_own_tables",
    "test_each_cell_answers_for_its_own_mall_only",
    "test_facts_reach_only_the_side_they_are_addressed_to",
    "test_no_key_leaves_a_mall_and_every_mall_table_has_a_primary_key",
    "test_nothing_is_lost_or_doubled_when_the_relay_is_killed_again_and_again",
    "test_the_guard_refuses_one_side_inside_a_transaction_of_the_other",
    "test_with_control_stopped_an_order_is_paid_and_its_fact_arrives_after",
    "test_work_for_a_mall_of_another_cell_raises",
]
