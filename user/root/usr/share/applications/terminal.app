# SPDX-License-Identifier: GPL-3.0-or-later
name Terminal
icon terminal
command terminal
order 10
