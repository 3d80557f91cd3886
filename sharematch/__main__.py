"""Runs the command line: `python -m sharematch`."""

from sharematch.cli import main

if __name__ == "__main__":
    main()
