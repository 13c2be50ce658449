"""Mail that people answer with, from many programs: name, raw, who wrote, the nearest message."""
# ruff: noqa: E501 – lines of mails are as long as their programs write them

from dataclasses import dataclass

from intake.tokens import TokenKind
from tests.intake.mail.cases import OUR_ID, mail, token

ADA = "ada@customer.example"
SES = "0102018d5f3c9a10-1f2e3d4c-5b6a-7988-1122-334455667788-000000"
POSTMARK = "0a129aee-e1cd-480d-b08d-4f48548ff48d"


@dataclass(frozen=True)
class Answer:
    name: str
    raw: bytes
    author: str = ADA
    thread: tuple[str, ...] = (OUR_ID,)


def answer(
    name: str,
    more: str,
    body: str = "Thanks, let us talk on Monday.",
    *,
    subject: str = "Re: Spring news",
    author: str = f"Ada Lovelace <{ADA}>",
    to: str = "Grace Hopper <grace@acme.example>",
    address: str = ADA,
    thread: tuple[str, ...] = (OUR_ID,),
) -> Answer:
    headers = f"""Return-Path: <{address}>
From: {author}
To: {to}
Subject: {subject}
Date: Mon, 2 Mar 2026 10:00:00 +0100
Message-ID: <answer.1@customer.example>
{more}"""
    return Answer(name, mail(headers, body), address, thread)


IN_REPLY_TO = f"In-Reply-To: <{OUR_ID}>"
BOTH = f"{IN_REPLY_TO}\nReferences: <{OUR_ID}>"
QUOTED = "\n\nOn Mon, 2 Mar 2026 at 09:00, Grace Hopper <grace@acme.example> wrote:\n> The weather is fine.\n"
ALTERNATIVE = """--b1
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Danke, sch=C3=B6n.
--b1
Content-Type: text/html; charset=utf-8

<p>Danke, sch&ouml;n.</p><div class="gmail_quote"><a href="https://acme.example/pricing">Preise</a></div>
--b1--
"""
MULTIPART = 'MIME-Version: 1.0\nContent-Type: multipart/alternative; boundary="b1"'

CASES = (
    answer("Gmail on the web", f"{BOTH}\n{MULTIPART}", ALTERNATIVE),
    answer("Gmail on Android", f"References: <{OUR_ID}>\n{IN_REPLY_TO}", f"Ok{QUOTED}"),
    answer("Apple Mail", f"X-Mailer: Apple Mail (2.3774.300.61.1.2)\n{BOTH}"),
    answer("iPhone Mail", f"X-Mailer: iPhone Mail (21E236)\n{BOTH}", "Thanks\n\nSent from my iPhone\n"),
    answer("iPad without References", f"X-Mailer: iPad Mail (20H115)\n{IN_REPLY_TO}"),
    answer("Outlook 365", f"Thread-Topic: Spring news\nThread-Index: AQHa\n{BOTH}\nx-ms-exchange-senderadcheck: 1\nx-microsoft-antispam: BCL:0;", subject="RE: Spring news"),
    answer("Outlook 2016 desktop", f"X-Mailer: Microsoft Outlook 16.0\nThread-Index: AQHa\n{BOTH}", subject="RE: Spring news"),
    answer("Outlook in German", f"Thread-Index: AQHa\n{BOTH}", subject="AW: Spring news"),
    answer("Outlook for iOS", f"{IN_REPLY_TO}\nX-MS-Exchange-Organization-AuthAs: Internal", "Get Outlook for iOS", subject="Re: Spring news"),
    answer("Outlook.com", f"{BOTH}\nX-TMN: [abc]"),
    answer("Thunderbird", f"User-Agent: Mozilla Thunderbird\n{BOTH}", "> The weather is fine.\n\nIndeed."),
    answer("Thunderbird, a long thread", f"In-Reply-To: <second@customer.example>\nReferences: <{OUR_ID}> <first@acme.example>\n <second@customer.example>", thread=("second@customer.example", "first@acme.example", OUR_ID)),
    answer("Samsung Email", f"{IN_REPLY_TO}\nX-Mailer: Samsung Email"),
    answer("K-9 Mail", f"User-Agent: K-9 Mail for Android\n{BOTH}"),
    answer("Yahoo Mail", f"{BOTH}\nX-Mailer: WebService/1.1.22129 YMailNorrin"),
    answer("Proton Mail", f"{BOTH}\nX-Pm-Message-ID: abc"),
    answer("Mutt", f"User-Agent: Mutt/2.2.12\n{BOTH}"),
    answer("Zoho", f"{BOTH}\nImportance: Medium\nX-Mailer: Zoho Mail"),
    answer("HCL Notes", f"X-Mailer: HCL Notes Release 12\n{BOTH}"),
    answer("Roundcube", f"User-Agent: Roundcube Webmail/1.6\n{BOTH}"),
    answer("Front and other shared inboxes", f"References: <{OUR_ID}>\nX-Mailer: Front (1.0)"),
    answer("An alias of the recipient", BOTH, author="Ada <ada+work@customer.example>", address="ada+work@customer.example"),
    answer("A colleague", BOTH, author="Ben <ben@customer.example>", address="ben@customer.example"),
    answer("Top-posted", BOTH, f"Yes please.{QUOTED}"),
    answer("Bottom-posted", BOTH, f"{QUOTED}\nYes please."),
    answer("Japanese, ISO-2022-JP", f"{BOTH}\nContent-Type: text/plain; charset=ISO-2022-JP", subject="=?ISO-2022-JP?B?UmU6IBskQj1VGyhC?="),
    answer("Through a Google group of ours, which writes in its own name", f"{BOTH}\nX-Original-Sender: {ADA}\nX-Original-From: Ada Lovelace <{ADA}>", author="'Ada Lovelace' via CSM <csm@acme.example>", to="csm@acme.example"),
    answer("Author with an encoded name", BOTH, author=f"=?utf-8?Q?Lovelace=2C_Ad=C3=A5?= <{ADA}>"),
    answer("Quoted name with a comma and an address in it", BOTH, author=f'"Lovelace, Ada (ada.private@mail.example)" <{ADA}>'),
    answer("Message-ID broken over lines", f"In-Reply-To:\n <{OUR_ID}>"),
    answer("Comment in In-Reply-To", f"In-Reply-To: Your message of Monday <{OUR_ID}>"),
    answer("Asks that programs keep silent on absence only", f"{BOTH}\nX-Auto-Response-Suppress: OOF"),
    answer("Auto-Submitted: no", f"{BOTH}\nAuto-Submitted: no"),
    answer("About being out of office", BOTH, subject="Re: Out of office hours in spring"),
    answer("To a message of Amazon SES", f"In-Reply-To: <{SES}@eu-west-1.amazonses.com>", thread=(f"{SES}@eu-west-1.amazonses.com", SES)),
    answer("To a message of Postmark", f"In-Reply-To: <{POSTMARK}@mtasv.net>", thread=(f"{POSTMARK}@mtasv.net", POSTMARK)),
    answer("To a message of SendGrid", "In-Reply-To: <Qk9PYmFyMTIzNDU2Nzg5MA@geopod-ismtpd-7>", thread=("Qk9PYmFyMTIzNDU2Nzg5MA@geopod-ismtpd-7", "Qk9PYmFyMTIzNDU2Nzg5MA")),
    answer("Old client: the subject alone", "X-Mailer: Something 1.0", thread=()),
    answer("Old client: French and numbered", "", subject="RE[2]: Spring news", thread=()),
    answer("Old client: Norwegian", "", subject="SV: Spring news", thread=()),
)  # fmt: skip

TOKEN_CASES = (
    answer("To our reply address", "", to=f"reply+{token(TokenKind.REPLY)}@acme.example", subject="Spring news", thread=()),
    answer("Quoting a link of ours", "", f"See\n> https://track.acme.example/c/{token(TokenKind.CLICK)}\n", subject="Spring news", thread=()),
)  # fmt: skip
