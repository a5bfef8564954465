# SPDX-License-Identifier: LGPL-2.1-or-later
"""The kernel rig: build a kernel, boot it, and tell what the tests found in there."""

import os

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
SOURCE = os.path.dirname(os.path.dirname(HERE))


class Skip(Exception):
    """This cannot be done here; the text says why."""


class Failure(Exception):
    """The rig itself could not do its work; the text says what and where."""
