/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The rules of the fault-injecting disk: which request they strike, and how they are written. */
#include "fault_priv.h"

#include <base/errno.h>
#include <base/string.h>

uint64_t fault_random(struct fault_disk *fault)
{
	uint64_t x = fault->random;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	fault->random = x;
	return x * 0x2545f4914f6cdd1d;
}

static bool matches(const struct fault_disk *fault, const struct block_fault_rule *rule,
		    const struct ddk_disk_request *request)
{
	uint64_t start = request->block * fault_block_sectors(fault);
	uint64_t end = start + (uint64_t)request->count * fault_block_sectors(fault);

	if (rule->operations && !(rule->operations & 1u << request->operation))
		return false;
	return rule->count == 0 || request->operation == DDK_DISK_FLUSH ||
	       (start < rule->start + rule->count && end > rule->start);
}

const struct block_fault_rule *fault_choose(struct fault_disk *fault,
					    const struct ddk_disk_request *request)
{
	for (unsigned i = 0; i < fault->rule_count; i++) {
		const struct block_fault_rule *rule = &fault->rules[i];

		if (!matches(fault, rule, request) || fault->matched[i]++ < rule->after ||
		    (rule->times && fault->struck[i] >= rule->times) ||
		    (rule->one_in > 1 && fault_random(fault) % rule->one_in != 0))
			continue;
		fault->struck[i]++;
		fault->statistics.struck++;
		return rule;
	}
	return NULL;
}

/* --- Text. --- */

static const char *const action_names[] = {
	[BLOCK_FAULT_ERROR] = "error",        [BLOCK_FAULT_DELAY] = "delay",
	[BLOCK_FAULT_NO_ANSWER] = "noanswer", [BLOCK_FAULT_TORN] = "torn",
	[BLOCK_FAULT_DROP] = "drop",          [BLOCK_FAULT_FLIP] = "flip",
	[BLOCK_FAULT_BUSY] = "busy",
};

static const char *const operation_names[] = {
	[DDK_DISK_READ] = "read",           [DDK_DISK_WRITE] = "write",
	[DDK_DISK_FLUSH] = "flush",         [DDK_DISK_DISCARD] = "discard",
	[DDK_DISK_WRITE_ZEROES] = "zeroes",
};

static int find_word(const char *const *words, unsigned count, const char *word)
{
	for (unsigned i = 0; i < count; i++)
		if (strcmp(words[i], word) == 0)
			return (int)i;
	return -EINVAL;
}

static int set_number(struct block_fault_rule *rule, const char *name, uint64_t value)
{
	if (strcmp(name, "start") == 0)
		rule->start = value;
	else if (strcmp(name, "count") == 0)
		rule->count = value;
	else if (strcmp(name, "after") == 0)
		rule->after = value;
	else if (strcmp(name, "times") == 0)
		rule->times = value;
	else if (strcmp(name, "one_in") == 0 && value <= UINT32_MAX)
		rule->one_in = (uint32_t)value;
	else if (strcmp(name, "error") == 0 && value <= 4095)
		rule->error = -(int)value;
	else if (strcmp(name, "delay_ms") == 0 && value < 1 << 20)
		rule->delay_ns = value * NS_PER_MILLISECOND;
	else if (strcmp(name, "part") == 0 && value <= UINT32_MAX)
		rule->part = (uint32_t)value;
	else
		return -EINVAL;
	return 0;
}

static int parse_word(struct block_fault_rule *rule, char *word, bool first)
{
	char *equals = strchr(word, '=');
	uint64_t value;
	int index;

	if (equals) {
		*equals = '\0';
		return string_to_u64(equals + 1, &value) ? -EINVAL : set_number(rule, word, value);
	}
	if (first) {
		index = find_word(action_names, array_length(action_names), word);
		rule->action = (enum block_fault_action)index;
	} else {
		index = find_word(operation_names, array_length(operation_names), word);
		rule->operations |= index < 0 ? 0 : 1u << index;
	}
	return index < 0 ? -EINVAL : 0;
}

char *fault_next_word(const char **text, char *word, size_t size)
{
	size_t length = 0;

	while (**text == ' ' || **text == ',' || **text == '\n')
		(*text)++;
	for (; **text && **text != ' ' && **text != ',' && **text != '\n'; (*text)++)
		if (length < size - 1)
			word[length++] = **text;
	word[length] = '\0';
	return length > 0 ? word : NULL;
}

int block_fault_parse_rule(const char *text, struct block_fault_rule *rule)
{
	char word[48];
	bool first = true;
	int error = 0;

	*rule = (struct block_fault_rule){ .error = -EIO };
	while (!error && fault_next_word(&text, word, sizeof(word))) {
		error = parse_word(rule, word, first);
		first = false;
	}
	return first ? -EINVAL : error;
}
