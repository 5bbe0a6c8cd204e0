# SPDX-License-Identifier: GPL-3.0-or-later
#
# The scheduler's protocols as models that spin checks (docs/token-model.md):
#
#   make model         checks all of them; one line each
#
# tests/model/checks.list names the checks; a broken variant passes if spin finds what is broken.

MODEL_JOBS ?= 2

.PHONY: model
model:
	@MODEL_JOBS=$(MODEL_JOBS) sh tests/model/run.sh $(HOST_OUT)/model
