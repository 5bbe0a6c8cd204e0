/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reads the rules of where drivers run, and finds those of a driver. */
#include "policy.h"

#include <base/string.h>

static void add(struct policy *policy, enum policy_kind kind, const char *name, size_t length)
{
	struct policy_rule *rule;

	/* A name that cannot be one is no driver's. */
	if (length == 0 || length >= sizeof(rule->name))
		return;
	if (policy->count == POLICY_RULES_MAX) {
		policy->others = kind > policy->others ? kind : policy->others;
		return;
	}
	rule = &policy->rules[policy->count++];
	*rule = (struct policy_rule){ .kind = kind };
	memcpy(rule->name, name, length);
}

/* The length of the run of bytes at `text` that are none of `ends`. */
static size_t run_length(const char *text, size_t limit, const char *ends)
{
	size_t length = 0;

	while (length < limit && text[length] && !strchr(ends, text[length]))
		length++;
	return length;
}

/* "NAME,NAME...". */
static void add_names(struct policy *policy, enum policy_kind kind, const char *names,
		      size_t length)
{
	for (size_t at = 0; at < length; at++) {
		size_t name = run_length(names + at, length - at, ",");

		add(policy, kind, names + at, name);
		at += name;
	}
}

static bool begins(const char *word, size_t length, const char *with)
{
	return length >= strlen(with) && memcmp(word, with, strlen(with)) == 0;
}

static void add_word(struct policy *policy, const char *word, size_t length)
{
	static const struct {
		const char *begin;
		enum policy_kind kind;
	} lists[] = { { "drivers.user=", POLICY_USER }, { "drivers.deny=", POLICY_DENY } };

	if (length == strlen("drivers=user") && begins(word, length, "drivers=user"))
		add(policy, POLICY_USER, "*", 1);
	for (size_t i = 0; i < array_length(lists); i++) {
		size_t skip = strlen(lists[i].begin);

		if (begins(word, length, lists[i].begin))
			add_names(policy, lists[i].kind, word + skip, length - skip);
	}
}

void policy_add_command_line(struct policy *policy, const char *text)
{
	while (*text) {
		size_t length = run_length(text, SIZE_MAX, " ");

		add_word(policy, text, length);
		text += length;
		while (*text == ' ')
			text++;
	}
}

static size_t skip_blanks(const char *line, size_t length, size_t at)
{
	while (at < length && (line[at] == ' ' || line[at] == '\t' || line[at] == '\r'))
		at++;
	return at;
}

/* False: it is no rule. An empty line is none, but in order. */
static bool add_line(struct policy *policy, const char *line, size_t length)
{
	static const char blanks[] = " \t\r";
	size_t verb = skip_blanks(line, length, 0);
	size_t verb_length = run_length(line + verb, length - verb, blanks);
	size_t name = skip_blanks(line, length, verb + verb_length);
	size_t name_length = run_length(line + name, length - name, blanks);
	enum policy_kind kind = POLICY_NONE;

	if (verb_length == 0)
		return verb == length;
	if (verb_length == 4 && memcmp(line + verb, "user", 4) == 0)
		kind = POLICY_USER;
	if (verb_length == 4 && memcmp(line + verb, "deny", 4) == 0)
		kind = POLICY_DENY;
	if (kind == POLICY_NONE || name_length == 0 || name_length >= DRIVER_NAME_MAX ||
	    skip_blanks(line, length, name + name_length) != length)
		return false;
	add(policy, kind, line + name, name_length);
	return true;
}

unsigned policy_add_file(struct policy *policy, const char *text, size_t length, unsigned *line)
{
	unsigned wrong = 0, number = 0;

	for (size_t at = 0; at < length; at++) {
		const char *end = memchr(text + at, '\n', length - at);
		size_t whole = end ? (size_t)(end - (text + at)) : length - at;
		const char *comment = memchr(text + at, '#', whole);

		number++;
		if (!add_line(policy, text + at,
			      comment ? (size_t)(comment - (text + at)) : whole) &&
		    wrong++ == 0)
			*line = number;
		at += whole;
	}
	return wrong;
}

enum policy_kind policy_find(const struct policy *policy, const char *name)
{
	enum policy_kind strictest = policy->others;

	for (size_t i = 0; i < policy->count; i++) {
		const struct policy_rule *rule = &policy->rules[i];

		if (rule->kind > strictest &&
		    (strcmp(rule->name, "*") == 0 || strcmp(rule->name, name) == 0))
			strictest = rule->kind;
	}
	return strictest;
}
