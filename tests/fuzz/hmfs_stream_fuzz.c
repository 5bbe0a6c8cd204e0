/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Receives streams whose records are the input's, with checksums that are right: whatever they
 * say, the volume is in order afterwards. The input is a row of kind (1 byte), length (2 bytes,
 * little-endian) and payload.
 */
#include <base/errno.h>
#include <base/string.h>
#include <hmfs/check.h>

#include "../../lib/hmfs/src/stream_priv.h"
#include "../../lib/hmfs/test/memory_volume.h"
#include "fuzz.h"

#define BLOCKS 2048u

struct input {
	const uint8_t *data;
	size_t size;
	uint64_t sequence;
	bool ended;
	struct xxh3_stream whole;
	/* The record that is being read. */
	uint8_t record[sizeof(struct hmfs_stream_header) + HMFS_STREAM_PAYLOAD_MAX];
	size_t length, read;
};

static void seal(struct input *input, uint32_t kind, size_t length)
{
	struct hmfs_stream_header header = {
		.magic = HMFS_STREAM_MAGIC,
		.kind = kind,
		.length = (uint32_t)length,
		.sequence = input->sequence++,
	};

	hmfs_stream_seal(&header, input->record + sizeof(header));
	memcpy(input->record, &header, sizeof(header));
	input->length = sizeof(header) + length;
	input->read = 0;
	if (kind != HMFS_STREAM_END)
		xxh3_128_add(&input->whole, input->record, input->length);
}

static void make_begin(struct input *input)
{
	struct hmfs_stream_begin begin = {
		.version = HMFS_STREAM_VERSION,
		.dataset = { .dataset = 1, .created = 1 },
		.next_object = 256,
		.name = "fuzz",
	};

	memcpy(input->record + sizeof(struct hmfs_stream_header), &begin, sizeof(begin));
	seal(input, HMFS_STREAM_BEGIN, sizeof(begin));
}

static void make_end(struct input *input)
{
	struct hmfs_stream_end end = { .records = input->sequence };

	xxh3_128_end(&input->whole, end.sum);
	memcpy(input->record + sizeof(struct hmfs_stream_header), &end, sizeof(end));
	seal(input, HMFS_STREAM_END, sizeof(end));
	input->ended = true;
}

static void make_record(struct input *input)
{
	size_t length;

	if (input->sequence == 0) {
		make_begin(input);
		return;
	}
	if (input->size < 3) {
		make_end(input);
		return;
	}
	length = min_size(input->data[1] | (size_t)input->data[2] << 8, input->size - 3);
	memcpy(input->record + sizeof(struct hmfs_stream_header), input->data + 3, length);
	seal(input, input->data[0], length);
	input->data += 3 + length;
	input->size -= 3 + length;
}

static ssize_t read_input(void *context, void *bytes, size_t length)
{
	struct input *input = context;

	if (input->read == input->length) {
		if (input->ended)
			return 0;
		make_record(input);
	}
	length = min_size(length, input->length - input->read);
	memcpy(bytes, input->record + input->read, length);
	input->read += length;
	return (ssize_t)length;
}

static void check(struct memory_volume *volume)
{
	const struct hmfs_check_options options = { .data = true };
	const struct hmfs_report report = { 0 };
	struct hmfs_check_result result = { 0 };

	FUZZ_CHECK(hmfs_unmount(volume->volume) == 0);
	volume->volume = NULL;
	FUZZ_CHECK(hmfs_check(&volume->device.device, &volume->host, &options, &report, &result) ==
		   0);
	FUZZ_CHECK(result.problems == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct input input;
	struct memory_volume volume;
	int error;

	memset(&input, 0, offsetof(struct input, record));
	input.data = data;
	input.size = size;
	input.length = input.read = 0;
	xxh3_128_begin(&input.whole, 0);
	memory_volume_make(&volume, BLOCKS, NULL);
	error = hmfs_receive(volume.volume, NULL, read_input, &input);
	FUZZ_CHECK(error == 0 || error == -EBADMSG || error == -ENOSPC);
	check(&volume);
	memory_volume_end(&volume);
	return 0;
}
