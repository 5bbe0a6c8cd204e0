/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading and writing all of something. */
#include <cryptos/file.h>

int64_t file_read_whole(int64_t fd, void *buffer, size_t size)
{
	size_t done = 0;

	while (done < size) {
		int64_t count = file_read(fd, (char *)buffer + done, size - done);

		if (count == -EINTR)
			continue;
		if (count < 0)
			return count;
		if (count == 0)
			break;
		done += (size_t)count;
	}
	return (int64_t)done;
}

int64_t file_write_whole(int64_t fd, const void *bytes, size_t size)
{
	while (size > 0) {
		int64_t count = file_write(fd, bytes, size);

		if (count == -EINTR)
			continue;
		if (count < 0)
			return count;
		bytes = (const char *)bytes + count;
		size -= (size_t)count;
	}
	return 0;
}
