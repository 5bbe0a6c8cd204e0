/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * An instance: what host, limits, name space, tables and handlers it has, and its lock.
 *
 * The lock is the host's, made recursive: functions for the embedder take it, and are used inside too.
 */
#pragma once

#include "aml_priv.h"

/* A table that was loaded. Its code stays as long as `users` is not 0. */
struct aml_table {
	struct list_node link; /* aml.tables */
	struct aml *aml;
	const uint8_t *bytes;
	uint32_t size;
	uint32_t handle; /* from 1 on */
	uint32_t users;  /* its being loaded, and calls of its methods */
	bool copied;     /* `bytes` are the instance's */
	char signature[4];
	struct list nodes; /* aml_node.owned */
};

/* What a thread's evaluation may still do; those inside it (handlers of the host may evaluate) share it. */
struct aml_budget {
	struct list_node link; /* aml.budgets */
	uint64_t thread;
	uint64_t operations; /* that are left */
	uint64_t reserve;    /* what it gets, at most, if it loads a table and has used them up */
	unsigned nesting;
};

struct aml {
	struct aml_host host;
	struct aml_limits limits;
	uint64_t holder; /* thread that holds the lock; 0: none */
	unsigned held;   /* how often */

	/* By the lock, all below. */
	size_t memory;
	uint64_t operations; /* so far */
	struct list
		budgets; /* of evaluations under way: a thread has one, though it is in several */
	struct aml_budget *budget; /* of the thread that holds the lock; or NULL */
	uint64_t
		allowance; /* what evaluations have together, of which nobody knows how many come */
	unsigned many;     /* how often that has begun */
	bool narrow;       /* integers have 32 bits */
	bool initialized;  /* _REG is told as regions come */
	uint32_t next_handle;
	struct aml_node *root;
	struct list tables;
	struct list objects; /* all */
	struct list orphans; /* nodes that were removed but are referred to */
	struct list own;     /* predefined nodes */
	struct aml_space_handlers handlers;
	struct aml_object *global_lock; /* the mutex that \_GL is at first; a reference */
};

uint64_t aml_now(struct aml *aml);
/* Who interprets: not 0. */
uint64_t aml_thread(struct aml *aml);
/* Around evaluations as many as tables have names for: they have some operations together. */
void aml_many_begin(struct aml *aml);
void aml_many_end(struct aml *aml);
/* Tells the host; the message is cut at some 200 characters. */
void aml_log(struct aml *aml, enum aml_log_level level, const char *format, ...) printf_like(3, 4);

struct aml_table *aml_table_find(struct aml *aml, uint32_t handle);
void aml_table_get(struct aml_table *table);
void aml_table_put(struct aml_table *table);

/* --- name.c --- */

#define AML_PATH_SEGMENTS 255

/* A name as the code has it. */
struct aml_name {
	const uint8_t *segments; /* 4 bytes each */
	uint8_t count;
	uint8_t parents; /* ^ */
	bool root;       /* \ */
};

/* Below `scope`; a single segment without prefix is looked for upwards, too. Aliases are followed. */
struct aml_node *aml_name_find(struct aml *aml, struct aml_node *scope,
			       const struct aml_name *name);
/* Enters the name's last segment below what the others name; the owner's list takes it. -AML_E_EXISTS,
 * -AML_E_NOT_FOUND. *made is borrowed. */
int must_check aml_name_enter(struct aml *aml, struct aml_node *scope, const struct aml_name *name,
			      enum aml_type type, struct list *owner, struct aml_node **made);
/* aml_find(), with what is wrong. */
int must_check aml_path_find(struct aml *aml, struct aml_node *scope, const char *path,
			     struct aml_node **found);
/* Logs an error about it. */
void aml_log_name(struct aml *aml, const char *what, const struct aml_name *name);
struct aml_node *aml_node_child(struct aml_node *parent, const void *segment);
/* Removes all nodes of an owner, and what is below them. */
void aml_names_remove(struct aml *aml, struct list *owner);
/* Puts an object there, which gets another reference; the type becomes the object's. */
void aml_node_attach(struct aml_node *node, struct aml_object *object);

/* --- Others --- */

int must_check aml_predefine(struct aml *aml);
/* _OSI: 0 or all ones. */
uint64_t aml_interface_known(struct aml *aml, const char *name);
/* Tells whether an integer could be made. */
int must_check aml_make_result(struct aml *aml, uint64_t value, struct aml_object **made);
/* Looks up the names in a package that was made while its table was loaded; other objects are fine. */
void aml_package_complete(struct aml *aml, struct aml_object *package);
