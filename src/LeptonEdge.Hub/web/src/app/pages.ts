import type { Role } from '../api/types';
import type { IconName } from '../ui/icons';

type Name = Exclude<IconName, 'menu'> & keyof import('../i18n/en').Texts['nav'];
export interface PageEntry {
  name: Name;
  href: string;
  needs?: Role;
}

/** The pages of the navigation, in its groups. */
export const PAGES: { group: 'watch' | 'work' | 'rule'; pages: PageEntry[] }[] = [
  {
    group: 'watch',
    pages: [
      { name: 'overview', href: '/' },
      { name: 'fleet', href: '/fleet' },
      { name: 'sites', href: '/sites' },
      { name: 'alarms', href: '/alarms' },
    ],
  },
  {
    group: 'work',
    pages: [
      { name: 'workloads', href: '/workloads' },
      { name: 'models', href: '/models' },
      { name: 'jobs', href: '/jobs' },
    ],
  },
  {
    group: 'rule',
    pages: [
      { name: 'usage', href: '/usage' },
      { name: 'audit', href: '/audit', needs: 'admin' },
      { name: 'settings', href: '/settings' },
    ],
  },
];
