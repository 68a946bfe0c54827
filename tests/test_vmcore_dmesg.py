"""vmcore-dmesg on parts of real dumps (tests/vmcore/ORIGIN), and what belongs to the program."""

import hashlib
import json
import lzma
import re
import shutil
import subprocess

import jsonschema
import pytest

import crash_log
from conftest import ROOT
from lab.initramfs import libraries

CORES = ROOT / "tests" / "vmcore"
OF_PEER = ["6.1-elf", "6.12-zlib", "7.3-zstd"]
WRAPPED = "7.3-elf-wrapped"
SCHEMA = ROOT / "schema" / "vmcore-dmesg.schema.json"


@pytest.fixture
def dmesg(program):
    """The program that was built beside kexec."""
    return program.parent / "vmcore-dmesg"


@pytest.fixture
def unpack(tmp_path):
    """Unpacks one of the dumps; its path."""
    def unpack_one(name):
        path = tmp_path / name
        path.write_bytes(lzma.decompress((CORES / f"{name}.xz").read_bytes()))
        return path
    return unpack_one


def run(*words, code=0):
    """Runs a program, which must end with this code; what it printed."""
    done = subprocess.run(words, check=False, capture_output=True)
    assert done.returncode == code, done.stderr
    assert bool(done.stderr) == bool(code)
    return done.stdout


def test_it_needs_nothing_but_libc(dmesg):
    """A crash kernel's initramfs has little."""
    needed = {path.rpartition("/")[2] for path in libraries(dmesg)}
    assert {name for name in needed if not name.startswith("ld-")} <= {"libc.so.6"}


@pytest.mark.parametrize("name", OF_PEER)
def test_the_output_is_kexec_tools(dmesg, unpack, name):
    wanted = lzma.decompress((CORES / f"{name}.txt.xz").read_bytes())
    assert run(dmesg, unpack(name)) == wanted


def test_a_log_that_has_wrapped_is_whole(dmesg, unpack):
    text = run(dmesg, unpack(WRAPPED))
    digest = re.search(r"[0-9a-f]{64}", (CORES / "ORIGIN").read_text())[0]
    assert hashlib.sha256(text).hexdigest() == digest


@pytest.mark.parametrize("name", [*OF_PEER, WRAPPED])
def test_json_is_as_the_schema_says(dmesg, unpack, name):
    document = json.loads(run(dmesg, "--json", unpack(name)))
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).validate(document)
    assert document["exit_code"] == 0 and not document["warnings"] and not document["errors"]
    messages = document["messages"]
    assert {"kern", "user", "daemon"} <= {message["facility"] for message in messages}
    assert any(message.get("device", "").startswith("+pci:") for message in messages) or \
        name == WRAPPED
    numbers = [message["sequence"] for message in messages]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert messages[-1]["nanoseconds"] >= messages[0]["nanoseconds"]


def test_json_of_a_cut_dump_is_as_the_schema_says(dmesg, unpack):
    core = unpack("6.1-elf")
    core.write_bytes(core.read_bytes()[:-20000])
    done = subprocess.run([dmesg, "--json", core], check=False, capture_output=True)
    document = json.loads(done.stdout)
    jsonschema.Draft202012Validator(json.loads(SCHEMA.read_text())).validate(document)
    assert done.returncode == document["exit_code"] == 1
    assert document["missing"]["unreadable"] > 0 and document["messages"]
    assert b"missing: " in done.stderr and b"truncated" in done.stderr


def test_the_comparison_with_dev_kmsg_finds_what_differs():
    """what guest tests compare with."""
    before = crash_log.records("6,1,100,-;one\n SUBSYSTEM=pci\n30,2,200,-,caller=T1;two\\x0alines\n")
    after = [{"sequence": 1, "level": "info", "facility": "kern", "microseconds": 100,
              "caller": "T7", "text": "one", "subsystem": "pci"},
             {"sequence": 2, "level": "info", "facility": "daemon", "microseconds": 200,
              "caller": "T1", "text": "two\nlines"},
             {"sequence": 3, "level": "emerg", "facility": "kern", "microseconds": 300,
              "text": "Kernel panic"}]
    assert not crash_log.differences(before, after)
    assert not crash_log.differences(before, after[1:])
    assert crash_log.differences(before, [])
    assert crash_log.differences(before, after[:1])
    assert crash_log.differences(before, after[2:])
    assert crash_log.differences(before, [after[0], after[2]])
    assert crash_log.differences(before, [after[0] | {"text": "other"}, *after[1:]])


def options_of_help(dmesg):
    """The options that --help lists, each with its letter and value."""
    text = run(dmesg, "--help").decode()
    found = re.findall(r"^  (?:(-.),|   ) (--[\w-]+)(=\w+)?", text, re.M)
    assert found
    return found


def test_the_man_page_has_the_options_of_help(dmesg):
    page = (ROOT / "man" / "vmcore-dmesg.8").read_text()
    section = re.search(r"^\.Sh OPTIONS\n(.*?)^\.Sh ", page, re.M | re.S)[1]
    items = re.findall(r"^\.It (?:Fl (\w) , )?Fl -([\w-]+)(?: Ns = Ns Ar (\w+))?$", section, re.M)
    assert [(f"-{letter}" if letter else "", f"--{name}", f"={value}" if value else "")
            for letter, name, value in items] == options_of_help(dmesg)


def test_the_man_page_has_the_exit_codes_of_the_source():
    page = (ROOT / "man" / "vmcore-dmesg.8").read_text()
    section = re.search(r"^\.Sh EXIT STATUS\n(.*?)^\.Sh ", page, re.M | re.S)[1]
    source = (ROOT / "src/explain/explain-dump.h").read_text()
    assert re.findall(r"^\.It (\d+)$", section, re.M) == re.findall(r"DUMP_EXIT_\w+ = (\d+)", source)
    codes = json.loads(SCHEMA.read_text())["properties"]["exit_code"]["enum"]
    assert codes == [int(code) for code in re.findall(r"DUMP_EXIT_\w+ = (\d+)", source)]


def shell(*words):
    """Runs a shell that must not complain; the words that it prints."""
    if not shutil.which(words[0]):
        pytest.fail(f"there is no {words[0]}; './dev check' installs it")
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, done
    return done.stdout.splitlines()


def test_bash_completes(dmesg, tmp_path, monkeypatch):
    def offered(*words):
        quoted = " ".join(f"'{word}'" for word in words)
        return set(shell("bash", "--norc", "-c",
                         f"source '{ROOT}/completions/vmcore-dmesg.bash'; "
                         f"COMP_WORDS=(vmcore-dmesg {quoted}); COMP_CWORD={len(words)}; "
                         "_vmcore_dmesg; printf '%s\\n' \"${COMPREPLY[@]}\"")) - {""}
    monkeypatch.chdir(tmp_path)
    (tmp_path / "core").touch()
    options = {name + ("=" if value else "") for _, name, value in options_of_help(dmesg)}
    assert offered("-") == options
    assert offered("--j") == {"--json"}
    assert offered("") == {"core"}
    assert offered("--time-format", "=", "r") == {"raw", "reltime"}
    assert offered("--level", "=", "err,wa") == {"err,warn"}
    assert offered("-f", "dae") == {"daemon"}


def test_zsh_and_fish_complete(dmesg, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "core").touch()
    options = {name for _, name, _ in options_of_help(dmesg)}
    asked = shell("zsh", "-f", "-c", "_arguments() { print -rl -- \"$@\" }; "
                  f"source '{ROOT}/completions/vmcore-dmesg.zsh'")
    assert set(re.findall(r"--[\w-]+(?==?\[)", "\n".join(asked))) == options
    lines = shell("fish", "--no-config", "-c",
                  f"source '{ROOT}/completions/vmcore-dmesg.fish'; complete -C 'vmcore-dmesg --'")
    assert {line.partition("\t")[0] for line in lines} == options
    lines = shell("fish", "--no-config", "-c", f"source '{ROOT}/completions/vmcore-dmesg.fish'; "
                  "complete -C 'vmcore-dmesg --time-format='")
    assert {line.partition("\t")[0] for line in lines} == {
        f"--time-format={name}" for name in ("raw", "ctime", "reltime", "delta", "iso", "notime")}
