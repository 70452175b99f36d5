import type { Workload } from '../../api/types';

export const PLACES = ['local', 'peer', 'hub', 'cascade', 'split'] as const;
export type Place = (typeof PLACES)[number];

/** Where a workload is answered; of a cascade and a split, in which way. */
export const placeOf = (work: Workload): Place => (work.recipe === 'whole' ? work.place : work.recipe) as Place;

/** Where in the picture: beside its device, between both, or at the hub. */
export type Side = 'local' | 'peer' | 'both' | 'hub';

export const sideOf = (work: Workload): Side =>
  work.recipe !== 'whole' ? 'both' : work.place === 'hub' ? 'hub' : work.place === 'peer' ? 'peer' : 'local';

export const nameOf = (work: { device: string; workload: string }): string => `${work.device}/${work.workload}`;

/** The workloads of one site, counted by where they are answered. */
export interface SiteGroup {
  site: string;
  total: number;
  rate: number;
  counts: Record<Side, number>;
}

/** One pass over all workloads, however many; the busiest sites first. */
export function bySite(workloads: Workload[], siteOf: (device: string) => string): SiteGroup[] {
  const groups = new Map<string, SiteGroup>();
  for (const work of workloads) {
    const site = siteOf(work.device);
    let group = groups.get(site);
    if (!group) groups.set(site, (group = { site, total: 0, rate: 0, counts: { local: 0, peer: 0, both: 0, hub: 0 } }));
    group.total++;
    group.rate += work.inferencesPerSecond;
    group.counts[sideOf(work)]++;
  }
  return [...groups.values()].sort((one, two) => two.total - one.total || one.site.localeCompare(two.site));
}
