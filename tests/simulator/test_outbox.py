"""The outbox as a person sees it."""

import re
from datetime import timedelta

import requests

ANA = "+525555550101"


def page(call, path: str, **headers: str) -> str:
    answer = call.get(path, headers={"Accept-Language": "es-MX", **headers})
    assert answer.status_code == 200
    return answer.text


def test_an_empty_outbox_says_what_it_is_for(call) -> None:
    html = page(call, "/_outbox")
    assert "Todavía no llega nada" in html
    assert "Nada de lo que ve aquí salió de este equipo." in html
    assert requests.get(call.simulator.url, timeout=10).url == f"{call.simulator.url}/_outbox"


def test_the_list_shows_whom_by_which_way_what_and_how_it_ended(call, clock, mail_to) -> None:
    call.mail(mail_to("ana@example.org", "rebota@example.org"))
    call.text(ANA)
    clock.advance(timedelta(minutes=20))
    html = page(call, "/_outbox")
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))
    assert "2 correos y 1 mensaje de WhatsApp" in text
    assert re.search(r"\+525555550101 WhatsApp Hola, Ana\. Hay un aviso\. Leído 20 jun, 11:42:00", text)
    assert re.search(r"Persona 2 rebota@example\.org Correo Aviso para Persona 2 Rebotado", text)
    assert re.search(r"Persona 1 ana@example\.org Correo Aviso para Persona 1 Entregado", text)


def test_the_list_is_filtered_and_keeps_what_was_typed(call, mail_to) -> None:
    call.mail(mail_to("ana@example.org", "beto@example.org"))
    call.text(ANA)
    html = page(call, "/_outbox?channel=correo&address=BETO")
    assert 'value="BETO"' in html
    assert '<option value="correo" selected>' in html
    assert "Aviso para Persona 2" in html
    assert "Aviso para Persona 1" not in html
    assert "Hola, Ana" not in html
    assert "Ningún mensaje así" in page(call, "/_outbox?address=nadie")


def test_many_messages_come_in_pages(call, mail_to) -> None:
    call.mail(mail_to(*(f"p{number}@example.org" for number in range(120))))
    seen: list[str] = []
    path = "/_outbox?channel=correo"
    for _ in range(3):
        html = page(call, path)
        seen += re.findall(r"Aviso para Persona (\d+)</a>", html)
        following = re.search(r'rel="next" href="([^"]+)"', html)
        path = "/_outbox" + following[1].replace("&amp;", "&") if following else ""
    assert seen == [str(number) for number in range(120, 0, -1)]
    assert path == ""
    assert "Ningún mensaje así" in page(call, "/_outbox?page=9")


def test_a_mail_is_shown_as_its_reader_sees_it(call, simulator, clock, mail_to) -> None:
    body = mail_to("rebota@example.org")
    body["personalizations"][0]["headers"] = {"List-Unsubscribe": "<https://votochilango.example.org/baja/1>"}
    call.mail(body)
    clock.advance(timedelta(seconds=10))
    letter = simulator.messages()[0]
    html = page(call, f"/_outbox/{letter.id}")
    assert "<h1>Aviso para Persona 1</h1>" in html
    assert "Voto Chilango</strong>" in html
    assert "&lt;rebota@example.org&gt;" in html
    assert f'src="/_outbox/{letter.id}/html"' in html
    assert 'sandbox="allow-popups allow-popups-to-escape-sandbox"' in html
    assert "&lt;https://votochilango.example.org/baja/1&gt;" in html
    assert "550 5.1.1 The email account does not exist" in html
    mail = call.get(f"/_outbox/{letter.id}/html")
    assert mail.text == '<html><head><base target="_blank"></head><body><p>Hola, <b>Persona 1</b>.</p></body></html>'
    assert "sandbox" in mail.headers["Content-Security-Policy"]
    assert "script-src" not in mail.headers["Content-Security-Policy"]


def test_a_mail_without_html_is_shown_as_text(call, simulator, mail_to) -> None:
    call.mail(mail_to("ana@example.org", content=[{"type": "text/plain", "value": "Hola,\n<b>-n-</b>"}]))
    html = page(call, f"/_outbox/{simulator.messages()[0].id}")
    assert '<pre class="plain">Hola,\n&lt;b&gt;Persona 1&lt;/b&gt;</pre>' in html
    assert "<iframe" not in html


def test_a_whatsapp_is_shown_in_a_bubble(call) -> None:
    made = call.text(ANA, status_callback="https://votochilango.example.org/s?d=31")
    html = page(call, f"/_outbox/{made.sid}")
    bubble = html.split('class="bubble"')[1].split("</div>")[0]
    assert "<p>Hola, Ana. Hay un aviso.</p>" in bubble
    assert "11:42" in bubble
    assert "viernes, 20 de junio" in html
    assert '<dd class="mono">31</dd>' in html


def test_a_message_whose_template_is_not_known_says_so(clock, caller) -> None:
    from outreach.simulator import Simulator

    with Simulator(clock) as simulator:
        call = caller(simulator)
        sid = "HX" + "1" * 32
        made = call.twilio.messages.create(to=f"whatsapp:{ANA}", from_="whatsapp:+525555550100", content_sid=sid)
        assert f"El simulador no conoce el texto de la plantilla {sid}." in page(call, f"/_outbox/{made.sid}")
        assert f"Plantilla {sid}" in page(call, "/_outbox")


def test_what_somebody_wrote_in_a_message_cannot_act_on_the_page(call, simulator, mail_to) -> None:
    call.mail(mail_to("ana@example.org", subject="<script>alert(1)</script>"))
    for path in ("/_outbox", f"/_outbox/{simulator.messages()[0].id}"):
        html = page(call, path)
        assert "<script" not in html
        assert "&lt;script&gt;" in html


def test_every_page_has_a_strict_policy_and_none_needs_anything_from_elsewhere(call, simulator, mail_to) -> None:
    call.mail(mail_to("ana@example.org"))
    made = call.text(ANA)
    for path in ("/_outbox", f"/_outbox/{simulator.messages()[-1].id}", f"/_outbox/{made.sid}"):
        answer = call.get(path, headers={"Accept-Language": "es"})
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'")
        assert "unsafe" not in policy
        assert " style=" not in answer.text
        assert not re.findall(r'(?:src|href)="(?!/_outbox|\?|#|data:,)', answer.text)
        for file in set(re.findall(r'"(/_outbox/[a-z]+\.(?:css|svg))', answer.text)):
            assert call.get(file).status_code == 200


def test_every_icon_that_the_pages_use_exists(call, simulator) -> None:
    from outreach.simulator.outbox import FOLDER, WORDS

    icons = set(re.findall(r'id="i-([^"]+)"', call.get("/_outbox/icons.svg").text))
    used = {name for file in FOLDER.glob("*.html") for name in re.findall(r'icon\("(\w+)"\)', file.read_text("utf-8"))}
    assert used | {name for _, name, _ in WORDS.values()} <= icons


def test_every_word_that_a_provider_tells_has_words_for_people() -> None:
    from outreach.simulator import behaviour
    from outreach.simulator.outbox import WORDS

    told = {step.event for steps in (*behaviour.MAIL.values(), *behaviour.PHONES.values()) for step in steps}
    assert told | {"read", "failed", "undelivered", "queued", ""} <= WORDS.keys()


def test_a_message_that_is_not_there_is_said_kindly(call) -> None:
    answer = call.get("/_outbox/SMnada", headers={"Accept-Language": "es"})
    assert answer.status_code == 404
    assert "Ese mensaje no está" in answer.text
    assert requests.post(f"{call.simulator.url}/_outbox", timeout=10).status_code == 405


def test_the_pages_speak_english_to_who_asks_for_it(call) -> None:
    asked = call.get("/_outbox?lang=en", headers={"Accept-Language": "es"}).text
    told = call.get("/_outbox", headers={"Accept-Language": "en-GB,en;q=0.8"}).text
    for html in (asked, told):
        assert '<html lang="en">' in html
        assert "Todavía" not in html
    assert 'href="?lang=es"' in asked
