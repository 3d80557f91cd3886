"""What explains how a need fares, in words: what it got, and why it got no more."""

from collections.abc import Iterable, Sequence

from sharematch.analysis.explanation.facts import (
    Ceiling,
    NeedFacts,
    Place,
    Refused,
    Units,
)
from sharematch.analysis.explanation.phrases import SOME, Phrases
from sharematch.model.wording import subject_text
from sharematch.text import told

__all__ = ["NeedProse"]

OWN = ("need", "person")
"""Groups that are a need's own."""


class NeedProse(Phrases):
    """Paragraphs about a need."""

    def need(self, facts: NeedFacts) -> Iterable[str]:
        """Yield the paragraphs about a need."""
        yield self._asked(facts)
        if facts.served:
            yield self.join(self._got(facts))
        if facts.served < facts.asked:
            yield self.join(self._places(facts))
            yield self.join(self._decided(facts))
            yield self._refused(facts.refused, has_places=bool(facts.places))
            yield from self.changes(facts.changes, searched=facts.searched)

    def _asked(self, facts: NeedFacts) -> str:
        key = "explain.got_some" if facts.served else "explain.got_none"
        key = "explain.got_all" if facts.served == facts.asked else key
        return self.say(
            key,
            community=facts.community,
            kind=facts.kind,
            need=facts.need,
            asked=self.count("explain.places", facts.asked),
            **(
                {"served": facts.served}
                if key == "explain.got_some"
                else {"n": facts.asked}
            ),
        )

    def _got(self, facts: NeedFacts) -> Iterable[str]:
        for held in facts.got[:SOME]:
            if held.booking is None:
                where = self.say(
                    "explain.got_at", slot=held.slot, facility=held.facility
                )
            else:
                where = told(held.booking.text(held.facility), self.lang)
            parts = [where]
            if held.community != facts.community:
                parts.append(self.say("explain.lent_by", community=held.community))
            if held.day is not None and held.booking is None:
                parts.append(self.say("explain.on_day", day=self.day(held.day)))
            if held.travel:
                parts.append(self.say("explain.away", length=self.length(held.travel)))
            fee = self.say("explain.for_fee", money=self.money(held.fee))
            parts.append(fee if held.fee else self.say("explain.free"))
            text = self.say("explain.comma").join(parts)
            yield self.say(
                "explain.got",
                places=self.count("explain.places", held.units),
                where=text,
            )
        if len(facts.got) > SOME:
            yield self.say("explain.got_more", n=len(facts.got) - SOME)

    def _places(self, facts: NeedFacts) -> Iterable[str]:
        places = facts.places
        if not places:
            yield self.say("explain.no_place")
            return
        names = self.listed(place.slot for place in places)
        full = [place for place in places if place.full_by]
        slots = self.count("explain.slots", len(places))
        if len(full) == len(places):
            key = "explain.all_full_1" if len(places) == 1 else "explain.all_full"
            yield self.say(key, slots=slots, names=names, why=self._full(places))
        else:
            free = len(places) - len(full)
            key = "explain.has_room_1" if len(places) == 1 else "explain.has_room"
            yield self.say(key, slots=slots, n=free)
            yield from self._stopped(facts)
        if facts.holders:
            users = [Units(h.community, h.units) for h in facts.holders]
            yield self.say("explain.held_by", users=self.shares(users, 5))

    def _stopped(self, facts: NeedFacts) -> Iterable[str]:
        """Yield why a need cannot have the places that are left."""
        if facts.reason == "coupled":
            yield self.say("explain.by_coupling")
        elif facts.reason == "rule" and not facts.ceilings:
            yield self.say("explain.by_rule")
        for ceiling in facts.ceilings[:SOME]:
            yield self._ceiling(ceiling)
        if len(facts.ceilings) > SOME:
            yield self.say("explain.ceilings_more", n=len(facts.ceilings) - SOME)

    def _ceiling(self, ceiling: Ceiling) -> str:
        """Return whose ceiling it is, how high, and what of it is used."""
        ending, group = "", ceiling.group
        if ceiling.is_own:  # persons are not named; of two keys the other is told
            ending = "_own"
            keys = zip(ceiling.by.split(" and "), group.split(" | "), strict=False)
            group = ", ".join(name for key, name in keys if key not in OWN)
        whose = f"{ending}_of" if group else f"{ending}_all"
        rule = self.policy.rules[ceiling.rule - 1]
        bound, used, more = (
            self.quantity(ceiling.measure, amount)
            for amount in (ceiling.bound, ceiling.used, ceiling.more)
        )
        rest_text = self.say("explain.ceiling_left", used=used, more=more)
        if ceiling.used == ceiling.bound:
            rest_text = self.say("explain.ceiling_gone")
        return self.say(
            f"explain.ceiling{whose}",
            what=subject_text(rule, self.lang),
            bound=bound,
            left=rest_text,
            **({"group": group} if group else {}),
        )

    def _full(self, places: Sequence[Place]) -> str:
        """Return what holds places full where it is not their number alone."""
        codes = {place.full_by for place in places}
        if codes == {"reserve"}:
            return self.say("explain.reserved")
        return self.say("explain.worn") if codes == {"max_units"} else ""

    def _decided(self, facts: NeedFacts) -> Iterable[str]:
        """Yield why those who have the places keep them."""
        is_fair = self._is_fair(facts)
        mine = facts.standing
        if mine is not None and facts.holders:
            stands = self.ratio(mine.measure, mine.value)
            yield self.standing(mine, stands)
            others = [h for h in facts.holders if h.community != facts.community]
            if is_fair and others:
                yield self.say("explain.no_better", group=mine.group)
            elif is_fair:
                yield self.say("explain.own_people", community=facts.community)
        if facts.decided_by == "draw":
            yield self.say("explain.by_draw")
        elif facts.decided_by == "limits":
            yield self.say("explain.by_limits")
        elif facts.goal is not None and (mine is None or facts.goal != mine.goal):
            is_later = is_fair and mine is not None and facts.goal > mine.goal
            key = "explain.by_later_goal" if is_later else "explain.by_goal"
            yield self.say(key, goal=self.goal(facts.goal))
        if facts.bottleneck is not None and facts.bottleneck.slots > 1:
            yield self.bottleneck(facts.bottleneck)

    @staticmethod
    def _is_fair(facts: NeedFacts) -> bool:
        """Return whether every holder stands no better with one unit fewer."""
        return bool(facts.holders) and all(h.stands_no_better for h in facts.holders)

    def _refused(self, refused: Sequence[Refused], *, has_places: bool) -> str:
        parts = []
        beside_kind = [refusal for refusal in refused if refusal.code != "kind"]
        for refusal in beside_kind or (() if has_places else refused):
            text = self.say(f"explain.out_{refusal.code}", n=refusal.slots)
            near = next(iter(refusal.nearest), None)
            if near is not None:
                off = self.off(refusal.code, near.off, near.missing, near.rule)
                key = "explain.nearest" if refusal.slots > 1 else "explain.named"
                text += self.say(key, slot=near.slot, off=off)
            parts.append(text)
        if not parts:
            return ""
        key = "explain.others_out" if has_places else "explain.all_out"
        return self.say(key, parts=self.say("explain.semicolon").join(parts))
