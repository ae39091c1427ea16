"""The provider karrio: skipped, and said so, where its extra is not installed."""
