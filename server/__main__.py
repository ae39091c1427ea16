"""The console script. Everything heavy is imported by the command that needs it, so that `--help` is instant."""

from server.cli.group import packproof


def main() -> None:
    """Run `packproof`."""
    packproof(prog_name="packproof")


if __name__ == "__main__":
    main()
