/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "licence.h"

#include <base/string.h>

#define DEPTH_MAX 16

struct parser {
	const char *next;
	unsigned depth; /* of parentheses */
	bool malformed;
};

/* Compatible with GPL-3.0 (by the FSF's list of licences); "WITH" exceptions only add
 * permissions. */
static const char *const compatible[] = {
	"GPL-3.0-or-later",
	"GPL-3.0-only",
	"GPL-3.0+",
	"GPL-3.0",
	"GPL-2.0-or-later",
	"GPL-2.0+",
	"LGPL-3.0-only",
	"LGPL-3.0",
	"LGPL-3.0-or-later",
	"LGPL-3.0+",
	"LGPL-2.1-only",
	"LGPL-2.1",
	"LGPL-2.1+",
	"LGPL-2.1-or-later",
	"AGPL-3.0-only",
	"AGPL-3.0-or-later",
	"MIT",
	"MIT-0",
	"ISC",
	"BSD-2-Clause",
	"BSD-3-Clause",
	"0BSD",
	"Apache-2.0",
	"Zlib",
	"MPL-2.0",
	"BSL-1.0",
	"CC0-1.0",
	"Unlicense",
	"X11",
};

static bool is_word_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == '+' || c == ':';
}

static void skip_blanks(struct parser *parser)
{
	while (*parser->next == ' ')
		parser->next++;
}

/* The word at hand, without going past it. */
static size_t word_length(struct parser *parser)
{
	size_t length = 0;

	skip_blanks(parser);
	while (is_word_character(parser->next[length]))
		length++;
	return length;
}

static bool word_is(struct parser *parser, const char *word)
{
	size_t length = word_length(parser);

	return length == strlen(word) && memcmp(parser->next, word, length) == 0;
}

static bool take_word(struct parser *parser, const char *word)
{
	if (!word_is(parser, word))
		return false;
	parser->next += strlen(word);
	return true;
}

static bool parse_licence(struct parser *parser)
{
	bool known = false;

	if (word_length(parser) == 0 || word_is(parser, "AND") || word_is(parser, "OR") ||
	    word_is(parser, "WITH")) {
		parser->malformed = true;
		return false;
	}
	for (size_t i = 0; i < array_length(compatible); i++)
		known = known || word_is(parser, compatible[i]);
	parser->next += word_length(parser);
	if (take_word(parser, "WITH")) {
		parser->malformed = parser->malformed || word_length(parser) == 0;
		parser->next += word_length(parser);
	}
	return known;
}

static bool parse_alternatives(struct parser *parser);

static bool parse_operand(struct parser *parser)
{
	bool allowed;

	skip_blanks(parser);
	if (*parser->next != '(')
		return parse_licence(parser);
	if (++parser->depth > DEPTH_MAX) {
		parser->malformed = true;
		return false;
	}
	parser->next++;
	allowed = parse_alternatives(parser);
	parser->depth--;
	skip_blanks(parser);
	if (*parser->next != ')') {
		parser->malformed = true;
		return false;
	}
	parser->next++;
	return allowed;
}

static bool parse_conjunction(struct parser *parser)
{
	bool allowed = parse_operand(parser);

	while (!parser->malformed && take_word(parser, "AND"))
		allowed = parse_operand(parser) && allowed;
	return allowed;
}

static bool parse_alternatives(struct parser *parser)
{
	bool allowed = parse_conjunction(parser);

	while (!parser->malformed && take_word(parser, "OR"))
		allowed = parse_conjunction(parser) || allowed;
	return allowed;
}

bool licence_allows_kernel(const char *expression)
{
	struct parser parser = { .next = expression };
	bool allowed = parse_alternatives(&parser);

	skip_blanks(&parser);
	return allowed && !parser.malformed && *parser.next == '\0';
}
