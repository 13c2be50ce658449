"""Mail that programs answer with, in many languages and of many systems: (name, raw)."""
# ruff: noqa: E501 – lines of mails are as long as their programs write them

from intake.tokens import TokenKind
from tests.intake.mail.cases import OUR_ID, mail, token

THREAD = f"In-Reply-To: <{OUR_ID}>\nReferences: <{OUR_ID}>"

REPLY = f"reply+{token(TokenKind.REPLY)}@acme.example"


def auto(
    name: str, subject: str, more: str, body: str = "I am away until Monday."
) -> tuple[str, bytes]:
    path = "" if name.startswith("Null return path") else "ada@customer.example"
    headers = f"""Return-Path: <{path}>
From: Ada Lovelace <ada@customer.example>
To: Grace Hopper <grace@acme.example>
Subject: {subject}
Date: Mon, 2 Mar 2026 10:00:00 +0100
Message-ID: <auto.1@customer.example>
{more}"""
    return name, mail(headers, body)


CASES = (
    # RFC 3834 §5: the field that every responder should set.
    auto("RFC 3834", "Auto: Spring news", f"Auto-Submitted: auto-replied\n{THREAD}"),
    auto("RFC 3834 with a comment", "Spring news", f"Auto-Submitted: auto-replied (vacation)\n{THREAD}"),
    auto("Sieve vacation (RFC 5230)", "Auto: Spring news", f"Auto-Submitted: auto-replied (rejected)\nPrecedence: bulk\n{THREAD}"),
    # learn.microsoft.com: automatic replies of Exchange and Outlook.
    auto("Exchange Online", "Automatic reply: Spring news", f"{THREAD}\nX-Auto-Response-Suppress: All\nAuto-Submitted: auto-generated\nX-MS-Has-Attach:"),
    auto("Exchange 2007, header lost on the way", "Out of Office AutoReply: Spring news", THREAD),
    auto("Outlook rule", "Automatic reply: Spring news", "X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent"),
    auto("Gmail vacation responder", "Out of office until Monday Re: Spring news", f"Auto-Submitted: auto-replied\nPrecedence: bulk\nX-Autoreply: yes\n{THREAD}"),
    auto("Gmail, precedence alone", "Re: Spring news", f"Precedence: bulk\n{THREAD}"),
    auto("Yahoo vacation", "Yahoo! Auto Response", f"X-Autoreply: yes\nPrecedence: auto_reply\n{THREAD}"),
    auto("cPanel autoresponder", "Re: Spring news", f"X-Autorespond: Spring news\nPrecedence: auto_reply\n{THREAD}"),
    auto("Plesk autoresponder", "Re: Spring news", f"X-Autoresponder: plesk\n{THREAD}"),
    auto("vacation(1)", "away from my mail", f"Precedence: junk\n{THREAD}"),
    auto("HCL Notes", "Ada Lovelace is out of the office (returning 09/03/2026)", "Auto-Submitted: auto-generated"),
    auto("HCL Notes without the header", "Ada Lovelace is out of the office.", ""),
    auto("GroupWise rule", "Out of office: Spring news", f"X-Mailer: Novell GroupWise 18\n{THREAD}"),
    auto("Null return path", "Spring news", THREAD),
    auto("Null return path, to a campaign on failures", "Automatic reply: Delivery failed? Returned mail?", THREAD),
    auto("FirstClass", "Spring news", f"X-POST-MessageClass: 9; Autoresponder\n{THREAD}"),
    auto("Zendesk acknowledges", "[Request received] Spring news", f"Auto-Submitted: auto-generated\nX-Auto-Response-Suppress: All\n{THREAD}", "Your request (4711) has been received."),
    auto("Freshdesk acknowledges", "Ticket received - Spring news", f"Auto-Submitted: auto-replied\n{THREAD}"),
    auto("OTRS", "[Ticket#2026030210000042] Re: Spring news", f"X-OTRS-Loop: yes\nPrecedence: bulk\nAuto-Submitted: auto-replied\n{THREAD}"),
    auto("A shop acknowledges", "We have received your message", THREAD),
    auto("German", "Abwesenheitsnotiz: Spring news", THREAD, "Ich bin bis Montag nicht im Büro."),
    auto("German, Outlook", "Automatische Antwort: Spring news", THREAD),
    auto("German, encoded", "=?utf-8?Q?Abwesend_bis_9=2E_M=C3=A4rz?=", THREAD),
    auto("French", "=?iso-8859-1?Q?R=E9ponse_automatique_:?= Spring news", THREAD),
    auto("French, absence", "Absence du bureau : Spring news", THREAD),
    auto("Spanish", "=?UTF-8?B?UmVzcHVlc3RhIGF1dG9tw6F0aWNhOiBTcHJpbmcgbmV3cw==?=", THREAD),
    auto("Spanish, office", "Fuera de la oficina: Spring news", THREAD),
    auto("Italian", "Risposta automatica: Spring news", THREAD),
    auto("Portuguese", "=?UTF-8?Q?Resposta_autom=C3=A1tica=3A_Spring_news?=", THREAD),
    auto("Dutch", "Automatisch antwoord: Spring news", THREAD),
    auto("Dutch, absent", "Afwezig: Spring news", THREAD),
    auto("Swedish", "Automatiskt svar: Spring news", THREAD),
    auto("Swedish, absence", "=?UTF-8?Q?Fr=C3=A5nvaro=3A_Spring_news?=", THREAD),
    auto("Norwegian", "Automatisk svar: Spring news", THREAD),
    auto("Danish", "Autosvar: Spring news", THREAD),
    auto("Finnish", "Automaattinen vastaus: Spring news", THREAD),
    auto("Polish", "=?UTF-8?Q?Automatyczna_odpowied=C5=BA=3A?= Spring news", THREAD),
    auto("Czech", "=?UTF-8?Q?Automatick=C3=A1_odpov=C4=9B=C4=8F=3A?= Spring news", THREAD),
    auto("Hungarian", "=?UTF-8?Q?Automatikus_v=C3=A1lasz=3A?= Spring news", THREAD),
    auto("Russian", "=?UTF-8?B?0JDQstGC0L7QvNCw0YLQuNGH0LXRgdC60LjQuSDQvtGC0LLQtdGCOg==?= Spring news", THREAD),
    auto("Turkish", "=?UTF-8?Q?Otomatik_yan=C4=B1t=3A?= Spring news", THREAD),
    auto("Japanese", "=?UTF-8?B?6Ieq5YuV6L+U5L+hOiA=?= Spring news", THREAD),
    auto("Chinese", "=?UTF-8?B?6Ieq5Yqo5Zue5aSNOiA=?= Spring news", THREAD),
    auto("Korean", "=?UTF-8?B?7J6Q64+ZIOydkeuLtTo=?= Spring news", THREAD),
    auto("To our reply address", "Re: Spring news", f"Auto-Submitted: auto-replied\nDelivered-To: {REPLY}"),
)  # fmt: skip
