"""Start the service: python examples/service [--port 8000]."""

import argparse

import uvicorn
from service import app


def main() -> None:
    """Listen until it is interrupted."""
    parser = argparse.ArgumentParser(description="Allocation as a web service.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    given = parser.parse_args()
    uvicorn.run(app, host=given.host, port=given.port, log_level="warning")


if __name__ == "__main__":
    main()
