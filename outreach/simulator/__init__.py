"""A local stand-in for SendGrid and Twilio over real HTTP, with signed webhooks and faults on demand."""

from outreach.simulator.faults import Fault
from outreach.simulator.frontdoor import Exchange
from outreach.simulator.letters import Received, Told
from outreach.simulator.simulator import Credentials, Simulator
from outreach.simulator.templates import Template

__all__ = ["Credentials", "Exchange", "Fault", "Received", "Simulator", "Template", "Told"]
