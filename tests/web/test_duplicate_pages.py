"""People who may be there twice, on screen: the list, side by side, one of two, two again."""

import re

import pytest
from sqlalchemy import select

from contacts import people, pointers
from contacts.models import Channel, Contact
from outreach import unsubscribe
from outreach.audit import AuditEntry


def words(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))


@pytest.fixture
def twice(platform, cast) -> tuple[int, int]:
    """Citlali of the cast, and another row of hers."""
    with platform.transaction() as session:
        citlali = people.get(session, cast.citlali)
        fields = {"nombre": citlali.name, "pais": citlali.country, "ciudad": citlali.city}
        again = people.add(session, fields | {"correo": "citlali.otra@example.org"}, at=platform.clock.now())
        again.name += " Xochitl"
        return citlali.id, again.id


def noted(platform) -> list[str]:
    with platform.reading() as session:
        return list(session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)))


def test_a_search_fills_the_list_and_each_pair_says_why(maura, platform, twice):
    assert "Todavía no hay duplicados" in maura.get("/contactos/duplicados/").text
    answer = maura.post("/contactos/duplicados/buscar", seen="/contactos/duplicados/", follow_redirects=True)
    row = re.search(r"<tr role=\"row\"><th role=\"rowheader\".*?</tr>", answer.text, re.DOTALL)[0]
    assert f"Ficha {twice[0]}" in words(row)
    assert f"Ficha {twice[1]}" in words(row)
    assert "Nombre parecido y misma ciudad" in row
    assert "Ninguno por este motivo" in maura.get("/contactos/duplicados/?motivo=same_email").text
    assert f"Ficha {twice[1]}" in words(maura.get("/contactos/duplicados/?motivo=like_name&pagina=9").text)
    assert {"contacts.find_duplicates", "contacts.duplicates"} <= set(noted(platform))


def test_a_person_leads_to_who_is_alike_and_to_anybody_found_by_name(maura, twice):
    page = maura.get(f"/contactos/{twice[0]}").text
    assert f'href="/contactos/{twice[0]}/otra"' in page
    other = maura.get(f"/contactos/{twice[0]}/otra?q=citlali.otra").text
    assert other.count(f"persona={twice[0]}&amp;persona={twice[1]}") == 2
    assert maura.get("/contactos/999999/otra").status_code == 404


def test_two_are_made_one_field_by_field_and_the_note_undoes_it(maura, platform, twice):
    one, other = twice
    seen = f"/contactos/unir?persona={one}&persona={other}"
    page = maura.get(seen).text
    assert page.count('type="radio"') == 14
    answer = maura.post(
        "/contactos/unir", {"persona": [one, other], "nombre": other, "queda": one}, seen=seen, follow_redirects=True
    )
    assert "Son una sola persona" in answer.text
    assert "Xochitl</h1>" in answer.text
    assert "citlali.otra@example.org" in answer.text
    assert maura.get(f"/contactos/{other}").headers["Location"] == f"/contactos/{one}"
    assert f"Ficha {other}" not in words(maura.get("/contactos/?q=citlali.otra").text)
    undo = re.search(r'action="(/contactos/uniones/\d+/deshacer)"', answer.text)[1]
    back = maura.post(undo, seen=f"/contactos/{one}", follow_redirects=True)
    assert "Son otra vez dos personas" in back.text
    with platform.reading() as session:
        assert pointers.everybody(session) == {}
        assert "Xochitl" not in session.get(Contact, one).name
    again = maura.post(undo, seen=f"/contactos/{one}")
    assert "ya se deshizo" in again.text
    assert {"contacts.compare", "contacts.merge", "contacts.unmerge"} <= set(noted(platform))


def test_who_is_not_the_same_is_not_proposed_again_until_somebody_takes_it_back(maura, platform, twice):
    home = "/contactos/duplicados/"
    maura.post(f"{home}buscar", seen=home)
    maura.post(f"{home}distintas", {"persona": list(twice)}, seen=home)
    answer = maura.post(f"{home}buscar", seen=home, follow_redirects=True)
    assert f"Ficha {twice[1]}" not in words(answer.text)
    seen = f"/contactos/unir?persona={twice[0]}&persona={twice[1]}"
    assert "no son la misma persona" in maura.get(seen).text
    maura.post(f"{home}quiza", {"persona": list(twice)}, seen=seen)
    answer = maura.post(f"{home}buscar", seen=home, follow_redirects=True)
    assert f"Ficha {twice[1]}" in words(answer.text)
    assert {"contacts.dismiss", "contacts.reconsider"} <= set(noted(platform))
    assert maura.post(f"{home}distintas", {"persona": [twice[0]]}, seen=home).status_code == 400


def test_what_cannot_be_made_one_is_said_in_words(maura, platform, twice):
    one, other = twice
    seen = f"/contactos/unir?persona={one}&persona={other}"
    assert "Hacen falta dos personas" in maura.get(f"/contactos/unir?persona={one}&persona={one}").text
    assert "Hacen falta dos personas" in maura.get("/contactos/unir").text
    token = maura.token(seen)
    maura.client.post("/contactos/unir", data={"persona": [one, other], "queda": one, "csrf_token": token})
    assert f"La ficha {other} ya está unida a otra" in words(maura.get(seen).text)
    late = maura.client.post("/contactos/unir", data={"persona": [one, other], "queda": one, "csrf_token": token})
    assert late.status_code == 422
    assert f"ya está unida a la ficha {one}" in late.text
    with platform.transaction() as session:
        session.get(Contact, cast_other(session, twice)).erased_at = platform.clock.now()
    assert "pidió que se borraran sus datos" in maura.get(f"/contactos/unir?persona={one}&persona={one + 1}").text


def cast_other(session, twice) -> int:
    assert twice[0] + 1 not in twice
    return twice[0] + 1


def test_the_link_in_a_letter_to_the_old_number_closes_the_persons_channel(maura, stranger, platform, twice):
    one, other = twice
    seen = f"/contactos/unir?persona={one}&persona={other}"
    maura.post("/contactos/unir", {"persona": [one, other], "queda": one}, seen=seen)
    link = f"/baja/{unsubscribe.token(platform.secret, other, Channel.EMAIL)}"
    assert "@example.org" in stranger.get(link).text
    stranger.client.post(link, data={"List-Unsubscribe": "One-Click"})
    assert "La persona pidió no recibir mensajes por esta vía." in maura.get(f"/contactos/{one}").text
