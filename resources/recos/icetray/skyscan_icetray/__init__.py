"""What the two programs beside this package share: prepare.py and serve.py, which run inside an IceTray image."""
