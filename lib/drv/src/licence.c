/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Evaluates SPDX expressions, by recursive descent over the text itself. */
#include <drv/licence.h>

#include "licence_table.h"

#include <base/format.h>
#include <base/string.h>

#define DEPTH_MAX  16 /* of parentheses */
#define WORD_SHOWN 40

/* What an expression or a part of it comes to, and the licence that decides it. */
struct verdict {
	bool allowed;
	const char *word;
	size_t length;
};

struct parser {
	const char *text, *next;
	unsigned depth;
	bool malformed;
};

static bool is_word_character(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '-' || c == '.' || c == ':';
}

static void skip_blanks(struct parser *parser)
{
	while (*parser->next == ' ')
		parser->next++;
}

/* The length of the word at hand, without going past it. */
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

static struct verdict fail(struct parser *parser)
{
	parser->malformed = true;
	return (struct verdict){ 0 };
}

/* An identifier of a licence or an exception; 0: there is none here. */
static size_t identifier_length(struct parser *parser)
{
	if (word_is(parser, "AND") || word_is(parser, "OR") || word_is(parser, "WITH"))
		return 0;
	return word_length(parser);
}

static struct verdict parse_licence(struct parser *parser)
{
	struct verdict verdict = { .length = identifier_length(parser) };
	bool later;

	verdict.word = parser->next;
	if (verdict.length == 0)
		return fail(parser);
	parser->next += verdict.length;
	later = *parser->next == '+';
	parser->next += later;
	verdict.allowed = licence_table_has(verdict.word, verdict.length, later);
	verdict.length += later;
	if (take_word(parser, "WITH")) {
		size_t length = identifier_length(parser);

		if (length == 0)
			return fail(parser);
		if (verdict.allowed && !licence_table_has_exception(parser->next, length))
			verdict = (struct verdict){ .word = parser->next, .length = length };
		parser->next += length;
	}
	return verdict;
}

static struct verdict parse_alternatives(struct parser *parser);

static struct verdict parse_operand(struct parser *parser)
{
	struct verdict verdict;

	skip_blanks(parser);
	if (*parser->next != '(')
		return parse_licence(parser);
	if (++parser->depth > DEPTH_MAX)
		return fail(parser);
	parser->next++;
	verdict = parse_alternatives(parser);
	parser->depth--;
	skip_blanks(parser);
	if (parser->malformed || *parser->next != ')')
		return fail(parser);
	parser->next++;
	return verdict;
}

/* The first licence that is not allowed decides, ... */
static struct verdict parse_conjunction(struct parser *parser)
{
	struct verdict verdict = parse_operand(parser);

	while (!parser->malformed && take_word(parser, "AND")) {
		struct verdict other = parse_operand(parser);

		verdict = verdict.allowed ? other : verdict;
	}
	return verdict;
}

/* ... or the first alternative that is. */
static struct verdict parse_alternatives(struct parser *parser)
{
	struct verdict verdict = parse_conjunction(parser);

	while (!parser->malformed && take_word(parser, "OR")) {
		struct verdict other = parse_conjunction(parser);

		verdict = verdict.allowed ? verdict : other;
	}
	return verdict;
}

bool licence_allows_kernel(const char *expression, char *reason)
{
	struct parser parser = { .text = expression, .next = expression };
	struct verdict verdict;

	if (!expression || expression[0] == '\0') {
		snprintf(reason, LICENCE_REASON_MAX, "it says no licence, so it is proprietary");
		return false;
	}
	verdict = parse_alternatives(&parser);
	skip_blanks(&parser);
	if (parser.malformed || *parser.next != '\0') {
		snprintf(reason, LICENCE_REASON_MAX,
			 "its licence is no SPDX expression (at byte %zu), so it is proprietary",
			 (size_t)(parser.next - parser.text));
		return false;
	}
	snprintf(reason, LICENCE_REASON_MAX,
		 verdict.allowed ? "%.*s is compatible with GPL-3.0"
				 : "%.*s is not known to be compatible with GPL-3.0",
		 (int)min_size(verdict.length, WORD_SHOWN), verdict.word);
	return verdict.allowed;
}
