"""The README of an exported folder."""

from core.search.report import Candidate, OptimizationReport


def readme(report: OptimizationReport, candidate: Candidate, model_file: str) -> str:
    """What the folder holds, how to run it, and what was measured where."""
    preprocessing = report.contract.sentence() if report.contract else "not known"
    return f"""{candidate.label}, made from {report.model_name} by Edgewright

Run it
  pip install -r requirements.txt
  python infer.py IMAGE...          the most likely classes of each image
  python infer.py IMAGE... --json   the same as JSON

Files
  {model_file:<17} the model
  infer.py          a small program that shows how to use it; engine.py is its part that runs it
  plan.json         how the model was compressed, and the runtime's settings
  contract.json     how an image becomes the model's input (if it is known)
  labels.txt        names of the classes by number (if they are known)
  results.json      everything that was measured, with its provenance
  SHA256SUMS        check the folder with: sha256sum -c SHA256SUMS

Preprocessing
  {preprocessing}

Measured on {report.device.name}: {report.device.processor}, {report.device.boost}
{_figures(candidate)}
"""


def _figures(candidate: Candidate) -> str:
    lines: list[str] = []
    if (result := candidate.benchmark) is not None:
        latency = result.latency_ms
        lines.append(
            f"  Median latency {latency.value:.3g} ms ({latency.low:.3g} to {latency.high:.3g}), "
            f"{result.provenance.threads} threads, batch 1"
        )
    if candidate.against_original is not None:
        lines.append(f"  Against the original: {candidate.against_original.words}")
    if (accuracy := candidate.accuracy) is not None:
        score = accuracy.scores[0]
        lines.append(
            f"  {score.title} {score.words} ({score.interval_words}) on {accuracy.evaluated_on}"
        )
        if accuracy.drop is not None:
            lines.append(f"  Lost against the original: {accuracy.drop.value:.1f} points")
    else:
        lines.append("  Accuracy not checked")
    return "\n".join(lines)
