# SPDX-License-Identifier: GPL-3.0-or-later

kernel-sources += drivers/gpu/virtio_gpu/control.c drivers/gpu/virtio_gpu/output.c
kernel-sources += drivers/gpu/virtio_gpu/virtio_gpu.c
unit-sources += drivers/gpu/virtio_gpu/control.c drivers/gpu/virtio_gpu/output.c
unit-sources += drivers/gpu/virtio_gpu/test/virtio_gpu_test.c

kernel-sources += drivers/gpu/virtio_gpu/sleep.c
unit-sources += drivers/gpu/virtio_gpu/sleep.c
