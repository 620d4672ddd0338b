"""The scheduler among fake workers that crash, stall, repeat and reorder, from a seed.

python -m tests.simulation --seeds 1000        # many worlds
python -m tests.simulation --seed 42           # one of them, with its story
"""
