"""What a bulk email is for."""

import pytest

from domain.classifying import classify
from domain.events import CampaignType

ANNOUNCEMENT, NEWSLETTER, MARKETING, PRODUCT_UPDATE = CampaignType


@pytest.mark.parametrize(
    ("subject", "sender", "text", "expected"),
    [
        ("Spring newsletter", "news@acme.example", "In this issue: three stories.", NEWSLETTER),
        ("The Acme Digest #42", "hello@acme.example", "", NEWSLETTER),
        ("Unser Rundbrief im März", "info@acme.example", "", NEWSLETTER),
        ("Acme nieuwsbrief", "info@acme.example", "", NEWSLETTER),
        ("Weekly update", "newsletter@acme.example", "", NEWSLETTER),
        ("What's new in Acme 4.2", "product@acme.example", "You can now export.", PRODUCT_UPDATE),
        ("Release notes: March", "hello@acme.example", "Bug fixes", PRODUCT_UPDATE),
        ("Introducing shared inboxes", "hello@acme.example", "", PRODUCT_UPDATE),
        ("Neue Funktionen im Frühjahr", "info@acme.example", "", PRODUCT_UPDATE),
        ("20% off until Friday", "offers@acme.example", "Use this promo code", MARKETING),
        ("Join us: webinar on churn", "events@acme.example", "Register now.", MARKETING),
        ("Einladung zum Frühstück", "info@acme.example", "Jetzt anmelden", MARKETING),
        ("Scheduled maintenance on Sunday", "status@acme.example", "Please note", ANNOUNCEMENT),
        ("Important: changes to our terms", "legal@acme.example", "", ANNOUNCEMENT),
        ("Wichtige Ankündigung", "info@acme.example", "", ANNOUNCEMENT),
        ("We are joining Globex", "ceo@acme.example", "We are proud to announce", ANNOUNCEMENT),
    ],
)
def test_a_mail_is_of_the_type_that_most_of_its_words_tell(
    subject: str, sender: str, text: str, expected: CampaignType
) -> None:
    found, confidence = classify(subject, sender, text)

    assert found == expected
    assert confidence is not None
    assert 0.5 < confidence < 1


@pytest.mark.parametrize(
    ("subject", "sender", "text"),
    [
        ("Our meeting on Monday", "grace@acme.example", "See you at ten."),
        (None, None, ""),
        ("Hello", "hello@acme.example", "We have improved a lot lately."),
    ],
)
def test_the_type_stays_unknown_where_hardly_a_word_tells(
    subject: str | None, sender: str | None, text: str
) -> None:
    assert classify(subject, sender, text) == (None, None)


def test_words_of_another_type_make_it_less_sure() -> None:
    _, sure = classify("Spring newsletter", "news@acme.example", "In this issue")
    _, unsure = classify("Spring newsletter: 20% off", "news@acme.example", "In this issue")

    assert (sure, unsure) == (0.86, 0.6)


def test_a_long_text_does_not_outweigh_the_subject() -> None:
    text = "You can now do this. Release notes. New features. Bug fixes. Improvements. Changelog."

    assert classify("Spring newsletter", "news@acme.example", text)[0] == NEWSLETTER
