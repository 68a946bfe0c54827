/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cmd/status-json.h"

#include <string.h>

#include "base/json.h"
#include "handover/status.h"
#include "test-support/test.h"

static struct json_object *at(struct json_object *object, const char *key)
{
	struct json_object *value = NULL;

	assert_row(key, json_object_object_get_ex(object, key, &value));
	return value;
}

static bool is_null(struct json_object *object, const char *key)
{
	return at(object, key) == NULL;
}

static void test_what_is_unknown_is_null(void **state)
{
	const struct status status = {.record_state = STATUS_RECORD_UNKNOWN};
	cleanup_json struct json_object *json = status_to_json(&status);

	(void)state;
	assert_true(is_null(at(json, "normal"), "loaded"));
	assert_string_equal(json_get_text(at(json, "normal"), "record"), "unknown");
	assert_true(is_null(at(json, "normal"), "image"));
	assert_true(is_null(at(json, "crash"), "loaded"));
	for (size_t i = 0; i < 4; i++)
		assert_true(is_null(at(json, "start"), (const char *[]){"by", "bootloader_type",
									"stamp", "image"}[i]));
	for (size_t i = 0; i < 3; i++)
		assert_true(is_null(at(json, "reboot"),
				    (const char *[]){"effect", "systemd", "systemd_version"}[i]));
}

static struct record sample_record(struct record_file *files)
{
	static char path[] = "/boot/vmlinuz", other[] = "/boot/initrd", version[] = "6.12.1",
		    words[] = "quiet", protocol[] = "linux", reason[] = "it is", program[] = "1.2",
		    running[] = "6.1.0";

	files[0] = (struct record_file){.path = path, .size = 7, .digest = 0xabc};
	files[1] = (struct record_file){.path = other, .size = 8};
	return (struct record){
	    .files = files,
	    .file_count = 2,
	    .kernel_version = version,
	    .command_line = words,
	    .protocol = protocol,
	    .method = PLAN_FILE,
	    .method_reason = reason,
	    .form = PLAN_DIRECT,
	    .form_reason = reason,
	    .loaded_at = 1700000000,
	    .uid = 1,
	    .pid = 2,
	    .program_version = program,
	    .boot_id = "boot",
	    .running_version = running,
	    .segments_size = 4000,
	};
}

static void test_what_is_known_is_told(void **state)
{
	struct record_file files[2];
	enum file_state states[] = {FILE_CHANGED, FILE_GONE};
	const struct status status = {
	    .loaded_fact = FACT_KNOWN,
	    .loaded = true,
	    .crash_fact = FACT_KNOWN,
	    .crash_loaded = true,
	    .crash = {.record_state = STATUS_RECORD_CONFIRMED,
		      .record = sample_record(files),
		      .file_states = states,
		      .reserved_fact = FACT_KNOWN,
		      .reserved = 4096,
		      .low_fact = FACT_KNOWN,
		      .reserved_low = 8},
	    .record_state = STATUS_RECORD_CONFIRMED,
	    .record = sample_record(files),
	    .file_states = states,
	    .start = STATUS_START_KEXEC,
	    .stamp_fact = FACT_KNOWN,
	    .stamp = {.entered = 16, .left = 32, .checked = 5, .width = 256},
	    .loader_fact = FACT_KNOWN,
	    .loader_type = 208,
	    .previous_known = true,
	    .previous = sample_record(files),
	    .init = {.systemd_fact = FACT_KNOWN,
		     .systemd = true,
		     .version_fact = FACT_KNOWN,
		     .version = 257},
	    .reboot = STATUS_REBOOT_JUMPS,
	};
	cleanup_json struct json_object *json = status_to_json(&status);
	cleanup_json struct json_object *expected = NULL;
	static const char image[] =
	    "{\"files\":[{\"role\":\"kernel\",\"path\":\"/boot/vmlinuz\",\"size\":7,"
	    "\"xxh3\":\"0xabc\"%s},{\"role\":\"initrd\",\"path\":\"/boot/initrd\",\"size\":8,"
	    "\"xxh3\":\"0x0\"%s}],\"kernel_version\":\"6.12.1\",\"command_line\":\"quiet\","
	    "\"method\":\"file\",\"method_reason\":\"it is\",\"form\":\"direct\","
	    "\"form_reason\":\"it is\",\"protocol\":\"linux\","
	    "\"loaded_at\":1700000000,\"loaded_by_uid\":1,\"loaded_by_pid\":2,"
	    "\"loaded_by_login_uid\":null,\"loaded_by_version\":\"1.2\",\"boot_id\":\"boot\","
	    "\"running_version\":\"6.1.0\"}";
	char now[1024], before[1024], text[4096];

	(void)state;
	snprintf(now, sizeof(now), image, ",\"state\":\"changed\"", ",\"state\":\"gone\"");
	snprintf(before, sizeof(before), image, "", "");
	snprintf(
	    text, sizeof(text),
	    "{\"normal\":{\"loaded\":true,\"record\":\"confirmed\",\"image\":%s},"
	    "\"crash\":{\"loaded\":true,\"record\":\"confirmed\",\"image\":%s,"
	    "\"reserved\":4096,\"reserved_low\":8,\"used\":4000,\"free\":96},\"start\":{\"by\":"
	    "\"kexec\","
	    "\"bootloader_type\":208,\"stamp\":{\"entered_tsc\":\"0x10\","
	    "\"left_tsc\":\"0x20\",\"checked_segments\":5,\"register_bits\":256},\"image\":%s},"
	    "\"reboot\":{\"effect\":\"jumps\",\"systemd\":true,\"systemd_version\":257}}",
	    now, now, before);
	expected = json_parse(text, strlen(text), 8);
	assert_non_null(expected);
	if (!json_object_equal(json, expected))
		assert_string_equal(json_object_to_json_string(json), text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_what_is_unknown_is_null),
	    cmocka_unit_test(test_what_is_known_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
