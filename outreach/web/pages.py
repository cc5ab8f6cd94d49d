"""Every page of the application, listed once."""

from flask import Blueprint

from outreach.web import (
    audit,
    audit_webhooks,
    calendar,
    campaign_acts,
    campaign_doubts,
    campaign_form,
    campaign_preview,
    campaigns,
    contacts,
    contacts_duplicates,
    contacts_imports,
    door,
    home,
    informes,
    leaving,
    networks,
    register,
    register_acts,
    rights,
    rights_acts,
    rights_dossier,
    search,
    segments,
    stop,
    tasks,
    vital,
)


def all_pages() -> tuple[Blueprint, ...]:
    """Return the blueprints, each one area."""
    return (
        vital.pages,
        door.pages,
        leaving.pages,
        home.pages,
        campaigns.pages,
        campaign_acts.pages,
        campaign_doubts.pages,
        campaign_form.pages,
        campaign_preview.pages,
        calendar.pages,
        tasks.pages,
        contacts.pages,
        contacts_duplicates.pages,
        contacts_imports.pages,
        networks.pages,
        segments.pages,
        rights.pages,
        rights_acts.pages,
        rights_dossier.pages,
        register.pages,
        register_acts.pages,
        informes.pages,
        search.pages,
        stop.pages,
        audit.pages,
        audit_webhooks.pages,
    )
