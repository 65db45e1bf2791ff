"""Where a cloud process is wired: `building` is the page on which everything meets, `loops` what goes on by itself,
`running` how it starts and ends.
"""

from cloud.bootstrap.building import build_cloud, import_outbox, project_again
from cloud.bootstrap.running import Cloud
from cloud.state import State, open_state

__all__ = ["Cloud", "State", "build_cloud", "import_outbox", "open_state", "project_again"]
