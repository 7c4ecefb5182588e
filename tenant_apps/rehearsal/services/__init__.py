"""Writes of a rehearsal: its clock, its test people, its end."""

from tenant_apps.rehearsal.services.entering import NotATestPerson, enter_as
from tenant_apps.rehearsal.services.moving import ask_days, ask_move, stop_move, try_again
from tenant_apps.rehearsal.services.opening import ask_opening
from tenant_apps.rehearsal.services.people import ask_people

__all__ = ["NotATestPerson", "ask_days", "ask_move", "ask_opening", "ask_people", "enter_as", "stop_move", "try_again"]
