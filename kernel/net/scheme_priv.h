/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of scheme `network:` share. */
#pragma once

#include <net/interface.h>
#include <scheme/node.h>

/* Borrowed: as long as the node. */
struct net_interface *net_node_interface(struct node *node);
void net_node_release(struct node *node);
int net_node_set_attributes(struct node *node, const struct node_changes *changes);

/* frames.c */
extern const struct node_ops net_frames_ops;
