/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Sleep: the pictures stay in our memory, the host forgets all it knows of them. When the device wakes it
 * is told of them again, and everything is drawn anew.
 */
#include "virtio_gpu.h"

static void suspend_displays(struct gpu *gpu)
{
	for (unsigned i = 0; i < gpu->output_count; i++)
		if (gpu->outputs[i].display)
			ddk_display_suspend(gpu->outputs[i].display);
}

static void resume_displays(struct gpu *gpu)
{
	for (unsigned i = 0; i < gpu->output_count; i++)
		if (gpu->outputs[i].display)
			ddk_display_resume(gpu->outputs[i].display);
}

int gpu_suspend(struct device *device)
{
	struct gpu *gpu = ddk_device_state(device);

	gpu->started = false;
	ddk_work_flush(&gpu->config_work);
	suspend_displays(gpu);
	gpu->running = false;
	virtio_stop(&gpu->virtio);
	return 0;
}

static int restart(struct gpu *gpu)
{
	int error = virtio_restart(&gpu->virtio);

	if (!error)
		error = gpu_watch_config(gpu);
	if (!error)
		error = gpu_control_restart(gpu);
	if (error)
		return error;
	/* One that did not answer before may do so now. */
	gpu->failed = false;
	gpu->running = true;
	virtio_start(&gpu->virtio);
	for (unsigned i = 0; i < gpu->output_count && !error; i++)
		error = gpu_output_restore(&gpu->outputs[i]);
	return error;
}

int gpu_resume(struct device *device)
{
	struct gpu *gpu = ddk_device_state(device);
	int error = restart(gpu);

	/* It is not asked for anything any more. */
	if (error)
		gpu->failed = true;
	resume_displays(gpu);
	if (error)
		return error;
	gpu->started = true;
	/* What the host wants may have changed. */
	ddk_work_queue(&gpu->config_work);
	return 0;
}
