"""What is left of a bench's journal when the power goes: images made from the recorded writes of a real run."""
