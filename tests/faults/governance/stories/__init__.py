"""What happens in an estate, told so that every use case that writes comes up in it."""

from tests.faults.governance.stories.accounts import ACCOUNTS
from tests.faults.governance.stories.alarms import ALARMS
from tests.faults.governance.stories.at_home import AT_HOME
from tests.faults.governance.stories.boards import BOARDS
from tests.faults.governance.stories.consultation import CONSULTATION
from tests.faults.governance.stories.credit import CREDIT
from tests.faults.governance.stories.joint_work import JOINT_WORK
from tests.faults.governance.stories.labels import LABELS
from tests.faults.governance.stories.ledger import LEDGER
from tests.faults.governance.stories.messages import MESSAGES
from tests.faults.governance.stories.nodes import NODES
from tests.faults.governance.stories.people import PEOPLE
from tests.faults.governance.stories.raised import RAISED
from tests.faults.governance.stories.requests import REQUESTS
from tests.faults.governance.stories.residents import RESIDENTS
from tests.faults.governance.stories.setting_up import SETTING_UP
from tests.faults.governance.stories.throttle import THROTTLE

STORIES = {
    "accounts": ACCOUNTS,
    "alarms": ALARMS,
    "at home": AT_HOME,
    "boards": BOARDS,
    "consultation": CONSULTATION,
    "credit": CREDIT,
    "joint work": JOINT_WORK,
    "labels": LABELS,
    "ledger": LEDGER,
    "messages": MESSAGES,
    "nodes": NODES,
    "people": PEOPLE,
    "raised": RAISED,
    "requests": REQUESTS,
    "residents": RESIDENTS,
    "setting up": SETTING_UP,
    "throttle": THROTTLE,
}
