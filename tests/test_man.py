"""The man pages say what the program's tables say."""

import re
import subprocess

import pytest

from conftest import ROOT

MAN = ROOT / "man"
VERBS = ["load", "plan", "status", "unload", "reboot", "timeline", "check", "test-panic"]
ALIASES = {"--ramdisk": "--initrd"}  # not in --help
WITHOUT_EFFECT = {"--elf32-core-headers", "--elf64-core-headers"}


def options_of_help(program, *words):
    """The options that --help lists: -l, --load, --initrd=FILE."""
    text = subprocess.run([program, *words, "--help"], check=True, capture_output=True,
                          text=True).stdout
    found = set()
    for letter, name in re.findall(r"^  (?:(-.),|   ) (--\S+)", text, re.M):
        found |= {letter, name} - {""}
    return found


def section(page, name):
    """A section of a page's source."""
    return re.search(rf"^\.Sh {name}\n(.*?)(?=^\.Sh |\Z)", (MAN / page).read_text(), re.M | re.S)[1]


def options_of_page(page):
    """The options that have an item in OPTIONS, written as in --help."""
    found = []
    for item in re.findall(r"^\.It (Fl .*)$", section(page, "OPTIONS"), re.M):
        for option in item.split(" , "):
            words = option.removeprefix("Fl ").replace(" Ns = Ns Ar ", "=").replace(
                " : Ns Ar ", ":")
            found.append(f"-{words}")
    assert len(found) == len(set(found)), found
    return set(found)


@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_has_a_page_of_its_options_and_no_other(program, verb):
    assert options_of_page(f"kexec-{verb}.8") == options_of_help(program, verb)


def test_the_classic_options_are_on_the_page_of_the_program(program):
    listed = options_of_page("kexec.8") - WITHOUT_EFFECT
    aliases = {option for option in listed if option.partition("=")[0] in ALIASES}
    assert listed - aliases == options_of_help(program)
    assert len(aliases) == len(ALIASES)


def test_each_verb_is_in_the_list_of_verbs(program):
    text = subprocess.run([program, "--help"], check=True, capture_output=True, text=True).stdout
    shown = re.search(r"^Verbs.*?:\n(.*?)\n\n", text, re.M | re.S)[1]
    told = re.findall(r"^\.It Cm ([\w-]+)(?: (Ar|Op Ar) KERNEL)?$", section("kexec.8", "VERBS"),
                      re.M)
    arguments = {"": "", "KERNEL": "Ar", "[KERNEL]": "Op Ar"}
    assert told == [(line.split()[0], arguments[line[13:21].strip()])
                    for line in shown.splitlines()]
    for verb, _ in told:
        assert f".Xr kexec-{verb} 8" in section("kexec.8", "VERBS")
        assert f".Xr kexec-{verb} 8" in section("kexec.8", "SEE ALSO")


def kinds_by_code():
    """Each exit code of verbs with the kinds of errors that lead to it, from the source."""
    codes = dict(re.findall(r"(VERB_EXIT_\w+) = (\d+)",
                            (ROOT / "src/explain/exit-code.h").read_text()))
    names = dict(re.findall(r'case (ERROR_\w+):\n\t\treturn "([a-z-]+)"',
                            (ROOT / "src/base/error.c").read_text()))
    kinds = {int(code): set() for code in codes.values()}
    source = re.search(r"^enum verb_exit verb_exit_code.*?^}",
                       (ROOT / "src/explain/exit-code.c").read_text(), re.M | re.S)[0]
    waiting = set()
    for kind, code in re.findall(r"case (ERROR_\w+):|return (VERB_EXIT_\w+);", source):
        if kind:
            waiting.add(names[kind])
        else:
            kinds[int(codes[code])] |= waiting - {"none"}
            waiting = set()
    return kinds


def test_the_table_of_exit_codes_is_that_of_the_source():
    found, code = {}, None
    for line in re.findall(r"^\.It (\d.*|Ta .*)$", section("kexec.8", "EXIT STATUS"), re.M):
        if " Ta " not in line:
            continue  # of the classic codes
        number, _, rest = line.rpartition("Ta ")[0].partition("Ta")
        code = int(number) if number.strip() else code
        found.setdefault(code, set()).update(rest.replace("Ta", "").split())
    assert found == kinds_by_code()


@pytest.mark.parametrize("page", sorted(path.name for path in MAN.iterdir()))
def test_mandoc_finds_nothing_wrong(page):
    """What else it says is of the system: pages that are not in its database."""
    done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", MAN / page], check=False,
                          capture_output=True, text=True)
    said = [line for line in (done.stdout + done.stderr).splitlines()
            if "outdated mandoc.db" not in line]
    assert not said


def test_every_page_is_installed():
    listed = re.findall(r"'man/(\S+)'", (ROOT / "meson.build").read_text())
    assert sorted(listed) == sorted(path.name for path in MAN.iterdir())
