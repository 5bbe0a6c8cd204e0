/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arguments of the command line. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"
#include "value.h"

#define DEPTH_MAX 64

struct parser {
	struct aml *aml;
	const char *whole, *next;
	unsigned depth;
};

static struct aml_object *made(struct aml_object *object)
{
	if (!object)
		die("no memory for an argument");
	return object;
}

static _Noreturn void refuse(const struct parser *parser, const char *why)
{
	die("argument %s: %s", parser->whole, why);
}

static bool at_end(struct parser *parser, char bracket)
{
	while (isspace((unsigned char)*parser->next) || *parser->next == ',')
		parser->next++;
	if (!*parser->next)
		refuse(parser, "a bracket is not closed");
	if (*parser->next != bracket)
		return false;
	parser->next++;
	return true;
}

static struct aml_object *parse_buffer(struct parser *parser)
{
	/* Each byte is a digit at least. */
	uint8_t *bytes = allocate_zeroed(strlen(parser->next) + 1);
	struct aml_object *object;
	size_t length = 0;

	while (!at_end(parser, ')')) {
		char *end;
		unsigned long byte = strtoul(parser->next, &end, 16);

		if (end == parser->next || byte > UINT8_MAX)
			refuse(parser, "not bytes in hexadecimal");
		bytes[length++] = (uint8_t)byte;
		parser->next = end;
	}
	object = made(aml_make_buffer(parser->aml, bytes, length));
	free(bytes);
	return object;
}

static struct aml_object *parse_string(struct parser *parser)
{
	char *text = allocate_zeroed(strlen(parser->next) + 1);
	struct aml_object *object;
	size_t length = 0;

	while (*parser->next != '"') {
		if (*parser->next == '\\' && parser->next[1])
			parser->next++;
		if (!*parser->next)
			refuse(parser, "a quote is not closed");
		text[length++] = *parser->next++;
	}
	parser->next++;
	object = made(aml_make_string(parser->aml, text));
	free(text);
	return object;
}

static struct aml_object *parse_integer(struct parser *parser)
{
	/* No octal numbers: 010 is ten. */
	int base = parser->next[0] == '0' && (parser->next[1] | 0x20) == 'x' ? 16 : 10;
	char *end;
	uint64_t value = strtoull(parser->next, &end, base);

	if (*end && !strchr(" \t\n,])", *end))
		refuse(parser, "not a number");
	parser->next = end;
	return made(aml_make_integer(parser->aml, value));
}

static struct aml_object *parse_value(struct parser *parser);

static struct aml_object *parse_package(struct parser *parser)
{
	struct aml_object **elements = NULL, *package;
	unsigned count = 0;

	if (++parser->depth > DEPTH_MAX)
		refuse(parser, "too deep");
	while (!at_end(parser, ']')) {
		elements = allocate_more(elements, sizeof(*elements) * (count + 1));
		elements[count++] = parse_value(parser);
	}
	parser->depth--;
	package = made(aml_make_package(parser->aml, count));
	for (unsigned i = 0; i < count; i++)
		aml_set_element(parser->aml, package, i, elements[i]);
	free(elements);
	return package;
}

static struct aml_object *parse_value(struct parser *parser)
{
	char first = *parser->next;

	if (isdigit((unsigned char)first))
		return parse_integer(parser);
	parser->next++;
	switch (first) {
	case '(':
		return parse_buffer(parser);
	case '[':
		return parse_package(parser);
	case '"':
		return parse_string(parser);
	default:
		refuse(parser, "neither a number nor \"text\", (bytes), [elements]");
	}
}

struct aml_object *value_parse(struct aml *aml, const char *text)
{
	struct parser parser = { .aml = aml, .whole = text, .next = text };
	struct aml_object *object;

	if (!*text || (!isdigit((unsigned char)*text) && !strchr("([\"", *text)))
		return made(aml_make_string(aml, text));
	object = parse_value(&parser);
	if (*parser.next)
		refuse(&parser, "there is something behind it");
	return object;
}
