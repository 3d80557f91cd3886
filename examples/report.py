"""What does a council get to read about a plan, and what must it not see?

One page without network, in English and Chinese: the policy in words, who is served
before and after sharing, lending on a map, gains, what is unmet and why, the proof.
"""

import sys
import tempfile
from pathlib import Path

import sharematch as sm
from sharematch.report import write_report

town = sm.scenario.old_town()
result = sm.solve(town)

# `python report.py FOLDER` keeps the pages.
folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(tempfile.mkdtemp())
everything, public = folder / "old_town.html", folder / "old_town_public.html"
write_report(town, result, everything)
write_report(town, result, public, suppress_below=5, lang="zh")

pages = {path.stem: path.read_text(encoding="utf-8") for path in (everything, public)}
for name, page in pages.items():
    language = page.split('<html lang="')[1].split('"')[0]
    print(f"{name}: opens in {language}; counts are hidden: {'>•<' in page}")
    print(f"    below 150 kB: {len(page.encode()) < 150_000}")
    print(f"    asks the network for anything: {'://' in page}")

print("\nSections")
for part in pages["old_town"].split("<h2>")[1:]:
    print(f"    {part.split('</span>')[0].rpartition('>')[2]}")
print(
    "\nAnswer: everything an office has to defend; counts below five are withheld in\n"
    "public, and with them those that would give them away."
)
