"""People by hand, on screen: added after a look, edited, their addresses corrected and marked, their tags."""

import html
import re

import pytest
from sqlalchemy import select

from contacts import consent, people, rights, tagging
from contacts.models import Address, AddressKind, AddressState, Contact, Decision
from contacts.rights import Asked, Right, Terms
from outreach.audit import AuditEntry


def words(text: str) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text)))


def noted(platform) -> dict[str, dict[str, object]]:
    with platform.reading() as session:
        return {one.action: one.details for one in session.scalars(select(AuditEntry).order_by(AuditEntry.id))}


def address_of(platform, contact_id, place=0) -> int:
    with platform.reading() as session:
        return session.get_one(Contact, contact_id).addresses[place].id


def test_a_person_is_added_after_a_look_at_what_would_be_kept(maura, platform):
    typed = {
        "nombre": "  Ana\u202e Nopal\x07 ", "whatsapp": "044 55 5555 0166", "pais": "US", "ciudad": "Houston",
        "etiquetas": "Prensa, observadora",
    }  # fmt: skip
    look = words(maura.post("/contactos/nueva", typed).text)
    assert "044 55 5555 0166 +525555550166 México" in look
    assert "Se propone America/Chicago, la de esa ciudad." in look
    assert "Se propone español, por el país en que vive: es una suposición." in look
    with platform.reading() as session:
        assert people.by_address(session, "+525555550166") == []
    again = maura.post("/contactos/nueva", {**typed, "paso": "corregir"}).text
    assert 'value="044 55 5555 0166"' in again
    page = maura.post("/contactos/nueva", {**typed, "paso": "guardar"}, follow_redirects=True).text
    assert "<h1>Ana Nopal</h1>" in page
    assert {"Prensa", "observadora"} <= set(re.findall(r'<a class="vc-tag vc-label"[^>]*>([^<]+)<', page))
    assert "Es la que se propone; nadie la confirmó" in words(page)
    assert "contacts.add" in noted(platform)


def test_who_may_be_there_already_is_shown_before_and_can_be_compared_after(maura, platform, cast):
    with platform.reading() as session:
        citlali = session.get_one(Contact, cast.citlali)
        name, value = citlali.name, citlali.addresses[0].value
    typed = {"nombre": f"{name} Otra", "correo": value}
    look = maura.post("/contactos/nueva", typed).text
    assert "¿No estará ya?" in look
    assert f'href="/contactos/{cast.citlali}"' in look
    other = maura.post("/contactos/nueva", {**typed, "paso": "guardar"}, follow_redirects=True).text
    assert "Comparar" in other
    same = maura.post("/contactos/nueva", {"nombre": name, "correo": value, "paso": "guardar"})
    assert same.status_code == 422
    assert f"ficha {cast.citlali}" in words(same.text)


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("nombre", "", "Falta el nombre"),
        ("nombre", "x" * 10_000, "Hay más de 200 letras"),
        ("correo", "<script>alert(1)</script>", "no es un correo"),
        ("correo", "", "Falta una dirección"),
        ("zona", "Marte", "No se conoce la zona horaria"),
        ("etiquetas", "y" * 500, "Una etiqueta tiene de 1 a 60 letras"),
    ],
)
def test_what_cannot_be_kept_is_said_beside_its_field_and_nothing_typed_is_lost(maura, field, text, sentence):
    typed = {"nombre": "Ana <b>🙂</b>", "correo": "ana.nueva@example.org", "ciudad": "Atlántida"} | {field: text}
    answer = maura.post("/contactos/nueva", typed)
    assert answer.status_code == 422
    assert sentence in words(answer.text)
    assert 'value="Atlántida"' in answer.text
    assert "<script>alert" not in answer.text


def test_a_person_is_edited_and_what_was_proposed_is_proposed_anew_but_what_was_said_stays(maura, platform, cast):
    path = f"/contactos/{cast.citlali}/editar"
    page = maura.get(path).text
    assert re.search(r'name="zona"[^>]*value=""', page)  # a proposal: nobody said it
    typed = {
        "nombre": "Citlali <i>Jacaranda</i>", "pais": "CA", "ciudad": "Vancouver", "idioma": "es",
        "etiquetas": "prensa", "motivo": "lo dijo por teléfono",
    }  # fmt: skip
    saved = maura.post(path, typed, follow_redirects=True).text
    assert "Citlali &lt;i&gt;Jacaranda&lt;/i&gt;" in saved
    assert "Su zona horaria es ahora America/Vancouver" in words(saved)
    details = noted(platform)["contacts.edit"]
    assert details["fields"] == ["nombre", "pais", "ciudad", "zona", "etiquetas"]
    assert details["reason"] == "lo dijo por teléfono"
    maura.post(path, {**typed, "zona": "Toronto"})
    maura.post(path, {**typed, "zona": "America/Toronto", "pais": "ES", "ciudad": "Madrid"})
    with platform.reading() as session:
        contact = session.get_one(Contact, cast.citlali)
        assert (contact.timezone, contact.zone_set, contact.language) == ("America/Toronto", True, "es")
    assert "No cambió nada" in maura.post(
        path, {**typed, "zona": "America/Toronto", "pais": "ES", "ciudad": "Madrid"}, follow_redirects=True
    ).text  # fmt: skip
    wrong = maura.post(path, {**typed, "nombre": " ", "motivo": "m" * 10_000})
    assert wrong.status_code == 422


def test_an_address_is_added_repaired_and_who_has_it_already_is_one_click_from_comparing(maura, platform, cast):
    with platform.reading() as session:
        other = session.scalars(
            select(Address).where(Address.kind == AddressKind.WHATSAPP, Address.contact_id != cast.citlali)
        ).first()
        number, holder = other.value, other.contact_id
    path = f"/contactos/{cast.citlali}/direcciones/nueva"
    typed = {"clase": "whatsapp", "valor": f"wa.me/{number[1:]}", "motivo": "la dio en la reunión"}
    look = maura.post(path, typed).text
    assert number in words(look)
    assert "Ya la tiene otra persona" in look
    assert f"/contactos/unir?persona={cast.citlali}&amp;persona={holder}" in look
    page = maura.post(path, {**typed, "paso": "guardar"}, follow_redirects=True).text
    assert "La comparte con" in page
    assert "Se agregó a mano. la dio en la reunión · anotó maura" in words(page)
    assert "La comparte con" in maura.get(f"/contactos/{holder}").text
    assert noted(platform)["contacts.address.add"] == {"address": "whatsapp"}
    assert maura.post(path, {**typed, "motivo": ""}).status_code == 422
    assert "ya tiene" in words(maura.post(path, typed).text)
    empty = maura.post(path, {"clase": "correo", "valor": "\x00", "motivo": "x"})
    assert (empty.status_code, "Falta una dirección" in words(empty.text)) == (422, True)
    scoped = {"clase": "whatsapp", "valor": "whatsapp:US.13491208655302741918", "motivo": "lo dijo Meta"}
    page = words(maura.post(path, {**scoped, "paso": "guardar"}, follow_redirects=True).text)
    assert "US.13491208655302741918 Identificador de WhatsApp" in page


def test_an_address_is_corrected_after_a_look_and_said_to_be_this_or_that(maura, platform, cast):
    number = address_of(platform, cast.citlali)
    path = f"/contactos/{cast.citlali}/direcciones/{number}"
    assert "sin comprobar → comprobada Se entregó un mensaje." in words(maura.get(path).text)
    typed = {"valor": "Citlali@Exámple.org", "motivo": "errata"}
    look = maura.post(f"{path}/corregir", typed, seen=path).text
    assert "citlali@xn--exmple-qta.org" in look
    assert maura.post(f"{path}/corregir", {**typed, "motivo": ""}, seen=path).status_code == 422
    maura.post(f"{path}/corregir", {**typed, "paso": "guardar"}, seen=path)
    for act, state in {
        "comprobar": AddressState.VERIFIED,
        "rebota": AddressState.BOUNCED,
        "abrir": AddressState.NEW,
        "cerrar": AddressState.CLOSED,
        "baja": AddressState.OPTED_OUT,
    }.items():
        answer = maura.post(f"{path}/decir", {"que": act, "motivo": "llamó"}, seen=path)
        assert answer.status_code == 303, words(answer.text)
        with platform.reading() as session:
            assert session.get_one(Address, number).state is state
    refused = maura.post(f"{path}/decir", {"que": "quitar", "motivo": "x"}, seen=f"{path}/../nueva")
    assert refused.status_code == 422
    assert "la persona pidió no recibir más" in words(refused.text)
    shown = words(maura.get(path).text)
    assert "comprobada → rebotó" in shown
    assert "Era persona0@example.org" in shown
    assert "Corregirla" not in shown
    assert {"contacts.address.correct", "contacts.address.mark", "contacts.address.close"} <= set(noted(platform))


def test_an_address_is_taken_away_and_its_history_stays(maura, platform, cast):
    path = f"/contactos/{cast.citlali}/direcciones/{address_of(platform, cast.citlali)}"
    missing = maura.post(f"{path}/decir", {"que": "", "motivo": ""}, seen=path)
    assert "Elija qué pasa con la dirección" in words(missing.text)
    page = maura.post(
        f"{path}/decir", {"que": "quitar", "motivo": "era de otra"}, seen=path, follow_redirects=True
    ).text
    assert "comprobada → quitada" in words(page)
    assert maura.get(path).status_code == 404
    assert maura.get("/contactos/999999/editar").status_code == 404
    assert maura.get(f"/contactos/{cast.citlali + 1}/direcciones/1").status_code == 404


def test_a_rectification_leads_to_the_card_and_says_for_which_request(maura, platform, cast):
    with platform.transaction() as write:
        asked = Asked(kind=Right.RECTIFICATION, received_on=platform.clock.now().date(), contact_id=cast.citlali)
        at = platform.clock.now()
        one = rights.receive(write, asked, Terms(20, frozenset()), today=at.date(), at=at, by="maura")
        rights.identify(one, "credencial")
        number, folio = one.id, one.folio
    page = maura.get(f"/derechos/{number}").text
    link = html.unescape(re.search(r'href="(/contactos/\d+/editar[^"]*)"', page)[1])
    assert link == f"/contactos/{cast.citlali}/editar?solicitud={folio}"
    assert f"Por la solicitud {folio}." in words(maura.get(link).text)
    maura.post(link, {"nombre": "Citlali Otro Nombre", "solicitud": folio}, seen=link)
    assert noted(platform)["contacts.edit"]["folio"] == folio


def test_a_tag_is_put_on_a_segment_after_its_count_and_asked_again_when_the_count_changed(maura, platform, cast):
    home, path = "/contactos/etiquetas/", "/contactos/etiquetas/aplicar"
    assert "Aún no hay etiquetas" in maura.get(home).text
    with platform.reading() as session:
        from contacts import segments

        segment = segments.every(session)[0]
        there = list(
            session.scalars(segments.chosen(session, segments.Filter.from_json(segment.filter), platform.clock.now()))
        )
    typed = {"etiqueta": " Difusión ", "segmento": segment.id, "accion": "poner"}
    asked = maura.post(path, typed).text
    assert f"¿Poner «Difusión» a {len(there)} persona" in words(asked)
    with platform.transaction() as write:
        tagging.put(write, there[0], ["difusion"], at=platform.clock.now(), by="otra")
    again = maura.post(path, {**typed, "cuenta": len(there)}).text
    assert f"a {len(there) - 1} persona" in words(again)
    done = maura.post(path, {**typed, "cuenta": len(there) - 1}, follow_redirects=True).text
    assert f"Se cambió a {len(there) - 1} persona" in words(done)
    assert noted(platform)["tag.put"]["people"] == len(there) - 1
    assert maura.post(path, {**typed, "segmento": ""}).status_code == 422
    assert maura.post(path, {**typed, "accion": "quitar", "etiqueta": "nadie"}).status_code == 422
    listed = maura.get(html.unescape(re.search(r'href="(/contactos/\?filtro=[^"]+)"', done)[1])).text
    assert '<span class="vc-tag vc-label">difusion</span>' in listed
    maura.post(path, {**typed, "accion": "quitar", "cuenta": len(there)})
    assert noted(platform)["tag.take"]["people"] == len(there)


def test_tags_are_renamed_made_one_and_removed(maura, platform, cast):
    with platform.transaction() as write:
        for person, name in ((1, "prensa"), (2, "medios"), (2, "prensa")):
            have = tagging.of_people(write, [person]).get(person, [])
            tagging.put(write, person, [*have, name], at=platform.clock.now(), by="maura")
        one, other = tagging.named(write, "prensa").id, tagging.named(write, "medios").id
    page = f"/contactos/etiquetas/{one}"
    assert "La llevan 2 personas." in words(maura.get(page).text)
    assert "Ya hay una etiqueta" in words(maura.post(f"{page}/nombre", {"nombre": "MEDIOS"}, seen=page).text)
    maura.post(f"{page}/nombre", {"nombre": "Prensa local"}, seen=page)
    assert maura.post(f"{page}/unir", {"otra": ""}, seen=page).status_code == 422
    merged = maura.post(f"{page}/unir", {"otra": other}, seen=page, follow_redirects=True)
    assert "Las dos etiquetas son ahora «medios»" in words(merged.text)
    assert maura.get(page).status_code == 404
    page = f"/contactos/etiquetas/{other}"
    maura.post(f"{page}/eliminar", seen=page)
    assert "Aún no hay etiquetas" in maura.get("/contactos/etiquetas/").text
    assert {"tag.rename", "tag.merge", "tag.delete"} <= set(noted(platform))


def test_who_leaves_by_the_link_of_a_letter_closes_that_address(platform, app, cast, stranger):
    from campaigns.models import Delivery
    from contacts.models import Channel
    from outreach import unsubscribe

    with platform.reading() as session:
        row = session.scalars(
            select(Delivery).where(
                Delivery.channel == Channel.EMAIL, Delivery.accepted_at.is_not(None), Delivery.address != ""
            )
        ).first()
        person, value = row.contact_id, row.address
    with platform.transaction() as write:
        consent.record(
            write, person, "*", "*", Decision.GRANTED, source="x", at=platform.clock.now(), notice_version=""
        )
    token = unsubscribe.token(platform.secret, person, Channel.EMAIL)
    answer = stranger.client.post(f"/baja/{token}", data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    with platform.reading() as session:
        states = {one.value: one.state for one in session.get_one(Contact, person).addresses}
    assert states[value] is AddressState.OPTED_OUT
