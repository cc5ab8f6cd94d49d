"""Consent in two steps, as the platform does it: its letter, its link, its settings around `campaigns.confirming`."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlalchemy.orm import Session

from campaigns import confirming, layout
from campaigns.claiming import Claimed
from campaigns.confirming import Asked
from campaigns.content import LANGUAGES
from campaigns.drafts import ContentDraft
from contacts import asking, welcome
from contacts.models import Channel, ConsentEntry, Purpose
from outreach import audit, i18n, invitation
from outreach.platform import Platform
from outreach.words.contacts import PURPOSES

FOLDER = "confirmacion"  # of templates/email
FOOT = "pie-confirmacion"  # of the house letter: who is asked has not consented yet
_DAY = {"es": "d 'de' MMMM 'de' y", "en": "MMMM d, y"}


def ask_to_confirm(
    platform: Platform,
    session: Session,
    contact_id: int,
    channel: Channel,
    purposes: Collection[Purpose | str],
    *,
    notice: str | None = None,
    source: str,
    evidence: str = "",
    by: str = "",
    at: datetime | None = None,
) -> Asked:
    """Ask a person by e-mail to confirm what they consent to. The mail leaves when the caller's transaction has ended.

    `source` is where they said so first: a form, a call. `notice` is a version, None the current one. They have
    OUTREACH_CONFIRM_DAYS to answer and are asked once in that time, whatever happens. Refuses, and has written nothing
    then, as `contacts.asking.ask`: also who was asked before, or withdrew, or cannot be reached.
    """
    settings = platform.settings
    return confirming.ask_to_confirm(
        session,
        contact_id,
        channel,
        purposes,
        notice=notice,
        letters=letters(),
        source=source,
        at=at or platform.clock.now(),
        days=settings.confirm_days,
        zone=settings.zone,
        evidence=evidence,
        by=by,
    )


def confirm(platform: Platform, session: Session, token: str) -> list[ConsentEntry]:
    """Take a person's answer by the token of their link: the consent stands from now on.

    Refuses `confirm_unknown`, and as `contacts.asking.check`.
    """
    ask_id = invitation.read(platform.secret, token)
    given = asking.confirm(session, ask_id, at=platform.clock.now(), evidence=invitation.fingerprint(token))
    welcome.confirmed(session, ask_id, at=platform.clock.now(), network=platform.settings.join_network)
    audit.note(session, platform.clock.now(), audit.SELF, "consent.confirm", f"contact:{given[0].contact_id}")
    return given


@lru_cache(maxsize=1)
def letters() -> tuple[ContentDraft, ...]:
    """Return what the mail says in each language, from its files (templates/email/confirmacion)."""
    return tuple(_letter(language) for language in LANGUAGES)


def _letter(language: str) -> ContentDraft:
    ending = "" if language == "es" else f".{language}"
    folder = layout.TEMPLATES / FOLDER
    subject, text, body = (
        (folder / f"{name}{ending}.{kind}").read_text(encoding="utf-8")
        for name, kind in (("subject", "txt"), ("body", "txt"), ("body", "mjml"))
    )
    return ContentDraft(
        language=language,
        subject=subject.strip(),
        text=layout.house_text(text, language, FOOT),
        mjml=layout.house_letter(body, language, FOOT),
    )


def more(platform: Platform, language: str) -> Callable[[Sequence[Claimed]], Mapping[int, Mapping[str, str]]]:
    """Return what makes the values that only this mail has: the link, what is asked, the notice, until when."""

    def values(rows: Sequence[Claimed]) -> Mapping[int, Mapping[str, str]]:
        with platform.reading() as session:
            ids = [row.contact_id for row in rows]
            asked = asking.waiting(session, ids, Channel.EMAIL, platform.clock.now())
        zones = {row.contact_id: row.timezone for row in rows}
        with i18n.speaking(language):
            return {
                contact_id: {
                    "confirmar": invitation.url(platform.settings.public_url, platform.secret, one.id),
                    "finalidades": told(one.purposes),
                    "aviso": one.notice_version,
                    "vence": format_date(
                        one.until.astimezone(ZoneInfo(zones[contact_id])), _DAY[i18n.language()], i18n.locale()
                    ),
                }
                for contact_id, one in asked.items()
            }

    return values


def told(purposes: Sequence[str]) -> str:
    """Return what somebody is asked about, in the language in force: `avisos de la Consulta, eventos y boletines`."""
    names = list(map(str, Purpose)) if asking.ALL in purposes else list(purposes)
    words = [i18n.gettext(PURPOSES[name]) for name in names]
    words = [words[0], *(word[:1].lower() + word[1:] if word[1:2].islower() else word for word in words[1:])]
    if len(words) == 1:
        return words[0]
    return i18n.gettext("%(first)s y %(last)s", first=", ".join(words[:-1]), last=words[-1])
