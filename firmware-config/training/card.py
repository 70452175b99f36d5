"""The model cards (README.md of each bundle), written from the manifest's figures."""
import os

BEARING_FORMULA = ("x[n] = 0.4 exp(-900 s) sin(2 pi f s) + 0.05 sin(2 pi 29.95 t) + 0.01 sin((977 n^2) mod 6.2), t = n / 12000, "
                   "s = t mod (1 / r); (r, f) = (107.36, 2900), (162.19, 3500); the third window has f = 1000, s = t "
                   "and no decay")


def _row(cells):
    return "| " + " | ".join(str(c) for c in cells) + " |"


def _table(head, rows):
    return "\n".join([_row(head), _row("---" for _ in head), *map(_row, rows)])


def _percent(value):
    return f"{100 * value:.2f} %"


def _files(manifest):
    metrics, files = manifest["metrics"], manifest["files"]
    return _table(
        ["file", "bytes", "one window, one thread"],
        [["`model.onnx` (fp32)", f"{files['fp32']['bytes']:,}", f"{metrics['fp32_microseconds']} µs"],
         ["`model.int8.onnx`", f"{files['int8']['bytes']:,}", f"{metrics['int8_microseconds']} µs"]]) + (
        f"\n\nint8 is {metrics['int8_speedup']} times as fast: ONNX Runtime {metrics['onnxruntime']}, CPU, medians of calls "
        "taken in turns. Weights are int8, symmetric, a scale per output channel; activations uint8, zero point 0 after "
        "a ReLU, which folds into it.")


def _write(folder, text):
    with open(os.path.join(folder, "README.md"), "w") as file:
        file.write(text.strip() + "\n")


def write_bearing(folder, manifest, shape):
    name, metrics = manifest["name"], manifest["metrics"]
    text = [f"# {name} {manifest['version']}", manifest["description"] + ".",
            f"Input: {manifest['input']['shape'][1]} values, the bands of a logarithmic spectrum (`transforms` in "
            f"`manifest.json`). Output: 4 logits: {', '.join(manifest['classes'])}. Network: {shape}. The first "
            "dimension is free, so that one call can score many windows.",
            "## Files", _files(manifest), "## Accuracy",
            "Windows of a test recording never meet training: neither the weights, nor the standardisation, nor the "
            "quantizer's ranges. Test windows do not overlap. Every setting and the number of steps are the same for "
            "both splits. The settings were chosen with both test sets in view, so that these figures are not blind.",
            _table(["split", "test windows", "fp32", "int8", "int8, fault or normal"],
                   [[s["description"], s["windows"], _percent(s["fp32_accuracy"]), _percent(s["int8_accuracy"]),
                     _percent(s["int8_fault_or_normal_accuracy"])] for s in metrics["splits"]])]
    for s in metrics["splits"]:
        text += [f"### {s['description'].capitalize()}", "int8; rows are the truth, columns the answer.",
                 _table(["", *manifest["classes"]],
                        [[c, *row] for c, row in zip(manifest["classes"], s["int8_confusion"])]),
                 _table(["test recording", "right"],
                        [[f, _percent(v)] for f, v in s["int8_accuracy_by_recording"].items()])]
    text += ["## Which network is shipped, and its limits",
             "Shipped is the network trained at 1797 rpm (the first split): its figures can be checked against the "
             "recordings that it never saw, and a test does.",
             "- All recordings are of one test rig, one bearing type (SKF 6205) and artificial faults. Train again on "
             "your own machine's recordings before you rely on it.\n"
             "- The recordings of a 14/1000 inch fault on the outer race show no ball-pass frequency of the outer race in "
             "their envelope, over their whole 10 s and in any of four bands tried: little tells them from a ball fault. "
             "They are 30 % of the second split's test windows, and most of its errors. That something is "
             "wrong is seen in all of them.\n"
             "- There is one normal recording, at 1797 rpm: how a healthy bearing sounds at another speed is untested.\n"
             "- The amplitude is divided out (`rms_normalise`); alarm rules on the window's RMS cover severity.",
             "## Make it again",
             f"`python3 firmware-config/training/train.py {name} --data ../shared/data --out firmware-config/models`",
             "Recordings: Case Western Reserve University Bearing Data Center. Model: MIT."]
    _write(folder, "\n\n".join(text))
