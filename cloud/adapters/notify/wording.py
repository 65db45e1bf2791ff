"""What channels put around the words of a message."""

from __future__ import annotations

from typing import Final

from cloud.domain.community.names import Names
from cloud.domain.duties.escalation import Importance

TITLES: Final = {
    Importance.EMERGENCY: Names("【险情】", "[life safety]"),
    Importance.HIGH: Names("【任务】", "[task]"),
    Importance.NORMAL: Names("【通知】", "[notice]"),
}
LINK: Final = Names("打开任务（仅限本人，24 小时内有效）：", "Open the task (yours alone, for 24 hours): ")
