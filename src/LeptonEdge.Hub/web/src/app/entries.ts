import type { IconName } from '../ui/icons';

export type Group = 'pages' | 'actions' | 'devices' | 'sites' | 'workloads' | 'alarms';

/** Something that the command palette can go to, or do. */
export interface Entry {
  id: string;
  group: Group;
  text: string;
  icon: IconName;
  note?: string;
  /** Other words that find it. */
  words?: string;
  href?: string;
  act?: () => void;
}

const MOST_IN_GROUP = 8;
const ORDER: Group[] = ['pages', 'actions', 'devices', 'sites', 'workloads', 'alarms'];

/** What a text finds, group by group: every word must be in it; what begins with the text comes first. */
export function found(entries: Entry[], text: string): [Group, Entry[]][] {
  const wanted = text.trim().toLowerCase();
  const words = wanted.split(/\s+/).filter(Boolean);
  const best = new Map<Group, { entry: Entry; rank: number }[]>(ORDER.map((group) => [group, []]));
  for (const entry of entries) {
    const name = entry.text.toLowerCase();
    const all = `${name} ${entry.words?.toLowerCase() ?? ''}`;
    if (!words.every((word) => all.includes(word))) continue;
    best.get(entry.group)!.push({ entry, rank: name === wanted ? 0 : name.startsWith(wanted) ? 1 : 2 });
  }
  return ORDER.map((group): [Group, Entry[]] => {
    const ranked = best.get(group)!.sort((one, two) => one.rank - two.rank);
    return [group, ranked.slice(0, MOST_IN_GROUP).map(({ entry }) => entry)];
  }).filter(([, items]) => items.length > 0);
}
