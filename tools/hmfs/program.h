/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the programs of HMFS share: messages, sizes with units, options, a progress bar. */
#pragma once

#include <base/types.h>
#include <stdio.h>

/* Begins all messages; and with what status a program ends that cannot do its work. */
extern const char *program_name;
extern int program_failure;
extern int program_usage_failure;

/* A line on stderr: "PROGRAM: ..." */
void complain(const char *format, ...) printf_like(1, 2);
/* The same with ": " and the text of a negative errno behind it, which it returns. */
int complain_of(int error, const char *format, ...) printf_like(2, 3);
/* The same, and the end. */
_Noreturn void die(const char *format, ...) printf_like(1, 2);
_Noreturn void die_of(int error, const char *format, ...) printf_like(2, 3);
/* Names the option --help, too. */
_Noreturn void die_of_usage(const char *format, ...) printf_like(1, 2);
const char *error_text(int error);

/* Never NULL. */
void *allocate(size_t size);
char *copy_text(const char *text);
printf_like(1, 2) char *format_text(const char *format, ...);

/* Flushes stdout: false, with a message, if what was printed could not be written. */
bool finish_output(void);
/* A name as it can be shown: what is not printable as \xHH. In one of four buffers, in turn. */
const char *printable(const char *name);
const char *printable_bytes(const void *bytes, size_t length);

/* "4096", "64K", "1.5G", "2TiB" (powers of 1024), "64MB" (of 1000). */
bool parse_size(const char *text, uint64_t *bytes);
/* "1.5 GiB". In one of four buffers, in turn. */
const char *size_text(uint64_t bytes);
bool parse_number(const char *text, uint64_t maximum, uint64_t *number);
/* Seconds since 1970, as "@1700000000", "1700000000", "2024-01-31" or "2024-01-31T12:00:00" (UTC). */
bool parse_time(const char *text, uint64_t *nanoseconds);
/* "2024-01-31 12:00", in local time. */
const char *time_text(uint64_t nanoseconds);
bool parse_uuid(const char *text, uint8_t uuid[16]);
const char *uuid_text(const uint8_t uuid[16]);
/* "xxh3", "sha3-256", "sha3-512": enum hmfs_hash_kind, or 0. */
uint32_t parse_hash(const char *text);
const char *hash_text(uint32_t hash);

/* A line on stderr if that is a terminal, else nothing. Ended by progress_end() or a message. */
void progress(const char *what, uint64_t done, uint64_t total);
void progress_end(void);

/* --- Options: "-f", "--force", "--size=1G", "--size 1G", "-s 1G"; "--" ends them. --- */

struct option_reader {
	int count, next;
	char **arguments;
	const char *value_of; /* --name=VALUE, not fetched yet */
	const char *letters;  /* the rest of -abc */
	char name[64];        /* the option as it was written */
};
void options_begin(struct option_reader *reader, int count, char **arguments);
/* The next option's name without dashes ("f", "force"), or NULL: what is left are operands. */
const char *options_next(struct option_reader *reader);
/* The value of that option; ends the program if there is none. */
const char *option_value(struct option_reader *reader);
_Noreturn void option_unknown(struct option_reader *reader);
/* Whether `option` is one of the two; `letter` may be NULL. */
bool option_is(const char *option, const char *letter, const char *word);
