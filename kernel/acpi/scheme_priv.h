/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Between the files of scheme `acpi:`. */
#pragma once

#include "acpi_priv.h"

#include <scheme/file.h>
#include <scheme/text.h>

struct acpi_node {
	struct node node;
	int (*generate)(struct acpi_node *self, struct text *text); /* of text files */
	struct aml_node *name;                                      /* held, or NULL */
	const struct acpi_header *table;                            /* or NULL */
};

static inline struct acpi_node *acpi_node_of(struct node *node)
{
	return container_of(node, struct acpi_node, node);
}

/* A node below `directory`; `mode` with the type. -ENOMEM. */
int must_check acpi_node_make(struct node *directory, const struct node_ops *ops, uint64_t number,
			      uint32_t mode, struct acpi_node **made);
void acpi_node_release(struct node *node);
/* What is written with O_TRUNC stays as long as it is. */
int acpi_node_set_attributes(struct node *node, const struct node_changes *changes);

/* Text that acpi_node.generate makes. */
extern const struct node_ops acpi_text_ops;

/* scheme_names.c: the directory of a name's children; with `name` NULL, the root's. */
extern const struct node_ops acpi_names_ops;
/* scheme_call.c: a method, called with what is written; with `name` NULL, any. */
extern const struct node_ops acpi_call_ops;

/* The result line of an evaluation, as amlexec prints it. */
void acpi_print_result(struct text *text, int aml_error, const struct aml_object *result);
