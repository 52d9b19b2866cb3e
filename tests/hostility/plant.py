"""Plants hostile texts into every text column of a drop, and into a playbook and the configuration.

plant.py WORKSPACE

Ids change everywhere alike, so that rows still belong together; of other texts every third gets a payload, in
turn, so that every payload stands in every column that is long enough. Prints `table.column: rows planted`.
"""

import csv
import sys
from pathlib import Path

root = Path(sys.argv[1])

PAYLOADS = [
    "<script>alert(1)</script>",
    "</script><script src=//evil.example/x.js></script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "<svg/onload=alert(1)>",
    "<iframe src=\"javascript:alert(1)\"></iframe>",
    "[点我](javascript:alert(1))",
    "![x](https://evil.example/pixel.png)",
    "<https://evil.example/auto>",
    "https://evil.example/bare",
    "[a]: javascript:alert(1)\n[a]",
    "`code` **bold** | cell | \n# heading\n- item",
    "<!-- <b>",
    "]]></style><style>*{display:none}</style>",
    "{{ 7 * 7 }}{% include \"base.html\" %}",
    "=HYPERLINK(\"https://evil.example\",\"x\")",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\u202Egnp.exe\u200B\u2066",
    "\x1b[31mred\x1b]8;;https://evil.example\x07link\x1b]8;;\x07",
    "::error file=x,line=1::forged",
    "BEGIN:VALARM\r\nACTION:DISPLAY\r\nEND:VALARM",
    "\u2028alert(1)\u2029//",
    "&lt;script&gt; &#x3c;b&#x3e; &amp;",
    "../../../etc/passwd",
    "CON.html",
    "javascript&colon;alert(1)",
    "<a href=\"data:text/html,<script>alert(1)</script>\">x</a>",
    "<math><mtext></math><img src onerror=alert(1)>",
    "<style>@import 'https://evil.example/a.css'</style>",
    "群" * 120 + "<b>",
]

# What is no text: times, numbers, and what decides how rows are read.
PLAIN = {
    "joined_at", "left_at", "sent_at", "at", "paid_at", "refunded_at", "created_on", "answered_at", "unfollowed_at",
    "expires_at", "launched_on", "date", "amount", "price", "reached", "capacity", "score", "passed", "value",
    "baby_age_months", "playbook", "cost", "stock", "unit_price", "quantity",
}
IDS = {"group_id", "member_id", "post_id", "product_id", "message_id", "order_id", "reply_to", "invited_by", "coupon_id"}


def renamed(kind, text):
    """The same hostile id for the same id, in half of the cases."""
    number = sum(text.encode())
    if not text or number % 2:
        return text
    payload = PAYLOADS[number // 2 % len(PAYLOADS)].replace("\r", " ").replace("\n", " ")
    return f"{text}{payload}" if not text.startswith("g") else f"{text}-{payload}"


def kind_of(column):
    return {"reply_to": "message_id", "invited_by": "member_id"}.get(column, column)


planted = {}
for file in sorted((root / "data").glob("*.csv")):
    with file.open(encoding="utf-8-sig", newline="") as source:
        rows = list(csv.DictReader(source))
    if not rows:
        continue
    columns = list(rows[0])
    for column in columns:
        if column in PLAIN:
            continue
        turn = 0
        for number, row in enumerate(rows):
            text = row[column] or ""
            if column in IDS:
                new = renamed(kind_of(column), text)
            # Roles, kinds and events decide what a row is; most must go on meaning something.
            elif text and number % (9 if column in {"role", "kind", "event", "stage", "survey", "topic"} else 3) == 0:
                new = PAYLOADS[turn % len(PAYLOADS)]
                turn += 1
            else:
                continue
            if new != text:
                row[column] = new
                planted[f"{file.name}.{column}"] = planted.get(f"{file.name}.{column}", 0) + 1
    with file.open("w", encoding="utf-8", newline="") as target:
        writer = csv.DictWriter(target, columns)
        writer.writeheader()
        writer.writerows(rows)

playbooks = root / "playbooks"
playbooks.mkdir(exist_ok=True)
(playbooks / "my_brand.en.toml").unlink(missing_ok=True)
quoted = "\n".join(PAYLOADS[:17] + PAYLOADS[22:]).replace("'''", "")
# Texts of a playbook are templates, so what is no template stays out of them.
quoted = quoted.replace(PAYLOADS[14] + "\n", "")
(playbooks / "my_brand.toml").write_text(
    f"""extends = "vip"
name = '''{PAYLOADS[2]}'''
summary = '''{quoted}'''

[[rule]]
id = "planted"
title = '''{PAYLOADS[0]}'''
body = '''{quoted}'''

[[tactic]]
id = "planted"
title = '''{PAYLOADS[3]}'''
improves = ["speak_rate", "open_rate"]
owner = "host"
cadence = "weekly mon 10:00"
body = '''{quoted}'''
message = '''{quoted}'''
""",
    "utf-8",
)
groups = root / "data/groups.csv"
groups.write_text(groups.read_text("utf-8").replace(",vip,", ",my_brand,"), "utf-8")
config = root / "qunce.toml"
config.write_text(config.read_text("utf-8").replace('title = ""', f"title = '''{PAYLOADS[1]}'''"), "utf-8")
for place, count in sorted(planted.items()):
    print(f"{place}: {count}")
