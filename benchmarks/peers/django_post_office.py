"""The peer's side: `python django_post_office.py FOLDER PORT MAILS PROCESSES`, in an environment that has it.

Queues the mails in its own SQLite, then sends all of them as its command does; prints the seconds of the sending and
how many its log holds as sent. The texts are rendered beforehand, which is more than it does for templates.
"""

import sys
from pathlib import Path
from time import perf_counter

WORDS = "La Consulta de Presupuesto Participativo se acerca. "


def configure(folder: Path, port: int) -> None:
    """Make a Django project of one file: SQLite, mail to the sink, batches as large as it takes them."""
    import django
    from django.conf import settings
    from django.core.management import call_command

    settings.configure(
        SECRET_KEY="medida",
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": folder / "peer.sqlite3"}},
        INSTALLED_APPS=["django.contrib.contenttypes", "django.contrib.auth", "post_office"],
        EMAIL_BACKEND="django.core.mail.backends.smtp.EmailBackend",
        EMAIL_HOST="127.0.0.1",
        EMAIL_PORT=port,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        POST_OFFICE={"BATCH_SIZE": 5000, "LOG_LEVEL": 0},
        TEMPLATES=[{"BACKEND": "post_office.template.backends.post_office.PostOfficeTemplates", "NAME": "post_office"}],
    )
    django.setup()
    call_command("migrate", verbosity=0)


def main() -> None:
    """Queue, send, say."""
    folder, port, mails, processes = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
    configure(folder, port)
    from post_office.mail import send_queued_mail_until_done
    from post_office.models import PRIORITY, STATUS, Email

    Email.objects.bulk_create(
        [
            Email(
                from_email="Voto Chilango <votochilango@example.org>",
                to=[f"p{n}@example.org"],
                subject=f"Aviso para Persona {n}",
                message=f"Hola, Persona {n}:\n\n{WORDS * 110}\n\nBaja: https://example.org/baja/{n}\n",
                priority=PRIORITY.medium,
                status=STATUS.queued,
            )
            for n in range(mails)
        ],
        batch_size=1000,
    )
    begin = perf_counter()
    send_queued_mail_until_done(str(folder / "lock"), processes)
    seconds = perf_counter() - begin
    print(seconds, Email.objects.filter(status=STATUS.sent).count())


if __name__ == "__main__":
    main()
