# SPDX-License-Identifier: GPL-3.0-or-later

drivers += virtio_gpu
driver-sources-virtio_gpu += $(virtio-sources)
driver-sources-virtio_gpu += drivers/gpu/virtio_gpu/control.c drivers/gpu/virtio_gpu/output.c
driver-sources-virtio_gpu += drivers/gpu/virtio_gpu/virtio_gpu.c
unit-sources += drivers/gpu/virtio_gpu/control.c drivers/gpu/virtio_gpu/output.c
unit-sources += drivers/gpu/virtio_gpu/test/virtio_gpu_test.c

driver-sources-virtio_gpu += drivers/gpu/virtio_gpu/sleep.c
unit-sources += drivers/gpu/virtio_gpu/sleep.c
