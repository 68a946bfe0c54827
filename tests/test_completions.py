"""The completions for bash, zsh and fish, made while the program is built, as the shells run them."""

import re
import shutil
import subprocess

import pytest

VERBS = ["load", "plan", "status", "unload", "reboot", "timeline", "check", "test-panic"]
WITH_KERNEL = {"load", "plan", "check"}
FILES = {"vmlinuz", "initrd.img", "folder"}


@pytest.fixture
def completions(program):
    """The folder that the build puts them into."""
    return program.parent / "completions"


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with a kernel, an initrd and a folder, to be in."""
    for name in ("vmlinuz", "initrd.img"):
        (tmp_path / name).touch()
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)


def options(program, verb=None):
    """The long options that --help lists: of a verb, or the classic ones; with = where it takes a value."""
    words = [verb, "--help"] if verb else ["--help"]
    text = subprocess.run([program, *words], check=True, capture_output=True, text=True).stdout
    return set(re.findall(r"^  (?:-.,|   ) (--[\w-]+=?)", text, re.M))


def shell(*words):
    """Runs a shell that must not complain; what it prints, in lines."""
    if not shutil.which(words[0]):
        pytest.fail(f"there is no {words[0]}; './dev check' installs it")
    done = subprocess.run(words, check=False, capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, done
    return done.stdout.splitlines()


def bash(completions, line):
    """What bash offers at the end of a line; it cuts words at = and at :, too."""
    words = re.findall(r"[=:]|[^\s=:]+", line) + ([""] if line.endswith(" ") else [])
    quoted = " ".join(f"'{word}'" for word in words)
    return shell("bash", "--norc", "-c",
                 f"set -u; source '{completions}/kexec'; complete -p kexec >/dev/null; "
                 f"COMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}; _kexec; "
                 "printf '%s\\n' \"${COMPREPLY[@]}\"")


def fish(completions, line):
    """What fish offers at the end of a line, without its descriptions."""
    lines = shell("fish", "--no-config", "-c",
                  f"source '{completions}/kexec.fish'; complete -C '{line}'")
    return [line.partition("\t")[0] for line in lines]


def test_the_shells_can_read_them(completions):
    shell("bash", "-n", completions / "kexec")
    shell("zsh", "-n", completions / "_kexec")
    shell("fish", "-n", completions / "kexec.fish")


@pytest.mark.parametrize("verb", [None, *VERBS])
def test_bash_offers_the_options_of_the_verb(program, completions, verb):
    """Those that its help lists, and their letters."""
    offered = bash(completions, f"kexec {verb} --json -" if verb else "kexec -")
    assert {word for word in offered if word.startswith("--")} == options(program, verb)
    assert ("-s" in offered) == ("--kexec-file-syscall" in options(program, verb))


@pytest.mark.parametrize("line, expected", [
    ("kexec ", {*VERBS, *FILES}),
    ("kexec lo", {"load"}),
    ("kexec -d pl", {"plan"}),
    ("kexec load ", FILES),
    ("kexec load vm", {"vmlinuz"}),
    ("kexec plan vmlinuz ", set()),
    ("kexec plan --initrd=initrd.img ", FILES),
    ("kexec plan --initrd initrd.img vm", {"vmlinuz"}),
    ("kexec plan --append=a:b:c vm", {"vmlinuz"}),
    ("kexec status ", set()),
    ("kexec unload v", set()),
    ("kexec load vmlinuz --initrd=", FILES),
    ("kexec load vmlinuz --initrd=in", {"initrd.img"}),
    ("kexec load vmlinuz --initrd in", {"initrd.img"}),
    ("kexec plan --sysroot=", {"folder"}),
    ("kexec plan --type=", {"bzImage"}),
    ("kexec plan -t bz", {"bzImage"}),
    ("kexec plan --append=", set()),
    ("kexec plan --append=v", set()),
    ("kexec load --js", {"--json"}),
    ("kexec status --sv", set()),
    ("kexec -l ", FILES),
    ("kexec -l lo", set()),
    ("kexec -l load --dry", {"--dry-run"}),
    ("kexec vmlinuz --app", {"--append="}),
    ("kexec load --dry", set()),
])
def test_bash_offers_what_fits(completions, here, line, expected):
    assert {word for word in bash(completions, line) if word} == expected


@pytest.mark.parametrize("verb", [None, *VERBS])
def test_fish_offers_the_options_of_the_verb(program, completions, verb):
    offered = fish(completions, f"kexec {verb} --" if verb else "kexec --")
    assert set(offered) == {option.rstrip("=") for option in options(program, verb)}


@pytest.mark.parametrize("line, expected", [
    ("kexec ", {*VERBS, "vmlinuz", "initrd.img", "folder/"}),
    ("kexec lo", {"load"}),
    ("kexec load vm", {"vmlinuz"}),
    ("kexec plan vmlinuz ", set()),
    ("kexec plan --initrd initrd.img vm", {"vmlinuz"}),
    ("kexec status ", set()),
    ("kexec load vmlinuz --initrd=in", {"--initrd=initrd.img"}),
    ("kexec load vmlinuz --initrd in", {"initrd.img"}),
    ("kexec plan --sysroot=fo", {"--sysroot=folder/"}),
    ("kexec plan --type=", {"--type=bzImage"}),
    ("kexec plan --append ", set()),
    ("kexec -l vm", {"vmlinuz"}),
    ("kexec -l lo", set()),
    ("kexec -l load --dry", {"--dry-run"}),
])
def test_fish_offers_what_fits(completions, here, line, expected):
    assert set(fish(completions, line)) == expected


def zsh(completions, *words):
    """What zsh's own function for options is asked to offer for the last word."""
    quoted = " ".join(f"'{word}'" for word in words)
    return shell("zsh", "-f", "-c", f"_arguments() {{ print -rl -- \"$@\" }}; words=({quoted}); "
                 f"CURRENT={len(words)}; source '{completions}/_kexec'")


@pytest.mark.parametrize("verb", [None, *VERBS])
def test_zsh_offers_the_options_of_the_verb(program, completions, verb):
    asked = zsh(completions, "kexec", *([verb] if verb else []), "")
    assert {re.match(r"\*(--[\w-]+=?)\[", one)[1] for one in asked if one.startswith("*--")} \
        == options(program, verb)
    if verb:
        assert f"1:verb:({verb})" in asked
        assert ("2:KERNEL:_files" in asked) == (verb in WITH_KERNEL)
    else:
        assert "1: :_kexec_verb_or_kernel" in asked


@pytest.mark.parametrize("words, expected", [
    (("-l", "load"), "1:KERNEL:_files"),
    (("vmlinuz", ""), "1:KERNEL:_files"),
    (("--initrd", "plan", "load", ""), "1:verb:(load)"),
    (("--json", "status", ""), "1:verb:(status)"),
    (("lo",), "1: :_kexec_verb_or_kernel"),
])
def test_zsh_knows_the_verb(completions, words, expected):
    assert zsh(completions, "kexec", *words)[-1 if expected != "1:verb:(load)" else -2] == expected


def test_zsh_offers_files_and_folders_as_values(completions):
    asked = zsh(completions, "kexec", "plan", "")
    for name, ending in (("initrd", ":FILE:_files"), ("sysroot", ":DIR:_files -/"),
                         ("type", ":TYPE:(bzImage)"), ("append", ":WORDS: ")):
        assert [one for one in asked if one.startswith(f"*--{name}=[") and one.endswith(ending)]
