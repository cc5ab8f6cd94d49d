"""`outreach user`: the accounts of the staff."""

import click

from outreach import accounts, audit
from outreach.commands import passwords
from outreach.i18n import gettext as _
from outreach.platform import opened
from outreach.roles import AccountRole
from outreach.terminal import operator, print_json, table

ROLES = {"titular": AccountRole.ADMIN, "operacion": AccountRole.STAFF, "consulta": AccountRole.READER}


@click.group(name="user", help=_("Las cuentas del personal.\n\nEjemplo: outreach user list"))
def command() -> None:
    """Group of the commands on accounts."""


_password_stdin = click.option(
    "--password-stdin", is_flag=True, help=_("Lee la contraseña de la entrada, sin preguntarla.")
)


def _password(*, from_stdin: bool) -> str:
    """Read a password without showing it: typed twice, or the first line of the input."""
    return passwords.line_of_input() if from_stdin else passwords.typed_twice()


@command.command(help=_('Agrega una cuenta.\n\nEjemplo: outreach user add ana.perez --name "Ana Pérez"'))
@click.argument("username", metavar=_("USUARIO"))
@click.option("--name", default="", help=_("Nombre de la persona; si falta, el usuario."))
@click.option(
    "--role",
    "role_word",
    type=click.Choice(list(ROLES)),
    default="operacion",
    show_default=True,
    help=_("Qué puede: todo (titular, operacion), o sólo mirar, con las direcciones ocultas en parte (consulta)."),
)
@click.option("--admin", is_flag=True, help=_("Lo mismo que --role titular."))
@_password_stdin
def add(username: str, name: str, role_word: str, *, admin: bool, password_stdin: bool) -> None:
    """Add an account."""
    role = AccountRole.ADMIN if admin else ROLES[role_word]
    with opened() as platform:
        password = _password(from_stdin=password_stdin)
        with platform.transaction() as session:
            account = accounts.add(session, username, name, password, platform.clock.now(), role)
            audit.note(
                session, platform.clock.now(), operator(), "user.add", f"account:{account.username}", {"role": role}
            )
    click.echo(_("Cuenta «%(username)s» agregada.", username=account.username))


@command.command(name="list", help=_("Lista las cuentas.\n\nEjemplo: outreach user list"))
@click.option("--json", "as_json", is_flag=True, help=_("Escribe el resultado como JSON."))
def list_(*, as_json: bool) -> None:
    """List the accounts, closed ones too."""
    with opened() as platform, platform.reading() as session:
        found = accounts.everybody(session)
    if as_json:
        print_json(
            [
                {
                    "username": one.username,
                    "name": one.name,
                    "role": one.role,
                    "active": one.active,
                    "created_at": one.created_at.isoformat(),
                }
                for one in found
            ]
        )
        return
    if not found:
        click.echo(_("No hay cuentas. Agregue una con: outreach user add USUARIO"))
        return
    roles = {role: word for word, role in ROLES.items()}
    table(
        [_("Usuario"), _("Nombre"), _("Papel"), _("Situación")],
        [[one.username, one.name, roles[one.role], _("activa") if one.active else _("cerrada")] for one in found],
    )


@command.command(
    name="role",
    help=_(
        "Cambia el papel de una cuenta: titular u operacion, que pueden todo, o consulta, que sólo mira y ve las "
        "direcciones ocultas en parte.\n\nEjemplo: outreach user role ana.perez consulta"
    ),
)
@click.argument("username", metavar=_("USUARIO"))
@click.argument("role_word", metavar=_("PAPEL"), type=click.Choice(list(ROLES)))
def role_(username: str, role_word: str) -> None:
    """Give an account another role; it holds from its next page on."""
    with opened() as platform, platform.transaction() as session:
        account = accounts.find(session, username)
        accounts.set_role(session, account, ROLES[role_word])
        details = {"role": role_word}
        audit.note(session, platform.clock.now(), operator(), "user.role", f"account:{account.username}", details)
    click.echo(_("La cuenta «%(username)s» es de %(role)s.", username=account.username, role=role_word))


@command.command(help=_("Cambia la contraseña de una cuenta.\n\nEjemplo: outreach user password ana.perez"))
@click.argument("username", metavar=_("USUARIO"))
@_password_stdin
def password(username: str, *, password_stdin: bool) -> None:
    """Change a password."""
    with opened() as platform:
        with platform.reading() as session:
            accounts.find(session, username)  # before the password is asked for
        new = _password(from_stdin=password_stdin)
        with platform.transaction() as session:
            account = accounts.find(session, username)
            accounts.set_password(account, new)
            audit.note(session, platform.clock.now(), operator(), "user.password", f"account:{account.username}")
    click.echo(_("La cuenta «%(username)s» tiene contraseña nueva.", username=account.username))


def _switch(username: str, *, active: bool) -> str:
    with opened() as platform, platform.transaction() as session:
        account = accounts.find(session, username)
        account.active = active
        action = "user.activate" if active else "user.deactivate"
        audit.note(session, platform.clock.now(), operator(), action, f"account:{account.username}")
        return account.username


@command.command(help=_("Cierra una cuenta: ya no puede entrar.\n\nEjemplo: outreach user deactivate ana.perez"))
@click.argument("username", metavar=_("USUARIO"))
def deactivate(username: str) -> None:
    """Close an account; what it did stays in the log."""
    click.echo(_("Cuenta «%(username)s» cerrada.", username=_switch(username, active=False)))


@command.command(help=_("Abre otra vez una cuenta cerrada.\n\nEjemplo: outreach user activate ana.perez"))
@click.argument("username", metavar=_("USUARIO"))
def activate(username: str) -> None:
    """Open a closed account again."""
    click.echo(_("Cuenta «%(username)s» abierta.", username=_switch(username, active=True)))
