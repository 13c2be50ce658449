"""Bounces in words alone, above the message they return."""
# ruff: noqa: E501 – lines of mails are as long as their programs write them

from tests.intake.mail.cases import Case, hard, late, mail, note_headers, ours, soft

ADA = "ada@customer.example"
BEN = "ben@customer.example"


def note(name: str, headers: str, text: str, *expected: object, **more: object) -> Case:
    return Case(name, mail(headers, text), tuple(expected), **more)  # type: ignore[arg-type]


DAEMON = note_headers("MAILER-DAEMON@mx.relay.example", "failure notice", "Return-Path: <>")
EXIM = note_headers(
    "Mail Delivery System <Mailer-Daemon@host.example>",
    "Mail delivery failed: returning message to sender",
    "Return-path: <>\nAuto-Submitted: auto-replied\nX-Failed-Recipients: ada@customer.example",
)
EXIM_PLAIN = EXIM.replace("X-Failed-Recipients: ada@customer.example", "X-Other: x")

CASES = (
    # cr.yp.to/proto/qsbmf.txt: the form of qmail's bounces.
    note(
        "qmail",
        DAEMON,
        f"""Hi. This is the qmail-send program at mx.relay.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<ada@customer.example>:
198.51.100.4 does not like recipient.
Remote host said: 550 5.1.1 User unknown
Giving up on 198.51.100.4.

--- Below this line is a copy of the message.

Return-Path: <grace@acme.example>
{ours()}
The weather is fine.""",
        hard(ADA),
    ),
    note(
        "qmail: two recipients, one full",
        DAEMON,
        f"""Hi. This is the qmail-send program at mx.relay.example.
I'm afraid I wasn't able to deliver your message to the following addresses.

<ada@customer.example>:
Sorry, no mailbox here by that name. (#5.1.1)

<ben@customer.example>:
User is over the quota. You can try again later. (#4.2.2)

--- Below this line is a copy of the message.

{ours()}""",
        hard(ADA),
        soft(BEN),
    ),
    note(
        "qmail: domain without a server",
        DAEMON,
        f"""Hi. This is the qmail-send program at mx.relay.example.

<ada@customer.example>:
Sorry, I couldn't find any host named customer.example. (#5.1.2)

--- Below this line is a copy of the message.

{ours()}""",
        hard(ADA),
    ),
    note(
        "qmail: too long in the queue",
        DAEMON,
        f"""Hi. This is the qmail-send program at mx.relay.example.

<ada@customer.example>:
Sorry, I wasn't able to establish an SMTP connection. (#4.4.1)
I'm not going to try again; this message has been in the queue too long.

--- Below this line is a copy of the message.

{ours()}""",
        soft(ADA),
    ),
    # exim.org, spec: customizing bounce and warning messages.
    note(
        "Exim: text with X-Failed-Recipients",
        EXIM,
        f"""This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  ada@customer.example
    SMTP error from remote mail server after RCPT TO:<ada@customer.example>:
    host mx.customer.example [198.51.100.4]: 550 5.1.1 no such user

------ This is a copy of the message, including all the headers. ------

{ours()}""",
        hard(ADA),
    ),
    note(
        "Exim: generated from",
        EXIM_PLAIN,
        f"""A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  ada.private@freemail.example
    (generated from ada@customer.example)
    mailbox is full: retry timeout exceeded

------ This is a copy of the message, including all the headers. ------

{ours()}""",
        soft(ADA),
    ),
    note(
        "Exim: unrouteable",
        EXIM_PLAIN,
        f"""This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  ada@customer.example
    Unrouteable address

------ This is a copy of the message, including all the headers. ------

{ours()}""",
        hard(ADA),
    ),
    note(
        "Exim: delay warning",
        EXIM_PLAIN.replace("Mail delivery failed: returning message to sender", "Warning: message 1abc delayed 24 hours"),
        """This message was created automatically by mail delivery software.
A message that you sent has not yet been delivered to one or more of its
recipients after more than 24 hours on the queue on host.example.

The message identifier is:     1abc
The subject of the message is: Spring news

The address to which the message has not yet been delivered is:

  ada@customer.example

No action is required on your part. Delivery attempts will continue for
some time, and this warning may be repeated at intervals.""",
        late(ADA),
        reference=None,
    ),
    note(
        "Postfix: text only, through a filter",
        note_headers("MAILER-DAEMON@mx.relay.example (Mail Delivery System)", "Undelivered Mail Returned to Sender"),
        f"""This is the mail system at host mx.relay.example.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients.

                   The mail system

<ada@customer.example>: host mx.customer.example[198.51.100.4] said: 550 5.1.1
    <ada@customer.example>: Recipient address rejected: User unknown (in reply to RCPT TO command)

{ours()}""",
        hard(ADA),
    ),
    note(
        "Sendmail 8.6: text only",
        note_headers("Mail Delivery Subsystem <MAILER-DAEMON@old.example>", "Returned mail: User unknown"),
        f"""The original message was received at Mon, 2 Mar 2026 09:00:00 +0100
from web.acme.example [192.0.2.7]

   ----- The following addresses have delivery notifications -----
<ada@customer.example>  (unrecoverable error)

   ----- Transcript of session follows -----
... while talking to mx.customer.example.:
>>> RCPT To:<ada@customer.example>
<<< 550 <ada@customer.example>... User unknown
550 <ada@customer.example>... User unknown

   ----- Original message follows -----
{ours()}""",
        hard(ADA),
    ),
    # docs of Exchange Server 2003: non-delivery reports as text.
    note(
        "Exchange 2003",
        note_headers("System Administrator <postmaster@customer.example>", "Undeliverable: Spring news"),
        """Your message

  To:      Ada Lovelace
  Subject: Spring news
  Sent:    Mon, 2 Mar 2026 09:00:00 +0100

did not reach the following recipient(s):

ada@customer.example on Mon, 2 Mar 2026 09:00:05 +0100
    The e-mail account does not exist at the organization this message was sent to.
    <mail.customer.example #5.1.1>""",
        hard(ADA),
        reference=None,
    ),
    note(
        "Exchange 5.5: recipient after words",
        note_headers("Systemadministrator <postmaster@customer.example>", "Unzustellbar: Spring news"),
        """Ihre Nachricht hat einige oder alle Empfänger nicht erreicht.

      Betreff:  Spring news
      Gesendet am:     02.03.2026 09:00

Folgende(r) Empfänger kann/können nicht erreicht werden:

      ada@customer.example am 02.03.2026 09:00
            Das E-Mail-Konto ist in der Organisation nicht vorhanden; Adresse existiert nicht.
            < mail.customer.example #5.1.1 smtp;550 5.1.1 unbekannt>""",
        hard(ADA),
        reference=None,
    ),
    note(
        "Gmail: the old form",
        note_headers("Mail Delivery Subsystem <mailer-daemon@googlemail.com>", "Delivery Status Notification (Failure)", "X-Failed-Recipients: ada@customer.example\nReferences: <spring.42@acme.example>"),
        f"""Delivery to the following recipient failed permanently:

     ada@customer.example

Technical details of permanent failure:
Google tried to deliver your message, but it was rejected by the server for the recipient domain customer.example.

The error that the other server returned was:
550 5.1.1 <ada@customer.example>: Recipient address rejected

----- Original message -----

{ours()}""",
        hard(ADA),
    ),
    note(
        "Yahoo",
        note_headers("MAILER-DAEMON@yahoo.com", "Failure Notice"),
        f"""Sorry, we were unable to deliver your message to the following address.

<ada@customer.example>:
554: delivery error: dd This user doesn't have a yahoo.com account (ada@customer.example) [0] - mta1.mail.example

--- Below this line is a copy of the message.

{ours()}""",
        hard(ADA),
    ),
    note(
        "Yahoo: over quota",
        note_headers("MAILER-DAEMON@yahoo.com", "Failure Notice"),
        f"""Sorry, we were unable to deliver your message to the following address.

<ada@customer.example>:
Remote host said: 452 4.2.2 Mailbox full

--- Below this line is a copy of the message.

{ours()}""",
        soft(ADA),
    ),
    note(
        "HCL Notes: text",
        note_headers("Postmaster@customer.example", "DELIVERY FAILURE: Error delivering to Ada Lovelace/Customer; Router: Database disk quota exceeded"),
        """Your message

  Subject: Spring news

was not delivered to:

  ada@customer.example

because:

  Error delivering to Ada Lovelace; Router: Database disk quota exceeded""",
        soft(ADA),
        reference=None,
    ),
    note(
        "GroupWise",
        note_headers("Mailer-Daemon@gw.customer.example", "Message status - undeliverable"),
        """The message that you sent was undeliverable to the following:
\tada@customer.example (user not found)

Possibly truncated original message follows:""",
        hard(ADA),
        reference=None,
    ),
    note(
        "GroupWise: disk quota",
        note_headers("Mailer-Daemon@gw.customer.example", "Message status - undeliverable"),
        """The message that you sent was undeliverable to the following:
\tada@customer.example (mailbox is full)""",
        soft(ADA),
        reference=None,
    ),
    note(
        "Ipswitch IMail",
        note_headers("Postmaster <postmaster@imail.example>", "Undeliverable Mail"),
        f"""Unknown user: ada@customer.example

Original message follows.

{ours()}""",
        hard(ADA),
    ),
    note(
        "Ipswitch IMail: full",
        note_headers("Postmaster <postmaster@imail.example>", "Undeliverable Mail"),
        f"""User mailbox exceeds allowed size: ada@customer.example

Original message follows.

{ours()}""",
        soft(ADA),
    ),
    note(
        "hMailServer",
        note_headers("mailer-daemon@hmail.example", "Message undeliverable: Spring news"),
        """Your message did not reach some or all of the intended recipients.

   Sent: Mon, 2 Mar 2026 09:00:00 +0100
   Subject: Spring news

The following recipient(s) could not be reached:

ada@customer.example
   Error Type: SMTP
   Remote server (198.51.100.4) issued an error.
   hMailServer sent: RCPT TO:<ada@customer.example>
   Remote server replied: 550 5.1.1 User unknown

hMailServer""",
        hard(ADA),
        reference=None,
    ),
    note(
        "MDaemon",
        note_headers("MDaemon at mdaemon.example <MDaemon@mdaemon.example>", "Permanent Delivery Failure"),
        f"""The following data may contain sections which represent BASE64 encoded
file attachments.

The attached message had PERMANENT fatal delivery errors!

Failed address: ada@customer.example

--- Session Transcript ---
 Mon 2026-03-02 09:00:00: <-- 550 No such user here

--- Below this line is a copy of the message.
{ours()}""",
        hard(ADA),
    ),
    note(
        "Kerio Connect",
        note_headers("postmaster@kerio.example", "Message Undeliverable: Spring news"),
        """Your message has encountered delivery problems
to the following recipient(s):

ada@customer.example
(was: ada@customer.example)
  554 5.1.1 Mailbox does not exist""",
        hard(ADA),
        reference=None,
    ),
    note(
        "Courier: text",
        note_headers("Courier mail server <postmaster@courier.example>", "NOTICE: mail delivery status."),
        f"""This is a delivery status notification from courier.example,
running the Courier mail server.

                           UNDELIVERABLE MAIL

Your message to the following recipients cannot be delivered:

<ada@customer.example>:
    mx.customer.example [198.51.100.4]:
    >>> RCPT TO:<ada@customer.example>
    <<< 550 5.1.1 No such user

---------------------------------------------------------------------------
Original message
{ours()}""",
        hard(ADA),
    ),
    note(
        "1&1, kundenserver",
        note_headers("Mail Delivery System <mailer-daemon@kundenserver.example>", "Mail delivery failed: returning message to sender"),
        f"""This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of
its recipients. The following addresses failed:

    <ada@customer.example>

SMTP error from remote server after RCPT command:
host: mx.customer.example
5.1.1 User unknown

--- The header of the original message is following. ---

{ours()}""",
        hard(ADA),
    ),
    note(
        "GMX and WEB.DE: full",
        note_headers("\"GMX Mailer Daemon\" <mailer-daemon@gmx.example>", "Mail delivery failed: returning message to sender"),
        f"""This message was created automatically by mail delivery software.

A message that you sent could not be delivered to
one or more of its recipients. This is a permanent error.
The following address failed:

"ada@customer.example":
Quota exceeded, mailbox for user is full

--- The header of the original message is following. ---

{ours()}""",
        soft(ADA),
    ),
    note(
        "T-Online",
        note_headers("Mail Delivery Subsystem <MAILER-DAEMON@t-online.example>", "Delivery failure notice: Spring news"),
        f"""|------------------------- Message log follows: -------------------------|
 no valid recipients were found for this message
|------------------------- Failed addresses follow: ---------------------|
 <ada@customer.example> ... 550 unknown user
|------------------------- Message text follows: ------------------------|
{ours()}""",
        hard(ADA),
    ),
    note(
        "InterScan",
        note_headers("InterScan <postmaster@scan.example>", "Mail could not be delivered"),
        """****** Message from InterScan Messaging Security Suite ******

Sent <<< RCPT TO:<ada@customer.example>
Received >>> 550 5.1.1 <ada@customer.example>... user unknown

Unable to deliver message to <ada@customer.example>.

************************     End of message     **********************""",
        hard(ADA),
        reference=None,
    ),
    note(
        "Sophos, McAfee: gateway",
        note_headers("mail-daemon@gateway.example", "Undeliverable message"),
        """The following addresses had delivery problems:

<ada@customer.example>   (User unknown ada@customer.example)""",
        hard(ADA),
        reference=None,
    ),
    note(
        "Symantec.cloud (MessageLabs)",
        note_headers("MAILER-DAEMON@messagelabs.example", "Mail Delivery Failure"),
        """This is the mail delivery agent at messagelabs.example.
I was unable to deliver your message to the following addresses:

ada@customer.example

Reason: 550 5.1.1 No such user (ada)

The message subject was: Spring news""",
        hard(ADA),
        reference=None,
    ),
    note(
        "MailMarshal",
        note_headers("postmaster@marshal.example", "Undeliverable Mail: \"Spring news\""),
        """Your message:
   From:    grace@acme.example
   Subject: Spring news

Could not be delivered because of

550 5.1.1 User unknown

The following recipients were affected:
    ada@customer.example""",
        hard(ADA),
        reference=None,
    ),
    note(
        "SurgeMail",
        note_headers("Mail Administrator <postmaster@surge.example>", "Mail failure"),
        f"""Your message cannot be delivered to the following recipients:

  Recipient: ada@customer.example
  Reason:    mailbox ada@customer.example is unknown

Your message headers follow
{ours()}""",
        hard(ADA),
    ),
    note(
        "CommuniGate Pro",
        note_headers("<MAILER-DAEMON@cgp.example>", "Undeliverable mail: Spring news"),
        """Failed to deliver to 'ada@customer.example'
SMTP module(domain customer.example) reports:
 host mx.customer.example says:
 550 5.1.1 unknown user""",
        hard(ADA),
        reference=None,
    ),
    note(
        "AOL",
        note_headers("Mail Delivery Subsystem <MAILER-DAEMON@aol.example>", "Returned mail: Service unavailable"),
        f"""The original message was received at Mon, 2 Mar 2026 03:00:00 -0500 (EST)

   ----- The following addresses had permanent fatal errors -----
<ada@customer.example>

   ----- Transcript of session follows -----
... while talking to air-mx.aol.example.:
>>> RCPT To:<ada@customer.example>
<<< 552 ada MAILBOX FULL... 4.2.2 try later

   ----- Original message follows -----
{ours()}""",
        soft(ADA),
    ),
    note(
        "Free and Orange, in French",
        note_headers("Mail Delivery System <mailer-daemon@fai.example>", "Échec de la remise du message"),
        """Votre message n'a pas pu être remis au destinataire :

  ada@customer.example
  Adresse inconnue : boîte introuvable""",
        hard(ADA),
        reference=None,
    ),
    note(
        "A Japanese carrier, in Japanese",
        note_headers("Mail Administrator <mailer-daemon@keitai.example>", "=?utf-8?B?6YWN5L+h44Gn44GN44G+44Gb44KT?="),
        f"""次のあて先へのメールは配信できませんでした。

<ada@customer.example>
550 Unknown user

{ours()}""",
        hard(ADA),
    ),
    note(
        "DragonFly Mail Agent",
        note_headers("MAILER-DAEMON <>", "Mail delivery failed", "X-Original-To: <ada@customer.example>"),
        f"""This is the DragonFly Mail Agent v0.13 at web.acme.example.

There was an error delivering your mail to <ada@customer.example>.

mx.customer.example [198.51.100.4] did not like our final DATA:
550-5.7.26 Unauthenticated email is not accepted.

Message headers follow.

{ours()}""",
        hard(ADA),
    ),
    note(
        "Exchange 5.5: a subject that says nothing",
        note_headers("System Administrator <postmaster@customer.example>", "E", "Return-Path: <>"),
        """Your message

  To:      ada@customer.example
  Subject: Spring news

did not reach the following recipient(s):

ada@customer.example on Thu, 29 Apr 2010 00:00:00 -0000
    The recipient name is not recognized
    MSEXCH:IMS:CUSTOMER:MAIL:X 0 (000C05A6)
Unknown Recipient""",
        hard(ADA),
        reference=None,
    ),
    note(
        "au, KDDI",
        note_headers("Postmaster@keitai.example", "Mail System Error - Returned Mail", "Return-Path: <MAILER-DAEMON>"),
        """次のあて先へのメッセージはエラーのため送信できませんでした。

The user(s) account is disabled.

<ada@customer.example>""",
        hard(ADA),
        reference=None,
    ),
    note(
        "1&1: the reason after the address",
        note_headers("Mail Delivery System <mailer-daemon@kundenserver.example>", "Mail delivery failed: returning message to sender"),
        f"""A message that you sent could not be delivered to one or more of
its recipients. This is a permanent error.

The following address failed:

ada@customer.example

For the following reason:

554 5.7.1 The message was considered unsolicited.

--- The header of the original message is following. ---

{ours()}""",
        hard(ADA),
    ),
    note(
        "Mimecast",
        note_headers("Mail Delivery System <mailer-daemon@customer.example>", "[Postmaster] Email Delivery Failure"),
        """This is a delivery failure notification message indicating that
an email grace@acme.example addressed to email address :
-- ada@customer.example

With subject Spring news could not be delivered. The problem appears to be :
-- Recipient server unavailable or busy

Additional information follows :
-- 4.4.4 Temporary server error. Please try again later""",
        soft(ADA),
        reference=None,
    ),
    note(
        "A gateway whose mailbox says nothing of its trade",
        note_headers("imss@customer.example", "Mail could not be delivered"),
        """****** Message from InterScan ******

Sent <<< RCPT TO:<ada@customer.example>
Received >>> 550 5.1.1 unknown

Unable to deliver message to <ada@customer.example> (and other recipients in the same domain).""",
        hard(ADA),
        reference=None,
    ),
    note(
        "Sina: no subject, no words",
        note_headers("MAILER-DAEMON@sina.example", ""),
        "sina.example.\n\n<ada@customer.example>:\n\n<ben@customer.example>:\n550 5.1.1 no such user\n",
        hard(ADA),
        hard(BEN),
        reference=None,
    ),
    note(
        "Exchange 5.5 in HTML, with the message's own To above",
        note_headers("System Administrator <postmaster@customer.example>", "Undeliverable: Spring news", "Content-Type: text/html"),
        """<HTML><BODY><P><FONT SIZE=2>Your message<BR><BR>
&nbsp; To:&nbsp;&nbsp;&nbsp;&nbsp;&nbsp; customers@lists.example<BR>&nbsp; Subject: Spring news<BR><BR>
did not reach the following recipient(s):<BR><BR>
ada@customer.example on Mon, 2 Mar 2026 09:00:54 -0300<BR>
&nbsp;&nbsp;&nbsp; The recipient name is not recognized; Unknown Recipient<BR></FONT></P></BODY></HTML>""",
        hard(ADA),
        reference=None,
    ),
    note(
        "An advisory of a full mailbox",
        note_headers("Postmaster@customer.example", "Mail Delivery Warning"),
        """This is an advisory-only email.  Please do not reply to it.
Delivery of email to this address
"ada@customer.example"
has been postponed due to a full mailbox.""",
        late(ADA),
        reference=None,
    ),
    note(
        "Told by the return path alone (VERP)",
        note_headers("MAILER-DAEMON@mx.relay.example", "Undelivered mail").replace("grace@acme.example", "bounces-ada=customer.example@acme.example"),
        "The mail could not be delivered: 550 mailbox unavailable.",
        hard(ADA),
        reference=None,
    ),
    note(
        "Told by the returned message alone",
        note_headers("MAILER-DAEMON@mx.relay.example", "Mail delivery failed"),
        f"""One recipient did not exist: user unknown.

{ours()}""",
        hard(ADA),
    ),
)  # fmt: skip
