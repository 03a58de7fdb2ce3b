"""Invented people, companies and prose, none of which exist: word pools, and how an article is made from them."""

from random import Random
from typing import Final

from legacy_import.demo.rows import seeded_random

PEOPLE: Final = (
    "Ilinca Brandweiler", "Tobiah Merrowstone", "Nkechi Adelaar", "Ruxandra Vantongeren", "Osric Pellworth",
    "Hanneke Duskova", "Caspian Oyelowe", "Marisol Thornquist", "Dragomir Ashgrove", "Yuki Hallivander",
    "Aurelio Fennimoor", "Siobhan Krastev", "Emeka Larkspurr", "Liselotte Navarrin", "Bogdan Quillhaven",
    "Anneliese Okpara", "Matei Wrenfield", "Priyanka Solstrand", "Lucian Ombersley", "Freya Castellanu",
    "Ștefan Înălțățeanu", "José Ñandúa", "Zoë Brønnvik", "Siân O'Quillane",
)  # fmt: skip

COMPANIES: Final = (
    "Brightfern Ledgerworks", "Quillmoor Logistics", "Oakhollow Diagnostics", "Pinecrest Tidal", "Vellumark",
    "Copperlark Freight", "Emberline Mutual", "Halcyon Orchard Robotics", "Saltmarsh Payroll", "Tessellane Maps",
    "Unknown", "Unknown", "Duskwater & Sons", "Larchgate Optics", "Zephyrine Schools", "Nettlebank",
)  # fmt: skip

COMPANY_SIZES: Final = (
    "Seed (1-10 employees)", "Series A (20-50 employees)", "Series B (50-200 employees)",
    "Enterprise (500+ employees)", "15-25 employees", "Unknown",
)  # fmt: skip

AUDIENCES: Final = (
    "Startup founders, engineering managers",
    "CTOs, technical leads",
    "Platform engineers, SREs",
    "Senior developers, aspiring leaders",
)

OPENINGS: Final = (
    "Three quarters of the delays I am asked to look into began as a decision nobody wrote down.",
    "The calmest release I ever saw was also the most boring one, and that was the point.",
    "Last spring a founder asked me why every estimate his team gave came true twice over.",
    "We once spent a whole quarter making a service faster that nobody was waiting for.",
    "A dashboard with forty graphs is a way of not choosing the two that matter.",
    "The best runbook I know fits on one page and has a coffee stain on it.",
)

SENTENCES: Final = (
    "Ask the person on call what woke them, not the person who drew the diagram.",
    "A queue tells you about yesterday; the length of the review list tells you about next month.",
    "When two teams share a table, they share its outages as well.",
    "Write the rollback before the migration, and try it while everybody is still awake.",
    "A promise with a date in it should have a name in it, too.",
    "Small batches feel slower on Monday and turn out faster on Friday.",
    "Every flag you leave in the code is a question you left for somebody else.",
    "The cheapest incident is the one that a checklist finds on a Tuesday afternoon.",
    "Nobody reads a forty-page plan; everybody reads the first failing test.",
    "Hiring for the outage you had last year gets you ready for last year.",
    "If a metric can only be explained by its author, it is a diary entry.",
    "Teams that argue in writing repeat themselves less.",
    "A good interface is the one whose second user needs no meeting.",
    "Ownership without time set aside for it is a label on a box.",
    "The meeting you drop is the one people thank you for.",
    "It took us nine days to find a fault that a ten-line comparison would have shown at once.",
    "We halved the number of services and doubled the number of people who could explain them.",
    "Half of all clever caches hide a missing index.",
    "What you review together you can repair apart.",
    "The first week of a new engineer is the best audit of your documents.",
)

QUESTIONS: Final = (
    "Which of your rituals would nobody miss?",
    "What is the oldest decision your team still works around?",
    "Who would notice first if your backups stopped tonight?",
    "What did your last incident teach that is still true today?",
)

MESSAGES: Final = (
    "Thank you for writing this. Our releases slip every second week and I'd like to hear how you would start.",
    "We are at the very point you describe: eleven engineers, four services, and nobody owns the pipeline.",
    "Could you have a look at our architecture before we sign for another year of hosting?",
    "Our lead has left and the board asks for a part-time CTO until spring. Do you take on such work?",
    "We built our own scheduler, billing and sign-on. I suspect that we should have built none of the three.",
    "Your point about on-call struck home. Could we talk about a workshop for two teams in March?",
    "Short question: do you also review a migration plan before it starts? Ours moves nine databases.",
    "Sent your post to our founders. They would like a second opinion on hiring a platform team now.",
)

NOTES: Final = (
    "", "", "", "",
    "Asked for references.",
    "Prefers a call after 16:00.",
    "Budget to be confirmed with the board; call back next week.",
    "Met at a meetup. Knows two former clients.",
)  # fmt: skip


def pick_person(seed: int, number: int) -> str:
    """Return the seed's person of that number (0 to 7); each number is somebody else."""
    return seeded_random(seed, "people").sample(PEOPLE, 8)[number]


def write_article(random: Random, *, title: str, sections: int) -> str:
    """Return a Markdown article of so many sections, about 450 characters each."""
    parts = [f"# {title}", f"**{random.choice(OPENINGS)}**"]
    for number in range(1, sections + 1):
        sentences = random.sample(SENTENCES, 8)
        parts.append(f"## {number}. {sentences[0]}")
        parts.append(" ".join(sentences[1:5]))
        parts.append("\n".join(f"- {sentence}" for sentence in sentences[5:]))
    parts.append(f"---\n\n{random.choice(QUESTIONS)} 👇\n\n#engineering #delivery #leadership")
    return "\n\n".join(parts)
