# SPDX-License-Identifier: GPL-3.0-or-later
"""The sources that docs/ddk.md holds: its blocks of code that bear a file's name, in their order."""

import os
import re

from guest import TREE

PAGE = os.path.join(TREE, "docs/ddk.md")
HEADERS = os.path.join(TREE, "ddk/include/ddk")


def read_page():
    with open(PAGE, encoding="utf-8") as file:
        return file.read()


def write_sources(folder):
    """Writes them into the folder; their paths by name."""
    sources = {}
    for name, text in re.findall(r"^```c (\S+)\n(.*?)^```$", read_page(), re.MULTILINE | re.DOTALL):
        sources[name] = sources.get(name, "") + text
    paths = {}
    for name, text in sources.items():
        paths[name] = os.path.join(folder, name)
        with open(paths[name], "w", encoding="utf-8") as file:
            file.write(text)
    return paths


def missing_functions():
    """The functions of the kit's headers that the page does not name."""
    page = read_page()
    names = set()
    for header in os.listdir(HEADERS):
        with open(os.path.join(HEADERS, header), encoding="utf-8") as file:
            names.update(re.findall(r"\b(ddk_[a-z0-9_]+)\(", file.read()))
    return sorted(name for name in names
                  if name != "ddk_irq_handler" and not name.endswith("_sized") and f"{name}(" not in page)
