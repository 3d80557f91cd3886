"""The hotels and gyms of the market leave the scheme: who loses, and what must move?

Today's plan is public. One may only fill the gaps, or plan anew as fairly as before;
between the two every unit that moves buys something.
"""

from sharematch.engine import solve
from sharematch.scenario import old_town
from sharematch.season import leaving, what_if

town = old_town()
today = solve(town)
found = what_if(today, leaving(town, sector="market"))

print(found.by_community())
print()
print(found.steps())

least, best = found.path[0], found.path[-1]
letters = [letter for letter in best.revision.letters if letter.party == "need"]
short = min(letters, key=lambda letter: (len(letter.lines), letter.id))
print(f"\nThe shortest of {len(letters)} letters to residents:\n\n{short}")
print(
    f"\nAnswer: {least.moved} places are lost in any case. To be fair again, another\n"
    f"{best.moved - least.moved} move; as many are served, the worst off more of them."
)
