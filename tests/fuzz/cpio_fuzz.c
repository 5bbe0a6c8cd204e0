/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the input as archives, touching all that the entries promise. */
#include <base/string.h>
#include <cpio/cpio.h>

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cpio_reader reader;
	struct cpio_entry entry;
	size_t last = 0;
	int result;

	cpio_open(&reader, data, size);
	while ((result = cpio_next(&reader, &entry)) > 0) {
		const uint8_t *contents = entry.data;

		FUZZ_CHECK(strlen(entry.name) == entry.name_length && entry.name_length > 0);
		FUZZ_CHECK((const uint8_t *)entry.name > data + last);
		FUZZ_CHECK(contents > (const uint8_t *)entry.name);
		FUZZ_CHECK(contents <= data + size);
		FUZZ_CHECK(entry.size <= (size_t)(data + size - contents));
		last = reader.offset;
	}
	FUZZ_CHECK(reader.offset <= size);
	FUZZ_CHECK(cpio_next(&reader, &entry) == result);
	return 0;
}
