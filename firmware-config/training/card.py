"""The model cards (README.md of each bundle), written from the manifest's figures."""
import os

BEARING_FORMULA = ("x[n] = 0.4 exp(-900 s) sin(2 pi f s) + 0.05 sin(2 pi 29.95 t) + 0.01 sin((977 n^2) mod "
                   "6.2), t = n / 12000, "
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
        f"\n\nint8 is {metrics['int8_speedup']} times as fast: ONNX Runtime {metrics['onnxruntime']}, CPU, "
        f"medians of calls "
        "taken in turns. Weights are int8, symmetric, a scale per output channel; activations uint8, zero point "
        "0 after "
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
             "- The recordings of a 14/1000 inch fault on the outer race show no ball-pass frequency of the "
             "outer race in "
             "their envelope, over their whole 10 s and in any of four bands tried: little tells them from a "
             "ball fault. "
             "They are 30 % of the second split's test windows, and most of its errors. That something is "
             "wrong is seen in all of them.\n"
             "- There is one normal recording, at 1797 rpm: how a healthy bearing sounds at another speed is "
             "untested.\n"
             "- The amplitude is divided out (`rms_normalise`); alarm rules on the window's RMS cover severity.",
             "## Make it again",
             f"`python3 firmware-config/training/train.py {name} --data ../shared/data --out firmware-config/models`",
             "Recordings: Case Western Reserve University Bearing Data Center. Model: MIT."]
    _write(folder, "\n\n".join(text))


def write_rows(folder, manifest, shape, found, limits, credit):
    """The card of a model over rows of several channels. `found` is a head and rows of figures."""
    text = [f"# {manifest['name']} {manifest['version']}", manifest["description"] + ".",
            f"Input: {manifest['window_samples']} rows of {len(manifest['channels'])} channels, row after row, "
            f"standardised (`transforms` in `manifest.json`). Network: {shape}.",
            f"**Above {manifest['score']['threshold']} the score means trouble.**",
            "## Files", _files(manifest), "## What it finds", _table(*found), "## Limits", limits, "## Make it again",
            f"`python3 firmware-config/training/train.py {manifest['name']} --data ../shared/data --out "
            "firmware-config/models`", credit]
    _write(folder, "\n\n".join(text))


HOST_FORMULA = ("x[n] = 0.3 + 0.05 sin(0.7 n), n = 0 to 31; the same with 0.5 more at n = 20; with 0.4 more "
                "from n = 24 on; "
                "and 0.25 throughout")


def write_host(folder, manifest, shape, injected):
    metrics, scaling = manifest["metrics"], manifest["transforms"][0]
    rows = []
    for s in metrics["splits"]:
        for v in ("fp32", "int8"):
            rows.append([s["name"], v, s["windows"], _percent(s[f"{v}_false_alarm_rate"]),
                         f"{s[f'{v}_labelled_found']} of {s['labelled']}",
                         *[_percent(s[f"{v}_{name}_found"]) for name in injected]])
    text = [f"# {manifest['name']} {manifest['version']}", manifest["description"] + ".",
            "One channel, one reading a second, the last 32 of them. It knows nothing of the machine: give it "
            "any channel that is "
            "a ratio (`cpu.load`, `mem.used`, `psi.*.some`, a disk's `busy`), as many as there are, each on its own.",
            f"Each window is centred on its median and divided by its own spread (`robust_normalise`) plus "
            f"{scaling['epsilon']}, so that a channel that moves by less than two points counts as still. An "
            f"autoencoder ({shape}) "
            "gives the window back as ordinary behaviour would have it: it was trained to return unlabelled "
            "windows from the same "
            "windows with spikes, bursts and steps put in. **Score: root mean square of input less output. "
            f"Above {manifest['score']['threshold']} it is an anomaly**: {metrics['threshold_quantile']} % of "
            f"the training "
            "windows lie below. Windows follow one another by one reading; let an alarm rule ask for several in a row.",
            "## Files", _files(manifest), "## What it finds",
            "Series that training never saw, and of them false alarms over windows without a label. Labelled "
            "anomalies: the "
            "Numenta Anomaly Benchmark's (`nab`) and the Skoltech Anomaly Benchmark's (`skab`, each sensor on "
            "its own) windows "
            "in which at least one score is above the threshold. Injected into unlabelled windows: "
            + "; ".join(f"*{k}*, {v}" for k, v in injected.items()) + ".",
            _table(["test series", "model", "unlabelled windows", "false alarms", "labelled found",
                    *[f"{k} found" for k in injected]], rows),
            "`*_accuracy` in the manifest is the mean of the share of unlabelled windows passed and the share of "
            "injected anomalies found.",
            "## Limits",
            "- The labels of both sets mark days and minutes, far longer than 32 readings, and many are of a "
            "kind that no "
            "window of one channel shows (a missing daily peak, a relation between sensors). Read *labelled "
            "found* beside the false "
            "alarms: a long labelled span is hit by chance as well.\n"
            "- Training series have 5-minute and 1-second readings of servers, machines, traffic and pumps, not "
            "of your "
            "board. A busy machine's own bursts may cross the threshold: set the alarm rule's threshold from a "
            "day of its own scores.\n"
            "- What lasts longer than half a window becomes the new normal: it is the change that is found. A "
            "limit on the value itself belongs in an alarm rule.\n"
            "- Rates in bytes per second have no natural ratio: divide by the link's or the disk's capacity first.",
            "## Make it again",
            f"`python3 firmware-config/training/train.py {manifest['name']} --data ../shared/data --out "
            f"firmware-config/models`",
            "Recordings: Numenta Anomaly Benchmark (MIT); Skoltech Anomaly Benchmark. Model: MIT."]
    _write(folder, "\n\n".join(text))
