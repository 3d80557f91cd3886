"""Hosts answer a draft: how many approvals are needed until all have agreed?

Each assignment is put to its host once. What was accepted stays; after refusals only
what changes is asked again. Planning anew each time would ask nearly everybody again.
"""

import sharematch as sm
from sharematch.scenario import old_town
from sharematch.season import Answer, resolve

REFUSES_EVERY = 25  # of the assignments asked about, hosts refuse each 25th

town = old_town()
draft = sm.solve(town)
first = draft.allocation
policy = sm.Policy(goals=[*draft.policy.goals[:2], sm.Minimize("moved")])

asked: set[tuple[str, str, int]] = set()
rounds: list[int] = []
anew = 0
while True:
    answers = []
    for a in draft.allocation:
        if (a.need, a.slot, a.quantity) in asked:
            continue
        asked.add((a.need, a.slot, a.quantity))
        is_refused = len(asked) % REFUSES_EVERY == 0
        answers.append(Answer(a.need, a.slot, "declined" if is_refused else "accepted"))
    rounds.append(len(answers))
    if all(answer.status == "accepted" for answer in answers):
        break
    refused = [answer for answer in answers if answer.status == "declined"]
    revision = resolve(draft, answers, policy=policy)
    moved = revision.moved, len(refused), revision.forced
    print(
        f"Round {len(rounds)}: {len(answers):3} asked, {moved[1]:2} refused; "
        f"{moved[0]:2} units moved, {moved[2]:2} of them had to"
    )
    if len(rounds) == 1:
        # The same refusals, but the plan made anew, whatever stood before.
        other = sm.solve(resolve(draft, refused).instance, draft.policy).allocation
        kept = {(a.need, a.slot, a.quantity) for a in first}
        anew = sum((a.need, a.slot, a.quantity) not in kept for a in other)
    draft = revision.result

served = [sum(plan.quantities) for plan in (first, draft.allocation)]
print(f"Round {len(rounds)}: {rounds[-1]:3} asked, none refused")
print(f"Served at first {served[0]}, in the end {served[1]}.")
print(
    f"\nAnswer: {sum(rounds)} approvals, {sum(rounds[1:])} of them after round one."
    f"\nA plan made anew after it would have asked {anew} times again at once."
)
