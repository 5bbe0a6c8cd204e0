/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Values from text. Packages that are under way are in a list, not on the C stack. */
#include <base/string.h>

#include "instance.h"

#include <aml/text.h>

struct level {
	struct aml_object *package;
	unsigned next, count;
};

struct parser {
	struct aml *aml;
	const char *next;
	const char *why;
};

static int refuse(struct parser *parser, const char *why)
{
	parser->why = why;
	return -AML_E_BAD_CHARACTER;
}

static int no_memory(struct parser *parser)
{
	parser->why = "no memory";
	return -AML_E_NO_MEMORY;
}

static bool is_blank(char letter)
{
	return letter == ' ' || (letter >= '\t' && letter <= '\r');
}

static bool is_digit(char letter)
{
	return letter >= '0' && letter <= '9';
}

/* Of hexadecimal digits; 16: it is none. */
static unsigned digit_of(char letter)
{
	if (is_digit(letter))
		return (unsigned)(letter - '0');
	letter |= 0x20;
	return letter >= 'a' && letter <= 'f' ? (unsigned)(letter - 'a') + 10 : 16;
}

bool aml_is_value(char first)
{
	return is_digit(first) || first == '"' || first == '(' || first == '[';
}

static void skip_blanks(struct parser *parser)
{
	while (is_blank(*parser->next) || *parser->next == ',')
		parser->next++;
}

/* --- Single values --- */

static int parse_integer(struct parser *parser, struct aml_object **made)
{
	/* No octal numbers: 010 is ten. */
	unsigned base = parser->next[0] == '0' && (parser->next[1] | 0x20) == 'x' ? 16 : 10, digit;
	uint64_t value = 0;

	if (base == 16)
		parser->next += 2;
	if (digit_of(*parser->next) >= base)
		return refuse(parser, "not a number");
	while ((digit = digit_of(*parser->next)) < base) {
		if (__builtin_mul_overflow(value, base, &value) ||
		    __builtin_add_overflow(value, digit, &value))
			return refuse(parser, "a number of more than 64 bits");
		parser->next++;
	}
	if (*parser->next && !is_blank(*parser->next) && !strchr(",])", *parser->next))
		return refuse(parser, "not a number");
	*made = aml_make_integer(parser->aml, value);
	return *made ? 0 : no_memory(parser);
}

/* Copies what is between the quotes to `text`, which has room. */
static int copy_string(struct parser *parser, char *text)
{
	for (parser->next++; *parser->next != '"'; parser->next++) {
		if (*parser->next == '\\' && parser->next[1])
			parser->next++;
		if (!*parser->next)
			return refuse(parser, "a quote is not closed");
		*text++ = *parser->next;
	}
	parser->next++;
	*text = 0;
	return 0;
}

/* Copies the bytes between the brackets to `bytes`, which has room. */
static int copy_bytes(struct parser *parser, uint8_t *bytes, size_t *length)
{
	*length = 0;
	parser->next++;
	for (skip_blanks(parser); *parser->next != ')'; skip_blanks(parser)) {
		unsigned value = 0, digits = 0;

		if (!*parser->next)
			return refuse(parser, "a bracket is not closed");
		if (parser->next[0] == '0' && (parser->next[1] | 0x20) == 'x')
			parser->next += 2;
		for (; digit_of(*parser->next) < 16 && value <= UINT8_MAX; digits++)
			value = value * 16 + digit_of(*parser->next++);
		if (!digits || value > UINT8_MAX)
			return refuse(parser, "not bytes in hexadecimal");
		bytes[(*length)++] = (uint8_t)value;
	}
	parser->next++;
	return 0;
}

/* A string or a buffer: no longer than its text. */
static int parse_data(struct parser *parser, struct aml_object **made)
{
	const struct aml_host *host = aml_host(parser->aml);
	size_t room = strlen(parser->next) + 1, length;
	char *bytes = host->allocate(host, room);
	int error;

	if (!bytes)
		return no_memory(parser);
	if (*parser->next == '"') {
		error = copy_string(parser, bytes);
		if (!error)
			*made = aml_make_string(parser->aml, bytes);
	} else {
		error = copy_bytes(parser, (uint8_t *)bytes, &length);
		if (!error)
			*made = aml_make_buffer(parser->aml, bytes, length);
	}
	host->release(host, bytes, room);
	return error || *made ? error : no_memory(parser);
}

/* --- Packages --- */

/* Moves behind a value, whatever it is. False: the text ends before. */
static bool skip_value(const char **text)
{
	unsigned depth = 0;
	const char *at = *text;

	do {
		if (*at == '"')
			for (at++; *at && *at != '"'; at++)
				at += *at == '\\' && at[1];
		else if (*at == '[' || *at == '(')
			depth++;
		else if (*at == ']' || *at == ')')
			depth--;
		if (!*at)
			return false;
		at++;
	} while (depth || !(is_blank(*at) || !*at || strchr(",])", *at)));
	*text = at;
	return true;
}

/* Begins the package at the parser's place, which is moved behind the bracket. */
static int begin_package(struct parser *parser, struct level *level)
{
	struct parser ahead = *parser;

	level->count = level->next = 0;
	ahead.next++;
	for (skip_blanks(&ahead); *ahead.next != ']'; skip_blanks(&ahead)) {
		if (!skip_value(&ahead.next))
			return refuse(parser, "a bracket is not closed");
		level->count++;
	}
	parser->next++;
	level->package = aml_make_package(parser->aml, level->count);
	return level->package ? 0 : no_memory(parser);
}

/* Reads one value, or begins a package. */
static int parse_one(struct parser *parser, struct level *levels, unsigned *depth,
		     struct aml_object **made)
{
	int error;

	*made = NULL;
	switch (*parser->next) {
	case '[':
		if (*depth == AML_TEXT_DEPTH) {
			parser->why = "too deep";
			return -AML_E_LIMIT;
		}
		error = begin_package(parser, &levels[*depth]);
		*depth += !error;
		return error;
	case '"':
	case '(':
		return parse_data(parser, made);
	default:
		if (is_digit(*parser->next))
			return parse_integer(parser, made);
		return refuse(parser, "neither a number nor \"text\", (bytes), [elements]");
	}
}

/* Puts what was made into the package that is under way, and closes those that are full: what is left then is
 * the whole value, in *made. */
static int place(struct parser *parser, struct level *levels, unsigned *depth,
		 struct aml_object **made)
{
	while (*depth) {
		struct level *level = &levels[*depth - 1];

		if (*made)
			aml_set_element(parser->aml, level->package, level->next++, *made);
		*made = NULL;
		skip_blanks(parser);
		if (level->next < level->count)
			return 0;
		if (*parser->next != ']')
			return refuse(parser, "a bracket is not closed");
		parser->next++;
		*made = level->package;
		--*depth;
	}
	return 0;
}

int aml_parse(struct aml *aml, const char **text, struct aml_object **made, const char **why)
{
	struct level levels[AML_TEXT_DEPTH];
	struct parser parser = { .aml = aml, .next = *text };
	unsigned depth = 0;
	int error;

	do {
		error = parse_one(&parser, levels, &depth, made);
		if (!error)
			error = place(&parser, levels, &depth, made);
	} while (!error && depth);
	if (error) {
		aml_put(aml, *made);
		while (depth)
			aml_put(aml, levels[--depth].package);
		*made = NULL;
	}
	*text = parser.next;
	*why = parser.why;
	return error;
}
