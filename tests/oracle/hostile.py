"""Writes a small random drop that is full of edges, the same for the same seed.

    hostile.py SEED FOLDER

The shipped sample is plausible; this drop is not. People join, leave, speak and pay exactly at the midnights that
divide periods and windows; bots, staff and strangers speak, open and buy; questions are answered by their own
askers, late, or by several; rows are replaced by later drops; times name other offsets; whole tables lack a group.
"""

import csv
import pathlib
import random
import sys
from datetime import datetime, timedelta

FIRST = datetime(2025, 3, 10)  # a Monday
LAST = datetime(2025, 5, 12)  # the Monday after 2025-W19
PLAYBOOKS = ["low_price", "vip", "freebie", "content"]
TOPICS = ["", "", "猫粮", "运费", "排期"]


class Drop:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.tables = {}
        self.serial = 0

    def add(self, table, **row):
        self.tables.setdefault(table, []).append(row)

    def someone(self, people):
        """Few do most; the last third does next to nothing."""
        return people[min(int(self.random.paretovariate(0.7)) - 1, len(people) * 2 // 3)]

    def id(self, letter):
        self.serial += 1
        return f"{letter}{self.serial}"

    def moment(self, after=FIRST, before=LAST):
        """A time in the window, often exactly on a midnight, one second before it, or just after."""
        r = self.random
        span = int((before - after).total_seconds())
        at = after + timedelta(seconds=r.randrange(span))
        if r.random() < 0.2:
            at = at.replace(hour=0, minute=0, second=0) + timedelta(days=1, seconds=r.choice([-1, 0, 0, 1]))
        return min(max(at, after), before - timedelta(seconds=1))

    def text(self, at):
        """The time as an export may say it; the reader's zone is +08:00."""
        r = self.random.random()
        if r < 0.70:
            return at.strftime("%Y-%m-%d %H:%M:%S")
        if r < 0.80:
            return at.strftime("%Y-%m-%dT%H:%M:%S+08:00")
        if r < 0.90:
            return (at - timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M:%SZ")
        return (at + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%S+09:00")

    def write(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        for table, rows in self.tables.items():
            self.random.shuffle(rows)
            with open(folder / f"{table}.csv", "w", encoding="utf-8", newline="") as file:
                out = csv.DictWriter(file, list(rows[0]))
                out.writeheader()
                out.writerows(rows)


def group(drop, number):
    r = drop.random
    gid = f"g{number}"
    created = FIRST if number != 5 else datetime(2025, 4, 25)
    drop.add("groups", group_id=gid, name=f"群 {number}", playbook=PLAYBOOKS[number % 4], created_on=created.date().isoformat())
    people = [f"{gid}-u{i}" for i in range(r.randrange(60, 110))]
    # Some persons are in more groups than one.
    people += [f"anyone-{i}" for i in range(5)]
    joined = {}
    for i, person in enumerate(people):
        role = ["host", "staff", "bot"][i] if i < 3 else r.choice(["member", "member", "", "", "koc"])
        early = created if number == 5 else created + timedelta(days=r.choice([0, 0, 21, 40]))
        at = drop.moment(early, max(LAST, early + timedelta(days=1))) if r.random() < 0.6 else early
        left = drop.moment(at, LAST) if r.random() < 0.3 and i > 2 else None
        joined[person] = at
        drop.add(
            "members", group_id=gid, member_id=person, joined_at=drop.text(at), left_at=drop.text(left) if left else "",
            role=role, tier=r.choice(["", "", "gold", "diamond"]), invited_by=r.choice(["", "", r.choice(people)]),
            unfollowed_at=drop.text(drop.moment(at, LAST)) if r.random() < 0.1 else "", advisor=r.choice(["", "顾问"]),
        )
    return gid, created, people, joined


def talk(drop, gid, created, people):
    r = drop.random
    for _ in range(r.randrange(300, 700)):
        at = drop.moment(created, LAST)
        who = drop.someone(people) if r.random() < 0.95 else f"stranger-{r.randrange(9)}"
        kind = r.choice(["text", "text", "", "image", "question", "question", "system", "recalled", "review"])
        mid = drop.id("m")
        row = dict(group_id=gid, member_id=who, sent_at=drop.text(at), message_id=mid, kind=kind, reply_to="", topic=r.choice(TOPICS))
        if r.random() < 0.05:
            # An older drop said otherwise; the later one stands.
            drop.add("messages", **{**row, "kind": "text", "sent_at": drop.text(drop.moment(created, LAST)), "topic": "旧"})
            drop.add("messages-2025w19", **row)
        else:
            drop.add("messages", **row)
        if kind != "question":
            continue
        delay = timedelta()
        for _ in range(r.choice([0, 1, 1, 2, 3])):
            delay += timedelta(seconds=r.choice([1, 3599, 86_399, 86_400, 5 * 86_400]))
            replier = who if r.random() < 0.3 else r.choice(people + ["stranger-1"])
            if at + delay < LAST + timedelta(hours=9):
                drop.add("messages", group_id=gid, member_id=replier, sent_at=drop.text(at + delay), message_id=drop.id("m"),
                         kind="answer", reply_to=mid, topic="")


def content(drop, gid, created):
    r = drop.random
    products = [f"{gid}-p{i}" for i in range(6)]
    for product in products:
        drop.add("products", product_id=product, name=product, category=r.choice("甲乙丙"), price="9.90", cost="4.00", role=r.choice(["viral", "hot", ""]))
    posts = []
    for day in range((LAST - created).days):
        # Some weeks are silent.
        if day // 7 % 5 == 4:
            continue
        for _ in range(r.randrange(3)):
            at = drop.moment(created + timedelta(days=day), created + timedelta(days=day + 1))
            kind = r.choice(["useful", "story", "promo", "product", "event", "", ""])
            posts.append(drop.id("p"))
            drop.add("posts", post_id=posts[-1], group_id=gid, sent_at=drop.text(at), kind=kind,
                     product_id=r.choice(products) if r.random() < 0.6 else "")
    return products, posts


def events(drop, gid, created, people, posts, joined, without):
    r = drop.random
    blank = dict(group_id=gid, post_id="", ref="", value="", expires_at="")
    kinds = ["open", "open", "open", "click", "click", "add_to_cart", "share", "check_in", "check_in", "touch", "benefit_used", "points_spent", "sop_due"]
    for _ in range(r.randrange(400, 900)):
        kind = r.choice(kinds)
        if kind in without:
            continue
        who = r.choice(people) if kind == "touch" else drop.someone(people)
        who = who if r.random() < 0.95 else "stranger-2"
        row = {**blank, "member_id": who, "at": drop.text(drop.moment(created, LAST)), "event": kind}
        if kind in ("open", "click", "add_to_cart", "share"):
            row["post_id"] = r.choice(posts)
        drop.add("events", **row)
    for sleeper in people[len(people) * 2 // 3 + 1 :]:
        # A touch, and close before or after it something that is an interaction, or only looks like one.
        at = drop.moment(max(created + timedelta(days=2), LAST - timedelta(days=21)), LAST - timedelta(days=1))
        if "touch" in without or r.random() < 0.4:
            continue
        drop.add("events", **{**blank, "member_id": sleeper, "at": drop.text(at), "event": "touch", "ref": "recall"})
        then = at + timedelta(seconds=r.choice([-86_400, -1, 1, 3600, 86_400]))
        kind = r.choice(["open", "check_in", "click", "add_to_cart", "share", "task_done", "task_assigned", "benefit_used", "message", "nothing"])
        if kind == "message":
            drop.add("messages", group_id=gid, member_id=sleeper, sent_at=drop.text(then), message_id=drop.id("m"), kind="text", reply_to="", topic="")
        elif kind not in without and kind != "nothing":
            drop.add("events", **{**blank, "member_id": sleeper, "at": drop.text(then), "event": kind, "post_id": r.choice(posts)})
    for person, at in joined.items():
        if at >= LAST - timedelta(days=1):
            continue
        for kind, ref in [("welcome", "hello"), ("task_assigned", "newcomer")]:
            if kind not in without and r.random() < 0.7:
                when = at + timedelta(seconds=r.choice([0, 60, 86_399, 86_400, 604_799, 604_800, -60]))
                if created <= when < LAST:
                    drop.add("events", **{**blank, "member_id": person, "at": drop.text(when), "event": kind, "ref": ref})
                    if kind == "task_assigned" and r.random() < 0.7:
                        done = when + timedelta(seconds=r.choice([1, 86_400, 6 * 86_400, 9 * 86_400]))
                        drop.add("events", **{**blank, "member_id": person, "at": drop.text(done), "event": "task_done", "ref": ref})
    for _ in range(60):
        if "coupon_issued" in without:
            break
        who, at, coupon = r.choice(people), drop.moment(created, LAST), drop.id("c")
        ends = at + timedelta(days=r.choice([3, 7, 10]))
        ends = ends.replace(hour=23, minute=59, second=59) if r.random() < 0.7 else ends.replace(hour=0, minute=0, second=0)
        expires = drop.text(ends)
        drop.add("events", **{**blank, "member_id": who, "at": drop.text(at), "event": "coupon_issued", "ref": coupon, "value": "5", "expires_at": expires})
        if r.random() < 0.5:
            used = min(at + timedelta(hours=r.randrange(1, 60)), ends)
            drop.add("events", **{**blank, "member_id": who, "at": drop.text(used), "event": "coupon_redeemed", "ref": coupon, "value": "5",
                                  "expires_at": expires})


def orders(drop, gid, created, people, products):
    r = drop.random
    for _ in range(r.randrange(60, 200)):
        who = drop.someone(people) if r.random() < 0.95 else "stranger-3"
        at = drop.moment(created, LAST)
        drop.add("orders", order_id=drop.id("o"), group_id=gid, member_id=who, paid_at=drop.text(at), amount=f"{r.randrange(1, 30000) / 100:.2f}",
                 product_id=r.choice(products), coupon_id=r.choice(["", "c1"]),
                 refunded_at=drop.text(min(at + timedelta(days=1), LAST)) if r.random() < 0.15 else "")


def surveys(drop, gid, created, people):
    r = drop.random
    if gid == "g1":
        # Enough answers in a week to say something.
        for person in people:
            for _ in range(r.choice([0, 1, 1, 2])):
                drop.add("surveys", group_id=gid, member_id=person, answered_at=drop.text(drop.moment(LAST - timedelta(days=7), LAST)),
                         survey="nps", score=r.choice([0, 5, 6, 7, 8, 9, 10]), passed="", reason="")
    for _ in range(r.randrange(200, 600)):
        who = drop.someone(people) if r.random() < 0.95 else "stranger-4"
        survey = r.choice(["nps", "nps", "nps", "entry", "exit"])
        drop.add("surveys", group_id=gid, member_id=who, answered_at=drop.text(drop.moment(created, LAST)), survey=survey,
                 score=r.choice([0, 6, 7, 8, 9, 9, 10, 10]) if survey == "nps" else "",
                 passed=r.choice(["true", "false"]) if survey == "entry" else "", reason="other" if survey == "exit" else "")


def main():
    seed, folder = int(sys.argv[1]), pathlib.Path(sys.argv[2])
    drop = Drop(seed)
    for number in range(1, 7):
        gid, created, people, joined = group(drop, number)
        if number == 6:
            continue  # members, and nothing else is known
        talk(drop, gid, created, people)
        products, posts = content(drop, gid, created)
        without = {2: {"open"}, 3: {"touch", "share"}, 4: {"coupon_issued", "welcome", "task_assigned", "check_in"}}.get(number, set())
        if number != 4 or drop.random.random() < 0.5:
            events(drop, gid, created, people, posts, joined, without)
        if number != 3:
            orders(drop, gid, created, people, products)
        if number != 2:
            surveys(drop, gid, created, people)
    # The last row shows that the week before it is over.
    drop.add("messages", group_id="g1", member_id="g1-u0", sent_at="2025-05-12 10:00:00", message_id="last", kind="text", reply_to="", topic="")
    drop.write(folder)


if __name__ == "__main__":
    main()
