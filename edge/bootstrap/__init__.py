"""Where one node is wired: `assembling` is the page on which everything meets, `agent` starts and ends it, `examining` is
the doctor's.
"""

from edge.bootstrap.agent import Agent, build_agent
from edge.bootstrap.conversing import build_renewal
from edge.bootstrap.examining import examine

__all__ = ["Agent", "build_agent", "build_renewal", "examine"]
