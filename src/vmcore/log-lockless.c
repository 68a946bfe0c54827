/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The lockless ring buffer (kernel/printk/printk_ringbuffer.h), Linux 5.10 and newer. `prb` points
 * to a struct printk_ringbuffer, whose descriptor ring has ids from tail to head; descriptor and
 * info of an id lie at id modulo their count. A descriptor's state_var is its id with a state in
 * the two highest bits; it says where its text lies in the data ring, by positions that only grow,
 * the ring's size being a power of two. A block of text begins with the id.
 */
#include <errno.h>
#include <stdio.h>

#include "vmcore/log-forms.h"

enum state { STATE_RESERVED, STATE_COMMITTED, STATE_FINALIZED, STATE_REUSABLE };

/* Positions that stand for no text: an empty line, and text that there was no room for. */
enum { LPOS_FAILED = 1, LPOS_EMPTY_LINE = 3 };

enum { STRUCTURE_MAX = 1024, COUNT_BITS_MAX = 26 };

/* So many messages in a row that cannot be read, or are in the making, are no log. */
enum { UNREADABLE_MAX = 1 << 16 };

/* Offsets and sizes as VMCOREINFO tells them. */
struct shape {
	uint64_t desc_ring, text_ring;
	uint64_t count_bits, descs, infos, head_id, tail_id;
	uint64_t size_bits, data;
	uint64_t counter;
	uint64_t desc_size, state_var, text_lpos, begin, next;
	uint64_t info_size, seq, ts_nsec, text_len;
	uint64_t caller_id, dev_info, subsystem, subsystem_size, device, device_size;
	bool has_caller, has_device;
};

struct ring {
	struct shape shape;
	unsigned int word;
	uint64_t id_mask;
	uint64_t count_bits, descs, infos;
	uint64_t size_bits, data;
	uint64_t head, tail;
};

static int read_shape(const struct log_reader *reader, struct shape *shape, struct error *error)
{
	const struct vmcoreinfo *info = &reader->vmcore->dump.info;
	const struct {
		const char *name;
		uint64_t *value;
	} offsets[] = {
	    {"printk_ringbuffer.desc_ring", &shape->desc_ring},
	    {"printk_ringbuffer.text_data_ring", &shape->text_ring},
	    {"prb_desc_ring.count_bits", &shape->count_bits},
	    {"prb_desc_ring.descs", &shape->descs},
	    {"prb_desc_ring.infos", &shape->infos},
	    {"prb_desc_ring.head_id", &shape->head_id},
	    {"prb_desc_ring.tail_id", &shape->tail_id},
	    {"prb_data_ring.size_bits", &shape->size_bits},
	    {"prb_data_ring.data", &shape->data},
	    {"atomic_long_t.counter", &shape->counter},
	    {"prb_desc.state_var", &shape->state_var},
	    {"prb_desc.text_blk_lpos", &shape->text_lpos},
	    {"prb_data_blk_lpos.begin", &shape->begin},
	    {"prb_data_blk_lpos.next", &shape->next},
	    {"printk_info.seq", &shape->seq},
	    {"printk_info.ts_nsec", &shape->ts_nsec},
	    {"printk_info.text_len", &shape->text_len},
	};

	*shape = (struct shape){};
	for (size_t i = 0; i < sizeof(offsets) / sizeof(*offsets); i++) {
		char what[64];

		if (vmcoreinfo_offset(info, offsets[i].name, offsets[i].value) &&
		    *offsets[i].value < STRUCTURE_MAX)
			continue;
		snprintf(what, sizeof(what), "a sensible OFFSET(%s)", offsets[i].name);
		return log_lacks(reader, what, error);
	}
	if (!vmcoreinfo_size(info, "prb_desc", &shape->desc_size) ||
	    !vmcoreinfo_size(info, "printk_info", &shape->info_size) || shape->desc_size == 0 ||
	    shape->desc_size > STRUCTURE_MAX || shape->info_size == 0 ||
	    shape->info_size > STRUCTURE_MAX)
		return log_lacks(reader, "a sensible SIZE(prb_desc) or SIZE(printk_info)", error);
	return 0;
}

/* What can be done without. */
static void read_more_shape(const struct log_reader *reader, struct shape *shape)
{
	const struct vmcoreinfo *info = &reader->vmcore->dump.info;

	shape->has_caller = vmcoreinfo_offset(info, "printk_info.caller_id", &shape->caller_id);
	shape->has_device =
	    vmcoreinfo_offset(info, "printk_info.dev_info", &shape->dev_info) &&
	    vmcoreinfo_offset(info, "dev_printk_info.subsystem", &shape->subsystem) &&
	    vmcoreinfo_offset(info, "dev_printk_info.device", &shape->device) &&
	    vmcoreinfo_length(info, "printk_info_subsystem", &shape->subsystem_size) &&
	    vmcoreinfo_length(info, "printk_info_device", &shape->device_size) &&
	    shape->dev_info < STRUCTURE_MAX && shape->subsystem < STRUCTURE_MAX &&
	    shape->device < STRUCTURE_MAX;
}

static int read_desc_ring(const struct log_reader *reader, struct ring *ring, uint64_t prb,
			  struct error *error)
{
	struct vmcore *vmcore = reader->vmcore;
	const struct shape *shape = &ring->shape;
	uint64_t at = prb + shape->desc_ring;
	int r = vmcore_read_number(vmcore, at + shape->count_bits, 4, &ring->count_bits, error);

	if (r == 0)
		r = vmcore_read_pointer(vmcore, at + shape->descs, &ring->descs, error);
	if (r == 0)
		r = vmcore_read_pointer(vmcore, at + shape->infos, &ring->infos, error);
	if (r == 0)
		r = vmcore_read_pointer(vmcore, at + shape->head_id + shape->counter, &ring->head,
					error);
	if (r == 0)
		r = vmcore_read_pointer(vmcore, at + shape->tail_id + shape->counter, &ring->tail,
					error);
	if (r == 0 && (ring->count_bits == 0 || ring->count_bits > COUNT_BITS_MAX))
		r = log_is_wrong(reader, "the number of the log's messages makes no sense", error);
	return r;
}

static int read_ring(const struct log_reader *reader, struct ring *ring, struct error *error)
{
	struct vmcore *vmcore = reader->vmcore;
	const struct shape *shape = &ring->shape;
	uint64_t prb = 0;
	int r = log_symbol_number(reader, "prb", vmcore->dump.word, &prb, error);

	ring->word = vmcore->dump.word;
	ring->id_mask = UINT64_MAX >> (64 - 8 * ring->word + 2);
	if (r == 0)
		r = read_desc_ring(reader, ring, prb, error);
	if (r == 0)
		r = vmcore_read_number(vmcore, prb + shape->text_ring + shape->size_bits, 4,
				       &ring->size_bits, error);
	if (r == 0)
		r = vmcore_read_pointer(vmcore, prb + shape->text_ring + shape->data, &ring->data,
					error);
	if (r == 0 &&
	    (ring->size_bits < 4 || UINT64_C(1) << (ring->size_bits & 63) > LOG_SIZE_MAX ||
	     ring->size_bits > 31))
		r = log_is_wrong(reader, "the size of the log makes no sense", error);
	ring->head &= ring->id_mask;
	ring->tail &= ring->id_mask;
	return r;
}

/* Where a block of text begins behind its id, and how long it can be. */
struct block {
	uint64_t id_at, text_at, size;
};

/*
 * Text that does not fit before the ring's end lies as a whole at its start. Positions are compared
 * as they are, with all their wraps: since Linux 6.18 a block may end just at the ring's end, and
 * then its next position is the first one of another round, though nothing is wrapped.
 */
static bool find_block(const struct ring *ring, uint64_t begin, uint64_t next, struct block *block)
{
	uint64_t size = UINT64_C(1) << ring->size_bits, mask = size - 1;
	uint64_t word_mask = ring->word == 4 ? UINT32_MAX : UINT64_MAX;
	uint64_t last = (next - 1) & word_mask, start = begin & mask, end;

	if (begin >> ring->size_bits == last >> ring->size_bits) {
		end = (last & mask) + 1;
	} else if (((begin + size) & word_mask) >> ring->size_bits == last >> ring->size_bits) {
		start = 0;
		end = (last & mask) + 1;
	} else {
		return false;
	}
	if (end < start || end - start < ring->word)
		return false;
	*block = (struct block){
	    .id_at = ring->data + start,
	    .text_at = ring->data + start + ring->word,
	    .size = end - start - ring->word,
	};
	return true;
}

static void copy_name(char *to, size_t room, const uint8_t *info, uint64_t info_size,
		      uint64_t offset, uint64_t size)
{
	size_t length = 0;

	while (length < room - 1 && length < size && offset + length < info_size &&
	       info[offset + length])
		length++;
	if (length)
		memcpy(to, info + offset, length);
	to[length] = '\0';
}

static bool read_info(const struct log_reader *reader, const struct ring *ring, const uint8_t *info,
		      struct log_message *message, uint64_t *text_len)
{
	const struct shape *shape = &ring->shape;
	const struct bytes bytes = {info, shape->info_size};
	enum byte_order order = reader->vmcore->dump.order;
	uint64_t caller;

	*message = (struct log_message){.has_sequence = true, .has_time = true};
	if (!bytes_number(bytes, shape->seq, 8, order, &message->sequence) ||
	    !bytes_number(bytes, shape->ts_nsec, 8, order, &message->nanoseconds) ||
	    !bytes_number(bytes, shape->text_len, 2, order, text_len))
		return false;
	if (bytes_have(bytes, shape->text_len + 2, 2))
		log_set_priority(reader, message, info + shape->text_len + 2);
	if (shape->has_caller && bytes_number(bytes, shape->caller_id, 4, order, &caller)) {
		message->caller = (uint32_t)caller;
		message->has_caller = true;
	}
	if (shape->has_device) {
		copy_name(message->subsystem, sizeof(message->subsystem), info, shape->info_size,
			  shape->dev_info + shape->subsystem, shape->subsystem_size);
		copy_name(message->device, sizeof(message->device), info, shape->info_size,
			  shape->dev_info + shape->device, shape->device_size);
	}
	return true;
}

/* Counts a message whose text is gone or another's. */
static int lose(const struct log_reader *reader, const char *why)
{
	log_is_wrong(reader, why, log_first_error(reader));
	reader->losses->unreadable++;
	return 0;
}

static int read_text(const struct log_reader *reader, const struct ring *ring, uint64_t id,
		     uint64_t begin, uint64_t next, uint64_t text_len, struct log_message *message)
{
	struct block block;
	uint64_t found;

	message->text = reader->text;
	if (begin & 1 && next & 1) {
		if (begin == LPOS_EMPTY_LINE && next == LPOS_EMPTY_LINE)
			return reader->handler->message(reader->handler->context, message);
		reader->losses->without_text++;
		return 0;
	}
	if (!find_block(ring, begin, next, &block))
		return lose(reader, "a message of the log has an impossible place");
	if (vmcore_read_pointer(reader->vmcore, block.id_at, &found, log_first_error(reader)) < 0) {
		reader->losses->unreadable++;
		return 0;
	}
	if (found != id)
		return lose(reader, "a message's text was overwritten");
	text_len = text_len < block.size ? text_len : block.size;
	message->text_size = log_get_text(reader, block.text_at, text_len);
	if (message->text_size == 0 && text_len > 0)
		return 0;
	return reader->handler->message(reader->handler->context, message);
}

static int read_message(const struct log_reader *reader, const struct ring *ring, uint64_t id)
{
	const struct shape *shape = &ring->shape;
	uint64_t index = id & ((UINT64_C(1) << ring->count_bits) - 1);
	uint8_t desc[STRUCTURE_MAX], info[STRUCTURE_MAX];
	const struct bytes bytes = {desc, shape->desc_size};
	enum byte_order order = reader->vmcore->dump.order;
	uint64_t state, begin, next, text_len;
	struct log_message message;

	if (vmcore_read(reader->vmcore, ring->descs + index * shape->desc_size, desc,
			shape->desc_size, log_first_error(reader)) < shape->desc_size) {
		reader->losses->unreadable++;
		return 0;
	}
	if (!bytes_number(bytes, shape->state_var + shape->counter, ring->word, order, &state) ||
	    !bytes_number(bytes, shape->text_lpos + shape->begin, ring->word, order, &begin) ||
	    !bytes_number(bytes, shape->text_lpos + shape->next, ring->word, order, &next))
		return lose(reader, "a descriptor of the log is smaller than its parts");
	switch ((enum state)(state >> (8 * ring->word - 2))) {
	case STATE_REUSABLE:
		return 0;
	case STATE_RESERVED:
		reader->losses->unfinished++;
		return 0;
	case STATE_COMMITTED:
	case STATE_FINALIZED:
		break;
	}
	if ((state & ring->id_mask) != id)
		return lose(reader, "a descriptor of the log is another message's");
	if (vmcore_read(reader->vmcore, ring->infos + index * shape->info_size, info,
			shape->info_size, log_first_error(reader)) < shape->info_size) {
		reader->losses->unreadable++;
		return 0;
	}
	if (!read_info(reader, ring, info, &message, &text_len))
		return lose(reader, "what is known of a message is smaller than its parts");
	return read_text(reader, ring, id, begin, next, text_len, &message);
}

/* The last `count` messages. */
static int read_messages(const struct log_reader *reader, const struct ring *ring, uint64_t count)
{
	struct log_losses *losses = reader->losses;
	uint64_t in_a_row = 0;
	int r = 0;

	for (uint64_t i = count; i > 0 && r == 0; i--) {
		uint64_t before = losses->unreadable + losses->unfinished;

		r = read_message(reader, ring, (ring->head - (i - 1)) & ring->id_mask);
		in_a_row = losses->unreadable + losses->unfinished > before ? in_a_row + 1 : 0;
		if (in_a_row == UNREADABLE_MAX) {
			log_is_wrong(reader, "too many of its messages in a row are unfinished",
				     log_first_error(reader));
			losses->broken_off = true;
			return r;
		}
	}
	return r;
}

int log_read_lockless(const struct log_reader *reader, struct error *error)
{
	struct ring ring = {};
	uint64_t count, most;
	int r = read_shape(reader, &ring.shape, error);

	if (r < 0)
		return r;
	read_more_shape(reader, &ring.shape);
	r = read_ring(reader, &ring, error);
	if (r < 0)
		return r;
	most = UINT64_C(1) << ring.count_bits;
	count = ((ring.head - ring.tail) & ring.id_mask) + 1;
	if (count > most) {
		log_is_wrong(reader, "the log's first and last message lie too far apart",
			     log_first_error(reader));
		reader->losses->broken_off = true;
		count = most;
	}
	return read_messages(reader, &ring, count);
}
