/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The network class of the driver kit: kernel/net, by other names. */
#include <base/errno.h>
#include <base/string.h>
#include <ddk/net.h>
#include <dev/device.h>
#include <driver/holding.h>
#include <net/interface.h>

int ddk_net_create_sized(struct device *device, const struct ddk_net_description *description,
			 size_t description_size, const struct ddk_net_ops *ops, size_t ops_size,
			 void *context, struct ddk_net **net)
{
	struct ddk_net_description own_description = { 0 };
	struct ddk_net_ops own_ops = { 0 };
	int error;

	/* What an older driver does not know of is 0. */
	memcpy(&own_description, description, min_size(description_size, sizeof(own_description)));
	memcpy(&own_ops, ops, min_size(ops_size, sizeof(own_ops)));
	error = net_interface_create(device, &own_description, &own_ops, context, net);
	if (!error && driver_hold(device, DRIVER_HOLDS_CLASS, *net, 0)) {
		net_interface_remove(*net);
		error = -ENOMEM;
	}
	return error;
}

void ddk_net_remove(struct ddk_net *net)
{
	(void)driver_unhold(DRIVER_HOLDS_CLASS, net);
	net_interface_remove(net);
}

void *ddk_net_context(const struct ddk_net *net)
{
	return net->context;
}

void ddk_net_suspend(struct ddk_net *net)
{
	net_interface_suspend(net);
}

void ddk_net_resume(struct ddk_net *net)
{
	net_interface_resume(net);
}

void ddk_net_set_link(struct ddk_net *net, const struct ddk_net_link *link)
{
	net_interface_set_link(net, link);
}

void ddk_net_received(struct ddk_net *net, const void *frame, size_t length)
{
	net_interface_received(net, frame, length);
}

void ddk_net_dropped(struct ddk_net *net, uint32_t count, bool damaged)
{
	net_interface_dropped(net, count, damaged);
}

void ddk_net_sent(struct ddk_net *net, struct ddk_net_frame *frame, int error)
{
	net_interface_sent(net, frame, error);
}

void ddk_net_ready(struct ddk_net *net)
{
	net_interface_ready(net);
}
