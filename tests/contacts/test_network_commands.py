"""`outreach contacts network, organizations, organization` at the terminal."""

import pytest


@pytest.fixture
def three(cast):
    return [
        cast.person(name, correo=f"{name.lower()}@example.org", country=country, network="")
        for name, country in (("Ana", "US"), ("Beto", "DE"), ("Ceci", "US"))
    ]


def test_a_network_lives_at_the_terminal(outreach, three) -> None:
    ana, beto, ceci = three
    assert "red de observación" in outreach("network", "add", "Uno", "--kind", "observacion").out
    assert outreach("network", "join", "Uno", ana, "--role", "liderazgo", "--since", "2025-01-10").code == 0
    assert outreach("network", "join", "Uno", beto, "--since", "2025-02-10", "--brought-by", ana).code == 0
    assert outreach("network", "join", "Uno", ceci, "--since", "2025-03-10", "--brought-by", beto).code == 0
    assert "todavía no llega" in outreach("network", "join", "Uno", ceci, "--since", "2099-01-01").err
    circle = outreach("network", "bring", "Uno", ana, "--by", "Ceci")
    assert circle.code == 2
    assert "no puede haber invitado a" in circle.err
    tree = outreach("network", "tree", "Uno").out
    assert "Ana (1), liderazgo, invitó a 1, 2 en total\n  Beto (2), invitó a 1, 1 en total\n    Ceci (3)" in tree
    assert outreach("network", "tree", "Uno", "--of", "beto@example.org", "--json").json["trees"][0]["below"] == 1
    assert outreach("network", "leave", "Uno", beto, "--on", "2025-04-30").code == 0
    assert outreach("network", "leave", "Uno", ceci, "--on", "2025-03-09").code == 2
    assert outreach("network", "lead", "Uno", ana, "--until", "2025-03-31").code == 0
    found = outreach("network", "reach", "Uno", "2025-03-31", "--json").json
    assert (found["members"], found["leaders"]) == (3, 1)
    assert [each["country"] for each in found["countries"]] == ["US", "DE"]
    assert (
        "2 personas el 2025-05-01, de ellas 0 con liderazgo." in outreach("network", "reach", "Uno", "2025-05-01").out
    )
    assert "«hoy» no es un día" in outreach("network", "reach", "Uno", "hoy").err
    names = [each["name"] for each in outreach("network", "members", "Uno", "--on", "2025-03-15", "--json").json]
    assert names == ["Ana", "Ceci", "Beto"]
    assert "2 de 2 personas." in outreach("network", "members", "Uno").out
    months = outreach("network", "activity", "Uno", "--months", "24", "--json").json
    assert len(months) == 24
    assert outreach("network", "edit", "Uno", "--name", "Dos").code == 0
    assert "salieron 2 personas" in outreach("network", "close", "Dos").out
    assert "cerrada" in outreach("networks").out
    assert "está cerrada" in outreach("network", "join", "Dos", beto).err
    assert "volvieron 2 personas" in outreach("network", "reopen", "Dos").out


def test_an_organization_lives_at_the_terminal(outreach, three) -> None:
    _ana, beto, _ceci = three
    made = outreach(
        "organization", "add", "Consulado de prueba", "--tipo", "consulado", "--pais", "Alemania", "--web",
        "https://c.example.org",
    )  # fmt: skip
    assert made.code == 0, made.err
    assert "no es la dirección" in outreach("organization", "edit", "consulado de prueba", "--web", "ftp://x").err
    assert outreach("organization", "edit", "1", "--notas", "Abre a las 9").code == 0
    joined = outreach("organization", "join", "CONSULADO DE PRUEBA", "ana@example.org", "--cargo", "Cónsul", "--main")
    assert joined.code == 0, joined.err
    assert outreach("organization", "join", "1", beto, "--since", "2025-01-10", "--main").code == 0
    shown = outreach("organization", "show", "1", "--json").json
    assert [(each["name"], each["main"]) for each in shown["people"]] == [("Beto", True), ("Ana", False)]
    assert outreach("organization", "change", "1", beto, "--until", "2025-01-09").code == 2
    assert "ya no está" in outreach("organization", "change", "1", beto, "--until", "2025-05-31").out
    assert "no está en esa organización" in outreach("organization", "change", "1", beto, "--cargo", "x").err
    (row,) = outreach("organizations", "--search", "ABRE", "--kind", "consulado", "--country", "DE", "--json").json
    assert (row["name"], row["people"]) == ("Consulado de prueba", 1)
    assert "Cónsul" in outreach("organization", "show", "1").out
    assert "No hay ninguna organización" in outreach("organization", "show", "Otra").err
