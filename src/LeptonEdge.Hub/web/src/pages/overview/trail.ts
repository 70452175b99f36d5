import { useEffect, useState } from 'react';
import type { Workload } from '../../api/types';

const KEPT_MS = 300_000;
interface Step {
  at: number;
  readings: number;
  inferences: number;
}

// Outlives the page: coming back to it shows the last minutes.
let steps: Step[] = [];

/** The last five minutes of what was seen since the dashboard was opened. */
export function useTrail(at: number, values: Omit<Step, 'at'>): { readings: number[]; inferences: number[] } {
  const [, redraw] = useState(0);
  useEffect(() => {
    if (!at || steps.at(-1)?.at === at) return;
    steps = [...steps.filter((step) => step.at > at - KEPT_MS), { at, ...values }];
    redraw(at);
  }, [at, values]);
  return { readings: steps.map((step) => step.readings), inferences: steps.map((step) => step.inferences) };
}

/** Share of all answers that came before their deadline; null before there is any. */
export function hitRate(workloads: Workload[]): number | null {
  let [answers, late] = [0, 0];
  for (const work of workloads) {
    answers += work.inferencesLocal + work.inferencesHub + work.inferencesPeer;
    late += work.late;
  }

  return answers > 0 ? Math.max(0, 1 - late / answers) : null;
}
