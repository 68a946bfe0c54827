/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A dump of a crashed kernel, of any format, and the log in it. Input: the dump. */
#include "base/blob.h"
#include "target.h"
#include "vmcore/log.h"
#include "vmcore/vmcore.h"

/* Bytes of memory that are read at once, and messages that a dump of this size may have: as many as
 * fit, and those that share their text. */
enum { READ_SIZE = 5000, MESSAGES_MAX = 1 << 26 };

struct seen {
	uint64_t count;
	uint32_t sum; /* so that all text is touched */
};

static int check_message(void *context, const struct log_message *message)
{
	struct seen *seen = context;

	require(message->text_size <= 65536 && message->prefix_size <= message->text_size);
	require(message->level < 8);
	require(strlen(message->device) < sizeof(message->device));
	require(strlen(message->subsystem) < sizeof(message->subsystem));
	for (size_t i = 0; i < message->text_size; i++)
		seen->sum += message->text[i];
	require(++seen->count < MESSAGES_MAX);
	return 0;
}

static void check_refusal(const struct error *error)
{
	enum error_kind kind = error_kind(error);

	require(error->count > 0 && *error->failures[0].detail);
	require(kind == ERROR_IMAGE || kind == ERROR_UNSUPPORTED);
}

static void check_log(struct vmcore *vmcore)
{
	struct seen seen = {};
	const struct log_handler handler = {check_message, &seen};
	struct log_losses losses;
	struct error error = {};

	if (log_read(vmcore, &handler, &losses, &error) < 0)
		check_refusal(&error);
	else
		require(error.count == 0);
	/* What is unreadable, cut or broken off has a reason. */
	require(!(losses.unreadable || losses.cut || losses.broken_off) || losses.error.count > 0);
}

/* What can be read is counted, and the rest has a reason. */
static void check_reading(struct vmcore *vmcore, uint64_t physical)
{
	uint8_t bytes[READ_SIZE];
	struct error error = {};
	uint64_t has = dump_read(&vmcore->dump, physical, bytes, sizeof(bytes), &error);

	require(has <= sizeof(bytes));
	require((has < sizeof(bytes)) == (error.count > 0));
	if (error.count)
		check_refusal(&error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct blob *blob = blob_new_memory(size);
	struct vmcore vmcore;
	struct error error = {};

	require(blob);
	if (size)
		memcpy(blob->memory, data, size);
	if (vmcore_open_blob(&vmcore, blob, &error) < 0) {
		check_refusal(&error);
		return 0;
	}
	check_log(&vmcore);
	check_reading(&vmcore, 0x1000000);
	check_reading(&vmcore, UINT64_MAX - READ_SIZE / 2);
	vmcore_close(&vmcore);
	return 0;
}
