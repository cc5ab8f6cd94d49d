"""Every table of the platform, imported in one place so that the metadata is whole."""

import campaigns.budget
import campaigns.erasing
import campaigns.inquiries
import campaigns.lines
import campaigns.models
import campaigns.segment_fields
import campaigns.stopping
import contacts.address_history
import contacts.figures
import contacts.formentries
import contacts.headings
import contacts.linkrequests
import contacts.models
import contacts.requests
import contacts.rights
import contacts.sameness
import contacts.segments
import contacts.suppression
import contacts.tag_fields
import contacts.tagging
import outreach.accounts
import outreach.audit
import outreach.keep
import outreach.limits
import outreach.people_imports
import outreach.register.models
from contacts.base import Base

metadata = Base.metadata

__all__ = ["campaigns", "contacts", "metadata", "outreach"]
