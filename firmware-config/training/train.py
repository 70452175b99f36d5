"""Makes model bundles from recordings: trains, quantizes, measures, writes manifest and card.

  python3 firmware-config/training/train.py bearing-fault --data ../shared/data --out firmware-config/models
"""
import argparse
import os

# Before NumPy loads: sums in one order, so that every run gives the same weights.
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import bearing
import host
import pump
import turbofan

ROOT = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
MAKERS = {"bearing-fault": bearing.make, "bearing-fault-large": bearing.make, "host-anomaly": host.make,
          "turbofan-wear": turbofan.make, "pump-anomaly": pump.make}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", choices=[*MAKERS, "all"])
    parser.add_argument("--data", default=os.path.join(ROOT, "..", "shared", "data"),
                        help="folder that holds cwru/, nab/, skab/, cmapss/")
    parser.add_argument("--out", default=os.path.join(ROOT, "firmware-config", "models"))
    parser.add_argument("--golden", default=os.path.join(ROOT, "tests", "LeptonEdge.Tests", "Models", "golden"),
                        help="folder for the vectors that the C# tests compare with")
    args = parser.parse_args()
    for name in MAKERS if args.model == "all" else [args.model]:
        print("wrote", MAKERS[name](name, args.data, args.out, args.golden))


if __name__ == "__main__":
    main()
