# SPDX-License-Identifier: GPL-3.0-or-later
name Text editor
icon editor
command editor
order 30
