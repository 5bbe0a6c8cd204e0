/* SPDX-License-Identifier: GPL-3.0-or-later */
/* amldump: lists the name space that tables of ACPI make. */
#include <stdlib.h>
#include <string.h>

#include "machine.h"
#include "program.h"
#include "value.h"

#include <aml/text.h>

static const char usage[] = "usage: amldump TABLE.aml...\n"
			    "\n"
			    "Loads the tables in their order and lists the name space: PATH TYPE, "
			    "then what methods take, and\n"
			    "the values of names. Nothing is initialised, no method is called.\n";

/* Fields would be read from a machine that is not there. */
static bool has_value(enum aml_type type)
{
	return type == AML_INTEGER || type == AML_STRING || type == AML_BUFFER ||
	       type == AML_PACKAGE;
}

static void print_node(struct aml *aml, struct aml_node *node)
{
	enum aml_type type = aml_node_type(node);
	struct aml_object *value = NULL;
	char path[4096];

	aml_node_path(node, path, sizeof(path));
	printf("%s ", path);
	if (has_value(type) && !aml_evaluate(aml, node, NULL, 0, &value) && value) {
		value_print(stdout, value);
		aml_put(aml, value);
	} else {
		fputs(aml_type_name(type), stdout);
	}
	if (type == AML_METHOD)
		printf(" %u", aml_node_arguments(node));
	putchar('\n');
}

/* Depth first, without recursion: tables may nest as deep as they like. */
static void print_tree(struct aml *aml)
{
	struct aml_node *root = aml_find(aml, NULL, "\\"), *parent = root, *last = NULL;

	while (parent) {
		struct aml_node *node = aml_child(aml, parent, last);

		if (node) {
			print_node(aml, node);
			parent = node;
			last = NULL;
		} else if (parent == root) {
			break;
		} else {
			last = parent;
			parent = aml_parent(parent);
		}
	}
}

int main(int count, char **words)
{
	struct machine *machine;
	bool is_fine;

	program_name = "amldump";
	if (count > 1 && !strcmp(words[1], "--help")) {
		fputs(usage, stdout);
		return 0;
	}
	if (count < 2 || words[1][0] == '-') {
		fputs(usage, stderr);
		return 2;
	}
	machine = machine_create(words + 1, (unsigned)(count - 1), NULL);
	is_fine = machine_load(machine) == 0;
	print_tree(machine_aml(machine));
	if (!machine_destroy(machine)) {
		complain("the interpreter has lost memory");
		is_fine = false;
	}
	return !is_fine;
}
