# SPDX-License-Identifier: GPL-3.0-or-later
name Files
icon files
command files
order 20
