"""Scripts of this repository that are not part of the package.

Not called `tools`: the demo's kernel can import it, and a user's own `tools` must not be hidden.
"""
