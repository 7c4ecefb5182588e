"""What the legal guard-rails (MODES 14) say about several modes alike. Pure."""

from tenant_apps.modes.contract import WECHAT_MAX_LEVELS, Caution, Channel, Problem, Refusal
from tenant_apps.modes.contract import noop as _


def depth_problems(levels: int, channel: Channel, *, field: str) -> list[Problem]:
    """Rule 1: at most two rewarded levels through WeChat, a third only with the operator's approval."""
    if levels <= WECHAT_MAX_LEVELS:
        return []
    if channel.wechat:
        return [
            Refusal(
                code="levels_on_wechat",
                field=field,
                message=_(
                    "At most {limit} levels may earn where a mall sells through WeChat (rule 1 of the legal guard-rails): {levels} were given."
                ),
                data={"limit": WECHAT_MAX_LEVELS, "levels": levels},
            )
        ]
    if channel.third_level_approved:
        return []
    return [
        Refusal(
            code="third_level_needs_approval",
            field=field,
            message=_("A third level needs the platform operator's approval (rule 1 of the legal guard-rails)."),
        )
    ]


def team_pay(field: str) -> Caution:
    """Rule 5: pay from the sales of people one did not introduce."""
    return Caution(
        code="team_pay",
        two_persons=True,
        field=field,
        message=_(
            "From the second level on people earn from the sales of people they did not introduce themselves. Article 7 of the Regulations on Prohibition of Pyramid Selling names this form; have counsel look at it (rule 5)."
        ),
    )
