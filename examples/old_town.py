"""Who gets what in the old town, and what did sharing and fairness change?

The scenario is built in: `sharematch demo` prints the same story. Its facts and
assumptions stand in `sharematch.datasets.old_town.facts`.
"""

from sharematch.scenario import tell

story = tell()
print(story)

print("\nAnswer")
for community in sorted(story.old, reverse=True):
    alone, shared = story.alone.served[community], story.district.served[community]
    print(
        f"  {community}: {alone} services alone, {shared} if the district shares, "
        f"{story.cheapest.served[community]} if only cost counted"
    )
