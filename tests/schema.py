"""What `--json` prints, held against the installed schema."""

import functools
import json

import jsonschema

from conftest import ROOT

SCHEMA = ROOT / "schema" / "kexec.schema.json"


@functools.cache
def validator():
    """The schema's own validator."""
    return jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text()))


def check_json(text):
    """Parses what `--json` printed: exactly one object that the schema allows; that object."""
    document = json.loads(text)
    problems = [f"{'/'.join(map(str, error.absolute_path))}: {error.message}"
                for error in validator().iter_errors(document)]
    assert not problems, problems
    return document
