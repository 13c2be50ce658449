"""What the demonstration's companies, people and places are called: all of it invented."""

from dataclasses import dataclass


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


STEMS = _words(
    """Quillmere Ardenvale Brightholm Castellane Dunmorrow Elmsworth Fenwickly Garrowby Hollinspar
    Ironvale Juniperra Kestrelby Larkhaven Marrowfield Nettlecombe Oakstrand Pellinore Quarrywell
    Ravenscar Silverbeck Thornquist Umberleigh Vantrose Willowmar Yarrowden Zephyrine Altamere
    Brackenfell Cindervale Drumlanna Eskerton Farrowgate Glenmarra Hartswell Ivelmoor Jasperlyn
    Kirkwather Lindisholm Mossbarrow Norrendale Orchardine Pemberlow Queenshythe Rookmere Saltwyn
    Tamarisque Ulverdeen Violetta Wexcombe Yewbarrow Ashmoreland Birchwyn Coppergate Dovecliffe
    Everspring Foxglovia Graythwaite Hazelrigga Inverlochy Knapdale Loomwright Millbrae Northwather
    Osprelle Pinecrofte Rosewarne Stonemarch Tarnbeck Underhollow Wintermere"""
)

INDUSTRIES = _words(
    """Logistics Robotics Foods Analytics Energy Health Insurance Textiles Mobility Marine Labs
    Foundry Retail Diagnostics Networks Studios Capital Optics Packaging Aerospace Learning
    Payments Materials Hospitality"""
)


@dataclass(frozen=True, slots=True)
class Region:
    """Where a company sits: its domain's suffix, time zones, names of its people."""

    suffixes: tuple[str, ...]
    timezones: tuple[str, ...]
    first_names: tuple[str, ...]
    last_names: tuple[str, ...]


def _region(suffixes: str, timezones: str, first_names: str, last_names: str) -> Region:
    return Region(_words(suffixes), _words(timezones), _words(first_names), _words(last_names))


REGIONS = (
    _region(
        "com com com io co",
        "America/New_York America/Chicago America/Denver America/Los_Angeles",
        """Ava Ethan Maya Lucas Grace Owen Nora Caleb Ruby Miles Jasmine Darius Elena Marcus Tessa
        Wyatt Simone Andre Paige Victor""",
        """Whitfield Navarro Brooks Callahan Ramirez Osborne Delgado Prescott Hollis Bennett
        Kowalski Freeman Sandoval Mercer Atwood Lindgren Vaughn Tran Okafor Steele""",
    ),
    _region(
        "co.uk co.uk com uk",
        "Europe/London",
        "Imogen Callum Priya Rhys Freya Alistair Zara Hamish Beatrix Tariq Niamh Gareth",
        "Thackeray Pritchard Bannerman Ashdown Malik Carrow Fairweather Sinclair Oduya Lockwood",
    ),
    _region(
        "de de com",
        "Europe/Berlin",
        "Lena Jonas Katrin Matthias Ingrid Felix Svenja Tobias Heike Lukas Aylin Dominik",
        "Brandt Vogel Hartmann Lindner Seidel Krämer Yılmaz Neumann Bergmann Scholz Pfeiffer",
    ),
    _region(
        "fr com",
        "Europe/Paris",
        "Camille Antoine Élodie Mathieu Solène Bastien Inès Guillaume Margaux Rémi",
        "Lefebvre Moreau Garnier Chevalier Rousseau Benali Fontaine Delacroix Marchand Perrin",
    ),
    _region(
        "se no dk com",
        "Europe/Stockholm Europe/Oslo Europe/Copenhagen",
        "Astrid Mikkel Signe Håkan Freja Lars Ingeborg Anders Maja Torbjørn",
        "Lindqvist Halvorsen Nyström Dahl Ekberg Sørensen Bakke Holmgren Vestergaard",
    ),
    _region(
        "in co.in com",
        "Asia/Kolkata",
        "Ananya Rohan Kavya Arjun Meera Vikram Divya Sanjay Ishita Nikhil",
        "Raghavan Chatterjee Deshpande Iyer Malhotra Banerjee Kulkarni Menon Sethi",
    ),
    _region(
        "co.jp com",
        "Asia/Tokyo",
        "Haruka Kenji Yuki Daichi Sakura Takumi Naomi Hiroshi Emi Ryota",
        "Takeda Nakamura Fujimoto Hayashi Okada Shimizu Matsuda Kuroda Ishikawa",
    ),
    _region(
        "com.au com",
        "Australia/Sydney Australia/Perth",
        "Matilda Lachlan Sienna Angus Kirra Declan Harriet Jarrah Tahlia",
        "Macallister Drummond Nguyen Beaumont Gallagher Papadakis Whitlock Rao",
    ),
    _region(
        "com.br com",
        "America/Sao_Paulo",
        "Beatriz Thiago Larissa Rafael Juliana Caio Marina Gustavo Helena",
        "Albuquerque Figueiredo Monteiro Cardoso Barbosa Teixeira Nogueira Prado",
    ),
)

TITLES = (
    "VP Operations",
    "Head of Analytics",
    "Chief Information Officer",
    "Director of Procurement",
    "Customer Data Lead",
    "Head of Revenue Operations",
    "Platform Engineer",
    "Finance Director",
    "Operations Analyst",
    "Chief Operating Officer",
    "IT Manager",
    "Business Systems Analyst",
    "Head of Digital",
    "Data Engineer",
    "Marketing Director",
    "Security Officer",
    "Programme Manager",
    "Process Owner, Order to Cash",
    "Reporting Specialist",
)

FREEMAIL = ("gmail.com", "gmail.com", "gmail.com", "outlook.com", "yahoo.com", "hotmail.com")
"""Where one in twelve business contacts has their address."""

UNKNOWN_COMPANIES = (
    "harrowgate-events.com",
    "pixelbriar-studio.io",
    "meadowlark-recruiting.co.uk",
    "old-saltwyn-media.com",
    "tellerbach-verlag.de",
    "brindlewood-partners.com",
    "cobblestone-audit.com",
    "larchfield-alumni.org",
)
"""Senders of newsletters collect addresses of people who are nobody's stakeholder."""

OUR_DOMAIN = "northlake.example"
"""The company whose service this is: what is mailed to it is internal (INTERNAL_DOMAINS)."""

AGENCY_DOMAIN = "brightquay-agency.com"
"""One of its people is a stakeholder at one customer; the others work for somebody else."""

CONSULTANCY_DOMAIN = "stellmark-advisory.com"
"""Its consultants are stakeholders at several customers each."""
