/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Memory and string functions.
 *
 * Blocks are handled in words of 8 bytes through general registers: vector registers belong
 * to the interrupted program, and string instructions are slow under emulation. Compilers
 * turn such loops into calls of memcpy(), memset() or strlen(), which here would be calls of
 * the function itself: loop_keep() in the body of a loop prevents that.
 */
#include <base/errno.h>
#include <base/string.h>

/* Words at any address that may alias anything. */
typedef uint64_t __attribute__((may_alias, aligned(1))) word_t;
typedef uint32_t __attribute__((may_alias, aligned(1))) half_word_t;

#define WORD         sizeof(word_t)
#define BYTE_OF_WORD (~(word_t)0 / 255) /* 0x0101...: times a byte repeats it */

static inline void loop_keep(void)
{
	__asm__ volatile("");
}

static inline uint64_t word_load(const uint8_t *from)
{
	return *(const word_t *)from;
}

static inline void word_store(uint8_t *to, uint64_t word)
{
	*(word_t *)to = word;
}

/* True if a byte of `word` is 0. */
static inline bool word_has_zero(uint64_t word)
{
	return ((word - BYTE_OF_WORD) & ~word & (BYTE_OF_WORD << 7)) != 0;
}

/* Copies fewer than 8 bytes; all are read before one is written, so they may overlap. */
static inline void copy_short(uint8_t *to, const uint8_t *from, size_t length)
{
	if (length >= 4) {
		uint32_t first = *(const half_word_t *)from;
		uint32_t last = *(const half_word_t *)(from + length - 4);

		*(half_word_t *)to = first;
		*(half_word_t *)(to + length - 4) = last;
	} else if (length > 0) {
		uint8_t first = from[0];
		uint8_t middle = from[length / 2];
		uint8_t last = from[length - 1];

		to[0] = first;
		to[length / 2] = middle;
		to[length - 1] = last;
	}
}

/* Copies upwards; `to` may overlap `from` if it lies below it. The last word is read first,
 * because what is written before may cover it. */
static inline void copy_up(uint8_t *to, const uint8_t *from, size_t length)
{
	uint8_t *last_to;
	uint64_t last;

	if (length < WORD) {
		copy_short(to, from, length);
		return;
	}
	last_to = to + length - WORD;
	last = word_load(from + length - WORD);
	for (; length > 4 * WORD; length -= 4 * WORD, to += 4 * WORD, from += 4 * WORD) {
		uint64_t a = word_load(from);
		uint64_t b = word_load(from + WORD);
		uint64_t c = word_load(from + 2 * WORD);
		uint64_t d = word_load(from + 3 * WORD);

		word_store(to, a);
		word_store(to + WORD, b);
		word_store(to + 2 * WORD, c);
		word_store(to + 3 * WORD, d);
		loop_keep();
	}
	for (; length > WORD; length -= WORD, to += WORD, from += WORD) {
		word_store(to, word_load(from));
		loop_keep();
	}
	word_store(last_to, last);
}

/* Copies downwards; `to` may overlap `from` if it lies above it. */
static inline void copy_down(uint8_t *to, const uint8_t *from, size_t length)
{
	uint64_t first;

	if (length < WORD) {
		copy_short(to, from, length);
		return;
	}
	first = word_load(from);
	for (; length > 4 * WORD; length -= 4 * WORD) {
		uint64_t a = word_load(from + length - WORD);
		uint64_t b = word_load(from + length - 2 * WORD);
		uint64_t c = word_load(from + length - 3 * WORD);
		uint64_t d = word_load(from + length - 4 * WORD);

		word_store(to + length - WORD, a);
		word_store(to + length - 2 * WORD, b);
		word_store(to + length - 3 * WORD, c);
		word_store(to + length - 4 * WORD, d);
		loop_keep();
	}
	for (; length > WORD; length -= WORD) {
		word_store(to + length - WORD, word_load(from + length - WORD));
		loop_keep();
	}
	word_store(to, first);
}

void *memcpy(void *restrict to, const void *restrict from, size_t length)
{
	copy_up(to, from, length);
	return to;
}

void *memmove(void *to, const void *from, size_t length)
{
	/* The difference wraps where `to` lies below `from`. */
	if ((uintptr_t)to - (uintptr_t)from >= length)
		copy_up(to, from, length);
	else
		copy_down(to, from, length);
	return to;
}

void *memset(void *to, int byte, size_t length)
{
	uint8_t *bytes = to;
	uint8_t *end = bytes + length;
	uint64_t word = (uint8_t)byte * BYTE_OF_WORD;

	if (length < WORD) {
		for (; bytes < end; bytes++) {
			*bytes = (uint8_t)byte;
			loop_keep();
		}
		return to;
	}
	for (; length > 4 * WORD; length -= 4 * WORD, bytes += 4 * WORD) {
		word_store(bytes, word);
		word_store(bytes + WORD, word);
		word_store(bytes + 2 * WORD, word);
		word_store(bytes + 3 * WORD, word);
		loop_keep();
	}
	for (; length > WORD; length -= WORD, bytes += WORD) {
		word_store(bytes, word);
		loop_keep();
	}
	word_store(end - WORD, word);
	return to;
}

int memcmp(const void *a, const void *b, size_t length)
{
	const uint8_t *left = a;
	const uint8_t *right = b;

	for (; length >= WORD && word_load(left) == word_load(right); length -= WORD) {
		left += WORD;
		right += WORD;
	}
	for (; length > 0; length--, left++, right++) {
		if (*left != *right)
			return *left - *right;
	}
	return 0;
}

void *memchr(const void *memory, int byte, size_t length)
{
	const uint8_t *bytes = memory;
	uint64_t wanted = (uint8_t)byte * BYTE_OF_WORD;

	for (; length >= WORD && !word_has_zero(word_load(bytes) ^ wanted); length -= WORD)
		bytes += WORD;
	for (; length > 0; length--, bytes++) {
		if (*bytes == (uint8_t)byte)
			return (void *)bytes;
		loop_keep();
	}
	return NULL;
}

size_t strlen(const char *string)
{
	size_t length = 0;

	while (string[length] != '\0') {
		length++;
		loop_keep();
	}
	return length;
}

size_t strnlen(const char *string, size_t limit)
{
	size_t length = 0;

	while (length < limit && string[length] != '\0') {
		length++;
		loop_keep();
	}
	return length;
}

int strcmp(const char *a, const char *b)
{
	while (*a == *b && *a != '\0') {
		a++;
		b++;
	}
	return (unsigned char)*a - (unsigned char)*b;
}

int strncmp(const char *a, const char *b, size_t limit)
{
	for (; limit > 0; limit--, a++, b++) {
		if (*a != *b)
			return (unsigned char)*a - (unsigned char)*b;
		if (*a == '\0')
			break;
	}
	return 0;
}

char *strchr(const char *string, int byte)
{
	for (; *string != (char)byte; string++) {
		if (*string == '\0')
			return NULL;
		loop_keep();
	}
	return (char *)string;
}

char *strrchr(const char *string, int byte)
{
	const char *found = NULL;

	for (;; string++) {
		if (*string == (char)byte)
			found = string;
		if (*string == '\0')
			return (char *)found;
	}
}

size_t string_copy(char *to, const char *from, size_t size)
{
	size_t length = strlen(from);
	size_t copied = length < size ? length : size - 1;

	if (size > 0) {
		memcpy(to, from, copied);
		to[copied] = '\0';
	}
	return length;
}

/* The value of a digit in bases up to 16; 255 if it is none. */
static unsigned digit_value(char digit)
{
	if (digit >= '0' && digit <= '9')
		return (unsigned)(digit - '0');
	if (digit >= 'a' && digit <= 'f')
		return (unsigned)(digit - 'a') + 10;
	if (digit >= 'A' && digit <= 'F')
		return (unsigned)(digit - 'A') + 10;
	return 255;
}

int string_to_u64(const char *string, uint64_t *value)
{
	uint64_t number = 0;
	unsigned base = 10;
	bool overflow = false;

	if (string[0] == '0' && (string[1] == 'x' || string[1] == 'X')) {
		base = 16;
		string += 2;
	}
	if (*string == '\0')
		return -EINVAL;
	for (; *string != '\0'; string++) {
		unsigned digit = digit_value(*string);

		if (digit >= base)
			return -EINVAL;
		overflow |= __builtin_mul_overflow(number, base, &number);
		overflow |= __builtin_add_overflow(number, digit, &number);
	}
	if (overflow)
		return -ERANGE;
	*value = number;
	return 0;
}

bool string_starts_with(const char *string, const char *prefix)
{
	for (; *prefix != '\0'; prefix++, string++) {
		if (*string != *prefix)
			return false;
	}
	return true;
}
