"""Validates TOML files by the JSON Schemas that they name, with the validator of PyPI's jsonschema.

validate.py PROJECT NEW_WORKSPACE PLAYBOOKS_OF_TESTS
"""

import json
import re
import sys
from pathlib import Path

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib
from jsonschema import Draft7Validator

project, new, tests = (Path(a) for a in sys.argv[1:4])
validators = {}


def validator(path):
    path = path.resolve()
    if path not in validators:
        schema = json.loads(path.read_text("utf-8"))
        Draft7Validator.check_schema(schema)
        validators[path] = Draft7Validator(schema)
    return validators[path]


def errors(file, schema):
    value = tomllib.loads(file.read_text("utf-8-sig"))
    # A date is a value of its own in TOML; JSON Schema knows none.
    return list(validator(schema).iter_errors(value))


problems = []
shipped = [*sorted((project / "playbooks").rglob("*.toml")), project / "qunce.toml"]
shipped += [*sorted((new / "playbooks").rglob("*.toml")), new / "qunce.toml"]
for file in shipped:
    first = file.read_text("utf-8").splitlines()[0]
    named = re.fullmatch(r"#:schema (\S+)", first)
    if not named:
        problems.append(f"{file} names no schema")
        continue
    for error in errors(file, file.parent / named[1]):
        problems.append(f"{file}: {'.'.join(map(str, error.absolute_path))}: {error.message}")

# What is wrong in shape, and so must be found by the schema alone.
shape = [
    "attribute_wrong", "empty_text", "invalid_id", "unknown_key", "unknown_word", "weight_not_positive", "wrong_type",
]
playbook = project / "schema/playbook.json"
for case in shape:
    files = [f for f in sorted((tests / "invalid" / case).rglob("*.toml"))]
    if not any(errors(f, playbook) for f in files):
        problems.append(f"the schema finds nothing wrong with {case}")
for case in sorted((tests / "valid").iterdir()):
    for file in sorted(case.rglob("*.toml")):
        overlay = re.search(r"\.[a-z]{2}(-\w+)?\.toml$", file.name)
        for error in errors(file, project / "schema" / ("overlay.json" if overlay else "playbook.json")):
            problems.append(f"{file}: {error.message}")

# An overlay must not set a number.
if not list(validator(project / "schema/overlay.json").iter_errors({"kpi": {"nps": {"weight": 2}}})):
    problems.append("the overlay's schema lets a number through")
if not list(validator(project / "schema/qunce.json").iter_errors({"site": {"perid": "week"}})):
    problems.append("the schema of qunce.toml lets a misspelt key through")

# Every property has a description, for whoever writes.
def undescribed(schema, path=""):
    for name, value in schema.get("properties", {}).items():
        if not value.get("description"):
            yield f"{path}{name}"
for path in list(validators):
    schema = json.loads(path.read_text("utf-8"))
    for name, part in [("", schema), *schema["definitions"].items()]:
        problems += [f"{path.name}: no description of {p}" for p in undescribed(part, f"{name}.")]

for problem in problems:
    print(problem, file=sys.stderr)
print(f"{len(shipped)} shipped files valid, {len(shape)} faulty playbooks found out")
sys.exit(bool(problems))
