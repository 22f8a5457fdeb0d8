"""Writes assignments/autoencoder-loss/data/digits.npz: handwritten digits, and which of them are for training.

Run `python solutions/autoencoder-loss/make_data.py` in the course folder, where scikit-learn is installed. The images
are those that it carries (`load_digits`): 1,797 of the digits that E. Alpaydin and C. Kaynak gave to the UCI Machine
Learning Repository in 1998 ("Optical Recognition of Handwritten Digits", https://doi.org/10.24432/C50P49), licence
CC BY 4.0. Each pixel counts the dark points, 0 to 16, of a square of 4 × 4. They are left as they are.
"""

from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits

FILE = Path(__file__).resolve().parents[2] / "assignments" / "autoencoder-loss" / "data" / "digits.npz"
TRAIN = 1437  # four fifths


def main() -> None:
    """Write the file."""
    digits = load_digits()
    order = np.random.default_rng(0).permutation(len(digits.data))
    FILE.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(
        FILE,
        images=digits.data.astype(np.uint8),
        labels=digits.target.astype(np.uint8),
        train=order[:TRAIN].astype(np.int64),
        held_out=order[TRAIN:].astype(np.int64),
    )


if __name__ == "__main__":
    main()
