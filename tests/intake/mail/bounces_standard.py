"""Delivery status notifications (RFC 3464) of many systems."""
# ruff: noqa: E501 – lines of mails are as long as their programs write them

from domain.events import EventKind
from tests.intake.mail.cases import Case, dsn, hard, late, mail, ours, soft

ADA = "ada@customer.example"
BEN = "ben@customer.example"


def head(sender: str, subject: str, more: str = "") -> str:
    return f"""Return-Path: <>
From: {sender}
To: grace@acme.example
Subject: {subject}
Date: Mon, 2 Mar 2026 09:05:00 +0100
Message-ID: <dsn.1@reporter.example>
Auto-Submitted: auto-replied
{more}""".strip()


POSTFIX = head(
    "MAILER-DAEMON@mx.acme.example (Mail Delivery System)", "Undelivered Mail Returned to Sender"
)
EXCHANGE = head(
    "Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@customer.example>",
    "Undeliverable: Spring news",
    "In-Reply-To: <spring.42@acme.example>\nReferences: <spring.42@acme.example>\nX-MS-Exchange-Message-Is-Ndr:",
)
GOOGLE = head(
    "Mail Delivery Subsystem <mailer-daemon@googlemail.com>",
    "Delivery Status Notification (Failure)",
    "In-Reply-To: <spring.42@acme.example>\nReferences: <spring.42@acme.example>\nX-Failed-Recipients: ada@customer.example",
)

CASES = (
    # postfix.org/bounce.5: the templates; postfix.org/DSN_README: Original-Recipient is kept.
    Case(
        "Postfix: unknown user",
        dsn(
            POSTFIX,
            """This is the mail system at host mx.acme.example.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

<ada@customer.example>: host mx.customer.example[198.51.100.4] said: 550 5.1.1
    <ada@customer.example>: Recipient address rejected: User unknown in virtual
    mailbox table (in reply to RCPT TO command)""",
            """Reporting-MTA: dns; mx.acme.example
X-Postfix-Queue-ID: 4Vabc
X-Postfix-Sender: rfc822; grace@acme.example
Arrival-Date: Mon,  2 Mar 2026 09:00:00 +0100 (CET)

Final-Recipient: rfc822; ada@customer.example
Original-Recipient: rfc822;ada@customer.example
Action: failed
Status: 5.1.1
Remote-MTA: dns; mx.customer.example
Diagnostic-Code: smtp; 550 5.1.1 <ada@customer.example>: Recipient address
    rejected: User unknown in virtual mailbox table""",
            ours(),
        ),
        (hard(ADA),),
    ),
    Case(
        "Postfix: one of two recipients is full, the other unknown",
        dsn(
            POSTFIX,
            "This is the mail system at host mx.acme.example.",
            """Reporting-MTA: dns; mx.acme.example

Final-Recipient: rfc822; ada@customer.example
Action: failed
Status: 4.2.2
Diagnostic-Code: smtp; 452 4.2.2 Mailbox full

Final-Recipient: rfc822; ben@customer.example
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 no such user""",
            ours(f"{ADA}, {BEN}"),
        ),
        (soft(ADA), hard(BEN)),
    ),
    Case(
        "Postfix: forwarded, the forward fails",
        dsn(
            POSTFIX,
            "This is the mail system at host mx.customer.example.",
            """Reporting-MTA: dns; mx.customer.example

Final-Recipient: rfc822; ada.private@freemail.example
Original-Recipient: rfc822; ada@customer.example
Action: failed
Status: 5.7.1
Diagnostic-Code: smtp; 550 5.7.1 SPF check failed""",
            ours(),
        ),
        (hard(ADA),),
    ),
    Case(
        "Postfix: queue lifetime is over",
        dsn(
            POSTFIX,
            "<ada@customer.example>: connect to mx.customer.example[198.51.100.4]:25: Connection timed out",
            """Reporting-MTA: dns; mx.acme.example

Final-Recipient: rfc822; ada@customer.example
Action: failed
Status: 4.4.1
Diagnostic-Code: X-Postfix; connect to mx.customer.example[198.51.100.4]:25:
    Connection timed out""",
            ours(),
        ),
        (soft(ADA),),
    ),
    Case(
        "Postfix: delay warning",
        dsn(
            head("MAILER-DAEMON@mx.acme.example (Mail Delivery System)", "Delayed Mail (still being retried)"),
            "####################################################################\n"
            "# THIS IS A WARNING ONLY.  YOU DO NOT NEED TO RESEND YOUR MESSAGE. #",
            """Reporting-MTA: dns; mx.acme.example

Final-Recipient: rfc822; ada@customer.example
Action: delayed
Status: 4.4.1
Will-Retry-Until: Sat,  7 Mar 2026 09:00:00 +0100 (CET)""",
            ours(),
        ),
        (late(ADA),),
    ),
    Case(
        "Postfix: a success that was asked for",
        dsn(
            head("MAILER-DAEMON@mx.acme.example (Mail Delivery System)", "Successful Mail Delivery Report"),
            "Your message was successfully delivered to the destination(s) listed below.",
            """Reporting-MTA: dns; mx.acme.example

Final-Recipient: rfc822; ada@customer.example
Action: relayed
Status: 2.0.0""",
            ours(),
        ),
        ((EventKind.DELIVERED, ADA, None),),
    ),
    # Sendmail, savemail.c: the text names reasons, the fields an Original-Recipient only on request.
    Case(
        "Sendmail",
        dsn(
            head("Mail Delivery Subsystem <MAILER-DAEMON@relay.example>", "Returned mail: see transcript for details"),
            """The original message was received at Mon, 2 Mar 2026 09:00:00 +0100
from web.acme.example [192.0.2.7]

   ----- The following addresses had permanent fatal errors -----
<ada@customer.example>
    (reason: 550 5.1.1 <ada@customer.example>... User unknown)""",
            """Reporting-MTA: dns; relay.example
Received-From-MTA: DNS; web.acme.example
Arrival-Date: Mon, 2 Mar 2026 09:00:00 +0100

Final-Recipient: RFC822; ada@customer.example
Action: failed
Status: 5.1.1
Remote-MTA: DNS; mx.customer.example
Diagnostic-Code: SMTP; 550 5.1.1 <ada@customer.example>... User unknown
Last-Attempt-Date: Mon, 2 Mar 2026 09:00:05 +0100""",
            ours(),
            whole=True,
        ),
        (hard(ADA),),
    ),
    Case(
        "Sendmail: X-Actual-Recipient beside the final one",
        dsn(
            head("Mail Delivery Subsystem <MAILER-DAEMON@relay.example>", "Returned mail: User unknown"),
            "   ----- The following addresses had permanent fatal errors -----",
            """Reporting-MTA: dns; relay.example

Final-Recipient: RFC822; ada@customer.example
X-Actual-Recipient: RFC822; ada@mail.customer.example
Action: failed
Status: 5.2.1
Diagnostic-Code: SMTP; 550 5.2.1 account is disabled""",
            ours(),
        ),
        (hard(ADA),),
    ),
    # exim.org: since 4.87 bounces are multipart/report, with X-Failed-Recipients besides.
    Case(
        "Exim 4.9: multipart/report",
        dsn(
            head(
                "Mail Delivery System <Mailer-Daemon@host.example>",
                "Mail delivery failed: returning message to sender",
                "X-Failed-Recipients: ada@customer.example",
            ),
            """This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  ada@customer.example
    host mx.customer.example [198.51.100.4]
    SMTP error from remote mail server after RCPT TO:<ada@customer.example>:
    550 No such person at this address""",
            """Reporting-MTA: dns; host.example

Action: failed
Final-Recipient: rfc822;ada@customer.example
Status: 5.0.0
Remote-MTA: dns; mx.customer.example
Diagnostic-Code: smtp; 550 No such person at this address""",
            ours(),
            whole=True,
        ),
        (hard(ADA),),
    ),
    # learn.microsoft.com: DSNs and NDRs in Exchange Online.
    Case(
        "Microsoft 365: recipient not found",
        dsn(
            EXCHANGE,
            "Your message to ada@customer.example couldn't be delivered.\nada wasn't found at customer.example.",
            """Reporting-MTA: dns;AM0PR01MB0001.eurprd01.prod.exchangelabs.com
Received-From-MTA: dns;web.acme.example
Arrival-Date: Mon, 2 Mar 2026 08:00:05 +0000

Final-Recipient: rfc822;ada@customer.example
Action: failed
Status: 5.1.10
Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient ada@customer.example not found by SMTP address lookup
X-Display-Name: Ada Lovelace""",
            ours(),
            whole=True,
        ),
        (hard(ADA),),
    ),
    Case(
        "Microsoft 365: expired after a day",
        dsn(
            EXCHANGE,
            "Delivery has failed to these recipients or groups:\n\nada@customer.example",
            """Reporting-MTA: dns;AM0PR01MB0001.eurprd01.prod.exchangelabs.com

Final-Recipient: rfc822;ada@customer.example
Action: failed
Status: 4.4.7
Diagnostic-Code: smtp;550 4.4.7 QUEUE.Expired; message expired""",
            ours(),
        ),
        (soft(ADA),),
    ),
    Case(
        "Microsoft 365: delayed",
        dsn(
            EXCHANGE.replace("Undeliverable:", "Delivery delayed:"),
            "Your message hasn't been delivered yet.",
            """Reporting-MTA: dns;AM0PR01MB0001.eurprd01.prod.exchangelabs.com

Final-Recipient: rfc822;ada@customer.example
Action: delayed
Status: 4.4.7""",
            ours(),
        ),
        (late(ADA),),
    ),
    Case(
        "Exchange 2010: mailbox full in German",
        dsn(
            head("postmaster@customer.example", "Unzustellbar: Spring news"),
            "Fehler bei der Nachrichtenzustellung an folgende Empfänger oder Verteilerlisten:",
            """Reporting-MTA: dns;EX01.customer.local

Final-Recipient: RFC822;ada@customer.example
Action: failed
Status: 5.2.2
Diagnostic-Code: smtp;554 5.2.2 mailbox full
X-Display-Name: Lovelace, Ada""",
            ours(),
        ),
        (hard(ADA),),
    ),
    # support.google.com/mail/answer/6596: what Gmail's bounces say.
    Case(
        "Gmail: address not found",
        dsn(
            GOOGLE,
            """** Address not found **

Your message wasn't delivered to ada@customer.example because the address couldn't be found, or is unable to receive mail.""",
            """Reporting-MTA: dns; googlemail.com
Arrival-Date: Mon, 02 Mar 2026 00:00:05 -0800 (PST)
X-Original-Message-ID: <spring.42@acme.example>

Final-Recipient: rfc822; ada@customer.example
Action: failed
Status: 5.1.1
Remote-MTA: dns; gmail-smtp-in.l.google.com. (192.0.2.26, the server for the domain customer.example.)
Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist.
 550 5.1.1 https://support.example/mail/?p=NoSuchUser abc123 - gsmtp
Last-Attempt-Date: Mon, 02 Mar 2026 00:00:05 -0800 (PST)""",
            ours(),
            whole=True,
        ),
        (hard(ADA),),
    ),
    Case(
        "Gmail: over quota, retrying",
        dsn(
            GOOGLE.replace("(Failure)", "(Delay)"),
            "** Delivery incomplete **\n\nThere was a temporary problem delivering your message to ada@customer.example. Gmail will retry for 46 more hours.",
            """Reporting-MTA: dns; googlemail.com

Final-Recipient: rfc822; ada@customer.example
Action: delayed
Status: 4.2.2
Diagnostic-Code: smtp; 452-4.2.2 The recipient's inbox is out of storage space.""",
            ours(),
        ),
        (late(ADA),),
    ),
    Case(
        "Gmail: gave up on a full mailbox",
        dsn(
            GOOGLE,
            "** Message not delivered **",
            """Reporting-MTA: dns; googlemail.com

Final-Recipient: rfc822; ada@customer.example
Action: failed
Status: 4.2.2
Diagnostic-Code: smtp; 452-4.2.2 The recipient's inbox is out of storage space.""",
            ours(),
        ),
        (soft(ADA),),
    ),
    # docs.aws.amazon.com/ses: asynchronous bounces reach the Return-Path in this form.
    Case(
        "Amazon SES: our own SES message",
        dsn(
            head("MAILER-DAEMON@eu-west-1.amazonses.com", "Delivery Status Notification (Failure)"),
            "An error occurred while trying to deliver the mail to the following recipients:\nada@customer.example",
            """Reporting-MTA: dns; a7-12.smtp-out.eu-west-1.amazonses.com

Action: failed
Final-Recipient: rfc822; ada@customer.example
Diagnostic-Code: smtp; 550 5.4.4 Invalid domain
Status: 5.4.4""",
            ours().replace(
                "<spring.42@acme.example>",
                "<0102018d5f3c9a10-1f2e3d4c-5b6a-7988-1122-334455667788-000000@eu-west-1.amazonses.com>",
            ),
        ),
        (hard(ADA),),
        reference="0102018d5f3c9a10-1f2e3d4c-5b6a-7988-1122-334455667788-000000",
        carrier="amazon-ses",
    ),
    Case(
        "SendGrid's message, bounced to the sender by a later server",
        dsn(
            head("mailer-daemon@mx.customer.example", "Undeliverable mail"),
            "The following message could not be delivered.",
            """Reporting-MTA: dns; mx.customer.example

Final-Recipient: rfc822; ada@customer.example
Action: failed
Status: 5.0.0
Diagnostic-Code: smtp; 452 4.2.2 over quota""",
            ours().replace("<spring.42@acme.example>", "<Qk9PYmFyMTIzNDU2Nzg5MA@geopod-ismtpd-7>")
            + "X-SG-EID: u001.abcdef\n",
        ),
        (soft(ADA),),
        reference="Qk9PYmFyMTIzNDU2Nzg5MA",
        carrier="sendgrid",
    ),
    Case(
        "HCL Domino",
        dsn(
            head("<MAILER-DAEMON@domino.customer.example>", "DELIVERY FAILURE: User ada (ada@customer.example) not listed in Domino Directory"),
            "Your message\n\n  Subject: Spring news\n\nwas not delivered to:\n\n  ada@customer.example\n\nbecause:\n\n  User ada not listed in Domino Directory",
            """Reporting-MTA: dns;domino.customer.example

Final-Recipient: rfc822;ada@customer.example
Action: failed
Status: 5.1.1
Diagnostic-Code: X-Notes; User ada (ada@customer.example) not listed in Do
 mino Directory""",
            ours(),
        ),
        (hard(ADA),),
    ),
    Case(
        "OpenSMTPD",
        dsn(
            head("Mailer Daemon <MAILER-DAEMON@opensmtpd.example>", "Delivery status notification: error"),
            """    Hi!

    This is the MAILER-DAEMON, please DO NOT REPLY to this email.

    An error has occurred while attempting to deliver a message for
    the following list of recipients:

ada@customer.example: 550 5.1.1 Invalid recipient""",
            """Reporting-MTA: dns; opensmtpd.example

Final-Recipient: rfc822; ada@customer.example
Action: error
Status: 5.1.1""",
            ours(),
        ),
        (hard(ADA),),
    ),
    Case(
        "Oracle Communications Messaging Server",
        dsn(
            head("Internet Mail Delivery <postmaster@mail.customer.example>", "Delivery Notification: Delivery has failed"),
            "This report relates to a message you sent with the following header fields:",
            """Original-envelope-id: 0JKLMN@acme.example
Reporting-MTA: dns;mail.customer.example (tcp-daemon)

Original-recipient: rfc822;ada@customer.example
Final-recipient: rfc822;ada@store.customer.example
Action: failed
Status: 5.1.1 (unknown or illegal alias: ada@customer.example)""",
            ours(),
        ),
        (hard(ADA),),
    ),
    Case(
        "Courier: Unknown user",
        dsn(
            head('"Courier mail server at mx.customer.example" <@>', "NOTICE: mail delivery status."),
            "UNDELIVERABLE MAIL\n\nYour message to the following recipients cannot be delivered:\n\n<ada@customer.example>:\n     <<< 550 User unknown.",
            """Reporting-MTA: dns; mx.customer.example

Final-Recipient: rfc822; ada@customer.example
Action: failed
Status: 5.0.0
Diagnostic-Code: unknown; 550 User unknown.""",
            ours(),
        ),
        (hard(ADA),),
    ),
    Case(
        "PowerMTA",
        dsn(
            head("postmaster@out.relay.example", "Delivery report"),
            "Hello, this is the mail server on out.relay.example.\n\nI am sending you this message to inform you on the delivery status of a message you previously sent.",
            """Reporting-MTA: dns;out.relay.example
Arrival-Date: Mon, 2 Mar 2026 09:00:00 +0100

Final-Recipient: rfc822;ada@customer.example
Action: failed
Status: 5.3.0 (other or undefined mail system status)
Remote-MTA: dns;mx.customer.example (198.51.100.4)
Diagnostic-Code: smtp;553 sorry, your mail was administratively denied
X-PowerMTA-BounceCategory: policy-related""",
            ours(),
        ),
        (hard(ADA),),
    ),
    Case(
        "Zimbra: over quota by LMTP",
        dsn(
            POSTFIX,
            "<ada@customer.example>: host zimbra.customer.example[198.51.100.9] said: 452 4.2.2 Over quota",
            """Reporting-MTA: dns; zimbra.customer.example

Final-Recipient: rfc822; ada@customer.example
Original-Recipient: rfc822;ada@customer.example
Action: failed
Status: 4.2.2
Diagnostic-Code: smtp; 452 4.2.2 Over quota""",
            ours(),
        ),
        (soft(ADA),),
    ),
    Case(
        "Haraka",
        dsn(
            head("MAILER-DAEMON@haraka.example", "failure notice"),
            "Hi. This is the Haraka Mailer program at haraka.example.\nI'm afraid I wasn't able to deliver your message to the following addresses.\n\n<ada@customer.example>: 554 5.7.1 blocked",
            """Reporting-MTA: dns;haraka.example

Final-Recipient: rfc822;<ada@customer.example>
Action: failed
Status: 5.7.1
Diagnostic-Code: smtp;554 5.7.1 blocked""",
            ours(),
        ),
        (hard(ADA),),
    ),
    Case(
        "James: status part in base64",
        dsn(
            head("postmaster@james.example", "Undeliverable mail"),
            "Your message could not be delivered.",
            "Reporting-MTA: dns; james.example\n\nFinal-Recipient: rfc822; ada@customer.example\nAction: failed\nStatus: 5.1.1",
            ours(),
        ),
        (hard(ADA),),
    ),
    Case(
        "Two recipients in one block",
        dsn(
            head("postmaster@odd.example", "Delivery failure"),
            "Two failed.",
            """Reporting-MTA: dns; odd.example

Final-Recipient: rfc822; ada@customer.example
Action: failed
Status: 5.1.1
Final-Recipient: rfc822; ben@customer.example
Action: failed
Status: 4.2.2""",
            ours(),
        ),
        (hard(ADA), soft(BEN)),
    ),
    Case(
        "xtext left in Original-Recipient (RFC 3461)",
        dsn(
            head("MAILER-DAEMON@odd.example", "Undelivered"),
            "failed",
            """Reporting-MTA: dns; odd.example

Original-Recipient: rfc822; ada+2Bnews@customer.example
Final-Recipient: rfc822; ada@customer.example
Action: failed
Status: 5.1.1""",
            ours("ada+news@customer.example"),
        ),
        (hard("ada+news@customer.example"),),
    ),
    Case(
        "Nothing returned: the thread names the message",
        dsn(
            EXCHANGE, "Delivery has failed.",
            "Reporting-MTA: dns;x.example\n\nFinal-Recipient: rfc822;ada@customer.example\nAction: failed\nStatus: 5.7.133",
            "Subject: Spring news",
        ),
        (hard(ADA),),
    ),
    Case(
        "Passed on as an attachment by a mail rule",
        mail(
            "From: operations@acme.example\nTo: capture@acme.example\nSubject: FW: Undeliverable\n"
            "MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=_fw",
            "--_fw\nContent-Type: text/plain\n\nPlease record.\n--_fw\nContent-Type: message/rfc822\n\n"
            + dsn(POSTFIX, "failed", "Reporting-MTA: dns; x\n\nFinal-Recipient: rfc822; ada@customer.example\nAction: failed\nStatus: 5.1.1", ours()).decode().replace("\r\n", "\n")
            + "\n--_fw--",
        ),
        (hard(ADA),),
    ),
    Case(
        "Internationalised address (RFC 6533)",
        dsn(
            POSTFIX, "failed",
            "Reporting-MTA: dns; mx.acme.example\n\nFinal-Recipient: utf-8; jürgen@kunde.example\nAction: failed\nStatus: 5.1.1",
            ours("jürgen@kunde.example"),
        ),
        (hard("jürgen@kunde.example"),),
    ),
    Case(
        "Recipients in a failure that is partly late",
        dsn(
            POSTFIX, "mixed",
            """Reporting-MTA: dns; mx.acme.example

Final-Recipient: rfc822; ada@customer.example
Action: delayed
Status: 4.7.0

Final-Recipient: rfc822; ben@customer.example
Action: failed
Status: 5.7.26
Diagnostic-Code: smtp; 550-5.7.26 This mail has been blocked because the sender is unauthenticated.""",
            ours(f"{ADA}, {BEN}"),
        ),
        (late(ADA), hard(BEN)),
    ),
)  # fmt: skip
