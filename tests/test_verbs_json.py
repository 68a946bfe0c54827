"""What the verbs print with --json is what the schema says: on recorded machines, and in a guest."""

import copy
import json
import re
import subprocess

import jsonschema
import pytest

from conftest import ROOT
from kexec_guest import archive
from schema import SCHEMA, check_json, validator

RECORDINGS = ROOT / "tests" / "recordings"


def run(program, *arguments):
    """Runs a command line that loads nothing; never with another verb than plan, but to be refused."""
    return subprocess.run([program, *map(str, arguments)], check=False, capture_output=True,
                          text=True)


@pytest.fixture(scope="module")
def initrd(tmp_path_factory):
    """A file that is big enough to need a place."""
    path = tmp_path_factory.mktemp("files") / "initrd"
    path.write_bytes(bytes(range(256)) * 8192)
    return path


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(json.loads(SCHEMA.read_text()))


def objects(part):
    """The parts of the schema that describe an object's properties with types of their own."""
    if isinstance(part, list):
        for one in part:
            yield from objects(one)
    elif isinstance(part, dict):
        if "object" in part.get("type", ()) and "properties" in part:
            yield part
        for one in part.values():
            yield from objects(one)


def test_objects_of_the_schema_allow_nothing_else():
    found = list(objects(validator().schema["$defs"]))
    assert len(found) > 10
    for part in found:
        assert part["additionalProperties"] is False
        assert set(part["required"]) <= set(part["properties"])


def names_in(path, function):
    """What a function returns that gives names to the values of an enum.

    The compiler's -Wswitch-enum sees to it that it has a name for each.
    """
    body = (ROOT / path).read_text().partition(f"\nconst char *{function}(")[2]
    return re.findall(r'\treturn "([a-z -]+)";', body.partition("\n}\n")[0])


def test_the_schema_lists_what_the_source_has():
    """Kinds of errors, verbs, exit codes and states: the schema has each, and no other."""
    report = validator().schema["$defs"]["report"]["properties"]
    kinds = names_in("src/base/error.c", "error_kind_name")
    assert sorted(kinds) == sorted(
        [*validator().schema["$defs"]["failures"]["items"]["properties"]["kind"]["enum"], "none",
         "unknown"])
    image = validator().schema["$defs"]["normal_image"]["properties"]
    assert sorted(image["record"]["enum"]) == sorted(
        names_in("src/handover/status.c", "status_record_name"))
    assert sorted(validator().schema["$defs"]["reboot"]["properties"]["way"]["enum"]) == sorted(
        names_in("src/handover/reboot.c", "reboot_way_name"))
    assert sorted(validator().schema["$defs"]["image_file"]["properties"]["state"]["enum"]) == \
        sorted(names_in("src/record/file.c", "file_state_name"))
    assert sorted(validator().schema["$defs"]["check_result"]["enum"]) == sorted(
        names_in("src/check/check.c", "check_result_name"))
    assert sorted(validator().schema["$defs"]["check"]["properties"]["verdict"]["enum"]) == sorted(
        names_in("src/check/check.c", "check_verdict_name"))
    verbs = re.findall(r'^    \{VERB_\w+, "([\w-]+)"', (ROOT / "src/cmd/verb-table.c").read_text(), re.M)
    assert report["verb"]["enum"] == verbs
    codes = re.findall(r"VERB_EXIT_\w+ = (\d+)", (ROOT / "src/explain/exit-code.h").read_text())
    assert report["exit_code"]["enum"] == list(map(int, codes))
    assert set(verbs) - {"unload"} < set(report)  # that one has no part of its own


@pytest.mark.parametrize("recording", sorted(path.name for path in RECORDINGS.iterdir()))
@pytest.mark.parametrize("options", ["", "-s", "-i"])
def test_a_plan_for_each_recorded_machine(program, kernels, initrd, recording, options):
    """The verb reports the same plan that the classic option prints alone."""
    common = [f"--sysroot={RECORDINGS / recording}", "--json", f"--initrd={initrd}",
              kernels("7.x").vmlinuz, *options.split()]
    done = run(program, "plan", *common, "--command-line=quiet")
    report = check_json(done.stdout)
    assert done.returncode == report["exit_code"] == 0, done.stderr
    classic = run(program, "-l", "--dry-run", *common, "--command-line=quiet")
    assert classic.returncode == 0
    assert check_json(classic.stdout) == report["plan"]


def test_a_plan_takes_the_recorded_command_line_as_its_base(program, kernels):
    report = check_json(run(program, "plan", "--json", f"--sysroot={RECORDINGS / 'uefi-1g'}",
                            kernels("7.x").vmlinuz, "--remove=console", "--add=one",
                            "--append=two").stdout)
    words = (RECORDINGS / "uefi-1g/proc/cmdline").read_text().split()
    assert report["plan"]["command_line"].split() == [
        word for word in words if not word.startswith(("console", "BOOT_IMAGE=", "initrd="))
    ] + ["two", "one"]


def test_a_plan_with_secrets_tells_where_they_go_and_no_digest(program, kernels, initrd, tmp_path):
    key = tmp_path / "key"
    key.write_text("a secret\n")
    done = run(program, "plan", "--json", f"--sysroot={RECORDINGS / 'uefi-1g'}",
               f"--initrd={initrd}", f"--initrd-file={key}:/etc/key", f"--credential=a:{key}",
               kernels("7.x").vmlinuz)
    plan = check_json(done.stdout)["plan"]
    assert plan["added_files"] == [
        {"path": "/etc/key", "mode": "0600", "size": 9},
        {"path": "/.extra/credentials/a.cred", "mode": "0400", "size": 9}]
    assert {part["name"] for part in plan["segments"] if "xxh3" not in part} == {"initrd"}
    assert "a secret" not in done.stdout and str(key) not in done.stdout


@pytest.mark.parametrize("words", [
    "load", "plan", "load a b", "plan a b c", "status k", "unload k", "reboot k",
    "load k --bogus", "--bogus plan k", "status -Z", "unload --initrd", "plan k --mem-min=much",
    "load k --json=yes", "plan k --mem-min=2 --mem-max=1", "load k --entry=1", "status --add=x",
    "load k --command-line=a --reuse-cmdline", "reboot --svg=x", "unload -s=x", "load k --dry-run",
    "check", "check k", "check --panic --initrd=x", "check --panic a b", "check --panic -s k",
    "load k --allow-swap", "plan k --credential=a", "load k --initrd-file=a:b",
])
def test_wrong_usage(program, words):
    """Nothing is done: the options are refused before anything else."""
    done = run(program, "--json", *words.split())
    report = check_json(done.stdout)
    assert done.returncode == report["exit_code"] == 2
    assert report["verb"] in words.split()
    assert not report["changed"]
    assert [error["kind"] for error in report["errors"]] == ["usage"]
    assert done.stderr.startswith("kexec: ")


def no_kernel(tmp_path):
    """A file that is no kernel."""
    path = tmp_path / "text"
    path.write_text("no kernel\n" * 1000)
    return path


@pytest.mark.parametrize("name, options, code, kind", [
    ("missing", "/no/such/kernel", 3, "file"),
    ("no kernel", "{text}", 12, "image"),
    ("no recording", "{kernel} --sysroot={tmp}", 3, "file"),
    ("no picture", "{kernel} --svg={tmp}/no/picture", 3, "file"),
    ("long", "{kernel} --command-line={long}", 15, "too-long"),
    ("no room", "{kernel} -c --mem-max=0x100000", 14, "no-room"),
    ("limits of the other call", "{kernel} -s --mem-max=0x100000", 2, "usage"),
])
def test_a_plan_that_cannot_be_made(program, kernels, tmp_path, name, options, code, kind):
    """The kind of the cause decides the exit code."""
    words = options.format(text=no_kernel(tmp_path), kernel=kernels("7.x").vmlinuz, tmp=tmp_path,
                           long="x" * 4000).split()
    done = run(program, "plan", "--json", f"--sysroot={RECORDINGS / 'bios-2g'}", *words)
    report = check_json(done.stdout)
    assert report["errors"][0]["kind"] == kind, (name, report)
    assert done.returncode == report["exit_code"] == code
    assert "plan" not in report


def changes(report):
    """Copies of a report, each with one thing wrong."""
    for key in report:
        yield f"without {key}", {name: value for name, value in report.items() if name != key}
    for where in ((), ("plan",), ("plan", "segments", 0), ("plan", "told_memory", 0),
                  ("plan", "initrds", 0)):
        changed = copy.deepcopy(report)
        part = changed
        for step in where:
            part = part[step]
        part["surplus"] = 1
        yield f"surplus in {where}", changed
    for key, value in (("schema", "kexec-record"), ("schema_version", 2), ("verb", "load"),
                       ("exit_code", 1), ("exit_code", 3), ("changed", True), ("status", {}),
                       ("unload", {}),
                       ("errors", None),
                       ("errors", [{"kind": "usage", "step": "options", "subject": "", "errno": 0,
                                    "detail": ""}]),
                       ("warnings", [{"kind": "none", "step": "options", "subject": "", "errno": 0,
                                      "detail": ""}])):
        yield f"{key} is {value}", {**report, key: value}
    bare = copy.deepcopy(report)
    del bare["plan"]["segments"][0]["xxh3"]
    yield "no digest", bare
    for key, value in (("entry", 4096), ("files", []), ("method", "file"), ("segments", []), ("notes", [1])):
        yield f"plan's {key} is {value}", {**report, "plan": {**report["plan"], key: value}}


def test_the_schema_refuses_what_is_wrong(program, kernels, initrd):
    """Each part that is missing, surplus or of another form."""
    report = check_json(run(program, "plan", "--json", f"--sysroot={RECORDINGS / 'bios-2g'}",
                            f"--initrd={initrd}", kernels("7.x").vmlinuz).stdout)
    accepted = [name for name, changed in changes(report) if validator().is_valid(changed)]
    assert not accepted


def test_loads_and_unloads_report_by_the_schema(boot, kernels, program):
    """What changes the machine, in a guest; each report agrees with the exit code."""
    kernel = kernels("7.x")
    guest = boot(kernel, archive(program, [kernel]))

    def report(words):
        done = guest.run(f"kexec {words} --json 2>/dev/null")
        found = check_json(done.out)
        assert found["exit_code"] == done.rc
        return found

    first = report("load /kernels/7.x --initrd=/kernels/7.x")
    assert first["changed"] and first["load"]["method"] == "segments"
    by_file = report("load -s /kernels/7.x --add=quiet")
    assert by_file["load"]["method"] == "file"
    failed = report("load /kernels/none")
    assert failed["exit_code"] == 3 and not failed["changed"]
    assert report("plan -c /kernels/7.x")["plan"]["checked"]
    assert report("unload")["changed"]
    assert not report("unload")["changed"]
