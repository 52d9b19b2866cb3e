"""Reads the program's documents with parsers that are not its own.

    check.py sarif SCHEMA FILE    validates by the schema of OASIS, and prints `level ruleId uri line column` of each
                                  result
    check.py junit FILE           parses as XML, and prints `tests failures`, then the name of each case that fails
"""

import json
import sys
import xml.etree.ElementTree as ElementTree
from urllib.parse import unquote

import jsonschema


def sarif(schema, file):
    with open(schema, encoding="utf-8") as source:
        validator = jsonschema.Draft7Validator(json.load(source))
    with open(file, encoding="utf-8") as source:
        log = json.load(source)
    errors = [f"{'/'.join(map(str, e.absolute_path))}: {e.message}" for e in validator.iter_errors(log)]
    assert not errors, "\n".join(errors)
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(rules) == len(set(rules))
    for result in run["results"]:
        assert rules[result["ruleIndex"]] == result["ruleId"]
        # The schema allows none, but code hosts then refuse the whole log.
        place = result["locations"][0]["physicalLocation"]
        region = place.get("region", {})
        uri = place["artifactLocation"]["uri"]
        assert ":" not in uri and " " not in uri and uri.isascii(), uri
        numbers = f"{region.get('startLine', '-')} {region.get('startColumn', '-')}"
        print(result["level"], result["ruleId"], unquote(uri), numbers)


def junit(file):
    root = ElementTree.parse(file).getroot()
    assert root.tag == "testsuites"
    (suite,) = root
    cases = suite.findall("testcase")
    failing = [case for case in cases if case.find("failure") is not None]
    assert int(suite.get("tests")) == int(root.get("tests")) == len(cases)
    assert int(suite.get("failures")) == int(root.get("failures")) == len(failing)
    print(len(cases), len(failing))
    for case in failing:
        print(case.get("classname"), "|", case.get("name"))


{"sarif": sarif, "junit": junit}[sys.argv[1]](*sys.argv[2:])
