"""The engines: a file each, that says how the patch is written for it and how it is rendered."""
