"""Recorded machines and the picture of a plan, with the program itself."""

import base64
import json
import re
import subprocess
from xml.etree import ElementTree

import pytest

from conftest import ROOT
from kexec_guest import archive

RECORDINGS = ROOT / "tests" / "recordings"
SVG = "{http://www.w3.org/2000/svg}"
TITLE = re.compile(r"(\S+) (0x[0-9a-f]+)-(0x[0-9a-f]+)")
LEAST_HEIGHT = 6.9  # of a segment's rectangle


def plan(program, kernel, tmp_path, recording, *options):
    """The plan for a recorded machine as JSON, and its picture."""
    initrd = tmp_path / "initrd"
    initrd.write_bytes(bytes(range(256)) * 8192)
    picture = tmp_path / "plan.svg"
    done = subprocess.run(
        [program, "--dry-run", "--json", f"--sysroot={recording}", f"--svg={picture}", "-l",
         kernel.vmlinuz, f"--initrd={initrd}", *options], check=True, capture_output=True)
    return json.loads(done.stdout), ElementTree.parse(picture).getroot()


def rectangles(picture, kind):
    """The segments' rectangles of a bar: (name, start, end) and (top, bottom), from the top."""
    found = []
    for rectangle in picture.iter(f"{SVG}rect"):
        if rectangle.get("class") == kind:
            name, start, end = TITLE.fullmatch(rectangle.find(f"{SVG}title").text).groups()
            top = float(rectangle.get("y"))
            found.append(((name, start, end), (top, top + float(rectangle.get("height")))))
    return sorted(found, key=lambda one: one[1])


@pytest.mark.parametrize("name", ["bios-384m", "uefi-6g", "many-ranges"])
def test_a_picture_shows_the_segments_of_the_plan(program, kernels, tmp_path, name):
    """Every segment is there once in each bar, in the order of addresses, and to be seen."""
    told, picture = plan(program, kernels("7.x"), tmp_path, RECORDINGS / name)
    expected = sorted((int(segment["start"], 16), segment) for segment in told["segments"])
    for kind in ("overview", "segment"):
        found = rectangles(picture, kind)
        assert [one[0] for one in found] == [
            (segment["name"], segment["start"], segment["end"]) for _, segment in expected]
        for _, (top, bottom) in found:
            assert bottom - top >= LEAST_HEIGHT
        for (_, (_, bottom)), (_, (top, _)) in zip(found, found[1:]):
            assert top >= bottom - 0.02
    labels = [text.text for text in picture.iter(f"{SVG}text") if text.get("class") == "name"]
    assert labels == [segment["name"] for _, segment in expected]


def test_hostile_words_are_shown_and_well_formed(program, kernels, tmp_path):
    words = b"</text><script>x</script> & \"q\" \x1b[31m \xff\xfe \xc3\xbc".decode(
        errors="surrogateescape")
    _, picture = plan(program, kernels("7.x"), tmp_path, RECORDINGS / "bios-2g",
                      f"--command-line={words}")
    shown = [text.text for text in picture.iter(f"{SVG}text")]
    assert "</text><script>x</script> & \"q\" ?[31m ?? \u00fc" in shown
    assert not list(picture.iter(f"{SVG}script"))


def test_by_file_there_is_no_picture_of_segments(program, kernels, tmp_path):
    told, picture = plan(program, kernels("7.x"), tmp_path, RECORDINGS / "uefi-lockdown")
    assert told["method"] == "file"
    assert not rectangles(picture, "segment")
    assert any("kernel places" in (text.text or "") for text in picture.iter(f"{SVG}text"))


def test_the_same_recording_gives_the_same_plan_byte_for_byte(program, kernels, tmp_path):
    first, second = (subprocess.run(
        [program, "--dry-run", "--json", f"--sysroot={RECORDINGS / 'uefi-1g'}", "-l",
         kernels("7.x").vmlinuz], check=True, capture_output=True).stdout for _ in range(2))
    assert first == second


def test_a_picture_that_cannot_be_written_is_named(program, kernels, tmp_path):
    done = subprocess.run(
        [program, "--dry-run", f"--sysroot={RECORDINGS / 'bios-2g'}",
         f"--svg={tmp_path}/no/where.svg", "-l", kernels("7.x").vmlinuz],
        check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert f"{tmp_path}/no/where.svg" in done.stderr
    assert not done.stdout


def test_what_is_no_recording_is_named(program, kernels, tmp_path):
    done = subprocess.run([program, "--dry-run", f"--sysroot={tmp_path}", "-l",
                           kernels("7.x").vmlinuz], check=False, capture_output=True, text=True)
    assert done.returncode == 1
    assert f"{tmp_path}: it is no recorded machine" in done.stderr


def test_a_recording_gives_the_plan_that_the_machine_gave(boot, kernels, program, tmp_path):
    """On the machine, and from its recording here; only what is random differs: the seed."""
    kernel = kernels("7.x")
    guest = boot(kernel, archive(program, [kernel]), cmdline="quiet token=hunter2", memory="1G",
                 uefi=True)
    wish = "-c --dry-run --json -l /kernels/7.x --initrd=/kernels/7.x --command-line=nokaslr"
    live = json.loads(guest.run(f"kexec {wish}", check=True).out)
    guest.run("kexec --record-machine=/tmp/machine", check=True)
    there = json.loads(guest.run(f"kexec {wish} --sysroot=/tmp/machine", check=True).out)
    assert "hunter2" not in guest.run("cat $(find /tmp/machine -type f)").out
    packed = guest.run("tar -C /tmp/machine -c . | gzip -9 | base64", check=True).out
    (tmp_path / "machine").mkdir()
    subprocess.run(["tar", "-xz", "-C", tmp_path / "machine"], input=base64.b64decode(packed),
                   check=True)
    here = json.loads(subprocess.run(
        [program, *wish.replace("/kernels/7.x", str(kernel.vmlinuz)).split(),
         f"--sysroot={tmp_path}/machine"], check=True, capture_output=True).stdout)
    for one in (live, here):
        for key in ("kernel", "initrds", "notes"):  # they hold paths
            one[key] = there[key]
    seed, = [segment for segment in live["segments"] if segment["name"] == "setup_data"]
    other, = [segment for segment in there["segments"] if segment["name"] == "setup_data"]
    assert seed.pop("xxh3") != other["xxh3"]
    assert here == there
    other.pop("xxh3")
    assert live == there
