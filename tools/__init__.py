"""What stands behind build.py; standard library only: it runs before anything is installed."""
