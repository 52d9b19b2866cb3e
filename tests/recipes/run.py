"""Runs a CI workflow's steps in a repository of its own.

run.py github|gitlab WORKSPACE PROGRAM

Installing the program, and what only the service can do, is left out: the program is on PATH, and
`gh` and `curl` are scripts that note what they are told to send.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import check_jsonschema
from jsonschema import validators
from ruamel.yaml import YAML

service, root, program = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
name = {"github": ".github/workflows/qunce.yml", "gitlab": ".gitlab-ci.yml"}[service]
workflow = YAML(typ="safe").load((root / name).read_text("utf-8"))

# The services' own schemas, as check-jsonschema brings them along.
vendored = Path(check_jsonschema.__file__).parent / "builtin_schemas/vendor"
schema = json.loads((vendored / {"github": "github-workflows.json", "gitlab": "gitlab-ci.json"}[service]).read_text("utf-8"))
document = json.loads(json.dumps(workflow))
errors = list(validators.validator_for(schema)(schema).iter_errors(document))
assert not errors, errors[0]
assert any(True for _ in validators.validator_for(schema)(schema).iter_errors({**document, "jobs": 3, "stages": 3})), "the schema finds nothing"

tools = root.parent / (root.name + " tools")
tools.mkdir()
(tools / "qunce").symlink_to(program)
sent = tools / "sent"
for tool, copy in {
    "gh": 'while [ $# -gt 0 ]; do [ "$1" = --body-file ] && cp "$2" "$SENT"; shift; done',
    "curl": 'while [ $# -gt 0 ]; do case "$2" in body@*) cp "${2#body@}" "$SENT";; esac; shift; done',
}.items():
    (tools / tool).write_text(f"#!/bin/sh\n{copy}\n")
    (tools / tool).chmod(0o755)
temporary = tools / "temp"
temporary.mkdir()
environment = {
    "PATH": f"{tools}:{os.environ.get('PATH', '/usr/bin:/bin')}",
    "HOME": str(tools),
    "SENT": str(sent),
    "QUNCE_KEY": "secret",
    "GIT_AUTHOR_NAME": "t", "GIT_AUTHOR_EMAIL": "t@example.com",
    "GIT_COMMITTER_NAME": "t", "GIT_COMMITTER_EMAIL": "t@example.com",
    "RUNNER_TEMP": str(temporary),
    "GITHUB_STEP_SUMMARY": str(temporary / "summary.md"),
    "GITHUB_OUTPUT": str(temporary / "outputs"),
    "TARGET": "origin/main",
    "NUMBER": "7",
    "CI_MERGE_REQUEST_TARGET_BRANCH_NAME": "main",
    "QUNCE_TOKEN": "token", "CI_API_V4_URL": "https://gitlab.invalid/api/v4", "CI_PROJECT_ID": "1", "CI_MERGE_REQUEST_IID": "7",
}


def run(script, code=0, **more):
    shell = subprocess.run(["bash", "-e", "-o", "pipefail", "-c", script], cwd=root, env={**environment, **more},
                           capture_output=True, text=True)
    assert shell.returncode == code, f"{script}\n── out ──\n{shell.stdout}\n── err ──\n{shell.stderr}"
    return shell.stdout


def scripts(job):
    if service == "github":
        return [s["run"] for s in workflow["jobs"][job]["steps"] if "run" in s and "cargo install" not in s["run"]]
    return ["\n".join(workflow[job]["script"])]


# main, and a branch on which a threshold is another.
run("git init -q -b main . && git add -A && git commit -qm start")
run("git remote add origin . && git fetch -q origin && git switch -qc change")
overrides = root / "playbooks/groups"
overrides.mkdir()
groups = [line.split(",")[0] for line in (root / "data/groups.csv").read_text("utf-8-sig").splitlines()[1:]]
for group in groups:
    (overrides / f"{group}.toml").write_text(
        '[kpi.speak_rate]\nbands = { floor = 0.7, watch = 0.8, healthy = 0.9, excellent = 0.95 }\norigin = "own"\n', "utf-8")
run("git add -A && git commit -qm stricter")


def request():
    """What a merge request does; gives the comment."""
    for job in ["check"] if service == "github" else ["check", "compare"]:
        for script in scripts(job):
            run(script)
    return sent.read_text("utf-8")


body = request()
assert groups[0] in body or "|" in body, body
assert re.search("playbook", body, re.I), body
# A target branch that cannot be judged: what mends it must get in.
checkout = temporary / "target" if service == "github" else root / ".qunce-target"
run(f"git worktree remove --force '{checkout}'")
run("git switch -q main && echo '[broken' > qunce.toml && git commit -qam broken && git fetch -q origin && git switch -q change")
assert "no scores to compare with" in request()
built = "out" if service == "github" else "public"


def publish(failed):
    """Builds the site, publishes it, and only then fails if a gate did."""
    if service == "github":
        build, gate = scripts("publish")
    else:
        (build,), (gate,) = scripts("pages"), scripts("gate")
    (temporary / "outputs").unlink(missing_ok=True)
    run(build)
    assert (root / built / "index.html").is_file()
    outputs = dict(l.split("=") for l in (temporary / "outputs").read_text().split()) if service == "github" else {}
    run(gate, code=failed, **{name.upper(): value for name, value in outputs.items()})


publish(failed=0)
configuration = root / "qunce.toml"
sound = configuration.read_text("utf-8")
configuration.write_text(sound.replace("[gate]\n", "[gate]\nfail_under = 100\n"), "utf-8")
publish(failed=1)
configuration.write_text("[broken", "utf-8")
build = scripts("publish" if service == "github" else "pages")[0]
run(build, code=1)
configuration.write_text(sound, "utf-8")
assert not run("git status --porcelain -- out").strip(), "the site would be committed"
print(f"{service}: schema valid, {len(body)} bytes of comment")
